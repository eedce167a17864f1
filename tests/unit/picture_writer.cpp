#include "picture_writer.hpp"

#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>
#include <png.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "tiff_directory.hpp"

namespace {

/// The sides of the stored raster.
template <class Options>
Point stored_size(const Options& options) {
  if (options.with_exif && options.exif.orientation >= 5) {
    return {options.height, options.width};
  }
  return {options.width, options.height};
}

/// The colour that is stored at x, y.
template <class Options>
Rgba stored_colour(const Options& options, int x, int y) {
  const Point size = stored_size(options);
  const Point place = upright_place(
      x, y, size.x, size.y, options.with_exif ? options.exif.orientation : 1);
  return options.pattern(place.x, place.y, options.width, options.height);
}

void put_jpeg_pixel(const JpegOptions& options, const Rgba& c, JSAMPLE* out) {
  switch (options.colour) {
    case JpegColour::grey:
      out[0] = luma_over_white({c.red, c.green, c.blue, 255});
      break;
    case JpegColour::ycbcr:
    case JpegColour::rgb:
      out[0] = static_cast<JSAMPLE>(c.red);
      out[1] = static_cast<JSAMPLE>(c.green);
      out[2] = static_cast<JSAMPLE>(c.blue);
      break;
    case JpegColour::cmyk:
    case JpegColour::ycck: {
      // Inverted ink, with some black. The pattern leaves room for it.
      constexpr unsigned kBlack = 220;
      out[0] = static_cast<JSAMPLE>(c.red * 255 / kBlack);
      out[1] = static_cast<JSAMPLE>(c.green * 255 / kBlack);
      out[2] = static_cast<JSAMPLE>(c.blue * 255 / kBlack);
      out[3] = kBlack;
      break;
    }
  }
}

void choose_jpeg_colour(jpeg_compress_struct& jpeg, JpegColour colour) {
  switch (colour) {
    case JpegColour::grey:
      jpeg.input_components = 1;
      jpeg.in_color_space = JCS_GRAYSCALE;
      break;
    case JpegColour::ycbcr:
    case JpegColour::rgb:
      jpeg.input_components = 3;
      jpeg.in_color_space = JCS_RGB;
      break;
    case JpegColour::cmyk:
    case JpegColour::ycck:
      jpeg.input_components = 4;
      jpeg.in_color_space = JCS_CMYK;
      break;
  }
  jpeg_set_defaults(&jpeg);
  if (colour == JpegColour::rgb) jpeg_set_colorspace(&jpeg, JCS_RGB);
  if (colour == JpegColour::ycck) jpeg_set_colorspace(&jpeg, JCS_YCCK);
}

constexpr unsigned kPaletteAlpha = 100;

/// How many colours a palette of this depth has, or the largest grey.
unsigned largest_level(int bit_depth) { return (1U << bit_depth) - 1; }

Rgba palette_colour(unsigned index, const PngOptions& options) {
  const unsigned grey = index * 255 / largest_level(options.bit_depth);
  const bool odd = index % 2 == 1;
  return {grey, grey / 2, 255 - grey,
          options.transparency && odd ? kPaletteAlpha : 255U};
}

/// The level of a depth that is nearest to an 8-bit value.
unsigned level_of(unsigned value, int bit_depth) {
  return (value * largest_level(bit_depth) + 127) / 255;
}

/// What the file shows for a colour of the pattern.
Rgba shown_colour(const PngOptions& options, Rgba colour) {
  switch (options.colour) {
    case PngColour::grey:
    case PngColour::grey_alpha: {
      const unsigned grey =
          luma_over_white({colour.red, colour.green, colour.blue, 255});
      const int depth = std::min(options.bit_depth, 8);
      const unsigned shown = level_of(grey, depth) * 255 / largest_level(depth);
      const bool alpha = options.colour == PngColour::grey_alpha;
      return {shown, shown, shown, alpha ? colour.alpha : 255};
    }
    case PngColour::palette: {
      const unsigned grey =
          luma_over_white({colour.red, colour.green, colour.blue, 255});
      return palette_colour(level_of(grey, options.bit_depth), options);
    }
    case PngColour::rgb:
      colour.alpha = 255;
      return colour;
    case PngColour::rgba:
      return colour;
  }
  return colour;
}

/// The samples of one stored pixel, as numbers of the file's depth.
std::vector<unsigned> samples_of(const PngOptions& options, Rgba colour) {
  if (options.colour == PngColour::palette) {
    const unsigned grey =
        luma_over_white({colour.red, colour.green, colour.blue, 255});
    return {level_of(grey, options.bit_depth)};
  }
  const Rgba shown = shown_colour(options, colour);
  const auto sample = [&](unsigned value) {
    return options.bit_depth == 16 ? value * 257
                                   : level_of(value, options.bit_depth);
  };
  switch (options.colour) {
    case PngColour::grey:
      return {sample(shown.red)};
    case PngColour::grey_alpha:
      return {sample(shown.red), sample(shown.alpha)};
    case PngColour::rgb:
      return {sample(shown.red), sample(shown.green), sample(shown.blue)};
    default:
      return {sample(shown.red), sample(shown.green), sample(shown.blue),
              sample(shown.alpha)};
  }
}

std::vector<png_byte> png_row(const PngOptions& options, int width, int y) {
  std::vector<png_byte> row(static_cast<std::size_t>(width) * 8);
  std::size_t bit = 0;
  const auto depth = static_cast<std::size_t>(options.bit_depth);
  for (int x = 0; x < width; ++x) {
    for (const unsigned sample :
         samples_of(options, stored_colour(options, x, y))) {
      if (depth == 16) {
        row[bit / 8] = static_cast<png_byte>(sample >> 8U);
        row[bit / 8 + 1] = static_cast<png_byte>(sample & 0xFFU);
      } else {
        row[bit / 8] = static_cast<png_byte>(row[bit / 8] |
                                             sample << (8 - depth - bit % 8));
      }
      bit += depth;
    }
  }
  return row;
}

int png_colour_type(PngColour colour) {
  switch (colour) {
    case PngColour::grey:
      return PNG_COLOR_TYPE_GRAY;
    case PngColour::grey_alpha:
      return PNG_COLOR_TYPE_GRAY_ALPHA;
    case PngColour::palette:
      return PNG_COLOR_TYPE_PALETTE;
    case PngColour::rgb:
      return PNG_COLOR_TYPE_RGB;
    case PngColour::rgba:
      return PNG_COLOR_TYPE_RGB_ALPHA;
  }
  return PNG_COLOR_TYPE_RGB;
}

void append_png_bytes(png_structp png, png_bytep data, std::size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))
      ->append(reinterpret_cast<const char*>(data), size);
}

