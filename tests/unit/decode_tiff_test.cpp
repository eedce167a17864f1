// Reads TIFFs that libtiff has written here, of every kind.
#if VAM_TIFF_BUILT
#include <tiffio.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "decoding.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;

namespace {

struct TiffOptions {
  int width = 50;  ///< as stored
  int height = 37;
  const char* mode = "w";  ///< of TIFFClientOpen: byte order, BigTIFF
  int photometric = PHOTOMETRIC_RGB;
  int bits = 8;
  int format = SAMPLEFORMAT_UINT;
  int compression = COMPRESSION_NONE;
  int alpha = -1;  ///< kind of an extra sample; -1: none
  int tile = 0;    ///< side of a tile; 0: strips
  int rows_per_strip = 10;
  bool planar = false;
  int orientation = 0;
  int kind = 0;                 ///< NewSubfileType
  std::uint16_t sub_pages = 0;  ///< how many of those that follow are SubIFDs
  Pattern pattern = pattern_at;
  const char* taken_at = nullptr;
};

/// A growing file in memory.
struct Memory {
  std::string data;
  std::size_t at = 0;

  static Memory& of(thandle_t handle) { return *static_cast<Memory*>(handle); }
  static tmsize_t read(thandle_t handle, void* out, tmsize_t size) {
    Memory& self = of(handle);
    const std::size_t left =
        self.data.size() - std::min(self.at, self.data.size());
    const std::size_t count = std::min(left, static_cast<std::size_t>(size));
    if (count > 0) std::memcpy(out, self.data.data() + self.at, count);
    self.at += count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t write(thandle_t handle, void* in, tmsize_t size) {
    Memory& self = of(handle);
    const auto count = static_cast<std::size_t>(size);
    self.data.resize(std::max(self.data.size(), self.at + count));
    std::memcpy(self.data.data() + self.at, in, count);
    self.at += count;
    return size;
  }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    Memory& self = of(handle);
    if (whence == SEEK_CUR) offset += self.at;
    if (whence == SEEK_END) offset += self.data.size();
    return self.at = offset;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return of(handle).data.size(); }
};

TIFF* open_memory(Memory& memory, const char* mode) {
  return TIFFClientOpen("test", mode, &memory, Memory::read, Memory::write,
                        Memory::seek, Memory::close, Memory::size, nullptr,
                        nullptr);
}

/// The samples of a pixel, 0..1 each.
std::vector<double> samples_of(const TiffOptions& options, Rgba colour) {
  const auto part = [](unsigned value) { return value / 255.0; };
  const double luma =
      part(luma_over_white({colour.red, colour.green, colour.blue, 255}));
  std::vector<double> samples;
  switch (options.photometric) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
      samples = {luma};
      break;
    case PHOTOMETRIC_MINISWHITE:
      samples = {1 - luma};
      break;
    case PHOTOMETRIC_SEPARATED:
      samples = {1 - part(colour.red), 1 - part(colour.green),
                 1 - part(colour.blue), 0};
      break;
    default:
      samples = {part(colour.red), part(colour.green), part(colour.blue)};
  }
  if (options.alpha >= 0) {
    const double alpha = part(colour.alpha);
    if (options.alpha == EXTRASAMPLE_ASSOCALPHA) {
      for (double& sample : samples) sample *= alpha;
    }
    samples.push_back(options.alpha == EXTRASAMPLE_UNSPECIFIED ? 0 : alpha);
  }
  return samples;
}

unsigned half_of(double value) {
  if (value <= 0) return 0;
  const int exponent = static_cast<int>(std::floor(std::log2(value)));
  const double fraction = value / std::ldexp(1.0, exponent) - 1;
  return static_cast<unsigned>(exponent + 15) << 10U |
         static_cast<unsigned>(fraction * 1023);
}

