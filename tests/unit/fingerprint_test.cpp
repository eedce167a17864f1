#include "vam/fingerprint.hpp"

#include <algorithm>
#include <array>

#include "catch.hpp"
#include "patterns.hpp"

using namespace vam;

namespace {

/// Surrounds a picture by a border of one level.
Image with_border(const Image& image, int left, int top, int right, int bottom,
                  std::uint8_t level) {
  Image larger(image.width + left + right, image.height + top + bottom);
  std::ranges::fill(larger.pixels, level);
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(image.row(y), image.width, larger.row(top + y) + left);
  }
  return larger;
}

Region content_of(const Image& image) {
  return make_fingerprint(image).content;
}

Image plane(int width, int height, std::uint8_t level) {
  Image image(width, height);
  std::ranges::fill(image.pixels, level);
  return image;
}

}  // namespace

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

TEST_CASE("fingerprint: uniform borders of any level are trimmed") {
  const Image inner = make_picture(dots, 100, 80);
  for (const int level : {0, 90, 255}) {
    CAPTURE(level);
    const auto grey = static_cast<std::uint8_t>(level);
    // 3 of 107 columns, 4 of 92 rows, and so on, in 1/65535.
    CHECK(content_of(with_border(inner, 3, 4, 4, 8, grey)) ==
          Region{1837, 2849, 63085, 59836});
    CHECK(content_of(with_border(inner, 5, 0, 0, 0, grey)).left == 3120);
    CHECK(content_of(with_border(inner, 0, 5, 0, 0, grey)).top == 3855);
    CHECK(content_of(with_border(inner, 0, 0, 5, 0, grey)).right == 62414);
    CHECK(content_of(with_border(inner, 0, 0, 0, 5, grey)).bottom == 61680);
  }
}

TEST_CASE("fingerprint: each side may have a colour of its own") {
  const Image inner = make_picture(dots, 100, 80);
  const Image letterbox = with_border(inner, 0, 10, 0, 0, 0);
  CHECK(content_of(with_border(letterbox, 0, 0, 0, 10, 255)) ==
        Region{0, 6553, 65535, 58981});
}

TEST_CASE("fingerprint: what a lossy file does to a border does not hide it") {
  Image image = with_border(make_picture(dots, 100, 80), 6, 6, 6, 6, 250);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < 5; ++x) {
      image.row(y)[x] = static_cast<std::uint8_t>(245 + (x + y) % 11);
    }
  }
  image.row(0)[0] = 0;  // a rounded corner
  CHECK_FALSE(content_of(image).is_whole());
  CHECK(content_of(image).top > 0);
  CHECK(content_of(image).left > 0);
}

TEST_CASE("fingerprint: pictures without a border are whole") {
  CHECK(content_of(make_picture(dots, 100, 80)).is_whole());
  CHECK(content_of(make_picture(steps, 200, 150)).is_whole());
  // One colour is a picture, not a border.
  CHECK(content_of(plane(100, 80, 255)).is_whole());
  // A dot on a page: too little would be left.
  CHECK(content_of(with_border(make_picture(dots, 10, 8), 50, 50, 50, 50, 255))
            .is_whole());
}

TEST_CASE("fingerprint: the smallest pictures have a look, too") {
  for (int width = 1; width <= 4; ++width) {
    for (int height = 1; height <= 4; ++height) {
      CAPTURE(width, height);
      const Image image = make_picture(dots, width, height);
      const Region content = content_of(image);
      CHECK(content.left < content.right);
      CHECK(content.top < content.bottom);
      CHECK((make_sketch(image, {}, content).content != nullptr) ==
            !content.is_whole());
    }
  }
  // The least that a region can be is less than one of these pixels.
  const Region speck{65534, 65534, 65535, 65535};
  CHECK(make_sketch(plane(3, 2, 77), {}, speck).content->luma.front() == 77);
}

TEST_CASE("fingerprint: a sketch is the picture, and what is in its border") {
  const Image inner = make_picture(waves, 96, 64);
  const Image framed = with_border(inner, 16, 16, 16, 16, 255);
  const Sketch sketch = make_sketch(framed, {}, content_of(framed));
  // By way of the square that a wavelet hash needs.
  const Image square = resize_lanczos(framed, 64, 64);
  CHECK(std::ranges::equal(sketch.whole.luma,
                           resize_lanczos(square, 32, 32).pixels));
  REQUIRE(sketch.content);
  CHECK(std::ranges::equal(sketch.content->luma,
                           resize_lanczos(inner, 32, 32).pixels));
  CHECK_FALSE(make_sketch(inner, {}, content_of(inner)).content);
}

TEST_CASE("fingerprint: a grey picture has no colour") {
  std::array<std::uint8_t, 64> none;
  none.fill(128);
  const Sketch sketch = make_sketch(make_picture(waves, 90, 60), {}, {});
  CHECK(sketch.whole.blue == none);
  CHECK(sketch.whole.red == none);
}

TEST_CASE("fingerprint: colour cells are means over equal areas") {
  const Image luma = make_picture(waves, 240, 160);
  // A plane of 12 x 4: cells of the sketch are one and a half columns wide.
  Chroma chroma{Image(12, 4), plane(12, 4, 200)};
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 12; ++x) {
      chroma.blue.row(y)[x] = static_cast<std::uint8_t>(100 + 10 * x + y);
    }
  }
  const Thumbnail whole = make_sketch(luma, chroma, {}).whole;
  CHECK(std::ranges::count(whole.red, 200) == 64);
  // Column 0 and half of column 1; half of column 1 and column 2.
  CHECK(whole.blue[0] == 103);  // (100 + 110 / 2) / 1.5 = 103.3
  CHECK(whole.blue[1] == 117);  // (110 / 2 + 120) / 1.5 = 116.7
  CHECK(whole.blue[7] == 207);  // (200 / 2 + 210) / 1.5 = 206.7
  // Half a row down is still the first one; two rows are the next.
  CHECK(whole.blue[8] == 103);
  CHECK(whole.blue[16] == 104);

  // The right half, the lower half.
  const Thumbnail corner =
      *make_sketch(luma, chroma, {32768, 32768, 65535, 65535}).content;
  CHECK(corner.blue[0] == 162);  // columns from 6 on, rows from 2 on
  CHECK(corner.blue[63] == 213);
}
