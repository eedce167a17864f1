// JPEGs with several pictures and an index of them.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "decoding.hpp"
#include "mpo_writer.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;

namespace {

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
  const MpoOptions options{.big_endian = GENERATE(false, true)};
  const std::string first = small();
  const auto with = [&](std::uint32_t first_kind, std::uint32_t kind,
                        const std::string& second) {
    return write_mpo({{first_kind, first}, {kind, second}}, options);
  };
  // Previews, views of another lens, gain maps.
  CHECK(is_picture(with(kMpoPrimary, kMpoThumbnail, large()), first));
  CHECK(is_picture(with(kMpoStereo, kMpoStereo, small()), first));
  CHECK(is_picture(with(kMpoStereo, kMpoStereo, large()), first));
  CHECK(is_picture(with(kMpoPrimary, kMpoUndefined, large()), first));
  CHECK(is_picture(with(kMpoUndefined, kMpoUndefined, large()), first));
  // Two cannot be the primary one.
  CHECK(is_picture(with(kMpoPrimary, kMpoPrimary, large()), first));
}

TEST_CASE("decode: a larger version counts if it is called the primary one") {
  const MpoOptions options{.big_endian = GENERATE(false, true)};
  const int orientation = GENERATE(1, 6);
  const std::string file = write_mpo({{kMpoThumbnail, small(orientation)},
                                      {kMpoStereo, small(orientation)},
                                      {kMpoPrimary, large(orientation)}},
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
      decode_ok(write_mpo({{kMpoThumbnail, first}, {kMpoPrimary, second}}))
          .info;
  CHECK(info.width == 320);
  CHECK(info.taken_at == "2020-02-02T02:02:02");
  CHECK(info.metadata.camera_make == "First");
  CHECK(info.metadata.camera_model == "Large");
}

TEST_CASE("decode: what an index calls primary has to show the same") {
  const std::string first = small();
  const auto is_first = [&](const std::string& second,
                            const MpoOptions& options = {}) {
    return is_picture(
        write_mpo({{kMpoThumbnail, first}, {kMpoPrimary, second}}, options),
        first);
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
      write_mpo({{kMpoThumbnail, small()}, {kMpoPrimary, large()}});
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
