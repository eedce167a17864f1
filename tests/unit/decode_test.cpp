#include "vam/decode.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "decoding.hpp"
#include "picture_writer.hpp"
#include "quarters.hpp"

using namespace vam;
using namespace std::string_literals;

namespace {

/// The largest difference between a raster and the pattern of a picture of
/// this size, looked at where the middle of each pixel of the raster is.
int error_against_pattern(const Image& image, int width, int height) {
  int worst = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      Rgba colour =
          pattern_at((2 * x + 1) * width / (2 * image.width),
                     (2 * y + 1) * height / (2 * image.height), width, height);
      colour.alpha = 255;
      worst =
          std::max(worst, std::abs(image.row(y)[x] - luma_over_white(colour)));
    }
  }
  return worst;
}

/// The largest difference between two rasters of one size.
int difference(const Image& a, const Image& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  int worst = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    worst = std::max(worst, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return worst;
}

void check_jpeg(const JpegOptions& options, int tolerance = 3) {
  const Decoded decoded = decode_ok(write_jpeg(options));
  CHECK(decoded.info.format == Format::jpeg);
  CHECK(decoded.info.width == static_cast<unsigned>(options.width));
  CHECK(decoded.info.height == static_cast<unsigned>(options.height));
  CHECK(decoded.image.width == options.width);
  CHECK(decoded.image.height == options.height);
  CHECK(error_against_pattern(decoded.image, options.width, options.height) <=
        tolerance);
}

std::string taken_at(const ExifOptions& exif) {
  return decode_ok(write_jpeg({.exif = exif, .with_exif = true})).info.taken_at;
}

/// The file with its scan (from its SOS marker to the next marker that is
/// neither a restart nor a stuffed byte) repeated.
std::string with_last_scan_repeated(const std::string& file, int times) {
  const std::size_t begin = file.rfind("\xFF\xDA");
  const std::size_t end = file.rfind("\xFF\xD9");
  std::string result = file.substr(0, end);
  for (int i = 0; i < times; ++i) result += file.substr(begin, end - begin);
  return result + file.substr(end);
}

/// The height and width fields of a JPEG's frame header (SOF0 to SOF2).
std::string with_declared_size(std::string file, unsigned width,
                               unsigned height) {
  const std::size_t at = std::min({file.find(std::string("\xFF\xC0\0", 3)),
                                   file.find(std::string("\xFF\xC2\0", 3))});
  REQUIRE(at != std::string::npos);
  file[at + 5] = static_cast<char>(height >> 8U);
  file[at + 6] = static_cast<char>(height & 0xFFU);
  file[at + 7] = static_cast<char>(width >> 8U);
  file[at + 8] = static_cast<char>(width & 0xFFU);
  return file;
}

}  // namespace

TEST_CASE("decode: memory is reserved before it is allocated") {
  for (const std::string& file : {write_jpeg(), write_png()}) {
    DecodeLimits limits;
    std::vector<std::uint64_t> reserved;
    limits.reserve = [&](std::uint64_t bytes) { reserved.push_back(bytes); };
    REQUIRE(decode(bytes_of(file), limits));
    REQUIRE(reserved.size() == 1);
    CHECK(reserved[0] > 0);
    limits.max_memory_bytes = reserved[0] - 1;
    CHECK(decode(bytes_of(file), limits).error().code == ErrorCode::too_large);
    CHECK(reserved.size() == 1);
  }
}

TEST_CASE("decode: a side may be long, but not endless") {
  DecodeLimits limits;
  limits.max_side = 64;
  CHECK(decode(bytes_of(write_png()), limits));
  limits.max_side = 63;
  CHECK(decode(bytes_of(write_png()), limits).error().code ==
        ErrorCode::too_large);
}

TEST_CASE("decode: JPEG in every coding") {
  JpegOptions options;
  options.scans = GENERATE(JpegScans::one, JpegScans::progressive,
                           JpegScans::per_component);
  options.arithmetic = GENERATE(false, true);
  options.restart_interval = GENERATE(0U, 3U);
  check_jpeg(options);
}

