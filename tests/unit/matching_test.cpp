// Candidate search and verification by sketches, up to the groups.
#include "analyze/matching.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "drawings.hpp"
#include "vam/error.hpp"
#include "vam/group.hpp"

using namespace vam;

namespace {

/// A catalog of sketches only.
class Sketches {
 public:
  void put(const Known& known) {
    sketches_[known.picture.digest] = known.sketch;
  }

  std::vector<std::optional<Sketch>> sketches(std::span<const Digest> digests) {
    std::vector<std::optional<Sketch>> found;
    for (const Digest& digest : digests) {
      const auto at = sketches_.find(digest);
      found.push_back(at == sketches_.end() ? std::nullopt
                                            : std::optional(at->second));
    }
    fetched += digests.size();
    return found;
  }

  std::size_t fetched = 0;

 private:
  std::unordered_map<Digest, Sketch, DigestHash> sketches_;
};

/// Counts the pairs that were verified and matched.
class Counting : public MatchFinder {
 public:
  explicit Counting(MatchFinder& finder) : finder_(finder) {}

  std::vector<std::vector<Match>> find(
      std::span<const std::uint32_t> pictures) override {
    auto matches = finder_.find(pictures);
    asked += matches.size();
    for (const auto& found : matches) matched += found.size();
    return matches;
  }
  std::optional<Evidence> confirm(std::uint32_t first, std::uint32_t second,
                                  Orientation transform) override {
    ++confirmed;
    return finder_.confirm(first, second, transform);
  }
  std::string description() const override { return finder_.description(); }

  std::size_t asked = 0;
  std::size_t matched = 0;
  std::size_t confirmed = 0;

 private:
  MatchFinder& finder_;
};

/// Pictures with a file each, and how they are matched.
struct Collection {
  std::vector<Picture> pictures;
  std::vector<Photo> photos;
  Sketches catalog;
  VerifyRule rule = candidate_rule();
  Transforms transforms = Transforms::all;
  int threads = 1;
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;
  const std::atomic<bool>* stop = nullptr;

  void add(const std::string& path, const Known& known) {
    photos.push_back(
        {path, {}, 1000, 0, static_cast<std::uint32_t>(pictures.size())});
    pictures.push_back(known.picture);
    catalog.put(known);
  }
  void add(const std::string& path, const Drawing& drawing) {
    add(path, remember(drawing, pictures.size()));
  }

  std::unique_ptr<MatchFinder> make_finder() {
    const MatchInput input{
        pictures, rule,
        [this] { return make_index(IndexKind::auto_choice, threads); }, stop};
    return make_sketch_finder(input,
                              {[this](std::span<const Digest> digests) {
                                 return catalog.sketches(digests);
                               },
                               transforms, threads, memory_bytes, Ways::one});
  }

  Grouping group_all() {
    const auto finder = make_finder();
    return group(photos, pictures, *finder);
  }

  std::vector<Match> matches_of(std::uint32_t picture) {
    return make_finder()->find(std::vector{picture}).at(0);
  }

  /// The paths in each group, keeper first; the rest as it matches the keeper.
  std::vector<std::string> described(const Grouping& grouping) const {
    std::vector<std::string> groups;
    for (const Group& group : grouping.groups) {
      std::string& text = groups.emplace_back();
      for (const GroupMember& member : group.members) {
        text += photos[member.photo].path + ' ' +
                std::string(to_string(member.evidence.match)) + ' ' +
                std::to_string(member.evidence.transform) + ' ' +
                std::to_string(member.evidence.differences) + ' ' +
                std::to_string(member.evidence.similarity) + '\n';
      }
      text += group.id + ' ' + group.keep_reason + '\n';
    }
    for (const DiscardedLink& link : grouping.discarded) {
      groups.push_back(photos[link.first].path + " - " +
                       photos[link.second].path);
    }
    std::ranges::sort(groups);
    return groups;
  }