/// One row of samples as libtiff wants them.
std::string packed(const TiffOptions& options,
                   const std::vector<double>& samples) {
  std::string row;
  unsigned held = 0;
  int held_bits = 0;
  const auto put = [&](const auto& value) {
    row.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  for (const double sample : samples) {
    if (options.format == SAMPLEFORMAT_IEEEFP) {
      if (options.bits == 16) put(static_cast<std::uint16_t>(half_of(sample)));
      if (options.bits == 32) put(static_cast<float>(sample));
      if (options.bits == 64) put(sample);
      continue;
    }
    const double max = std::ldexp(1.0, options.bits) - 1;
    auto value = static_cast<std::uint32_t>(std::lround(sample * max));
    if (options.format == SAMPLEFORMAT_INT) value ^= 1U << (options.bits - 1);
    if (options.bits == 32) {
      put(value);
    } else if (options.bits == 16) {
      put(static_cast<std::uint16_t>(value));
    } else {
      for (int bit = options.bits - 1; bit >= 0; --bit) {
        held = held << 1U | (value >> bit & 1U);
        if (++held_bits == 8) {
          row.push_back(static_cast<char>(held));
          held = 0;
          held_bits = 0;
        }
      }
    }
  }
  if (held_bits > 0) row.push_back(static_cast<char>(held << (8 - held_bits)));
  return row;
}

/// Row y of the picture, from x on, as one plane (or all: -1).
std::string row_of(const TiffOptions& options, int x, int y, int count,
                   int plane) {
  std::vector<double> row;
  for (int i = 0; i < count; ++i) {
    const int at_x = std::min(x + i, options.width - 1);
    const int at_y = std::min(y, options.height - 1);
    const std::vector<double> samples = samples_of(
        options, options.pattern(at_x, at_y, options.width, options.height));
    if (plane < 0) {
      row.insert(row.end(), samples.begin(), samples.end());
    } else {
      row.push_back(samples[static_cast<std::size_t>(plane)]);
    }
  }
  return packed(options, row);
}

void set_tags(TIFF* tiff, const TiffOptions& options, int samples) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, options.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, options.height);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, options.photometric);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, options.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, options.format);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, options.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
               options.planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (options.kind != 0) {
    TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, options.kind);
  }
  if (options.sub_pages > 0) {
    const std::vector<std::uint64_t> places(options.sub_pages);
    TIFFSetField(tiff, TIFFTAG_SUBIFD, options.sub_pages, places.data());
  }
  if (options.orientation != 0) {
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, options.orientation);
  }
  if (options.alpha >= 0) {
    const auto kind = static_cast<std::uint16_t>(options.alpha);
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  }
  if (options.compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 97);
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  if (options.photometric == PHOTOMETRIC_PALETTE) {
    const std::size_t size = std::size_t{1} << options.bits;
    std::vector<std::uint16_t> grey(size);
    for (std::size_t i = 0; i < size; ++i) {
      grey[i] = static_cast<std::uint16_t>(65535 * i / (size - 1));
    }
    TIFFSetField(tiff, TIFFTAG_COLORMAP, grey.data(), grey.data(), grey.data());
  }
  if (options.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, options.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, options.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, options.rows_per_strip);
  }
}

void write_pixels(TIFF* tiff, const TiffOptions& options, int samples) {
  for (int plane = 0; plane < (options.planar ? samples : 1); ++plane) {
    const int which = options.planar ? plane : -1;
    if (options.tile == 0) {
      for (int y = 0; y < options.height; ++y) {
        std::string row = row_of(options, 0, y, options.width, which);
        TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y),
                          static_cast<std::uint16_t>(plane));
      }
      continue;
    }
    for (int y = 0; y < options.height; y += options.tile) {
      for (int x = 0; x < options.width; x += options.tile) {
        std::string tile;
        for (int row = 0; row < options.tile; ++row) {
          tile += row_of(options, x, y + row, options.tile, which);
        }
        TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(x),
                      static_cast<std::uint32_t>(y), 0,
                      static_cast<std::uint16_t>(plane));
      }
    }
  }
}

void write_page(TIFF* tiff, const TiffOptions& options) {
  const auto samples = static_cast<int>(samples_of(options, {}).size());
  set_tags(tiff, options, samples);
  write_pixels(tiff, options, samples);
  TIFFWriteDirectory(tiff);
}

/// Adds an EXIF directory to the first page.
void write_exif(Memory& memory, const char* taken_at) {
  memory.at = 0;
  TIFF* tiff = open_memory(memory, "r+");
  TIFFFreeDirectory(tiff);
  TIFFCreateEXIFDirectory(tiff);
  TIFFSetField(tiff, EXIFTAG_DATETIMEORIGINAL, taken_at);
  TIFFSetField(tiff, EXIFTAG_SUBSECTIMEORIGINAL, "25");
  std::uint64_t offset = 0;
  TIFFWriteCustomDirectory(tiff, &offset);
  TIFFSetDirectory(tiff, 0);
  TIFFSetField(tiff, TIFFTAG_EXIFIFD, offset);
  TIFFRewriteDirectory(tiff);
  TIFFClose(tiff);
}