TEST_CASE("decode: JPEG in every sampling") {
  JpegOptions options;
  options.luma_h = GENERATE(1, 2, 3, 4);
  options.luma_v = GENERATE(1, 2, 4);
  options.width = GENERATE(61, 64);
  options.height = 45;
  if (options.luma_h * options.luma_v <= 8) check_jpeg(options);
}

TEST_CASE("decode: JPEG with more chroma than luma samples") {
  check_jpeg({.chroma_h = 2, .chroma_v = 1}, 6);
  check_jpeg({.chroma_h = 2, .chroma_v = 2}, 6);
}

TEST_CASE("decode: JPEG in every colour space") {
  JpegOptions options;
  options.colour =
      GENERATE(JpegColour::grey, JpegColour::rgb, JpegColour::ycbcr,
               JpegColour::cmyk, JpegColour::ycck);
  options.scans = GENERATE(JpegScans::one, JpegScans::progressive);
  check_jpeg(options, 4);
}

TEST_CASE("decode: CMYK without an Adobe marker counts as inverted, too") {
  check_jpeg({.colour = JpegColour::cmyk, .adobe_marker = false}, 4);
}

TEST_CASE("decode: JPEG is reduced to a short side of 256 or more") {
  struct Case {
    int width, height, reduced_width, reduced_height;
  };
  const auto size = GENERATE(
      Case{2100, 2060, 263, 258}, Case{2048, 2041, 256, 256},
      Case{2040, 2040, 510, 510}, Case{600, 520, 300, 260},
      Case{510, 510, 510, 510}, Case{2000, 100, 2000, 100}, Case{1, 1, 1, 1});
  const JpegColour colour = GENERATE(JpegColour::ycbcr, JpegColour::ycck);
  const Decoded decoded = decode_ok(write_jpeg(
      {.width = size.width, .height = size.height, .colour = colour}));
  CHECK(decoded.info.width == static_cast<unsigned>(size.width));
  CHECK(decoded.info.height == static_cast<unsigned>(size.height));
  CHECK(decoded.image.width == size.reduced_width);
  CHECK(decoded.image.height == size.reduced_height);
  CHECK(error_against_pattern(decoded.image, size.width, size.height) <= 4);
}

TEST_CASE("decode: JPEG in every orientation gives the upright raster") {
  ExifOptions exif;
  exif.orientation = GENERATE(range(1, 9));
  exif.big_endian = GENERATE(false, true);
  exif.orientation_long = GENERATE(false, true);
  const JpegOptions options{.exif = exif, .with_exif = true};
  check_jpeg(options);
  CHECK(decode_ok(write_jpeg(options)).info.orientation == exif.orientation);
}

TEST_CASE("decode: JPEG shows its chroma in every sampling and size") {
  JpegOptions options{.pattern = quarters};
  options.luma_h = GENERATE(1, 2, 3, 4);
  options.luma_v = GENERATE(1, 2, 4);
  if (options.luma_h * options.luma_v > 8) return;
  const auto [width, height] =
      GENERATE(std::pair{64, 48}, std::pair{61, 45}, std::pair{161, 127},
               std::pair{320, 241}, std::pair{530, 515}, std::pair{700, 1030});
  options.width = width;
  options.height = height;
  options.scans = GENERATE(JpegScans::one, JpegScans::per_component);
  const Chroma chroma = decode_ok(write_jpeg(options)).chroma;
  check_quarters(chroma);
  CHECK(std::max(chroma.blue.width, chroma.blue.height) <= 32);
  const int samples = std::min(width / options.luma_h, height / options.luma_v);
  CHECK(std::min(chroma.blue.width, chroma.blue.height) >=
        std::min(samples, 15));
}

