#include "vam/search.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "search/band_plan.hpp"
#include "search/bucket.hpp"
#include "search/near_bands.hpp"
#include "search/tile.hpp"
#include "search_suite.hpp"

using namespace vam;

namespace {

/// Joins by so many bands that are nearly equal, however few hashes there are.
class NearIndex : public SearchIndex {
 public:
  NearIndex(int bands, int threads) : bands_(bands), threads_(threads) {}

  std::string description() const override { return "near bands"; }
  void add(std::span<const std::uint32_t> ids,
           std::span<const Hash> hashes) override {
    points_.add(ids, hashes);
  }
  void search(int radius, const Sink& sink) override {
    join(Join::of(points_.points()), radius, sink);
  }
  void match(std::span<const std::uint32_t> ids, std::span<const Hash> hashes,
             int radius, const Sink& sink) override {
    join(Join::of(points_.points(), {ids, hashes}), radius, sink);
  }

 private:
  void join(const Join& join, int radius, const Sink& sink) const {
    const NearPlan plan = make_near_plan(~Hash{0}, bands_, radius);
    near_bands_join(join, radius, plan, threads_, sink);
  }

  int bands_;
  int threads_;
  PointList points_;
};

}  // namespace

TEST_CASE("search: every index finds all pairs") {
  for (const IndexMethod& method : index_methods()) {
    DYNAMIC_SECTION(method.name) { check_search_index(method.make); }
  }
}

TEST_CASE("search: nearly equal bands find all pairs") {
  for (const int bands : {6, 8}) {
    DYNAMIC_SECTION(bands) {
      check_search_index([bands](int threads) {
        return std::make_unique<NearIndex>(bands, threads);
      });
    }
  }
}

TEST_CASE("search: buckets are the same with all instructions") {
  struct KeepKernel {
    const BucketKernel& best = bucket_kernel();
    ~KeepKernel() { use_bucket_kernel(best); }
  } const keep;
  for (const Spread spread : {Spread::uniform, Spread::skewed}) {
    const HashList list = make_hashes(1100, spread, 8);
    for (const int radius : {0, 5, 14, 31}) {
      CAPTURE(spread, radius);
      const auto found_with = [&](const BucketKernel& kernel) {
        use_bucket_kernel(kernel);
        NearIndex index(6, 1);
        index.add(list.ids, list.hashes);
        return blocks_of(index, radius);
      };
      const Blocks expected = found_with(bucket_kernels().back());
      for (const BucketKernel& kernel : bucket_kernels()) {
        if (!kernel.is_supported()) continue;
        CAPTURE(kernel.name);
        CHECK(found_with(kernel) == expected);
      }
    }
  }
}

