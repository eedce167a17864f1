// A join by sorting, for narrow radii.
//
// Cut the bits of a hash into m bands. Of two hashes at most T bits apart, at
// least m - T bands are clean: equal in both. So both have the same key for
// some choice of m - T bands. For every choice, sort by that key and compare
// what has the same one: of 10^6 uniform hashes, at T = 5, m = 7 and 21 keys,
// 80 million pairs instead of 500 billion (the pigeonhole of multi-index
// hashing: M. Norouzi, A. Punjani, D. Fleet, Fast Exact Search in Hamming Space
// With Multi-Index Hashing, 2014; with choices of clean parts: G. S. Manku, A.
// Jain, A. Das Sarma, Detecting Near-Duplicates for Web Crawling, 2007).
//
// A near pair has the same key for several choices. Choices are ordered by
// their numbers as sets of bits, and the pair counts for the first one only, so
// nothing need be remembered.
//
// Real hashes are not uniform: many may share a key without being near. Large
// buckets are therefore joined like a whole list, by bands of the bits that
// differ in them, or by a scan where bands do not help. And when a key turns
// out so bad that the rest by bands would cost more than a scan, a scan finds
// all pairs that are left. So it never costs much more than a scan.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "search/band_plan.hpp"
#include "search/indexes.hpp"
#include "search/join.hpp"
#include "search/key_maker.hpp"
#include "search/pipeline.hpp"

namespace vam {
namespace {

/// Larger buckets are joined like a list of their own.
constexpr std::uint32_t kMaxBucket = 2048;
/// A bucket within a bucket within a list; then it is scanned.
constexpr std::size_t kMaxDepth = 3;
/// Rows that are compared by one task make no more pairs than this, or are one
/// row.
constexpr std::size_t kPairsPerTask = std::size_t{1} << 17U;

/// A set of bands, bit b for band b.
using BandSet = std::uint64_t;

/// The next larger number with as many bits (R. W. Gosper, in: M. Beeler and
/// others, HAKMEM, 1972, item 175).
BandSet next_choice(BandSet set) {
  const BandSet lowest = set & (~set + 1);
  const BandSet carried = set + lowest;
  // NOLINTNEXTLINE(clang-analyzer-core.*): no choice is empty.
  return carried | (set ^ carried) >> (std::countr_zero(lowest) + 2);
}

/// By which key pairs are looked for, of a list or of a bucket in it.
class Level {
 public:
  Level(const BandPlan& plan, BandSet key) : plan_(plan), key_(key) {
    for (const Hash band : plan.bands) {
      if ((key & 1U) != 0) {
        key_bits_ |= band;
      } else if (key != 0) {
        earlier_.push_back(band);
      }
      key >>= 1;
    }
  }

  /// The bits of the hash that make the key.
  Hash key_bits() const { return key_bits_; }

  /// Take the pairs of all keys from this one on.
  void take_later_keys() { and_later_keys_ = true; }

  /// Whether the pair counts for this key: the first of its clean bands are
  /// those of the key.
  bool accepts(Hash difference) const {
    if (and_later_keys_) return first_key(difference) >= key_;
    // Without branches, which nobody can predict.
    bool is_clean = false;
    for (const Hash band : earlier_) is_clean |= (difference & band) == 0;
    return !is_clean && (difference & key_bits_) == 0;
  }

 private:
  BandSet first_key(Hash difference) const {
    BandSet first = 0;
    for (std::size_t band = 0;
         band < plan_.bands.size() && std::popcount(first) < plan_.clean;
         ++band) {
      if ((difference & plan_.bands[band]) == 0) first |= BandSet{1} << band;
    }
    return first;
  }

  const BandPlan& plan_;
  BandSet key_;
  Hash key_bits_ = 0;
  /// Bands before the last one of the key that are not in it.
  std::vector<Hash> earlier_;
  bool and_later_keys_ = false;
};
using Levels = std::vector<Level>;

bool all_accept(const Levels& levels, Hash difference) {
  return std::ranges::all_of(levels, [difference](const Level& level) {
    return level.accepts(difference);
  });
}

PairFilter filter_of(const Levels& levels) {
  if (levels.empty()) return {};
  return [&levels](Hash difference) { return all_accept(levels, difference); };
}

/// Rows of sorted points.
struct RowRange {
  std::uint32_t begin;
  std::uint32_t end;

  std::uint32_t size() const { return end - begin; }
};

/// The points of a join, sorted by one key after the other. Those of the second
/// list come behind those of the first, also among those with the same key.
class SortedPoints {
 public:
  SortedPoints(const Join& join, int threads)
      : join_(join),
        threads_(threads),
        count_(join.point_count()),
        items_(count_),
        hashes_(count_),
        points_(count_),
        partners_(count_) {}

