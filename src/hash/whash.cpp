// wHash: which of the 8x8 lowest Haar wavelet coefficients lie above their
// median? (D. Petrov, "Wavelet image hash in Python", 2016; as imagehash.whash
// with its defaults.)
//
// The Haar low-pass band is a tree of means of 2x2 neighbours, so its 8x8 level
// is the mean of equal blocks of the picture scaled to a power of two. Taking
// out the mean of the whole, as `remove_max_haar_ll` does, shifts all values
// alike and changes no comparison with the median. Block sums are integers, so
// ties are exact here, where floating-point wavelets leave noise.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "hash/kinds.hpp"

namespace vam {

Hash whash(const Reductions& upright) {
  const Image& square = upright.square();
  const int side = square.width;
  const int block = side / 8;

  std::array<std::int64_t, kHashBits> sums{};
  for (int y = 0; y < side; ++y) {
    const std::uint8_t* row = square.row(y);
    const auto first = static_cast<std::size_t>(y / block) * 8;
    for (std::int64_t& sum : std::span(sums).subspan(first, 8)) {
      sum += std::accumulate(row, row + block, 0);
      row += block;
    }
  }
  auto sorted = sums;
  std::ranges::sort(sorted);
  const std::int64_t twice_median = sorted[31] + sorted[32];
  Hash hash = 0;
  for (const std::int64_t sum : sums) {
    hash = hash << 1 | Hash{2 * sum > twice_median};
  }
  return hash;
}

}  // namespace vam
