// Writes small picture files in all the variants that decoders must know. The
// content is a deterministic colour gradient, different in every corner, or
// what the options draw instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "vam/decode.hpp"
#include "vam/image.hpp"

struct Rgba {
  unsigned red = 0;
  unsigned green = 0;
  unsigned blue = 0;
  unsigned alpha = 255;
};

/// The colour at a place of a picture of this size.
Rgba pattern_at(int x, int y, int width, int height);

/// Draws the upright picture, pixel by pixel, like pattern_at().
using Pattern = std::function<Rgba(int x, int y, int width, int height)>;

struct Point {
  int x;
  int y;
};

/// The pixel of the upright picture that is stored at x, y: the definition of
/// the EXIF orientations. Width and height are those of the stored raster.
Point upright_place(int x, int y, int width, int height, int orientation);

/// The luma of a colour, shown over white.
std::uint8_t luma_over_white(const Rgba& colour);

/// The values of GPS tags: the direction, and degrees, minutes and seconds as
/// numerator and denominator each.
struct ExifAngleOptions {
  std::string reference = {};
  std::vector<std::uint32_t> parts = {};
};

struct ExifOptions {
  int orientation = 0;            ///< 0: no such tag
  bool orientation_long = false;  ///< as LONG instead of SHORT
  bool big_endian = false;
  std::string taken_at = {};  ///< raw values of the tags; empty: no such tag
  std::string fraction = {};
  std::string utc_offset = {};
  std::string make = {};
  std::string model = {};
  std::string software = {};
  int rating = -1;  ///< -1: no such tag
  ExifAngleOptions latitude = {};
  ExifAngleOptions longitude = {};
};

/// All that metadata are read from, and what they are.
ExifOptions full_exif();
vam::PhotoMetadata full_metadata();

/// An EXIF block with its "Exif\0\0" prefix.
std::string make_exif(const ExifOptions& options);

enum class JpegColour { grey, ycbcr, rgb, cmyk, ycck };
enum class JpegScans { one, progressive, per_component };

struct JpegOptions {
  int width = 64;  ///< upright; an orientation may swap the stored sides
  int height = 48;
  int quality = 95;
  JpegColour colour = JpegColour::ycbcr;
  JpegScans scans = JpegScans::one;
  bool arithmetic = false;
  bool optimised_tables = false;  ///< Huffman codes made for this picture
  int luma_h = 1;                 ///< sampling factors of the first component
  int luma_v = 1;
  int chroma_h = 1;
  int chroma_v = 1;
  unsigned restart_interval = 0;  ///< MCUs
  bool adobe_marker = true;
  ExifOptions exif = {};
  bool with_exif = false;
  Pattern pattern = pattern_at;
};

std::string write_jpeg(const JpegOptions& options = {});

/// Draws a picture as it is seen once it has been saved as a JPEG of this
/// quality, but for its chroma, which stays. Of this width and height only, of
/// which one is 511 or less.
Pattern seen_in_jpeg(const Pattern& pattern, int width, int height,
                     int quality);

enum class PngColour { grey, grey_alpha, palette, rgb, rgba };

struct PngOptions {
  int width = 64;  ///< upright; an orientation may swap the stored sides
  int height = 48;
  PngColour colour = PngColour::rgb;
  int bit_depth = 8;
  bool interlaced = false;
  bool transparency = false;  ///< a tRNS chunk, for palettes
  bool exif_behind_pixels = false;
  ExifOptions exif = {};
  bool with_exif = false;
  Pattern pattern = pattern_at;
};

std::string write_png(const PngOptions& options = {});

/// What a reader of write_png(options) must see, in full size and upright.
vam::Image luma_of_png(const PngOptions& options);

/// Just the beginning of a PNG, up to where its pixels would come.
std::string png_declaring(std::uint32_t width, std::uint32_t height);

inline std::span<const std::byte> bytes_of(const std::string& file) {
  return std::as_bytes(std::span(file));
}
