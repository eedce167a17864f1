// The instructions that resampling uses: see resample.cpp.
#pragma once

#include <span>

#include "vam/image.hpp"

namespace vam {

/// The same work with different instructions; the results are the same.
struct ResampleKernel {
  const char* name;  ///< for people
  bool (*is_supported)();
  /// Resamples all rows to this width.
  Image (*resize_along)(const Image& image, int width);
  /// Resamples all columns to this height. The image is so wide at least.
  Image (*resize_down)(const Image& image, int height);
  int least_width;
};

/// The fastest come first; the last one runs everywhere.
std::span<const ResampleKernel> resample_kernels();

/// As resize_lanczos() of image.hpp, with a kernel that this machine can run.
Image resize_lanczos(const Image& image, int width, int height,
                     const ResampleKernel& kernel);

}  // namespace vam
