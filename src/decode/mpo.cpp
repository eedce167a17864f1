#include "decode/mpo.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "decode/boxes.hpp"

namespace vam {
namespace {

constexpr std::string_view kPrefix{"MPF\0", 4};

/// In front of the pixels; a large colour profile takes 255.
constexpr int kMaxSegments = 1024;

constexpr unsigned kEntryTag = 0xB002;
constexpr std::size_t kEntryBytes = 16;

/// What an entry says of its picture, but for the links to others: the coding,
/// 0 for JPEG, and the kind.
constexpr std::uint32_t kKindMask = 0x07FFFFFF;
constexpr std::uint32_t kPrimary = 0x030000;

/// By how much two versions of a picture may differ: in shape, and in any cell
/// of a coarse raster.
constexpr double kMaxShapeDifference = 0.01;
constexpr int kGridSide = 16;
constexpr int kMaxDifference = 24;

/// A run of bytes that holds numbers of either byte order. What lies outside
/// of it is 0.
class Numbers {
 public:
  explicit Numbers(std::span<const std::byte> bytes) : bytes_(bytes) {
    little_ = at(0, 2) == 0x4949;  // alike from both ends
  }

  std::size_t size() const { return bytes_.size(); }
  std::uint32_t at(std::uint64_t place, unsigned bytes) const {
    if (place > size() || bytes > size() - place) return 0;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      const auto byte = std::to_integer<std::uint32_t>(
          bytes_[place + (little_ ? bytes - 1 - i : i)]);
      value = value << 8U | byte;
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool little_ = false;
};

bool begins_with(std::span<const std::byte> bytes, std::string_view prefix) {
  return bytes.size() >= prefix.size() &&
         std::ranges::equal(
             bytes.first(prefix.size()), prefix, {}, {},
             [](char letter) { return static_cast<std::byte>(letter); });
}

/// The index, from its byte order mark on, which its offsets count from.
std::span<const std::byte> index_in(std::span<const std::byte> file) {
  std::span<const std::byte> rest = file.subspan(
      std::min<std::size_t>(file.size(), 2));  // behind the start marker
  for (int i = 0; i < kMaxSegments && rest.size() >= 4; ++i) {
    const std::uint32_t head = big_endian_at(rest, 0);
    const std::uint32_t marker = head >> 16U;
    const std::size_t size = head & 0xFFFFU;
    if (marker < 0xFFC0 || marker == 0xFFDA || size < 2 ||
        size + 2 > rest.size()) {
      break;
    }
    const auto content = rest.subspan(4, size - 2);
    if (marker == 0xFFE2 && begins_with(content, kPrefix)) {
      return content.subspan(kPrefix.size());
    }
    rest = rest.subspan(size + 2);
  }
  return {};
}

/// Where the entries are; 0 for nowhere.
std::uint64_t find_entries(const Numbers& index, std::size_t& count) {
  const std::uint64_t directory = index.at(4, 4);
  const std::uint32_t tags = index.at(directory, 2);
  for (std::uint64_t i = 0; i < tags; ++i) {
    const std::uint64_t tag = directory + 2 + i * 12;
    if (tag >= index.size()) return 0;
    if (index.at(tag, 2) != kEntryTag) continue;
    const std::uint64_t bytes = index.at(tag + 4, 4);
    const std::uint64_t place = index.at(tag + 8, 4);
    if (place > index.size() || bytes > index.size() - place) return 0;
    count = bytes / kEntryBytes;
    return place;
  }
  return 0;
}

bool looks_alike(const Image& a, const Image& b) {
  if (a.pixels.empty() || b.pixels.empty()) {
    return a.pixels.empty() && b.pixels.empty();
  }
  return std::ranges::equal(
      resize_lanczos(a, kGridSide, kGridSide).pixels,
      resize_lanczos(b, kGridSide, kGridSide).pixels,
      [](int x, int y) { return std::abs(x - y) <= kMaxDifference; });
}

}  // namespace

std::span<const std::byte> primary_in_mpo(std::span<const std::byte> file) {
  const auto bytes = index_in(file);
  const Numbers index(bytes);
  std::size_t count = 0;
  const std::uint64_t entries = find_entries(index, count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t entry = entries + i * kEntryBytes;
    if ((index.at(entry, 4) & kKindMask) != kPrimary) continue;
    if (i == 0) return {};
    const std::uint64_t size = index.at(entry + 4, 4);
    const std::uint64_t begin =
        static_cast<std::uint64_t>(bytes.data() - file.data()) +
        index.at(entry + 8, 4);
    if (begin > file.size() || size > file.size() - begin) return {};
    return file.subspan(begin, size);
  }
  return {};
}

bool is_larger_version(const Decoded& other, const Decoded& first) {
  const auto shape = [](const PictureInfo& info) {
    return static_cast<double>(info.width) / info.height;
  };
  return other.info.width > first.info.width &&
         other.info.height > first.info.height &&
         std::abs(shape(other.info) / shape(first.info) - 1) <=
             kMaxShapeDifference &&
         looks_alike(other.image, first.image) &&
         looks_alike(other.chroma.blue, first.chroma.blue) &&
         looks_alike(other.chroma.red, first.chroma.red);
}

}  // namespace vam
