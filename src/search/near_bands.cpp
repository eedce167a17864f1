// A join by bands that are nearly equal.
//
// Cut the bits of a hash into m bands and give each a reach, such that all
// reaches and m add up to T + 1. Of two hashes at most T bits apart, some band
// is no further apart than its reach: if none were, they would be T + 1 bits
// apart (multi-index hashing: M. Norouzi, A. Punjani, D. Fleet, Fast Exact
// Search in Hamming Space With Multi-Index Hashing, 2014). So for every band,
// sort by its bits, and compare each bucket with those whose key differs in so
// few bits. Of 10^6 uniform hashes, at T = 14 and m = 4, that leaves 3.4 % of
// all pairs. Those other buckets are laid side by side, eight hashes at a time.
//
// A near pair may come up for several bands. It counts for the first of them
// only, so nothing need be remembered.
//
// Keys are cut in two. Buckets with the same upper half lie together, as a
// block, and one block is compared with a few others, so that all stay in the
// cache.
#include "search/near_bands.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "search/band_plan.hpp"
#include "search/bucket.hpp"
#include "search/pipeline.hpp"

namespace vam {
namespace {

constexpr int kMinBands = 3;
/// For fewer pairs, planning would cost more than it could save.
constexpr double kMinPairs = 5e7;
/// Pairs of points that are looked at to plan.
constexpr std::uint64_t kSamplePairs = std::uint64_t{1} << 14U;
/// A task compares no more pairs than this, or those of one row; nor more with
/// one bucket, in which all may be near, or those of kRowsAtOnce rows.
constexpr std::size_t kPairsPerTask = std::size_t{1} << 19U;
constexpr std::size_t kNearPerTask = std::size_t{1} << 14U;
/// A task takes blocks until they have so many rows together, 128 KiB of
/// hashes, which stay in the second-level cache.
constexpr std::size_t kRowsInCache = std::size_t{1} << 14U;

/// How many ways there are to change up to `most` of so many bits.
double ways_to_change(int bits, int most) {
  double all = 0;
  double ways = 1;
  for (int n = 0; n <= most; ++n) {
    all += ways;
    ways = ways * (bits - n) / (n + 1);
  }
  return all;
}

/// Reaches for bands, which make them find all that is within the radius.
std::vector<int> reaches_of(int bands, int radius) {
  std::vector<int> reaches;
  reaches.reserve(static_cast<std::size_t>(bands));
  for (int band = 0; band < bands; ++band) {
    reaches.push_back((radius + bands - band) / bands - 1);
  }
  return reaches;
}

/// In which bits pairs of points differ, of some pairs.
std::vector<Hash> sample_differences(const Join& join) {
  std::vector<Hash> differences;
  std::uint64_t state = 1;
  // A linear congruential generator (D. Knuth, The Art of Computer Programming,
  // volume 2, section 3.3.4): any will do that is the same everywhere.
  const auto any_of = [&](std::span<const Hash> hashes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return hashes[(state >> 32U) * hashes.size() >> 32U];
  };
  for (std::uint64_t n = 0; n < kSamplePairs; ++n) {
    const Hash first = any_of(join.first.hashes);
    differences.push_back(first ^ any_of(join.second.hashes));
  }
  return differences;
}

/// What a band costs, but for the pairs that are compared.
double band_cost(const Join& join, int bits, int reach) {
  const double half = join.is_self ? 0.5 : 1;
  const double keys = std::exp2(bits);
  const auto first = static_cast<double>(join.first.size());
  const auto second = static_cast<double>(join.second.size());
  const double steps = half * ways_to_change(bits, reach);
  const double visits = keys * (1 - std::exp(-first / keys)) * steps;
  const double partners = visits * second / keys;
  return static_cast<double>(join.point_count()) * kCosts.band_item +
         keys * kCosts.near_key + visits * kCosts.near_bucket +
         partners * kCosts.near_row;
}

double cost_of(const NearPlan& plan, const Join& join,
               const std::vector<Hash>& differences) {
  double cost = 0;
  for (std::size_t n = 0; n < plan.bands.size(); ++n) {
    if (plan.reaches[n] < 0) continue;
    const auto compared =
        std::ranges::count_if(differences, [&](Hash difference) {
          return std::popcount(difference & plan.bands[n]) <= plan.reaches[n];
        });
    const double share =
        static_cast<double>(compared) / static_cast<double>(differences.size());
    cost += band_cost(join, std::popcount(plan.bands[n]), plan.reaches[n]) +
            share * join.pair_count() * kCosts.near_pair;
  }
  return cost;
}

/// How keys of up to `bits` bits can be changed: fewest bits first.
class Steps {
 public:
  Steps(int bits, int most) {
    for (std::uint32_t step = 0; step < std::uint32_t{1} << bits; ++step) {
      if (std::popcount(step) <= most) steps_.push_back(step);
    }
    std::ranges::stable_sort(
        steps_, {}, [](std::uint32_t step) { return std::popcount(step); });
  }

