// Writes DNGs, byte by byte.
#pragma once

#include <string>

struct DngOptions {
  unsigned width = 160;  ///< of the sensor, as stored
  unsigned height = 120;
  unsigned orientation = 1;
  std::string xmp = {};      ///< a packet, in the place of the rating
  std::string preview = {};  ///< a JPEG
  unsigned preview_width = 800;
  unsigned preview_height = 600;
};

/// Sensor data that get lighter to the right and to the bottom, of "Model" by
/// "Maker", with a rating of 3; and in a directory of its own, the preview.
std::string write_dng(const DngOptions& options = {});
