// Files that are made of boxes (ISO/IEC 14496-12, 4.2): HEIF and JPEG XL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vam {

/// The number at this place; four bytes must be there.
std::uint32_t big_endian_at(std::span<const std::byte> bytes, std::size_t at);

/// Whether one of the boxes that a file is made of reaches beyond its end, or
/// nothing follows the first one.
bool boxes_end_early(std::span<const std::byte> file);

}  // namespace vam
