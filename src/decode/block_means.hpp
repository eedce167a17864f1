// Collects the means of the 8x8 blocks of a picture while its pixels arrive,
// as a JPEG of it would hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/dc_histogram.hpp"
#include "decode/ycc.hpp"

namespace vam {

class BlockMeans {
 public:
  BlockMeans() = default;
  BlockMeans(std::uint32_t width, std::uint32_t height);

  static std::uint64_t memory_needed(std::uint32_t width, std::uint32_t height);

  /// In any order. Every pixel has to come exactly once. Does not throw.
  void add(std::span<const std::uint8_t> luma, Place place);

  /// Of all blocks that lie inside the picture.
  DcHistogram histogram() const;

 private:
  std::size_t columns_ = 0;
  std::size_t rows_ = 0;
  std::vector<std::uint16_t> sums_;
};

}  // namespace vam
