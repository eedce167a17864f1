// Files that are made of boxes (ISO/IEC 14496-12, 4.2): HEIF, JPEG XL and
// Canon's CR3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vam {

/// The number at this place; four bytes must be there.
std::uint32_t big_endian_at(std::span<const std::byte> bytes, std::size_t at);

/// Whether one of the boxes that a file is made of reaches beyond its end, or
/// nothing follows the first one. If the types of boxes that there can be are
/// given, what is none of these behind the others is not looked at.
bool boxes_end_early(std::span<const std::byte> file,
                     std::span<const std::string_view> types = {});

/// What follows in the first box that begins with these letters behind its
/// size: a type, or "uuid" and the 16 bytes of one. Empty if there is none.
std::span<const std::byte> box_content(std::span<const std::byte> file,
                                       std::string_view beginning);

}  // namespace vam
