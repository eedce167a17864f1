#include "decode/boxes.hpp"

#include <algorithm>
#include <cstring>

namespace vam {

std::uint32_t big_endian_at(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.subspan(at, 4)) {
    value = value << 8U | std::to_integer<std::uint32_t>(byte);
  }
  return value;
}

namespace {

/// What the first box says about its size. 0 if it reaches to the end of the
/// file, less than 8 if it is no box.
std::uint64_t size_of_box(std::span<const std::byte> file) {
  if (file.size() < 8) return UINT64_MAX;
  const std::uint64_t size = big_endian_at(file, 0);
  if (size != 1) return size;
  if (file.size() < 16) return UINT64_MAX;
  return std::uint64_t{big_endian_at(file, 8)} << 32U | big_endian_at(file, 12);
}

/// Whether a box of one of these types may begin so. Where the type is missing,
/// its size tells: hardly any has 16 MiB.
bool may_be_box(std::span<const std::byte> bytes,
                std::span<const std::string_view> types) {
  if (bytes.size() <= 4) return bytes.front() == std::byte{0};
  const auto type =
      bytes.subspan(4, std::min<std::size_t>(bytes.size(), 8) - 4);
  return std::ranges::any_of(types, [&](std::string_view known) {
    return std::memcmp(type.data(), known.data(), type.size()) == 0;
  });
}

}  // namespace

bool boxes_end_early(std::span<const std::byte> file,
                     std::span<const std::string_view> types) {
  for (int boxes = 0;; ++boxes) {
    if (file.empty()) return boxes < 2;
    if (boxes >= 2 && !types.empty() && !may_be_box(file, types)) return false;
    const std::uint64_t size = size_of_box(file);
    if (size < 8) return false;
    if (size > file.size()) return true;
    file = file.subspan(size);
  }
}

std::span<const std::byte> box_content(std::span<const std::byte> file,
                                       std::string_view beginning) {
  while (true) {
    const std::uint64_t size = size_of_box(file);
    if (size < 8 || size > file.size()) return {};
    const auto box = file.first(size).subspan(4);
    if (box.size() >= beginning.size() &&
        std::memcmp(box.data(), beginning.data(), beginning.size()) == 0) {
      return box.subspan(beginning.size());
    }
    file = file.subspan(size);
  }
}

}  // namespace vam
