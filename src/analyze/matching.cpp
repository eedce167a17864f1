// From pictures to verified links: candidate search and verification.
#include "analyze/matching.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "vam/error.hpp"

namespace vam {
namespace {

/// The looks of the comparable pictures, each once, sorted by the first named
/// hash: those of equal hash are neighbours, and the index sees each value
/// once.
class HashValues {
 public:
  HashValues(std::span<const Picture> pictures, const VerifyRule& rule) {
    const HashKind kind = rule.methods.front();
    for (std::uint32_t picture = 0; picture < pictures.size(); ++picture) {
      if (is_comparable(pictures[picture])) looks_.push_back(picture);
    }
    const auto hash_of = [&](std::uint32_t picture) {
      return pictures[picture].look->hashes[index_of(kind)];
    };
    const auto order_of = [&](std::uint32_t picture) {
      return std::pair(hash_of(picture),
                       named_hashes(*pictures[picture].look, rule));
    };
    std::ranges::stable_sort(looks_, {}, order_of);
    const auto is_same = [&](std::uint32_t a, std::uint32_t b) {
      return order_of(a) == order_of(b);
    };
    looks_.erase(std::unique(looks_.begin(), looks_.end(), is_same),
                 looks_.end());
    for (std::size_t at = 0; at < looks_.size(); ++at) {
      if (at == 0 || hash_of(looks_[at]) != hashes_.back()) {
        ids_.push_back(static_cast<std::uint32_t>(ids_.size()));
        hashes_.push_back(hash_of(looks_[at]));
        begins_.push_back(at);
      }
    }
    begins_.push_back(looks_.size());
  }

  std::span<const std::uint32_t> ids() const { return ids_; }
  std::span<const Hash> hashes() const { return hashes_; }

  /// One picture of every look that has this value.
  std::span<const std::uint32_t> looks_with(std::uint32_t value) const {
    return std::span(looks_).subspan(begins_[value],
                                     begins_[value + 1] - begins_[value]);
  }

 private:
  std::vector<std::uint32_t> looks_;
  std::vector<std::uint32_t> ids_;
  std::vector<Hash> hashes_;
  std::vector<std::size_t> begins_;
};

}  // namespace

std::vector<Link> find_links(std::span<const Picture> pictures,
                             const VerifyRule& rule, SearchIndex& index,
                             const std::atomic<bool>* stop) {
  const HashValues values(pictures, rule);
  std::vector<Link> links;
  const auto consider = [&](std::uint32_t a, std::uint32_t b) {
    if (verify(pictures[a], pictures[b], rule)) links.push_back({a, b});
  };
  const auto poll_stop = [&] {
    if (stop != nullptr && *stop) throw Interrupted();
  };
  for (const std::uint32_t value : values.ids()) {
    poll_stop();
    const auto equal = values.looks_with(value);
    for (std::size_t a = 0; a < equal.size(); ++a) {
      for (std::size_t b = a + 1; b < equal.size(); ++b) {
        consider(equal[a], equal[b]);
      }
    }
  }
  index.add(values.ids(), values.hashes());
  index.search(rule.max_distance, [&](std::span<const CandidatePair> block) {
    poll_stop();
    for (const CandidatePair& pair : block) {
      for (const std::uint32_t a : values.looks_with(pair.first)) {
        for (const std::uint32_t b : values.looks_with(pair.second)) {
          consider(a, b);
        }
      }
    }
  });
  return links;
}

}  // namespace vam
