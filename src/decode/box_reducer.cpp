#include "decode/box_reducer.hpp"

#include <algorithm>
#include <utility>

namespace vam {

std::uint32_t box_factor(std::uint32_t width, std::uint32_t height) {
  constexpr std::uint32_t kMinShortSide = 256;
  return std::max(1U, std::min(width, height) / kMinShortSide);
}
namespace {

std::uint32_t boxes_in(std::uint32_t size, std::uint32_t factor) {
  return (size - 1) / factor + 1;
}

}  // namespace

BoxReducer::BoxReducer(std::uint32_t width, std::uint32_t height,
                       std::uint32_t factor, bool any_order)
    : width_(width),
      height_(height),
      factor_(factor),
      any_order_(any_order),
      image_(static_cast<int>(boxes_in(width, factor)),
             static_cast<int>(boxes_in(height, factor))),
      sums_(any_order ? image_.pixels.size()
                      : static_cast<std::size_t>(image_.width)) {}

std::uint64_t BoxReducer::memory_needed(std::uint32_t width,
                                        std::uint32_t height,
                                        std::uint32_t factor, bool any_order) {
  const std::uint64_t row = boxes_in(width, factor);
  const std::uint64_t all = row * boxes_in(height, factor);
  return 2 * all + sizeof(std::uint32_t) * (any_order ? all : row);
}

void BoxReducer::add(std::span<const std::uint8_t> luma, Place place) {
  const std::uint32_t box_y = place.y / factor_;
  std::uint32_t* sums = sums_.data();
  if (any_order_) {
    sums += std::size_t{box_y} * static_cast<std::uint32_t>(image_.width);
  }
  if (place.step == 1 && place.x == 0) {
    const std::uint8_t* in = luma.data();
    std::size_t left = luma.size();
    for (std::uint32_t* sum = sums; left > 0; ++sum) {
      const std::size_t count = std::min<std::size_t>(left, factor_);
      std::uint32_t total = 0;
      for (std::size_t i = 0; i < count; ++i) total += in[i];
      *sum += total;
      in += count;
      left -= count;
    }
  } else {
    std::uint32_t x = place.x;
    for (const std::uint8_t value : luma) {
      sums[x / factor_] += value;
      x += place.step;
    }
  }
  const bool last_of_box =
      place.y % factor_ == factor_ - 1 || place.y == height_ - 1;
  if (!any_order_ && last_of_box) close_row(box_y, sums);
}

void BoxReducer::close_row(std::uint32_t box_y, std::uint32_t* sums) {
  const std::uint32_t rows = std::min(factor_, height_ - box_y * factor_);
  std::uint8_t* out = image_.row(static_cast<int>(box_y));
  for (std::uint32_t x = 0; x < width_; x += factor_, ++sums, ++out) {
    const std::uint32_t area = rows * std::min(factor_, width_ - x);
    *out = static_cast<std::uint8_t>((*sums + area / 2) / area);
    *sums = 0;
  }
}

Image BoxReducer::finish() && {
  if (any_order_) {
    std::uint32_t* sums = sums_.data();
    for (int y = 0; y < image_.height; ++y, sums += image_.width) {
      close_row(static_cast<std::uint32_t>(y), sums);
    }
  }
  return std::move(image_);
}

}  // namespace vam
