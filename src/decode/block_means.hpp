// Collects the means of 8x8 blocks of a picture while its pixels arrive, as a
// JPEG of it would hold them: in the grid that begins in the first pixel, and
// in those that a JPEG's grid becomes when the picture is mirrored or turned,
// which are others if a side is no multiple of 8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/ycc.hpp"

namespace vam {

class BlockMeans {
 public:
  enum class Grids : std::uint8_t { all, turned };  ///< or without the first

  BlockMeans() = default;
  BlockMeans(std::uint32_t width, std::uint32_t height, Grids grids);

  /// Of all grids, bytes.
  static std::uint64_t memory_needed(std::uint32_t width, std::uint32_t height);

  /// In any order. Every pixel has to come exactly once. Does not throw.
  void add(std::span<const std::uint8_t> luma, Place place);

  /// The steps that the blocks of any grid were quantised with before: see
  /// DcHistogram.
  std::uint64_t coarser_steps() const;

 private:
  /// Of the blocks that lie inside the picture.
  struct Grid {
    std::size_t x = 0;  ///< of the first block, less than 8
    std::size_t y = 0;
    std::size_t columns = 0;
    std::size_t rows = 0;
    std::vector<std::uint16_t> sums = {};

    void add(std::span<const std::uint8_t> luma, Place place);
  };

  std::vector<Grid> grids_;
};

}  // namespace vam
