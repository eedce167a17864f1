#include "decode/jpeg_dc.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "decode/decoders.hpp"
#include "jpeg_dc_check.hpp"
#include "jpeg_variants.hpp"

using namespace vam;

namespace {

constexpr DcChunks kSmallChunks = {.bytes = DcChunks::kMinBytes,
                                   .bytes_for_two = 64};

bool is_sure(DcOutcome outcome) {
  return outcome != DcOutcome::differs && outcome != DcOutcome::too_lenient;
}

void check_agrees(const std::string& file) {
  CHECK(check_dc(bytes_of(file)) == DcOutcome::agrees);
  CHECK(check_dc(bytes_of(file), kSmallChunks) == DcOutcome::agrees);
}

void check_left_alone(const std::string& file) {
  CHECK(check_dc(bytes_of(file)) == DcOutcome::left_alone);
}

}  // namespace

TEST_CASE("jpeg_dc: coefficients and samples are those of libjpeg") {
  JpegOptions options = GENERATE(from_range(usual_samplings()));
  options.restart_interval = GENERATE(0U, 1U, 5U);
  options.optimised_tables = GENERATE(false, true);
  for (const int quality : {1, 30, 75, 95, 100}) {
    options.quality = quality;
    // Padding of every width, one block to many, several chunks.
    for (const int side : {1, 7, 8, 9, 33, 65, 250}) {
      options.width = side;
      options.height = 2 * side + 3;
      INFO("quality " << quality << ", " << side << " wide");
      check_agrees(write_jpeg(options));
    }
  }
}

TEST_CASE("jpeg_dc: every quality") {
  JpegOptions options{.width = 150, .height = 130, .pattern = noise_at};
  options.luma_h = options.luma_v = 2;
  for (options.quality = 1; options.quality <= 100; ++options.quality) {
    INFO(options.quality);
    check_agrees(write_jpeg(options));
  }
}

TEST_CASE("jpeg_dc: other components") {
  JpegOptions options{.width = 201, .height = 163, .pattern = noise_at};
  SECTION("grey, where sampling factors mean nothing") {
    options.colour = JpegColour::grey;
    options.luma_h = GENERATE(1, 2);
    options.luma_v = GENERATE(1, 2);
  }
  SECTION("RGB") { options.colour = JpegColour::rgb; }
  SECTION("four") { options.colour = JpegColour::cmyk; }
  SECTION("more chroma than luma") { options.chroma_h = 2; }
  check_agrees(write_jpeg(options));
}

TEST_CASE("jpeg_dc: long runs of the same") {
  JpegOptions options{.width = 1500, .height = 1100};
  options.optimised_tables = GENERATE(false, true);
  SECTION("nothing but ends of blocks") {
    options.pattern = [](int, int, int, int) { return Rgba{90, 90, 90}; };
  }
  SECTION("largest differences") {
    options.pattern = [](int x, int y, int, int) {
      const unsigned level = (x / 8 + y / 8) % 2 == 0 ? 0 : 255;
      return Rgba{level, level, level};
    };
    options.quality = 100;
  }
  check_agrees(write_jpeg(options));
}

TEST_CASE("jpeg_dc: what is left to libjpeg") {
  JpegOptions options{.width = 64, .height = 48, .pattern = noise_at};
  SECTION("progressive") { options.scans = JpegScans::progressive; }
  SECTION("a scan per component") { options.scans = JpegScans::per_component; }
  SECTION("arithmetic coding") { options.arithmetic = true; }
  check_left_alone(write_jpeg(options));
}

TEST_CASE("jpeg_dc: the end marker must follow the last block") {
  const std::string file =
      write_jpeg({.restart_interval = GENERATE(0U, 4U), .pattern = noise_at});
  const std::string picture = file.substr(0, file.size() - 2);
  check_agrees(file);
  check_agrees(file + "what follows does not matter");
  check_left_alone(picture);
  check_left_alone(picture + "\xFF\xD8");
  check_left_alone(picture + "\xFF\xFF\xD9");
  check_left_alone(picture + std::string(1, '\0') + "\xFF\xD9");
  check_left_alone(picture + "\xFF\xD0\xFF\xD9");
}

TEST_CASE("jpeg_dc: a file that ends early is left to libjpeg") {
  for (const std::string& file : small_jpeg_variants()) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      INFO(size << " of " << file.size() << " bytes");
      const DcOutcome outcome = check_dc(bytes_of(file.substr(0, size)));
      REQUIRE((outcome == DcOutcome::left_alone ||
               outcome == DcOutcome::no_picture));
    }
  }
}

TEST_CASE("jpeg_dc: damage is left to libjpeg, or is none") {
  for (const std::string& file : small_jpeg_variants()) {
    const std::size_t step = 1 + file.size() / 400;
    for (std::size_t at = 2; at < file.size(); at += step) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        std::string damaged = file;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        INFO("byte " << at << " of " << file.size());
        REQUIRE(is_sure(check_dc(bytes_of(damaged), kSmallChunks)));
      }
    }
  }
}

