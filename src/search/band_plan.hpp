// How to search: by a scan of all pairs, or by which bands. See bands.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "search/join.hpp"

namespace vam {

/// Nanoseconds of one thread, measured on a 3.1 GHz Xeon with AVX-512; only
/// their ratios matter. Constants, so that the same pairs come in the same
/// order on every machine.
struct SearchCosts {
  double flat_pair = 13;    ///< FAISS IndexBinaryFlat, one pair
  double scan_pair = 0.04;  ///< scan.cpp, one pair
  double band_item = 10;    ///< bands.cpp, one hash by one key
  double band_pair = 0.4;   ///< bands.cpp, one pair with the same key
  double near_key = 10;     ///< near_bands.cpp, one bucket, empty or not
  double near_bucket = 4;   ///< near_bands.cpp, one bucket beside another
  double near_row = 1;      ///< near_bands.cpp, one hash laid beside others
  double near_pair = 0.1;   ///< near_bands.cpp, one pair that is compared
};
inline constexpr SearchCosts kCosts;

/// Bands, and keys of some of them.
struct BandPlan {
  std::vector<Hash> bands;  ///< disjoint sets of hash bits; none: scan instead
  int clean = 0;            ///< bands of a key
  double cost = 0;          ///< estimated, nanoseconds of one thread

  /// How many choices of `clean` bands there are.
  std::size_t key_count() const;
};

/// What is known of the hashes to be joined.
struct BitProfile {
  Hash varying = ~Hash{0};  ///< bits that tell hashes apart
  /// Two hashes agree in a varying bit with a chance of 2^-entropy.
  double entropy = 1;
};
/// Looks at no more than a few thousand of them.
BitProfile profile_of(const Join& join);

/// Cuts the bits into bands of equal size, to one bit.
std::vector<Hash> make_bands(Hash bits, int count);

/// The cheapest way to join such points.
BandPlan plan_bands(const Join& join, int radius, const BitProfile& profile);

/// What the plan does, for people.
std::string describe(const BandPlan& plan);

/// Joins as planned for the profile of the points; returns the plan.
BandPlan bands_join(const Join& join, int radius, int threads,
                    const SearchIndex::Sink& sink);

/// Keys have no more bits than help to tell this many points apart.
struct KeyWidth {
  int partition_bits;  ///< points are dealt to partitions by these
  int bucket_bits;     ///< and there to buckets by these

  static KeyWidth of(std::size_t point_count, int key_bits);
};

}  // namespace vam