TEST_CASE("decode: JPEG shows its chroma in every coding and colour space") {
  JpegOptions options{.pattern = quarters};
  options.colour = GENERATE(JpegColour::rgb, JpegColour::ycbcr,
                            JpegColour::cmyk, JpegColour::ycck);
  options.scans = GENERATE(JpegScans::one, JpegScans::progressive);
  options.arithmetic = GENERATE(false, true);
  options.width = GENERATE(60, 530);
  options.height = 520;
  check_quarters(decode_ok(write_jpeg(options)).chroma);
}

TEST_CASE("decode: JPEG with more chroma than luma samples has chroma, too") {
  JpegOptions options{.pattern = quarters};
  options.chroma_h = 2;
  options.chroma_v = GENERATE(1, 2);
  check_quarters(decode_ok(write_jpeg(options)).chroma);
}

TEST_CASE("decode: JPEG of one pixel has a chroma of one") {
  const Chroma chroma = decode_ok(write_jpeg({.width = 1, .height = 1})).chroma;
  CHECK(chroma.blue.pixels.size() == 1);
  CHECK(chroma.red.pixels.size() == 1);
}

TEST_CASE("decode: grey JPEG has no chroma") {
  CHECK(decode_ok(write_jpeg({.colour = JpegColour::grey})).chroma == Chroma());
}

TEST_CASE("decode: the chroma of a JPEG is upright") {
  JpegOptions options{.with_exif = true, .pattern = quarters};
  options.exif.orientation = GENERATE(range(1, 9));
  options.luma_h = GENERATE(1, 2);
  check_quarters(decode_ok(write_jpeg(options)).chroma);
}

TEST_CASE("decode: an orientation that does not exist counts as upright") {
  const int orientation = GENERATE(0, 9, 255, 65535);
  const Decoded decoded = decode_ok(
      write_jpeg({.exif = {.orientation = orientation}, .with_exif = true}));
  CHECK(decoded.info.orientation == kUpright);
}

TEST_CASE("decode: of several EXIF segments the first counts") {
  const std::string with_3 =
      write_jpeg({.exif = {.orientation = 3}, .with_exif = true});
  const std::string exif_6 = make_exif({.orientation = 6});
  std::string segment = "\xFF\xE1";
  segment += static_cast<char>((exif_6.size() + 2) >> 8U);
  segment += static_cast<char>((exif_6.size() + 2) & 0xFFU);
  segment += exif_6;
  const std::string both = with_3.substr(0, 2) + segment + with_3.substr(2);
  CHECK(decode_ok(both).info.orientation == 6);
}

TEST_CASE("decode: EXIF time") {
  const std::string time = "2019:02:28 23:59:58";
  CHECK(taken_at({.taken_at = time}) == "2019-02-28T23:59:58");
  CHECK(taken_at({.taken_at = time, .fraction = "04"}) ==
        "2019-02-28T23:59:58.04");
  CHECK(taken_at({.taken_at = time, .fraction = "123456   "}) ==
        "2019-02-28T23:59:58.123456");
  CHECK(taken_at({.taken_at = time, .utc_offset = "-03:30"}) ==
        "2019-02-28T23:59:58-03:30");
  CHECK(taken_at({.big_endian = true,
                  .taken_at = time,
                  .fraction = "5",
                  .utc_offset = "+14:00"}) == "2019-02-28T23:59:58.5+14:00");
  CHECK(taken_at({.taken_at = "2020:02:29 00:00:00"}) == "2020-02-29T00:00:00");
}

TEST_CASE("decode: EXIF time that is none") {
  const auto* time = GENERATE(
      "", "0000:00:00 00:00:00", "    :  :     :  :  ", "2019:02:29 12:00:00",
      "2019:13:01 12:00:00", "2019:12:00 12:00:00", "2019:12:32 12:00:00",
      "2019:12:01 24:00:00", "2019:12:01 12:60:00", "2019:12:01 12:00:60",
      "2019:12:01 12:00", "2019:12:01 12:00:00Z", "2O19:12:01 12:00:00",
      "2019-12-01 12:00:00", "2019:12:01T12:00:00", "-019:12:01 12:00:00");
  CHECK(taken_at({.taken_at = time}).empty());
}

