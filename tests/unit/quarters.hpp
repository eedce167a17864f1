// A picture of four colours, one in each quarter, for tests of chroma.
#pragma once

#include "catch.hpp"
#include "picture_writer.hpp"

inline Rgba quarters(int x, int y, int width, int height) {
  const bool right = 2 * x >= width;
  const bool bottom = 2 * y >= height;
  if (bottom) return right ? Rgba{40, 60, 180} : Rgba{150, 150, 30};
  return right ? Rgba{50, 170, 60} : Rgba{200, 40, 50};
}

/// Whether the planes show the colours of quarters() where they are.
inline void check_quarters(const vam::Chroma& chroma, double tolerance = 2) {
  const vam::Image& blue = chroma.blue;
  REQUIRE(blue.width >= 2);
  REQUIRE(blue.height >= 2);
  REQUIRE(chroma.red.width == blue.width);
  REQUIRE(chroma.red.height == blue.height);
  for (const int y : {0, 1}) {
    for (const int x : {0, 1}) {
      INFO("column " << x << ", row " << y);
      // BT.601.
      const Rgba colour = quarters(x, y, 2, 2);
      const double luma =
          0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue;
      const int at_x = (2 * x + 1) * blue.width / 4;
      const int at_y = (2 * y + 1) * blue.height / 4;
      CHECK_THAT(blue.row(at_y)[at_x],
                 Catch::Matchers::WithinAbs(128 + (colour.blue - luma) / 1.772,
                                            tolerance));
      CHECK_THAT(chroma.red.row(at_y)[at_x],
                 Catch::Matchers::WithinAbs(128 + (colour.red - luma) / 1.402,
                                            tolerance));
    }
  }
}