  std::vector<std::vector<std::string>> paths() {
    std::vector<std::vector<std::string>> groups;
    for (const Group& group : group_all().groups) {
      auto& paths = groups.emplace_back();
      for (const GroupMember& member : group.members) {
        paths.push_back(photos[member.photo].path);
      }
    }
    return groups;
  }
};

using Paths = std::vector<std::vector<std::string>>;

/// Sets luma to level_at(x, y), places being as in Scene: fast to make.
template <class LevelAt>
Thumbnail drawn_by(const LevelAt& level_at) {
  Thumbnail thumbnail;
  constexpr std::int64_t kSide = Thumbnail::kSide;
  for (std::int64_t y = 0; y < kSide; ++y) {
    for (std::int64_t x = 0; x < kSide; ++x) {
      thumbnail.luma[static_cast<std::size_t>(y * kSide + x)] =
          static_cast<std::uint8_t>(
              level_at(x * kOne / kSide, y * kOne / kSide));
    }
  }
  thumbnail.blue.fill(128);
  thumbnail.red.fill(128);
  return thumbnail;
}

Thumbnail noise(std::uint64_t seed) {
  const ValueNoise large(2 * seed, 5);
  const ValueNoise small(2 * seed + 1, 12);
  return drawn_by([&](std::int64_t x, std::int64_t y) {
    return 20 + 100 * (large.at(x, y) + small.at(x, y)) / kOne;
  });
}

/// A picture of 400x300 that looks like this.
Known known(const Thumbnail& thumbnail, std::uint64_t number) {
  return {{digest_of(std::as_bytes(std::span(&number, 1))),
           {Format::jpeg, 400, 300, kUpright, ""},
           Fingerprint{{1, 2, 3}, 64}},
          {thumbnail, {}}};
}

/// A frame of a time-lapse: single cells move by up to two levels.
Thumbnail flickering(Thumbnail thumbnail, std::uint64_t seed) {
  for (std::size_t cell = 0; cell < thumbnail.luma.size(); ++cell) {
    thumbnail.luma[cell] +=
        static_cast<std::uint8_t>(random_at(seed, cell) % 3);
  }
  return thumbnail;
}

}  // namespace

TEST_CASE("matching: edited copies find each other, strangers do not") {
  Collection photos;
  const Drawing scene = draw_scene(1, 160, 120);
  photos.add("a", scene);
  photos.add("small", resized(scene, 80, 60));
  photos.add("crop", cropped(scene, {0.1, 0, 0, 0.1}));
  photos.add("frame", bordered(scene, {0.02, 0.02, 0.02, 0.02}, 255));
  photos.add("turned", turned(scene, 6));
  photos.add("mirrored", turned(scene, 2));
  for (std::uint64_t seed = 2; seed < 30; ++seed) {
    photos.add("stranger" + std::to_string(seed), draw_scene(seed));
  }
  const Grouping grouping = photos.group_all();
  REQUIRE(grouping.groups.size() == 1);
  CHECK(photos.paths() ==
        Paths{{"a", "crop", "frame", "mirrored", "small", "turned"}});
  const auto& members = grouping.groups[0].members;
  CHECK(members[1].evidence.has(Difference::crop));
  CHECK(members[2].evidence.has(Difference::border));
  CHECK(members[3].evidence.transform == 2);
  CHECK(members[4].evidence.match == MatchKind::same_image);
  CHECK(members[5].evidence.transform == 8);
}

TEST_CASE("matching: crops of up to 12 % are found at every corner") {
  int found = 0;
  int all = 0;
  for (const double part : {0.02, 0.05, 0.08, 0.12}) {
    for (const Margins& margins :
         {Margins{part, part, 0, 0}, Margins{0, part, part, 0},
          Margins{part, 0, 0, part}, Margins{0, 0, part, part}}) {
      Collection photos;
      for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const Drawing scene = draw_scene(seed);
        photos.add(std::to_string(seed), scene);
        photos.add(std::to_string(seed) + "crop",
                   noisy(cropped(scene, margins), 4, seed));
        ++all;
      }
      for (const auto& group : photos.paths()) {
        REQUIRE(group.size() == 2);
        CHECK(group[0] + "crop" == group[1]);
        ++found;
      }
    }
  }
  CAPTURE(found, all);
  CHECK(found >= all * 95 / 100);
}

