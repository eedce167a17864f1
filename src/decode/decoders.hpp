// The decoders of this build, one file each. They get a whole file that begins
// like their format. They may throw std::bad_alloc, and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vam/decode.hpp"

namespace vam {

/// Holds what a header declares against the limits, then reserves the memory.
/// Called once per decode, before anything large is allocated.
Result<void> admit(std::uint64_t width, std::uint64_t height,
                   std::uint64_t memory_bytes, const DecodeLimits& limits);

Result<Decoded> decode_jpeg(std::span<const std::byte> file,
                            const DecodeLimits& limits);
Result<Decoded> decode_png(std::span<const std::byte> file,
                           const DecodeLimits& limits);

/// ITU-R BT.601 luma in 16-bit fixed point, the same bits as libjpeg's and
/// Pillow's, so that a picture has one luma whatever file it is in.
constexpr std::uint8_t luma_of(unsigned red, unsigned green, unsigned blue) {
  return static_cast<std::uint8_t>(
      (red * 19595U + green * 38470U + blue * 7471U + 0x8000U) >> 16U);
}

}  // namespace vam
