// The raster that flows from the decoders to the hashes, and what is done to
// it: turning it upright and making it smaller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace vam {

/// An 8-bit raster: width x height x 1, rows from top to bottom, no padding.
/// Of luma, unless said otherwise: 0 is black, 255 white, gamma-encoded as
/// stored in the file.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< width * height samples

  Image() = default;
  /// A black raster. Both sides are at least 1.
  Image(int width_px, int height_px)
      : width(width_px),
        height(height_px),
        pixels(static_cast<std::size_t>(width_px) *
               static_cast<std::size_t>(height_px)) {}

  std::uint8_t* row(int y) {
    return pixels.data() +
           static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
  const std::uint8_t* row(int y) const {
    return const_cast<Image*>(this)->row(y);
  }
  bool operator==(const Image&) const = default;
};

/// Colour at low resolution: Cb and Cr of JFIF (BT.601 in full range; 128 is
/// no colour). Both planes have the same shape and cover the same area as the
/// luma that they belong to, in cells of equal size. A grey picture has none
/// (0 x 0).
struct Chroma {
  Image blue;
  Image red;

  bool operator==(const Chroma&) const = default;
};

/// The eight orientations of EXIF 2.3, tag 0x0112: how the stored raster has
/// to be turned to be seen upright. 1 is "as it is".
using Orientation = std::uint8_t;
inline constexpr Orientation kUpright = 1;

/// Whether this orientation exchanges width and height.
constexpr bool swaps_sides(Orientation orientation) {
  return orientation >= 5 && orientation <= 8;
}

/// What an orientation does, in this order: exchanges x and y (swaps_sides()),
/// exchanges left and right, exchanges top and bottom.
constexpr bool mirrors(Orientation orientation) {
  return orientation == 2 || orientation == 3 || orientation == 6 ||
         orientation == 7;
}
constexpr bool flips(Orientation orientation) {
  return orientation == 3 || orientation == 4 || orientation == 7 ||
         orientation == 8;
}

/// The one orientation that does the same as `first`, then `second`.
constexpr Orientation composed(Orientation first, Orientation second) {
  const bool swap = swaps_sides(first) != swaps_sides(second);
  const bool mirror =
      mirrors(second) != (swaps_sides(second) ? flips(first) : mirrors(first));
  const bool flip =
      flips(second) != (swaps_sides(second) ? mirrors(first) : flips(first));
  for (Orientation orientation = 1; orientation < 8; ++orientation) {
    if (swaps_sides(orientation) == swap && mirrors(orientation) == mirror &&
        flips(orientation) == flip) {
      return orientation;
    }
  }
  return 8;
}

/// The orientation that takes back what this one does.
constexpr Orientation inverse(Orientation orientation) {
  if (orientation == 6) return 8;
  return orientation == 8 ? Orientation{6} : orientation;
}

/// Rows and columns exchanged.
Image transposed(const Image& image);

/// Returns the raster turned upright. Values outside 1..8 count as 1.
Image oriented(Image image, Orientation orientation);
Chroma oriented(Chroma chroma, Orientation orientation);

/// Resamples to width x height with the Lanczos kernel (a = 3), widened when
/// the picture gets smaller. Bit-exact with Pillow's Image.resize(LANCZOS) on
/// 8-bit greyscale: columns first, rounded to 8 bits between the passes,
/// weights in 22-bit fixed point. All sides are at least 1.
Image resize_lanczos(const Image& image, int width, int height);

/// What resize_lanczos() makes of one raster, each size once: hashes and sketch
/// share some. Not thread-safe; the raster must outlive it.
class Reductions {
 public:
  Reductions(const Image& upright)  // NOLINT: an image has its reductions
      : upright_(upright) {}

  const Image& upright() const { return upright_; }
  /// Stays valid as long as this object.
  const Image& to(int width, int height) const;
  /// The largest square that is no larger than the short side and whose side is
  /// a power of two; at least 8 x 8.
  const Image& square() const;

 private:
  const Image& upright_;
  mutable std::deque<Image> made_;
};

}  // namespace vam