TEST_CASE("matching: copies of any shape are found, squeezed ones are not") {
  Collection photos;
  constexpr std::array<std::array<int, 2>, 6> kSizes = {
      {{160, 90}, {90, 160}, {128, 100}, {100, 128}, {120, 100}, {100, 100}}};
  std::vector<std::string> names;
  for (std::uint64_t n = 0; n < kSizes.size(); ++n) {
    const auto [width, height] = kSizes[n];
    const Drawing scene = draw_scene(n + 1, width, height);
    const std::string name(1, static_cast<char>('a' + n));
    photos.add(name, scene);
    photos.add(name + " crop", cropped(scene, {0.05, 0, 0, 0}));
    photos.add(name + " turned", turned(scene, 6));
    photos.add(name + " squeezed", resized(scene, height, 2 * width));
    names.push_back(name);
  }
  Paths expected;
  for (const std::string& name : names) {
    expected.push_back({name, name + " crop", name + " turned"});
  }
  CHECK(photos.paths() == expected);
}

TEST_CASE("matching: only the transforms that are asked for are found") {
  Collection photos;
  const Drawing scene = draw_scene(1);
  photos.add("a", scene);
  for (Orientation turn = 2; turn <= 8; ++turn) {
    photos.add(std::to_string(turn), turned(scene, turn));
  }
  photos.transforms = Transforms::none;
  CHECK(photos.matches_of(0).empty());
  photos.transforms = Transforms::mirror;
  REQUIRE(photos.matches_of(0).size() == 1);
  CHECK(photos.matches_of(0)[0].picture == 1);
  photos.transforms = Transforms::all;
  const auto matches = photos.matches_of(0);
  REQUIRE(matches.size() == 7);
  for (const Match& match : matches) {
    CHECK(match.evidence.transform ==
          inverse(static_cast<Orientation>(match.picture + 1)));
  }
}

TEST_CASE("matching: a chain is cut, not followed") {
  // Each is cut from the one before; two cuts are too much for a match.
  Drawing drawing = draw_scene(3, 400, 300);
  Collection photos;
  for (const char* path : {"a", "b", "c", "d"}) {
    photos.add(path, drawing);
    drawing = cropped(drawing, {0.1, 0.1, 0.1, 0.1});
  }
  CHECK(photos.paths() == Paths{{"a", "b"}, {"c", "d"}});
  const Grouping grouping = photos.group_all();
  REQUIRE(grouping.discarded.size() == 1);
  CHECK(photos.photos[grouping.discarded[0].first].path == "b");
  CHECK(photos.photos[grouping.discarded[0].second].path == "c");
}

TEST_CASE("matching: a star is one group although its tips are far apart") {
  const Drawing scene = draw_scene(4, 400, 300);
  Collection photos;
  photos.add("a", scene);
  photos.add("b", cropped(scene, {0.12, 0.12, 0, 0}));
  photos.add("c", cropped(scene, {0, 0.12, 0.12, 0}));
  photos.add("d", cropped(scene, {0.12, 0, 0, 0.12}));
  photos.add("e", cropped(scene, {0, 0, 0.12, 0.12}));
  CHECK(photos.matches_of(1).size() < 4);
  CHECK(photos.paths() == Paths{{"a", "b", "c", "d", "e"}});
  CHECK(photos.group_all().discarded.empty());
}

TEST_CASE("matching: neither order, threads nor memory change the groups") {
  // 600 pictures, half of them copies, and more sketches than the least
  // memory holds.
  Collection photos;
  for (std::uint64_t n = 0; n < 1500; ++n) {
    const std::uint64_t seed = n < 1200 ? n : n * 7 % 400;
    Known one = known(flickering(noise(seed), n), n);
    one.picture.info.width += static_cast<std::uint32_t>(n % 50);
    photos.add("photo" + std::to_string(n), one);
  }
  const auto expected = photos.described(photos.group_all());
  const std::size_t fetched = photos.catalog.fetched;
  REQUIRE(photos.group_all().groups.size() > 100);

  photos.memory_bytes = 1;
  photos.catalog.fetched = 0;
  CHECK(photos.described(photos.group_all()) == expected);
  CHECK(photos.catalog.fetched > fetched);

  photos.threads = 3;
  CHECK(photos.described(photos.group_all()) == expected);

  std::mt19937 random(1);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::uint32_t> place(photos.pictures.size());
    std::iota(place.begin(), place.end(), 0U);
    std::shuffle(place.begin(), place.end(), random);
    const std::vector<Picture> pictures = photos.pictures;
    for (std::uint32_t n = 0; n < place.size(); ++n) {
      photos.pictures[place[n]] = pictures[n];
    }
    for (Photo& photo : photos.photos) photo.picture = place[photo.picture];
    std::shuffle(photos.photos.begin(), photos.photos.end(), random);
    CHECK(photos.described(photos.group_all()) == expected);
  }
}

