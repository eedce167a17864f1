// From pictures to verified links: candidate search and verification.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "vam/group.hpp"
#include "vam/photo.hpp"
#include "vam/search.hpp"
#include "vam/verify.hpp"

namespace vam {

/// The links that group() asks for: all pairs that verify() accepts, between
/// one picture of each look. `index` is empty and is searched on the first hash
/// that the rule names. Throws Interrupted when `stop` (may be null) becomes
/// true.
std::vector<Link> find_links(std::span<const Picture> pictures,
                             const VerifyRule& rule, SearchIndex& index,
                             const std::atomic<bool>* stop);

}  // namespace vam
