#include "vam/group.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "pictures.hpp"

using namespace vam;

namespace {

const VerifyRule kRule;  // dhash and ahash, 5 bits

/// All links that the rule allows.
std::vector<Link> links_among(const std::vector<Picture>& pictures) {
  std::vector<Link> links;
  for (std::uint32_t a = 0; a < pictures.size(); ++a) {
    for (std::uint32_t b = a + 1; b < pictures.size(); ++b) {
      if (verify(pictures[a], pictures[b], kRule)) links.push_back({a, b});
    }
  }
  return links;
}

Grouping group_all(const std::vector<Photo>& photos,
                   const std::vector<Picture>& pictures) {
  return group(photos, pictures, links_among(pictures), kRule);
}

std::vector<std::string> paths_of(const Group& group,
                                  const std::vector<Photo>& photos) {
  std::vector<std::string> paths;
  for (const GroupMember& member : group.members) {
    paths.push_back(photos[member.photo].path);
  }
  return paths;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("group: photos alone make no group") {
  const std::vector pictures = {make_picture(1, 0), make_picture(2, ~Hash{0})};
  CHECK(group_all({make_photo("a", 0), make_photo("b", 1)}, pictures)
            .groups.empty());
  CHECK(group_all({}, {}).groups.empty());
}

TEST_CASE("group: the same bytes are an exact group") {
  const std::vector pictures = {make_picture(1, 0)};
  const std::vector photos = {make_photo("bb", 0), make_photo("a", 0)};
  const Grouping grouping = group_all(photos, pictures);
  REQUIRE(grouping.groups.size() == 1);
  const Group& only = grouping.groups.front();
  CHECK(only.kind == MatchKind::exact);
  CHECK(only.diameter == 0);
  CHECK(only.keep_reason == "shortest path");
  CHECK(paths_of(only, photos) == Paths{"a", "bb"});
  CHECK(only.id.size() == 16);
}

TEST_CASE("group: undecodable copies are grouped by their bytes") {
  std::vector pictures = {make_picture(1, 0)};
  pictures[0].look = fail(ErrorCode::corrupt, "bad");
  const std::vector photos = {make_photo("a", 0), make_photo("b", 0)};
  REQUIRE(group_all(photos, pictures).groups.size() == 1);
}

TEST_CASE("group: the weakest match names the group") {
  const std::vector pictures = {make_picture(1, 0), make_picture(2, 1)};
  const std::vector photos = {make_photo("a", 0), make_photo("b", 0),
                              make_photo("c", 1)};
  const Grouping grouping = group_all(photos, pictures);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].kind == MatchKind::similar);
  CHECK(grouping.groups[0].diameter == 1);
  CHECK(grouping.groups[0].members[1].evidence.match == MatchKind::exact);
  CHECK(grouping.groups[0].members[2].evidence.match == MatchKind::similar);
}

TEST_CASE("group: copies of a look-alike say whose bytes they have") {
  std::vector pictures = {make_picture(1, 0), make_picture(2, 1)};
  pictures[0].info.width = 200;
  const std::vector photos = {make_photo("keep", 0), make_photo("a", 1),
                              make_photo("b", 1), make_photo("later", 0)};
  const Grouping grouping = group_all(photos, pictures);
  REQUIRE(grouping.groups.size() == 1);
  const auto& members = grouping.groups[0].members;
  REQUIRE(paths_of(grouping.groups[0], photos) ==
          Paths{"keep", "a", "b", "later"});
  CHECK_FALSE(members[0].copy_of.has_value());
  CHECK_FALSE(members[1].copy_of.has_value());
  CHECK(members[2].copy_of == 1U);
  CHECK(members[3].copy_of == 0U);
  CHECK(members[2].evidence.match == MatchKind::similar);
}

TEST_CASE("group: a chain is cut, not followed") {
  // A-B-C-D, 4 bits from one to the next; A is the best photo.
  std::vector pictures = {make_picture(1, 0x0), make_picture(2, 0xf),
                          make_picture(3, 0xff), make_picture(4, 0xfff)};
  pictures[0].info.width = 200;
  const std::vector photos = {make_photo("a", 0), make_photo("b", 1),
                              make_photo("c", 2), make_photo("d", 3)};
  const Grouping grouping = group_all(photos, pictures);
  REQUIRE(grouping.groups.size() == 2);
  CHECK(paths_of(grouping.groups[0], photos) == Paths{"a", "b"});
  CHECK(paths_of(grouping.groups[1], photos) == Paths{"c", "d"});
  CHECK(grouping.discarded_links == 1);
}

