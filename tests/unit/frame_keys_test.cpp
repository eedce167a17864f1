#include "analyze/frame_keys.hpp"

#include <algorithm>
#include <cstdint>

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

}  // namespace

TEST_CASE("frame keys: those of a turn are those of the turned frame") {
  const auto most = GENERATE(1U, 3U, 255U);  // with few, many parts are alike
  const Thumbnail thumbnail = noise(most);
  const FrameKeys keys = make_frame_keys(thumbnail, KeyUse::asking);
  for (std::size_t n = 0; n < kOrientations; ++n) {
    CAPTURE(most, n);
    const auto orientation = static_cast<Orientation>(kUpright + n);
    CHECK(keys.turned[n] ==
          make_frame_keys(turned(thumbnail, orientation)).turned[0]);
  }
}

TEST_CASE("frame keys: what is not wanted changes nothing else") {
  const Thumbnail thumbnail = noise(255);
  const FrameKeys all = make_frame_keys(thumbnail);
  const FrameKeys found = make_frame_keys(thumbnail, KeyUse::found);
  CHECK(found.turned[0] == all.turned[0]);
  CHECK((found.windows == all.windows));
  const FrameKeys asking = make_frame_keys(thumbnail, KeyUse::asking);
  CHECK((asking.turned == all.turned));
  // No window is the whole, and no turn looks like another.
  for (const HashSet& window : all.windows) CHECK(window != all.turned[0]);
  for (std::size_t n = 1; n < kOrientations; ++n) {
    CHECK(all.turned[n] != all.turned[0]);
  }
}