TEST_CASE("decode: fractions and offsets that are none are left out") {
  const std::string time = "2019:02:28 23:59:58";
  const std::string iso = "2019-02-28T23:59:58";
  CHECK(taken_at({.taken_at = time, .fraction = "  "}) == iso);
  CHECK(taken_at({.taken_at = time, .fraction = "1x"}) == iso);
  CHECK(taken_at({.taken_at = time, .fraction = "1234567890"}) == iso);
  CHECK(taken_at({.taken_at = time, .utc_offset = "+24:00"}) == iso);
  CHECK(taken_at({.taken_at = time, .utc_offset = "+01:60"}) == iso);
  CHECK(taken_at({.taken_at = time, .utc_offset = "   :  "}) == iso);
  CHECK(taken_at({.fraction = "5", .utc_offset = "+01:00"}).empty());
}

TEST_CASE("decode: broken EXIF costs its facts, not the picture") {
  const std::string whole =
      write_jpeg({.exif = {.orientation = 6, .taken_at = "2019:02:28 23:59:58"},
                  .with_exif = true});
  const std::size_t begin = whole.find("Exif");
  const std::size_t size =
      make_exif({.orientation = 6, .taken_at = "2019:02:28 23:59:58"}).size();
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string file = whole;
    for (int flips = 0; flips < 3; ++flips) {
      file[begin + random() % size] = static_cast<char>(random());
    }
    REQUIRE(decode(bytes_of(file)).has_value());
  }
}

TEST_CASE("decode: PNG of every kind shows the exact luma") {
  struct Kind {
    PngColour colour;
    int bit_depth;
    bool transparency;
  };
  const auto kind = GENERATE(
      Kind{PngColour::grey, 1, false}, Kind{PngColour::grey, 2, false},
      Kind{PngColour::grey, 4, false}, Kind{PngColour::grey, 8, false},
      Kind{PngColour::grey, 16, false}, Kind{PngColour::grey_alpha, 8, false},
      Kind{PngColour::grey_alpha, 16, false},
      Kind{PngColour::palette, 1, false}, Kind{PngColour::palette, 2, false},
      Kind{PngColour::palette, 4, false}, Kind{PngColour::palette, 8, false},
      Kind{PngColour::palette, 1, true}, Kind{PngColour::palette, 8, true},
      Kind{PngColour::rgb, 8, false}, Kind{PngColour::rgb, 16, false},
      Kind{PngColour::rgba, 8, false}, Kind{PngColour::rgba, 16, false});
  PngOptions options;
  options.colour = kind.colour;
  options.bit_depth = kind.bit_depth;
  options.transparency = kind.transparency;
  options.interlaced = GENERATE(false, true);
  const Decoded decoded = decode_ok(write_png(options));
  CHECK(decoded.info.format == Format::png);
  CHECK(decoded.info.width == 64);
  CHECK(decoded.info.height == 48);
  // Of alpha pictures, the reference blends grey as three equal colours.
  CHECK(difference(decoded.image, luma_of_png(options)) <= 1);
}

TEST_CASE("decode: PNG of every kind shows its chroma") {
  PngOptions options{.pattern = quarters};
  options.colour = GENERATE(PngColour::rgb, PngColour::rgba);
  options.bit_depth = GENERATE(8, 16);
  options.interlaced = GENERATE(false, true);
  options.with_exif = true;
  options.exif.orientation = GENERATE(1, 6);
  options.width = GENERATE(64, 700);
  check_quarters(decode_ok(write_png(options)).chroma, 1);
  options.colour = PngColour::palette;
  options.bit_depth = 8;
  CHECK(decode_ok(write_png(options)).chroma.blue.width >= 32);
  options.colour = GENERATE(PngColour::grey, PngColour::grey_alpha);
  CHECK(decode_ok(write_png(options)).chroma == Chroma());
}