TEST_CASE("group: equal looks need no links, and links stand for all of them") {
  std::vector<Picture> pictures;
  std::vector<Photo> photos;
  for (std::uint32_t n = 0; n < 5; ++n) {
    // Three pictures of look 0, two of look 1.
    pictures.push_back(make_picture(static_cast<std::uint8_t>(n), n / 3));
    photos.push_back(make_photo("photo" + std::to_string(n), n));
  }
  CHECK(group(photos, pictures, {}, kRule).groups.size() == 2);
  const std::vector<Link> link = {{4, 1}};
  const Grouping joined = group(photos, pictures, link, kRule);
  REQUIRE(joined.groups.size() == 1);
  CHECK(joined.groups[0].members.size() == 5);

  // A better photo takes one look away from the other.
  pictures.push_back(make_picture(9, 0b100000));
  pictures.back().info.width = 500;
  photos.push_back(make_photo("best", 5));
  const std::vector<Link> links = {{4, 1}, {5, 4}};
  CHECK(group(photos, pictures, links, kRule).discarded_links == 3 * 2);
}

TEST_CASE("group: a star is kept although its tips are far apart") {
  std::vector pictures = {make_picture(1, 0x0f), make_picture(2, 0xff),
                          make_picture(3, 0x00)};
  pictures[0].info.width = 200;
  const std::vector photos = {make_photo("a", 0), make_photo("b", 1),
                              make_photo("c", 2)};
  const Grouping grouping = group_all(photos, pictures);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].members.size() == 3);
  CHECK(grouping.groups[0].diameter == 8);
  CHECK(grouping.discarded_links == 0);
}

TEST_CASE("group: each keeper rule decides in its turn and says so") {
  std::vector pictures = {make_picture(1, 0), make_picture(2, 0)};
  std::vector photos = {make_photo("aa", 0), make_photo("ab", 1)};
  const auto keeper_and_reason = [&] {
    const Group group = group_all(photos, pictures).groups.at(0);
    return std::pair(photos[group.keeper()].path, group.keep_reason);
  };
  using Pair = std::pair<std::string, std::string>;
  CHECK(keeper_and_reason() == Pair("aa", "first path"));
  photos[1].path = "b";
  CHECK(keeper_and_reason() == Pair("b", "shortest path"));
  photos[0].mtime_ns = -5;
  CHECK(keeper_and_reason() == Pair("aa", "oldest file"));
  photos[1].size_bytes = 1001;
  CHECK(keeper_and_reason() == Pair("b", "largest file"));
  pictures[0].info.format = Format::png;
  CHECK(keeper_and_reason() == Pair("aa", "best format"));
  pictures[1].info.height = 101;
  CHECK(keeper_and_reason() == Pair("b", "largest picture"));
}

TEST_CASE("group: the id follows the bytes, not the names") {
  const std::vector pictures = {make_picture(1, 0), make_picture(2, 1)};
  const auto id = [&](const char* first, const char* second) {
    return group_all({make_photo(first, 0), make_photo(second, 1)}, pictures)
        .groups.at(0)
        .id;
  };
  CHECK(id("a", "b") == id("moved/z", "c"));
  const std::vector others = {make_picture(1, 0), make_picture(3, 1)};
  CHECK(id("a", "b") !=
        group_all({make_photo("a", 0), make_photo("b", 1)}, others)
            .groups.at(0)
            .id);
}

TEST_CASE("group: the order of input does not matter") {
  std::mt19937 random(1);
  std::vector<Picture> pictures;
  std::vector<Photo> photos;
  for (std::uint32_t n = 0; n < 120; ++n) {
    // Runs of ones: neighbours overlap in long chains.
    pictures.push_back(make_picture(static_cast<std::uint8_t>(n),
                                    (Hash{1} << n % 61) - 1 + n % 3));
    pictures.back().info.width = 100 + n * 7 % 13;
    photos.push_back(make_photo("photo" + std::to_string(n), n));
  }
  const auto described = [](const Grouping& grouping,
                            const std::vector<Photo>& of) {
    std::vector<Paths> groups;
    for (const Group& group : grouping.groups) {
      groups.push_back(paths_of(group, of));
      groups.back().push_back(group.id + group.keep_reason);
    }
    groups.push_back({std::to_string(grouping.discarded_links)});
    return groups;
  };
  const auto expected = described(group_all(photos, pictures), photos);
  REQUIRE(expected.size() > 5);

  for (int round = 0; round < 5; ++round) {
    std::vector<std::uint32_t> place(pictures.size());
    for (std::uint32_t n = 0; n < place.size(); ++n) place[n] = n;
    std::shuffle(place.begin(), place.end(), random);
    std::vector<Picture> moved = pictures;
    for (std::uint32_t n = 0; n < place.size(); ++n) {
      moved[place[n]] = pictures[n];
    }
    std::vector<Photo> shuffled = photos;
    for (Photo& photo : shuffled) photo.picture = place[photo.picture];
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    std::vector<Link> links = links_among(moved);
    std::shuffle(links.begin(), links.end(), random);
    for (Link& link : links) {
      if (random() % 2) std::swap(link.first, link.second);
    }
    CHECK(described(group(shuffled, moved, links, kRule), shuffled) ==
          expected);
  }
}
