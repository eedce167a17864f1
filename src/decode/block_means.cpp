#include "decode/block_means.hpp"

#include "decode/dc_histogram.hpp"

namespace vam {
namespace {

constexpr std::size_t kSide = 8;

}  // namespace

BlockMeans::BlockMeans(std::uint32_t width, std::uint32_t height, Grids grids) {
  const std::size_t columns = width / kSide;
  const std::size_t rows = height / kSide;
  const std::size_t right = width % kSide;
  const std::size_t below = height % kSide;
  const auto add_grid = [&](std::size_t x, std::size_t y) {
    grids_.push_back(
        {x, y, columns, rows, std::vector<std::uint16_t>(columns * rows)});
  };
  if (grids == Grids::all) add_grid(0, 0);
  if (right > 0) add_grid(right, 0);
  if (below > 0) add_grid(0, below);
  if (right > 0 && below > 0) add_grid(right, below);
}

std::uint64_t BlockMeans::memory_needed(std::uint32_t width,
                                        std::uint32_t height) {
  return std::uint64_t{width / kSide} * (height / kSide) *
         sizeof(std::uint16_t) * (width % kSide > 0 ? 2 : 1) *
         (height % kSide > 0 ? 2 : 1);
}

void BlockMeans::add(std::span<const std::uint8_t> luma, Place place) {
  for (Grid& grid : grids_) grid.add(luma, place);
}

void BlockMeans::Grid::add(std::span<const std::uint8_t> luma, Place place) {
  if (place.y < y || (place.y - y) / kSide >= rows) return;
  std::uint16_t* row = sums.data() + (place.y - y) / kSide * columns;
  const bool is_whole_row =
      place.step == 1 && place.x == 0 && luma.size() >= x + columns * kSide;
  if (is_whole_row) {
    const std::uint8_t* in = luma.data() + x;
    for (std::size_t block = 0; block < columns; ++block, in += kSide) {
      unsigned sum = 0;
      for (std::size_t i = 0; i < kSide; ++i) sum += in[i];
      row[block] = static_cast<std::uint16_t>(row[block] + sum);
    }
    return;
  }
  std::size_t at = place.x;
  for (const std::uint8_t value : luma) {
    if (at >= x) {
      const std::size_t block = (at - x) / kSide;
      if (block >= columns) break;
      row[block] = static_cast<std::uint16_t>(row[block] + value);
    }
    at += place.step;
  }
}

std::uint64_t BlockMeans::coarser_steps() const {
  std::uint64_t steps = 0;
  for (const Grid& grid : grids_) {
    DcHistogram histogram;
    for (const std::uint16_t sum : grid.sums) {
      histogram.add((sum + 4) / 8 - 1024);
    }
    steps |= histogram.coarser_steps(0);
  }
  return steps;
}

}  // namespace vam
