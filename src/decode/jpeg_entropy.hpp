// The entropy-coded data of a JPEG scan without what is stuffed in between
// (ITU-T T.81, F.1.2.3), and bits of them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "decode/jpeg_dc.hpp"

namespace vam {

inline std::uint64_t load_big_endian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::little) {
    value = __builtin_bswap64(value);
  }
  return value;
}

/// Positions in the data are noted as bits from address 0, modulo 2^32: the
/// lanes then need not know where the data begin.
inline std::uint32_t address_bits(const std::uint8_t* byte) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(byte) * 8);
}

/// The data between two markers without their stuffing, a part at a time.
class EntropyBytes {
 public:
  EntropyBytes(std::span<const std::uint8_t> data, std::size_t chunk_bytes)
      : rest_(data), chunk_bytes_(chunk_bytes) {}

  /// Forgets the bytes before `keep_from`, then takes in as many as fit.
  void advance(std::size_t keep_from);

  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return size_; }
  /// Whether all bytes before the next marker, or before the end of the data,
  /// are there.
  bool is_complete() const { return is_complete_; }

  /// Steps over the marker 0xFF `code`. False if there is another, or fill
  /// bytes before it, or nothing.
  bool skip_marker(std::uint8_t code);

  /// So many zeros are behind the last byte: what looks for blocks may read on.
  static constexpr std::size_t kPadding = 72;

 private:
  std::span<const std::uint8_t> rest_;
  std::size_t chunk_bytes_;
  std::array<std::uint8_t, DcChunks::kMaxBytes + kPadding> bytes_;
  std::size_t size_ = 0;
  bool is_complete_ = false;
};

}  // namespace vam
