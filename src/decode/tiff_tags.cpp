// Walks the directories of a TIFF, which are hostile until shown otherwise:
// every offset and count is checked against the file, and the work is bounded.
// Layout: TIFF 6.0, section 2; BigTIFF has wider fields. RAW: DNG 1.4, TIFF/EP.
#include "decode/tiff_tags.hpp"

#include <algorithm>
#include <array>

#include "decode/exif.hpp"

namespace vam {
namespace {

/// Of one directory; libtiff refuses more, too.
constexpr std::uint64_t kMaxEntries = 4096;
/// Of one directory; a DNG has a handful.
constexpr std::uint64_t kMaxSubDirectories = 16;
/// Of a text, which may claim to be the whole file; what is read here is short.
constexpr std::uint64_t kMaxTextBytes = 1024;

enum Tag : std::uint16_t {
  kNewSubfileType = 254,
  kImageWidth = 256,
  kImageLength = 257,
  kPhotometric = 262,
  kMake = 271,
  kModel = 272,
  kStripOffsets = 273,
  kStripByteCounts = 279,
  kSoftware = 305,
  kTileOffsets = 324,
  kTileByteCounts = 325,
  kSubIfds = 330,
  kXmp = 700,
  kRating = 18246,
  kExifIfd = 34665,
  kGpsIfd = 34853,
  kDateTimeOriginal = 36867,
  kOffsetTimeOriginal = 36881,
  kSubSecTimeOriginal = 37521,
  kDngVersion = 50706,
};

/// Of a GPS directory.
enum GpsTag : std::uint16_t {
  kLatitudeRef = 1,
  kLatitude = 2,
  kLongitudeRef = 3,
  kLongitude = 4,
};

constexpr unsigned kRational = 5;

constexpr std::uint64_t kCfa = 32803;
constexpr std::uint64_t kLinearRaw = 34892;

struct Entry {
  unsigned tag = 0;
  unsigned type = 0;
  std::uint64_t count = 0;
  std::uint64_t at = 0;  ///< where the values are
};

/// Bytes of one value of a type; 0 for types that are not read here.
unsigned size_of(unsigned type) {
  static constexpr std::array<unsigned char, 19> kSizes = {
      0, 1, 1, 2, 4, 8, 0, 1, 0, 0, 0, 0, 0, 4, 0, 0, 8, 0, 8};
  return type < kSizes.size() ? kSizes[type] : 0;
}

class Walker {
 public:
  Walker(std::span<const std::byte> file, std::size_t max_directories)
      : file_(file), max_directories_(max_directories) {}

  std::optional<TiffTags> walk();

 private:
  /// An unsigned number, 0 if it lies outside of the file.
  std::uint64_t number(std::uint64_t at, unsigned size) const;
  std::uint64_t value(const Entry& entry, std::uint64_t index = 0) const;
  std::string_view text(const Entry& entry) const;
  std::array<double, 3> ratios(const Entry& entry) const;
  std::uint64_t offset(std::uint64_t at) const {
    return number(at, big_ ? 8 : 4);
  }

  template <class Visit>
  std::uint64_t for_entries(std::uint64_t directory, Visit visit);
  std::uint64_t read_directory(std::uint64_t directory, bool is_sub_page);
  void read_exif_directory(std::uint64_t directory);
  std::optional<GeoPosition> read_gps_directory(std::uint64_t directory);
  bool ends_early(const Entry& offsets, const Entry& sizes) const;

