#include "cli/pairs.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

using namespace vam;
using namespace std::string_view_literals;

namespace {

using Pairs = std::vector<PathPair>;

std::string refusal(std::string_view text) {
  try {
    parse_pairs(text, "list");
  } catch (const FatalError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("pairs: two paths on a line, separated by a tab") {
  CHECK((parse_pairs("", "") == Pairs{}));
  CHECK((parse_pairs("\n\r\n", "") == Pairs{}));
  CHECK((parse_pairs("a b\tc\n\n\xff\td", "") ==
         Pairs{{"a b", "c"}, {"\xff", "d"}}));
  CHECK((parse_pairs("a\tb\r\n", "") == Pairs{{"a", "b"}}));
}

TEST_CASE("pairs: paths ended by NUL may hold tabs and lines") {
  CHECK((parse_pairs("a\tb\0c\n\0"sv, "") == Pairs{{"a\tb", "c\n"}}));
  CHECK((parse_pairs("a\0b\0c\0d"sv, "") == Pairs{{"a", "b"}, {"c", "d"}}));
}

TEST_CASE("pairs: what is no pair is named") {
  CHECK(refusal("a\tb\nc\n") == "list: line 2 is not two paths");
  CHECK(refusal("a\tb\tc") == "list: line 1 is not two paths");
  CHECK(refusal("\tb") == "list: line 1 is not two paths");
  CHECK(refusal("a\0b\0c\0"sv) == "list: pair 2 is not two paths");
  CHECK(refusal("a\0\0"sv) == "list: pair 1 is not two paths");
  CHECK(refusal("\0"sv) == "list: pair 1 is not two paths");
}
