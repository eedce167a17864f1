// Turning and resampling of luma rasters.
//
// Lanczos resampling is a weighted mean of the source pixels around the place
// where an output pixel's centre falls. The kernel L(x) = sinc(x) sinc(x / 3)
// is cut off at |x| = 3; when the picture shrinks by a factor s, the kernel is
// stretched by s, so that every source pixel counts. It is separable, so one
// pass over columns and one over rows do. (Turkowski, "Filters for Common
// Resampling Tasks", 1990. Fixed-point width and order of the passes are
// Pillow's, since the hashes are defined by its result.)
#include "vam/image.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

namespace vam {
namespace {

constexpr int kFractionBits = 22;
constexpr double kSupport = 3.0;

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) {
  return x >= -kSupport && x < kSupport ? sinc(x) * sinc(x / kSupport) : 0.0;
}

/// The source pixels that make one output pixel, and their weights.
struct Tap {
  int first;
  int count;
  std::size_t weights;  ///< offset into Kernel::weights
};

struct Kernel {
  std::vector<Tap> taps;
  std::vector<std::int32_t> weights;
};

Kernel make_kernel(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double stretch = std::max(scale, 1.0);
  const double support = kSupport * stretch;
  Kernel kernel;
  kernel.taps.reserve(static_cast<std::size_t>(out_size));
  std::vector<double> exact;
  for (int out = 0; out < out_size; ++out) {
    const double center = (out + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int last =
        std::min(in_size, static_cast<int>(center + support + 0.5));
    exact.clear();
    double sum = 0.0;
    for (int in = first; in < last; ++in) {
      exact.push_back(lanczos((in - center + 0.5) * (1.0 / stretch)));
      sum += exact.back();
    }
    kernel.taps.push_back({first, last - first, kernel.weights.size()});
    for (const double weight : exact) {
      const double fixed = weight * (1.0 / sum) * (1 << kFractionBits);
      kernel.weights.push_back(
          static_cast<std::int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
  }
  return kernel;
}

constexpr std::int32_t kHalf = 1 << (kFractionBits - 1);

std::uint8_t rounded(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

Image resize_width(const Image& image, int width) {
  const Kernel kernel = make_kernel(image.width, width);
  Image result(width, image.height);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* in = image.row(y);
    std::uint8_t* out = result.row(y);
    for (const Tap& tap : kernel.taps) {
      const std::int32_t* weights = kernel.weights.data() + tap.weights;
      std::int32_t sum = kHalf;
      for (int i = 0; i < tap.count; ++i) sum += in[tap.first + i] * weights[i];
      *out++ = rounded(sum);
    }
  }
  return result;
}

Image resize_height(const Image& image, int height) {
  const Kernel kernel = make_kernel(image.height, height);
  Image result(image.width, height);
  std::vector<std::int32_t> sums(static_cast<std::size_t>(image.width));
  for (int y = 0; y < height; ++y) {
    const Tap& tap = kernel.taps[static_cast<std::size_t>(y)];
    std::ranges::fill(sums, kHalf);
    for (int i = 0; i < tap.count; ++i) {
      const std::uint8_t* in = image.row(tap.first + i);
      const std::int32_t weight =
          kernel.weights[tap.weights + static_cast<std::size_t>(i)];
      for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += in[x] * weight;
    }
    std::ranges::transform(sums, result.row(y), rounded);
  }
  return result;
}

Image transposed(const Image& image) {
  Image result(image.height, image.width);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* in = image.row(y);
    for (int x = 0; x < image.width; ++x) result.row(x)[y] = in[x];
  }
  return result;
}

void mirror_rows(Image& image) {
  for (int y = 0; y < image.height; ++y) {
    std::reverse(image.row(y), image.row(y) + image.width);
  }
}

void flip_rows(Image& image) {
  for (int top = 0, bottom = image.height - 1; top < bottom; ++top, --bottom) {
    std::swap_ranges(image.row(top), image.row(top) + image.width,
                     image.row(bottom));
  }
}

}  // namespace

Image oriented(Image image, Orientation orientation) {
  if (swaps_sides(orientation)) image = transposed(image);
  switch (orientation) {
    case 2:  // mirrored left to right
    case 6:  // to be turned a quarter clockwise: transposed, then mirrored
      mirror_rows(image);
      break;
    case 3:  // upside down
    case 7:  // mirrored about the other diagonal
      mirror_rows(image);
      flip_rows(image);
      break;
    case 4:  // mirrored top to bottom
    case 8:  // to be turned a quarter anticlockwise
      flip_rows(image);
      break;
    default:  // 1 is upright, 5 mirrored about the diagonal: done
      break;
  }
  return image;
}

Image resize_lanczos(const Image& image, int width, int height) {
  const Image narrow =
      image.width == width ? image : resize_width(image, width);
  return narrow.height == height ? narrow : resize_height(narrow, height);
}

}  // namespace vam