  std::span<const std::uint32_t> all() const { return steps_; }

  /// How many of them change no more than so many bits.
  std::uint32_t count(int most) const {
    const auto end = std::ranges::upper_bound(
        steps_, most, {},
        [](std::uint32_t step) { return std::popcount(step); });
    return static_cast<std::uint32_t>(end - steps_.begin());
  }

 private:
  std::vector<std::uint32_t> steps_;
};

/// All near pairs of one band.
class NearBand {
 public:
  NearBand(const Join& join, Hash band, int reach)
      : join_(join),
        lower_bits_((std::popcount(band) + 1) / 2),
        lower_(lower_bits_, reach),
        first_(join.first, band) {
    if (!join.is_self) other_.emplace(join.second, band);
    const Steps upper(std::popcount(band) - lower_bits_, reach);
    for (const std::uint32_t step : upper.all()) {
      upper_steps_.push_back(
          {step << lower_bits_, lower_.count(reach - std::popcount(step))});
    }
  }

  const KeyedPoints& first() const { return first_; }
  const KeyedPoints& second() const { return join_.is_self ? first_ : *other_; }

  BucketLists lists() const {
    return {join_, first(), second(), upper_steps_, lower_.all()};
  }

  std::vector<BucketTask> tasks() const {
    std::vector<BucketTask> tasks;
    const std::uint32_t block_keys = std::uint32_t{1} << lower_bits_;
    const std::vector<std::uint32_t> largest = largest_buckets();
    for (std::uint32_t key = 0; key < first_.key_count(); key += block_keys) {
      for (std::uint32_t step = 0; step < upper_steps_.size();) {
        const StepGroup group = group_from(step, key, largest);
        const std::uint32_t first_step = std::exchange(step, group.end);
        if (group.partners == 0) continue;
        const std::size_t near_at_once = std::max<std::size_t>(
            kRowsAtOnce, kNearPerTask / group.largest_bucket);
        const auto rows_at_once =
            static_cast<std::uint32_t>(std::max<std::size_t>(
                1, std::min(kPairsPerTask / group.partners, near_at_once)));
        const std::uint32_t end = first_.begins[key + block_keys];
        for (std::uint32_t row = first_.begins[key]; row < end;) {
          const std::uint32_t next = row + std::min(rows_at_once, end - row);
          tasks.push_back({row, next, key, first_step, group.end});
          row = next;
        }
      }
    }
    return tasks;
  }

 private:
  /// Upper steps that are taken together.
  struct StepGroup {
    std::uint32_t end;
    std::size_t partners = 0;  ///< of a row, at most
    std::size_t largest_bucket = 1;
  };

  /// Of the block that begins with this key. `largest`: as largest_buckets().
  StepGroup group_from(std::uint32_t begin, std::uint32_t key,
                       const std::vector<std::uint32_t>& largest) const {
    StepGroup group{begin};
    std::size_t rows = 0;
    for (; group.end < upper_steps_.size() && rows < kRowsInCache;
         ++group.end) {
      const UpperStep& upper = upper_steps_[group.end];
      const std::uint32_t other_key = key ^ upper.bits;
      if (join_.is_self && other_key < key) continue;
      const std::size_t block = rows_of(second(), other_key);
      const std::size_t bucket = largest[other_key >> lower_bits_];
      rows += block;
      group.partners += std::min(block, upper.lower_steps * bucket);
      group.largest_bucket = std::max(group.largest_bucket, bucket);
    }
    return group;
  }

  /// Of the block that begins with this key.
  std::uint32_t rows_of(const KeyedPoints& points, std::uint32_t key) const {
    return points.begins[key + (std::size_t{1} << lower_bits_)] -
           points.begins[key];
  }

