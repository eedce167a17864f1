#include "vam/search.hpp"

#include "catch.hpp"
#include "search_suite.hpp"

TEST_CASE("search: the flat index finds all pairs") {
  check_search_index(vam::make_flat_index);
}
