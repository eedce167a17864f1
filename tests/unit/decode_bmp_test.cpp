#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "decoding.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;
using namespace std::string_literals;

namespace {

struct BmpOptions {
  int width = 64;
  int height = 48;
  unsigned header_size = 40;
  unsigned bits = 24;
  unsigned compression = 0;
  unsigned palette_size = 0;           ///< as declared
  std::vector<std::uint32_t> masks{};  ///< red, green, blue, alpha
  std::string palette{};               ///< as stored
  std::string pixels{};                ///< as stored
  bool top_down = false;
};

std::string little_endian(std::uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  }
  return bytes;
}

std::string write_bmp(const BmpOptions& options) {
  const int side = options.header_size == 12 ? 2 : 4;
  const int height = options.top_down ? -options.height : options.height;
  std::string header =
      little_endian(options.header_size, 4) +
      little_endian(static_cast<unsigned>(options.width), side) +
      little_endian(static_cast<unsigned>(height), side) + little_endian(1, 2) +
      little_endian(options.bits, 2);
  if (side == 4) {
    header += little_endian(options.compression, 4) + std::string(12, '\0') +
              little_endian(options.palette_size, 4) + std::string(4, '\0');
    header.resize(std::min<std::size_t>(options.header_size, 40));
    for (const std::uint32_t mask : options.masks) {
      header += little_endian(mask, 4);
    }
  }
  header.resize(std::max<std::size_t>(header.size(), options.header_size));
  header += options.palette;
  const std::size_t pixels_at = 14 + header.size();
  return "BM" +
         little_endian(
             static_cast<std::uint32_t>(pixels_at + options.pixels.size()), 4) +
         std::string(4, '\0') +
         little_endian(static_cast<std::uint32_t>(pixels_at), 4) + header +
         options.pixels;
}

/// Rows as they are stored, of pixels that a function gives as numbers.
template <class PixelAt>
std::string pack(int width, int height, unsigned bits, bool top_down,
                 PixelAt pixel_at) {
  std::string rows;
  for (int i = 0; i < height; ++i) {
    const int y = top_down ? i : height - 1 - i;
    std::string row;
    std::uint32_t byte = 0;
    unsigned filled = 0;
    for (int x = 0; x < width; ++x) {
      const std::uint32_t pixel = pixel_at(x, y);
      if (bits >= 8) {
        row += little_endian(pixel, static_cast<int>(bits / 8));
        continue;
      }
      byte = byte << bits | pixel;
      filled += bits;
      if (filled == 8 || x == width - 1) {
        row += static_cast<char>(byte << (8 - filled) & 0xFFU);
        byte = filled = 0;
      }
    }
    row.resize((row.size() + 3) / 4 * 4);
    rows += row;
  }
  return rows;
}

template <class LumaAt>
Image make_image(int width, int height, LumaAt luma_at) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.row(y)[x] = luma_at(x, y);
  }
  return image;
}

Rgba opaque_pattern(int x, int y, int width = 64, int height = 48) {
  Rgba colour = pattern_at(x, y, width, height);
  colour.alpha = 255;
  return colour;
}

std::uint32_t rgb24(const Rgba& colour) {
  return colour.red << 16U | colour.green << 8U | colour.blue;
}

std::string rgb24_bmp(int width, int height, bool top_down = false) {
  return write_bmp({.width = width,
                    .height = height,
                    .pixels = pack(width, height, 24, top_down,
                                   [&](int x, int y) {
                                     return rgb24(
                                         opaque_pattern(x, y, width, height));
                                   }),
                    .top_down = top_down});
}

/// A palette of so many greys, from black to white.
std::string grey_palette(unsigned count, unsigned entry = 4) {
  std::string palette;
  for (unsigned i = 0; i < count; ++i) {
    palette += std::string(3, static_cast<char>(i * 255 / (count - 1)));
    palette += std::string(entry - 3, '\0');
  }
  return palette;
}

/// An 8-bit picture of 4 x 3 in run-length code.
std::string rle8(const std::string& code) {
  return write_bmp({.width = 4,
                    .height = 3,
                    .bits = 8,
                    .compression = 1,
                    .palette = grey_palette(256),
                    .pixels = code});
}

std::string pixels_of(const Image& image) {
  return {image.pixels.begin(), image.pixels.end()};
}

}  // namespace

TEST_CASE("decode: BMP of true colour shows the exact luma") {
  const int width = GENERATE(1, 2, 3, 64);
  const bool top_down = GENERATE(false, true);
  const Decoded decoded =
      decode_as(Format::bmp, rgb24_bmp(width, 48, top_down));
  CHECK(decoded.info.width == static_cast<unsigned>(width));
  CHECK(decoded.info.height == 48);
  CHECK(decoded.info.orientation == kUpright);
  CHECK(decoded.image == make_image(width, 48, [&](int x, int y) {
          return luma_over_white(opaque_pattern(x, y, width));
        }));
}

