#include "analyze/frame_keys.hpp"

#include <cstdint>

#include "catch.hpp"

using namespace vam;

TEST_CASE("frame keys: what is not wanted changes nothing else") {
  Thumbnail thumbnail;
  std::uint32_t state = 1;
  for (std::uint8_t& cell : thumbnail.luma) {
    state = state * 1664525U + 1013904223U;
    cell = static_cast<std::uint8_t>(state >> 24U);
  }
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
