// The kinds of hash, one file each; hash.cpp lists them in its table.
#pragma once

#include "vam/hash.hpp"

namespace vam {

Hash dhash(const Image& upright);
Hash ahash(const Image& upright);
Hash whash(const Image& upright);

}  // namespace vam
