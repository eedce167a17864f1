// From the colours of any file to the luma that is compared and the chroma
// beside it: YCbCr of JFIF, which is BT.601 in full range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vam {

/// One colour. 128 is no chroma.
struct Ycc {
  std::uint8_t luma = 0;
  std::uint8_t blue = 128;  ///< Cb
  std::uint8_t red = 128;   ///< Cr
};

/// ITU-R BT.601 luma in 16-bit fixed point, the same bits as libjpeg's and
/// Pillow's, so that a picture has one luma whatever file it is in.
constexpr std::uint8_t luma_of(unsigned red, unsigned green, unsigned blue) {
  return static_cast<std::uint8_t>(
      (red * 19595U + green * 38470U + blue * 7471U + 0x8000U) >> 16U);
}

/// A colour, 0..255 each, with its chroma (JFIF 1.02, rounded half down, so
/// that it ends at 255).
constexpr Ycc ycc_of(unsigned red, unsigned green, unsigned blue) {
  constexpr unsigned kZero = (128U << 16U) + 0x7FFFU;
  return {.luma = luma_of(red, green, blue),
          .blue = static_cast<std::uint8_t>(
              (kZero + (blue << 15U) - red * 11059U - green * 21709U) >> 16U),
          .red = static_cast<std::uint8_t>(
              (kZero + (red << 15U) - green * 27439U - blue * 5329U) >> 16U)};
}

/// A colour over white, 0..255 each.
constexpr unsigned over_white(unsigned colour, unsigned alpha) {
  return (colour * alpha + 255U * (255U - alpha) + 127U) / 255U;
}

/// Where in the picture a run of pixels lies: at x, x + step, ... of row y.
struct Place {
  std::uint32_t x = 0;
  std::uint32_t step = 1;
  std::uint32_t y = 0;
};

/// Pixels side by side, which lie elsewhere. Without chroma if the picture is
/// grey; else all three have the same size.
struct YccRun {
  std::span<std::uint8_t> luma;
  std::span<std::uint8_t> blue;
  std::span<std::uint8_t> red;
};

/// Converts a row of 8-bit samples, interleaved: 1 channel is grey, 2 grey and
/// alpha, 3 RGB, 4 RGB and alpha (not premultiplied; shown over white).
/// `samples` holds channels * luma.size() of them. Of grey, only the luma is
/// written.
void row_to_ycc(std::span<const std::uint8_t> samples, unsigned channels,
                const YccRun& out);

/// The luma alone.
void row_to_luma(std::span<const std::uint8_t> samples, unsigned channels,
                 std::span<std::uint8_t> luma);

}  // namespace vam
