// The largest distance within a group.
#pragma once

#include <vector>

#include "vam/photo.hpp"

namespace vam {

/// The largest Hamming distance between two of the hashes, in bits; 0 for fewer
/// than two. The first one should be near to most: distances from it tell which
/// pairs need not be compared.
int diameter_of(const std::vector<Hash>& hashes);

}  // namespace vam
