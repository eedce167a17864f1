// One scene in every format: how it is turned and what container it is in must
// not matter.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "catch.hpp"
#include "format_writer.hpp"
#include "quarters.hpp"
#include "scene.hpp"
#include "vam/decode.hpp"
#include "vam/fingerprint.hpp"

using namespace vam;

namespace {

/// Most formats lose a little, each in its way.
constexpr int kMaxDistance = 2;

HashSet hashes_of(const std::string& file, Format format) {
  const auto decoded = decode(bytes_of(file));
  INFO((decoded ? "" : decoded.error().message));
  REQUIRE(decoded.has_value());
  CHECK(decoded->info.format == format);
  const Fingerprint look = make_fingerprint(decoded->image);
  CHECK(look.detail >= 16);
  return look.hashes;
}

int distance_of(const HashSet& a, const HashSet& b) {
  int worst = 0;
  for (std::size_t kind = 0; kind < a.size(); ++kind) {
    worst = std::max(worst, hamming_distance(a[kind], b[kind]));
  }
  return worst;
}

}  // namespace

TEST_CASE("decode: eight orientations of a scene hash alike in all formats") {
  FormatPicture picture{.width = 800, .height = 600};
  picture.pattern = scene_pattern(5);
  const HashSet upright = hashes_of(write_png({.width = picture.width,
                                               .height = picture.height,
                                               .pattern = picture.pattern}),
                                    Format::png);
  for (const FormatWriter& writer : format_writers()) {
    const int last = writer.carries_orientation ? 8 : 1;
    for (int orientation = 1; orientation <= last; ++orientation) {
      picture.orientation = orientation;
      INFO(to_string(writer.format) << ", orientation " << orientation);
      CHECK(distance_of(hashes_of(writer.write(picture), writer.format),
                        upright) <= kMaxDistance);
    }
  }
}

TEST_CASE("decode: a picture has its colours in all formats") {
  FormatPicture picture{.width = 803, .height = 601, .pattern = quarters};
  for (const FormatWriter& writer : format_writers()) {
    if (writer.format == Format::gif) continue;  // written in grey
    const int last = writer.carries_orientation ? 8 : 1;
    for (int orientation = 1; orientation <= last; ++orientation) {
      picture.orientation = orientation;
      INFO(to_string(writer.format) << ", orientation " << orientation);
      const auto decoded = decode(bytes_of(writer.write(picture)));
      REQUIRE(decoded.has_value());
      check_quarters(decoded->chroma, 2.5);
    }
  }
}

TEST_CASE("decode: the chroma of a scene is the same in all formats") {
  FormatPicture picture{.width = 800, .height = 600};
  picture.pattern = scene_pattern(5);
  const auto exact = decode(bytes_of(write_png({.width = picture.width,
                                                .height = picture.height,
                                                .pattern = picture.pattern})));
  REQUIRE(exact.has_value());
  for (const FormatWriter& writer : format_writers()) {
    if (writer.format == Format::gif) continue;  // written in grey
    INFO(to_string(writer.format));
    const auto decoded = decode(bytes_of(writer.write(picture)));
    REQUIRE(decoded.has_value());
    for (const auto plane : {&Chroma::blue, &Chroma::red}) {
      const Image& a = exact->chroma.*plane;
      const Image& b = decoded->chroma.*plane;
      REQUIRE(a.width == b.width);
      REQUIRE(a.height == b.height);
      int worst = 0;
      for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        worst = std::max(worst, std::abs(a.pixels[i] - b.pixels[i]));
      }
      CHECK(worst <= 3);
    }
  }
}
