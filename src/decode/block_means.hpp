// Collects the means of 8x8 blocks of a picture while its pixels arrive, as a
// JPEG of it would hold them: in the grid that begins in the first pixel, and
// in those that a JPEG's grid becomes when the picture is mirrored or turned,
// which are others if a side is no multiple of 8.
//
// Blocks whose rows or columns are all alike are left out: flat areas and their
// upright edges, of which drawings consist, have means that look quantised.
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

  /// In any order. Every pixel has to come exactly once. Rows of blocks that
  /// come in pieces, as in an interlaced picture, are left out. Does not throw.
  void add(std::span<const std::uint8_t> luma, Place place);

  /// The steps that the blocks of any grid were quantised with before: see
  /// DcHistogram.
  std::uint64_t coarser_steps() const;

 private:
  struct Block {
    std::uint64_t first_row = 0;  ///< a byte per pixel
    std::uint16_t sum = 0;
    std::uint8_t rows = 0;
    bool are_rows_alike = true;
    bool are_columns_alike = true;

    void add(const std::uint8_t* pixels);
    bool has_mean() const;
  };

  /// The blocks that lie inside the picture; of large ones, of every second row
  /// of blocks, or third, and so on.
  struct Grid {
    std::size_t x = 0;  ///< of the first block, less than 8
    std::size_t y = 0;
    std::size_t columns = 0;
    std::size_t every = 1;
    std::vector<Block> blocks = {};

    void add(std::span<const std::uint8_t> luma, Place place);
  };

  std::vector<Grid> grids_;
};

}  // namespace vam
