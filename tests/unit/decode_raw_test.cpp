// Reads DNGs that are written here, byte by byte.
#if VAM_RAW_BUILT
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;

namespace {

struct DngOptions {
  unsigned width = 160;
  unsigned height = 120;
  unsigned orientation = 1;
  std::string preview = {};  ///< a JPEG
};

void append(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
}

/// A little-endian directory under construction.
struct Directory {
  struct Entry {
    std::uint32_t tag, type, count;
    std::string values;
  };
  std::vector<Entry> entries = {};

  void number(std::uint32_t tag, int bytes, std::uint32_t value) {
    std::string values;
    append(values, value, bytes);
    entries.push_back({tag, bytes == 2 ? 3U : 4U, 1, values});
  }
  void bytes(std::uint32_t tag, std::uint32_t type, const std::string& values) {
    entries.push_back(
        {tag, type, static_cast<std::uint32_t>(values.size()), values});
  }
  std::size_t size() const { return 2 + entries.size() * 12 + 4; }

  /// The directory as it is at this place of the file, values behind it.
  std::string at(std::size_t place) const {
    std::string out;
    std::string values;
    append(out, static_cast<std::uint32_t>(entries.size()), 2);
    for (const Entry& entry : entries) {
      append(out, entry.tag, 2);
      append(out, entry.type, 2);
      append(out, entry.count, 4);
      if (entry.values.size() <= 4) {
        out += entry.values + std::string(4 - entry.values.size(), '\0');
      } else {
        append(out, static_cast<std::uint32_t>(place + size() + values.size()),
               4);
        values += entry.values;
        if (values.size() % 2 != 0) values += '\0';
      }
    }
    append(out, 0, 4);
    return out + values;
  }
};

/// Light at a place of the stored raster: three corners differ from the first.
unsigned light_at(unsigned x, unsigned y, const DngOptions& options) {
  return 2000 + 40000 * x / options.width + 20000 * y / options.height;
}

/// One directory: the sensor data; behind it, in another, the preview.
std::string write_dng(const DngOptions& options = {}) {
  std::string sensor;
  for (unsigned y = 0; y < options.height; ++y) {
    for (unsigned x = 0; x < options.width; ++x) {
      append(sensor, light_at(x, y, options), 2);
    }
  }
  const std::size_t preview_at = 8;
  const std::size_t sensor_at =
      preview_at + options.preview.size() + options.preview.size() % 2;
  const std::size_t exif_at = sensor_at + sensor.size();
  Directory exif;
  exif.bytes(36867, 2, std::string("2019:02:28 23:59:58\0", 20));
  const std::string exif_bytes = exif.at(exif_at);
  const std::size_t sub_at = exif_at + exif_bytes.size();
  Directory sub;
  std::string sub_bytes;
  if (!options.preview.empty()) {
    sub.number(254, 4, 1);
    sub.number(256, 4, 800);
    sub.number(257, 4, 600);
    sub.bytes(258, 3, "");
    sub.entries.back() = {258, 3, 3, std::string("\10\0\10\0\10\0", 6)};
    sub.number(259, 2, 7);
    sub.number(262, 2, 6);
    sub.number(273, 4, static_cast<std::uint32_t>(preview_at));
    sub.number(277, 2, 3);
    sub.number(278, 4, 600);
    sub.number(279, 4, static_cast<std::uint32_t>(options.preview.size()));
    sub_bytes = sub.at(sub_at);
  }
  const std::size_t main_at = sub_at + sub_bytes.size();
  Directory main;
  main.number(254, 4, 0);
  main.number(256, 4, options.width);
  main.number(257, 4, options.height);
  main.number(258, 2, 16);
  main.number(259, 2, 1);
  main.number(262, 2, 32803);
  main.bytes(271, 2, std::string("Maker\0", 6));
  main.bytes(272, 2, std::string("Model\0", 6));
  main.number(273, 4, static_cast<std::uint32_t>(sensor_at));
  main.number(274, 2, options.orientation);
  main.number(277, 2, 1);
  main.number(278, 4, options.height);
  main.number(279, 4, static_cast<std::uint32_t>(sensor.size()));
  if (!sub_bytes.empty()) {
    main.number(330, 4, static_cast<std::uint32_t>(sub_at));
  }
  main.number(18246, 2, 3);
  main.entries.push_back({33421, 3, 2, std::string("\2\0\2\0", 4)});
  main.bytes(33422, 1, std::string("\0\1\1\2", 4));
  main.number(34665, 4, static_cast<std::uint32_t>(exif_at));
  main.bytes(50706, 1, std::string("\1\4\0\0", 4));
  main.bytes(50708, 2, std::string("Maker Model\0", 12));
  std::string file("II*\0", 4);
  append(file, static_cast<std::uint32_t>(main_at), 4);
  file += options.preview;
  file.resize(sensor_at);
  return file + sensor + exif_bytes + sub_bytes + main.at(main_at);
}

Decoded decode_ok(const std::string& file) {
  const auto decoded = decode(bytes_of(file));
  INFO((decoded ? "" : decoded.error().message));
  REQUIRE(decoded.has_value());
  return *decoded;
}

}  // namespace

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
