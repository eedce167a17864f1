// The kinds of hash, one file each; hash.cpp lists them in its table.
#pragma once

#include "vam/hash.hpp"

namespace vam {

Hash dhash(const Reductions& upright);
Hash ahash(const Reductions& upright);
Hash whash(const Reductions& upright);

}  // namespace vam
