// aHash: which cells are brighter than the mean of all?
// (N. Krawetz, "Looks Like It", 2011; as imagehash.average_hash.)
#include <numeric>

#include "hash/kinds.hpp"

namespace vam {

Hash ahash(const Reductions& upright) {
  const Image& cells = upright.to(8, 8);
  const int sum = std::accumulate(cells.pixels.begin(), cells.pixels.end(), 0);
  Hash hash = 0;
  for (const std::uint8_t cell : cells.pixels) {
    hash = hash << 1 | Hash{cell * kHashBits > sum};
  }
  return hash;
}

}  // namespace vam