TEST_CASE("search: a block of keys may be larger than the cache") {
  struct KeepKernel {
    const BucketKernel& best = bucket_kernel();
    ~KeepKernel() { use_bucket_kernel(best); }
  } const keep;
  // Nearly all upper halves are equal, so the block with that of any band is
  // compared with itself alone, then with all others at once.
  HashList list = make_hashes(18'000, Spread::uniform, 5);
  for (std::size_t n = 0; n < list.hashes.size(); ++n) {
    list.hashes[n] &= 0xFFFFFFFFU;
    if (n % 40 == 0) list.hashes[n] |= Hash{1} << (32 + n / 40 % 32);
  }
  const Points points{list.ids, list.hashes};
  const Points some = points.part(0, 500);
  Blocks pairs;
  scan_join(Join::of(points), 6, 2, {}, pairs.sink());
  Blocks matches;
  scan_join(Join::of(points, some), 6, 2, {}, matches.sink());
  std::optional<Blocks> first;
  for (const BucketKernel& kernel : bucket_kernels()) {
    if (!kernel.is_supported()) continue;
    CAPTURE(kernel.name);
    use_bucket_kernel(kernel);
    NearIndex index(4, 2);
    index.add(list.ids, list.hashes);
    const Blocks found = blocks_of(index, 6);
    // In parentheses: nobody reads half a million pairs.
    CHECK((found.sorted() == pairs.sorted()));
    CHECK((found == first.value_or(found)));
    first = found;
    Blocks matched;
    index.match(some.ids, some.hashes, 6, matched.sink());
    CHECK((matched.sorted() == matches.sorted()));
  }
}

TEST_CASE("search: buckets may be of any size") {
  struct KeepKernel {
    const BucketKernel& best = bucket_kernel();
    ~KeepKernel() { use_bucket_kernel(best); }
  } const keep;
  // More than are compared at once, and no multiple of what goes side by side.
  HashList few;
  HashList near;
  for (std::uint32_t n = 0; n < 1501; ++n) {
    few.ids.push_back(n);
    few.hashes.push_back(n % 3);
    near.ids.push_back(n);
    near.hashes.push_back(0x5a5a5a5a5a5a5a5a ^ Hash{1} << n % 64 ^
                          Hash{1} << n / 64);
  }
  for (const BucketKernel& kernel : bucket_kernels()) {
    if (!kernel.is_supported()) continue;
    CAPTURE(kernel.name);
    use_bucket_kernel(kernel);
    const auto check = [](const HashList& list, int radius) {
      NearIndex index(3, 2);
      index.add(list.ids, list.hashes);
      CHECK(pairs_of(index, radius) == pairs_by_loop(list, radius));
      CHECK(match_blocks_of(index, list, radius).sorted() ==
            matches_by_loop(list, list, radius));
    };
    check(few, 2);
    check(near, 3);
  }
}

TEST_CASE("search: indexes have names") {
  CHECK(index_methods().front().kind == IndexKind::auto_choice);
  CHECK(index_kind_of("auto") == IndexKind::auto_choice);
  CHECK(index_kind_of("flat") == IndexKind::flat);
  CHECK(index_kind_of("scan") == IndexKind::scan);
  CHECK(index_kind_of("bands") == IndexKind::bands);
  CHECK_FALSE(index_kind_of("Flat"));
  for (const IndexMethod& method : index_methods()) {
    CHECK_FALSE(make_index(method.kind, 1)->description().empty());
  }
}

TEST_CASE("search: auto chooses by number and radius, and says why") {
  const auto chosen = [](std::size_t count, int radius) {
    const auto index = make_index(IndexKind::auto_choice, 2);
    const HashList list = make_hashes(count, Spread::uniform, 1);
    index->add(list.ids, list.hashes);
    pairs_of(*index, radius);
    const std::string text = index->description();
    CHECK(text.find(std::to_string(count) + " hashes, up to " +
                    std::to_string(radius) + " bits apart") !=
          std::string::npos);
    return text.substr(0, 15);
  };
  CHECK(chosen(0, 5) == "FAISS IndexBina");
  CHECK(chosen(1000, 5) == "FAISS IndexBina");
  CHECK(chosen(20000, 5) == "a join by bands");
  CHECK(chosen(20000, 24) == "a scan of all p");
}

TEST_CASE("search: bands are planned as documented") {
  const std::vector<std::uint32_t> ids(1'000'000);
  const std::vector<Hash> hashes(ids.size());
  const auto bands = [&](std::size_t count, int radius) {
    const Points points{std::span(ids).first(count),
                        std::span(hashes).first(count)};
    const BandPlan plan = plan_bands(Join::of(points), radius, {});
    Hash bits = 0;
    for (const Hash band : plan.bands) {
      CHECK((bits & band) == 0);
      bits |= band;
    }
    CHECK(bits == (plan.bands.empty() ? 0 : ~Hash{0}));
    return plan.bands.size();
  };
  const auto row = [&](std::size_t count) {
    return std::array{bands(count, 5), bands(count, 8), bands(count, 10),
                      bands(count, 14)};
  };
  CHECK(row(10'000) == std::array<std::size_t, 4>{6, 0, 0, 0});
  CHECK(row(100'000) == std::array<std::size_t, 4>{6, 10, 12, 0});
  CHECK(row(1'000'000) == std::array<std::size_t, 4>{7, 11, 13, 0});
}

TEST_CASE("search: nearly equal bands are planned as documented") {
  std::mt19937_64 random(1);
  const std::vector<std::uint32_t> ids(1'000'000);
  std::vector<Hash> hashes;
  for (std::size_t n = 0; n < ids.size(); ++n) hashes.push_back(random());
  const auto row = [&](std::size_t count) {
    const Join join = Join::of(
        Points{std::span(ids).first(count), std::span(hashes).first(count)});
    std::array<std::size_t, 4> bands{};
    std::ranges::transform(
        std::array{5, 8, 10, 14}, bands.begin(), [&](int radius) {
          const NearPlan plan = plan_near_bands(join, radius, ~Hash{0});
          const bool is_best = plan.cost < plan_bands(join, radius, {}).cost;
          return is_best ? plan.bands.size() : 0;
        });
    return bands;
  };
  CHECK(row(10'000) == std::array<std::size_t, 4>{0, 0, 0, 0});
  CHECK(row(100'000) == std::array<std::size_t, 4>{5, 5, 5, 5});
  CHECK(row(1'000'000) == std::array<std::size_t, 4>{4, 4, 4, 4});
}

TEST_CASE("search: reaches and bands add up to one more than the radius") {
  for (const int bands : {3, 5, 8}) {
    for (const int radius : {0, 1, 5, 14, 40}) {
      const NearPlan plan = make_near_plan(~Hash{0}, bands, radius);
      const int reaches = std::reduce(plan.reaches.begin(), plan.reaches.end());
      CHECK(reaches + bands == radius + 1);
    }
  }
}

TEST_CASE("search: the scan is the same with all instructions") {
  struct KeepKernel {
    const TileKernel& best = tile_kernel();
    ~KeepKernel() { use_tile_kernel(best); }
  } const keep;
  for (const TileKernel& kernel : tile_kernels()) {
    if (!kernel.is_supported()) continue;
    DYNAMIC_SECTION(kernel.name) {
      use_tile_kernel(kernel);
      for (const Spread spread : {Spread::uniform, Spread::skewed}) {
        const HashList list = make_hashes(1100, spread, 8);
        for (const int radius : {0, 5, 14, 31, 32, 62, 63}) {
          CAPTURE(spread, radius);
          const auto index = make_index(IndexKind::scan, 1);
          index->add(list.ids, list.hashes);
          CHECK(pairs_of(*index, radius) == pairs_by_loop(list, radius));
        }
      }
    }
  }
}
