// Comparing all pairs takes long in a time-lapse of a hundred thousand frames.
// But what lies p and q bits from a third hash lies at most p + q bits apart
// (the triangle inequality), and at most 128 - p - q (the same, for one of the
// two and the complement of the other). Shells of equal distance from the first
// hash are compared in the order of that bound, until it says that no pair is
// farther apart than one that was found. Around a keeper that is soon.
#include "group/diameter.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>

namespace vam {
namespace {

/// The largest distance between two shells, which may be the same; looks no
/// further when it is as large as it can be.
int distance_between(const std::vector<Hash>& a, const std::vector<Hash>& b,
                     int bound) {
  int largest = 0;
  for (const Hash first : a) {
    for (const Hash second : b) {
      largest = std::max(largest, hamming_distance(first, second));
    }
    if (largest == bound) break;
  }
  return largest;
}

}  // namespace

int diameter_of(const std::vector<Hash>& hashes) {
  std::array<std::vector<Hash>, kHashBits + 1> shells;
  for (const Hash hash : hashes) {
    shells[static_cast<std::size_t>(hamming_distance(hashes.front(), hash))]
        .push_back(hash);
  }
  struct Pair {
    int bound;
    std::size_t first;
    std::size_t second;
  };
  std::vector<Pair> pairs;
  for (std::size_t p = 0; p < shells.size(); ++p) {
    if (shells[p].empty()) continue;
    std::ranges::sort(shells[p]);
    shells[p].erase(std::unique(shells[p].begin(), shells[p].end()),
                    shells[p].end());
    for (std::size_t q = 0; q <= p; ++q) {
      const auto sum = static_cast<int>(p + q);
      if (!shells[q].empty()) {
        pairs.push_back({std::min(sum, 2 * kHashBits - sum), p, q});
      }
    }
  }
  std::ranges::sort(pairs, std::greater<>(), &Pair::bound);
  int diameter = 0;
  for (const Pair& pair : pairs) {
    if (pair.bound <= diameter) break;
    diameter = std::max(
        diameter,
        distance_between(shells[pair.first], shells[pair.second], pair.bound));
  }
  return diameter;
}

}  // namespace vam
