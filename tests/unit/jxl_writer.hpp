// Writes JPEG XL pictures. Only where libjxl is part of the build.
#pragma once

#include <string>

#include "picture_writer.hpp"

enum class JxlColour { grey, grey_alpha, rgb, rgba };
enum class JxlCoding { lossy, lossless };
enum class JxlBoxes { none, plain, compressed };

struct JxlOptions {
  int width = 64;  ///< upright; an orientation may swap the stored sides
  int height = 48;
  JxlColour colour = JxlColour::rgb;
  JxlCoding coding = JxlCoding::lossless;
  unsigned bits = 8;
  unsigned exponent_bits = 0;  ///< if the samples are floats
  bool is_linear = false;      ///< samples are in proportion to light
  bool is_wide = false;        ///< the primaries are those of Rec. 2020
  bool is_progressive = false;
  bool has_black = false;  ///< a further channel, for CMYK
  int orientation = 1;     ///< of the codestream
  int frames = 1;          ///< the second one and all others are black
  JxlBoxes boxes = JxlBoxes::none;
  std::string exif = {};  ///< what the box holds, with its offset in front
  std::string xmp = {};
  Pattern pattern = pattern_at;
};

/// Throws std::runtime_error if libjxl cannot.
std::string write_jxl(const JxlOptions& options = {});

/// The value of an Exif box.
std::string jxl_exif(const ExifOptions& options);