std::string write_tiff(const std::vector<TiffOptions>& pages) {
  Memory memory;
  TIFF* tiff = open_memory(memory, pages.front().mode);
  for (const TiffOptions& page : pages) write_page(tiff, page);
  TIFFClose(tiff);
  if (pages.front().taken_at != nullptr) {
    write_exif(memory, pages.front().taken_at);
  }
  return memory.data;
}

std::string write_tiff(const TiffOptions& options) {
  return write_tiff(std::vector{options});
}

/// Compares with the pattern, as stored: over white if there is an alpha.
void check_tiff(const TiffOptions& options, int tolerance) {
  const Decoded decoded = decode_as(Format::tiff, write_tiff(options));
  REQUIRE(decoded.image.width == options.width);
  REQUIRE(decoded.image.height == options.height);
  int worst = 0;
  for (int y = 0; y < options.height; ++y) {
    for (int x = 0; x < options.width; ++x) {
      Rgba colour = pattern_at(x, y, options.width, options.height);
      if (options.alpha < 1) colour.alpha = 255;
      worst = std::max(
          worst, std::abs(decoded.image.row(y)[x] - luma_over_white(colour)));
    }
  }
  CHECK(worst <= tolerance);
}

}  // namespace

TEST_CASE("decode: TIFF of every depth") {
  struct Depth {
    int bits, format, tolerance;
  };
  const auto depth = GENERATE(
      Depth{1, SAMPLEFORMAT_UINT, 128}, Depth{2, SAMPLEFORMAT_UINT, 43},
      Depth{4, SAMPLEFORMAT_UINT, 9}, Depth{8, SAMPLEFORMAT_UINT, 1},
      Depth{12, SAMPLEFORMAT_UINT, 1}, Depth{16, SAMPLEFORMAT_UINT, 1},
      Depth{32, SAMPLEFORMAT_UINT, 1}, Depth{8, SAMPLEFORMAT_INT, 1},
      Depth{16, SAMPLEFORMAT_INT, 1}, Depth{32, SAMPLEFORMAT_INT, 1},
      Depth{16, SAMPLEFORMAT_IEEEFP, 1}, Depth{32, SAMPLEFORMAT_IEEEFP, 1},
      Depth{64, SAMPLEFORMAT_IEEEFP, 1});
  TiffOptions options;
  options.photometric =
      GENERATE(PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_RGB);
  options.bits = depth.bits;
  options.format = depth.format;
  options.mode = GENERATE("wl", "wb");
  check_tiff(options, depth.tolerance + 1);
}

TEST_CASE("decode: TIFF in every arrangement") {
  TiffOptions options;
  options.photometric =
      GENERATE(PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_RGB, PHOTOMETRIC_SEPARATED);
  options.bits = GENERATE(8, 16);
  options.tile = GENERATE(0, 16);
  options.planar = GENERATE(false, true);
  options.mode = GENERATE("wl", "wb8");
  options.compression = GENERATE(COMPRESSION_NONE, COMPRESSION_LZW);
  check_tiff(options, 2);
}

TEST_CASE("decode: TIFF in every compression") {
  TiffOptions options;
  options.compression =
      GENERATE(COMPRESSION_PACKBITS, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
               COMPRESSION_LZMA, COMPRESSION_ZSTD);
  options.rows_per_strip = GENERATE(1, 10, 1000);
  if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(options.compression))) {
    check_tiff(options, 1);
  }
}

TEST_CASE("decode: fax TIFF") {
  TiffOptions options{.photometric = PHOTOMETRIC_MINISWHITE, .bits = 1};
  options.compression = GENERATE(COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3,
                                 COMPRESSION_CCITTFAX4);
  check_tiff(options, 128);
}

TEST_CASE("decode: JPEG in TIFF") {
  TiffOptions options{.compression = COMPRESSION_JPEG, .rows_per_strip = 16};
  options.photometric =
      GENERATE(PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_RGB, PHOTOMETRIC_YCBCR);
  options.tile = GENERATE(0, 16);
  check_tiff(options, 12);
}

TEST_CASE("decode: TIFF with palette") {
  TiffOptions options{.photometric = PHOTOMETRIC_PALETTE};
  options.bits = GENERATE(4, 8);
  check_tiff(options, options.bits == 8 ? 1 : 9);
}