TEST_CASE("decode: BMP with every header and every palette") {
  BmpOptions options;
  options.header_size = GENERATE(12U, 16U, 40U, 52U, 56U, 64U, 108U, 124U);
  options.bits = GENERATE(1U, 2U, 4U, 8U);
  options.width = GENERATE(1, 7, 64);
  const unsigned count = 1U << options.bits;
  const auto index_at = [&](int x, int y) {
    return static_cast<unsigned>(x + 3 * y) % count;
  };
  options.palette = grey_palette(count, options.header_size == 12 ? 3 : 4);
  options.pixels = pack(options.width, 48, options.bits, false, index_at);
  CHECK(decode_as(Format::bmp, write_bmp(options)).image ==
        make_image(options.width, 48, [&](int x, int y) {
          return static_cast<std::uint8_t>(index_at(x, y) * 255 / (count - 1));
        }));
}

TEST_CASE("decode: BMP palettes of any length, black for what they lack") {
  BmpOptions options;
  options.bits = 8;
  const unsigned stored = GENERATE(2U, 100U, 256U, 300U);
  options.palette_size = GENERATE(0U, 2U, 100U, 300U, 0xFFFF'FFFFU);
  options.palette = grey_palette(stored);
  const auto index_at = [](int x, int y) {
    return static_cast<unsigned>(x + 64 * y) % 256;
  };
  options.pixels = pack(64, 48, 8, false, index_at);
  const unsigned declared =
      options.palette_size == 0 ? 256 : options.palette_size;
  const unsigned known = std::min({stored, declared, 256U});
  CHECK(decode_as(Format::bmp, write_bmp(options)).image ==
        make_image(64, 48, [&](int x, int y) {
          const unsigned index = index_at(x, y);
          return static_cast<std::uint8_t>(
              index < known ? index * 255 / (stored - 1) : 0);
        }));
}

TEST_CASE("decode: BMP of 16 and 32 bits, plain and with masks") {
  struct Kind {
    unsigned header_size, bits, compression;
    std::vector<std::uint32_t> masks;
    int tolerance;
  };
  const auto kind =
      GENERATE(Kind{40, 16, 0, {0x7C00, 0x03E0, 0x001F}, 8},
               Kind{40, 32, 0, {0xFF0000, 0xFF00, 0xFF}, 0},
               Kind{124, 32, 0, {0xFF0000, 0xFF00, 0xFF}, 0},
               Kind{40, 16, 3, {0xF800, 0x07E0, 0x001F}, 8},
               Kind{40, 16, 3, {0x001F, 0x03E0, 0x7C00}, 8},
               Kind{52, 32, 3, {0xFF, 0xFF00, 0xFF0000}, 0},
               Kind{40, 32, 3, {0xFF000000, 0xFF0000, 0xFF00}, 0},
               Kind{40, 32, 3, {0xFFE00000, 0x1FFC00, 0x3FF}, 1},
               Kind{56, 32, 3, {0xFF0000, 0xFF00, 0xFF, 0xFF000000}, 0},
               Kind{108, 32, 3, {0x3FC00000, 0xFF000, 0x3FC, 0xC0000000}, 0},
               Kind{124, 32, 3, {0xFF0000, 0xFF00, 0xFF, 0xFF000000}, 0},
               Kind{40, 32, 6, {0xFF0000, 0xFF00, 0xFF, 0xFF000000}, 0},
               Kind{124, 16, 3, {0x0F00, 0x00F0, 0x000F, 0xF000}, 24});
  const auto put = [](unsigned value, std::uint32_t mask) -> std::uint32_t {
    if (mask == 0) return 0;
    const std::uint32_t lowest = mask & (0U - mask);
    return static_cast<std::uint32_t>(std::uint64_t{value} * (mask / lowest) /
                                      255) *
           lowest;
  };
  const bool has_alpha = kind.masks.size() > 3;
  const auto colour_at = [&](int x, int y) {
    Rgba colour = pattern_at(x, y, 64, 48);
    if (!has_alpha) colour.alpha = 255;
    if (has_alpha && kind.masks[3] == 0xC0000000) {
      colour.alpha = colour.alpha / 85 * 85;
    }
    return colour;
  };
  const auto pixel_at = [&](int x, int y) {
    const Rgba colour = colour_at(x, y);
    return put(colour.red, kind.masks[0]) | put(colour.green, kind.masks[1]) |
           put(colour.blue, kind.masks[2]) |
           (has_alpha ? put(colour.alpha, kind.masks[3]) : 0U);
  };
  const Image image =
      decode_as(Format::bmp,
                write_bmp({.header_size = kind.header_size,
                           .bits = kind.bits,
                           .compression = kind.compression,
                           .masks = kind.compression == 0
                                        ? std::vector<std::uint32_t>{}
                                        : kind.masks,
                           .pixels = pack(64, 48, kind.bits, false, pixel_at)}))
          .image;
  int worst = 0;
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 64; ++x) {
      worst = std::max(
          worst, std::abs(image.row(y)[x] - luma_over_white(colour_at(x, y))));
    }
  }
  CHECK(worst <= kind.tolerance);
}

