// Writes HEIC and AVIF pictures. Only where libheif is part of the build.
#pragma once

#include <libheif/heif.h>

#include <string>
#include <vector>

#include "picture_writer.hpp"

enum class HeifColour { colour, mono, alpha, deep };

struct HeifOptions {
  heif_compression_format codec = heif_compression_HEVC;
  int width = 64;  ///< upright; an orientation may swap the stored sides
  int height = 48;
  HeifColour colour = HeifColour::colour;
  vam::Orientation orientation = vam::kUpright;  ///< as transformations
  heif_matrix_coefficients matrix = heif_matrix_coefficients_ITU_R_BT_601_6;
  bool full_range = true;
  ExifOptions exif = {};
  bool with_exif = false;
  std::string xmp = {};
  int quality = 95;
  Pattern pattern = pattern_at;
};

/// Throws std::runtime_error if libheif cannot.
std::string write_heif(const HeifOptions& options = {});

/// The codecs that this machine can both write and read.
std::vector<heif_compression_format> heif_codecs();
