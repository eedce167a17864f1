// Thumbnails of pictures that nobody took.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "numbers.hpp"
#include "vam/fingerprint.hpp"

namespace vam {

/// The cells of a thumbnail's luma.
using Cells = std::array<float, std::tuple_size_v<decltype(Thumbnail::luma)>>;

/// Adds random values on a grid, blended in between.
inline void add_noise(Cells& cells, int grid, float amplitude,
                      std::uint64_t seed) {
  const float step = static_cast<float>(grid) / Thumbnail::kSide;
  const auto value = [&](int x, int y) {
    const int place = y * (grid + 1) + x;
    return static_cast<float>(
               mixed(seed * 4096 + static_cast<std::uint64_t>(place)) >> 40) /
           (1 << 24);
  };
  std::vector<float> values;
  for (int y = 0; y <= grid; ++y) {
    for (int x = 0; x <= grid; ++x) values.push_back(value(x, y) * amplitude);
  }
  for (int y = 0; y < Thumbnail::kSide; ++y) {
    const float at_y = static_cast<float>(y) * step;
    const int row = static_cast<int>(at_y);
    const int row_begin = row * (grid + 1);
    const float down = at_y - static_cast<float>(row);
    for (int x = 0; x < Thumbnail::kSide; ++x) {
      const float at_x = static_cast<float>(x) * step;
      const int column = static_cast<int>(at_x);
      const float right = at_x - static_cast<float>(column);
      const float* upper = values.data() + row_begin + column;
      const float* lower = upper + grid + 1;
      const int cell = y * Thumbnail::kSide + x;
      cells[static_cast<std::size_t>(cell)] +=
          (1 - down) * (upper[0] + right * (upper[1] - upper[0])) +
          down * (lower[0] + right * (lower[1] - lower[0]));
    }
  }
}

/// Structure falls with its size, as in photos. The coarsest is one of a few.
inline Thumbnail stranger(std::uint64_t number) {
  Cells cells{};
  add_noise(cells, 2, 90, mixed(number) % 128);
  add_noise(cells, 4, 60, number * 4 + 1);
  add_noise(cells, 8, 40, number * 4 + 2);
  add_noise(cells, 16, 40, number * 4 + 3);
  Thumbnail thumbnail;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    thumbnail.luma[cell] = static_cast<std::uint8_t>(10 + cells[cell]);
  }
  thumbnail.blue.fill(128);
  thumbnail.red.fill(128);
  return thumbnail;
}

/// Single cells move by up to two levels.
inline Thumbnail flickering(Thumbnail thumbnail, std::uint64_t number) {
  for (std::size_t cell = 0; cell < thumbnail.luma.size(); ++cell) {
    thumbnail.luma[cell] = static_cast<std::uint8_t>(
        thumbnail.luma[cell] + mixed(number * 1024 + cell) % 3);
  }
  return thumbnail;
}

}  // namespace vam
