#include "decode/boxes.hpp"

namespace vam {

std::uint32_t big_endian_at(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.subspan(at, 4)) {
    value = value << 8U | std::to_integer<std::uint32_t>(byte);
  }
  return value;
}

bool boxes_end_early(std::span<const std::byte> file) {
  for (int boxes = 0;; ++boxes) {
    if (file.empty()) return boxes < 2;
    if (file.size() < 8) return true;
    std::uint64_t size = big_endian_at(file, 0);
    if (size == 1) {
      if (file.size() < 16) return true;
      size = std::uint64_t{big_endian_at(file, 8)} << 32U |
             big_endian_at(file, 12);
    }
    if (size < 8) return false;  // 0: up to the end of the file; or no box
    if (size > file.size()) return true;
    file = file.subspan(size);
  }
}

}  // namespace vam
