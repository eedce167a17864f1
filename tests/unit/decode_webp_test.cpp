#if VAM_WEBP_BUILT

#include <webp/decode.h>
#include <webp/encode.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "decoding.hpp"
#include "picture_writer.hpp"
#include "scene.hpp"
#include "vam/decode.hpp"
#include "vam/hash.hpp"

using namespace vam;
using namespace std::string_literals;

namespace {

enum class Coding { lossy, lossless };

/// Coded by libwebp; `pixels` are RGBA.
std::string encode(const std::vector<std::uint8_t>& pixels, int width,
                   int height, Coding coding) {
  std::uint8_t* file = nullptr;
  const std::size_t size =
      coding == Coding::lossless
          ? WebPEncodeLosslessRGBA(pixels.data(), width, height, width * 4,
                                   &file)
          : WebPEncodeRGBA(pixels.data(), width, height, width * 4, 95, &file);
  std::string result(reinterpret_cast<const char*>(file), size);
  WebPFree(file);
  return result;
}

enum class Alpha { none, gradient };

std::string pattern_webp(int width, int height, Coding coding,
                         Alpha alpha = Alpha::none) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Rgba colour = pattern_at(x, y, width, height);
      for (const unsigned sample :
           {colour.red, colour.green, colour.blue,
            alpha == Alpha::none ? 255U : colour.alpha}) {
        pixels.push_back(static_cast<std::uint8_t>(sample));
      }
    }
  }
  return encode(pixels, width, height, coding);
}

/// A grey picture, without loss.
std::string grey_webp(const Image& image) {
  std::vector<std::uint8_t> pixels;
  for (const std::uint8_t grey : image.pixels) {
    pixels.insert(pixels.end(), {grey, grey, grey, 255});
  }
  return encode(pixels, image.width, image.height, Coding::lossless);
}

Image grey_pattern(int width, int height) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      Rgba colour = pattern_at(x, y, width, height);
      colour.alpha = 255;
      image.row(y)[x] = luma_over_white(colour);
    }
  }
  return image;
}

std::string little_endian(std::size_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  }
  return bytes;
}

std::string chunk(const std::string& name, const std::string& payload) {
  return name + little_endian(payload.size(), 4) + payload +
         std::string(payload.size() % 2, '\0');
}

std::string riff(const std::string& chunks) {
  return "RIFF" + little_endian(chunks.size() + 4, 4) + "WEBP" + chunks;
}

constexpr unsigned kHasAnimation = 0x02;
constexpr unsigned kHasExif = 0x08;

std::string vp8x(unsigned flags, int width, int height) {
  return chunk("VP8X",
               little_endian(flags, 4) +
                   little_endian(static_cast<std::size_t>(width - 1), 3) +
                   little_endian(static_cast<std::size_t>(height - 1), 3));
}

/// The chunks with the pixels and their alpha.
std::string pixels_of(const std::string& file) {
  return file.substr(file.substr(12, 4) == "VP8X" ? 30 : 12);
}

std::string with_exif(const std::string& file, int width, int height,
                      const std::string& exif) {
  return riff(vp8x(kHasExif, width, height) + pixels_of(file) +
              chunk("EXIF", exif));
}

struct FramePlace {
  int x = 0;  ///< even
  int y = 0;
  int width = 0;
  int height = 0;
};

std::string frame(const std::string& file, const FramePlace& place) {
  std::string header;
  for (const int number :
       {place.x / 2, place.y / 2, place.width - 1, place.height - 1, 100}) {
    header += little_endian(static_cast<std::size_t>(number), 3);
  }
  return chunk("ANMF", header + '\0' + pixels_of(file));
}

/// Its background is said to be black, which nobody shows.
std::string animation(int width, int height, const std::string& frames) {
  return riff(vp8x(kHasAnimation, width, height) +
              chunk("ANIM", "\0\0\0\xFF\0\0"s) + frames);
}