TEST_CASE("matching: ten thousand nearly equal frames are one star") {
  Collection photos;
  const Thumbnail scene = noise(1);
  for (std::uint64_t n = 0; n < 10'000; ++n) {
    photos.add("frame" + std::to_string(n), known(flickering(scene, n), n));
  }
  photos.memory_bytes = 1;
  const auto finder = photos.make_finder();
  Counting counting(*finder);
  const Grouping grouping = group(photos.photos, photos.pictures, counting);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].members.size() == 10'000);
  CHECK(grouping.discarded.empty());
  // Only the first few are compared with all.
  CHECK(counting.asked <= 16);
  CHECK(counting.matched <= 16 * 10'000);
  CHECK(counting.confirmed == 0);
}

TEST_CASE("matching: a family behind strangers is not compared as a whole") {
  // Batches of 16, twice that, and so on, up to 1024: the next has all frames.
  constexpr std::uint64_t kStrangers = 2032;
  constexpr std::uint64_t kAll = kStrangers + 2000;
  std::vector<Picture> pictures;
  std::vector<Photo> photos;
  for (std::uint64_t n = 0; n < kAll; ++n) {
    Picture picture = known(Thumbnail{}, n).picture;
    const bool is_stranger = n < kStrangers;
    picture.look->hashes = {
        is_stranger ? random_at(1, n) : 0x5a5a5a5a5a5a5a5a ^ (n % 8), 0, 0};
    picture.info.width = is_stranger ? 400 : 300;
    pictures.push_back(picture);
    photos.push_back({"photo", {}, 1000, 0, static_cast<std::uint32_t>(n)});
  }
  const VerifyRule rule = plain_rule();
  const auto finder = make_plain_finder(
      {pictures, rule, [] { return make_index(IndexKind::scan, 1); }});
  Counting counting(*finder);
  const Grouping grouping = group(photos, pictures, counting);
  REQUIRE(grouping.groups.size() == 1);
  CHECK(grouping.groups[0].members.size() == kAll - kStrangers);
  CHECK(counting.matched < 300'000);  // of four million
}

TEST_CASE("matching: too many candidates are answered in parts") {
  Collection photos;
  const Thumbnail scene = noise(1);
  std::vector<std::uint32_t> all;
  for (std::uint32_t n = 0; n < 600; ++n) {
    photos.add("frame" + std::to_string(n), known(flickering(scene, n), n));
    all.push_back(n);
  }
  const auto finder = photos.make_finder();
  const auto answers = finder->find(all);
  REQUIRE_FALSE(answers.empty());
  CHECK(answers.size() < all.size());
  for (const auto& matches : answers) CHECK(matches.size() == all.size() - 1);
}

TEST_CASE("matching: ten thousand white scans are not compared at all") {
  Collection photos;
  Thumbnail white;
  white.luma.fill(250);
  for (std::uint64_t n = 0; n < 10'000; ++n) {
    photos.add("scan" + std::to_string(n), known(flickering(white, n), n));
  }
  const auto finder = photos.make_finder();
  Counting counting(*finder);
  CHECK(group(photos.photos, photos.pictures, counting).groups.empty());
  CHECK(counting.matched == 0);
  CHECK(counting.confirmed == 0);
}

TEST_CASE("matching: what looks like a crowd of strangers is given up") {
  // All have nearly the hashes of one scene, but their own fine structure.
  const ValueNoise scene(1, 4);
  const auto grained = [&](std::uint64_t seed) {
    const ValueNoise grain(seed, 16);
    return drawn_by([&](std::int64_t x, std::int64_t y) {
      return 20 + (130 * scene.at(x, y) + 16 * grain.at(x, y)) / kOne;
    });
  };
  const auto matches_in_crowd = [&](std::uint64_t count) {
    Collection photos;
    const Thumbnail asking = grained(5000);
    Thumbnail copy = asking;
    // Brighter to the right: farther from it than the nearest strangers.
    for (std::size_t n = 0; n < copy.luma.size(); ++n) {
      copy.luma[n] += static_cast<std::uint8_t>(n % 32);
    }
    photos.add("asking", known(asking, 5000));
    photos.add("copy", known(copy, 5001));
    for (std::uint64_t n = 0; n < count; ++n) {
      photos.add("stranger", known(grained(n), n));
    }
    photos.memory_bytes = 1;
    const auto finder = photos.make_finder();
    photos.catalog.fetched = 0;
    const std::size_t found = finder->find(std::vector{0U}).at(0).size();
    // The sketches of those that were given up are not needed.
    CHECK(photos.catalog.fetched <= 1100);
    return found;
  };
  CHECK(matches_in_crowd(300) == 1);
  CHECK(matches_in_crowd(3000) == 0);
}

TEST_CASE("matching: pictures whose sketch is missing match nothing") {
  Collection photos;
  const Drawing scene = draw_scene(1);
  photos.add("a", scene);
  photos.pictures.push_back(remember(scene, 77).picture);
  photos.photos.push_back({"b", {}, 1000, 0, 1});
  CHECK(photos.paths().empty());
  CHECK_FALSE(photos.make_finder()->confirm(0, 1, kUpright));
}

TEST_CASE("matching: the hashes that are named decide what is looked at") {
  Collection photos;
  const Drawing scene = draw_scene(1);
  photos.add("a", scene);
  photos.add("b", noisy(scene, 20, 1));
  for (const HashKind kind :
       {HashKind::dhash, HashKind::ahash, HashKind::whash}) {
    photos.rule = {{kind}, 12};
    CHECK(photos.matches_of(0).size() == 1);
  }
}

TEST_CASE("matching: the search can be interrupted") {
  const std::atomic<bool> stop = true;
  Collection photos;
  photos.add("a", draw_scene(1));
  photos.stop = &stop;
  CHECK_THROWS_AS(photos.make_finder(), Interrupted);
}

TEST_CASE("matching: the search for pictures can be interrupted") {
  std::atomic<bool> stop = false;
  bool is_asking = false;
  Collection photos;
  const Thumbnail scene = noise(1);
  for (std::uint32_t n = 0; n < 1500; ++n) {
    photos.add("frame" + std::to_string(n), known(flickering(scene, n), n));
  }
  const MatchInput input{photos.pictures, photos.rule,
                         [] { return make_index(IndexKind::auto_choice, 1); },
                         &stop};
  // There is no room for all, so that some are fetched again.
  const auto finder = make_sketch_finder(
      input, {.sketches = [&](std::span<const Digest> digests) {
        stop = is_asking;
        return photos.catalog.sketches(digests);
      }});
  REQUIRE_FALSE(stop);
  is_asking = true;
  const std::array<std::uint32_t, 2> asked = {0, 1};
  CHECK_THROWS_AS(finder->find(asked), Interrupted);
  CHECK(stop);
  CHECK_THROWS_AS(finder->find(asked), Interrupted);  // before it fetches any
}

TEST_CASE("matching: fetching many sketches can be interrupted") {
  constexpr std::uint32_t kPictures = 2'000;
  std::atomic<bool> stop = false;
  std::size_t fetches = 0;
  Collection photos;
  const Known known = remember(draw_scene(1), 0);
  for (std::uint32_t n = 0; n < kPictures; ++n) {
    photos.pictures.push_back(known.picture);
  }
  const MatchInput input{photos.pictures, photos.rule,
                         [] { return make_index(IndexKind::auto_choice, 1); },
                         &stop};
  const auto none = [&](std::span<const Digest> digests) {
    stop = ++fetches == 3;
    return std::vector<std::optional<Sketch>>(digests.size());
  };
  CHECK_THROWS_AS(make_sketch_finder(input, {.sketches = none}), Interrupted);
  CHECK(fetches == 3);
}
