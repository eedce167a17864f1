// Builds the directories that TIFF, DNG and EXIF are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// A directory of a TIFF under construction.
class TiffDirectory {
 public:
  static constexpr unsigned kByte = 1;
  static constexpr unsigned kAscii = 2;
  static constexpr unsigned kShort = 3;
  static constexpr unsigned kLong = 4;
  static constexpr unsigned kRational = 5;

  explicit TiffDirectory(bool big_endian) : big_endian_(big_endian) {}

  bool empty() const { return entries_.empty(); }
  void add_text(unsigned tag, const std::string& text) {
    if (text.empty()) return;
    const auto count = static_cast<std::uint32_t>(text.size() + 1);
    entries_[tag] = {kAscii, count, text + '\0'};
  }
  void add_number(unsigned tag, unsigned type, std::uint32_t value) {
    entries_[tag] = {type, 1, number(value, type == kShort ? 2 : 4)};
  }
  /// Numerator and denominator of each.
  void add_rationals(unsigned tag, const std::vector<std::uint32_t>& parts) {
    Entry entry{kRational, static_cast<std::uint32_t>(parts.size() / 2), {}};
    for (const std::uint32_t part : parts) entry.values += number(part, 4);
    entries_[tag] = entry;
  }

  /// `count` values, as they are stored.
  void add_values(unsigned tag, unsigned type, std::uint32_t count,
                  const std::string& values) {
    entries_[tag] = {type, count, values};
  }

  std::string number(std::uint32_t value, int size) const {
    std::string bytes;
    for (int i = 0; i < size; ++i) {
      const int shift = 8 * (big_endian_ ? size - 1 - i : i);
      bytes += static_cast<char>(value >> shift & 0xFFU);
    }
    return bytes;
  }

  /// The directory as it stands at this offset, its values behind it.
  std::string at(std::size_t offset) const {
    const std::size_t size = 2 + 12 * entries_.size() + 4;
    std::string bytes = number(static_cast<std::uint32_t>(entries_.size()), 2);
    std::string values;
    for (const auto& [tag, entry] : entries_) {
      bytes += number(tag, 2) + number(entry.type, 2) + number(entry.count, 4);
      if (entry.values.size() <= 4) {
        bytes += entry.values + std::string(4 - entry.values.size(), '\0');
      } else {
        const std::size_t place = offset + size + values.size();
        bytes += number(static_cast<std::uint32_t>(place), 4);
        values += entry.values + std::string(entry.values.size() % 2, '\0');
      }
    }
    return bytes + number(0, 4) + values;
  }

 private:
  struct Entry {
    unsigned type = 0;
    std::uint32_t count = 0;
    std::string values = {};
  };

  bool big_endian_;
  std::map<unsigned, Entry> entries_;
};
