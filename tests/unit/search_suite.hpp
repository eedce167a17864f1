// What every search index must do; each is checked against a popcount loop.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "vam/search.hpp"

struct HashList {
  std::vector<std::uint32_t> ids;
  std::vector<vam::Hash> hashes;
};

inline std::vector<vam::CandidatePair> pairs_by_loop(const HashList& list,
                                                     int radius) {
  std::vector<vam::CandidatePair> pairs;
  for (std::size_t a = 0; a < list.ids.size(); ++a) {
    for (std::size_t b = a + 1; b < list.ids.size(); ++b) {
      const int distance =
          vam::hamming_distance(list.hashes[a], list.hashes[b]);
      if (distance > radius) continue;
      const auto [first, second] = std::minmax(list.ids[a], list.ids[b]);
      pairs.push_back({first, second, static_cast<std::uint32_t>(distance)});
    }
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

inline std::vector<vam::CandidatePair> matches_by_loop(const HashList& added,
                                                       const HashList& given,
                                                       int radius) {
  std::vector<vam::CandidatePair> pairs;
  for (std::size_t a = 0; a < added.ids.size(); ++a) {
    for (std::size_t b = 0; b < given.ids.size(); ++b) {
      const int distance =
          vam::hamming_distance(added.hashes[a], given.hashes[b]);
      if (distance > radius) continue;
      pairs.push_back(
          {added.ids[a], given.ids[b], static_cast<std::uint32_t>(distance)});
    }
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

/// What an index hands over, block by block.
class Blocks {
 public:
  vam::SearchIndex::Sink sink() {
    return {[this](std::span<const vam::CandidatePair> block) {
      blocks_.emplace_back(block.begin(), block.end());
    }};
  }

  std::vector<vam::CandidatePair> sorted() const {
    std::vector<vam::CandidatePair> pairs;
    for (const auto& block : blocks_) {
      pairs.insert(pairs.end(), block.begin(), block.end());
    }
    std::sort(pairs.begin(), pairs.end());
    return pairs;
  }

  std::size_t pair_count() const {
    std::size_t count = 0;
    for (const auto& block : blocks_) count += block.size();
    return count;
  }

  std::size_t largest() const {
    std::size_t size = 0;
    for (const auto& block : blocks_) size = std::max(size, block.size());
    return size;
  }

  bool operator==(const Blocks&) const = default;

 private:
  std::vector<std::vector<vam::CandidatePair>> blocks_;
};

inline Blocks blocks_of(vam::SearchIndex& index, int radius) {
  Blocks blocks;
  index.search(radius, blocks.sink());
  return blocks;
}

inline std::vector<vam::CandidatePair> pairs_of(vam::SearchIndex& index,
                                                int radius) {
  return blocks_of(index, radius).sorted();
}

inline Blocks match_blocks_of(vam::SearchIndex& index, const HashList& given,
                              int radius) {
  Blocks blocks;
  index.match(given.ids, given.hashes, radius, blocks.sink());
  return blocks;
}

enum class Spread {
  uniform,
  skewed,      ///< around a few centres, as photos of one place are
  half_fixed,  ///< half of them, uniform, differ in 24 bits only
  most_fixed   ///< 15 of 16 do
};

inline vam::Hash random_hash(Spread spread, std::mt19937_64& random) {
  constexpr vam::Hash kOddBits = 0x5500550055AA55AAULL;
  vam::Hash hash = random();
  switch (spread) {
    case Spread::uniform:
      return hash;
    case Spread::skewed:
      hash = hash % 5 * 0x0123456789abcdefULL;
      for (auto flips = random() % 9; flips > 0; --flips) {
        hash ^= vam::Hash{1} << random() % 64;
      }
      return hash;
    case Spread::half_fixed:
      return random() % 2 == 0 ? hash : hash & kOddBits;
    case Spread::most_fixed:
      return random() % 16 == 0 ? hash : hash & kOddBits;
  }
  return hash;
}

/// Distinct hashes, in no order. Ids need not be dense.
inline HashList make_hashes(std::size_t count, Spread spread, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<vam::Hash> hashes;
  while (hashes.size() < count) {
    hashes.push_back(random_hash(spread, random));
    if (hashes.size() == count) {
      std::sort(hashes.begin(), hashes.end());
      hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    }
  }
  std::shuffle(hashes.begin(), hashes.end(), random);
  HashList list;
  for (const vam::Hash hash : hashes) {
    list.ids.push_back(static_cast<std::uint32_t>(3 * list.ids.size() + 7));
    list.hashes.push_back(hash);
  }
  return list;
}

using MakeIndex = std::function<std::unique_ptr<vam::SearchIndex>(int threads)>;

inline std::unique_ptr<vam::SearchIndex> index_with(const MakeIndex& make,
                                                    int threads,
                                                    const HashList& list) {
  auto index = make(threads);
  index->add(list.ids, list.hashes);
  return index;
}

/// What is matched with a list: it has ids of its own, and hashes of the list.
inline HashList given_for(const HashList& list) {
  HashList given = make_hashes(700, Spread::skewed, 11);
  given.ids.insert(given.ids.end(), list.ids.begin(), list.ids.begin() + 300);
  given.hashes.insert(given.hashes.end(), list.hashes.begin() + 100,
                      list.hashes.begin() + 400);
  return given;
}

struct Expected {
  std::vector<vam::CandidatePair> pairs;
  std::vector<vam::CandidatePair> matches;
};

/// By popcount loops, which run once for all indexes.
inline const Expected& expected_of(const HashList& list, int radius) {
  static std::map<std::pair<std::vector<vam::Hash>, int>, Expected> known;
  const auto [place, is_new] = known.try_emplace({list.hashes, radius});
  if (is_new) {
    place->second = {pairs_by_loop(list, radius),
                     matches_by_loop(list, given_for(list), radius)};
  }
  return place->second;
}

/// Pairs and matches are those of a popcount loop, and blocks are the same
/// whatever the number of threads.
inline void check_against_loop(const MakeIndex& make, const HashList& list,
                               int radius) {
  const HashList given = given_for(list);
  const auto single = index_with(make, 1, list);
  const Blocks found = blocks_of(*single, radius);
  const Blocks matched = match_blocks_of(*single, given, radius);
  const Expected& expected = expected_of(list, radius);
  CHECK(found.sorted() == expected.pairs);
  CHECK(matched.sorted() == expected.matches);
  const auto threaded = index_with(make, 3, list);
  CHECK(blocks_of(*threaded, radius) == found);
  CHECK(match_blocks_of(*threaded, given, radius) == matched);
}

inline void check_search_index(const MakeIndex& make) {
  using Pairs = std::vector<vam::CandidatePair>;
  SECTION("an empty index has no pairs, and matches nothing") {
    const auto index = make(2);
    CHECK(pairs_of(*index, 64).empty());
    CHECK(match_blocks_of(*index, {{1, 2}, {3, 4}}, 64).sorted().empty());
  }
  SECTION("one hash has no pair with itself") {
    const auto index = index_with(make, 1, {{5}, {0x1234}});
    CHECK(pairs_of(*index, 64).empty());
    CHECK(match_blocks_of(*index, {}, 64).sorted().empty());
    CHECK(match_blocks_of(*index, {{5}, {0x1234}}, 0).sorted() ==
          Pairs{{5, 5, 0}});
  }
  SECTION("the radius includes its own distance and no more") {
    const auto index =
        index_with(make, 1, {{1, 2, 3}, {0b0, 0b11111, 0b111111}});
    CHECK(pairs_of(*index, 5) == Pairs{{1, 2, 5}, {2, 3, 1}});
    CHECK(pairs_of(*index, 0).empty());
    CHECK(match_blocks_of(*index, {{9}, {0b10000}}, 4).sorted() ==
          Pairs{{1, 9, 1}, {2, 9, 4}});
  }
  SECTION("opposite hashes are 64 bits apart") {
    const auto index = index_with(make, 1, {{1, 2}, {0, ~vam::Hash{0}}});
    CHECK(pairs_of(*index, 63).empty());
    CHECK(pairs_of(*index, 64) == Pairs{{1, 2, 64}});
    CHECK(match_blocks_of(*index, {{3}, {0}}, 63).sorted() == Pairs{{1, 3, 0}});
    CHECK(match_blocks_of(*index, {{3}, {0}}, 64).sorted() ==
          Pairs{{1, 3, 0}, {2, 3, 64}});
  }
  SECTION("pairs are ordered by id, matches are not") {
    const auto index = index_with(make, 1, {{8, 3}, {0b1, 0b0}});
    CHECK(pairs_of(*index, 1) == Pairs{{3, 8, 1}});
    CHECK(match_blocks_of(*index, {{2, 9}, {0b0, 0b0}}, 0).sorted() ==
          Pairs{{3, 2, 0}, {3, 9, 0}});
  }
  SECTION("all pairs of a dense cluster come, without a cap") {
    HashList list;
    for (std::uint32_t bit = 0; bit < 64; ++bit) {
      list.ids.push_back(bit);
      list.hashes.push_back(vam::Hash{1} << bit);
    }
    const auto index = index_with(make, 2, list);
    CHECK(pairs_of(*index, 2).size() == 64 * 63 / 2);
    CHECK(match_blocks_of(*index, list, 2).sorted().size() == 64 * 64);
  }
  SECTION("pairs are those of a popcount loop, whatever the threads") {
    for (const Spread spread : {Spread::uniform, Spread::skewed}) {
      const HashList list = make_hashes(1200, spread, 42);
      for (const int radius : {0, 1, 5, 14, 24}) {
        CAPTURE(spread, radius);
        check_against_loop(make, list, radius);
      }
      // All pairs there are.
      check_against_loop(make, make_hashes(420, spread, 42), 64);
    }
  }
  SECTION("many hashes with few different bits are no exception") {
    for (const Spread spread :
         {Spread::skewed, Spread::half_fixed, Spread::most_fixed}) {
      const HashList list = make_hashes(9000, spread, 3);
      CAPTURE(spread);
      check_against_loop(make, list, 2);
    }
  }
  SECTION("blocks are bounded, whatever there is to find") {
    const HashList list = make_hashes(3000, Spread::uniform, 5);
    const Blocks blocks = blocks_of(*index_with(make, 2, list), 64);
    CHECK(blocks.pair_count() == 3000 * 2999 / 2);
    CHECK(blocks.largest() < 3000 * 2999 / 4);
  }
  SECTION("the sink may end the search") {
    const HashList list = make_hashes(1500, Spread::uniform, 5);
    const auto index = index_with(make, 2, list);
    const vam::SearchIndex::Sink stop{
        [](std::span<const vam::CandidatePair>) { throw 1; }};
    CHECK_THROWS_AS(index->search(5, stop), int);
    CHECK_THROWS_AS(index->match(list.ids, list.hashes, 5, stop), int);
    CHECK(pairs_of(*index, 14) == pairs_by_loop(list, 14));
  }
  SECTION("only pairs that are wanted are given out") {
    const HashList list = make_hashes(3000, Spread::skewed, 7);
    const auto index = index_with(make, 2, list);
    Blocks blocks;
    vam::SearchIndex::Sink sink = blocks.sink();
    const auto is_unwanted = [](const vam::CandidatePair& pair) {
      return (pair.first * 3 + pair.second) % 5 != pair.distance % 5;
    };
    sink.filter = [&](std::vector<vam::CandidatePair>& pairs) {
      std::erase_if(pairs, is_unwanted);
    };
    index->match(list.ids, list.hashes, 14, sink);
    auto expected = matches_by_loop(list, list, 14);
    CHECK(std::erase_if(expected, is_unwanted) > 0);
    CHECK_FALSE(expected.empty());
    CHECK(blocks.sorted() == expected);
    Blocks of_three;
    vam::SearchIndex::Sink sink_of_three = of_three.sink();
    sink_of_three.filter = sink.filter;
    index_with(make, 3, list)->match(list.ids, list.hashes, 14, sink_of_three);
    CHECK(of_three == blocks);
    sink.filter = [](std::vector<vam::CandidatePair>&) { throw 1; };
    CHECK_THROWS_AS(index->search(14, sink), int);
  }
  SECTION("hashes may be added in parts") {
    const HashList list = make_hashes(100, Spread::skewed, 7);
    const auto index = make(2);
    index->add(std::span(list.ids).first(40), std::span(list.hashes).first(40));
    index->add(std::span(list.ids).subspan(40),
               std::span(list.hashes).subspan(40));
    CHECK(pairs_of(*index, 10) == pairs_by_loop(list, 10));
  }
}
