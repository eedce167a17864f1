#include "decode/chroma_reducer.hpp"

#include <random>
#include <vector>

#include "catch.hpp"

using namespace vam;

namespace {

/// The mean of a plane from left to right and top to bottom, in samples, with
/// parts of samples.
double mean_of(const Image& plane, double left, double top, double right,
               double bottom) {
  const auto length = [](int at, double from, double to) {
    return std::max(0.0, std::min(at + 1.0, to) - std::max<double>(at, from));
  };
  double sum = 0;
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      sum += plane.row(y)[x] * length(x, left, right) * length(y, top, bottom);
    }
  }
  return sum / ((right - left) * (bottom - top));
}

Image noise(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  Image plane(width, height);
  for (auto& pixel : plane.pixels) pixel = static_cast<std::uint8_t>(random());
  return plane;
}

void check_cells(const Image& cells, const Image& plane, double width,
                 double height) {
  for (int y = 0; y < cells.height; ++y) {
    for (int x = 0; x < cells.width; ++x) {
      const double mean = mean_of(
          plane, x * width / cells.width, y * height / cells.height,
          (x + 1) * width / cells.width, (y + 1) * height / cells.height);
      CHECK_THAT(cells.row(y)[x], Catch::Matchers::WithinAbs(mean, 0.501));
    }
  }
}

std::span<const std::uint8_t> row_of(const Image& plane, int y) {
  return {plane.row(y), static_cast<std::size_t>(plane.width)};
}

}  // namespace

TEST_CASE("chroma_reducer: cells are means of their area") {
  const int width = GENERATE(1, 2, 31, 32, 33, 63, 200);
  const int height = GENERATE(1, 45, 64);
  const int sample = GENERATE(1, 4);  // pixels; the last one is cut
  const Image blue = noise(width, height, 1);
  const Image red = noise(width, height, 2);
  const auto side = [&](int samples) {
    return static_cast<unsigned>(samples * sample - sample / 2);
  };
  const auto pixels = static_cast<unsigned>(sample);
  ChromaReducer reducer({side(width), pixels}, {side(height), pixels});
  for (int y = height - 1; y >= 0; --y) {  // in any order
    reducer.add(row_of(blue, y), row_of(red, y),
                {.y = static_cast<unsigned>(y)});
  }
  const Chroma chroma = std::move(reducer).finish();
  CHECK(chroma.blue.width <= 32);
  CHECK(chroma.blue.height <= 32);
  CHECK(chroma.blue.width >= std::min(width - 1, 31));
  const int before = sample / 2;
  const double cut = before / static_cast<double>(sample);
  check_cells(chroma.blue, blue, width - cut, height - cut);
  check_cells(chroma.red, red, width - cut, height - cut);
}

TEST_CASE("chroma_reducer: rows may come in parts and with gaps") {
  const Image plane = noise(150, 40, 3);
  ChromaReducer whole({150}, {40});
  ChromaReducer parts({150}, {40});
  std::vector<std::uint8_t> odd;
  for (int y = 0; y < 40; ++y) {
    const auto row = row_of(plane, y);
    const Place place{.y = static_cast<unsigned>(y)};
    whole.add(row, row, place);
    parts.add(row.first(61), row.first(61), place);
    std::vector<std::uint8_t> even;
    odd.clear();
    for (std::size_t x = 61; x < 150; x += 2) odd.push_back(row[x]);
    for (std::size_t x = 62; x < 150; x += 2) even.push_back(row[x]);
    parts.add(even, even, {.x = 62, .step = 2, .y = place.y});
    parts.add(odd, odd, {.x = 61, .step = 2, .y = place.y});
  }
  const Chroma expected = std::move(whole).finish();
  const Chroma chroma = std::move(parts).finish();
  CHECK(chroma == expected);
}

TEST_CASE("chroma_reducer: what lies outside the picture is ignored") {
  const std::vector<std::uint8_t> row = {10, 20, 250, 250};
  ChromaReducer reducer({16, 8}, {4, 8});
  reducer.add(row, row, {.y = 0});
  reducer.add(row, row, {.y = 1});
  const Chroma chroma = std::move(reducer).finish();
  CHECK(chroma.blue.pixels == std::vector<std::uint8_t>{10, 20});
}