  std::size_t size() const { return count_; }
  /// By row.
  std::span<const Hash> hashes() const { return hashes_; }
  /// The rows that a row is to be compared with.
  const RowRange& partners(std::uint32_t row) const { return partners_[row]; }
  std::uint32_t id(std::uint32_t row) const {
    const std::uint32_t point = points_[row];
    return point < join_.first.size()
               ? join_.first.ids[point]
               : join_.second.ids[point - join_.first.size()];
  }

  /// Rows to be compared with their partners, in the order of the key.
  const std::vector<RowRange>& tasks() const { return tasks_; }
  /// Buckets too large for that.
  const std::vector<RowRange>& large_buckets() const { return large_buckets_; }
  /// Pairs with the same key, without those in large buckets.
  double pair_count() const { return pair_count_; }
  /// Pairs in large buckets.
  double large_pair_count() const { return large_pair_count_; }

  void sort(Hash key_bits) {
    const KeyWidth width = KeyWidth::of(count_, std::popcount(key_bits));
    const KeyMaker key_of(key_bits, width.partition_bits + width.bucket_bits);
    const std::vector<std::uint32_t> begins = deal(key_of, width);
    const std::size_t partitions = begins.size() - 1;
    std::vector<Found> found(partitions);
    std::exception_ptr failure;
#pragma omp parallel num_threads(threads_)
    {
      std::vector<std::uint32_t> rows;
#pragma omp for schedule(dynamic, 8)
      for (std::size_t n = 0; n < partitions; ++n) {
        try {
          rows.resize((std::size_t{1} << width.bucket_bits) + 1);
          sort_partition({begins[n], begins[n + 1]}, rows, found[n]);
        } catch (...) {  // Exceptions may not leave the parallel region.
#pragma omp critical(vam_search_failure)
          failure = std::current_exception();
        }
      }
    }
    if (failure) std::rethrow_exception(failure);
    tasks_.clear();
    large_buckets_.clear();
    pair_count_ = 0;
    large_pair_count_ = 0;
    for (const Found& part : found) {
      tasks_.insert(tasks_.end(), part.tasks.begin(), part.tasks.end());
      large_buckets_.insert(large_buckets_.end(), part.large_buckets.begin(),
                            part.large_buckets.end());
      pair_count_ += part.pair_count;
      large_pair_count_ += part.large_pair_count;
    }
  }

  /// The points of a bucket, and those of the second list among them.
  PointList first_of(const RowRange& bucket) const {
    return list(bucket.begin, first_of_second(bucket));
  }
  PointList second_of(const RowRange& bucket) const {
    return list(first_of_second(bucket), bucket.end);
  }

 private:
  struct Item {
    Hash hash;
    std::uint32_t point;
    std::uint32_t key;
  };

  struct Found {
    std::vector<RowRange> tasks;
    std::vector<RowRange> large_buckets;
    double pair_count = 0;
    double large_pair_count = 0;
  };

  Hash hash(std::size_t point) const {
    return point < join_.first.size()
               ? join_.first.hashes[point]
               : join_.second.hashes[point - join_.first.size()];
  }

