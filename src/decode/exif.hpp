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

}  // namespace vam
