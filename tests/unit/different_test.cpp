#include "analyze/different.hpp"

#include "analyze/matching.hpp"
#include "catch.hpp"
#include "pictures.hpp"

using namespace vam;

namespace {

/// Three pictures alike, the first one the best.
struct Alike {
  std::vector<Picture> pictures = {make_picture(1, 0), make_picture(2, 1),
                                   make_picture(3, 3)};
  std::vector<Photo> photos = {make_photo("a", 0), make_photo("b", 1),
                               make_photo("c", 2), make_photo("copy", 1)};
  VerifyRule rule = plain_rule();

  Alike() { pictures[0].info.width = 200; }

  Grouping group_without(std::vector<DifferentPair> pairs) {
    const MatchInput input{pictures, rule,
                           [] { return make_index(IndexKind::flat, 1); }};
    const auto finder =
        without_different(make_plain_finder(input), pictures, std::move(pairs));
    return group(photos, pictures, *finder);
  }
};

}  // namespace

TEST_CASE("different: without marks, all that match are a group") {
  const Grouping grouping = Alike().group_without({});
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].members.size() == 4);
}

TEST_CASE("different: a picture does not join a keeper it differs from") {
  const Grouping grouping = Alike().group_without(
      {different_pair(digest_number(2), digest_number(1))});
  // b and its copy have the same bytes; c matches both keepers, a is better.
  REQUIRE(grouping.groups.size() == 2);
  CHECK(grouping.groups[0].members.size() == 2);
  CHECK(grouping.groups[0].members[1].photo == 2);
  CHECK(grouping.groups[1].kind == MatchKind::exact);
  CHECK(grouping.discarded.size() == 1);
}

TEST_CASE("different: two members may differ if both match the keeper") {
  const Grouping grouping = Alike().group_without(
      {different_pair(digest_number(2), digest_number(3))});
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].members.size() == 4);
  CHECK(grouping.discarded.empty());
}

TEST_CASE("different: what differs is not confirmed through a third") {
  Alike alike;
  const MatchInput input{alike.pictures, alike.rule,
                         [] { return make_index(IndexKind::flat, 1); }};
  const auto finder =
      without_different(make_plain_finder(input), alike.pictures,
                        {different_pair(digest_number(1), digest_number(2))});
  CHECK_FALSE(finder->confirm(0, 1, kUpright));
  CHECK_FALSE(finder->confirm(1, 0, kUpright));
  CHECK(finder->confirm(0, 2, kUpright));
}
