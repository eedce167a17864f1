// Chooses how to search, by the number of hashes and the radius.
#include <cmath>
#include <memory>
#include <string>

#include "search/band_plan.hpp"
#include "search/indexes.hpp"
#include "search/join.hpp"
#include "search/near_bands.hpp"

namespace vam {
namespace {

/// Up to so many pairs, FAISS needs some milliseconds, and so it does not
/// matter.
constexpr double kFlatPairs = 500'000;

class AutoIndex final : public SearchIndex {
 public:
  explicit AutoIndex(int threads) : threads_(threads) {}

  std::string description() const override {
    return chosen_.empty() ? "the index that suits" : chosen_;
  }

  void add(std::span<const std::uint32_t> ids,
           std::span<const Hash> hashes) override {
    points_.add(ids, hashes);
  }

  void search(int radius, const Sink& sink) override {
    const Join join = Join::of(points_.points());
    if (join.pair_count() <= kFlatPairs) {
      flat_index(join, radius)->search(radius, sink);
    } else {
      large_join(join, radius, sink);
    }
  }

  void match(std::span<const std::uint32_t> ids, std::span<const Hash> hashes,
             int radius, const Sink& sink) override {
    const Join join = Join::of(points_.points(), {ids, hashes});
    if (join.pair_count() == 0) return;
    if (join.pair_count() <= kFlatPairs) {
      flat_index(join, radius)->match(ids, hashes, radius, sink);
    } else {
      large_join(join, radius, sink);
    }
  }

 private:
  std::unique_ptr<SearchIndex> flat_index(const Join& join, int radius) {
    auto index = make_flat_index(threads_);
    index->add(points_.ids, points_.hashes);
    choose(index->description(), join, radius, "that is quick in any way");
    return index;
  }

  void large_join(const Join& join, int radius, const Sink& sink) {
    const BandPlan equal = plan_bands(join, radius, BitProfile{});
    const NearPlan near = plan_near_bands(join, radius, ~Hash{0});
    if (!near.bands.empty() && near.cost < equal.cost) {
      choose(describe(near), join, radius, gain_of(join, near.cost));
      near_bands_join(join, radius, near, threads_, sink);
    } else if (!equal.bands.empty()) {
      const BandPlan done = bands_join(join, radius, threads_, sink);
      choose(describe(done), join, radius, gain_of(join, equal.cost));
    } else {
      choose(describe(equal), join, radius, "bands would cost more");
      scan_join(join, radius, threads_, {}, sink);
    }
  }

  static std::string gain_of(const Join& join, double cost) {
    const double gain = join.pair_count() * kCosts.scan_pair / cost;
    return "by estimate " + std::to_string(std::lround(gain)) +
           " times as fast as a scan";
  }

  void choose(const std::string& what, const Join& join, int radius,
              const std::string& reason) {
    chosen_ = what + ": " + std::to_string(join.point_count()) +
              " hashes, up to " + std::to_string(radius) + " bits apart, " +
              reason;
  }

  int threads_;
  PointList points_;
  std::string chosen_;  ///< for the last search, and why
};

}  // namespace

std::unique_ptr<SearchIndex> make_auto_index(int threads) {
  return std::make_unique<AutoIndex>(threads);
}

}  // namespace vam