TEST_CASE("decode: chroma fades to white as alpha does") {
  PngOptions options{.colour = PngColour::rgba};
  options.pattern = [](int, int, int, int) { return Rgba{255, 0, 0, 0}; };
  const Chroma none = decode_ok(write_png(options)).chroma;
  CHECK(none.blue.row(3)[3] == 128);
  CHECK(none.red.row(3)[3] == 128);
  options.pattern = [](int, int, int, int) { return Rgba{255, 0, 0, 128}; };
  const Chroma half = decode_ok(write_png(options)).chroma;
  CHECK(std::abs(half.blue.row(3)[3] - (128 - 22)) <= 1);
  CHECK(std::abs(half.red.row(3)[3] - (128 + 64)) <= 1);
}

TEST_CASE("decode: a transparent PNG is white") {
  const std::string file = write_png({.colour = PngColour::rgba});
  const Image image = decode_ok(file).image;
  const Image opaque = decode_ok(write_png({.colour = PngColour::rgb})).image;
  CHECK(image.row(0)[0] > opaque.row(0)[0]);
  CHECK(image.row(47)[0] > opaque.row(47)[0] + 30);
}

TEST_CASE("decode: PNG is reduced to a short side of 256 or more") {
  struct Case {
    int width, height, reduced_width, reduced_height;
  };
  const auto size =
      GENERATE(Case{1025, 600, 513, 300}, Case{511, 700, 511, 700},
               Case{771, 770, 257, 257}, Case{2000, 5, 2000, 5});
  const Image image =
      decode_ok(write_png({.width = size.width, .height = size.height})).image;
  CHECK(image.width == size.reduced_width);
  CHECK(image.height == size.reduced_height);
  CHECK(error_against_pattern(image, size.width, size.height) <= 2);
}

TEST_CASE("decode: interlaced PNG equals the same one not interlaced") {
  PngOptions options;
  options.width = GENERATE(1, 2, 3, 4, 5, 8, 9, 64, 1030);
  options.height = GENERATE(1, 2, 3, 4, 5, 8, 9, 520);
  options.colour = GENERATE(PngColour::palette, PngColour::rgba);
  const Image image = decode_ok(write_png(options)).image;
  options.interlaced = true;
  CHECK(decode_ok(write_png(options)).image == image);
}

TEST_CASE("decode: PNG in every orientation gives the upright raster") {
  PngOptions options;
  options.with_exif = true;
  options.exif.orientation = GENERATE(range(1, 9));
  options.exif.taken_at = "2019:02:28 23:59:58";
  options.exif_behind_pixels = GENERATE(false, true);
  options.interlaced = GENERATE(false, true);
  const Decoded decoded = decode_ok(write_png(options));
  CHECK(decoded.info.orientation == options.exif.orientation);
  CHECK(decoded.info.taken_at == "2019-02-28T23:59:58");
  CHECK(decoded.info.width == 64);
  CHECK(decoded.info.height == 48);
  CHECK(decoded.image == luma_of_png(options));
}

TEST_CASE("decode: a JPEG that ends early is never a picture") {
  JpegOptions options{.width = 40, .height = 30};
  options.scans = GENERATE(JpegScans::one, JpegScans::progressive,
                           JpegScans::per_component);
  options.arithmetic = GENERATE(false, true);
  options.restart_interval = GENERATE(0U, 2U);
  const std::string file = write_jpeg(options);
  // Without its end marker alone, a picture is whole, unless it is arithmetic
  // coded, where only the marker tells.
  const std::size_t whole = options.arithmetic ? file.size() : file.size() - 2;
  for (std::size_t size = 0; size < whole; ++size) {
    INFO(size << " of " << file.size() << " bytes");
    const Error error = decode_error(file.substr(0, size));
    CHECK(error.code ==
          (size < 3 ? ErrorCode::not_a_picture : ErrorCode::truncated));
  }
  const Image image = decode_ok(file).image;
  for (std::size_t size = whole; size < file.size(); ++size) {
    CHECK(decode_ok(file.substr(0, size)).image == image);
  }
}