/// The largest difference to the pattern of a picture of this size.
int error_against_pattern(const Image& image, int width, int height,
                          Alpha alpha = Alpha::none) {
  int worst = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      Rgba colour =
          pattern_at((2 * x + 1) * width / (2 * image.width),
                     (2 * y + 1) * height / (2 * image.height), width, height);
      if (alpha == Alpha::none) colour.alpha = 255;
      worst =
          std::max(worst, std::abs(image.row(y)[x] - luma_over_white(colour)));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("decode: WebP, lossy and lossless, with alpha and without") {
  const auto coding = GENERATE(Coding::lossy, Coding::lossless);
  const auto alpha = GENERATE(Alpha::none, Alpha::gradient);
  const int width = GENERATE(1, 63, 64);
  const int height = 48;
  const Decoded decoded =
      decode_as(Format::webp, pattern_webp(width, height, coding, alpha));
  CHECK(decoded.info.width == static_cast<unsigned>(width));
  CHECK(decoded.info.height == 48);
  CHECK(decoded.image.width == width);
  CHECK(decoded.image.height == height);
  CHECK(error_against_pattern(decoded.image, width, height, alpha) <=
        (coding == Coding::lossless ? 0 : 8));
}

TEST_CASE("decode: WebP is reduced to a short side of 256 or more") {
  struct Case {
    int width, height, reduced_width, reduced_height;
  };
  const auto size =
      GENERATE(Case{1025, 600, 513, 300}, Case{511, 700, 511, 700},
               Case{771, 770, 257, 257}, Case{2000, 5, 2000, 5});
  const auto coding = GENERATE(Coding::lossy, Coding::lossless);
  const auto alpha = GENERATE(Alpha::none, Alpha::gradient);
  const Decoded decoded = decode_as(
      Format::webp, pattern_webp(size.width, size.height, coding, alpha));
  CHECK(decoded.info.width == static_cast<unsigned>(size.width));
  CHECK(decoded.image.width == size.reduced_width);
  CHECK(decoded.image.height == size.reduced_height);
  CHECK(error_against_pattern(decoded.image, size.width, size.height, alpha) <=
        8);
}

TEST_CASE("decode: a WebP that libwebp reduces hashes like a full one") {
  const auto seed = GENERATE(range(1U, 7U));
  const int width = 1600;
  const int height = 1200;
  const Pattern scene = scene_pattern(seed);
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Rgba colour = scene(x, y, width, height);
      for (const unsigned sample : {colour.red, colour.green, colour.blue}) {
        pixels.push_back(static_cast<std::uint8_t>(
            sample + random_at(seed, pixels.size()) % 8));
      }
      pixels.push_back(255);
    }
  }
  const std::string file = encode(pixels, width, height, Coding::lossy);
  const Image reduced = decode_as(Format::webp, file).image;
  REQUIRE(reduced.height < height);

  int full_width = 0;
  int full_height = 0;
  std::uint8_t* samples =
      WebPDecodeRGB(reinterpret_cast<const std::uint8_t*>(file.data()),
                    file.size(), &full_width, &full_height);
  REQUIRE(samples != nullptr);
  Image full(full_width, full_height);
  for (std::size_t i = 0; i < full.pixels.size(); ++i) {
    full.pixels[i] = luma_over_white(
        {samples[3 * i], samples[3 * i + 1], samples[3 * i + 2]});
  }
  WebPFree(samples);
  const HashSet of_reduced = compute_hashes(reduced);
  const HashSet of_full = compute_hashes(full);
  for (std::size_t kind = 0; kind < of_full.size(); ++kind) {
    CHECK(hamming_distance(of_reduced[kind], of_full[kind]) <= 2);
  }
}

TEST_CASE("decode: WebP in every orientation gives the upright raster") {
  const int orientation = GENERATE(range(1, 9));
  const bool with_prefix = GENERATE(false, true);
  const Image upright = grey_pattern(64, 48);
  // Turning by 90 degrees one way is undone by turning the other way; all
  // other orientations undo themselves.
  const int inverse = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
  const Image stored = oriented(upright, static_cast<Orientation>(inverse));
  ExifOptions options = full_exif();
  options.orientation = orientation;
  options.taken_at = "2019:02:28 23:59:58";
  const std::string exif = make_exif(options);
  const Decoded decoded = decode_as(
      Format::webp, with_exif(grey_webp(stored), stored.width, stored.height,
                              with_prefix ? exif : exif.substr(6)));
  CHECK(decoded.info.orientation == orientation);
  CHECK(decoded.info.taken_at == "2019-02-28T23:59:58");
  CHECK((decoded.info.metadata == full_metadata()));
  CHECK(decoded.info.width == 64);
  CHECK(decoded.info.height == 48);
  CHECK(decoded.image == upright);
}

TEST_CASE("decode: broken EXIF costs a WebP its facts, not its picture") {
  const Image image = grey_pattern(20, 10);
  for (const std::string& exif :
       {""s, "Exif"s, "Exif\0\0"s, "II*\0\xFF\xFF\xFF\xFF"s, "no EXIF"s}) {
    const Decoded decoded =
        decode_as(Format::webp, with_exif(grey_webp(image), 20, 10, exif));
    CHECK(decoded.info.orientation == kUpright);
    CHECK(decoded.image == image);
  }
}