void set_palette(png_structp png, png_infop info, const PngOptions& options) {
  std::vector<png_color> palette;
  std::vector<png_byte> alpha;
  for (unsigned i = 0; i <= largest_level(options.bit_depth); ++i) {
    const Rgba colour = palette_colour(i, options);
    palette.push_back({static_cast<png_byte>(colour.red),
                       static_cast<png_byte>(colour.green),
                       static_cast<png_byte>(colour.blue)});
    alpha.push_back(static_cast<png_byte>(colour.alpha));
  }
  png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  if (options.transparency) {
    png_set_tRNS(png, info, alpha.data(), static_cast<int>(alpha.size()),
                 nullptr);
  }
}

void write_exif_chunk(png_structp png, const PngOptions& options) {
  const std::string exif = make_exif(options.exif).substr(6);
  png_write_chunk(png, reinterpret_cast<png_const_bytep>("eXIf"),
                  reinterpret_cast<png_const_bytep>(exif.data()), exif.size());
}

}  // namespace

Point upright_place(int x, int y, int width, int height, int orientation) {
  const int right = width - 1 - x;
  const int bottom = height - 1 - y;
  switch (orientation) {
    case 2:
      return {right, y};
    case 3:
      return {right, bottom};
    case 4:
      return {x, bottom};
    case 5:
      return {y, x};
    case 6:
      return {bottom, x};
    case 7:
      return {bottom, right};
    case 8:
      return {y, right};
    default:
      return {x, y};
  }
}

