// JPEGs with several pictures and an index of them.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "picture_writer.hpp"
#include "tiff_directory.hpp"
#include "vam/decode.hpp"

using namespace vam;

namespace {

constexpr std::uint32_t kThumbnail = 0x010002;
constexpr std::uint32_t kStereo = 0x020002;
constexpr std::uint32_t kPrimary = 0x030000;
constexpr std::uint32_t kUndefined = 0;  // gain maps

struct Picture {
  std::uint32_t kind = kPrimary;
  std::string file = {};
};

/// What the index says beside the truth.
struct IndexOptions {
  bool big_endian = false;
  std::uint32_t shift = 0;  ///< added to the place of every picture
};

std::string index_of(const std::vector<Picture>& pictures,
                     const std::vector<std::uint32_t>& places,
                     const IndexOptions& options) {
  TiffDirectory directory(options.big_endian);
  std::string entries;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto size = static_cast<std::uint32_t>(pictures[i].file.size());
    entries += directory.number(pictures[i].kind, 4) +
               directory.number(size, 4) +
               directory.number(i == 0 ? 0 : places[i] + options.shift, 4) +
               directory.number(0, 4);
  }
  directory.add_values(0xB000, 7, 4, "0100");
  directory.add_number(0xB001, TiffDirectory::kLong,
                       static_cast<std::uint32_t>(pictures.size()));
  directory.add_values(0xB002, 7, static_cast<std::uint32_t>(entries.size()),
                       entries);
  return std::string("MPF\0", 4) + (options.big_endian ? "MM" : "II") +
         directory.number(42, 2) + directory.number(8, 4) + directory.at(8);
}

std::string write_mpo(const std::vector<Picture>& pictures,
                      const IndexOptions& options = {}) {
  std::vector<std::uint32_t> places(pictures.size());
  const auto segment = [&] {
    const std::string index = index_of(pictures, places, options);
    return "\xFF\xE2" +
           TiffDirectory(true).number(
               static_cast<std::uint32_t>(index.size() + 2), 2) +
           index;
  };
  // Places count from the byte order mark.
  constexpr std::size_t kMark = 2 + 4 + 4;
  std::size_t at = pictures[0].file.size() + segment().size() - kMark;
  for (std::size_t i = 1; i < pictures.size(); ++i) {
    places[i] = static_cast<std::uint32_t>(at);
    at += pictures[i].file.size();
  }
  std::string file = pictures[0].file;
  file.insert(2, segment());
  for (std::size_t i = 1; i < pictures.size(); ++i) file += pictures[i].file;
  return file;
}

Decoded decode_ok(const std::string& file) {
  const auto decoded = decode(bytes_of(file));
  INFO((decoded ? "" : decoded.error().message));
  REQUIRE(decoded.has_value());
  return *decoded;
}

bool is_picture(const std::string& file, const std::string& expected) {
  const Decoded a = decode_ok(file);
  const Decoded b = decode_ok(expected);
  return a.info == b.info && a.image == b.image && a.chroma == b.chroma;
}

std::string small(int orientation = 1) {
  return write_jpeg({.width = 80,
                     .height = 60,
                     .exif = {.orientation = orientation},
                     .with_exif = true});
}

std::string large(int orientation = 1) {
  return write_jpeg({.width = 320,
                     .height = 240,
                     .exif = {.orientation = orientation},
                     .with_exif = true});
}

}  // namespace

TEST_CASE("decode: of a multi-picture file the first picture counts") {
  const IndexOptions options{.big_endian = GENERATE(false, true)};
  const std::string first = small();
  const auto with = [&](std::uint32_t first_kind, std::uint32_t kind,
                        const std::string& second) {
    return write_mpo({{first_kind, first}, {kind, second}}, options);
  };
  // Previews, views of another lens, gain maps.
  CHECK(is_picture(with(kPrimary, kThumbnail, large()), first));
  CHECK(is_picture(with(kStereo, kStereo, small()), first));
  CHECK(is_picture(with(kStereo, kStereo, large()), first));
  CHECK(is_picture(with(kPrimary, kUndefined, large()), first));
  CHECK(is_picture(with(kUndefined, kUndefined, large()), first));
  // Two cannot be the primary one.
  CHECK(is_picture(with(kPrimary, kPrimary, large()), first));
}

TEST_CASE("decode: a larger version counts if it is called the primary one") {
  const IndexOptions options{.big_endian = GENERATE(false, true)};
  const int orientation = GENERATE(1, 6);
  const std::string file = write_mpo({{kThumbnail, small(orientation)},
                                      {kStereo, small(orientation)},
                                      {kPrimary, large(orientation)}},
                                     options);
  CHECK(is_picture(file, large(orientation)));
}

TEST_CASE("decode: what the first picture of several says is kept") {
  const std::string first =
      write_jpeg({.width = 80,
                  .height = 60,
                  .exif = {.taken_at = "2020:02:02 02:02:02", .make = "First"},
                  .with_exif = true});
  const std::string second =
      write_jpeg({.width = 320,
                  .height = 240,
                  .exif = {.taken_at = "2021:01:01 01:01:01",
                           .make = "Second",
                           .model = "Large"},
                  .with_exif = true});
  const PictureInfo info =
      decode_ok(write_mpo({{kThumbnail, first}, {kPrimary, second}})).info;
  CHECK(info.width == 320);
  CHECK(info.taken_at == "2020-02-02T02:02:02");
  CHECK(info.metadata.camera_make == "First");
  CHECK(info.metadata.camera_model == "Large");
}

TEST_CASE("decode: what an index calls primary has to show the same") {
  const std::string first = small();
  const auto is_first = [&](const std::string& second,
                            const IndexOptions& options = {}) {
    return is_picture(
        write_mpo({{kThumbnail, first}, {kPrimary, second}}, options), first);
  };
  const auto mirrored = [](int x, int y, int width, int height) {
    return pattern_at(width - 1 - x, y, width, height);
  };
  CHECK_FALSE(is_first(large()));
  CHECK(
      is_first(write_jpeg({.width = 320, .height = 240, .pattern = mirrored})));
  CHECK(is_first(
      write_jpeg({.width = 320, .height = 240, .colour = JpegColour::grey})));
  CHECK(is_first(write_jpeg({.width = 320, .height = 180})));
  CHECK(is_first(write_jpeg({.width = 40, .height = 30})));
  CHECK(is_first(large().substr(0, large().size() / 2)));
  CHECK(is_first(""));
  CHECK(is_first(write_png({.width = 320, .height = 240})));
  for (const std::uint32_t shift : {1U, 1U << 20U, ~0U, 0x80000000U}) {
    CHECK(is_first(large(), {.shift = shift}));
  }
}

TEST_CASE("decode: whatever is damaged in an index, a picture is found") {
  const std::string whole =
      write_mpo({{kThumbnail, small()}, {kPrimary, large()}});
  const std::size_t begin = whole.find("MPF");
  std::mt19937 random(4);
  for (int i = 0; i < 2000; ++i) {
    std::string file = whole;
    for (auto flips = 1 + random() % 3; flips > 0; --flips) {
      file[begin + random() % 86] = static_cast<char>(random());
    }
    const std::uint32_t width = decode_ok(file).info.width;
    CHECK((width == 80 || width == 320));
  }
}
