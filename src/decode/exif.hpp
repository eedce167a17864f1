// What EXIF says about a picture, read with libexif.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vam/decode.hpp"

namespace vam {

/// What an APP1 segment of a JPEG begins with if it holds EXIF.
inline constexpr std::string_view kExifPrefix{"Exif\0\0", 6};

struct ExifFacts {
  Orientation orientation = kUpright;
  std::string taken_at;  ///< as PictureInfo::taken_at
  PhotoMetadata metadata;
};

/// Reads a block that begins with kExifPrefix. Anything broken or missing in
/// it counts as not said.
ExifFacts read_exif(std::span<const std::byte> block);

/// The same of a block that should not begin with it, as those of all formats
/// but JPEG. Some writers put it there nevertheless.
ExifFacts read_bare_exif(std::span<const std::byte> block);

/// The values of DateTimeOriginal, SubSecTimeOriginal and OffsetTimeOriginal
/// as PictureInfo::taken_at. Empty if the first is no moment; the others count
/// as missing if they are not what they should be.
std::string exif_time(std::string_view original, std::string_view fraction,
                      std::string_view utc_offset);

/// The value of a text tag as the texts of PhotoMetadata.
std::string exif_text(std::string_view value);

/// The value of a Rating tag (0x4746, Microsoft's).
std::optional<int> exif_rating(std::uint64_t value);

/// A RATIONAL; not a number if it is none.
double exif_ratio(std::uint64_t numerator, std::uint64_t denominator);

/// The values of GPSLatitude or GPSLongitude, and of the tag with the
/// direction: "N", "S", "E" or "W".
struct ExifAngle {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  std::string_view reference;
  /// Degrees, minutes, seconds.
  std::array<double, 3> parts = {kMissing, kMissing, kMissing};
};

/// Nothing if one of the two is no angle, or more than there are.
std::optional<GeoPosition> exif_position(const ExifAngle& latitude,
                                         const ExifAngle& longitude);

/// Takes over what `metadata` does not say and `other` does.
void fill_missing(PhotoMetadata& metadata, const PhotoMetadata& other);

}  // namespace vam