Rgba pattern_at(int x, int y, int width, int height) {
  const auto ramp = [](int at, int size) {
    return static_cast<unsigned>(20 + 180 * at / std::max(1, size - 1));
  };
  return {ramp(x, width), ramp(y, height), ramp(width - 1 - x, width),
          255U - ramp(y, height) / 2};
}

std::uint8_t luma_over_white(const Rgba& c) {
  const auto over_white = [&](unsigned value) {
    return (value * c.alpha + 255 * (255 - c.alpha) + 127) / 255;
  };
  return static_cast<std::uint8_t>((over_white(c.red) * 19595 +
                                    over_white(c.green) * 38470 +
                                    over_white(c.blue) * 7471 + 0x8000) >>
                                   16U);
}

ExifOptions full_exif() {
  return {.make = "Make & Co.",
          .model = "Model \"5\"",
          .software = "Firmware 1.0",
          .rating = 4,
          .latitude = {"S", {33, 1, 51, 1, 244779, 10000}},
          .longitude = {"E", {151, 1, 12, 1, 3, 4}}};
}

vam::PhotoMetadata full_metadata() {
  return {.camera_make = "Make & Co.",
          .camera_model = "Model \"5\"",
          .software = "Firmware 1.0",
          .gps = vam::GeoPosition{-33.8567994, 151.2002083},
          .rating = 4};
}

std::string make_exif(const ExifOptions& options) {
  TiffDirectory exif(options.big_endian);
  exif.add_text(0x9003, options.taken_at);
  exif.add_text(0x9011, options.utc_offset);
  exif.add_text(0x9291, options.fraction);

  TiffDirectory gps(options.big_endian);
  gps.add_text(1, options.latitude.reference);
  gps.add_text(3, options.longitude.reference);
  if (!options.latitude.parts.empty()) {
    gps.add_rationals(2, options.latitude.parts);
    gps.add_rationals(4, options.longitude.parts);
  }

  TiffDirectory main(options.big_endian);
  main.add_text(0x010F, options.make);
  main.add_text(0x0110, options.model);
  if (options.orientation != 0) {
    main.add_number(
        0x0112,
        options.orientation_long ? TiffDirectory::kLong : TiffDirectory::kShort,
        static_cast<std::uint32_t>(options.orientation));
  }
  main.add_text(0x0131, options.software);
  if (options.rating >= 0) {
    main.add_number(0x4746, TiffDirectory::kShort,
                    static_cast<std::uint32_t>(options.rating));
  }
  // Where the others are changes nothing of the size.
  main.add_number(0x8769, TiffDirectory::kLong, 0);
  if (!gps.empty()) main.add_number(0x8825, TiffDirectory::kLong, 0);
  const std::size_t exif_at = 8 + main.at(8).size();
  const std::string exif_bytes = exif.at(exif_at);
  const std::size_t gps_at = exif_at + exif_bytes.size();
  main.add_number(0x8769, TiffDirectory::kLong,
                  static_cast<std::uint32_t>(exif_at));
  if (!gps.empty()) {
    main.add_number(0x8825, TiffDirectory::kLong,
                    static_cast<std::uint32_t>(gps_at));
  }
  return std::string("Exif\0\0", 6) + (options.big_endian ? "MM" : "II") +
         main.number(42, 2) + main.number(8, 4) + main.at(8) + exif_bytes +
         (gps.empty() ? std::string() : gps.at(gps_at));
}

