#if VAM_JXL_BUILT

#include <jxl/decode.h>
#include <jxl/decode_cxx.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "catch.hpp"
#include "decoding.hpp"
#include "jxl_writer.hpp"
#include "scene.hpp"
#include "vam/decode.hpp"
#include "vam/hash.hpp"

using namespace vam;
using namespace std::string_literals;

namespace {

bool has_alpha(const JxlOptions& options) {
  return options.colour != JxlColour::grey && options.colour != JxlColour::rgb;
}

/// The largest difference to the picture that was written.
int error_of(const Image& image, const JxlOptions& options) {
  int worst = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      Rgba colour =
          options.pattern((2 * x + 1) * options.width / (2 * image.width),
                          (2 * y + 1) * options.height / (2 * image.height),
                          options.width, options.height);
      if (!has_alpha(options)) colour.alpha = 255;
      worst =
          std::max(worst, std::abs(image.row(y)[x] - luma_over_white(colour)));
    }
  }
  return worst;
}

/// What the header says about colours: whether they are multiplied with alpha.
bool is_premultiplied(const std::string& file) {
  const JxlDecoderPtr decoder = JxlDecoderMake(nullptr);
  JxlDecoderSubscribeEvents(decoder.get(), JXL_DEC_BASIC_INFO);
  JxlDecoderSetInput(decoder.get(),
                     reinterpret_cast<const std::uint8_t*>(file.data()),
                     file.size());
  JxlBasicInfo info{};
  return JxlDecoderProcessInput(decoder.get()) == JXL_DEC_BASIC_INFO &&
         JxlDecoderGetBasicInfo(decoder.get(), &info) == JXL_DEC_SUCCESS &&
         info.xsize == 64 && info.ysize == 48 &&
         info.alpha_premultiplied != JXL_FALSE;
}

/// A box of the container.
std::string box(const std::string& type, const std::string& value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((value.size() + 8) >> shift & 0xFFU);
  }
  return bytes + type + value;
}

}  // namespace

TEST_CASE("decode: JPEG XL, lossy and lossless, in all colours") {
  JxlOptions options{.width = GENERATE(1, 63, 300)};
  options.coding = GENERATE(JxlCoding::lossy, JxlCoding::lossless);
  options.colour = GENERATE(JxlColour::grey, JxlColour::grey_alpha,
                            JxlColour::rgb, JxlColour::rgba);
  const Decoded decoded = decode_as(Format::jxl, write_jxl(options));
  CHECK(decoded.info.width == static_cast<unsigned>(options.width));
  CHECK(decoded.info.height == 48);
  CHECK(decoded.image.width == options.width);
  CHECK(decoded.image.height == 48);
  const bool is_grey = options.colour == JxlColour::grey ||
                       options.colour == JxlColour::grey_alpha;
  CHECK((decoded.chroma.blue.width == 0) == is_grey);
  CHECK(error_of(decoded.image, options) <=
        (options.coding == JxlCoding::lossless ? 1 : 12));
}

TEST_CASE("decode: JPEG XL whose colours are multiplied with alpha") {
  // libjxl 0.7 cannot write it, but one bit of the header says it.
  JxlOptions options{.colour = JxlColour::rgba, .bits = 16};
  options.pattern = [](int, int, int, int) { return Rgba{60, 60, 60, 128}; };
  const std::string file = write_jxl(options);
  CHECK(decode_as(Format::jxl, file).image.row(5)[5] == 157);
  std::size_t found = 0;
  for (std::size_t at = file.find("\xFF\x0A") + 2; at < 100; ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = file;
      flipped[at] =
          static_cast<char>(static_cast<unsigned char>(file[at]) ^ (1U << bit));
      if (!is_premultiplied(flipped)) continue;
      ++found;
      CHECK(decode_as(Format::jxl, flipped).image.row(5)[5] ==
            187);  // 60 + 255 - 128
    }
  }
  CHECK(found == 1);
}

TEST_CASE("decode: JPEG XL of any depth, and of floats") {
  struct Depth {
    unsigned bits, exponent_bits;
  };
  const auto depth = GENERATE(Depth{8, 0}, Depth{10, 0}, Depth{12, 0},
                              Depth{16, 0}, Depth{16, 5}, Depth{32, 8});
  JxlOptions options;
  options.bits = depth.bits;
  options.exponent_bits = depth.exponent_bits;
  options.colour = GENERATE(JxlColour::grey, JxlColour::rgb, JxlColour::rgba);
  options.coding = GENERATE(JxlCoding::lossy, JxlCoding::lossless);
  CHECK(error_of(decode_as(Format::jxl, write_jxl(options)).image, options) <=
        (options.coding == JxlCoding::lossless ? 1 : 12));
}

