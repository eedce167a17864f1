#include "decode/chroma_reducer.hpp"

#include <algorithm>

namespace vam {

ChromaReducer::Axis::Axis(Side side)
    : cells(std::clamp<std::size_t>(side.picture / side.sample, 1, kMaxCells)),
      cell(side.picture),
      sample(std::uint64_t{side.sample} * cells) {}

ChromaReducer::ChromaReducer(Side width, Side height)
    : x_(width),
      y_(height),
      blue_(x_.cells * y_.cells),
      red_(x_.cells * y_.cells) {}

std::uint64_t ChromaReducer::memory_needed() {
  return 2 * kMaxCells * kMaxCells * (sizeof(std::uint64_t) + 2);
}

/// Adds a row of samples to the cells of one row, times its height in them.
void ChromaReducer::add_row(std::size_t y, std::uint64_t weight,
                            const Row& blue, const Row& red) {
  std::uint64_t* blue_cells = blue_.data() + y * x_.cells;
  std::uint64_t* red_cells = red_.data() + y * x_.cells;
  for (std::size_t i = 0; i < x_.cells; ++i) {
    blue_cells[i] += blue[i] * weight;
    red_cells[i] += red[i] * weight;
  }
}

void ChromaReducer::add(std::span<const std::uint8_t> blue,
                        std::span<const std::uint8_t> red, Place place) {
  // Samples times their length in each column of cells. A sample is not longer
  // than a cell, unless there is only one.
  Row blue_row{};
  Row red_row{};
  const std::uint64_t step = x_.sample * place.step;
  std::uint64_t begin = x_.sample * place.x;
  std::size_t column = begin / x_.cell;
  std::uint64_t end = (column + 1) * x_.cell;
  for (std::size_t i = 0; i < blue.size() && begin < x_.end();) {
    std::uint64_t blue_sum = 0;
    std::uint64_t red_sum = 0;
    for (; i < blue.size() && begin + x_.sample <= end; begin += step, ++i) {
      blue_sum += blue[i];
      red_sum += red[i];
    }
    blue_row[column] += blue_sum * x_.sample;
    red_row[column] += red_sum * x_.sample;
    if (i < blue.size() && begin < end) {
      const std::uint64_t inside = end - begin;
      blue_row[column] += blue[i] * inside;
      red_row[column] += red[i] * inside;
      if (end < x_.end()) {
        blue_row[column + 1] += blue[i] * (x_.sample - inside);
        red_row[column + 1] += red[i] * (x_.sample - inside);
      }
      begin += step;
      ++i;
    }
    ++column;
    end += x_.cell;
  }

  const std::uint64_t top = y_.sample * place.y;
  if (top >= y_.end()) return;
  const std::size_t row = top / y_.cell;
  const std::uint64_t bottom = (row + 1) * y_.cell;
  const std::uint64_t inside = std::min(y_.sample, bottom - top);
  add_row(row, inside, blue_row, red_row);
  if (inside < y_.sample && bottom < y_.end()) {
    add_row(row + 1, y_.sample - inside, blue_row, red_row);
  }
}

Chroma ChromaReducer::finish() && {
  if (blue_.empty()) return {};
  const std::uint64_t area = x_.cell * y_.cell;
  const auto mean = [area](std::uint64_t sum) {
    return static_cast<std::uint8_t>((sum + area / 2) / area);
  };
  const Image plane(static_cast<int>(x_.cells), static_cast<int>(y_.cells));
  Chroma chroma{.blue = plane, .red = plane};
  std::ranges::transform(blue_, chroma.blue.pixels.begin(), mean);
  std::ranges::transform(red_, chroma.red.pixels.begin(), mean);
  return chroma;
}

}  // namespace vam