TEST_CASE("decode: a PNG that ends early is never a picture") {
  PngOptions options{.width = 40, .height = 30};
  options.interlaced = GENERATE(false, true);
  const std::string file = write_png(options);
  for (std::size_t size = 0; size < file.size(); ++size) {
    INFO(size << " of " << file.size() << " bytes");
    const Error error = decode_error(file.substr(0, size));
    CHECK(error.code ==
          (size < 8 ? ErrorCode::not_a_picture : ErrorCode::truncated));
  }
}

TEST_CASE("decode: an end marker before the end of the picture") {
  const std::string file = write_jpeg();
  const std::string cut = file.substr(0, file.size() * 2 / 3) + "\xFF\xD9";
  CHECK(decode_error(cut).code == ErrorCode::truncated);
}

TEST_CASE("decode: data behind the picture do not matter") {
  const std::string jpeg = write_jpeg();
  CHECK(decode_ok(jpeg + jpeg).image == decode_ok(jpeg).image);
  CHECK(decode_ok(jpeg + std::string(5000, '\xFF')).image ==
        decode_ok(jpeg).image);
  const std::string png = write_png();
  CHECK(decode_ok(png + png).image == decode_ok(png).image);
}

TEST_CASE("decode: a motion photo is its JPEG, not its film") {
  const std::string jpeg =
      write_jpeg({.exif = {.orientation = 6}, .with_exif = true});
  const std::string film = "\0\0\0\30ftypmp42\0\0\0\0isommp42"s +
                           "\0\0\20\10mdat"s + std::string(4096, '\x5A');
  CHECK(decode_ok(jpeg + film).info == decode_ok(jpeg).info);
  CHECK(decode_ok(jpeg + film).image == decode_ok(jpeg).image);
}

TEST_CASE("decode: bytes before the end marker may only be padding") {
  const std::string file = write_jpeg();
  const std::string picture = file.substr(0, file.size() - 2);
  const std::string end = file.substr(file.size() - 2);
  CHECK(decode_ok(picture + std::string(600, '\0') + end).image ==
        decode_ok(file).image);
  CHECK(decode_ok(picture + std::string(600, '\xFF') + end).image ==
        decode_ok(file).image);
  const std::string foreign = "more picture data than there is picture";
  CHECK(decode_error(picture + foreign + end).code == ErrorCode::corrupt);
  CHECK(decode_error(picture + std::string(600, '\0')).code ==
        ErrorCode::truncated);
}

TEST_CASE("decode: junk between the header segments of a JPEG is skipped") {
  const std::string file = write_jpeg();
  const std::size_t tables = file.find("\xFF\xDB");
  const std::string junk = "left by an editor";
  CHECK(decode_ok(file.substr(0, tables) + junk + file.substr(tables)).image ==
        decode_ok(file).image);
}

TEST_CASE("decode: damage in a JPEG is noticed") {
  const std::string file = write_jpeg({.quality = 100});
  const std::size_t middle = file.size() / 2;
  SECTION("a marker in the middle") {
    std::string damaged = file;
    damaged.replace(middle, 2, "\xFF\xC4");
    CHECK(decode_error(damaged).code == ErrorCode::corrupt);
  }
  SECTION("a lost restart marker") {
    std::string damaged = write_jpeg({.restart_interval = 4});
    damaged.erase(damaged.find("\xFF\xD1"), 2);
    CHECK(decode_error(damaged).code == ErrorCode::corrupt);
  }
  SECTION("a scan that is missing") {
    std::string damaged = write_jpeg({.scans = JpegScans::per_component});
    const std::size_t last = damaged.rfind("\xFF\xDA");
    damaged = damaged.substr(0, last) + "\xFF\xD9";
    CHECK(decode_error(damaged).code == ErrorCode::corrupt);
  }
  SECTION("all scans of the luma are missing") {
    std::string damaged = write_jpeg({.scans = JpegScans::per_component});
    const std::size_t first = damaged.find("\xFF\xDA");
    damaged.erase(first, damaged.find("\xFF\xDA", first + 2) - first);
    CHECK(decode_error(damaged).code == ErrorCode::corrupt);
  }
  SECTION("no tables") {
    std::string damaged = file;
    damaged[damaged.find("\xFF\xDB") + 1] = '\xEB';
    CHECK(decode_error(damaged).code == ErrorCode::corrupt);
  }
}