TEST_CASE("decode: a BMP whose alpha is nothing but zeros is opaque") {
  const auto pixel_at = [](int x, int y) {
    return rgb24(opaque_pattern(x, y));
  };
  BmpOptions options{.header_size = 124,
                     .bits = 32,
                     .compression = 3,
                     .masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000},
                     .pixels = pack(64, 48, 32, false, pixel_at)};
  CHECK(decode_as(Format::bmp, write_bmp(options)).image ==
        decode_as(Format::bmp, rgb24_bmp(64, 48)).image);
  options.pixels[3] = '\x80';  // of the lower left pixel
  const Image image = decode_as(Format::bmp, write_bmp(options)).image;
  CHECK(image.row(0)[0] == 255);
}

TEST_CASE("decode: run-length coded BMP of 8 bits") {
  // From the bottom: a run; a run and indices as they are, padded; both.
  const Image expected = make_image(4, 3, [](int x, int y) {
    constexpr std::uint8_t kRows[3][4] = {
        {1, 2, 3, 9}, {7, 10, 20, 30}, {5, 5, 5, 5}};
    return kRows[y][x];
  });
  const std::string rows =
      "\4\5\0\0"
      "\1\7\0\3\x0A\x14\x1E\0\0\0"
      "\0\3\1\2\3\0\1\x09"s;
  CHECK(decode_as(Format::bmp, rle8(rows + "\0\1"s)).image == expected);
  CHECK(decode_as(Format::bmp, rle8(rows + "\0\0\0\1"s)).image == expected);
  CHECK(decode_as(Format::bmp, rle8(rows + "\0\1junk"s)).image == expected);
  CHECK(decode_as(Format::bmp, rle8(rows)).image == expected);
  for (std::size_t size = 0; size < rows.size(); ++size) {
    CHECK(decode_error(rle8(rows.substr(0, size))).code ==
          ErrorCode::truncated);
  }
}

TEST_CASE("decode: run-length coded BMP of 4 bits") {
  const Image image =
      decode_as(Format::bmp,
                write_bmp({.width = 5,
                           .height = 2,
                           .bits = 4,
                           .compression = 2,
                           .palette = grey_palette(16),
                           .pixels = "\5\x1F\0\0\0\5\x12\x34\x50\0\0\1"s}))
          .image;
  CHECK(pixels_of(image) == "\x11\x22\x33\x44\x55\x11\xFF\x11\xFF\x11"s);
}

TEST_CASE("decode: pixels that run-length code skips are white") {
  CHECK(pixels_of(decode_as(Format::bmp, rle8("\0\1"s)).image) ==
        std::string(12, '\xFF'));
  CHECK(
      pixels_of(decode_as(Format::bmp, rle8("\1\5\0\2\1\1\1\6\0\1"s)).image) ==
      "\xFF\xFF\xFF\xFF\xFF\xFF\6\xFF\5\xFF\xFF\xFF"s);
}

TEST_CASE("decode: run-length code that leaves its picture") {
  const auto* code = GENERATE("\5\1", "\3\1\2\1");
  CHECK(decode_error(rle8(code + "\0\1"s)).code == ErrorCode::corrupt);
  CHECK(decode_error(rle8("\0\5\1\2\3\4\5\0\0\1"s)).code == ErrorCode::corrupt);
  CHECK(decode_error(rle8("\0\2\5\0\0\1"s)).code == ErrorCode::corrupt);
  CHECK(decode_error(rle8("\0\2\0\4\0\1"s)).code == ErrorCode::corrupt);
  CHECK(decode_error(rle8("\0\0\0\0\0\0\0\0\0\1"s)).code == ErrorCode::corrupt);
  CHECK(decode_error(rle8("\0\0\0\0\0\0\1\1\0\1"s)).code == ErrorCode::corrupt);
}

TEST_CASE("decode: BMP is reduced to a short side of 256 or more") {
  const Decoded decoded = decode_as(Format::bmp, rgb24_bmp(1025, 600));
  CHECK(decoded.info.width == 1025);
  CHECK(decoded.image.width == 513);
  CHECK(decoded.image.height == 300);
  CHECK(decoded.image ==
        decode_as(Format::bmp, rgb24_bmp(1025, 600, true)).image);
}

