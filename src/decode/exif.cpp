// Reads orientation, time, place and camera from EXIF blocks, which are hostile
// until shown otherwise. Tags and value formats: EXIF 2.32 (CIPA DC-008-2019),
// 4.6.
#include "decode/exif.hpp"

#include <libexif/exif-data.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <new>
#include <vector>

#include "decode/tiff_tags.hpp"

namespace vam {
namespace {

struct UnrefExif {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};
using ExifHandle = std::unique_ptr<ExifData, UnrefExif>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The number that these characters are, or -1 if one is no digit.
int number_in(std::string_view digits) {
  int number = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

int days_in(int year, int month) {
  static constexpr std::array kDays = {31, 28, 31, 30, 31, 30,
                                       31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// "2019:04:30 12:34:56" as "2019-04-30T12:34:56"; empty if it is no moment,
/// as the zeros and blanks of cameras whose clock was never set.
std::string iso_time(std::string_view exif) {
  if (exif.size() != 19 || exif[4] != ':' || exif[7] != ':' ||
      exif[10] != ' ' || exif[13] != ':' || exif[16] != ':') {
    return {};
  }
  const int year = number_in(exif.substr(0, 4));
  const int month = number_in(exif.substr(5, 2));
  const int day = number_in(exif.substr(8, 2));
  const int hour = number_in(exif.substr(11, 2));
  const int minute = number_in(exif.substr(14, 2));
  const int second = number_in(exif.substr(17, 2));
  if (year < 1 || month < 1 || month > 12 || day < 1 ||
      day > days_in(year, month) || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 59) {
    return {};
  }
  std::string iso(exif);
  iso[4] = iso[7] = '-';
  iso[10] = 'T';
  return iso;
}

/// The digits of a SubSecTime tag behind a dot; empty if there are none.
std::string fraction_in(std::string_view exif) {
  static constexpr std::size_t kMaxDigits = 9;  // nanoseconds
  exif = exif.substr(0, exif.find_last_not_of(' ') + 1);
  if (exif.empty() || exif.size() > kMaxDigits ||
      !std::ranges::all_of(exif, is_digit)) {
    return {};
  }
  return "." + std::string(exif);
}

/// An OffsetTime tag ("+hh:mm") if it is one that exists.
std::string offset_in(std::string_view exif) {
  if (exif.size() != 6 || (exif[0] != '+' && exif[0] != '-') ||
      exif[3] != ':') {
    return {};
  }
  const int hours = number_in(exif.substr(1, 2));
  const int minutes = number_in(exif.substr(4, 2));
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return {};
  return std::string(exif);
}

/// The text of a tag up to its first NUL; empty if there is no such tag.
std::string_view text_of(ExifContent* directory, ExifTag tag) {
  const ExifEntry* entry = exif_content_get_entry(directory, tag);
  if (entry == nullptr || entry->data == nullptr ||
      entry->format != EXIF_FORMAT_ASCII) {
    return {};
  }
  const std::string_view text(reinterpret_cast<const char*>(entry->data),
                              entry->size);
  return text.substr(0, text.find('\0'));
}

Orientation orientation_in(ExifData* data) {
  const ExifEntry* entry =
      exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->data == nullptr) return kUpright;
  const ExifByteOrder order = exif_data_get_byte_order(data);
  ExifLong value = 0;
  if (entry->format == EXIF_FORMAT_SHORT && entry->size >= 2) {
    value = exif_get_short(entry->data, order);
  } else if (entry->format == EXIF_FORMAT_LONG && entry->size >= 4) {
    value = exif_get_long(entry->data, order);  // wrong, but written
  }
  return value >= 1 && value <= 8 ? static_cast<Orientation>(value) : kUpright;
}

ExifAngle angle_in(ExifData* data, ExifTag value_tag, ExifTag reference_tag) {
  ExifContent* directory = data->ifd[EXIF_IFD_GPS];
  ExifAngle angle;
  angle.reference = text_of(directory, reference_tag);
  static constexpr unsigned kRationalBytes = 8;
  const ExifEntry* entry = exif_content_get_entry(directory, value_tag);
  if (entry == nullptr || entry->data == nullptr ||
      entry->format != EXIF_FORMAT_RATIONAL ||
      entry->components != angle.parts.size() ||
      entry->size < angle.parts.size() * kRationalBytes) {
    return angle;
  }
  const ExifByteOrder order = exif_data_get_byte_order(data);
  for (std::size_t i = 0; i < angle.parts.size(); ++i) {
    const ExifRational part =
        exif_get_rational(entry->data + i * kRationalBytes, order);
    angle.parts[i] = exif_ratio(part.numerator, part.denominator);
  }
  return angle;
}

/// Signed degrees; nothing if this is no angle from 0 to `max` in one of the
/// two directions.
std::optional<double> degrees_of(const ExifAngle& angle, char positive,
                                 char negative, double max) {
  const auto& [degrees, minutes, seconds] = angle.parts;
  const bool is_angle = degrees >= 0 && minutes >= 0 && minutes <= 60 &&
                        seconds >= 0 && seconds <= 60;  // not if NaN
  const double size = degrees + minutes / 60 + seconds / 3600;
  if (!is_angle || size > max || angle.reference.size() != 1 ||
      (angle.reference[0] != positive && angle.reference[0] != negative)) {
    return std::nullopt;
  }
  constexpr double kSteps = 1e7;
  const double rounded = std::round(size * kSteps) / kSteps;
  return angle.reference[0] == negative && rounded != 0 ? -rounded : rounded;
}

}  // namespace

ExifFacts read_exif(std::span<const std::byte> block) {
  const ExifHandle data(exif_data_new());
  if (!data) throw std::bad_alloc();
  // libexif would "repair" the block, and invent tags on the way.
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
  // A JPEG segment cannot be longer; PNG chunks can, but their directories
  // stand in front.
  static constexpr std::size_t kMaxBlock = 0xFFFF;
  exif_data_load_data(data.get(),
                      reinterpret_cast<const unsigned char*>(block.data()),
                      static_cast<unsigned>(std::min(block.size(), kMaxBlock)));

  ExifFacts facts;
  facts.orientation = orientation_in(data.get());
  ExifContent* directory = data->ifd[EXIF_IFD_EXIF];
  facts.taken_at = exif_time(text_of(directory, EXIF_TAG_DATE_TIME_ORIGINAL),
                             text_of(directory, EXIF_TAG_SUB_SEC_TIME_ORIGINAL),
                             text_of(directory, EXIF_TAG_OFFSET_TIME_ORIGINAL));
  ExifContent* main = data->ifd[EXIF_IFD_0];
  facts.metadata.camera_make = exif_text(text_of(main, EXIF_TAG_MAKE));
  facts.metadata.camera_model = exif_text(text_of(main, EXIF_TAG_MODEL));
  facts.metadata.software = exif_text(text_of(main, EXIF_TAG_SOFTWARE));
  facts.metadata.gps = exif_position(
      angle_in(data.get(), static_cast<ExifTag>(EXIF_TAG_GPS_LATITUDE),
               static_cast<ExifTag>(EXIF_TAG_GPS_LATITUDE_REF)),
      angle_in(data.get(), static_cast<ExifTag>(EXIF_TAG_GPS_LONGITUDE),
               static_cast<ExifTag>(EXIF_TAG_GPS_LONGITUDE_REF)));
  // libexif does not know this tag. Told to keep what it does not know, it
  // would copy up to 64 KiB for each of 5,000 tags that a hostile block holds.
  const auto tags = read_tiff_tags(
      block.subspan(std::min(block.size(), kExifPrefix.size())), 1);
  if (tags) facts.metadata.rating = tags->metadata.rating;
  return facts;
}

ExifFacts read_bare_exif(std::span<const std::byte> block) {
  const auto prefix = std::as_bytes(std::span(kExifPrefix));
  if (block.size() >= prefix.size() &&
      std::ranges::equal(block.first(prefix.size()), prefix)) {
    return read_exif(block);
  }
  std::vector<std::byte> whole(prefix.size() + block.size());
  std::ranges::copy(block, std::ranges::copy(prefix, whole.begin()).out);
  return read_exif(whole);
}

std::string exif_time(std::string_view original, std::string_view fraction,
                      std::string_view utc_offset) {
  const std::string time = iso_time(original);
  if (time.empty()) return {};
  return time + fraction_in(fraction) + offset_in(utc_offset);
}

std::string exif_text(std::string_view value) {
  value = value.substr(0, value.find('\0'));
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  value = value.substr(0, kMaxMetadataText);
  value = value.substr(0, value.find_last_not_of(' ') + 1);
  std::string text(value);
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::optional<int> exif_rating(std::uint64_t value) {
  if (value > 5) return std::nullopt;
  return static_cast<int>(value);
}

double exif_ratio(std::uint64_t numerator, std::uint64_t denominator) {
  return denominator == 0 ? ExifAngle::kMissing
                          : static_cast<double>(numerator) /
                                static_cast<double>(denominator);
}

std::optional<GeoPosition> exif_position(const ExifAngle& latitude,
                                         const ExifAngle& longitude) {
  const auto north = degrees_of(latitude, 'N', 'S', 90);
  const auto east = degrees_of(longitude, 'E', 'W', 180);
  if (!north || !east) return std::nullopt;
  return GeoPosition{*north, *east};
}

void fill_missing(PhotoMetadata& metadata, const PhotoMetadata& other) {
  for (const auto text :
       {&PhotoMetadata::camera_make, &PhotoMetadata::camera_model,
        &PhotoMetadata::software}) {
    if ((metadata.*text).empty()) metadata.*text = other.*text;
  }
  if (!metadata.gps) metadata.gps = other.gps;
  if (!metadata.rating) metadata.rating = other.rating;
}

}  // namespace vam
