#if VAM_GIF_BUILT

#include <gif_lib.h>

#include <algorithm>
#include <cstring>
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

enum class Palette { global, local, both };

struct GifOptions {
  int canvas_width = 64;
  int canvas_height = 48;
  int left = 0;
  int top = 0;
  int width = 64;
  int height = 48;
  Palette palette = Palette::global;
  bool interlaced = false;
  int transparent = -1;  ///< no index
};

/// What the frame shows at a place: an index that differs all over it.
std::uint8_t index_at(int x, int y) {
  return static_cast<std::uint8_t>((5 * x + 11 * y) % 256);
}

/// A palette of 256 greys that begins with black, or with white.
ColorMapObject* greys(bool inverted) {
  ColorMapObject* map = GifMakeMapObject(256, nullptr);
  for (unsigned i = 0; i < 256; ++i) {
    const auto grey = static_cast<GifByteType>(inverted ? 255 - i : i);
    map->Colors[i] = {grey, grey, grey};
  }
  return map;
}

int append(GifFileType* gif, const GifByteType* bytes, int count) {
  static_cast<std::string*>(gif->UserData)
      ->append(reinterpret_cast<const char*>(bytes),
               static_cast<std::size_t>(count));
  return count;
}

void write_rows(GifFileType* gif, const GifOptions& options) {
  struct Pass {
    int first, step;
  };
  const std::vector<Pass> passes =
      options.interlaced ? std::vector<Pass>{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
                         : std::vector<Pass>{{0, 1}};
  std::vector<GifPixelType> row(static_cast<std::size_t>(options.width));
  for (const Pass& pass : passes) {
    for (int y = pass.first; y < options.height; y += pass.step) {
      for (int x = 0; x < options.width; ++x) {
        row[static_cast<std::size_t>(x)] = index_at(x, y);
      }
      REQUIRE(EGifPutLine(gif, row.data(), options.width) == GIF_OK);
    }
  }
}

/// The palette that counts goes from black to white.
std::string write_gif(const GifOptions& options = {}) {
  std::string file;
  int error = 0;
  GifFileType* gif = EGifOpen(&file, append, &error);
  REQUIRE(gif != nullptr);
  EGifSetGifVersion(gif, true);
  ColorMapObject* plain = greys(false);
  ColorMapObject* inverted = greys(true);
  const bool local =
      options.palette == Palette::local || options.palette == Palette::both;
  ColorMapObject* global = options.palette == Palette::global ? plain
                           : options.palette == Palette::both ? inverted
                                                              : nullptr;
  REQUIRE(EGifPutScreenDesc(gif, options.canvas_width, options.canvas_height, 8,
                            0, global) == GIF_OK);
  GraphicsControlBlock control{};
  control.TransparentColor = options.transparent;
  GifByteType block[4];
  EGifGCBToExtension(&control, block);
  const std::string comment = "a comment";
  REQUIRE(EGifPutComment(gif, comment.c_str()) == GIF_OK);
  REQUIRE(EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, block) == GIF_OK);
  REQUIRE(EGifPutImageDesc(gif, options.left, options.top, options.width,
                           options.height, options.interlaced,
                           local ? plain : nullptr) == GIF_OK);
  write_rows(gif, options);
  GifFreeMapObject(plain);
  GifFreeMapObject(inverted);
  REQUIRE(EGifCloseFile(gif, &error) == GIF_OK);
  return file;
}

/// What a reader of write_gif(options) must see, in full size.
Image expected(const GifOptions& options) {
  Image image(options.canvas_width, options.canvas_height);
  std::ranges::fill(image.pixels, std::uint8_t{255});
  for (int y = 0; y < options.height; ++y) {
    for (int x = 0; x < options.width; ++x) {
      if (options.left + x >= image.width || options.top + y >= image.height ||
          index_at(x, y) == options.transparent) {
        continue;
      }
      image.row(options.top + y)[options.left + x] = index_at(x, y);
    }
  }
  return image;
}

/// The sides of the canvas, as they are declared.
std::string with_canvas(std::string file, unsigned width, unsigned height) {
  file[6] = static_cast<char>(width & 0xFFU);
  file[7] = static_cast<char>(width >> 8U);
  file[8] = static_cast<char>(height & 0xFFU);
  file[9] = static_cast<char>(height >> 8U);
  return file;
}

}  // namespace

TEST_CASE("decode: GIF of every kind shows the exact luma") {
  GifOptions options;
  options.palette = GENERATE(Palette::global, Palette::local, Palette::both);
  options.interlaced = GENERATE(false, true);
  options.transparent = GENERATE(-1, 0, 77);
  options.width = options.canvas_width = GENERATE(1, 63);
  options.height = options.canvas_height = GENERATE(1, 3, 6, 48);
  const Decoded decoded = decode_as(Format::gif, write_gif(options));
  CHECK(decoded.info.width == static_cast<unsigned>(options.width));
  CHECK(decoded.info.height == static_cast<unsigned>(options.height));
  CHECK(decoded.info.orientation == kUpright);
  CHECK(decoded.image == expected(options));
}