  std::span<const std::byte> file_;
  std::size_t max_directories_;
  bool little_ = true;
  bool big_ = false;
  std::size_t directories_ = 0;
  TiffTags tags_;
};

std::uint64_t Walker::number(std::uint64_t at, unsigned size) const {
  if (at > file_.size() || size > file_.size() - at) return 0;
  std::uint64_t result = 0;
  for (unsigned i = 0; i < size; ++i) {
    const unsigned place = little_ ? size - 1 - i : i;
    result = result << 8U | std::to_integer<std::uint64_t>(file_[at + place]);
  }
  return result;
}

std::uint64_t Walker::value(const Entry& entry, std::uint64_t index) const {
  const unsigned size = entry.type == kRational ? 0 : size_of(entry.type);
  return index < entry.count ? number(entry.at + index * size, size) : 0;
}

std::string_view Walker::text(const Entry& entry) const {
  if (entry.type != 2) return {};
  const std::string_view all(
      reinterpret_cast<const char*>(file_.data()) + entry.at,
      static_cast<std::size_t>(std::min(entry.count, kMaxTextBytes)));
  return all.substr(0, all.find('\0'));
}

std::array<double, 3> Walker::ratios(const Entry& entry) const {
  std::array<double, 3> values = ExifAngle().parts;
  if (entry.type != kRational || entry.count != values.size()) return values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint64_t at = entry.at + i * 8;
    values[i] = exif_ratio(number(at, 4), number(at + 4, 4));
  }
  return values;
}

/// Calls visit() with every entry whose values lie inside the file. Returns
/// where the next directory is, 0 for none, the size of the file if this one
/// does not fit in it.
template <class Visit>
std::uint64_t Walker::for_entries(std::uint64_t directory, Visit visit) {
  const unsigned count_size = big_ ? 8 : 2;
  const unsigned entry_size = big_ ? 20 : 12;
  const unsigned inline_size = big_ ? 8 : 4;
  const std::uint64_t count = number(directory, count_size);
  std::uint64_t at = directory + count_size;
  if (count > kMaxEntries) return 0;
  if (at > file_.size() ||
      count * entry_size + inline_size > file_.size() - at) {
    return file_.size();
  }
  for (std::uint64_t i = 0; i < count; ++i, at += entry_size) {
    Entry entry{.tag = static_cast<unsigned>(number(at, 2)),
                .type = static_cast<unsigned>(number(at + 2, 2)),
                .count = number(at + 4, inline_size),
                .at = at + 4 + inline_size};
    const unsigned size = size_of(entry.type);
    if (size == 0 || entry.count > file_.size() / size) continue;
    if (entry.count * size > inline_size) entry.at = offset(entry.at);
    if (entry.at > file_.size() ||
        entry.count * size > file_.size() - entry.at) {
      continue;
    }
    visit(entry);
  }
  return offset(at);
}

bool Walker::ends_early(const Entry& offsets, const Entry& sizes) const {
  // Rewritten files may have an odd one; any reader fetches the first and last.
  const std::uint64_t count = std::min(offsets.count, sizes.count);
  for (const std::uint64_t i : {std::uint64_t{0}, count - 1}) {
    if (count == 0) return false;
    const std::uint64_t begin = value(offsets, i);
    if (begin == 0xFFFFFFFFU) continue;  // Panasonic's "look elsewhere"
    if (begin > file_.size() || value(sizes, i) > file_.size() - begin) {
      return true;
    }
  }
  return false;
}

void Walker::read_exif_directory(std::uint64_t directory) {
  std::string_view time;
  std::string_view fraction;
  std::string_view utc_offset;
  for_entries(directory, [&](const Entry& entry) {
    if (entry.tag == kDateTimeOriginal) time = text(entry);
    if (entry.tag == kSubSecTimeOriginal) fraction = text(entry);
    if (entry.tag == kOffsetTimeOriginal) utc_offset = text(entry);
  });
  tags_.taken_at = exif_time(time, fraction, utc_offset);
}

std::optional<GeoPosition> Walker::read_gps_directory(std::uint64_t directory) {
  ExifAngle latitude;
  ExifAngle longitude;
  for_entries(directory, [&](const Entry& entry) {
    if (entry.tag == kLatitudeRef) latitude.reference = text(entry);
    if (entry.tag == kLatitude) latitude.parts = ratios(entry);
    if (entry.tag == kLongitudeRef) longitude.reference = text(entry);
    if (entry.tag == kLongitude) longitude.parts = ratios(entry);
  });
  return exif_position(latitude, longitude);
}

std::uint64_t Walker::read_directory(std::uint64_t directory,
                                     bool is_sub_page) {
  ++directories_;
  TiffPage page{.offset = directory, .is_sub_page = is_sub_page};
  Entry offsets;
  Entry sizes;
  Entry sub_pages;
  std::uint64_t exif = 0;
  std::uint64_t gps = 0;
  PhotoMetadata metadata;
  const std::uint64_t next = for_entries(directory, [&](const Entry& entry) {
    switch (entry.tag) {
      case kNewSubfileType:
        page.kind = value(entry);
        break;
      case kImageWidth:
        page.width = value(entry) & 0xFFFFFFFFU;
        break;
      case kImageLength:
        page.height = value(entry) & 0xFFFFFFFFU;
        break;
      case kPhotometric:
        page.photometric = value(entry);
        break;
      case kMake:
        metadata.camera_make = exif_text(text(entry));
        break;
      case kModel:
        metadata.camera_model = exif_text(text(entry));
        break;
      case kSoftware:
        metadata.software = exif_text(text(entry));
        break;
      case kRating:
        if (entry.count == 1) metadata.rating = exif_rating(value(entry));
        break;
      case kXmp:
        if (tags_.xmp.empty()) {
          tags_.xmp =
              file_.subspan(entry.at, entry.count * size_of(entry.type));
        }
        break;
      case kGpsIfd:
        gps = value(entry);
        break;
      case kStripOffsets:
      case kTileOffsets:
        offsets = entry;
        break;
      case kStripByteCounts:
      case kTileByteCounts:
        sizes = entry;
        break;
      case kSubIfds:
        sub_pages = entry;
        break;
      case kExifIfd:
        exif = value(entry);
        break;
      case kDngVersion:
        tags_.is_dng = true;
        break;
      default:
        break;
    }
  });
  page.data_end_early = ends_early(offsets, sizes);
  tags_.pages.push_back(page);
  if (exif != 0 && tags_.taken_at.empty()) read_exif_directory(exif);
  if (gps != 0 && !tags_.metadata.gps) metadata.gps = read_gps_directory(gps);
  fill_missing(tags_.metadata, metadata);
  if (is_sub_page) return next;
  const std::uint64_t count = std::min(sub_pages.count, kMaxSubDirectories);
  for (std::uint64_t i = 0; i < count && directories_ < max_directories_; ++i) {
    read_directory(value(sub_pages, i), true);
  }
  return next;
}

std::optional<TiffTags> Walker::walk() {
  if (file_.size() < 8) return std::nullopt;
  const auto first = std::to_integer<char>(file_[0]);
  if ((first != 'I' && first != 'M') || file_[1] != file_[0]) {
    return std::nullopt;
  }
  little_ = first == 'I';
  big_ = number(2, 2) == 43;
  std::vector<std::uint64_t> seen;
  std::uint64_t next = offset(big_ ? 8 : 4);
  while (next != 0 && directories_ < max_directories_) {
    if (std::ranges::find(seen, next) != seen.end()) break;
    if (next >= file_.size()) {
      tags_.is_cut = true;
      break;
    }
    seen.push_back(next);
    next = read_directory(next, false);
  }
  return std::move(tags_);
}

}  // namespace

bool TiffTags::is_raw() const {
  return is_dng || std::ranges::any_of(pages, [](const TiffPage& page) {
           return page.photometric == kCfa || page.photometric == kLinearRaw;
         });
}

std::optional<TiffTags> read_tiff_tags(std::span<const std::byte> file,
                                       std::size_t max_directories) {
  return Walker(file, max_directories).walk();
}

}  // namespace vam
