#include "analyze/frame_keys.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

#include "catch.hpp"

using namespace vam;

namespace {

/// Cells of any brightness up to `most`.
Thumbnail noise(std::uint32_t most) {
  Thumbnail thumbnail;
  std::uint32_t state = 1;
  for (std::uint8_t& cell : thumbnail.luma) {
    state = state * 1664525U + 1013904223U;
    cell = static_cast<std::uint8_t>((state >> 16U) % (most + 1));
  }
  return thumbnail;
}

Thumbnail turned(const Thumbnail& thumbnail, Orientation orientation) {
  Image cells(Thumbnail::kSide, Thumbnail::kSide);
  std::ranges::copy(thumbnail.luma, cells.pixels.begin());
  Thumbnail other = thumbnail;
  std::ranges::copy(oriented(cells, orientation).pixels, other.luma.begin());
  return other;
}

/// A square part of a thumbnail, in units of which a cell has so many.
struct Square {
  int cell;
  int left;
  int top;
  int length;
};

/// The sums of columns x 8 equal parts.
std::vector<int> sums_by_hand(const Thumbnail& thumbnail, const Square& square,
                              int columns) {
  std::vector<int> sums(static_cast<std::size_t>(columns) * 8);
  for (int y = 0; y < square.length; ++y) {
    for (int x = 0; x < square.length; ++x) {
      const int row = y * 8 / square.length;
      const int column = x * columns / square.length;
      const int cell = (square.top + y) / square.cell * Thumbnail::kSide +
                       (square.left + x) / square.cell;
      sums[static_cast<std::size_t>(row * columns + column)] +=
          thumbnail.luma[static_cast<std::size_t>(cell)];
    }
  }
  return sums;
}

HashSet hashes_by_hand(const Thumbnail& thumbnail, const Square& square) {
  HashSet hashes{};
  const std::vector<int> nine = sums_by_hand(thumbnail, square, 9);
  const std::vector<int> eight = sums_by_hand(thumbnail, square, 8);
  std::vector<int> sorted = eight;
  std::ranges::sort(sorted);
  const int sum = std::accumulate(eight.begin(), eight.end(), 0);
  for (std::size_t n = 0; n < 64; ++n) {
    const std::size_t at = n / 8 * 9 + n % 8;
    const std::array bits = {nine[at + 1] > nine[at], 64 * eight[n] > sum,
                             2 * eight[n] > sorted[31] + sorted[32]};
    for (std::size_t kind = 0; kind < kHashKinds; ++kind) {
      hashes[kind] = hashes[kind] << 1U | Hash{bits[kind]};
    }
  }
  return hashes;
}

}  // namespace

TEST_CASE("frame keys: those of a turn are those of the turned frame") {
  const auto most = GENERATE(1U, 3U, 255U);  // with few, many parts are alike
  const Thumbnail thumbnail = noise(most);
  const FrameKeys keys = make_frame_keys(thumbnail).keys;
  CHECK(keys.turned(kUpright) == keys.upright);
  for (std::size_t n = 0; n < kOrientations; ++n) {
    const auto turn = static_cast<Orientation>(kUpright + n);
    CAPTURE(most, turn);
    const Thumbnail other = turned(thumbnail, turn);
    CHECK(keys.turned(turn) == make_frame_keys(other).keys.upright);
  }
}

TEST_CASE("frame keys: no window is the whole, and no turn like another") {
  const FramedKeys framed = make_frame_keys(noise(255));
  for (const HashSet& window : framed.windows) {
    CHECK(window != framed.keys.upright);
  }
  for (std::size_t n = 1; n < kOrientations; ++n) {
    CHECK(framed.keys.turned(static_cast<Orientation>(kUpright + n)) !=
          framed.keys.upright);
  }
}

TEST_CASE("frame keys: hashes compare the sums of equal parts") {
  const Thumbnail thumbnail = noise(GENERATE(1U, 3U, 255U));
  const FramedKeys framed = make_frame_keys(thumbnail);
  CHECK(framed.keys.upright == hashes_by_hand(thumbnail, {9, 0, 0, 288}));
  for (std::size_t n = 0; n < kWindows; ++n) {
    CAPTURE(n);
    const int left = static_cast<int>(n % 3) * 8;
    const int top = static_cast<int>(n / 3) * 8;
    CHECK(framed.windows[n] == hashes_by_hand(thumbnail, {5, left, top, 144}));
    CHECK(window_of(n) == Window{static_cast<float>(left) / 160,
                                 static_cast<float>(top) / 160, 0.9F, 0.9F});
  }
}
