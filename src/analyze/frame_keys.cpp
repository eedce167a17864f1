// Hashes of a thumbnail's windows, by sums over rectangles.
//
// Cropping moves hash bits fast: after cutting off a tenth, a third of the bits
// are others. Looking for the hashes of nine windows of 0.9 x 0.9, too, finds
// crops of up to 15 % of a side with as few false candidates as whole pictures.
#include "analyze/frame_keys.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace vam {
namespace {

constexpr int kSide = Thumbnail::kSide;
constexpr float kWindowSize = 0.9F;

/// Sums of all cells above and to the left (F. Crow, "Summed-area tables for
/// texture mapping", 1984).
class SummedArea {
 public:
  template <class CellAt>
  explicit SummedArea(const CellAt& cell_at) {
    for (int y = 0; y < kSide; ++y) {
      std::uint32_t row = 0;
      for (int x = 0; x < kSide; ++x) {
        row += cell_at(x, y);
        at(x + 1, y + 1) = at(x + 1, y) + row;
      }
    }
  }

  /// A place on one side, in cells.
  struct Point {
    int cell;
    float rest;

    explicit Point(float at = 0)
        : cell(std::min(static_cast<int>(at), kSide - 1)),
          rest(at - static_cast<float>(cell)) {}
  };

  /// The sum over everything above and to the left of a point.
  float before(const Point& x, const Point& y) const {
    const int column = x.cell;
    const int row = y.cell;
    const auto mix = [](std::uint32_t a, std::uint32_t b, float part) {
      return static_cast<float>(a) + part * static_cast<float>(b - a);
    };
    const float upper = mix(at(column, row), at(column + 1, row), x.rest);
    const float lower =
        mix(at(column, row + 1), at(column + 1, row + 1), x.rest);
    return upper + y.rest * (lower - upper);
  }

 private:
  static constexpr std::size_t kStride = kSide + 1;

  std::uint32_t& at(int x, int y) {
    return sums_[static_cast<std::size_t>(y) * kStride +
                 static_cast<std::size_t>(x)];
  }
  std::uint32_t at(int x, int y) const {
    return const_cast<SummedArea*>(this)->at(x, y);
  }

