// Small colour pictures out of what decode() gives.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "vam/decode.hpp"

namespace vam {

/// The longer side of a thumbnail. A raster that is smaller, or larger by a
/// quarter at most, is taken as it is: that costs a few bytes and no time.
inline constexpr int kThumbnailSide = 320;

/// Chroma in half the size of the luma, for chroma of some 32 cells a side.
/// Stretched by itself, it would run over every edge; here it follows those of
/// the luma (guided filter: He, Sun, Tang, ECCV 2010; in its subsampled form:
/// He, Sun, arXiv:1505.00996).
Chroma guided_chroma(const Chroma& chroma, const Image& luma);

/// A JPEG of the picture, upright, in colour.
std::vector<std::byte> make_thumbnail(const Decoded& decoded);

/// Of a JPEG that is upright and no larger than a thumbnail, which needs not
/// be decoded: that without metadata. Else empty.
std::vector<std::byte> thumbnail_as_stored(std::span<const std::byte> file,
                                           const PictureInfo& info);

}  // namespace vam
