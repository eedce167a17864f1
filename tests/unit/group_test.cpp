#include "vam/group.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "group/keep_order.hpp"
#include "pictures.hpp"

using namespace vam;

namespace {

const VerifyRule kRule = plain_rule();  // dhash and ahash, 5 bits

/// Compares every picture with every other one by the plain rule.
class Everybody : public MatchFinder {
 public:
  explicit Everybody(std::span<const Picture> pictures,
                     MatchKind kind = MatchKind::similar)
      : pictures_(pictures), kind_(kind) {}

  std::vector<std::vector<Match>> find(
      std::span<const std::uint32_t> asking) override {
    std::vector<std::vector<Match>> all;
    for (const std::uint32_t a : asking) {
      ++asked;
      auto& matches = all.emplace_back();
      for (std::uint32_t b = 0; b < pictures_.size(); ++b) {
        const auto evidence = confirm(a, b, kUpright);
        if (a != b && evidence) matches.push_back({b, *evidence});
      }
    }
    return all;
  }

  std::optional<Evidence> confirm(std::uint32_t first, std::uint32_t second,
                                  Orientation) override {
    auto evidence = verify(pictures_[first], pictures_[second], kRule);
    if (evidence && evidence->match == MatchKind::similar) {
      evidence->match = kind_;
    }
    return evidence;
  }

  std::string description() const override { return "everybody"; }

  int asked = 0;

 private:
  std::span<const Picture> pictures_;
  MatchKind kind_;  ///< of what is similar
};

/// Answers for so many pictures at once only.
class InParts : public Everybody {
 public:
  InParts(std::span<const Picture> pictures, std::size_t part,
          MatchKind kind = MatchKind::similar)
      : Everybody(pictures, kind), part_(part) {}

  std::vector<std::vector<Match>> find(
      std::span<const std::uint32_t> asking) override {
    return Everybody::find(asking.first(std::min(part_, asking.size())));
  }

 private:
  std::size_t part_;
};

Grouping group_all(const std::vector<Photo>& photos,
                   const std::vector<Picture>& pictures,
                   const GroupRules& rules = {}) {
  Everybody finder(pictures);
  return group(photos, pictures, finder, rules);
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
  CHECK(grouping.discarded.size() == 1);
}

TEST_CASE("group: who was taken is not asked about its matches") {
  std::vector<Picture> pictures;
  std::vector<Photo> photos;
  for (std::uint32_t n = 0; n < 250; ++n) {
    pictures.push_back(make_picture(static_cast<std::uint8_t>(n), n % 8));
    photos.push_back(make_photo("photo" + std::to_string(n), n));
  }
  Everybody finder(pictures);
  const Grouping grouping = group(photos, pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].members.size() == 250);
  CHECK(finder.asked <= 16);  // the first batch
}

namespace {

/// Knows some matches only, as a search does.
class Told : public MatchFinder {
 public:
  struct Pair {
    std::uint32_t asking;
    std::uint32_t found;
    Orientation transform;
  };
  Told(std::vector<Pair> found, std::vector<Pair> confirmed,
       MatchKind kind = MatchKind::similar)
      : found_(std::move(found)),
        confirmed_(std::move(confirmed)),
        kind_(kind) {}

  std::vector<std::vector<Match>> find(
      std::span<const std::uint32_t> pictures) override {
    std::vector<std::vector<Match>> all;
    for (const std::uint32_t picture : pictures) {
      auto& matches = all.emplace_back();
      for (const Pair& pair : found_) {
        if (pair.asking != picture) continue;
        Evidence evidence;
        evidence.match = kind_;
        evidence.transform = pair.transform;
        matches.push_back({pair.found, evidence});
      }
    }
    return all;
  }

  std::optional<Evidence> confirm(std::uint32_t first, std::uint32_t second,
                                  Orientation transform) override {
    ++confirmations;
    for (const Pair& pair : confirmed_) {
      if (pair.asking == first && pair.found == second &&
          pair.transform == transform) {
        Evidence evidence;
        evidence.match = MatchKind::similar;
        evidence.transform = transform;
        return evidence;
      }
    }
    return std::nullopt;
  }

  std::string description() const override { return "hearsay"; }

  int confirmations = 0;

 private:
  std::vector<Pair> found_;
  std::vector<Pair> confirmed_;  ///< if asked for with this transform
  MatchKind kind_;               ///< of what is found
};

struct Three {
  std::vector<Picture> pictures = {make_picture(1, 0), make_picture(2, 0),
                                   make_picture(3, 0)};
  std::vector<Photo> photos = {make_photo("a", 0), make_photo("b", 1),
                               make_photo("c", 2)};
};

}  // namespace