  std::array<std::uint32_t, kStride * kStride> sums_{};
};

/// The sums of columns x 8 equal parts of a window.
template <std::size_t kColumns>
std::array<float, kColumns * 8> reduce(const SummedArea& sums,
                                       const Window& window) {
  std::array<float, kColumns * 8> parts;
  std::array<float, kColumns + 1> above{};
  std::array<SummedArea::Point, kColumns + 1> columns;
  for (std::size_t x = 0; x <= kColumns; ++x) {
    const float part = static_cast<float>(x) / kColumns;
    columns[x] = SummedArea::Point((window.left + window.width * part) * kSide);
  }
  for (std::size_t y = 0; y <= 8; ++y) {
    const SummedArea::Point row(
        (window.top + window.height * static_cast<float>(y) / 8) * kSide);
    std::array<float, kColumns + 1> here;
    for (std::size_t x = 0; x <= kColumns; ++x) {
      here[x] = sums.before(columns[x], row);
    }
    for (std::size_t x = 0; x < kColumns && y > 0; ++x) {
      parts[(y - 1) * kColumns + x] =
          here[x + 1] - here[x] - above[x + 1] + above[x];
    }
    above = here;
  }
  return parts;
}

/// One bit for each part that exceeds the limit.
Hash brighter_than(const std::array<float, 64>& parts, float limit) {
  Hash hash = 0;
  for (const float part : parts) hash = hash << 1 | Hash{part > limit};
  return hash;
}

Hash dhash_of(const SummedArea& sums, const Window& window) {
  const auto wide = reduce<9>(sums, window);
  Hash hash = 0;
  for (std::size_t y = 0; y < 8; ++y) {
    for (std::size_t x = 0; x < 8; ++x) {
      hash = hash << 1 | Hash{wide[y * 9 + x + 1] > wide[y * 9 + x]};
    }
  }
  return hash;
}

HashSet hashes_of(const SummedArea& sums, const Window& window) {
  HashSet hashes{};
  hashes[index_of(HashKind::dhash)] = dhash_of(sums, window);
  auto parts = reduce<8>(sums, window);
  float sum = 0;
  for (const float part : parts) sum += part;
  hashes[index_of(HashKind::ahash)] = brighter_than(parts, sum / 64);
  auto sorted = parts;
  std::nth_element(sorted.begin(), sorted.begin() + 32, sorted.end());
  const float below = *std::max_element(sorted.begin(), sorted.begin() + 32);
  hashes[index_of(HashKind::whash)] =
      brighter_than(parts, (sorted[32] + below) / 2);
  return hashes;
}

/// Which bit of a hash of 8 x 8 parts comes to each place when the picture is
/// turned, by orientation - 1.
using Places = std::array<std::uint8_t, 64>;
std::array<Places, kOrientations> make_places() {
  std::array<Places, kOrientations> all;
  Image upright(8, 8);
  std::iota(upright.pixels.begin(), upright.pixels.end(), std::uint8_t{0});
  for (std::size_t n = 0; n < kOrientations; ++n) {
    const Image turned =
        oriented(upright, static_cast<Orientation>(kUpright + n));
    std::ranges::copy(turned.pixels, all[n].begin());
  }
  return all;
}

Hash turned_hash(Hash upright, const Places& places) {
  Hash hash = 0;
  for (const std::uint8_t place : places) {
    hash = hash << 1 | (upright >> (kHashBits - 1 - place) & 1U);
  }
  return hash;
}

/// The parts of a whole frame are whole cells, so those of a turned one are the
/// same in other places. The columns of dHash are not.
HashSet turned_hashes(const HashSet& upright, const Image& turned,
                      const Places& places) {
  HashSet hashes{};
  const SummedArea sums([&](int x, int y) { return turned.row(y)[x]; });
  hashes[index_of(HashKind::dhash)] = dhash_of(sums, {});
  for (const HashKind kind : {HashKind::ahash, HashKind::whash}) {
    hashes[index_of(kind)] = turned_hash(upright[index_of(kind)], places);
  }
  return hashes;
}

}  // namespace

Window window_of(std::size_t number) {
  constexpr float kStep = (1 - kWindowSize) / 2;
  const std::size_t row = number / 3;
  return {static_cast<float>(number % 3) * kStep,
          static_cast<float>(row) * kStep, kWindowSize, kWindowSize};
}

FrameKeys make_frame_keys(const Thumbnail& thumbnail, KeyUse use) {
  FrameKeys keys{};
  Image upright(kSide, kSide);
  std::ranges::copy(thumbnail.luma, upright.pixels.begin());
  const std::size_t turns = use == KeyUse::found ? 1 : kOrientations;
  const std::size_t windows = use == KeyUse::asking ? 0 : kWindows;
  static const std::array<Places, kOrientations> places = make_places();
  const SummedArea sums([&](int x, int y) { return upright.row(y)[x]; });
  keys.turned[0] = hashes_of(sums, {});
  for (std::size_t n = 1; n < turns; ++n) {
    const Image turned =
        oriented(upright, static_cast<Orientation>(kUpright + n));
    keys.turned[n] = turned_hashes(keys.turned[0], turned, places[n]);
  }
  for (std::size_t n = 0; n < windows; ++n) {
    keys.windows[n] = hashes_of(sums, window_of(n));
  }
  return keys;
}

std::vector<FramedKeys> make_frame_keys(const Sketch& sketch, KeyUse use) {
  std::vector<FramedKeys> all;
  const auto add = [&](const Thumbnail& thumbnail, Frame frame) {
    if (has_structure(thumbnail)) {
      all.push_back({frame, make_frame_keys(thumbnail, use)});
    }
  };
  add(sketch.whole, Frame::whole);
  if (sketch.content) add(*sketch.content, Frame::content);
  return all;
}

}  // namespace vam
