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

TEST_CASE("fingerprint: a gradient has clear steps and low detail") {
  const Fingerprint gradient =
      make_fingerprint(make_picture([](int x, int) { return x; }, 250, 180));
  CHECK(gradient.detail == 64);
  CHECK(is_low_detail(gradient));
}

TEST_CASE("fingerprint: four odd bits are enough to compare") {
  const auto low = [](Hash dhash) {
    return is_low_detail(Fingerprint{{dhash, 0, 0}, 64});
  };
  CHECK(low(0));
  CHECK(low(0b0111));
  CHECK_FALSE(low(0b1111));
  CHECK_FALSE(low(~Hash{0b1111}));
  CHECK(low(~Hash{0b0111}));
}
