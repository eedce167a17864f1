// A JPEG without what does not belong to its picture. Nothing is decoded: a
// file is a row of segments, each a marker, a length and data; behind that of a
// scan come coded bytes, in which 0xFF is followed by 0 or by the number of a
// restart. (ITU-T T.81, annex B)
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "vam/decode.hpp"

namespace vam {
namespace {

constexpr std::uint8_t kStart = 0xD8;
constexpr std::uint8_t kEnd = 0xD9;
constexpr std::uint8_t kHuffman = 0xC4;
constexpr std::uint8_t kScan = 0xDA;
constexpr std::uint8_t kQuantization = 0xDB;
constexpr std::uint8_t kRestarts = 0xDD;
constexpr std::uint8_t kLastFrame = 0xC2;  // baseline, extended, progressive
constexpr std::uint8_t kFirstFrame = 0xC0;
constexpr std::uint8_t kApp0 = 0xE0;
constexpr std::uint8_t kApp14 = 0xEE;
constexpr std::uint8_t kApp15 = 0xEF;
constexpr std::uint8_t kComment = 0xFE;

class BareJpeg {
 public:
  BareJpeg(std::span<const std::byte> file, std::uint32_t width,
           std::uint32_t height)
      : rest_(file), width_(width), height_(height) {}

  std::vector<std::byte> copy() {
    if (take_marker() != kStart) return {};
    add_marker(kStart);
    while (const std::uint8_t marker = take_marker()) {
      if (marker == kEnd) {
        add_marker(kEnd);
        return has_frame_ && has_scan_ ? std::move(copy_) : Bytes();
      }
      if (!add_segment(marker)) break;
    }
    return {};
  }

 private:
  using Bytes = std::vector<std::byte>;

  static unsigned at(std::span<const std::byte> bytes, std::size_t place) {
    return std::to_integer<unsigned>(bytes[place]);
  }
  static unsigned pair_at(std::span<const std::byte> bytes, std::size_t place) {
    return at(bytes, place) << 8U | at(bytes, place + 1);
  }
  static bool begins_with(std::span<const std::byte> bytes,
                          std::string_view text) {
    return bytes.size() >= text.size() &&
           std::ranges::equal(bytes.first(text.size()), text, {}, {},
                              [](char c) { return static_cast<std::byte>(c); });
  }

  /// 0 if there is none.
  std::uint8_t take_marker() {
    if (rest_.size() < 2 || at(rest_, 0) != 0xFF) return 0;
    const auto marker = static_cast<std::uint8_t>(at(rest_, 1));
    rest_ = rest_.subspan(2);
    return marker;
  }

  void add(std::span<const std::byte> bytes) {
    copy_.insert(copy_.end(), bytes.begin(), bytes.end());
  }
  void add_marker(std::uint8_t marker) {
    const std::byte bytes[] = {std::byte{0xFF}, std::byte{marker}};
    add(bytes);
  }

  /// False for what a bare JPEG cannot have.
  bool add_segment(std::uint8_t marker) {
    if (rest_.size() < 2) return false;
    const std::size_t size = pair_at(rest_, 0);
    if (size < 2 || size > rest_.size()) return false;
    const std::span<const std::byte> segment = rest_.first(size);
    const std::span<const std::byte> data = segment.subspan(2);
    rest_ = rest_.subspan(size);
    if (is_metadata(marker, data)) return true;
    const bool is_table = is_whole_table(marker, data);
    const bool says_colours =
        (marker == kApp0 && data.size() == 14) ||  // JFIF without a thumbnail
        (marker == kApp14 && data.size() == 12);   // Adobe
    const bool is_frame = marker >= kFirstFrame && marker <= kLastFrame;
    if (is_frame && !take_frame(data)) return false;
    const bool is_scan = marker == kScan && is_whole_scan(data);
    if (!is_table && !says_colours && !is_frame && !is_scan) return false;
    add_marker(marker);
    add(segment);
    return copy_.size() <= kMaxBareJpegBytes && (!is_scan || add_coded_bytes());
  }

  // No segment that is kept has room for more than it says.
  static bool is_whole_table(std::uint8_t marker,
                             std::span<const std::byte> data) {
    if (marker == kRestarts) return data.size() == 2;
    if (marker != kHuffman && marker != kQuantization) return false;
    while (!data.empty()) {
      const std::size_t size =
          marker == kHuffman ? huffman_bytes(data) : quantization_bytes(data);
      if (size > data.size()) return false;
      data = data.subspan(size);
    }
    return true;
  }
  /// Of the first table; the data are not empty.
  static std::size_t huffman_bytes(std::span<const std::byte> data) {
    constexpr std::size_t kCounts = 16;
    std::size_t size = 1 + kCounts;
    if (data.size() < size) return size;
    for (const std::byte count : data.subspan(1, kCounts)) {
      size += std::to_integer<std::size_t>(count);
    }
    return size;
  }
  static std::size_t quantization_bytes(std::span<const std::byte> data) {
    const bool is_wide = at(data, 0) >> 4U != 0;
    return 1 + std::size_t{64} * (is_wide ? 2 : 1);
  }
  static bool is_whole_scan(std::span<const std::byte> data) {
    return !data.empty() && data.size() == 4 + 2 * std::size_t{at(data, 0)};
  }

  static bool is_metadata(std::uint8_t marker,
                          std::span<const std::byte> data) {
    if (marker == kComment) return true;
    if (marker == kApp0) return !begins_with(data, {"JFIF\0", 5});
    if (marker == kApp14) return !begins_with(data, "Adobe");
    return marker > kApp0 && marker <= kApp15;
  }

  /// Of 8 bits, grey or in three colours, and of the expected size.
  bool take_frame(std::span<const std::byte> data) {
    if (has_frame_ || data.size() < 6) return false;
    has_frame_ = true;
    const unsigned components = at(data, 5);
    return at(data, 0) == 8 && pair_at(data, 1) == height_ &&
           pair_at(data, 3) == width_ && (components == 1 || components == 3) &&
           data.size() == 6 + 3 * std::size_t{components};
  }

  /// Up to the next marker that is no restart.
  bool add_coded_bytes() {
    has_scan_ = true;
    std::size_t size = 0;
    for (;; size += 2) {
      const auto escape = std::find(rest_.begin() + static_cast<long>(size),
                                    rest_.end(), std::byte{0xFF});
      size = static_cast<std::size_t>(escape - rest_.begin());
      if (size + 2 > rest_.size()) return false;
      const unsigned next = at(rest_, size + 1);
      if (next != 0 && (next < 0xD0 || next > 0xD7)) break;
    }
    if (copy_.size() + size > kMaxBareJpegBytes) return false;
    add(rest_.first(size));
    rest_ = rest_.subspan(size);
    return true;
  }

  std::span<const std::byte> rest_;
  const std::uint32_t width_;
  const std::uint32_t height_;
  Bytes copy_;
  bool has_frame_ = false;
  bool has_scan_ = false;
};

}  // namespace

std::vector<std::byte> bare_jpeg(std::span<const std::byte> file,
                                 std::uint32_t width, std::uint32_t height) {
  return BareJpeg(file, width, height).copy();
}

}  // namespace vam
