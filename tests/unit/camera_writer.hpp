// Writes what is around the pictures in the RAW files of cameras, as far as
// LibRaw asks for it.
#pragma once

#include <string>

struct CameraOptions {
  unsigned width = 160;  ///< of the sensor, as stored
  unsigned height = 120;
  std::string preview = {};  ///< a JPEG
  unsigned orientation = 1;  ///< not of a RAF, where the preview has it
  std::string xmp = {};      ///< a packet, of a CR3
};

/// The preview has to have EXIF, with "FUJIFILM" as make. The sensor data get
/// lighter to the right and to the bottom.
std::string write_raf(const CameraOptions& options);

/// Of a "Canon EOS R", taken at 2019-02-28T23:59:58 at 52.5 N, 13.4 E. The
/// sensor data are there, but nothing that can be decoded.
std::string write_cr3(const CameraOptions& options);

/// What tells the RAW formats apart that are built like TIFF.
struct CameraKind {
  std::string head = {};  ///< how they begin; bytes 4 to 7 are written over
  std::string make = {};
  std::string model = {};
};

/// Taken at 2019-02-28T23:59:58, the sensor data in a SubIFD.
std::string write_tiff_raw(const CameraKind& kind,
                           const CameraOptions& options);
