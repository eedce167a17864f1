// From pictures to verified matches: candidate search and verification.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "analyze/frame_keys.hpp"
#include "vam/catalog.hpp"
#include "vam/group.hpp"
#include "vam/photo.hpp"
#include "vam/search.hpp"
#include "vam/verify.hpp"

namespace vam {

/// What all finders work on; must outlive them.
struct MatchInput {
  std::span<const Picture> pictures;
  const VerifyRule& rule;
  std::function<std::unique_ptr<SearchIndex>()> make_index;
  const std::atomic<bool>* stop = nullptr;  ///< may be null
};

/// Finds what the plain rule accepts.
std::unique_ptr<MatchFinder> make_plain_finder(const MatchInput& input);

/// Finds candidates by hash and verifies them by their sketches, with this many
/// threads. Keeps
/// at most `memory_bytes` of sketches; the catalog has them all.
std::unique_ptr<MatchFinder> make_sketch_finder(const MatchInput& input,
                                                Catalog& catalog,
                                                Transforms transforms,
                                                int threads,
                                                std::uint64_t memory_bytes);

}  // namespace vam
