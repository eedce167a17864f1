// What XMP says about a picture, read with expat.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace vam {

/// What an APP1 segment of a JPEG begins with if it holds XMP.
inline constexpr std::string_view kXmpPrefix{"http://ns.adobe.com/xap/1.0/\0",
                                             29};

/// Of a packet, no more is read.
inline constexpr std::size_t kMaxXmpBytes = std::size_t{1} << 18U;

/// The rating in a packet (in UTF-8, as all formats have it), as that of
/// PhotoMetadata: rounded, and 0 for -1, which stands for "rejected". Anything
/// broken, missing or out of range counts as not said.
std::optional<int> xmp_rating(std::span<const std::byte> packet);

}  // namespace vam
