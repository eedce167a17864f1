// JPEGs of all kinds, small and full of detail.
#pragma once

#include <string>
#include <vector>

#include "picture_writer.hpp"

/// Coarse structure and noise, the same at every call: blocks with many
/// coefficients and large steps between them.
inline Rgba noise_at(int x, int y, int /*width*/, int /*height*/) {
  const auto mixed = [](unsigned value) {
    value = (value ^ value >> 15U) * 0x2C1B3C6DU;
    value = (value ^ value >> 12U) * 0x297A2D39U;
    return value ^ value >> 15U;
  };
  const auto ux = static_cast<unsigned>(x);
  const auto uy = static_cast<unsigned>(y);
  const unsigned fine = mixed(uy * 65536U + ux);
  const unsigned coarse = mixed(uy / 24U * 65536U + ux / 24U);
  const auto channel = [&](unsigned shift) {
    return (coarse >> shift & 0xFFU) * 3U / 4U + (fine >> shift & 0xFFU) / 4U;
  };
  return {channel(0), channel(8), channel(16), 255};
}

/// The sampling factors that cameras use, as options of a colour JPEG: 4:4:4,
/// 4:2:2, 4:2:0, 4:4:0, 4:1:1, 4:1:0.
inline std::vector<JpegOptions> usual_samplings() {
  std::vector<JpegOptions> variants;
  for (const auto& [h, v] :
       {std::pair{1, 1}, std::pair{2, 1}, std::pair{2, 2}, std::pair{1, 2},
        std::pair{4, 1}, std::pair{4, 2}}) {
    JpegOptions options{.width = 41, .height = 35};
    options.luma_h = h;
    options.luma_v = v;
    options.pattern = noise_at;
    variants.push_back(options);
  }
  return variants;
}

inline std::vector<std::string> small_jpeg_variants() {
  std::vector<std::string> files;
  for (JpegOptions options : usual_samplings()) {
    for (const int quality : {5, 60, 98}) {
      options.quality = quality;
      for (const unsigned interval : {0U, 3U}) {
        options.restart_interval = interval;
        options.optimised_tables = interval == 0;
        files.push_back(write_jpeg(options));
      }
    }
  }
  JpegOptions options{.width = 30, .height = 20, .pattern = noise_at};
  for (const JpegColour colour : {JpegColour::grey, JpegColour::rgb,
                                  JpegColour::cmyk, JpegColour::ycck}) {
    options.colour = colour;
    files.push_back(write_jpeg(options));
  }
  options.colour = JpegColour::ycbcr;
  options.scans = JpegScans::progressive;
  files.push_back(write_jpeg(options));
  options.scans = JpegScans::per_component;
  files.push_back(write_jpeg(options));
  options.scans = JpegScans::one;
  options.arithmetic = true;
  files.push_back(write_jpeg(options));
  return files;
}
