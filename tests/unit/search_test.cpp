#include "vam/search.hpp"

#include "catch.hpp"
#include "search_suite.hpp"

using namespace vam;

TEST_CASE("search: every index finds all pairs") {
  for (const IndexMethod& method : index_methods()) {
    DYNAMIC_SECTION(method.name) { check_search_index(method.make); }
  }
}

TEST_CASE("search: indexes have names") {
  CHECK(index_kind_of("flat") == IndexKind::flat);
  CHECK_FALSE(index_kind_of("Flat"));
  for (const IndexMethod& method : index_methods()) {
    CHECK_FALSE(make_index(method.kind, 1)->description().empty());
  }
}
