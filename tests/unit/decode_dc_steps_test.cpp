// What decoders find out about how a picture was quantised before.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "catch.hpp"
#include "decode/block_means.hpp"
#include "decode/decoders.hpp"
#include "decoding.hpp"
#include "format_writer.hpp"
#include "jpeg_variants.hpp"
#include "picture_writer.hpp"

using namespace vam;

namespace {

/// Steps of the luma's DC coefficients in libjpeg's tables.
constexpr int kQuality50 = 50;  // 16
constexpr int kQuality90 = 90;  // 3

bool has_step(const DcSteps& steps, unsigned step) {
  return (steps.coarser >> step & 1U) != 0;
}

/// Every block has a mean that is a multiple of 2, so that its DC coefficient
/// is one of 16. Of any size.
Rgba even_means_at(int x, int y, int width, int height) {
  const unsigned level = noise_at(x / 8 * 24, y / 8 * 24, width, height).red;
  const unsigned grey = 40 + level / 4 * 2;
  const unsigned texture = (x + y) % 2 == 0 ? 8 : 0;
  return {grey + texture, grey + texture, grey + texture, 255};
}

Rgba odd_means_at(int x, int y, int width, int height) {
  const unsigned level = noise_at(x / 8 * 24, y / 8 * 24, width, height).red;
  const unsigned grey = 40 + level / 2;
  const unsigned extra = (x % 8 * 8 + y % 8) < static_cast<int>(level % 64);
  return {grey + extra, grey + extra, grey + extra, 255};
}

}  // namespace

TEST_CASE("dc_steps: a JPEG says its own, and what it was saved with before") {
  JpegOptions options{.width = 320, .height = 240, .quality = kQuality50};
  options.pattern = noise_at;
  CHECK(decode_ok(write_jpeg(options)).info.dc_steps == DcSteps{16, 0});
  options.quality = kQuality90;
  CHECK(decode_ok(write_jpeg(options)).info.dc_steps == DcSteps{3, 0});
  options.pattern = seen_in_jpeg(noise_at, 320, 240, kQuality50);
  const DcSteps again = decode_ok(write_jpeg(options)).info.dc_steps;
  CHECK(again.own == 3);
  CHECK(has_step(again, 16));
  CHECK_FALSE(has_step(again, 10));
  CHECK_FALSE(has_step(again, 15));
}

TEST_CASE("dc_steps: found at every scale, by every reader of JPEG") {
  JpegOptions options{.quality = kQuality90};
  // Decoded at 1/1, 1/2, 1/4 and 1/8.
  options.height = GENERATE(160, 512, 1024, 2048);
  options.width = options.height + 56;
  SECTION("4:4:4") {}
  SECTION("4:2:0") { options.luma_h = options.luma_v = 2; }
  SECTION("grey") { options.colour = JpegColour::grey; }
  SECTION("progressive") { options.scans = JpegScans::progressive; }
  options.pattern = even_means_at;
  const std::string file = write_jpeg(options);
  const DcSteps steps = decode_ok(file).info.dc_steps;
  CHECK(steps.own == 3);
  CHECK(has_step(steps, 16));
  const auto by_libjpeg = decode_jpeg_by_libjpeg(bytes_of(file), {});
  REQUIRE(by_libjpeg);
  CHECK(has_step(by_libjpeg->info.dc_steps, 16));
  options.pattern = odd_means_at;
  CHECK(decode_ok(write_jpeg(options)).info.dc_steps == DcSteps{3, 0});
}

TEST_CASE("dc_steps: a JPEG without luma says nothing") {
  JpegOptions options{.width = 320, .height = 240, .quality = kQuality90};
  options.colour =
      GENERATE(JpegColour::rgb, JpegColour::cmyk, JpegColour::ycck);
  options.pattern = even_means_at;
  CHECK(decode_ok(write_jpeg(options)).info.dc_steps == DcSteps{});
}