TEST_CASE("decode: JPEG XL is seen alike whatever its colours are coded in") {
  JxlOptions options;
  options.bits = 16;
  options.coding = GENERATE(JxlCoding::lossy, JxlCoding::lossless);
  options.colour = GENERATE(JxlColour::grey, JxlColour::rgb, JxlColour::rgba);
  options.is_linear = true;
  CHECK(error_of(decode_as(Format::jxl, write_jxl(options)).image, options) <=
        (options.coding == JxlCoding::lossless ? 2 : 12));
}

TEST_CASE("decode: lossy JPEG XL comes as sRGB whatever it was made of") {
  // Grey is the same in all primaries.
  JxlOptions options{.coding = JxlCoding::lossy};
  options.pattern = [](int x, int, int width, int) {
    const auto grey = static_cast<unsigned>(x * 255 / width);
    return Rgba{grey, grey, grey};
  };
  options.is_wide = true;
  CHECK(error_of(decode_as(Format::jxl, write_jxl(options)).image, options) <=
        6);
}

TEST_CASE("decode: samples of a JPEG XL that no screen can show") {
  JxlOptions options{.bits = 32, .exponent_bits = 8, .is_linear = true};
  // 1000 of 255 is brighter than white.
  options.pattern = [](int x, int, int width, int) {
    const unsigned grey = 2 * x < width ? 1000 : 0;
    return Rgba{grey, grey, grey};
  };
  const Image image = decode_as(Format::jxl, write_jxl(options)).image;
  CHECK(image.row(5)[5] == 255);
  CHECK(image.row(5)[image.width - 5] == 0);
}

TEST_CASE("decode: JPEG XL is reduced to a short side of 256 or more") {
  JxlOptions options{.width = 1025, .height = 600};
  options.coding = GENERATE(JxlCoding::lossy, JxlCoding::lossless);
  options.colour = GENERATE(JxlColour::rgb, JxlColour::grey_alpha);
  options.is_progressive = GENERATE(false, true);
  const Decoded decoded = decode_as(Format::jxl, write_jxl(options));
  CHECK(decoded.info.width == 1025);
  CHECK(decoded.image.width == 513);
  CHECK(decoded.image.height == 300);
  CHECK(error_of(decoded.image, options) <= 12);
}

TEST_CASE("decode: JPEG XL in every orientation, turned once") {
  JxlOptions options{.width = 320, .height = 200};
  const Image upright = decode_as(Format::jxl, write_jxl(options)).image;
  options.orientation = GENERATE(range(1, 9));
  const bool has_exif = GENERATE(false, true);
  if (has_exif) {
    options.boxes = JxlBoxes::plain;
    options.exif = jxl_exif({.orientation = options.orientation % 8 + 1});
  }
  const Decoded decoded = decode_as(Format::jxl, write_jxl(options));
  CHECK(decoded.info.orientation == options.orientation);
  CHECK(decoded.info.width == 320);
  CHECK(decoded.info.height == 200);
  CHECK(decoded.image == upright);
}

TEST_CASE("decode: metadata of JPEG XL, plain and compressed") {
  JxlOptions options;
  options.boxes = GENERATE(JxlBoxes::plain, JxlBoxes::compressed);
  ExifOptions exif = full_exif();
  exif.taken_at = "2019:02:28 23:59:58";
  // TIFF behind an offset, and something in between.
  const std::string block = jxl_exif(exif);
  for (const std::string& value :
       {block, "\0\0\0\5"s + "12345" + block.substr(4),
        "\0\0\0\0"s + make_exif(exif), block + std::string(1 << 20, 'x')}) {
    options.exif = value;
    const Decoded decoded = decode_as(Format::jxl, write_jxl(options));
    CHECK(decoded.info.taken_at == "2019-02-28T23:59:58");
    CHECK((decoded.info.metadata == full_metadata()));
  }
}

