// Matches by the hashes alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analyze/matching.hpp"

namespace vam {
namespace {

/// So many matches are held at once: find() answers for fewer pictures where
/// there are more, as the search by sketches does.
constexpr std::size_t kMostMatches = std::size_t{1} << 18;

/// Ends a search.
struct TooMany {};

class PlainFinder : public MatchFinder {
 public:
  explicit PlainFinder(const MatchInput& input)
      : input_(input), index_(input.make_index()) {
    std::vector<std::uint32_t> ids;
    std::vector<Hash> hashes;
    for (std::uint32_t picture = 0; picture < input.pictures.size();
         ++picture) {
      if (!is_comparable(input.pictures[picture])) continue;
      ids.push_back(picture);
      hashes.push_back(hash_of(picture));
    }
    index_->add(ids, hashes);
  }

  std::vector<std::vector<Match>> find(
      std::span<const std::uint32_t> pictures) override {
    while (true) {
      if (auto matches = find_all(pictures)) return std::move(*matches);
      pictures = pictures.first(pictures.size() / 2);
    }
  }

  std::optional<Evidence> confirm(std::uint32_t first, std::uint32_t second,
                                  Orientation /*transform*/) override {
    return verify(input_.pictures[first], input_.pictures[second], input_.rule);
  }

  std::string description() const override { return index_->description(); }

 private:
  /// None if there are too many to hold; never for a single picture.
  std::optional<std::vector<std::vector<Match>>> find_all(
      std::span<const std::uint32_t> pictures) {
    std::vector<std::uint32_t> slots;
    std::vector<Hash> hashes;
    for (std::uint32_t slot = 0; slot < pictures.size(); ++slot) {
      if (!is_comparable(input_.pictures[pictures[slot]])) continue;
      slots.push_back(slot);
      hashes.push_back(hash_of(pictures[slot]));
    }
    std::vector<std::vector<Match>> matches(pictures.size());
    std::size_t count = 0;
    const auto collect = [&](const CandidatePair& pair) {
      const std::uint32_t picture = pictures[pair.second];
      if (picture == pair.first) return;
      const auto evidence = verify(input_.pictures[picture],
                                   input_.pictures[pair.first], input_.rule);
      if (!evidence) return;
      matches[pair.second].push_back({pair.first, *evidence});
      if (++count > kMostMatches && pictures.size() > 1) throw TooMany();
    };
    try {
      index_->match(slots, hashes, input_.rule.max_distance,
                    {[&](std::span<const CandidatePair> block) {
                      poll(input_.stop);
                      for (const CandidatePair& pair : block) collect(pair);
                    }});
    } catch (const TooMany&) {
      return std::nullopt;
    }
    for (auto& found : matches) std::ranges::sort(found, {}, &Match::picture);
    return matches;
  }

  Hash hash_of(std::uint32_t picture) const {
    return input_.pictures[picture]
        .look->hashes[index_of(input_.rule.methods.front())];
  }

  const MatchInput input_;
  const std::unique_ptr<SearchIndex> index_;
};

}  // namespace

std::unique_ptr<MatchFinder> make_plain_finder(const MatchInput& input) {
  return std::make_unique<PlainFinder>(input);
}

}  // namespace vam