std::string write_jpeg(const JpegOptions& options) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);  // a mistake here ends the test program
  jpeg_create_compress(&jpeg);
  unsigned char* out = nullptr;
  unsigned long out_size = 0;
  jpeg_mem_dest(&jpeg, &out, &out_size);

  const Point size = stored_size(options);
  jpeg.image_width = static_cast<JDIMENSION>(size.x);
  jpeg.image_height = static_cast<JDIMENSION>(size.y);
  choose_jpeg_colour(jpeg, options.colour);
  jpeg_set_quality(&jpeg, options.quality, TRUE);
  for (int i = 0; i < jpeg.num_components; ++i) {
    const bool full = i == 0 || i == 3;
    jpeg.comp_info[i].h_samp_factor = full ? options.luma_h : options.chroma_h;
    jpeg.comp_info[i].v_samp_factor = full ? options.luma_v : options.chroma_v;
  }
  jpeg.arith_code = options.arithmetic ? TRUE : FALSE;
  jpeg.optimize_coding = options.optimised_tables ? TRUE : FALSE;
  jpeg.restart_interval = options.restart_interval;
  if (!options.adobe_marker) jpeg.write_Adobe_marker = FALSE;
  std::vector<jpeg_scan_info> scans;
  if (options.scans == JpegScans::progressive) {
    jpeg_simple_progression(&jpeg);
  } else if (options.scans == JpegScans::per_component) {
    for (int i = 0; i < jpeg.num_components; ++i) {
      scans.push_back({1, {i, 0, 0, 0}, 0, 63, 0, 0});
    }
    jpeg.scan_info = scans.data();
    jpeg.num_scans = static_cast<int>(scans.size());
  }

  jpeg_start_compress(&jpeg, TRUE);
  if (options.with_exif) {
    const std::string exif = make_exif(options.exif);
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1,
                      reinterpret_cast<const JOCTET*>(exif.data()),
                      static_cast<unsigned>(exif.size()));
  }
  std::vector<JSAMPLE> row(static_cast<std::size_t>(size.x) * 4);
  for (int y = 0; y < size.y; ++y) {
    for (int x = 0; x < size.x; ++x) {
      put_jpeg_pixel(options, stored_colour(options, x, y),
                     row.data() + x * jpeg.input_components);
    }
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&jpeg, &rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string file(reinterpret_cast<const char*>(out), out_size);
  std::free(out);
  return file;
}

Pattern seen_in_jpeg(const Pattern& pattern, int width, int height,
                     int quality) {
  JpegOptions options{.width = width, .height = height, .quality = quality};
  options.pattern = pattern;
  const vam::Image luma = vam::decode(bytes_of(write_jpeg(options)))->image;
  return [=](int x, int y, int, int) {
    Rgba colour = pattern(x, y, width, height);
    const int change = luma.row(y)[x] - luma_over_white(colour);
    for (unsigned* channel : {&colour.red, &colour.green, &colour.blue}) {
      *channel = static_cast<unsigned>(
          std::clamp(static_cast<int>(*channel) + change, 0, 255));
    }
    return colour;
  };
}

std::string write_png(const PngOptions& options) {
  std::string file;
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, append_png_bytes, nullptr);
  const Point size = stored_size(options);
  png_set_IHDR(png, info, static_cast<png_uint_32>(size.x),
               static_cast<png_uint_32>(size.y), options.bit_depth,
               png_colour_type(options.colour),
               options.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (options.colour == PngColour::palette) set_palette(png, info, options);
  png_write_info(png, info);
  if (options.with_exif && !options.exif_behind_pixels) {
    write_exif_chunk(png, options);
  }
  const int passes = png_set_interlace_handling(png);
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < size.y; ++y) {
      png_write_row(png, png_row(options, size.x, y).data());
    }
  }
  if (options.with_exif && options.exif_behind_pixels) {
    write_exif_chunk(png, options);
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

vam::Image luma_of_png(const PngOptions& options) {
  vam::Image image(options.width, options.height);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      image.row(y)[x] = luma_over_white(shown_colour(
          options, options.pattern(x, y, options.width, options.height)));
    }
  }
  return image;
}

std::string png_declaring(std::uint32_t width, std::uint32_t height) {
  std::string file;
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, append_png_bytes, nullptr);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  png_destroy_write_struct(&png, &info);
  return file + std::string("\0\0\0\x0AIDAT", 8);
}
