#include "vam/image.hpp"

#include <utility>

#include "catch.hpp"
#include "image/resample.hpp"
#include "patterns.hpp"

using namespace vam;

namespace {

/// A 3x2 raster of these samples.
Image three_by_two(std::vector<std::uint8_t> samples) {
  Image image(3, 2);
  image.pixels = std::move(samples);
  return image;
}

}  // namespace

// Made by tests/golden/imagehash_values.py.
TEST_CASE("image: Lanczos gives the pixels that Pillow gives") {
  const Image dotted = make_picture(dots, 23, 17);
  const std::vector<std::uint8_t> smaller = {
      93,  102, 131, 125, 114, 111, 144, 142, 140, 144, 111, 132, 96,  117, 147,
      117, 117, 139, 110, 109, 124, 113, 117, 148, 103, 173, 99,  151, 143, 114,
      118, 191, 144, 72,  107, 146, 138, 137, 143, 104, 89,  108, 122, 135, 143,
      156, 116, 151, 131, 90,  69,  169, 149, 130, 104, 114, 132, 151, 144, 97,
      130, 101, 144, 123, 86,  135, 167, 129, 142, 115, 139, 147};
  CHECK(resize_lanczos(dotted, 9, 8).pixels == smaller);
  const std::vector<std::uint8_t> wider = {
      125, 121, 117, 112, 112, 116, 108, 94,  104, 131, 140, 136, 132, 111,
      92,  110, 136, 116, 99,  122, 126, 114, 134, 168, 179, 145, 90,  75,
      108, 141, 150, 136, 122, 127, 135, 141, 148, 140, 117, 102, 157, 147,
      133, 141, 146, 127, 120, 135, 141, 136, 134, 135, 135, 118, 93,  102,
      125, 128, 123, 127, 128, 123, 126, 128, 124, 118, 114, 102, 93,  108,
      132, 139, 132, 125, 127, 135, 138, 137, 131, 127, 158, 139, 107, 103,
      119, 123, 106, 85,  108, 148, 145, 132, 144, 158, 157, 146, 134, 147,
      146, 113, 105, 121, 115, 88,  72,  85,  123, 168, 183, 142, 94,  95,
      124, 142, 145, 133, 140, 148, 139, 131};
  CHECK(resize_lanczos(dotted, 40, 3).pixels == wider);
}

TEST_CASE("image: resizing to the same size changes nothing") {
  const Image image = make_picture(waves, 31, 17);
  CHECK(resize_lanczos(image, 31, 17) == image);
}

TEST_CASE("image: one pixel fills any size") {
  const Image image = make_picture([](int, int) { return 77; }, 1, 1);
  const Image large = resize_lanczos(image, 40, 30);
  CHECK(large == make_picture([](int, int) { return 77; }, 40, 30));
}

