// One thumbnail: how it is reduced and coloured.
#include "analyze/thumbnail.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace vam {
namespace {

/// A raster of numbers, rows from top to bottom.
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> values;

  Plane(int width_px, int height_px)
      : width(width_px),
        height(height_px),
        values(static_cast<std::size_t>(width_px) *
               static_cast<std::size_t>(height_px)) {}
  const float* row(int y) const {
    return values.data() +
           static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
  float at(int x, int y) const { return row(y)[x]; }
  float& at(int x, int y) { return const_cast<float&>(row(y)[x]); }
};

Plane plane_of(const Image& image) {
  Plane result(image.width, image.height);
  std::ranges::copy(image.pixels, result.values.begin());
  return result;
}

Plane product(const Plane& a, const Plane& b) {
  Plane result = a;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    result.values[i] *= b.values[i];
  }
  return result;
}

/// The mean over 3 x 3 cells; those at an edge count twice.
Plane smoothed(const Plane& plane) {
  const int right = plane.width - 1;
  const int bottom = plane.height - 1;
  Plane across(plane.width, plane.height);
  for (int y = 0; y <= bottom; ++y) {
    const float* const row = plane.row(y);
    for (int x = 0; x <= right; ++x) {
      across.at(x, y) =
          row[std::max(x - 1, 0)] + row[x] + row[std::min(x + 1, right)];
    }
  }
  Plane result(plane.width, plane.height);
  for (int y = 0; y <= bottom; ++y) {
    const float* const above = across.row(std::max(y - 1, 0));
    const float* const below = across.row(std::min(y + 1, bottom));
    for (int x = 0; x <= right; ++x) {
      result.at(x, y) = (above[x] + across.at(x, y) + below[x]) / 9;
    }
  }
  return result;
}

/// How chroma follows the luma around each cell: the least squares over 3 x 3
/// cells. Luma that varies by few levels there says nothing about colours.
Plane slopes(const Plane& chroma, const Plane& luma) {
  constexpr float kNoise = 36;  // levels^2
  const Plane mean_l = smoothed(luma);
  const Plane mean_c = smoothed(chroma);
  const Plane mean_ll = smoothed(product(luma, luma));
  Plane slope = smoothed(product(luma, chroma));
  for (std::size_t i = 0; i < slope.values.size(); ++i) {
    const float l = mean_l.values[i];
    slope.values[i] = (slope.values[i] - l * mean_c.values[i]) /
                      (mean_ll.values[i] - l * l + kNoise);
  }
  return smoothed(slope);
}

/// Two cells that a position of a stretched raster lies between.
struct Between {
  int first;
  int second;
  float share;  ///< of the second
};

Between between(int position, int size, int cells) {
  const float place = (static_cast<float>(position) + 0.5F) *
                          static_cast<float>(cells) / static_cast<float>(size) -
                      0.5F;
  const float below = std::floor(place);
  const int first = static_cast<int>(below);
  return {std::clamp(first, 0, cells - 1), std::clamp(first + 1, 0, cells - 1),
          place - below};
}

/// Stretched in width only.
Plane widened(const Plane& plane, int width) {
  Plane result(width, plane.height);
  for (int x = 0; x < width; ++x) {
    const Between column = between(x, width, plane.width);
    for (int y = 0; y < plane.height; ++y) {
      const float first = plane.at(column.first, y);
      result.at(x, y) =
          first + column.share * (plane.at(column.second, y) - first);
    }
  }
  return result;
}

/// `cells` is the luma at the size of the chroma.
Image guided(const Image& chroma, const Image& luma, const Plane& cells) {
  // Chroma is slope * luma + offset, and in the middle of a cell what it was:
  // small things of another colour stay, like an eye or a flag.
  Plane offset = plane_of(chroma);
  Plane slope = slopes(offset, cells);
  const Plane followed = product(slope, cells);
  for (std::size_t i = 0; i < followed.values.size(); ++i) {
    offset.values[i] -= followed.values[i];
  }
  slope = widened(slope, luma.width);
  offset = widened(offset, luma.width);
  Image result(luma.width, luma.height);
  for (int y = 0; y < luma.height; ++y) {
    const auto [first, second, share] = between(y, luma.height, chroma.height);
    const float* const slope_1 = slope.row(first);
    const float* const slope_2 = slope.row(second);
    const float* const offset_1 = offset.row(first);
    const float* const offset_2 = offset.row(second);
    const std::uint8_t* const from = luma.row(y);
    std::uint8_t* const to = result.row(y);
    for (int x = 0; x < luma.width; ++x) {
      const float value =
          (slope_1[x] + share * (slope_2[x] - slope_1[x])) * from[x] +
          (offset_1[x] + share * (offset_2[x] - offset_1[x]));
      to[x] = static_cast<std::uint8_t>(
          std::min(255.5F, std::max(0.5F, value + 0.5F)));
    }
  }
  return result;
}

/// The means of 2 x 2 pixels; at odd edges, of those that are there, twice.
Image half_of(const Image& image) {
  Image half((image.width + 1) / 2, (image.height + 1) / 2);
  for (int y = 0; y < half.height; ++y) {
    const std::uint8_t* const above = image.row(2 * y);
    const std::uint8_t* const below =
        image.row(std::min(2 * y + 1, image.height - 1));
    std::uint8_t* const to = half.row(y);
    for (int x = 0; x < image.width / 2; ++x) {
      const int left = 2 * x;
      const int right = left + 1;
      to[x] = static_cast<std::uint8_t>(
          (above[left] + above[right] + below[left] + below[right] + 2) / 4);
    }
    if (image.width % 2 == 1) {
      to[half.width - 1] = static_cast<std::uint8_t>(
          (above[image.width - 1] + below[image.width - 1] + 1) / 2);
    }
  }
  return half;
}

constexpr int kMaxSide = kThumbnailSide * 5 / 4;

/// `side`, if the longer one of a picture becomes that of a thumbnail.
int reduced(int side, int longer) {
  if (longer <= kMaxSide) return side;
  return std::max(1, (side * kThumbnailSide + longer / 2) / longer);
}

}  // namespace

Chroma guided_chroma(const Chroma& chroma, const Image& luma) {
  const Image half = half_of(luma);
  const auto [width, height] = std::pair(chroma.blue.width, chroma.blue.height);
  if (width >= half.width || height >= half.height) return chroma;
  const Plane cells = plane_of(resize_lanczos(half, width, height));
  return {guided(chroma.blue, half, cells), guided(chroma.red, half, cells)};
}

std::vector<std::byte> make_thumbnail(const Decoded& decoded) {
  const Image& image = decoded.image;
  const int longer = std::max(image.width, image.height);
  const Image luma = resize_lanczos(image, reduced(image.width, longer),
                                    reduced(image.height, longer));
  if (decoded.chroma.blue.width == 0) return encode_jpeg(luma, {});
  return encode_jpeg(luma, guided_chroma(decoded.chroma, luma));
}

std::vector<std::byte> thumbnail_as_stored(std::span<const std::byte> file,
                                           const PictureInfo& info) {
  if (info.format != Format::jpeg || info.orientation != kUpright ||
      std::max(info.width, info.height) > std::uint32_t{kMaxSide}) {
    return {};
  }
  return bare_jpeg(file, info.width, info.height);
}

}  // namespace vam