TEST_CASE("decode: TIFF with alpha is shown over white") {
  TiffOptions options;
  options.photometric = GENERATE(PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_RGB);
  options.alpha = GENERATE(EXTRASAMPLE_UNSPECIFIED, EXTRASAMPLE_ASSOCALPHA,
                           EXTRASAMPLE_UNASSALPHA);
  options.bits = GENERATE(8, 16);
  options.planar = GENERATE(false, true);
  check_tiff(options, 3);
}

TEST_CASE("decode: CIELab TIFF") {
  TiffOptions options{.width = 8, .height = 8};
  options.photometric = PHOTOMETRIC_CIELAB;
  const Decoded decoded = decode_as(Format::tiff, write_tiff(options));
  CHECK(decoded.image.width == 8);
}

TEST_CASE("decode: floats outside of 0 to 1, and what is no number") {
  std::string file = write_tiff({.width = 3,
                                 .height = 1,
                                 .photometric = PHOTOMETRIC_MINISBLACK,
                                 .bits = 32,
                                 .format = SAMPLEFORMAT_IEEEFP});
  const float values[] = {-3.0F, std::numeric_limits<float>::quiet_NaN(),
                          1e30F};
  std::memcpy(file.data() + 8, values, sizeof values);
  const Image image = decode_as(Format::tiff, file).image;
  CHECK(image.pixels == std::vector<std::uint8_t>{0, 0, 255});
}

TEST_CASE("decode: TIFF in every orientation, turned once") {
  TiffOptions options;
  options.photometric = GENERATE(PHOTOMETRIC_RGB, PHOTOMETRIC_CIELAB);
  const Image stored = decode_as(Format::tiff, write_tiff(options)).image;
  options.orientation = GENERATE(range(1, 9));
  const auto orientation = static_cast<Orientation>(options.orientation);
  const Decoded decoded = decode_as(Format::tiff, write_tiff(options));
  CHECK(decoded.info.orientation == orientation);
  CHECK(decoded.info.width == (swaps_sides(orientation) ? 37U : 50U));
  CHECK(decoded.image == oriented(stored, orientation));
}

TEST_CASE("decode: the largest page of a TIFF counts") {
  const TiffOptions small{.width = 20, .height = 20};
  const TiffOptions large{.width = 40, .height = 30, .orientation = 6};
  const TiffOptions mask{.width = 90, .height = 90, .kind = FILETYPE_MASK};
  const TiffOptions reduced{
      .width = 80, .height = 80, .kind = FILETYPE_REDUCEDIMAGE};
  const Decoded decoded =
      decode_as(Format::tiff, write_tiff({small, mask, large, reduced}));
  CHECK(decoded.info.width == 30);
  CHECK(decoded.info.height == 40);
  CHECK(decode_as(Format::tiff, write_tiff(reduced)).info.width == 80);
}

TEST_CASE("decode: an overview never stands for its picture in a TIFF") {
  TiffOptions picture{.width = 600, .height = 520};
  picture.compression = COMPRESSION_ADOBE_DEFLATE;
  const Image whole = decode_as(Format::tiff, write_tiff(picture)).image;
  TiffOptions overview{.width = 300, .height = 260};
  overview.kind = FILETYPE_REDUCEDIMAGE;
  overview.pattern = [](int x, int y, int width, int height) {
    return pattern_at(width - 1 - x, y, width, height);
  };
  picture.sub_pages = GENERATE(std::uint16_t{0}, std::uint16_t{1});
  std::string file = write_tiff({picture, overview});
  CHECK(decode_as(Format::tiff, file).image == whole);
  // Nor is it taken where the picture is damaged.
  file.replace(5000, 64, 64, '\xFF');
  CHECK(decode_error(file).code == ErrorCode::corrupt);
}

TEST_CASE("decode: TIFF tells when it was taken") {
  CHECK(decode_as(Format::tiff, write_tiff({.taken_at = "2019:02:28 23:59:58"}))
            .info.taken_at == "2019-02-28T23:59:58.25");
  CHECK(decode_as(Format::tiff, write_tiff({.taken_at = "0000:00:00 00:00:00"}))
            .info.taken_at.empty());
  CHECK(
      decode_as(Format::tiff, write_tiff(TiffOptions{})).info.taken_at.empty());
}