TEST_CASE("decode: any flipped byte of a PNG's critical chunks is noticed") {
  const std::string file = write_png({.width = 20, .height = 15});
  for (std::size_t at = 8; at < file.size(); ++at) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    INFO("byte " << at << " of " << file.size());
    const ErrorCode code = decode_error(damaged).code;
    CHECK((code == ErrorCode::corrupt || code == ErrorCode::truncated));
  }
}

TEST_CASE("decode: a wrong checksum of a PNG's EXIF costs its facts only") {
  std::string file = write_png({.exif = {.orientation = 3}, .with_exif = true});
  file[file.find("eXIf") + 20] ^= 0x55;
  CHECK(decode_ok(file).info.orientation == kUpright);
}

TEST_CASE("decode: whatever is damaged, the outcome is a picture or an error") {
  const bool png = GENERATE(false, true);
  const std::string whole =
      png ? write_png({.width = 40, .height = 30, .interlaced = true})
          : write_jpeg({.width = 40,
                        .height = 30,
                        .scans = JpegScans::progressive,
                        .exif = {.orientation = 5},
                        .with_exif = true});
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string file = whole;
    for (unsigned flips = 1 + random() % 8; flips > 0; --flips) {
      file[3 + random() % (file.size() - 3)] = static_cast<char>(random());
    }
    const auto decoded = decode(bytes_of(file));
    if (decoded) {
      REQUIRE(decoded->image.pixels.size() ==
              static_cast<std::size_t>(decoded->image.width) *
                  static_cast<std::size_t>(decoded->image.height));
    }
  }
}

