// One scene in every format: how it is turned and what container it is in must
// not matter.
#include <algorithm>
#include <string>

#include "catch.hpp"
#include "format_writer.hpp"
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
