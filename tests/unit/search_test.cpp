#include "vam/search.hpp"

#include "catch.hpp"
#include "search/tile.hpp"
#include "search_suite.hpp"

using namespace vam;

TEST_CASE("search: every index finds all pairs") {
  for (const IndexMethod& method : index_methods()) {
    DYNAMIC_SECTION(method.name) { check_search_index(method.make); }
  }
}

TEST_CASE("search: indexes have names") {
  CHECK(index_kind_of("flat") == IndexKind::flat);
  CHECK(index_kind_of("scan") == IndexKind::scan);
  CHECK_FALSE(index_kind_of("Flat"));
  for (const IndexMethod& method : index_methods()) {
    CHECK_FALSE(make_index(method.kind, 1)->description().empty());
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