TEST_CASE("decode: around a frame of a GIF its canvas is white") {
  GifOptions options{.left = 10, .top = 7, .width = 30, .height = 20};
  options.interlaced = GENERATE(false, true);
  CHECK(decode_as(Format::gif, write_gif(options)).image == expected(options));
}

TEST_CASE("decode: a frame of a GIF is cut at the edge of its canvas") {
  GifOptions options{.left = 40, .top = 30};
  options.interlaced = GENERATE(false, true);
  CHECK(decode_as(Format::gif, write_gif(options)).image == expected(options));
  options.left = GENERATE(64, 65000);
  CHECK(decode_error(write_gif(options)).code == ErrorCode::corrupt);
}

TEST_CASE("decode: a GIF without canvas has that of its frame") {
  const std::string file = write_gif();
  const Decoded decoded = decode_as(Format::gif, with_canvas(file, 0, 0));
  CHECK(decoded.info.width == 64);
  CHECK(decoded.image == decode_as(Format::gif, file).image);
}

TEST_CASE("decode: a GIF without colours or without frame") {
  std::string no_colours = write_gif();
  no_colours[10] = '\x70';
  no_colours.erase(13, std::size_t{3} * 256);
  CHECK(decode_error(no_colours).code == ErrorCode::corrupt);
  CHECK(decode_error("GIF89a\5\0\5\0\0\0\0;"s).code == ErrorCode::corrupt);
}

TEST_CASE("decode: behind the first frame of a GIF nothing is read") {
  const std::string file = write_gif();
  const Image image = decode_as(Format::gif, file).image;
  const std::string frame = file.substr(0, file.size() - 1);
  CHECK(decode_as(Format::gif, frame).image == image);
  CHECK(decode_as(Format::gif, frame + "no frame").image == image);
  const std::size_t descriptor = file.find(",\0\0\0\0\x40\0\x30\0"s);
  REQUIRE(descriptor != std::string::npos);
  CHECK(decode_as(Format::gif, frame + file.substr(descriptor)).image == image);
}

TEST_CASE("decode: GIF is reduced to a short side of 256 or more") {
  GifOptions options{
      .canvas_width = 1025, .canvas_height = 600, .width = 1025, .height = 600};
  const Decoded decoded = decode_as(Format::gif, write_gif(options));
  CHECK(decoded.info.width == 1025);
  CHECK(decoded.image.width == 513);
  CHECK(decoded.image.height == 300);
  options.interlaced = true;
  CHECK(decode_as(Format::gif, write_gif(options)).image == decoded.image);
}

TEST_CASE("decode: a GIF that ends early is never a picture") {
  GifOptions options{
      .canvas_width = 20, .canvas_height = 15, .width = 20, .height = 15};
  options.interlaced = GENERATE(false, true);
  options.palette = GENERATE(Palette::global, Palette::local);
  const std::string file = write_gif(options);
  // Without the byte that says so, an end is an end.
  for (std::size_t size = 0; size < file.size() - 1; ++size) {
    INFO(size << " of " << file.size() << " bytes");
    CHECK(decode_error(file.substr(0, size)).code ==
          (size < 6 ? ErrorCode::not_a_picture : ErrorCode::truncated));
  }
}

TEST_CASE("decode: a damaged GIF is a picture or an error") {
  const std::string whole =
      write_gif({.left = 3, .width = 30, .height = 20, .interlaced = true});
  const std::size_t behind_palette = 13 + 3 * 256;
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string file = whole;
    for (unsigned flips = 1 + random() % 8; flips > 0; --flips) {
      const std::size_t at =
          random() % 4 == 0
              ? 6 + random() % 7
              : behind_palette + random() % (file.size() - behind_palette);
      file[at] = static_cast<char>(random());
    }
    const auto decoded = decode(bytes_of(file), {.max_pixels = 1U << 18U});
    if (decoded) {
      REQUIRE(decoded->image.pixels.size() ==
              static_cast<std::size_t>(decoded->image.width) *
                  static_cast<std::size_t>(decoded->image.height));
    }
  }
}

TEST_CASE("decode: a GIF over a limit is refused") {
  const std::string file = write_gif();
  CHECK(decode(bytes_of(file), {.max_pixels = 64 * 48}).has_value());
  CHECK(decode_error(file, {.max_pixels = 64 * 48 - 1}).code ==
        ErrorCode::too_large);
  CHECK(decode_error(file, {.max_memory_bytes = 64 * 48}).code ==
        ErrorCode::too_large);
  CHECK(decode_error(with_canvas(file, 65535, 65535)).code ==
        ErrorCode::too_large);
  // The frame counts, too.
  CHECK(decode_error(with_canvas(file, 10, 10), {.max_pixels = 1000}).code ==
        ErrorCode::too_large);
}

#endif  // VAM_GIF_BUILT
