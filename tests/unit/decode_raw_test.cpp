// Reads DNGs that are written here, byte by byte.
#if VAM_RAW_BUILT
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "decoding.hpp"
#include "dng_writer.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;

TEST_CASE("decode: RAW without preview is developed in half size") {
  const Decoded decoded = decode_ok(write_dng());
  CHECK(decoded.info == PictureInfo{.format = Format::raw,
                                    .width = 160,
                                    .height = 120,
                                    .orientation = kUpright,
                                    .taken_at = "2019-02-28T23:59:58",
                                    .metadata = {.camera_make = "Maker",
                                                 .camera_model = "Model",
                                                 .rating = 3}});
  CHECK(decoded.image.width == 80);
  CHECK(decoded.image.height == 60);
  const std::uint8_t* middle = decoded.image.row(30);
  CHECK(middle[10] + 20 < middle[40]);
  CHECK(decoded.image.row(5)[20] < decoded.image.row(55)[20]);
}

TEST_CASE("decode: RAW in every orientation, turned once") {
  const Image stored = decode_ok(write_dng()).image;
  const unsigned orientation = GENERATE(1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U);
  const Decoded decoded = decode_ok(write_dng({.orientation = orientation}));
  CHECK(decoded.info.orientation == orientation);
  CHECK(decoded.info.width == (orientation >= 5 ? 120U : 160U));
  CHECK(decoded.image ==
        oriented(stored, static_cast<Orientation>(orientation)));
}

TEST_CASE("decode: a large preview stands for RAW, turned once") {
  const std::string preview = write_jpeg({.width = 800, .height = 600});
  const Image shown = decode(bytes_of(preview))->image;
  const unsigned orientation = GENERATE(1U, 3U, 6U, 8U);
  const Decoded decoded =
      decode_ok(write_dng({.orientation = orientation, .preview = preview}));
  CHECK(decoded.info.format == Format::raw);
  CHECK(decoded.info.width == (orientation >= 5 ? 120U : 160U));
  CHECK(decoded.image ==
        oriented(shown, static_cast<Orientation>(orientation)));
}

TEST_CASE("decode: a preview says of RAW what the RAW does not") {
  const std::string preview = write_jpeg(
      {.width = 800, .height = 600, .exif = full_exif(), .with_exif = true});
  PhotoMetadata expected = full_metadata();
  expected.camera_make = "Maker";
  expected.camera_model = "Model";
  expected.rating = 3;
  const Decoded decoded = decode_ok(write_dng({.preview = preview}));
  CHECK((decoded.info.metadata == expected));
}

TEST_CASE("decode: the orientation of a preview is not added on top") {
  // Stored as the sensor is; its own tag says the same as the RAW's.
  const std::string preview = write_jpeg({.width = 600,
                                          .height = 800,
                                          .exif = {.orientation = 6},
                                          .with_exif = true});
  const Image shown = decode(bytes_of(preview))->image;
  CHECK(decode_ok(write_dng({.orientation = 6, .preview = preview})).image ==
        shown);
}

TEST_CASE("decode: small previews and those of another shape are passed over") {
  const Image developed = decode_ok(write_dng()).image;
  const std::string preview =
      GENERATE(write_jpeg({.width = 320, .height = 240}),
               write_jpeg({.width = 800, .height = 800}));
  CHECK(decode_ok(write_dng({.preview = preview})).image == developed);
}

TEST_CASE("decode: RAW that ends early is never a picture") {
  const std::string preview = write_jpeg({.width = 800, .height = 600});
  const std::string file =
      write_dng({.preview = GENERATE_COPY(std::string(), preview)});
  for (std::size_t size = 8; size + 300 < file.size(); size += 97) {
    INFO(size << " of " << file.size() << " bytes");
    CHECK_FALSE(decode(bytes_of(file.substr(0, size))).has_value());
  }
  // The directory stands at the end; here it says that more follows.
  std::string cut = file;
  const std::size_t at =
      cut.find(std::string("\x17\1\4\0\1\0\0\0", 8), file.size() - 500);
  REQUIRE(at != std::string::npos);
  cut[at + 10] = 1;
  const auto decoded = decode(bytes_of(cut));
  REQUIRE_FALSE(decoded.has_value());
  CHECK(decoded.error().code == ErrorCode::truncated);
}

TEST_CASE("decode: whatever is damaged in RAW, there is an outcome") {
  const std::string whole = write_dng({.width = 40, .height = 30});
  const DecodeLimits limits{.max_pixels = 1 << 20, .max_memory_bytes = 1 << 24};
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    std::string file = whole;
    for (auto flips = 1 + random() % 4; flips > 0; --flips) {
      const std::size_t size = 400;  // the directories
      file[file.size() - 1 - random() % size] = static_cast<char>(random());
    }
    const auto decoded = decode(bytes_of(file), limits);
    if (!decoded) CHECK_FALSE(decoded.error().message.empty());
  }
}

TEST_CASE("decode: RAW over a limit is refused") {
  const std::string file = write_dng();
  CHECK(decode(bytes_of(file), {.max_pixels = 160 * 120}).has_value());
  for (const DecodeLimits& limits : {DecodeLimits{.max_pixels = 160 * 120 - 1},
                                     DecodeLimits{.max_memory_bytes = 40000}}) {
    const auto decoded = decode(bytes_of(file), limits);
    REQUIRE_FALSE(decoded.has_value());
    CHECK(decoded.error().code == ErrorCode::too_large);
  }
}
#endif
