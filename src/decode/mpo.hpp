// The main picture of a JPEG that holds several, told by an index (CIPA
// DC-007, Multi-Picture Format).
#pragma once

#include <cstddef>
#include <span>

#include "vam/decode.hpp"

namespace vam {

/// The picture that the index names as the primary one if that is not the
/// first: a JPEG of its own, inside the file; it may be anything. Empty if
/// there is none, or no index that makes sense.
std::span<const std::byte> primary_in_mpo(std::span<const std::byte> file);

/// Whether both show the same, and `other` has more pixels.
bool is_larger_version(const Decoded& other, const Decoded& first);

}  // namespace vam