TEST_CASE("decode: pictures over a limit are refused before they cost") {
  const auto begin = std::chrono::steady_clock::now();
  for (const JpegScans scans : {JpegScans::one, JpegScans::progressive}) {
    const std::string jpeg = write_jpeg({.scans = scans});
    CHECK(decode_error(with_declared_size(jpeg, 65500, 65500)).code ==
          ErrorCode::too_large);
    // Within the limit, but there is nothing behind the header.
    const ErrorCode code =
        decode_error(with_declared_size(jpeg, 20000, 20000)).code;
    CHECK(code == (scans == JpegScans::one ? ErrorCode::truncated
                                           : ErrorCode::too_large));
  }
  CHECK(decode_error(png_declaring(60000, 60000)).code == ErrorCode::too_large);
  CHECK(decode_error(png_declaring(0x7FFFFFFF, 0x7FFFFFFF)).code ==
        ErrorCode::too_large);
  CHECK(decode_error(png_declaring(20000, 20000)).code == ErrorCode::truncated);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE("decode: limits are the caller's") {
  const std::string jpeg = write_jpeg();
  const std::string png = write_png();
  const DecodeLimits exact{.max_pixels = 64 * 48};
  CHECK(decode(bytes_of(jpeg), exact).has_value());
  CHECK(decode(bytes_of(png), exact).has_value());
  const DecodeLimits less{.max_pixels = 64 * 48 - 1};
  CHECK(decode_error(jpeg, less).code == ErrorCode::too_large);
  CHECK(decode_error(png, less).code == ErrorCode::too_large);
  const DecodeLimits tight{.max_memory_bytes = 64 * 48};
  CHECK(decode_error(jpeg, tight).code == ErrorCode::too_large);
  CHECK(decode_error(png, tight).code == ErrorCode::too_large);
  // Progressive files are held as coefficients, two bytes each, which is more
  // than a few rows and the reduced colour take.
  const DecodeLimits coefficients{.max_memory_bytes = 64 * 48 * 16};
  CHECK(decode(bytes_of(jpeg), coefficients).has_value());
  CHECK(
      decode_error(write_jpeg({.scans = JpegScans::progressive}), coefficients)
          .code == ErrorCode::too_large);
}

TEST_CASE("decode: a JPEG of very many scans is refused") {
  const std::string file = write_jpeg({.scans = JpegScans::per_component});
  CHECK(decode_ok(with_last_scan_repeated(file, 10)).image ==
        decode_ok(file).image);
  CHECK(decode_error(with_last_scan_repeated(file, 200)).code ==
        ErrorCode::too_large);
}

TEST_CASE("decode: JPEG processes that this build lacks") {
  std::string twelve_bit = write_jpeg();
  twelve_bit[twelve_bit.find(std::string("\xFF\xC0\0", 3)) + 4] = 12;
  CHECK(decode_error(twelve_bit).code == ErrorCode::unsupported);
  std::string lossless = write_jpeg();
  lossless[lossless.find(std::string("\xFF\xC0\0", 3)) + 1] = '\xC3';
  CHECK(decode_error(lossless).code == ErrorCode::unsupported);
}

TEST_CASE("decode: what is no picture, and what has no decoder") {
  CHECK(decode_error("").code == ErrorCode::not_a_picture);
  CHECK(decode_error("some text").code == ErrorCode::not_a_picture);
  CHECK(decode_error("8BPS with a body") ==
        Error{ErrorCode::unsupported, "this build cannot read PSD"});
  CHECK(is_supported(Format::jpeg));
  CHECK(is_supported(Format::png));
  CHECK_FALSE(is_supported(Format::jp2));
  CHECK_FALSE(is_supported(Format::unknown));
}

TEST_CASE("decode: formats are recognised by their first bytes") {
  const auto recognised = [](const std::string& head) {
    return recognise(bytes_of(head));
  };
  CHECK(recognised("") == Format::unknown);
  CHECK(recognised("\xFF\xD8") == Format::unknown);
  CHECK(recognised("\xFF\xD8\xFF") == Format::jpeg);
  CHECK(recognised(write_png()) == Format::png);
  CHECK(recognised("RIFF\1\2\3\4WEBPVP8 ") == Format::webp);
  CHECK(recognised("RIFF\1\2\3\4WAVEfmt ") == Format::unknown);
  CHECK(recognised("MM\0*\0\0\0\10"s) == Format::tiff);
  CHECK(recognised("II*\0\20\0\0\0CR\2\0"s) == Format::raw);
  CHECK(recognised("\0\0\0\30ftypheic\0\0\0\0mif1"s) == Format::heif);
  CHECK(recognised("\0\0\0\30ftypmif1\0\0\0\0avif"s) == Format::avif);
  CHECK(recognised("\0\0\0\30ftypisom\0\0\0\0mp41"s) == Format::unknown);
  CHECK(recognised("BMW drives") == Format::unknown);
}

TEST_CASE("decode: every format has a name of its own") {
  for (int i = 0; i <= static_cast<int>(Format::raw); ++i) {
    const auto format = static_cast<Format>(i);
    CHECK(format_of(to_string(format)) == format);
  }
  CHECK(format_of("JPEG") == Format::unknown);
}

TEST_CASE("decode: threads do not disturb each other") {
  const std::string jpeg = write_jpeg({.scans = JpegScans::progressive});
  const std::string broken = jpeg.substr(0, jpeg.size() / 2);
  const std::string png = write_png({.interlaced = true});
  const Image expected_jpeg = decode_ok(jpeg).image;
  const Image expected_png = decode_ok(png).image;
  std::vector<int> failures(4);
  std::vector<std::thread> threads;
  for (int& failed : failures) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        failed += decode(bytes_of(jpeg))->image != expected_jpeg;
        failed += decode(bytes_of(png))->image != expected_png;
        failed += decode(bytes_of(broken)).has_value();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == std::vector<int>(4));
}
