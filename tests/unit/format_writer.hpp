// Writes the same picture in every format, for tests that compare them.
#pragma once

#include <string>
#include <vector>

#include "picture_writer.hpp"
#include "vam/decode.hpp"

/// A picture as it is to be seen.
struct FormatPicture {
  int width = 64;  ///< upright
  int height = 48;
  /// What the file says. The raster is stored turned, so that this picture is
  /// seen whatever the orientation. Ignored by formats that cannot say it.
  int orientation = 1;
  Pattern pattern = pattern_at;
  int heif_quality = 95;  ///< of HEIF and AVIF
  std::string xmp = {};   ///< a packet; ignored like the orientation
};

struct FormatWriter {
  vam::Format format = vam::Format::unknown;
  const char* extension = "";
  bool carries_orientation = false;
  std::string (*write)(const FormatPicture& picture) = nullptr;
};

/// All formats that this build reads, as far as this machine can write them.
/// RAW needs a picture with a short side of 512 or more.
std::vector<FormatWriter> format_writers();
