// One scene in every format: how it is turned and what container it is in must
// not matter.
#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "format_writer.hpp"
#include "quarters.hpp"
#include "scene.hpp"
#include "vam/decode.hpp"
#include "vam/fingerprint.hpp"

using namespace vam;
using namespace std::string_literals;

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

TEST_CASE("decode: videos, documents and sidecars are told by their content") {
  const auto kind_of = [](const std::string& head) {
    CHECK(recognise(bytes_of(head)) == Format::unknown);
    return recognise_non_picture(bytes_of(head));
  };
  const std::string size("\0\0\0\x18", 4);
  for (const char* brand : {"isom", "iso5", "mp41", "mp42", "qt  ", "M4V ",
                            "3gp4", "3gp5", "avc1", "MSNV"}) {
    CHECK(kind_of(size + "ftyp" + brand + size + "isom") == NonPicture::video);
  }
  for (const std::string& video :
       {size + "moov" + size, size + "mdat", "\x1A\x45\xDF\xA3\x9F"s,
        "RIFF" + size + "AVI LIST", "\0\0\1\xBA\x44"s, "\0\0\1\xB3\x14"s,
        "\x47\x40\0\x10\0\0"s, "\x47\x40\x11\x10\0"s,
        size + "\x47\x40\0\x10\0"s, "FLV\1\5"s,
        "\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9"s}) {
    CHECK(kind_of(video) == NonPicture::video);
  }
  for (const std::string& document :
       {"%PDF-1.7"s, "PK\3\4\x14"s, "{\\rtf1"s, "<?xml version=\"1.0\"?><svg>"s,
        "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s}) {
    CHECK(kind_of(document) == NonPicture::document);
  }
  for (const std::string& sidecar :
       {"<x:xmpmeta xmlns:x"s, "<?xpacket begin"s, "bplist00\xD4"s,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC"s,
        "\xEF\xBB\xBF<?xml version=\"1.0\"?><x:xmpmeta"s}) {
    CHECK(kind_of(sidecar) == NonPicture::sidecar);
  }
  for (const std::string& other :
       {""s, "P"s, "plain text"s, "ftyp"s, size + "ftyp",
        "RIFF" + size + "WAVE", size + "ftypM4A " + size, "\0\0\0\0"s,
        "G@ is no film"s}) {
    CHECK(kind_of(other) == NonPicture::other);
  }
}

TEST_CASE("decode: an extension is of a picture or of one other kind") {
  std::set<std::string_view> seen(picture_extensions().begin(),
                                  picture_extensions().end());
  for (const NonPicture kind :
       {NonPicture::video, NonPicture::document, NonPicture::sidecar}) {
    CHECK(extensions_of(kind).size() >= 5);
    for (const std::string_view extension : extensions_of(kind)) {
      INFO(extension);
      CHECK(seen.insert(extension).second);
    }
  }
  CHECK(extensions_of(NonPicture::other).empty());
}

TEST_CASE("decode: eight orientations of a scene hash alike in all formats") {
  FormatPicture picture{.width = 800, .height = 600};
  picture.pattern = drawn_scene(5, picture.width, picture.height);
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
  picture.pattern = drawn_scene(5, picture.width, picture.height);
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
