// Gathers bits of hashes into keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "vam/hash.hpp"

namespace vam {

/// Gathers bits of hashes into a key, by tables for each byte.
class KeyMaker {
 public:
  /// Takes no more than `max_bits` of these bits, the lowest ones.
  KeyMaker(Hash bits, int max_bits) {
    std::uint32_t place = 1;
    for (std::size_t bit = 0; bit < kHashBits; ++bit) {
      if ((bits >> bit & 1U) == 0 || max_bits-- <= 0) continue;
      for (std::size_t value = 0; value < 256; ++value) {
        if ((value >> bit % 8 & 1U) != 0) table_[bit / 8][value] |= place;
      }
      place <<= 1U;
    }
  }

  std::uint32_t operator()(Hash hash) const {
    std::uint32_t key = 0;
    for (const auto& table : table_) {
      key |= table[hash & 0xFFU];
      hash >>= 8U;
    }
    return key;
  }

 private:
  std::array<std::array<std::uint32_t, 256>, 8> table_{};
};

}  // namespace vam
