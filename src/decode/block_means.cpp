#include "decode/block_means.hpp"

#include <algorithm>

namespace vam {
namespace {

constexpr std::size_t kSide = 8;

}  // namespace

BlockMeans::BlockMeans(std::uint32_t width, std::uint32_t height)
    : columns_(width / kSide), rows_(height / kSide), sums_(columns_ * rows_) {}

std::uint64_t BlockMeans::memory_needed(std::uint32_t width,
                                        std::uint32_t height) {
  return std::uint64_t{width / kSide} * (height / kSide) *
         sizeof(std::uint16_t);
}

void BlockMeans::add(std::span<const std::uint8_t> luma, Place place) {
  if (place.y / kSide >= rows_) return;
  std::uint16_t* sums = sums_.data() + place.y / kSide * columns_;
  if (place.step == 1 && place.x == 0) {
    const std::uint8_t* in = luma.data();
    const std::size_t blocks = std::min(columns_, luma.size() / kSide);
    for (std::size_t block = 0; block < blocks; ++block, in += kSide) {
      unsigned sum = 0;
      for (std::size_t i = 0; i < kSide; ++i) sum += in[i];
      sums[block] = static_cast<std::uint16_t>(sums[block] + sum);
    }
    return;
  }
  std::size_t x = place.x;
  for (const std::uint8_t value : luma) {
    if (x / kSide >= columns_) break;
    sums[x / kSide] = static_cast<std::uint16_t>(sums[x / kSide] + value);
    x += place.step;
  }
}

DcHistogram BlockMeans::histogram() const {
  DcHistogram histogram;
  for (const std::uint16_t sum : sums_) {
    histogram.add((sum + 4) / 8 - 1024);
  }
  return histogram;
}

}  // namespace vam
