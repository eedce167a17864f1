#include "vam/search.hpp"

#include <array>
#include <string>
#include <vector>

#include "catch.hpp"
#include "search/band_plan.hpp"
#include "search/tile.hpp"
#include "search_suite.hpp"

using namespace vam;

TEST_CASE("search: every index finds all pairs") {
  for (const IndexMethod& method : index_methods()) {
    DYNAMIC_SECTION(method.name) { check_search_index(method.make); }
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
  CHECK(chosen(20000, 20) == "a scan of all p");
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
