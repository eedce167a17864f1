#include "vam/fingerprint.hpp"

#include "catch.hpp"
#include "patterns.hpp"

using namespace vam;

TEST_CASE("fingerprint: hashes are those of the picture") {
  const Image image = make_picture(waves, 200, 150);
  CHECK(make_fingerprint(image).hashes == compute_hashes(image));
}

TEST_CASE("fingerprint: a picture with structure has detail") {
  CHECK_FALSE(is_low_detail(make_fingerprint(make_picture(steps, 200, 150))));
  CHECK_FALSE(is_low_detail(make_fingerprint(make_picture(dots, 97, 131))));
}

TEST_CASE("fingerprint: flat and faint pictures have low detail") {
  const auto detail = [](Pattern pattern) {
    return make_fingerprint(make_picture(pattern, 160, 120)).detail;
  };
  CHECK(detail([](int, int) { return 0; }) == 0);
  CHECK(detail([](int, int) { return 255; }) == 0);
  // Noise of a few levels, as in a night frame.
  CHECK(detail([](int x, int y) { return dots(x, y) % 5; }) < kMinDetail);
  // A sky: one slow step over the whole height.
  CHECK(detail([](int, int y) { return 180 + y / 6; }) < kMinDetail);
}
