#include "decode/block_means.hpp"

#include <bit>
#include <cstring>

#include "decode/dc_histogram.hpp"

namespace vam {
namespace {

constexpr std::size_t kSide = 8;

/// Which blocks of a grid are looked at.
struct Choice {
  std::size_t columns;
  std::size_t rows;   ///< that are looked at
  std::size_t every;  ///< of how many rows one

  Choice(std::uint32_t width, std::uint32_t height)
      : columns(width / kSide),
        rows(columns == 0 ? 0 : height / kSide),
        every(rows == 0 ? 1 : rows / (kEnoughBlocks / columns + 1) + 1) {
    rows = (rows + every - 1) / every;
  }
};

}  // namespace

BlockMeans::BlockMeans(std::uint32_t width, std::uint32_t height, Grids grids) {
  const Choice choice(width, height);
  const auto add_grid = [&](std::size_t x, std::size_t y) {
    grids_.push_back({x, y, choice.columns, choice.every,
                      std::vector<Block>(choice.columns * choice.rows)});
  };
  const std::size_t right = width % kSide;
  const std::size_t below = height % kSide;
  if (grids == Grids::all) add_grid(0, 0);
  if (right > 0) add_grid(right, 0);
  if (below > 0) add_grid(0, below);
  if (right > 0 && below > 0) add_grid(right, below);
}

std::uint64_t BlockMeans::memory_needed(std::uint32_t width,
                                        std::uint32_t height) {
  const Choice choice(width, height);
  return std::uint64_t{choice.columns} * choice.rows * sizeof(Block) *
         (width % kSide > 0 ? 2 : 1) * (height % kSide > 0 ? 2 : 1);
}

void BlockMeans::add(std::span<const std::uint8_t> luma, Place place) {
  if (place.step != 1) return;
  for (Grid& grid : grids_) grid.add(luma, place);
}

void BlockMeans::Grid::add(std::span<const std::uint8_t> luma, Place place) {
  if (place.y < y) return;
  const std::size_t row = (place.y - y) / kSide;
  const std::size_t first = row / every * columns;
  if (row % every != 0 || first >= blocks.size()) return;
  // Up to the first block that begins here.
  const std::size_t skipped =
      place.x <= x ? x - place.x : (kSide - (place.x - x) % kSide) % kSide;
  std::size_t column = (place.x + skipped - x) / kSide;
  for (std::size_t at = skipped; at + kSide <= luma.size() && column < columns;
       at += kSide, ++column) {
    blocks[first + column].add(luma.data() + at);
  }
}

inline void BlockMeans::Block::add(const std::uint8_t* pixels) {
  std::uint64_t row = 0;
  std::memcpy(&row, pixels, kSide);
  if (rows == 0) first_row = row;
  are_rows_alike = are_rows_alike && row == first_row;
  are_columns_alike = are_columns_alike && row == std::rotl(row, 8);
  unsigned all = 0;
  for (std::size_t i = 0; i < kSide; ++i) all += pixels[i];
  sum = static_cast<std::uint16_t>(sum + all);
  ++rows;
}

bool BlockMeans::Block::has_mean() const {
  return rows == kSide && !are_rows_alike && !are_columns_alike;
}

std::uint64_t BlockMeans::coarser_steps() const {
  std::uint64_t steps = 0;
  for (const Grid& grid : grids_) {
    DcHistogram histogram;
    for (const Block& block : grid.blocks) {
      if (block.has_mean()) histogram.add((block.sum + 4) / 8 - 1024);
    }
    steps |= histogram.coarser_steps(0);
  }
  return steps;
}

}  // namespace vam
