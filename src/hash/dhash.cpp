// dHash: does the picture get brighter from each cell to its right neighbour?
// (N. Krawetz, "Kind of Like That", 2013; as imagehash.dhash.)
#include "hash/kinds.hpp"

namespace vam {

Hash dhash(const Reductions& upright) {
  const Image& cells = upright.to(9, 8);
  Hash hash = 0;
  for (int y = 0; y < 8; ++y) {
    const std::uint8_t* row = cells.row(y);
    for (int x = 0; x < 8; ++x) hash = hash << 1 | Hash{row[x + 1] > row[x]};
  }
  return hash;
}

}  // namespace vam
