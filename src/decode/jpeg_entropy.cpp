#include "decode/jpeg_entropy.hpp"

namespace vam {
namespace {

bool has_ff_byte(std::uint64_t bytes) {
  constexpr std::uint64_t kLow = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  return ((~bytes - kLow) & bytes & kHigh) != 0;
}

}  // namespace

void EntropyBytes::advance(std::size_t keep_from) {
  size_ -= keep_from;
  std::memmove(bytes_.data(), bytes_.data() + keep_from, size_);
  const std::uint8_t* in = rest_.data();
  const std::uint8_t* const end = in + rest_.size();
  while (!is_complete_ && size_ < chunk_bytes_) {
    if (end - in >= 8) {
      std::uint64_t next = 0;
      std::memcpy(&next, in, sizeof next);
      if (!has_ff_byte(next)) {
        std::memcpy(bytes_.data() + size_, in, sizeof next);
        size_ += sizeof next;
        in += sizeof next;
        continue;
      }
    }
    // Up to the byte 0xFF and its stuffing.
    while (in != end && *in != 0xFF) bytes_[size_++] = *in++;
    if (end - in < 2 || in[1] != 0) {
      is_complete_ = true;
      break;
    }
    bytes_[size_++] = 0xFF;
    in += 2;
  }
  rest_ = rest_.last(static_cast<std::size_t>(end - in));
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
