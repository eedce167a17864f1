#include "decode/luma_traces.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "decode/block_means.hpp"

namespace vam {
namespace {

/// Blocks that lie elsewhere than the file's own tell of a quantiser only as
/// far as the file's is fine: with IJG's quality 90 the step is 3.
constexpr int kMaxStepOfTurned = 3;

/// Whether all rows of a block's pixels are alike, or all columns: as in flat
/// areas and at their upright edges. See BlockMeans.
bool are_lines_alike(const JCOEF* block) {
  std::array<JCOEF, DCTSIZE> below{};  // the first row, all rows in one
  for (int row = 1; row < DCTSIZE; ++row) {
    for (std::size_t column = 0; column < below.size(); ++column) {
      below[column] = static_cast<JCOEF>(
          below[column] |
          block[static_cast<std::size_t>(row) * DCTSIZE + column]);
    }
  }
  const auto is_zero = [](JCOEF coefficient) { return coefficient == 0; };
  const bool is_first_column_alone =
      std::all_of(below.begin() + 1, below.end(), is_zero) &&
      std::all_of(block + 1, block + DCTSIZE, is_zero);
  return is_first_column_alone || std::ranges::all_of(below, is_zero);
}

}  // namespace

void LumaTraces::add(const JCOEF* block, KeptCoefficients kept, int dc_step) {
  dc_step_ = dc_step;
  const int mean = block[0] * dc_step;
  if (kept == KeptCoefficients::only_dc) {
    means_.add_if_unlike_neighbours(mean);
  } else if (!are_lines_alike(block)) {
    means_.add(mean);
  }
}

void LumaTraces::add(const DcPlane& plane) {
  dc_step_ = plane.quantiser;
  // Of large pictures every second row, and so on, will do.
  const int step =
      std::max(1, plane.height / (kEnoughBlocks / plane.width + 1));
  for (int y = 0; y < plane.height; y += step) {
    const std::int16_t* row = plane.row(y);
    for (int x = 0; x < plane.width; ++x) {
      means_.add_if_unlike_neighbours(row[x] * dc_step_);
    }
  }
}

DcSteps LumaTraces::steps() const {
  return {static_cast<std::uint16_t>(dc_step_), means_.coarser_steps(dc_step_)};
}

DcSteps LumaTraces::steps_with_turned(const Image& luma) const {
  DcSteps all = steps();
  if (dc_step_ > kMaxStepOfTurned) return all;
  const auto width = static_cast<std::uint32_t>(luma.width);
  const auto height = static_cast<std::uint32_t>(luma.height);
  BlockMeans turned(width, height, BlockMeans::Grids::turned);
  for (std::uint32_t y = 0; y < height; ++y) {
    turned.add({luma.row(static_cast<int>(y)), width}, {.y = y});
  }
  const std::uint64_t finer = (std::uint64_t{2} << dc_step_) - 1;
  all.coarser |= turned.coarser_steps() & ~finer;
  return all;
}

}  // namespace vam