  /// Deals the points to partitions by the upper bits of their key, keeping
  /// their order. Returns where each begins, and the end. Threads work on a
  /// fixed number of chunks, so the result does not depend on them.
  std::vector<std::uint32_t> deal(const KeyMaker& key_of,
                                  const KeyWidth& width) {
    constexpr std::size_t kChunk = std::size_t{1} << 14U;
    constexpr std::size_t kMaxChunks = 64;
    const std::size_t partitions = std::size_t{1} << width.partition_bits;
    const std::size_t chunks =
        std::clamp(count_ / kChunk, std::size_t{1}, kMaxChunks);
    const auto begin_of = [&](std::size_t chunk) {
      return count_ * chunk / chunks;
    };
    std::vector<std::uint32_t> places(chunks * partitions);
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
      std::uint32_t* const counts = &places[chunk * partitions];
      for (std::size_t n = begin_of(chunk); n < begin_of(chunk + 1); ++n) {
        ++counts[key_of(hash(n)) >> width.bucket_bits];
      }
    }
    std::vector<std::uint32_t> begins(partitions + 1);
    std::uint32_t total = 0;
    for (std::size_t partition = 0; partition < partitions; ++partition) {
      begins[partition] = total;
      for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        const std::uint32_t count =
            std::exchange(places[chunk * partitions + partition], total);
        total += count;
      }
    }
    begins[partitions] = total;
    const std::uint32_t bucket_mask =
        (std::uint32_t{1} << width.bucket_bits) - 1;
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
      std::uint32_t* const next = &places[chunk * partitions];
      for (std::size_t n = begin_of(chunk); n < begin_of(chunk + 1); ++n) {
        const std::uint32_t key = key_of(hash(n));
        items_[next[key >> width.bucket_bits]++] = {
            hash(n), static_cast<std::uint32_t>(n), key & bucket_mask};
      }
    }
    return begins;
  }

  /// Sorts a partition by the rest of the key, by counting. `rows` has a place
  /// for each bucket, and one more.
  void sort_partition(const RowRange& partition,
                      std::vector<std::uint32_t>& rows, Found& found) {
    if (partition.size() == 0) return;
    const auto items =
        std::span(items_).subspan(partition.begin, partition.size());
    std::ranges::fill(rows, 0U);
    for (const Item& item : items) ++rows[item.key + 1];
    rows[0] = partition.begin;
    for (std::size_t n = 1; n < rows.size(); ++n) rows[n] += rows[n - 1];
    // Filling a bucket moves its begin to its end, which is where the next one
    // began.
    for (const Item& item : items) {
      const std::uint32_t row = rows[item.key]++;
      hashes_[row] = item.hash;
      points_[row] = item.point;
    }
    Tasks tasks{found, {partition.begin, partition.begin}, 0};
    RowRange bucket{partition.begin, partition.begin};
    for (std::size_t n = 0; n + 1 < rows.size(); ++n) {
      bucket = {bucket.end, rows[n]};
      if (bucket.size() > 0) add_bucket(bucket, tasks);
    }
    tasks.cut(partition.end);
  }

  /// Rows of a partition on their way into tasks.
  struct Tasks {
    Found& found;
    RowRange rows;
    std::size_t pairs;

    /// Ends the task before this row.
    void cut(std::uint32_t row) {
      rows.end = row;
      if (pairs > 0) found.tasks.push_back(rows);
      rows.begin = row;
      found.pair_count += static_cast<double>(pairs);
      pairs = 0;
    }
  };

  void add_bucket(const RowRange& bucket, Tasks& tasks) {
    const std::uint32_t middle = first_of_second(bucket);
    if (bucket.size() > kMaxBucket) {
      const double first = middle - bucket.begin;
      const double second = bucket.end - middle;
      const double pairs =
          join_.is_self ? first * (first - 1) / 2 : first * second;
      if (pairs == 0) return;
      tasks.cut(bucket.begin);
      tasks.rows.begin = bucket.end;
      tasks.found.large_buckets.push_back(bucket);
      tasks.found.large_pair_count += pairs;
      return;
    }
    for (std::uint32_t row = bucket.begin; row < bucket.end; ++row) {
      RowRange& partners = partners_[row];
      partners = {join_.is_self ? row + 1 : std::max(row + 1, middle),
                  bucket.end};
      if (!join_.is_self && row >= middle) partners.end = partners.begin;
      tasks.pairs += partners.size();
      if (tasks.pairs >= kPairsPerTask) tasks.cut(row + 1);
    }
  }

  /// Of a self-join, the end of the bucket.
  std::uint32_t first_of_second(const RowRange& bucket) const {
    const auto rows = std::span(points_).subspan(bucket.begin, bucket.size());
    const auto middle = std::ranges::partition_point(
        rows,
        [this](std::uint32_t point) { return point < join_.first.size(); });
    return bucket.begin + static_cast<std::uint32_t>(middle - rows.begin());
  }

  PointList list(std::uint32_t begin, std::uint32_t end) const {
    PointList list;
    for (std::uint32_t row = begin; row < end; ++row) {
      list.ids.push_back(id(row));
      list.hashes.push_back(hashes_[row]);
    }
    return list;
  }

  const Join& join_;
  const int threads_;
  const std::size_t count_;
  std::vector<Item> items_;
  std::vector<Hash> hashes_;           ///< by row
  std::vector<std::uint32_t> points_;  ///< by row
  std::vector<RowRange> partners_;     ///< by row
  std::vector<RowRange> tasks_;
  std::vector<RowRange> large_buckets_;
  double pair_count_ = 0;
  double large_pair_count_ = 0;
};

/// Rows that are near each other.
struct RowPair {
  std::uint32_t row;
  std::uint32_t partner;
};

[[gnu::always_inline]] inline void compare_rows_inline(
    const SortedPoints& sorted, const RowRange& rows, int radius,
    std::vector<RowPair>& near) {
  const Hash* const hashes = sorted.hashes().data();
  for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
    const Hash hash = hashes[row];
    const RowRange partners = sorted.partners(row);
    for (std::uint32_t other = partners.begin; other < partners.end; ++other) {
      if (hamming_distance(hash, hashes[other]) > radius) continue;
      near.push_back({row, other});
    }
  }
}

using CompareRows = void (*)(const SortedPoints&, const RowRange&, int,
                             std::vector<RowPair>&);

void compare_rows_portable(const SortedPoints& sorted, const RowRange& rows,
                           int radius, std::vector<RowPair>& near) {
  compare_rows_inline(sorted, rows, radius, near);
}

