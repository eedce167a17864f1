// Reads orientation and time from EXIF blocks, which are hostile until shown
// otherwise. Tags and value formats: EXIF 2.32 (CIPA DC-008-2019), 4.6.
#include "decode/exif.hpp"

#include <libexif/exif-data.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

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
  return facts;
}

std::string exif_time(std::string_view original, std::string_view fraction,
                      std::string_view utc_offset) {
  const std::string time = iso_time(original);
  if (time.empty()) return {};
  return time + fraction_in(fraction) + offset_in(utc_offset);
}

}  // namespace vam
