// What the search indexes share.
#pragma once

#include <vector>

#include "vam/search.hpp"

namespace vam {

using Pairs = std::vector<CandidatePair>;

}  // namespace vam