#if defined(__x86_64__)
[[gnu::target("popcnt")]] void compare_rows_popcnt(const SortedPoints& sorted,
                                                   const RowRange& rows,
                                                   int radius,
                                                   std::vector<RowPair>& near) {
  compare_rows_inline(sorted, rows, radius, near);
}
#endif

CompareRows best_compare_rows() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("popcnt") != 0) return compare_rows_popcnt;
#endif
  return compare_rows_portable;
}

class BandJoin {
 public:
  BandJoin(int radius, int threads, const SearchIndex::Sink& sink)
      : radius_(radius),
        threads_(threads),
        sink_(sink),
        pipeline_(threads, sink) {}

  /// Returns the plan for the whole list.
  BandPlan run(const Join& join) {
    if (join.point_count() > UINT32_MAX) {
      throw std::length_error("too many hashes");
    }
    Levels levels;
    return run(join, levels);
  }

 private:
  BandPlan run(const Join& join, Levels& levels) {
    BandPlan plan;
    if (levels.size() < kMaxDepth) {
      plan = plan_bands(join, radius_, profile_of(join));
    }
    if (plan.bands.empty()) {
      scan_join(join, radius_, threads_, filter_of(levels), sink_);
    } else {
      run_keys(join, plan, levels);
    }
    return plan;
  }

  void run_keys(const Join& join, const BandPlan& plan, Levels& levels) {
    const double scan_cost = join.pair_count() * kCosts.scan_pair;
    SortedPoints sorted(join, threads_);
    BandSet key = (BandSet{1} << plan.clean) - 1;
    for (std::size_t left = plan.key_count(); left > 0; --left) {
      levels.emplace_back(plan, key);
      sorted.sort(levels.back().key_bits());
      const double cost =
          static_cast<double>(sorted.size()) * kCosts.band_item +
          sorted.pair_count() * kCosts.band_pair +
          sorted.large_pair_count() * kCosts.scan_pair;
      const bool is_bad = static_cast<double>(left) * cost > 2 * scan_cost;
      if (is_bad) {
        levels.back().take_later_keys();
        scan_join(join, radius_, threads_, filter_of(levels), sink_);
      } else {
        compare_buckets(join, sorted, levels);
        for (const RowRange& bucket : sorted.large_buckets()) {
          join_bucket(join, sorted, bucket, levels);
        }
      }
      levels.pop_back();
      if (is_bad) return;
      key = next_choice(key);
    }
  }

  void compare_buckets(const Join& join, const SortedPoints& sorted,
                       const Levels& levels) {
    static const CompareRows compare = best_compare_rows();
    pipeline_.run(sorted.tasks().size(), [&](std::size_t task, Pairs& pairs) {
      std::vector<RowPair> near;
      compare(sorted, sorted.tasks()[task], radius_, near);
      for (const RowPair& pair : near) {
        const Hash difference =
            sorted.hashes()[pair.row] ^ sorted.hashes()[pair.partner];
        if (!all_accept(levels, difference)) continue;
        pairs.push_back(join.pair(sorted.id(pair.row), sorted.id(pair.partner),
                                  std::popcount(difference)));
      }
    });
  }

  void join_bucket(const Join& join, const SortedPoints& sorted,
                   const RowRange& bucket, Levels& levels) {
    const PointList first = sorted.first_of(bucket);
    if (join.is_self) {
      run(Join::of(first.points()), levels);
    } else {
      const PointList second = sorted.second_of(bucket);
      run(Join::of(first.points(), second.points()), levels);
    }
  }

  int radius_;
  int threads_;
  const SearchIndex::Sink& sink_;
  Pipeline pipeline_;
};

class BandsIndex final : public SearchIndex {
 public:
  explicit BandsIndex(int threads) : threads_(threads) {}

  std::string description() const override {
    return plan_ ? describe(*plan_) : "a join by bands";
  }

  void add(std::span<const std::uint32_t> ids,
           std::span<const Hash> hashes) override {
    points_.add(ids, hashes);
  }

  void search(int radius, const Sink& sink) override {
    plan_ = bands_join(Join::of(points_.points()), radius, threads_, sink);
  }

  void match(std::span<const std::uint32_t> ids, std::span<const Hash> hashes,
             int radius, const Sink& sink) override {
    plan_ = bands_join(Join::of(points_.points(), {ids, hashes}), radius,
                       threads_, sink);
  }

 private:
  int threads_;
  PointList points_;
  std::optional<BandPlan> plan_;  ///< of the last search
};

}  // namespace

BandPlan bands_join(const Join& join, int radius, int threads,
                    const SearchIndex::Sink& sink) {
  return BandJoin(radius, threads, sink).run(join);
}

std::unique_ptr<SearchIndex> make_bands_index(int threads) {
  return std::make_unique<BandsIndex>(threads);
}

}  // namespace vam
