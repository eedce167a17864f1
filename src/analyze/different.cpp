#include "analyze/different.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace vam {
namespace {

class DifferentApart : public MatchFinder {
 public:
  DifferentApart(std::unique_ptr<MatchFinder> finder,
                 std::span<const Picture> pictures,
                 std::vector<DifferentPair> pairs)
      : finder_(std::move(finder)),
        pictures_(pictures),
        pairs_(std::move(pairs)) {}

  std::vector<std::vector<Match>> find(
      std::span<const std::uint32_t> pictures) override {
    auto found = finder_->find(pictures);
    for (std::size_t i = 0; i < found.size(); ++i) {
      std::erase_if(found[i], [&](const Match& match) {
        return are_different(pictures[i], match.picture);
      });
    }
    return found;
  }

  std::optional<Evidence> confirm(std::uint32_t first, std::uint32_t second,
                                  Orientation transform) override {
    if (are_different(first, second)) return std::nullopt;
    return finder_->confirm(first, second, transform);
  }

  std::string description() const override { return finder_->description(); }

 private:
  bool are_different(std::uint32_t first, std::uint32_t second) const {
    return std::ranges::binary_search(
        pairs_,
        different_pair(pictures_[first].digest, pictures_[second].digest));
  }

  const std::unique_ptr<MatchFinder> finder_;
  const std::span<const Picture> pictures_;
  const std::vector<DifferentPair> pairs_;
};

}  // namespace

std::unique_ptr<MatchFinder> without_different(
    std::unique_ptr<MatchFinder> finder, std::span<const Picture> pictures,
    std::vector<DifferentPair> pairs) {
  if (pairs.empty()) return finder;
  return std::make_unique<DifferentApart>(std::move(finder), pictures,
                                          std::move(pairs));
}

}  // namespace vam
