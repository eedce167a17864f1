// What decoders find out about how a picture was quantised before.
#include <algorithm>
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
  const unsigned texture = (x % 8 < 4) != (y % 8 < 4) ? 8 : 0;
  return {grey + texture, grey + texture, grey + texture, 255};
}

Rgba odd_means_at(int x, int y, int width, int height) {
  const unsigned level = noise_at(x / 8 * 24, y / 8 * 24, width, height).red;
  const unsigned grey = 40 + level / 2;
  const unsigned extra = (x % 8 * 8 + y % 8) < static_cast<int>(level % 64);
  return {grey + extra, grey + extra, grey + extra, 255};
}

/// Flat areas with upright edges, as in drawings.
Rgba drawing_at(int x, int y, int width, int height) {
  return noise_at((x + y / 29 * 7) / 37 * 24, y / 29 * 24, width, height);
}

Rgba pixel_art_at(int x, int y, int width, int height) {
  return noise_at(x / 8 * 24, y / 8 * 24, width, height);
}

}  // namespace

TEST_CASE("dc_steps: drawings are not taken for what was a JPEG") {
  const Pattern draw = GENERATE(false, true) ? drawing_at : pixel_art_at;
  PngOptions png{.width = 512, .height = 400};
  png.pattern = draw;
  CHECK(decode_ok(write_png(png)).info.dc_steps == DcSteps{});
  JpegOptions jpeg{.width = 504, .height = 400, .quality = 98};
  jpeg.pattern = draw;
  CHECK(decode_ok(write_jpeg(jpeg)).info.dc_steps == DcSteps{1, 0});
}

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
  CHECK(by_libjpeg->info.dc_steps.own == 3);
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
  png.pattern = picture.pattern;
  CHECK(has_step(decode_ok(write_png(png)).info.dc_steps, 16));
  png.interlaced = true;
  CHECK(decode_ok(write_png(png)).info.dc_steps == DcSteps{});
  png.interlaced = false;
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

TEST_CASE("dc_steps: what is decoded in a reduced size tells nothing") {
  FormatPicture picture{.width = 600, .height = 520};
  // Halved, it has such means.
  picture.pattern = [](int x, int y, int width, int height) {
    return even_means_at(x / 2, y / 2, width, height);
  };
  for (const FormatWriter& writer : format_writers()) {
    if (writer.format != Format::webp && writer.format != Format::raw) continue;
    CAPTURE(writer.extension);
    CHECK(decode_ok(writer.write(picture)).info.dc_steps == DcSteps{});
  }
}

namespace {

/// Of pixels of even_means_at() that come in runs of this length.
std::uint64_t steps_of_runs(std::uint32_t width, std::uint32_t height,
                            std::size_t run) {
  BlockMeans means(width, height, BlockMeans::Grids::all);
  std::vector<std::uint8_t> row(width);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      row[x] = static_cast<std::uint8_t>(
          even_means_at(static_cast<int>(x), static_cast<int>(y), 1, 1).red);
    }
    for (std::size_t x = 0; x < width; x += run) {
      means.add(std::span(row).subspan(x, std::min(run, width - x)),
                {.x = static_cast<std::uint32_t>(x), .y = y});
    }
  }
  return means.coarser_steps();
}

}  // namespace

TEST_CASE("block_means: blocks may come in runs") {
  const std::uint64_t expected = std::uint64_t{1} << 16U;
  const auto run = GENERATE(8U, 16U, 64U, 200U, 400U);
  CHECK(steps_of_runs(200, 800, run) == expected);
  // Of no block, and of some of them, all pixels of a row come at once.
  CHECK(steps_of_runs(200, 800, 4) == 0);
  CHECK(steps_of_runs(200, 800, 7) == 0);
  CHECK(steps_of_runs(200, 800, 60) == expected);
  // More blocks than are needed.
  CHECK(steps_of_runs(3200, 2496, 3200) == expected);
}

TEST_CASE("block_means: there may be no whole block") {
  for (const std::uint32_t height : {1U, 7U, 4000U}) {
    BlockMeans means(7, height, BlockMeans::Grids::all);
    const std::vector<std::uint8_t> row(7, 100);
    for (std::uint32_t y = 0; y < height; ++y) means.add(row, {.y = y});
    CHECK(means.coarser_steps() == 0);
  }
}
