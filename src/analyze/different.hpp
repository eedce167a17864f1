// Keeps apart what the user has marked as different pictures.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "vam/group.hpp"
#include "vam/photo.hpp"

namespace vam {

/// Finds what `finder` finds, but for matches of these pairs, which are sorted.
/// The pictures must outlive it.
std::unique_ptr<MatchFinder> without_different(
    std::unique_ptr<MatchFinder> finder, std::span<const Picture> pictures,
    std::vector<DifferentPair> pairs);

}  // namespace vam
