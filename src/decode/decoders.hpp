// The decoders of this build, one file each. They get a whole file that begins
// like their format. They may throw std::bad_alloc, and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "vam/decode.hpp"

namespace vam {

/// Holds what a header declares against the limits, then reserves the memory.
/// Called before anything large is allocated.
Result<void> admit(std::uint64_t width, std::uint64_t height,
                   std::uint64_t memory_bytes, const DecodeLimits& limits);

/// Of what decodes it in this build; empty: no library.
std::string library_version(Format format);
/// Of FormatSupport.
std::string library_codecs(Format format);

Result<Decoded> decode_jpeg(std::span<const std::byte> file,
                            const DecodeLimits& limits);
/// The same without the reader of DC coefficients (jpeg_dc.hpp), for tests and
/// measurements: the result is equal, and later.
Result<Decoded> decode_jpeg_by_libjpeg(std::span<const std::byte> file,
                                       const DecodeLimits& limits);
Result<Decoded> decode_png(std::span<const std::byte> file,
                           const DecodeLimits& limits);
Result<Decoded> decode_bmp(std::span<const std::byte> file,
                           const DecodeLimits& limits);
Result<Decoded> decode_gif(std::span<const std::byte> file,
                           const DecodeLimits& limits);
Result<Decoded> decode_webp(std::span<const std::byte> file,
                            const DecodeLimits& limits);
Result<Decoded> decode_heif(std::span<const std::byte> file,
                            const DecodeLimits& limits);
Result<Decoded> decode_jxl(std::span<const std::byte> file,
                           const DecodeLimits& limits);
Result<Decoded> decode_tiff(std::span<const std::byte> file,
                            const DecodeLimits& limits);
Result<Decoded> decode_raw(std::span<const std::byte> file,
                           const DecodeLimits& limits);

}  // namespace vam