TEST_CASE("image: very wide pictures keep their brightness") {
  // Every pixel counts, and that is more of them than a 32-bit sum holds.
  const auto white = [](int, int) { return 255; };
  CHECK(resize_lanczos(make_picture(white, 65'500, 8), 9, 8) ==
        make_picture(white, 9, 8));
}

TEST_CASE("image: very high pictures keep their brightness") {
  const auto white = [](int, int) { return 255; };
  for (const int width : {8, 20}) {
    CHECK(resize_lanczos(make_picture(white, width, 65'500), width, 8) ==
          make_picture(white, width, 8));
  }
}

TEST_CASE("image: columns are resampled as rows are") {
  // So high that rows of as many pixels are summed another way.
  for (const int height : {401, 520}) {
    for (const int width : {1, 15, 16, 17, 31, 32, 100}) {
      CAPTURE(width, height);
      const Image image = make_picture(waves, width, height);
      const Image turned = resize_lanczos(oriented(image, 5), 9, width);
      CHECK(resize_lanczos(image, width, 9) == oriented(turned, 5));
    }
  }
}

TEST_CASE("image: all instructions resample to the same pixels") {
  // Contrast that overshoots on either side, and no two rows or columns alike.
  const auto specks = [](int x, int y) {
    const bool is_bright = (x * x * 7 % 13 < 6) != (y * y * 5 % 11 < 5);
    return is_bright ? 255 : (x * 31 + y) % 9;
  };
  const ResampleKernel& portable = resample_kernels().back();
  for (const ResampleKernel& kernel : resample_kernels()) {
    if (!kernel.is_supported()) continue;
    for (const auto& [width, height] : {std::pair{1, 1},
                                        {3, 70},
                                        {9, 480},
                                        {31, 33},
                                        {33, 31},
                                        {64, 32},
                                        {97, 67},
                                        {640, 480},
                                        {12, 4099},
                                        {9001, 5}}) {
      const Image image = make_picture(specks, width, height);
      for (const auto& [to_width, to_height] :
           {std::pair{9, 8}, {8, 8}, {32, 32}, {64, 64}, {100, 3}, {5, 90}}) {
        CAPTURE(kernel.name, width, height, to_width, to_height);
        CHECK(resize_lanczos(image, to_width, to_height, kernel) ==
              resize_lanczos(image, to_width, to_height, portable));
      }
    }
  }
}

TEST_CASE("image: pictures of any size are transposed") {
  for (const auto& [width, height] :
       {std::pair{1, 1}, {7, 9}, {8, 8}, {17, 64}, {130, 71}}) {
    CAPTURE(width, height);
    const Image image = make_picture(waves, width, height);
    const Image turned = transposed(image);
    REQUIRE(turned.width == height);
    bool is_exchanged = true;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        is_exchanged &= turned.row(x)[y] == image.row(y)[x];
      }
    }
    CHECK(is_exchanged);
    CHECK(transposed(turned) == image);
  }
}

TEST_CASE("image: each orientation is undone") {
  // As displayed:  1 2 3
  //                4 5 6
  const Image shown = three_by_two({1, 2, 3, 4, 5, 6});
  CHECK(oriented(shown, 1) == shown);
  CHECK(oriented(three_by_two({3, 2, 1, 6, 5, 4}), 2) == shown);
  CHECK(oriented(three_by_two({6, 5, 4, 3, 2, 1}), 3) == shown);
  CHECK(oriented(three_by_two({4, 5, 6, 1, 2, 3}), 4) == shown);

  // Stored on their side: 2 wide, 3 high.
  const auto stored = [](std::vector<std::uint8_t> samples) {
    Image image(2, 3);
    image.pixels = std::move(samples);
    return image;
  };
  CHECK(oriented(stored({1, 4, 2, 5, 3, 6}), 5) == shown);
  CHECK(oriented(stored({3, 6, 2, 5, 1, 4}), 6) == shown);
  CHECK(oriented(stored({6, 3, 5, 2, 4, 1}), 7) == shown);
  CHECK(oriented(stored({4, 1, 5, 2, 6, 3}), 8) == shown);
}

TEST_CASE("image: unknown orientations count as upright") {
  const Image image = make_picture(slope, 5, 3);
  CHECK(oriented(image, 0) == image);
  CHECK(oriented(image, 9) == image);
  CHECK(oriented(image, 255) == image);
}

TEST_CASE("image: what an orientation does is as its predicates say") {
  const Image image = three_by_two({1, 2, 3, 4, 5, 6});
  for (Orientation orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const Image result = oriented(image, orientation);
    const bool swap = swaps_sides(orientation);
    REQUIRE(result.width == (swap ? image.height : image.width));
    REQUIRE(result.height == (swap ? image.width : image.height));
    for (int y = 0; y < result.height; ++y) {
      for (int x = 0; x < result.width; ++x) {
        const int column = mirrors(orientation) ? result.width - 1 - x : x;
        const int row = flips(orientation) ? result.height - 1 - y : y;
        CHECK(result.row(y)[x] ==
              (swap ? image.row(column)[row] : image.row(row)[column]));
      }
    }
  }
}

TEST_CASE("image: composed orientations do the same as one after the other") {
  const Image image = make_picture(dots, 5, 3);
  for (Orientation first = 1; first <= 8; ++first) {
    for (Orientation second = 1; second <= 8; ++second) {
      CAPTURE(first, second);
      CHECK(oriented(image, composed(first, second)) ==
            oriented(oriented(image, first), second));
    }
  }
}

TEST_CASE("image: the inverse of an orientation takes it back") {
  const Image image = make_picture(dots, 5, 3);
  for (Orientation orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    CHECK(oriented(oriented(image, orientation), inverse(orientation)) ==
          image);
    CHECK(composed(orientation, inverse(orientation)) == kUpright);
    CHECK(inverse(inverse(orientation)) == orientation);
  }
}
