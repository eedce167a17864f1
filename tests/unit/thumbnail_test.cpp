#include "analyze/thumbnail.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "drawings.hpp"
#include "vam/decode.hpp"

using namespace vam;

namespace {

/// A picture as decode() gives it: the luma fine, the chroma coarse.
Decoded decoded_scene(int width, int height) {
  Drawing drawing = draw_scene(5, width, height);
  Decoded decoded;
  decoded.chroma = {resize_lanczos(drawing.chroma.blue, 32, 24),
                    resize_lanczos(drawing.chroma.red, 32, 24)};
  decoded.image = std::move(drawing.luma);
  return decoded;
}

double mean_distance(const Image& a, const Image& b) {
  REQUIRE(a.pixels.size() == b.pixels.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    sum += std::abs(int{a.pixels[i]} - int{b.pixels[i]});
  }
  return sum / static_cast<double>(a.pixels.size());
}

}  // namespace

TEST_CASE("thumbnail: upright, reduced, in colour") {
  const int width = GENERATE(640, 480, 120, 37);
  const int height = width * 3 / 4;
  const Decoded scene = decoded_scene(width, height);
  const auto jpeg = make_thumbnail(scene);
  CHECK(jpeg == make_thumbnail(scene));
  const auto again = decode(jpeg);
  REQUIRE(again);
  const int side = std::min(width, kThumbnailSide);
  CHECK(again->info.width == static_cast<std::uint32_t>(side));
  CHECK(again->info.height ==
        static_cast<std::uint32_t>(side * height / width));
  const Image small =
      resize_lanczos(scene.image, again->image.width, again->image.height);
  CHECK(mean_distance(again->image, small) < 4);
  REQUIRE(again->chroma.blue.width > 0);
  const auto fitted = [&](const Image& plane) {
    return resize_lanczos(plane, again->chroma.blue.width,
                          again->chroma.blue.height);
  };
  CHECK(mean_distance(again->chroma.blue, fitted(scene.chroma.blue)) < 4);
  CHECK(mean_distance(again->chroma.red, fitted(scene.chroma.red)) < 4);
}

TEST_CASE("thumbnail: of a grey picture, and of a line") {
  Decoded decoded = decoded_scene(400, 300);
  decoded.chroma = {};
  const auto grey = decode(make_thumbnail(decoded));
  REQUIRE(grey);
  CHECK(grey->chroma.blue.width == 0);
  decoded.image = Image(5000, 1);
  const auto line = decode(make_thumbnail(decoded));
  REQUIRE(line);
  CHECK(line->info.width == 320);
  CHECK(line->info.height == 1);
}

TEST_CASE("thumbnail: colours end where the luma has an edge") {
  // A red half and a green one; the cells of chroma are ten pixels wide, and
  // the edge is in the middle of one.
  const int width = 320;
  const int edge = 165;
  Drawing drawing{Image(width, 240), {Image(width, 240), Image(width, 240)}};
  for (int y = 0; y < 240; ++y) {
    for (int x = 0; x < width; ++x) {
      drawing.luma.row(y)[x] = x < edge ? 76 : 150;
      drawing.chroma.blue.row(y)[x] = x < edge ? 85 : 44;
      drawing.chroma.red.row(y)[x] = x < edge ? 255 : 21;
    }
  }
  const Chroma coarse{resize_lanczos(drawing.chroma.blue, 32, 24),
                      resize_lanczos(drawing.chroma.red, 32, 24)};
  const Chroma guided = guided_chroma(coarse, drawing.luma);
  REQUIRE(guided.red.width == 160);
  const std::uint8_t* const row = guided.red.row(60);
  CHECK(int{row[edge / 2 - 3]} > 225);
  CHECK(int{row[edge / 2 + 3]} < 51);
}
