#if VAM_HEIF_BUILT
#include <libheif/heif.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "decoding.hpp"
#include "heif_writer.hpp"
#include "jpeg_variants.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;

namespace {

/// The file with all its images declared as squares.
std::string with_declared_side(std::string file, unsigned side) {
  const std::string bytes{'\0', '\0', static_cast<char>(side >> 8U),
                          static_cast<char>(side & 0xFFU)};
  std::size_t at = file.find("ispe");
  REQUIRE(at != std::string::npos);
  for (; at != std::string::npos; at = file.find("ispe", at + 4)) {
    file.replace(at + 8, 8, bytes + bytes);
  }
  return file;
}

/// The largest difference between a raster in full size and the pattern.
int error_against_pattern(const Image& image, bool with_alpha) {
  int worst = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      Rgba colour = pattern_at(x, y, image.width, image.height);
      if (!with_alpha) colour.alpha = 255;
      worst =
          std::max(worst, std::abs(image.row(y)[x] - luma_over_white(colour)));
    }
  }
  return worst;
}

Decoded check_heif(const HeifOptions& options, int tolerance = 5) {
  Decoded decoded = decode_ok(write_heif(options));
  CHECK(decoded.info.format ==
        (options.codec == heif_compression_AV1 ? Format::avif : Format::heif));
  CHECK(decoded.info.width == static_cast<unsigned>(options.width));
  CHECK(decoded.info.height == static_cast<unsigned>(options.height));
  CHECK(decoded.info.orientation == kUpright);
  REQUIRE(decoded.image.width == options.width);
  REQUIRE(decoded.image.height == options.height);
  CHECK(error_against_pattern(
            decoded.image, options.colour == HeifColour::alpha) <= tolerance);
  return decoded;
}

}  // namespace

TEST_CASE("decode: HEIC and AVIF in every kind of colour") {
  for (const auto codec : heif_codecs()) {
    for (const HeifColour colour : {HeifColour::colour, HeifColour::mono,
                                    HeifColour::alpha, HeifColour::deep}) {
      INFO("codec " << codec << ", colour " << static_cast<int>(colour));
      // libaom 3.6, fed by libheif 1.15, stops the program on 10 bits.
      if (codec == heif_compression_AV1 && colour == HeifColour::deep) continue;
      check_heif({.codec = codec, .colour = colour});
    }
  }
}

TEST_CASE("decode: a HEIF picture has one luma in all its colour systems") {
  for (const auto codec : heif_codecs()) {
    for (const auto matrix :
         {heif_matrix_coefficients_ITU_R_BT_601_6,
          heif_matrix_coefficients_ITU_R_BT_709_5,
          heif_matrix_coefficients_ITU_R_BT_2020_2_non_constant_luminance}) {
      for (const bool full_range : {true, false}) {
        INFO("codec " << codec << ", matrix " << matrix << ", full range "
                      << full_range);
        check_heif({.codec = codec, .matrix = matrix, .full_range = full_range},
                   8);
      }
    }
  }
}

TEST_CASE("decode: HEIF in odd sizes, which are tiles or cropped") {
  for (const auto codec : heif_codecs()) {
    check_heif({.codec = codec, .width = 65, .height = 47});
    check_heif({.codec = codec, .width = 131, .height = 200});
  }
}

TEST_CASE("decode: HEIF is reduced to a short side of 256 or more") {
  for (const auto codec : heif_codecs()) {
    const Decoded decoded =
        decode_ok(write_heif({.codec = codec, .width = 640, .height = 514}));
    CHECK(decoded.info.width == 640);
    CHECK(decoded.image.width == 320);
    CHECK(decoded.image.height == 257);
  }
}

TEST_CASE("decode: transformations of HEIF are applied, EXIF's is ignored") {
  ExifOptions exif = full_exif();
  exif.orientation = 6;
  exif.taken_at = "2019:02:28 23:59:58";
  exif.utc_offset = "-03:30";
  for (const auto codec : heif_codecs()) {
    for (Orientation orientation = 1; orientation <= 8; ++orientation) {
      INFO("codec " << codec << ", orientation " << int{orientation});
      const Decoded decoded = check_heif({.codec = codec,
                                          .orientation = orientation,
                                          .exif = exif,
                                          .with_exif = true});
      CHECK(decoded.info.taken_at == "2019-02-28T23:59:58-03:30");
      CHECK((decoded.info.metadata == full_metadata()));
    }
  }
}

TEST_CASE("decode: a HEIF that ends early is never a picture") {
  for (const auto codec : heif_codecs()) {
    const std::string file = write_heif(
        {.codec = codec, .exif = {.orientation = 1}, .with_exif = true});
    for (std::size_t size = 12; size < file.size(); ++size) {
      INFO(size << " of " << file.size() << " bytes");
      const ErrorCode code = decode_error(file.substr(0, size)).code;
      CHECK((code == ErrorCode::truncated ||
             (code == ErrorCode::not_a_picture && size < 24)));
    }
  }
}

