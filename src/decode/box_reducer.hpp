// Reduces a picture by a whole factor while its pixels arrive: every pixel of
// the result is the rounded mean of a box of factor x factor pixels, or of
// what the picture has of it at the right and bottom edges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/ycc.hpp"
#include "vam/image.hpp"

namespace vam {

/// The largest factor that leaves the short side 256 pixels or more; 1 if it
/// has fewer. The hashes need 64.
std::uint32_t box_factor(std::uint32_t width, std::uint32_t height);

class BoxReducer {
 public:
  BoxReducer() = default;
  /// With `any_order`, pixels may come in any order, for four more bytes per
  /// pixel of the result; without, row by row from the top.
  BoxReducer(std::uint32_t width, std::uint32_t height, std::uint32_t factor,
             bool any_order);

  /// What a reducer takes, and its result while it is turned upright, bytes.
  static std::uint64_t memory_needed(std::uint32_t width, std::uint32_t height,
                                     std::uint32_t factor, bool any_order);

  /// Every pixel of the picture has to come exactly once. Does not throw.
  void add(std::span<const std::uint8_t> luma, Place place);

  Image finish() &&;

 private:
  void close_row(std::uint32_t box_y, std::uint32_t* sums);

  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  std::uint32_t factor_ = 1;
  bool any_order_ = false;
  Image image_;
  /// Of one row of boxes, or of all. 32 bits are enough for boxes of 4,096 x
  /// 4,096, of pictures of a million pixels a side.
  std::vector<std::uint32_t> sums_;
};

}  // namespace vam