TEST_CASE("decode: TIFF tells camera, place and software") {
  std::array<double, 3> latitude = {33, 51, 24.4779};
  std::array<double, 3> longitude = {151, 12, 0.75};
  Memory memory;
  TIFF* tiff = open_memory(memory, "w");
  TIFFCreateGPSDirectory(tiff);
  TIFFSetField(tiff, GPSTAG_LATITUDEREF, "S");
  TIFFSetField(tiff, GPSTAG_LATITUDE, latitude.data());
  TIFFSetField(tiff, GPSTAG_LONGITUDEREF, "E");
  TIFFSetField(tiff, GPSTAG_LONGITUDE, longitude.data());
  std::uint64_t gps = 0;
  REQUIRE(TIFFWriteCustomDirectory(tiff, &gps) == 1);
  TIFFFreeDirectory(tiff);
  TIFFCreateDirectory(tiff);
  PhotoMetadata expected = full_metadata();
  TIFFSetField(tiff, TIFFTAG_MAKE, expected.camera_make.c_str());
  TIFFSetField(tiff, TIFFTAG_MODEL, expected.camera_model.c_str());
  TIFFSetField(tiff, TIFFTAG_SOFTWARE, expected.software.c_str());
  TIFFSetField(tiff, TIFFTAG_GPSIFD, gps);
  write_page(tiff, {});
  TIFFClose(tiff);
  expected.rating = std::nullopt;  // libtiff cannot write it
  const Decoded decoded = decode_as(Format::tiff, memory.data);
  CHECK((decoded.info.metadata == expected));
}

TEST_CASE("decode: a large TIFF is reduced") {
  TiffOptions options{.width = 600, .height = 520};
  options.tile = GENERATE(0, 64);
  const Decoded decoded = decode_as(Format::tiff, write_tiff(options));
  CHECK(decoded.info.width == 600);
  CHECK(decoded.image.width == 300);
  CHECK(decoded.image.height == 260);
}

TEST_CASE("decode: a TIFF that ends early is never a picture") {
  TiffOptions options{.width = 20, .height = 15};
  options.compression = GENERATE(COMPRESSION_NONE, COMPRESSION_LZW,
                                 COMPRESSION_ADOBE_DEFLATE, COMPRESSION_JPEG);
  options.mode = GENERATE("wl", "wb8");
  if (options.compression == COMPRESSION_JPEG) options.rows_per_strip = 16;
  const std::string file = write_tiff(options);
  for (std::size_t size = 0; size + 1 < file.size(); ++size) {
    const auto decoded = decode(bytes_of(file.substr(0, size)));
    INFO(size << " of " << file.size() << " bytes");
    // The last bytes may be the values of a tag that does not matter.
    if (decoded) {
      CHECK(decoded->image == decode_as(Format::tiff, file).image);
      CHECK(size + 32 > file.size());
    }
  }
}

TEST_CASE("decode: whatever is damaged in a TIFF, there is an outcome") {
  TiffOptions options{.width = 20, .height = 15};
  options.compression = GENERATE(COMPRESSION_NONE, COMPRESSION_LZW,
                                 COMPRESSION_ADOBE_DEFLATE, COMPRESSION_JPEG);
  options.tile = GENERATE(0, 16);
  if (options.tile == 0) options.rows_per_strip = 8;
  const std::string whole = write_tiff(options);
  const DecodeLimits limits{.max_pixels = 1 << 16, .max_memory_bytes = 1 << 22};
  std::mt19937 random(3);
  for (int i = 0; i < 400; ++i) {
    std::string file = whole;
    for (auto flips = 1 + random() % 6; flips > 0; --flips) {
      file[4 + random() % (file.size() - 4)] = static_cast<char>(random());
    }
    const auto decoded = decode(bytes_of(file), limits);
    if (decoded) {
      REQUIRE(decoded->image.pixels.size() ==
              static_cast<std::size_t>(decoded->image.width) *
                  static_cast<std::size_t>(decoded->image.height));
    }
  }
}

TEST_CASE("decode: TIFF over a limit is refused") {
  const std::string file = write_tiff(TiffOptions{.tile = 16});
  CHECK(decode(bytes_of(file), {.max_pixels = 50 * 37}).has_value());
  CHECK(decode_error(file, {.max_pixels = 50 * 37 - 1}).code ==
        ErrorCode::too_large);
  CHECK(decode_error(file, {.max_memory_bytes = 2000}).code ==
        ErrorCode::too_large);
}
#endif