TEST_CASE("jpeg_dc: restart markers must be the right ones") {
  const std::string file =
      write_jpeg({.restart_interval = 2, .pattern = noise_at});
  const std::size_t marker = file.find("\xFF\xD1");
  REQUIRE(marker != std::string::npos);
  std::string damaged = file;
  SECTION("another number") { damaged[marker + 1] = '\xD2'; }
  SECTION("none") { damaged.erase(marker, 2); }
  SECTION("one too many") { damaged.insert(marker, "\xFF\xD1"); }
  SECTION("bytes before it") { damaged.insert(marker, "lost"); }
  SECTION("fill bytes before it") { damaged.insert(marker, "\xFF"); }
  check_left_alone(damaged);
}

TEST_CASE("jpeg_dc: tables that are not there are left to libjpeg") {
  std::string file = write_jpeg();
  const std::size_t frame = file.find("\xFF\xC0");
  const std::size_t scan = file.find("\xFF\xDA");
  REQUIRE(frame != std::string::npos);
  REQUIRE(scan != std::string::npos);
  // The first component's in the frame header, then those in the scan header.
  SECTION("quantisation") { file[frame + 12] = GENERATE('\3', '\4', '\xBD'); }
  SECTION("DC codes") { file[scan + 6] = GENERATE('\x20', '\x40', '\xF0'); }
  SECTION("AC codes") { file[scan + 6] = GENERATE('\2', '\4', '\xF'); }
  check_left_alone(file);
}

TEST_CASE("jpeg_dc: samples that no encoder makes are left to libjpeg") {
  DcPlane plane{.width = 2,
                .height = 1,
                .stride = 3,
                .quantiser = 8,
                .values = {-128, 127, 9999}};
  REQUIRE(samples_of(plane));
  CHECK(samples_of(plane)->pixels == std::vector<std::uint8_t>{0, 255});
  plane.values = {-512, 511, 9999};
  CHECK(samples_of(plane)->pixels == std::vector<std::uint8_t>{0, 255});
  plane.values = {-513, 0, 0};
  CHECK_FALSE(samples_of(plane));
  plane.values = {0, 512, 0};
  CHECK_FALSE(samples_of(plane));
}

// Pictures so large that they come out at 1/8 scale.

TEST_CASE("jpeg_dc: a decoded photo is what libjpeg alone makes of it") {
  JpegOptions options{.width = 2100, .height = 2048, .quality = 80};
  options.exif.orientation = 6;
  options.with_exif = true;
  options.pattern = [](int x, int y, int width, int height) {
    return noise_at(x / 4, y / 4, width, height);
  };
  SECTION("4:2:0") { options.luma_h = options.luma_v = 2; }
  SECTION("4:2:2, restart markers") {
    options.luma_h = 2;
    options.restart_interval = 66;
  }
  SECTION("grey") { options.colour = JpegColour::grey; }
  SECTION("colour channels") { options.colour = JpegColour::rgb; }
  SECTION("more chroma than luma") { options.chroma_v = 2; }
  const std::string file = write_jpeg(options);
  check_agrees(file);
  const auto decoded = decode(bytes_of(file));
  const auto expected = decode_jpeg_by_libjpeg(bytes_of(file), {});
  REQUIRE(decoded.has_value());
  REQUIRE(expected.has_value());
  CHECK(decoded->info == expected->info);
  CHECK(decoded->image == expected->image);
  CHECK(decoded->chroma == expected->chroma);
}

TEST_CASE("jpeg_dc: a damaged photo fares as with libjpeg alone") {
  JpegOptions options{.width = 2064, .height = 2048, .quality = 20};
  options.luma_h = options.luma_v = 2;
  options.restart_interval = GENERATE(0U, 129U);
  const std::string file = write_jpeg(options);
  const auto check_same = [](const std::string& damaged) {
    const auto decoded = decode(bytes_of(damaged));
    const auto expected = decode_jpeg_by_libjpeg(bytes_of(damaged), {});
    REQUIRE(decoded.has_value() == expected.has_value());
    if (decoded) {
      CHECK(decoded->image == expected->image);
      CHECK(decoded->chroma == expected->chroma);
    } else {
      CHECK(decoded.error().code == expected.error().code);
      CHECK(decoded.error().message == expected.error().message);
    }
  };
  for (std::size_t size = file.size() - 4; size <= file.size(); ++size) {
    INFO(size << " of " << file.size() << " bytes");
    check_same(file.substr(0, size));
  }
  for (std::size_t at = file.size() / 50; at < file.size();
       at += file.size() / 25) {
    INFO("byte " << at << " of " << file.size());
    check_same(file.substr(0, at));
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    check_same(damaged);
  }
}
