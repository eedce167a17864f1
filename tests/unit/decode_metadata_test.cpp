// Camera, place and rating in EXIF blocks, among them hostile ones.
#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>

#include "catch.hpp"
#include "decode/exif.hpp"
#include "decode/tiff_tags.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;
using namespace std::string_literals;

namespace {

PhotoMetadata metadata_of(const ExifOptions& options) {
  const std::string block = make_exif(options);
  const PhotoMetadata metadata = read_exif(bytes_of(block)).metadata;
  // The same directories as those of a TIFF.
  const std::string tiff = block.substr(kExifPrefix.size());
  const auto tags = read_tiff_tags(bytes_of(tiff));
  REQUIRE(tags.has_value());
  CHECK((tags->metadata == metadata));
  return metadata;
}

std::string model_of(const std::string& text) {
  return metadata_of({.model = text}).camera_model;
}

std::optional<GeoPosition> gps_of(const ExifAngleOptions& latitude,
                                  const ExifAngleOptions& longitude) {
  return metadata_of({.latitude = latitude, .longitude = longitude}).gps;
}

bool is_plain(const std::string& text) {
  return text.size() <= kMaxMetadataText &&
         (text.empty() || (text.front() != ' ' && text.back() != ' ')) &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_sane(const PhotoMetadata& metadata) {
  const auto& gps = metadata.gps;
  return is_plain(metadata.camera_make) && is_plain(metadata.camera_model) &&
         is_plain(metadata.software) &&
         (!gps ||
          (std::abs(gps->latitude) <= 90 && std::abs(gps->longitude) <= 180)) &&
         (!metadata.rating || (*metadata.rating >= 0 && *metadata.rating <= 5));
}

}  // namespace

TEST_CASE("decode: metadata of JPEG and PNG") {
  ExifOptions exif = full_exif();
  exif.big_endian = GENERATE(false, true);
  const std::string file =
      GENERATE_COPY(write_jpeg({.exif = exif, .with_exif = true}),
                    write_png({.exif = exif, .with_exif = true}));
  const auto decoded = decode(bytes_of(file));
  REQUIRE(decoded);
  CHECK((decoded->info.metadata == full_metadata()));
}

TEST_CASE("decode: what EXIF does not say is empty") {
  CHECK((metadata_of({.orientation = 6}) == PhotoMetadata{}));
  CHECK((metadata_of({.rating = 0}) == PhotoMetadata{.rating = 0}));
  CHECK((decode(bytes_of(write_jpeg()))->info.metadata == PhotoMetadata{}));
}

TEST_CASE("decode: texts of EXIF are bounded and printable") {
  CHECK(model_of("  EOS 5D  ") == "EOS 5D");
  CHECK(model_of("      ").empty());
  CHECK(model_of("two\0strings"s) == "two");
  CHECK(model_of("\0hidden"s).empty());
  CHECK(model_of("a\x1b[2J\r\n\t\x7f\x80\xff") == "a?[2J??????");
  CHECK(model_of("f\xC3\xBCr") == "f??r");
  CHECK(model_of(std::string(50'000, 'x')) ==
        std::string(kMaxMetadataText, 'x'));
  CHECK(model_of(std::string(900, ' ') + "x" + std::string(500, ' ') + "y") ==
        "x");
}

TEST_CASE("decode: places of EXIF") {
  const ExifAngleOptions north{"N", {50, 1, 30, 1, 0, 1}};
  const ExifAngleOptions west{"W", {7, 1, 4512, 100, 0, 1}};
  CHECK((gps_of(north, west) == GeoPosition{50.5, -7.752}));
  CHECK((gps_of({"S", {90, 1, 0, 1, 0, 1}}, {"E", {180, 1, 0, 1, 0, 1}}) ==
         GeoPosition{-90, 180}));
  CHECK((gps_of({"S", {0, 1, 0, 1, 0, 1}}, {"W", {0, 1, 0, 1, 0, 1}}) ==
         GeoPosition{0, 0}));
  const auto bad = GENERATE(ExifAngleOptions{"", {50, 1, 30, 1, 0, 1}},
                            ExifAngleOptions{"X", {50, 1, 30, 1, 0, 1}},
                            ExifAngleOptions{"E", {50, 1, 30, 1, 0, 1}},
                            ExifAngleOptions{"North", {50, 1, 30, 1, 0, 1}},
                            ExifAngleOptions{"N", {50, 0, 30, 1, 0, 1}},
                            ExifAngleOptions{"N", {50, 1, 0, 0, 0, 1}},
                            ExifAngleOptions{"N", {50, 1, 61, 1, 0, 1}},
                            ExifAngleOptions{"N", {50, 1, 30, 1, 61, 1}},
                            ExifAngleOptions{"N", {90, 1, 0, 1, 1, 1}},
                            ExifAngleOptions{"N", {~0U, 1, 0, 1, 0, 1}},
                            ExifAngleOptions{"N", {50, 1, 30, 1}},
                            ExifAngleOptions{"N", {50, 1, 30, 1, 0, 1, 0, 1}});
  CHECK_FALSE(gps_of(bad, west));
}

TEST_CASE("decode: ratings of EXIF are 0 to 5") {
  for (int rating = 0; rating <= 5; ++rating) {
    CHECK(metadata_of({.rating = rating}).rating == rating);
  }
  CHECK_FALSE(metadata_of({.rating = 6}).rating);
  CHECK_FALSE(metadata_of({.rating = 0xFFFF}).rating);
}

TEST_CASE("decode: whatever is damaged in EXIF, metadata are sane") {
  ExifOptions options = full_exif();
  options.big_endian = GENERATE(false, true);
  const std::string whole = make_exif(options);
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string block = whole;
    for (auto flips = 1 + random() % 4; flips > 0; --flips) {
      block[6 + random() % (block.size() - 6)] = static_cast<char>(random());
    }
    block.resize(block.size() - random() % 3 * random() % block.size());
    REQUIRE(is_sane(read_exif(bytes_of(block)).metadata));
    block.erase(0, 6);
    const auto tags = read_tiff_tags(bytes_of(block));
    if (tags) REQUIRE(is_sane(tags->metadata));
  }
}
