// Writes what is around the pictures in the RAW files of Canon and Fujifilm, as
// far as LibRaw asks for it.
#pragma once

#include <string>

struct CameraOptions {
  unsigned width = 160;  ///< of the sensor, as stored
  unsigned height = 120;
  std::string preview = {};  ///< a JPEG
  unsigned orientation = 1;  ///< of a CR3; in a RAF the preview has it
  std::string xmp = {};      ///< a packet, of a CR3
};

/// The preview has to have EXIF, with "FUJIFILM" as make. The sensor data get
/// lighter to the right and to the bottom.
std::string write_raf(const CameraOptions& options);

/// Of a "Canon EOS R", taken at 2019-02-28T23:59:58 at 52.5 N, 13.4 E. The
/// sensor data are there, but nothing that can be decoded.
std::string write_cr3(const CameraOptions& options);
