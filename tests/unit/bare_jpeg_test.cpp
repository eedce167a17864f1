#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "catch.hpp"
#include "jpeg_variants.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;
using namespace std::string_literals;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bare(const std::string& file, std::uint32_t width, std::uint32_t height) {
  return bare_jpeg(bytes_of(file), width, height);
}

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A segment of a JPEG.
std::string segment(unsigned char marker, const std::string& data) {
  const auto size = data.size() + 2;
  return std::string("\xff") + static_cast<char>(marker) +
         static_cast<char>(size >> 8) + static_cast<char>(size & 0xFF) + data;
}

/// Behind the start marker.
std::string with(const std::string& file, const std::string& inserted) {
  return file.substr(0, 2) + inserted + file.substr(2);
}

}  // namespace

TEST_CASE("bare jpeg: shows the same, and says nothing else") {
  int taken = 0;
  for (const std::string& file : small_jpeg_variants()) {
    const auto decoded = decode(bytes_of(file));
    REQUIRE(decoded);
    const std::string noisy =
        with(file, segment(0xE1, "Exif\0\0secret"s) + segment(0xFE, "secret") +
                       segment(0xE2, "ICC_PROFILE secret")) +
        "secret";
    const Bytes got = bare(noisy, decoded->info.width, decoded->info.height);
    CHECK(got == bare(file, decoded->info.width, decoded->info.height));
    if (got.empty()) continue;
    ++taken;
    CHECK(text_of(got).find("secret") == std::string::npos);
    CHECK(got.size() <= file.size());
    const auto again = decode(got);
    REQUIRE(again);
    CHECK(again->image.pixels == decoded->image.pixels);
    CHECK(again->chroma.blue.pixels == decoded->chroma.blue.pixels);
    CHECK(again->chroma.red.pixels == decoded->chroma.red.pixels);
  }
  CHECK(taken > 30);
}

TEST_CASE("bare jpeg: only of the size that is known, and small") {
  JpegOptions options{.width = 40, .height = 30, .pattern = noise_at};
  const std::string file = write_jpeg(options);
  CHECK_FALSE(bare(file, 40, 30).empty());
  CHECK(bare(file, 30, 40).empty());
  CHECK(bare(file, 41, 30).empty());
  options.width = options.height = 400;
  options.quality = 98;
  const std::string large = write_jpeg(options);
  REQUIRE(large.size() > kMaxBareJpegBytes);
  CHECK(bare(large, 400, 400).empty());
}

TEST_CASE("bare jpeg: nothing of a file that is cut or unusual") {
  const JpegOptions options{.width = 40, .height = 30, .pattern = noise_at};
  const std::string file = write_jpeg(options);
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    // All parts are in memory of their own, for sanitizers.
    const std::string part = file.substr(0, size);
    CHECK(bare({part.data(), part.size()}, 40, 30).empty());
  }
  for (const std::string& inserted :
       {std::string("\xff"), std::string("x"), segment(0xDC, "123"),
        segment(0xC9, "123456"), segment(0xEE, "Adobe, and more than that"),
        std::string("\xff\xe1\0\0", 4), std::string("\xff\xe1\xff\xff", 4)}) {
    CHECK(bare(with(file, inserted), 40, 30).empty());
  }
  JpegOptions cmyk = options;
  cmyk.colour = JpegColour::cmyk;
  CHECK(bare(write_jpeg(cmyk), 40, 30).empty());
}

TEST_CASE("bare jpeg: no segment has room for anything else") {
  const JpegOptions options{.width = 40, .height = 30, .pattern = noise_at};
  const std::string file =
      with(write_jpeg(options), segment(0xDD, std::string(2, 0)));
  REQUIRE_FALSE(bare(file, 40, 30).empty());
  // Intervals, frame, scan, quantization and Huffman tables.
  for (const char marker : {'\xdd', '\xc0', '\xda', '\xdb', '\xc4'}) {
    const auto at = file.find({'\xff', marker});
    REQUIRE(at != file.npos);
    const auto size = static_cast<unsigned char>(file[at + 2]) * 256U +
                      static_cast<unsigned char>(file[at + 3]);
    std::string longer = file;
    longer.insert(at + 2 + size, 1, '\0');
    longer[at + 2] = static_cast<char>((size + 1) >> 8U);
    longer[at + 3] = static_cast<char>((size + 1) & 0xFFU);
    CAPTURE(at);
    CHECK(bare(longer, 40, 30).empty());
  }
}

TEST_CASE("bare jpeg: what any byte is exchanged for does no harm") {
  const JpegOptions options{.width = 16, .height = 16, .pattern = noise_at};
  const std::string file = write_jpeg(options);
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const int value : {0x00, 0x02, 0xC0, 0xD9, 0xDA, 0xFF}) {
      std::string changed = file;
      changed[i] = static_cast<char>(value);
      CHECK(bare(changed, 16, 16).size() <= file.size());
    }
  }
}
