// From the colours of any file to the luma that is compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vam {

/// ITU-R BT.601 luma in 16-bit fixed point, the same bits as libjpeg's and
/// Pillow's, so that a picture has one luma whatever file it is in.
constexpr std::uint8_t luma_of(unsigned red, unsigned green, unsigned blue) {
  return static_cast<std::uint8_t>(
      (red * 19595U + green * 38470U + blue * 7471U + 0x8000U) >> 16U);
}

/// A colour over white, 0..255 each.
constexpr unsigned over_white(unsigned colour, unsigned alpha) {
  return (colour * alpha + 255U * (255U - alpha) + 127U) / 255U;
}

/// Converts a row of 8-bit samples, interleaved: 1 channel is grey, 2 grey and
/// alpha, 3 RGB, 4 RGB and alpha (not premultiplied; shown over white).
/// `samples` holds channels * luma.size() of them.
void row_to_luma(std::span<const std::uint8_t> samples, unsigned channels,
                 std::span<std::uint8_t> luma);

}  // namespace vam