TEST_CASE("decode: kinds of BMP that are not read") {
  BmpOptions options{.pixels = std::string(64 * 48 * 4, 'x')};
  SECTION("JPEG or PNG inside") {
    options.compression = GENERATE(4U, 5U);
    CHECK(decode_error(write_bmp(options)).code == ErrorCode::unsupported);
  }
  SECTION("Huffman code of OS/2") {
    options.header_size = 64;
    options.bits = 1;
    options.compression = 3;
    CHECK(decode_error(write_bmp(options)).code == ErrorCode::unsupported);
  }
  SECTION("compression and depth that do not fit") {
    options.compression = GENERATE(1U, 2U, 3U, 6U);
    CHECK(decode_error(write_bmp(options)).code == ErrorCode::corrupt);
  }
  SECTION("depths that do not exist") {
    options.bits = GENERATE(0U, 3U, 5U, 12U, 31U, 33U, 48U, 64U, 65535U);
    CHECK(decode_error(write_bmp(options)).code == ErrorCode::corrupt);
  }
  SECTION("run-length code from the top") {
    options.bits = 8;
    options.compression = 1;
    options.top_down = true;
    CHECK(decode_error(write_bmp(options)).code == ErrorCode::corrupt);
  }
  SECTION("masks without a bit") {
    options.bits = 32;
    options.compression = 3;
    options.masks = {0, 0, 0};
    CHECK(decode_error(write_bmp(options)).code == ErrorCode::corrupt);
  }
}

TEST_CASE("decode: a BMP that ends early is never a picture") {
  const std::string file =
      GENERATE(rgb24_bmp(20, 15), rgb24_bmp(20, 15, true),
               write_bmp({.width = 20,
                          .height = 2,
                          .bits = 8,
                          .palette = grey_palette(256),
                          .pixels = std::string(40, 'x')}));
  for (std::size_t size = 0; size < file.size(); ++size) {
    INFO(size << " of " << file.size() << " bytes");
    CHECK(decode_error(file.substr(0, size)).code ==
          (size < 18 ? ErrorCode::not_a_picture : ErrorCode::truncated));
  }
}

TEST_CASE("decode: padding behind the last row of a BMP may be missing") {
  const std::string file = rgb24_bmp(5, 4);
  CHECK(decode_as(Format::bmp, file.substr(0, file.size() - 1)).image ==
        decode_as(Format::bmp, file).image);
  CHECK(decode_error(file.substr(0, file.size() - 2)).code ==
        ErrorCode::truncated);
}

TEST_CASE("decode: a damaged BMP is a picture or an error") {
  const std::string whole =
      GENERATE(rgb24_bmp(20, 15), rle8("\4\5\0\0\1\7\0\3\1\2\3\0\0\0\4\1\0\1"s),
               write_bmp({.width = 7,
                          .height = 5,
                          .header_size = 124,
                          .bits = 16,
                          .compression = 3,
                          .masks = {0x0F00, 0x00F0, 0x000F, 0xF000},
                          .pixels = std::string(80, 'x')}));
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string file = whole;
    const std::size_t end = i % 2 == 0 ? 70 : file.size();
    for (unsigned flips = 1 + random() % 8; flips > 0; --flips) {
      file[2 + random() % (end - 2)] = static_cast<char>(random());
    }
    const auto decoded = decode(bytes_of(file), {.max_pixels = 1U << 18U});
    if (decoded) {
      REQUIRE(decoded->image.pixels.size() ==
              static_cast<std::size_t>(decoded->image.width) *
                  static_cast<std::size_t>(decoded->image.height));
    }
  }
}

TEST_CASE("decode: a BMP over a limit is refused before it costs") {
  const std::string file = rgb24_bmp(64, 48);
  CHECK(decode(bytes_of(file), {.max_pixels = 64 * 48}).has_value());
  CHECK(decode_error(file, {.max_pixels = 64 * 48 - 1}).code ==
        ErrorCode::too_large);
  CHECK(decode_error(file, {.max_memory_bytes = 64 * 48}).code ==
        ErrorCode::too_large);
  const auto declaring = [](int width, int height, unsigned bits) {
    return write_bmp({.width = width, .height = height, .bits = bits});
  };
  CHECK(decode_error(declaring(0x7FFF'FFFF, 0x7FFF'FFFF, 32)).code ==
        ErrorCode::too_large);
  CHECK(decode_error(declaring(20000, 20000, 24)).code == ErrorCode::truncated);
  CHECK(decode_error(declaring(0, 5, 24)).code == ErrorCode::corrupt);
  CHECK(decode_error(declaring(5, 0, 24)).code == ErrorCode::corrupt);
  CHECK(decode_error(declaring(-5, 5, 24)).code == ErrorCode::corrupt);
  CHECK(decode_error(declaring(5, -0x7FFF'FFFF - 1, 24)).code ==
        ErrorCode::corrupt);
}