TEST_CASE("decode: broken EXIF costs a JPEG XL its facts, not its picture") {
  JxlOptions options{.boxes = JxlBoxes::plain};
  const std::string whole = write_jxl(options);
  const Image image = decode_as(Format::jxl, whole).image;
  for (const std::string& value :
       {""s, "\0\0"s, "\0\0\0\0"s, "\xFF\xFF\xFF\xFFMM\0*"s,
        "\0\0\0\0no EXIF"s}) {
    CHECK(decode_as(Format::jxl, whole + box("Exif", value)).image == image);
  }
  // No Brotli, and no type of what is compressed.
  for (const std::string& value :
       {"Exif"s, "Exif\xFF\xFF\xFF\xFF\xFF\xFF"s, "Ex"s}) {
    CHECK(decode_as(Format::jxl, whole + box("brob", value)).image == image);
  }
}

TEST_CASE("decode: of an animated JPEG XL the first frame is shown") {
  JxlOptions options;
  options.coding = GENERATE(JxlCoding::lossy, JxlCoding::lossless);
  const Image alone = decode_as(Format::jxl, write_jxl(options)).image;
  options.frames = 3;
  const std::string file = write_jxl(options);
  CHECK(decode_as(Format::jxl, file).image == alone);
  // The others need not be decoded, but they must be there.
  CHECK(decode_error(file.substr(0, file.size() - 10)).code ==
        ErrorCode::truncated);
}

TEST_CASE("decode: CMYK in JPEG XL is not read") {
  JxlOptions options{.has_black = true};
  CHECK(decode_error(write_jxl(options)).code == ErrorCode::unsupported);
}

TEST_CASE("decode: a JPEG XL that ends early is never a picture") {
  JxlOptions options{.width = 40, .height = 30};
  options.coding = GENERATE(JxlCoding::lossy, JxlCoding::lossless);
  options.boxes = GENERATE(JxlBoxes::none, JxlBoxes::plain);
  if (options.boxes != JxlBoxes::none) options.exif = jxl_exif(full_exif());
  const std::string file = write_jxl(options);
  const std::size_t head = options.boxes == JxlBoxes::none ? 2 : 12;
  for (std::size_t size = 0; size < file.size(); ++size) {
    INFO(size << " of " << file.size() << " bytes");
    CHECK(decode_error(file.substr(0, size)).code ==
          (size < head ? ErrorCode::not_a_picture : ErrorCode::truncated));
  }
}

TEST_CASE("decode: data behind a JPEG XL do not matter") {
  JxlOptions options;
  options.boxes = GENERATE(JxlBoxes::none, JxlBoxes::plain);
  if (options.boxes != JxlBoxes::none) options.exif = jxl_exif(full_exif());
  const std::string file = write_jxl(options);
  const Decoded alone = decode_as(Format::jxl, file);
  for (const std::string& junk :
       {file, "\n"s, "junk"s, "junk behind"s, "\0\0\1\0junk behind"s,
        std::string(100, '\0'), std::string(100, '\xFF'),
        std::string("\0\0\0\1", 4) + std::string(100, '\xFF')}) {
    const Decoded decoded = decode_as(Format::jxl, file + junk);
    CHECK(decoded.image == alone.image);
    CHECK(decoded.info == alone.info);
  }
}

TEST_CASE("decode: a damaged JPEG XL is an error") {
  std::string file = write_jxl({.width = 200, .height = 100});
  for (std::size_t at = file.size() / 2; at < file.size(); at += 20) {
    file[at] = static_cast<char>(~file[at]);
  }
  CHECK(decode_error(file).code == ErrorCode::corrupt);
}

TEST_CASE("decode: a JPEG XL over a limit is refused") {
  const std::string file = write_jxl();
  CHECK(decode(bytes_of(file), {.max_pixels = 64 * 48}).has_value());
  CHECK(decode_error(file, {.max_side = 63}).code == ErrorCode::too_large);
  CHECK(decode_error(file, {.max_pixels = 64 * 48 - 1}).code ==
        ErrorCode::too_large);
  CHECK(decode_error(file, {.max_memory_bytes = 64 * 48 * 12}).code ==
        ErrorCode::too_large);
  std::uint64_t reserved = 0;
  CHECK(decode(bytes_of(file),
               {.reserve = [&](std::uint64_t bytes) { reserved += bytes; }}));
  CHECK(reserved > 64 * 48 * 12);
}

#endif  // VAM_JXL_BUILT