TEST_CASE("dc_steps: a lossless file tells that it was a JPEG") {
  FormatPicture picture{.width = 320, .height = 240};
  picture.pattern = seen_in_jpeg(noise_at, 320, 240, kQuality50);
  for (const FormatWriter& writer : format_writers()) {
    if (writer.format != Format::png && writer.format != Format::tiff &&
        writer.format != Format::bmp) {
      continue;
    }
    CAPTURE(writer.extension);
    picture.orientation = writer.carries_orientation ? 6 : 1;
    const DcSteps steps = decode_ok(writer.write(picture)).info.dc_steps;
    CHECK(steps.own == 0);
    CHECK(has_step(steps, 16));
    CHECK_FALSE(has_step(steps, 12));
  }
  PngOptions png{.width = 320, .height = 240};
  png.interlaced = GENERATE(false, true);
  png.pattern = picture.pattern;
  CHECK(has_step(decode_ok(write_png(png)).info.dc_steps, 16));
  png.pattern = noise_at;
  CHECK(decode_ok(write_png(png)).info.dc_steps == DcSteps{});
}

namespace {

constexpr int kWidth = 300;
constexpr int kHeight = 268;

/// What is seen of a JPEG of these sides, which are no multiples of 8, that was
/// turned afterwards as this orientation says.
Pattern turned_jpeg(int orientation) {
  return [=, seen = seen_in_jpeg(noise_at, kWidth, kHeight, kQuality50)](
             int x, int y, int width, int height) {
    const Point place = upright_place(x, y, width, height, orientation);
    return seen(place.x, place.y, kWidth, kHeight);
  };
}

}  // namespace

TEST_CASE("dc_steps: found in what was mirrored or turned") {
  const int orientation = GENERATE(range(1, 9));
  CAPTURE(orientation);
  const bool swaps = orientation >= 5;
  JpegOptions jpeg{.width = swaps ? kHeight : kWidth,
                   .height = swaps ? kWidth : kHeight,
                   .quality = 95};
  jpeg.pattern = turned_jpeg(orientation);
  const DcSteps steps = decode_ok(write_jpeg(jpeg)).info.dc_steps;
  CHECK(steps.own == 2);
  CHECK(has_step(steps, 16));
  CHECK((steps.coarser & 7U) == 0);
  PngOptions png{.width = jpeg.width, .height = jpeg.height};
  png.pattern = jpeg.pattern;
  CHECK(has_step(decode_ok(write_png(png)).info.dc_steps, 16));
  // But not in what was cut off anyhow.
  png.height -= 3;
  png.pattern = [&](int x, int y, int, int) {
    return jpeg.pattern(x, y + 2, jpeg.width, jpeg.height);
  };
  CHECK(decode_ok(write_png(png)).info.dc_steps == DcSteps{});
}

TEST_CASE("block_means: runs may begin and end anywhere") {
  // A column of blocks, and some pixels beside it and below.
  constexpr std::uint32_t kColumn = 13;
  constexpr std::uint32_t kRows = 16'003;
  const auto steps_with = [](std::size_t first_run) {
    BlockMeans means(kColumn, kRows, BlockMeans::Grids::all);
    std::vector<std::uint8_t> row(kColumn);
    for (std::uint32_t y = 0; y < kRows; ++y) {
      for (std::uint32_t x = 0; x < kColumn; ++x) {
        row[x] = static_cast<std::uint8_t>(
            even_means_at(static_cast<int>(x), static_cast<int>(y), 1, 1).red);
      }
      const auto pixels = std::span(row);
      means.add(pixels.first(first_run), {.y = y});
      means.add(pixels.subspan(first_run),
                {.x = static_cast<std::uint32_t>(first_run), .y = y});
    }
    return means.coarser_steps();
  };
  REQUIRE((steps_with(kColumn) >> 16U & 1U) == 1);
  for (const std::size_t first_run : {1U, 5U, 8U, 12U}) {
    CAPTURE(first_run);
    CHECK(steps_with(first_run) == steps_with(kColumn));
  }
}

TEST_CASE("block_means: there may be no whole block") {
  for (const std::uint32_t height : {1U, 7U, 4000U}) {
    BlockMeans means(7, height, BlockMeans::Grids::all);
    const std::vector<std::uint8_t> row(7, 100);
    for (std::uint32_t y = 0; y < height; ++y) means.add(row, {.y = y});
    CHECK(means.coarser_steps() == 0);
    CHECK(BlockMeans::memory_needed(7, height) == 0);
  }
}
