// Deterministic pictures, the same as in tests/golden/imagehash_values.py.
#pragma once

#include <cstdint>

#include "vam/image.hpp"

using Pattern = int (*)(int x, int y);

inline int waves(int x, int y) {
  return (x * x * 3 + y * y * 5 + x * y * 7) / 64 % 256;
}
inline int steps(int x, int y) { return (x / 16 * 37 + y / 16 * 91) % 256; }
inline int dots(int x, int y) {
  return (x * 7919 + y * 104729 + x * y * 13) % 251;
}
inline int slope(int x, int y) { return (x * 2 + y) % 256; }

inline vam::Image make_picture(Pattern pattern, int width, int height) {
  vam::Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.row(y)[x] = static_cast<std::uint8_t>(pattern(x, y));
    }
  }
  return image;
}
