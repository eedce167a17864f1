#include "decode/jpeg_entropy.hpp"

#include <algorithm>

namespace vam {
namespace {

/// How many bytes come before the first 0xFF.
std::size_t plain_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return 0;
  const void* const mark = std::memchr(bytes.data(), 0xFF, bytes.size());
  if (mark == nullptr) return bytes.size();
  return static_cast<std::size_t>(static_cast<const std::uint8_t*>(mark) -
                                  bytes.data());
}

}  // namespace

void EntropyBytes::advance(std::size_t keep_from) {
  size_ -= keep_from;
  std::memmove(bytes_.data(), bytes_.data() + keep_from, size_);
  while (!is_complete_ && size_ < chunk_bytes_) {
    // One byte in some 200 is 0xFF. What comes before goes at once.
    const auto fitting =
        rest_.first(std::min(rest_.size(), chunk_bytes_ - size_));
    const std::size_t plain = plain_bytes(fitting);
    std::ranges::copy(fitting.first(plain), bytes_.data() + size_);
    size_ += plain;
    rest_ = rest_.subspan(plain);
    if (size_ == chunk_bytes_) break;
    if (rest_.size() < 2 || rest_[1] != 0) {
      is_complete_ = true;
      break;
    }
    bytes_[size_++] = 0xFF;
    rest_ = rest_.subspan(2);
  }
  std::memset(bytes_.data() + size_, 0, kPadding);
}

bool EntropyBytes::skip_marker(std::uint8_t code) {
  if (!is_complete_ || rest_.size() < 2 || rest_[0] != 0xFF ||
      rest_[1] != code) {
    return false;
  }
  rest_ = rest_.subspan(2);
  is_complete_ = false;
  size_ = 0;
  return true;
}

}  // namespace vam
