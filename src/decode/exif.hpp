// What EXIF says about a picture, read with libexif.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "vam/image.hpp"

namespace vam {

/// What an APP1 segment of a JPEG begins with if it holds EXIF.
inline constexpr std::string_view kExifPrefix{"Exif\0\0", 6};

struct ExifFacts {
  Orientation orientation = kUpright;
  std::string taken_at;  ///< as PictureInfo::taken_at
};

/// Reads a block that begins with kExifPrefix. Anything broken or missing in
/// it counts as not said.
ExifFacts read_exif(std::span<const std::byte> block);

/// The values of DateTimeOriginal, SubSecTimeOriginal and OffsetTimeOriginal
/// as PictureInfo::taken_at. Empty if the first is no moment; the others count
/// as missing if they are not what they should be.
std::string exif_time(std::string_view original, std::string_view fraction,
                      std::string_view utc_offset);

}  // namespace vam
