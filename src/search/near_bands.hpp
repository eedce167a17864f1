// A join by bands that are nearly equal: see near_bands.cpp.
#pragma once

#include <string>
#include <vector>

#include "search/join.hpp"

namespace vam {

/// Bands of the hash, and how near hashes have to be in one of them.
struct NearPlan {
  std::vector<Hash> bands;   ///< disjoint sets of hash bits; none: scan instead
  std::vector<int> reaches;  ///< bits, of each band; -1: never near enough
  double cost = 0;           ///< estimated, nanoseconds of one thread
};

/// So many bands of these bits: 1 to 8. The cost is left 0.
NearPlan make_near_plan(Hash bits, int count, int radius);

/// The cheapest way to join such points by bands of these bits. Looks at some
/// thousand pairs of points, for hashes of pictures are far from uniform.
NearPlan plan_near_bands(const Join& join, int radius, Hash bits);

/// What the plan does, for people.
std::string describe(const NearPlan& plan);

/// Joins as planned for this radius. The plan has bands.
void near_bands_join(const Join& join, int radius, const NearPlan& plan,
                     int threads, const SearchIndex::Sink& sink);

}  // namespace vam