TEST_CASE("decode: a damaged HEIF is a picture or an error") {
  for (const auto codec : heif_codecs()) {
    const std::string whole = write_heif({.codec = codec,
                                          .colour = HeifColour::alpha,
                                          .exif = {.orientation = 5},
                                          .with_exif = true});
    std::mt19937 random(7);
    for (int i = 0; i < 1000; ++i) {
      std::string file = whole;
      for (unsigned flips = 1 + random() % 8; flips > 0; --flips) {
        file[12 + random() % (file.size() - 12)] = static_cast<char>(random());
      }
      const auto decoded = decode(bytes_of(file), {.max_pixels = 1U << 22U});
      if (decoded) {
        REQUIRE(decoded->image.pixels.size() ==
                static_cast<std::size_t>(decoded->image.width) *
                    static_cast<std::size_t>(decoded->image.height));
      }
    }
  }
}

#if defined(__has_feature)
#define VAM_HAS_FEATURE(name) __has_feature(name)
#else
#define VAM_HAS_FEATURE(name) 0
#endif
// Sanitizers have allocators of their own, which nobody can tell what to fill
// new memory with.
#if defined(__GLIBC__) && !VAM_HAS_FEATURE(address_sanitizer) && \
    !VAM_HAS_FEATURE(thread_sanitizer)

/// Leaves freed memory behind that holds this byte.
void litter(int byte) {
  std::vector<std::unique_ptr<char[]>> pieces;
  for (std::size_t size = 64; size < 1U << 17U; size += size / 8) {
    for (int n = 0; n < 8; ++n) {
      pieces.push_back(std::make_unique<char[]>(size));
      std::memset(pieces.back().get(), byte, size);
    }
  }
}

TEST_CASE("decode: what a damaged HEIF shows depends on nothing but it") {
  const auto codecs = heif_codecs();
  if (std::ranges::count(codecs, heif_compression_HEVC) == 0) return;
  const std::string whole =
      write_heif({.width = 192, .height = 128, .pattern = noise_at});
  std::mt19937 random(11);
  for (int i = 0; i < 120; ++i) {
    CAPTURE(i);
    std::string file = whole;
    const std::size_t begin = file.size() / 8 + random() % (file.size() / 2);
    for (std::size_t at = begin; at < begin + 300 && at < file.size(); ++at) {
      file[at] = static_cast<char>(random());
    }
    litter(0x11);
    const auto first = decode(bytes_of(file));
    litter(0xEE);
    const auto second = decode(bytes_of(file));
    REQUIRE(first.has_value() == second.has_value());
    if (first) REQUIRE((first->image == second->image));
  }
}

#endif

TEST_CASE("decode: limits hold for HEIF") {
  for (const auto codec : heif_codecs()) {
    const std::string file = write_heif({.codec = codec});
    CHECK(decode(bytes_of(file), {.max_pixels = 64 * 48}).has_value());
    CHECK(decode_error(file, {.max_pixels = 64 * 48 - 1}).code ==
          ErrorCode::too_large);
    CHECK(decode_error(file, {.max_pixels = 10}).code == ErrorCode::too_large);
    CHECK(decode_error(file, {.max_memory_bytes = 64 * 48}).code ==
          ErrorCode::too_large);
  }
}

TEST_CASE("decode: a HEIF that declares another size is refused") {
  for (const auto codec : heif_codecs()) {
    const std::string file = write_heif({.codec = codec});
    const auto begin = std::chrono::steady_clock::now();
    CHECK(decode_error(with_declared_side(file, 0x7D00)).code ==
          ErrorCode::too_large);
    CHECK(decode_error(with_declared_side(file, 0x400)).code ==
          ErrorCode::corrupt);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
  }
}

TEST_CASE("decode: HEIF of codecs that nobody here reads") {
  for (const auto codec : heif_codecs()) {
    std::string file = write_heif({.codec = codec});
    const std::string type = codec == heif_compression_AV1 ? "av01" : "hvc1";
    const std::size_t at = file.find(type);
    REQUIRE(at != std::string::npos);
    for (const char* other : {"jpeg", "j2k1", "unci", "avc1", "vvc1"}) {
      file.replace(at, 4, other);
      CHECK(decode_error(file).code == ErrorCode::unsupported);
    }
  }
}

TEST_CASE("decode: threads that decode HEIF do not disturb each other") {
  std::vector<std::string> files;
  std::vector<Image> expected;
  for (const auto codec : heif_codecs()) {
    files.push_back(write_heif({.codec = codec}));
    expected.push_back(decode_ok(files.back()).image);
  }
  std::vector<int> failures(4);
  std::vector<std::thread> threads;
  for (int& failed : failures) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        for (std::size_t n = 0; n < files.size(); ++n) {
          failed += decode(bytes_of(files[n]))->image != expected[n];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == std::vector<int>(4));
}

#endif  // VAM_HEIF_BUILT
