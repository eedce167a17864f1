#include "search/join.hpp"

namespace vam {

void PointList::add(std::span<const std::uint32_t> more_ids,
                    std::span<const Hash> more_hashes) {
  ids.insert(ids.end(), more_ids.begin(), more_ids.end());
  hashes.insert(hashes.end(), more_hashes.begin(), more_hashes.end());
}

}  // namespace vam