TEST_CASE("decode: of an animated WebP the first frame is shown over white") {
  const auto coding = GENERATE(Coding::lossy, Coding::lossless);
  const auto alpha = GENERATE(Alpha::none, Alpha::gradient);
  const FramePlace place{.x = 10, .y = 6, .width = 30, .height = 20};
  const std::string first = pattern_webp(30, 20, coding, alpha);
  const Image image =
      decode_as(Format::webp,
                animation(50, 40, frame(first, place) + frame(first, place)))
          .image;
  const Image alone = decode_as(Format::webp, first).image;
  REQUIRE(image.width == 50);
  REQUIRE(image.height == 40);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 50; ++x) {
      const bool inside = x >= 10 && x < 40 && y >= 6 && y < 26;
      REQUIRE(image.row(y)[x] == (inside ? alone.row(y - 6)[x - 10] : 255));
    }
  }
}

TEST_CASE("decode: an animated WebP that covers its canvas is reduced") {
  const std::string first = pattern_webp(1030, 520, Coding::lossy);
  const Image image =
      decode_as(
          Format::webp,
          animation(1030, 520, frame(first, {.width = 1030, .height = 520})))
          .image;
  CHECK(image == decode_as(Format::webp, first).image);
}

TEST_CASE("decode: a frame that is not within the canvas") {
  const std::string first = pattern_webp(30, 20, Coding::lossless);
  const FramePlace place{.x = 30, .y = 6, .width = 30, .height = 20};
  CHECK(decode_error(animation(50, 40, frame(first, place))).code ==
        ErrorCode::corrupt);
  CHECK(decode_error(animation(50, 40, "")).code == ErrorCode::corrupt);
}

TEST_CASE("decode: a WebP that ends early is never a picture") {
  const auto coding = GENERATE(Coding::lossy, Coding::lossless);
  const bool extended = GENERATE(false, true);
  std::string file = pattern_webp(40, 30, coding);
  if (extended) file = with_exif(file, 40, 30, make_exif({.orientation = 6}));
  for (std::size_t size = 0; size < file.size(); ++size) {
    INFO(size << " of " << file.size() << " bytes");
    CHECK(decode_error(file.substr(0, size)).code ==
          (size < 12 ? ErrorCode::not_a_picture : ErrorCode::truncated));
  }
}

TEST_CASE("decode: a WebP whose chunk is whole, but not its picture") {
  const auto coding = GENERATE(Coding::lossy, Coding::lossless);
  const std::string chunks = pixels_of(pattern_webp(64, 48, coding));
  for (std::size_t size = 0; size < chunks.size() * 3 / 4; size += 7) {
    const std::string cut = chunks.substr(8, size);
    const ErrorCode code =
        decode_error(riff(chunk(chunks.substr(0, 4), cut))).code;
    CHECK((code == ErrorCode::truncated || code == ErrorCode::corrupt));
  }
}

TEST_CASE("decode: data behind a WebP do not matter") {
  const std::string file = pattern_webp(40, 30, Coding::lossy);
  CHECK(decode_as(Format::webp, file + file).image ==
        decode_as(Format::webp, file).image);
}

TEST_CASE("decode: a damaged WebP is a picture or an error") {
  const auto coding = GENERATE(Coding::lossy, Coding::lossless);
  const std::string first = pattern_webp(40, 30, coding);
  const std::string still =
      with_exif(first, 40, 30, make_exif({.orientation = 6}));
  const std::string animated =
      animation(50, 40, frame(first, {.width = 40, .height = 30}));
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string file = i % 2 == 0 ? still : animated;
    for (unsigned flips = 1 + random() % 8; flips > 0; --flips) {
      file[12 + random() % (file.size() - 12)] = static_cast<char>(random());
    }
    const auto decoded = decode(bytes_of(file));
    if (decoded) {
      REQUIRE(decoded->image.pixels.size() ==
              static_cast<std::size_t>(decoded->image.width) *
                  static_cast<std::size_t>(decoded->image.height));
    }
  }
}

TEST_CASE("decode: a WebP over a limit is refused") {
  const std::string file = pattern_webp(64, 48, Coding::lossless);
  CHECK(decode(bytes_of(file), {.max_pixels = 64 * 48}).has_value());
  CHECK(decode_error(file, {.max_pixels = 64 * 48 - 1}).code ==
        ErrorCode::too_large);
  CHECK(decode_error(file, {.max_memory_bytes = 64 * 48 * 8}).code ==
        ErrorCode::too_large);
  // A canvas of 2^28 pixels is within the limit, 2^47 are not.
  const std::string frames = frame(file, {.width = 64, .height = 48});
  CHECK(decode_error(animation(1 << 23, 1 << 24, frames)).code ==
        ErrorCode::corrupt);  // more than the format allows
  CHECK(decode_error(animation(1 << 16, (1 << 16) - 1, frames)).code ==
        ErrorCode::too_large);
}

#endif  // VAM_WEBP_BUILT