  /// Of each block of the second list, the rows of its largest bucket.
  std::vector<std::uint32_t> largest_buckets() const {
    const std::vector<std::uint32_t>& begins = second().begins;
    std::vector<std::uint32_t> largest(second().key_count() >> lower_bits_);
    for (std::size_t key = 0; key < second().key_count(); ++key) {
      std::uint32_t& rows = largest[key >> lower_bits_];
      rows = std::max(rows, begins[key + 1] - begins[key]);
    }
    return largest;
  }

  const Join& join_;
  int lower_bits_;
  Steps lower_;
  std::vector<UpperStep> upper_steps_;
  KeyedPoints first_;
  std::optional<KeyedPoints> other_;
};

class NearBandsJoin {
 public:
  NearBandsJoin(const Join& join, const NearPlan& plan, int threads,
                const SearchIndex::Sink& sink)
      : join_(join), plan_(plan), threads_(threads), sink_(sink) {}

  void run(int radius) const {
    NearRule rule{radius, 0, {}, {}};
    Pipeline pipeline(threads_, sink_);
    // As many bands are sorted at once as there are threads.
    const auto at_once = static_cast<std::size_t>(threads_);
    for (std::size_t n = 0; n < plan_.bands.size(); n += at_once) {
      for (const auto& band : sorted_bands(n, at_once)) {
        if (band) run(*band, rule, pipeline);
        rule.bands[rule.earlier_count] = plan_.bands[rule.earlier_count];
        rule.reaches[rule.earlier_count] = plan_.reaches[rule.earlier_count];
        ++rule.earlier_count;
      }
    }
  }

 private:
  std::vector<std::optional<NearBand>> sorted_bands(std::size_t begin,
                                                    std::size_t at_once) const {
    std::vector<std::optional<NearBand>> bands(
        std::min(at_once, plan_.bands.size() - begin));
    std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads_)
    for (std::size_t n = 0; n < bands.size(); ++n) {
      const int reach = plan_.reaches[begin + n];
      if (reach < 0) continue;
      try {
        bands[n].emplace(join_, plan_.bands[begin + n], reach);
      } catch (...) {  // Exceptions may not leave the parallel region.
#pragma omp critical(vam_search_failure)
        failure = std::current_exception();
      }
    }
    if (failure) std::rethrow_exception(failure);
    return bands;
  }

  void run(const NearBand& band, const NearRule& rule,
           Pipeline& pipeline) const {
    const std::vector<BucketTask> tasks = band.tasks();
    const BucketLists lists = band.lists();
    const BucketKernel& kernel = bucket_kernel();
    pipeline.run(tasks.size(), [&](std::size_t task, Pairs& pairs) {
      kernel.compare(lists, tasks[task], rule, pairs);
    });
  }

  const Join& join_;
  const NearPlan& plan_;
  const int threads_;
  const SearchIndex::Sink& sink_;
};

}  // namespace

NearPlan make_near_plan(Hash bits, int count, int radius) {
  return {make_bands(bits, count), reaches_of(count, radius), 0};
}

NearPlan plan_near_bands(const Join& join, int radius, Hash bits) {
  NearPlan best;
  best.cost = join.pair_count() * kCosts.scan_pair;
  if (join.pair_count() < kMinPairs || radius >= std::popcount(bits)) {
    return best;
  }
  const std::vector<Hash> differences = sample_differences(join);
  const int most = std::min(
      {static_cast<int>(kMaxNearBands), std::popcount(bits), radius + 1});
  for (int count = kMinBands; count <= most; ++count) {
    NearPlan plan = make_near_plan(bits, count, radius);
    plan.cost = cost_of(plan, join, differences);
    if (plan.cost < best.cost) best = std::move(plan);
  }
  return best;
}

std::string describe(const NearPlan& plan) {
  return "a join by bands (one of " + std::to_string(plan.bands.size()) +
         ", up to " + std::to_string(plan.reaches.front()) + " bits apart)";
}

void near_bands_join(const Join& join, int radius, const NearPlan& plan,
                     int threads, const SearchIndex::Sink& sink) {
  constexpr std::size_t kMost = UINT32_MAX - 64;  // some rows are looked ahead
  if (join.first.size() > kMost || join.second.size() > kMost) {
    throw std::length_error("too many hashes");
  }
  NearBandsJoin(join, plan, threads, sink).run(radius);
}

}  // namespace vam