TEST_CASE("group: who matches a member is compared with its keeper") {
  const Three three;
  // b is a turned by a quarter, c a mirrored crop of b.
  Told finder({{0, 1, 6}, {2, 1, 2}}, {{0, 2, 7}});
  REQUIRE(composed(2, 6) == 7);
  const Grouping grouping = group(three.photos, three.pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(paths_of(grouping.groups[0], three.photos) == Paths{"a", "b", "c"});
  CHECK(grouping.groups[0].members[2].evidence.transform == 7);
  CHECK(grouping.discarded.empty());
}

TEST_CASE("group: a match of a member alone is no membership") {
  const Three three;
  Told finder({{0, 1, 1}, {2, 1, 6}}, {});
  const Grouping grouping = group(three.photos, three.pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(paths_of(grouping.groups[0], three.photos) == Paths{"a", "b"});
  // The better of the two first: c has to be turned the other way round.
  REQUIRE(grouping.discarded.size() == 1);
  CHECK(grouping.discarded[0].first == 1);
  CHECK(grouping.discarded[0].second == 2);
  CHECK(grouping.discarded[0].evidence.transform == 8);
}

TEST_CASE("group: what cannot be decoded is never the keeper of others") {
  Three three;
  three.pictures[0].info.width = 9999;
  three.pictures[0].look = fail(ErrorCode::truncated, "short");
  Told finder({{0, 1, 1}, {1, 0, 1}}, {});
  const Grouping grouping = group(three.photos, three.pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].keeper() == 1);
  CHECK(grouping.groups[0].keep_reason == "can be decoded");
}

TEST_CASE("group: who finds a better keeper joins it") {
  const Three three;
  // Only c knows of a: its hashes are those of a window of a.
  Told finder({{2, 0, 6}}, {});
  const Grouping grouping = group(three.photos, three.pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(paths_of(grouping.groups[0], three.photos) == Paths{"a", "c"});
  CHECK(grouping.groups[0].members[1].evidence.transform == 8);
  CHECK(finder.confirmations == 0);
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
  CHECK(grouping.discarded.empty());
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
  pictures[1].info.taken_at = "2024-01-01T10:00:00";
  CHECK(keeper_and_reason() == Pair("b", "most metadata"));
  pictures[0].info.metadata = {.camera_make = "A", .camera_model = "B"};
  CHECK(keeper_and_reason() == Pair("aa", "most metadata"));
  pictures[1].info.height = 101;
  CHECK(keeper_and_reason() == Pair("b", "largest picture"));
}

TEST_CASE("group: every keeper rule can decide alone") {
  std::vector pictures = {make_picture(1, 0), make_picture(2, 0)};
  std::vector photos = {make_photo("/p/first.jpg", 0),
                        make_photo("/p/other.jpg", 1)};
  // Better by every rule but `oldest`.
  pictures[1].info.width = 200;
  pictures[1].info.taken_at = "2024-01-01T10:00:00";
  pictures[1].info.format = Format::png;
  photos[1].size_bytes = 2000;
  photos[1].mtime_ns = 5;
  const auto keeper_and_reason = [&](const KeepRules& rules) {
    const Group group =
        group_all(photos, pictures, {.keep = rules}).groups.at(0);
    return std::pair(photos[group.keeper()].path, group.keep_reason);
  };
  const auto other = [](const char* reason) {
    return std::pair<std::string, std::string>("/p/other.jpg", reason);
  };
  const auto first = [](const char* reason) {
    return std::pair<std::string, std::string>("/p/first.jpg", reason);
  };
  CHECK(keeper_and_reason({{KeepBy::resolution}}) == other("largest picture"));
  CHECK(keeper_and_reason({{KeepBy::metadata}}) == other("most metadata"));
  CHECK(keeper_and_reason({{KeepBy::format}}) == other("best format"));
  CHECK(keeper_and_reason({{KeepBy::size}}) == other("largest file"));
  CHECK(keeper_and_reason({{KeepBy::oldest}}) == first("oldest file"));
  CHECK(keeper_and_reason({{KeepBy::newest}}) == other("newest file"));
  CHECK(keeper_and_reason({{KeepBy::path, "*/oth*"}}) ==
        other("path matches */oth*"));
  CHECK(keeper_and_reason({{KeepBy::path, "/p/f*"}}) ==
        first("path matches /p/f*"));
  CHECK(keeper_and_reason({{KeepBy::path, "fir*"}, {KeepBy::newest}}) ==
        first("path matches fir*"));
  CHECK(keeper_and_reason({{KeepBy::path, "x"}, {KeepBy::newest}}) ==
        other("newest file"));
  CHECK(keeper_and_reason({{KeepBy::path, "*"}, {KeepBy::path, "o*"}}) ==
        other("path matches o*"));
  CHECK(keeper_and_reason({}) == first("first path"));
}

TEST_CASE("group: reference files are kept, and one is the keeper") {
  std::vector pictures = {make_picture(1, 0), make_picture(2, 1)};
  pictures[0].info.width = 200;
  std::vector photos = {make_photo("/new/best", 0), make_photo("/new/copy", 1),
                        make_photo("/ref/z", 1), make_photo("/ref/y", 1),
                        make_photo("/refined/x", 0)};
  const auto grouped = [&](const GroupRules& rules) {
    return group_all(photos, pictures, rules).groups.at(0);
  };
  const auto kept = [&](const Group& group) {
    Paths paths;
    for (const GroupMember& member : group.members) {
      if (member.is_reference) paths.push_back(photos[member.photo].path);
    }
    return paths;
  };

  Group group = grouped({.references = {"/ref"}});
  CHECK(paths_of(group, photos) ==
        Paths{"/ref/y", "/new/best", "/new/copy", "/ref/z", "/refined/x"});
  CHECK(group.keep_reason == "first path");
  CHECK(kept(group) == Paths{"/ref/y", "/ref/z"});
  CHECK(group.members[2].copy_of == 3U);
  CHECK_FALSE(group.members[3].copy_of.has_value());

  photos.pop_back();
  photos.erase(photos.begin() + 2);
  CHECK(grouped({.references = {"/ref"}}).keep_reason == "reference file");

  // Another order of rules, but they are still kept.
  group = grouped({.keep = {{KeepBy::resolution}, {KeepBy::reference}},
                   .references = {"/ref"}});
  CHECK(paths_of(group, photos) == Paths{"/new/best", "/new/copy", "/ref/y"});
  CHECK(kept(group) == Paths{"/ref/y"});
  CHECK(group.members[1].copy_of == 2U);
  CHECK_FALSE(group.members[2].copy_of.has_value());

  for (const char* folder : {"/", "/ref/", "/ref"}) {
    CHECK(kept(grouped({.references = {folder}})).back() == "/ref/y");
  }
  CHECK(kept(grouped({.references = {"/re", "/ref/y", "ref"}})).empty());

  photos[0].hard_links = {"/ref/again"};
  CHECK(kept(grouped({.references = {"/ref"}})).size() == 2);
}

TEST_CASE("group: groups without a reference file can be left out") {
  const std::vector pictures = {make_picture(1, 0), make_picture(2, ~Hash{0})};
  const std::vector photos = {make_photo("/new/a", 0), make_photo("/ref/a", 0),
                              make_photo("/new/b", 1), make_photo("/new/c", 1)};
  CHECK(group_all(photos, pictures, {.references = {"/ref"}}).groups.size() ==
        2);
  const Grouping grouping = group_all(
      photos, pictures, {.references = {"/ref"}, .reference_only = true});
  REQUIRE(grouping.groups.size() == 1);
  CHECK(paths_of(grouping.groups[0], photos) == Paths{"/ref/a", "/new/a"});
}

TEST_CASE("group: what has companions is kept") {
  const std::uint8_t video = bit_of(NonPicture::video);
  const std::uint8_t sidecar = bit_of(NonPicture::sidecar);
  std::vector pictures = {make_picture(1, 0), make_picture(2, 0)};
  std::vector photos = {make_photo("a", 0), make_photo("bb", 0),
                        make_photo("c", 1)};
  photos[2].size_bytes = photos[0].size_bytes + 1;
  const auto grouped = [&] {
    auto grouping = group_all(photos, pictures);
    REQUIRE(grouping.groups.size() == 1);
    return grouping.groups[0];
  };
  photos[1].companions = sidecar;
  CHECK(grouped().keep_reason == "largest file");

  photos[2].size_bytes = photos[0].size_bytes;
  Group group = grouped();
  CHECK(paths_of(group, photos) == Paths{"bb", "a", "c"});
  CHECK(group.keep_reason == "has companions");
  CHECK(group.members[1].copy_of == 1U);
  photos[0].companions = video;
  group = grouped();
  CHECK(paths_of(group, photos) == Paths{"a", "bb", "c"});
  CHECK_FALSE(group.members[0].has_own_companions);
  CHECK(group.members[1].has_own_companions);
  CHECK_FALSE(group.members[1].copy_of.has_value());
  CHECK_FALSE(group.members[2].has_own_companions);

  // Nor is the film of a smaller copy lost.
  pictures[1].info.width = pictures[1].info.height = 1000;
  group = grouped();
  CHECK(paths_of(group, photos) == Paths{"c", "a", "bb"});
  CHECK(group.members[1].has_own_companions);
  CHECK(group.members[2].has_own_companions);
  photos[1].companions = 0;
  group = grouped();
  CHECK_FALSE(group.members[2].has_own_companions);
  CHECK(group.members[2].copy_of == 0U);
  photos[2].companions = video | sidecar;
  CHECK_FALSE(grouped().members[1].has_own_companions);
}

TEST_CASE("group: keeper rules bear the largest values") {
  constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
  std::vector pictures = {make_picture(1, 0), make_picture(2, 0)};
  std::vector photos = {make_photo("a", 0), make_photo("b", 1)};
  pictures[1].info.width = pictures[1].info.height = kMax;
  CHECK(group_all(photos, pictures).groups.at(0).keeper() == 1);
  pictures[1] = make_picture(2, 0);
  photos[1].size_bytes = std::numeric_limits<std::uint64_t>::max();
  CHECK(group_all(photos, pictures).groups.at(0).keeper() == 1);
  photos[1] = make_photo("b", 1);
  photos[1].mtime_ns = std::numeric_limits<std::int64_t>::min();
  CHECK(group_all(photos, pictures).groups.at(0).keeper() == 1);
}

TEST_CASE("group: the methods stand in the order of their values") {
  for (std::size_t n = 0; n < keep_methods().size(); ++n) {
    CHECK(static_cast<std::size_t>(keep_methods()[n].by) == n);
  }
  CHECK(to_string(KeepRule{KeepBy::size}) == "size");
  CHECK(to_string(KeepRule{KeepBy::path, "*.cr2"}) == "path:*.cr2");
}

TEST_CASE("group: a frame around the picture does not make it larger") {
  std::vector pictures = {make_picture(1, 0), make_picture(2, 0)};
  const std::vector photos = {make_photo("framed", 0), make_photo("plain", 1)};
  pictures[0].info.width = 104;
  pictures[0].info.height = 104;
  const auto keeper = [&] {
    return photos[group_all(photos, pictures).groups.at(0).keeper()].path;
  };
  pictures[0].look->content = {1260, 1260, 64275, 64275};
  CHECK(keeper() == "plain");
  // Half a frame may be the edge of a wall.
  pictures[0].look->content = {1260, 1260, 65535, 65535};
  CHECK(keeper() == "framed");
}

namespace {

/// Strips on two sides look like a border, which is not counted.
constexpr Region kStrips = {1911, 0, 62804, 65535};
constexpr Region kOneStrip = {0, 0, 63077, 65535};

Picture make_striped(std::uint8_t number, Hash dhash, const Region& content,
                     const char* model = "") {
  Picture picture = make_picture(number, dhash);
  picture.look->content = content;
  picture.info.metadata.camera_model = model;
  return picture;
}

}  // namespace

TEST_CASE("group: a dark strip of the picture is no frame around it") {
  const std::vector pictures = {
      make_striped(1, 0, kStrips, "EOS"), make_striped(2, 0x1f, kOneStrip),
      make_striped(3, 0x3e0, kOneStrip), make_striped(4, 0x3, kStrips)};
  const std::vector photos = {make_photo("original", 0), make_photo("copy", 1),
                              make_photo("far copy", 2),
                              make_photo("near copy", 3)};
  Everybody finder(pictures, MatchKind::same_image);
  const Grouping grouping = group(photos, pictures, finder);
  // The far copy is too far from the copy, but not from the original.
  REQUIRE(grouping.groups.size() == 1);
  const Group& only = grouping.groups[0];
  CHECK(paths_of(only, photos) ==
        Paths{"original", "copy", "far copy", "near copy"});
  CHECK(only.keep_reason == "most metadata");
  CHECK(only.members[3].evidence.distance[0] == 2);
  CHECK(grouping.discarded.empty());
  // Only what is the same image for sure.
  CHECK(photos[group_all(photos, pictures).groups.at(0).keeper()].path !=
        "original");
}

TEST_CASE("group: the best of those with strips is kept") {
  Three three;
  three.pictures = {make_striped(1, 0, kOneStrip),
                    make_striped(2, 0, kStrips, "EOS"),
                    make_striped(3, 0, kStrips)};
  three.pictures[2].info.width = 101;
  three.photos[2].path = "0";
  Told finder({{0, 1, 1}, {0, 2, 1}}, {{2, 1, 1}}, MatchKind::same_image);
  const Grouping grouping = group(three.photos, three.pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(paths_of(grouping.groups[0], three.photos) == Paths{"0", "a", "b"});
  CHECK(grouping.groups[0].keep_reason == "largest picture");
}

TEST_CASE("group: strips count where both show them") {
  std::vector pictures = {make_striped(1, 0, kStrips),
                          make_striped(2, 0, kOneStrip)};
  const std::vector photos = {make_photo("strips", 0), make_photo("copy", 1)};
  const auto keeper = [&](std::uint32_t width, std::uint32_t height,
                          Orientation turn = kUpright) {
    pictures[1].info.width = width;
    pictures[1].info.height = height;
    Told finder({{0, 1, inverse(turn)}, {1, 0, turn}}, {},
                MatchKind::same_image);
    const Group only = group(photos, pictures, finder).groups.at(0);
    return photos[only.keeper()].path + ", " + only.keep_reason;
  };
  CHECK(keeper(97, 97) == "strips, largest picture");
  CHECK(keeper(100, 100) == "copy, shortest path");
  // As large as what lies between them, or in one direction only.
  CHECK(keeper(93, 100) == "copy, largest picture");
  CHECK(keeper(93, 95) == "strips, largest picture");
  CHECK(keeper(96, 100) == "strips, largest picture");
  CHECK(keeper(100, 93) == "strips, largest picture");
  CHECK(keeper(100, 93, 6) == "copy, largest picture");
  // As large as all of it, and nearly so as what lies between thin strips.
  pictures[0].look->content = {300, 0, 65235, 65535};
  CHECK(keeper(100, 100) == "copy, shortest path");
  // In one file only: maybe somebody put a thin frame around a copy, unless
  // that one comes from a camera.
  pictures[1].look->content = {0, 0, 65535, 65535};
  CHECK(keeper(100, 100) == "copy, largest picture");
  pictures[0].info.metadata.camera_model = "EOS";
  CHECK(keeper(100, 100) == "strips, most metadata");
  CHECK(keeper(93, 100) == "strips, largest picture");
}

TEST_CASE("group: members are compared with the better picture as they lie") {
  Three three;
  three.pictures = {make_striped(1, 0, kOneStrip),
                    make_striped(2, 0, kStrips, "EOS"), make_picture(3, 0)};
  // To look like a, b has to be turned by a quarter, and c to be mirrored.
  const Orientation turn = composed(2, inverse(6));
  REQUIRE(turn == 5);
  Told finder({{0, 1, 6}, {0, 2, 2}}, {{1, 2, turn}}, MatchKind::same_image);
  const Grouping grouping = group(three.photos, three.pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  const Group& only = grouping.groups[0];
  REQUIRE(paths_of(only, three.photos) == Paths{"b", "a", "c"});
  CHECK(only.members[1].evidence.transform == 8);
  CHECK(only.members[2].evidence.transform == turn);
  CHECK(grouping.discarded.empty());
}

TEST_CASE("group: who does not match the better picture is left out") {
  Three three;
  three.pictures = {make_striped(1, 0, kOneStrip),
                    make_striped(2, 0, kStrips, "EOS"), make_picture(3, 0)};
  // Whether c finds a or not.
  for (const bool finds : {true, false}) {
    std::vector<Told::Pair> found = {{0, 1, 1}, {0, 2, 6}};
    if (finds) found.push_back({2, 0, 8});
    Told finder(found, {}, MatchKind::same_image);
    const Grouping grouping = group(three.photos, three.pictures, finder);
    REQUIRE(grouping.groups.size() == 1);
    CHECK(paths_of(grouping.groups[0], three.photos) == Paths{"b", "a"});
    REQUIRE(grouping.discarded.size() == 1);
    CHECK(grouping.discarded[0].first == 0);
    CHECK(grouping.discarded[0].second == 2);
    CHECK(grouping.discarded[0].evidence.transform == 6);
  }
  // It finds the better picture by itself.
  Told finder({{0, 1, 1}, {0, 2, 6}, {2, 1, 1}}, {}, MatchKind::same_image);
  const Grouping grouping = group(three.photos, three.pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(paths_of(grouping.groups[0], three.photos) == Paths{"b", "a", "c"});
  CHECK(grouping.discarded.empty());
}

TEST_CASE("group: who joins later does not make the reason wrong") {
  // With borders counted b would be better than its keeper, which has not
  // found it.
  Three three;
  three.pictures = {make_striped(1, 0, kOneStrip),
                    make_striped(2, 0, kStrips, "EOS"), make_picture(3, 9)};
  Told finder({{1, 0, 1}}, {}, MatchKind::same_image);
  const Grouping grouping = group(three.photos, three.pictures, finder);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(paths_of(grouping.groups[0], three.photos) == Paths{"a", "b"});
  CHECK(grouping.groups[0].keep_reason == "largest picture");
}

namespace {

/// A JPEG with a DC step and traces of others.
Picture make_saved(std::uint8_t number, std::uint16_t step,
                   std::initializer_list<unsigned> coarser = {}) {
  Picture picture = make_picture(number, 0);
  picture.info.dc_steps.own = step;
  for (const unsigned n : coarser) {
    picture.info.dc_steps.coarser |= std::uint64_t{1} << n;
  }
  return picture;
}

}  // namespace

TEST_CASE("group: what the others were saved from is kept") {
  Three three;
  three.pictures = {make_saved(1, 3, {8}), make_saved(2, 8),
                    make_saved(3, 1, {3, 8})};
  three.photos[0].size_bytes = 2000;
  three.photos[2].size_bytes = 3000;
  const auto keeper = [&](const GroupRules& rules = {},
                          MatchKind kind = MatchKind::same_image) {
    Everybody finder(three.pictures, kind);
    const Grouping grouping =
        group(three.photos, three.pictures, finder, rules);
    REQUIRE(grouping.groups.size() == 1);
    const Group& only = grouping.groups[0];
    CHECK(only.members.size() == 3);
    return three.photos[only.keeper()].path + ", " + only.keep_reason;
  };
  CHECK(keeper() == "b, earlier generation");
  // An edited copy has traces, too, where it was not edited.
  CHECK(keeper({}, MatchKind::similar) == "b, earlier generation");
  // Without the first, the second of three.
  three.pictures[1] = make_saved(2, 1, {3});
  CHECK(keeper() == "a, earlier generation");
  three.pictures[1] = make_saved(2, 8);
  SECTION("what that one was saved from, by a trace of it only") {
    three.pictures[2] = make_saved(3, 1, {3});
    CHECK(keeper() == "b, earlier generation");
  }
  SECTION("of several the coarsest") {
    three.pictures[0] = make_saved(1, 3);
    CHECK(keeper() == "b, earlier generation");
    three.pictures[1].info.dc_steps.own = 2;
    three.pictures[2] = make_saved(3, 1, {2, 3});
    CHECK(keeper() == "a, earlier generation");
  }
  SECTION("a lossless format holds no more than what was saved in it") {
    three.pictures[2] = make_saved(3, 0, {8});
    three.pictures[2].info.format = Format::png;
    CHECK(keeper() == "b, earlier generation");
    // It may be what the JPEG was saved from.
    three.pictures[2] = make_saved(3, 0);
    three.pictures[2].info.format = Format::png;
    CHECK(keeper() == "c, best format");
  }
  SECTION("other rules come before, or it is not asked for") {
    CHECK(keeper({.keep = {{KeepBy::size}}}) == "c, largest file");
    CHECK(keeper({.keep = {{KeepBy::size}, {KeepBy::generation}}}) ==
          "c, largest file");
    CHECK(keeper({.keep = {{KeepBy::generation}, {KeepBy::size}}}) ==
          "b, earlier generation");
    three.photos[2].path = "/ref/c";
    CHECK(keeper({.references = {"/ref"}}) == "/ref/c, reference file");
    three.photos[2].path = "c";
    three.pictures[2].info.metadata.camera_model = "EOS";
    CHECK(keeper() == "c, most metadata");
    CHECK(keeper({.keep = {{KeepBy::generation}, {KeepBy::metadata}}}) ==
          "b, earlier generation");
  }
  SECTION("of as many pixels only") {
    three.pictures[1].info.width = 50;
    three.pictures[1].info.height = 200;
    CHECK(keeper() == "a, earlier generation");
    three.pictures[0].info.dc_steps.own = 0;
    CHECK(keeper() == "c, largest file");
  }
  SECTION("turned by a quarter") {
    for (const std::size_t n : {0U, 2U}) {
      three.pictures[n].info.width = 200;
    }
    three.pictures[1].info.height = 200;
    CHECK(keeper() == "b, earlier generation");
  }
  SECTION("a border in one of them does not matter") {
    for (const std::size_t n : {0U, 1U}) {
      three.pictures[n].look->content = {1911, 0, 62804, 65535};
    }
    CHECK(keeper() == "b, earlier generation");
  }
}

TEST_CASE("group: quantiser steps out of range are no trace") {
  std::vector pictures = {make_saved(1, 1), make_saved(2, 64),
                          make_saved(3, 65535), make_saved(4, 0)};
  pictures[0].info.dc_steps.coarser = ~std::uint64_t{0};
  const auto first_from = [&](std::size_t other) {
    return was_saved_from(pictures[0], pictures[other]);
  };
  CHECK_FALSE(first_from(1));
  CHECK_FALSE(first_from(2));
  CHECK_FALSE(first_from(3));
  pictures[1].info.dc_steps.own = kMaxCoarserStep;
  CHECK(first_from(1));
  // No finer than its own.
  pictures[0].info.dc_steps.own = kMaxCoarserStep;
  CHECK_FALSE(first_from(1));
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
    if (n % 3 == 0) pictures.back().look->content = kStrips;
    if (n % 3 == 1) pictures.back().look->content = kOneStrip;
    photos.push_back(make_photo("photo" + std::to_string(n), n));
  }
  const auto described = [](const Grouping& grouping,
                            const std::vector<Photo>& of) {
    std::vector<Paths> groups;
    for (const Group& group : grouping.groups) {
      groups.push_back(paths_of(group, of));
      groups.back().push_back(group.id + group.keep_reason);
    }
    groups.push_back({std::to_string(grouping.discarded.size())});
    return groups;
  };
  const MatchKind kind = GENERATE(MatchKind::similar, MatchKind::same_image);
  const auto expected = [&] {
    Everybody finder(pictures, kind);
    return described(group(photos, pictures, finder), photos);
  }();
  REQUIRE(expected.size() > 5);

  for (const std::size_t part : {1U, 3U, 50U}) {
    InParts finder(pictures, part, kind);
    CHECK(described(group(photos, pictures, finder), photos) == expected);
  }

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
    Everybody finder(moved, kind);
    CHECK(described(group(shuffled, moved, finder), shuffled) == expected);
  }
}

namespace {

/// A frame of a camera.
Picture make_frame(std::uint8_t number, Hash dhash, const char* taken_at,
                   const char* model = "Camera") {
  Picture picture = make_picture(number, dhash);
  picture.info.taken_at = taken_at;
  picture.info.metadata.camera_make = "Maker";
  picture.info.metadata.camera_model = model;
  return picture;
}

std::vector<Photo> photos_of(const std::vector<Picture>& pictures) {
  std::vector<Photo> photos;
  for (std::uint32_t n = 0; n < pictures.size(); ++n) {
    photos.push_back(make_photo(std::string(1, static_cast<char>('a' + n)), n));
  }
  return photos;
}

/// The paths of groups and, behind '=', sets.
Paths described(const std::vector<Photo>& photos, const Grouping& grouping) {
  Paths all;
  for (const Group& group : grouping.groups) {
    std::string& text = all.emplace_back();
    for (const std::string& path : paths_of(group, photos)) text += path;
  }
  for (const PhotoSet& set : grouping.sets) {
    std::string& text = all.emplace_back(to_string(set.kind));
    text += '=';
    for (const std::uint32_t photo : set.photos) text += photos[photo].path;
  }
  return all;
}

Paths grouped(const std::vector<Picture>& pictures,
              const GroupRules& rules = {}) {
  const auto photos = photos_of(pictures);
  return described(photos, group_all(photos, pictures, rules));
}

}  // namespace

TEST_CASE("group: frames of a burst are a set") {
  const std::vector pictures = {make_frame(1, 0, "2024-05-06T07:08:09.10"),
                                make_frame(2, 1, "2024-05-06T07:08:09.35"),
                                make_frame(3, 2, "2024-05-06T07:08:14"),
                                make_frame(4, ~Hash{0}, "2024-05-06T07:08:15")};
  CHECK(grouped(pictures) == Paths{"burst=abc"});
  CHECK(grouped(pictures, {.bursts = Bursts::ignore}).empty());
  CHECK(grouped(pictures, {.bursts = Bursts::as_similar}) == Paths{"abc"});
}

TEST_CASE("group: a RAW file of a burst is no copy of another frame") {
  // The JPEG of the second has other settings, and is like the first RAW file.
  std::vector pictures = {
      make_frame(1, 0, "2024-05-06T07:08:09", "EOS R5"),
      make_frame(2, 0, "2024-05-06T07:08:10", "MAKER EOS R5"),
      make_frame(3, 9, "2024-05-06T07:08:10", "EOS R5")};
  pictures[0].info.format = pictures[2].info.format = Format::raw;
  CHECK(grouped({pictures[0], pictures[1]}) == Paths{"burst=ab"});
  const std::vector photos = {make_photo("1.cr3", 0), make_photo("2.jpg", 1),
                              make_photo("2.cr3", 2)};
  CHECK(described(photos, group_all(photos, pictures)) ==
        Paths{"burst=1.cr32.cr32.jpg", "raw+jpeg=2.cr32.jpg"});
}

TEST_CASE("group: bursts of RAW and JPEG files are one") {
  // The RAW files name another camera than the JPEG files; k names none.
  std::vector pictures = {make_frame(1, 0, "2024-05-06T07:08:09", "K-1"),
                          make_frame(2, 1, "2024-05-06T07:08:09", "Q"),
                          make_frame(3, 3, "2024-05-06T07:08:10", "K-1"),
                          make_frame(4, 7, "2024-05-06T07:08:10", "Q"),
                          make_picture(5, 0)};
  pictures[0].info.format = pictures[2].info.format = Format::raw;
  pictures[4].info.width = 900;
  const std::vector photos = {make_photo("a.pef", 0), make_photo("a.jpg", 1),
                              make_photo("b.pef", 2), make_photo("b.jpg", 3),
                              make_photo("k", 4)};
  CHECK(described(photos, group_all(photos, pictures)) ==
        Paths{"ka.pef", "raw+jpeg=a.jpga.pef", "burst=a.jpgb.jpgb.pefk",
              "raw+jpeg=b.jpgb.pef"});
}

TEST_CASE("group: what makes a burst") {
  const auto is_burst = [](const Picture& a, const Picture& b) {
    const Paths all = grouped({a, b});
    CHECK(all.size() == 1);
    return all == Paths{"burst=ab"};
  };
  const auto at = [](const char* taken_at, const char* model = "Camera") {
    static std::uint8_t number = 0;
    ++number;
    return make_frame(number, number % 4, taken_at, model);
  };
  CHECK(is_burst(at("2024-12-31T23:59:59"), at("2025-01-01T00:00:00")));
  CHECK(is_burst(at("2024-05-06T07:08:09"), at("2024-05-06T07:08:14")));
  CHECK_FALSE(is_burst(at("2024-05-06T07:08:09"), at("2024-05-06T07:08:15")));
  CHECK_FALSE(is_burst(at("2024-05-06T07:08:09"), at("2024-05-06T07:08:09")));
  // An edited copy may have lost the fraction, or a part of it.
  CHECK_FALSE(is_burst(at("2024-05-06T07:08:09"), at("2024-05-06T07:08:09.5")));
  CHECK_FALSE(
      is_burst(at("2024-05-06T07:08:09.5"), at("2024-05-06T07:08:09.51")));
  CHECK(is_burst(at("2024-05-06T07:08:09.5"), at("2024-05-06T07:08:09.6")));
  CHECK(is_burst(at("2024-05-06T07:08:09.5+02:00"),
                 at("2024-05-06T07:08:09.6+02:00")));
  CHECK_FALSE(is_burst(at("2024-05-06T07:08:09"), at("")));
  CHECK_FALSE(
      is_burst(at("2024-05-06T07:08:09", "A"), at("2024-05-06T07:08:10", "B")));
  for (const char* no_moment :
       {"2024-02-30T07:08:10", "2024-05-06 07:08:10", "2024-05-06T07:08",
        "-024-05-06T07:08:10", "0000-00-00T00:00:00", "2024-05-06T07:0 :10"}) {
    CHECK_FALSE(is_burst(at("2024-05-06T07:08:09"), at(no_moment)));
  }
  Picture nobody = at("2024-05-06T07:08:10");
  nobody.info.metadata = {};
  Picture nobodys = at("2024-05-06T07:08:11");
  nobodys.info.metadata = {};
  CHECK_FALSE(is_burst(nobody, nobodys));
}

TEST_CASE("group: a copy whose clock was set right is a copy") {
  std::vector pictures = {make_frame(1, 0, "2024-05-06T07:08:09"),
                          make_frame(2, 0, "2024-05-06T07:08:10")};
  const auto photos = photos_of(pictures);
  const auto result = [&] {
    Told finder({{0, 1, 1}, {1, 0, 1}}, {}, MatchKind::same_image);
    return described(photos, group(photos, pictures, finder));
  };
  CHECK(result() == Paths{"ab"});
  // But not if its look differs in a bit.
  pictures[1].look->hashes[0] ^= 1;
  CHECK(result() == Paths{"burst=ab"});
}

TEST_CASE("group: copies of a frame stay with their frame") {
  // b and d are the frames; c says when it was taken, a and e do not.
  std::vector pictures = {
      make_picture(1, 0x0), make_frame(2, 0x1, "2024-05-06T07:08:09"),
      make_frame(3, 0x3, "2024-05-06T07:08:09"),
      make_frame(4, 0x1f, "2024-05-06T07:08:10"), make_picture(5, 0xf)};
  for (const std::uint32_t best : {1U, 3U}) {
    CAPTURE(best);
    pictures[2].info.width = 50;
    pictures[1].info.width = best == 1 ? 300 : 200;
    pictures[3].info.width = best == 3 ? 300 : 200;
    CHECK(grouped(pictures) == Paths{"bac", "de", "burst=bd"});
  }
  // A copy that is the keeper takes its own frame only.
  pictures[0].info.width = 900;
  CHECK(grouped(pictures) == Paths{"abc", "de", "burst=ad"});
}

TEST_CASE("group: a RAW file and its JPEG are a set") {
  std::vector pictures = {make_picture(1, 0), make_picture(2, 1)};
  pictures[0].info.format = Format::raw;
  std::vector photos = {make_photo("/p/IMG.1.CR2", 0),
                        make_photo("/p/IMG.1.jpg", 1),
                        make_photo("/q/IMG.1.jpg", 1)};
  const auto result = [&](const GroupRules& rules = {}) {
    return described(photos, group_all(photos, pictures, rules));
  };
  const Paths apart = {"/p/IMG.1.jpg/q/IMG.1.jpg",
                       "raw+jpeg=/p/IMG.1.CR2/p/IMG.1.jpg"};
  CHECK(result() == apart);
  CHECK(result({.bursts = Bursts::as_similar}) == apart);
  pictures[0].info.taken_at = "2024-05-06T07:08:09";
  CHECK(result() == apart);
  pictures[1].info.taken_at = "2024-05-06T07:08:09.5";
  CHECK(result() == apart);
  pictures[1].info.format = Format::heif;
  CHECK(result() == apart);

  const Paths together = {"/p/IMG.1.CR2/p/IMG.1.jpg/q/IMG.1.jpg"};
  pictures[1].info.taken_at = "2024-05-06T07:08:10";
  CHECK(result() == together);
  pictures[1].info.taken_at = "";
  pictures[1].info.format = Format::png;
  CHECK(result() == together);
  pictures[1].info.format = Format::jpeg;
  photos[1].path = "/p/IMG.jpg";
  CHECK(result() == Paths{"/p/IMG.1.CR2/p/IMG.jpg/q/IMG.1.jpg"});
  photos[0].path = "/p.q/IMG";
  photos[1].path = "/p.r/IMG";
  CHECK(result().size() == 1);
}

TEST_CASE("group: copies of a JPEG with a RAW file stay with the JPEG") {
  std::vector pictures = {make_picture(1, 0), make_picture(2, 0x3),
                          make_picture(3, 0x7)};
  pictures[0].info.format = Format::raw;
  const std::vector photos = {make_photo("a.dng", 0), make_photo("a.jpg", 1),
                              make_photo("b.jpg", 2)};
  CHECK(described(photos, group_all(photos, pictures)) ==
        Paths{"a.jpgb.jpg", "raw+jpeg=a.dnga.jpg"});
}

TEST_CASE("group: a time-lapse is no burst") {
  const auto frames = [](int count) {
    std::vector<Picture> pictures;
    std::vector<Photo> photos;
    for (int n = 0; n < count; ++n) {
      char taken_at[32];
      std::snprintf(taken_at, sizeof taken_at, "2024-05-06T07:%02d:%02d",
                    n / 60, n % 60);
      pictures.push_back(make_frame(0, static_cast<Hash>(n % 4), taken_at));
      pictures.back().digest.bytes[1] = static_cast<std::uint8_t>(n / 256);
      pictures.back().digest.bytes[0] = static_cast<std::uint8_t>(n % 256);
      photos.push_back(
          make_photo("photo" + std::to_string(n), static_cast<unsigned>(n)));
    }
    return group_all(photos, pictures);
  };
  const Grouping burst = frames(200);
  CHECK(burst.groups.empty());
  REQUIRE(burst.sets.size() == 1);
  CHECK(burst.sets[0].photos.size() == 200);
  const Grouping lapse = frames(201);
  CHECK(lapse.sets.empty());
  REQUIRE(lapse.groups.size() == 1);
  CHECK(lapse.groups[0].members.size() == 201);
}
