// What every search index must do; each is checked against a popcount loop.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
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

/// Pairs in the order in which the index hands them over.
inline std::vector<vam::CandidatePair> pairs_of(vam::SearchIndex& index,
                                                int radius) {
  std::vector<vam::CandidatePair> pairs;
  index.search(radius, [&](std::span<const vam::CandidatePair> block) {
    pairs.insert(pairs.end(), block.begin(), block.end());
  });
  return pairs;
}

/// Distinct hashes: uniform ones, or (skewed) a few centres with all sorts of
/// neighbours, as photos of one place have.
inline HashList make_hashes(std::size_t count, bool skewed, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<vam::Hash> hashes;
  while (hashes.size() < count) {
    vam::Hash hash = random();
    if (skewed) {
      hash = hash % 5 * 0x0123456789abcdefULL;
      for (auto flips = random() % 9; flips > 0; --flips) {
        hash ^= vam::Hash{1} << random() % 64;
      }
    }
    hashes.push_back(hash);
    if (hashes.size() == count) {
      std::sort(hashes.begin(), hashes.end());
      hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    }
  }
  std::shuffle(hashes.begin(), hashes.end(), random);
  HashList list;
  for (const vam::Hash hash : hashes) {
    // Ids need not be dense.
    list.ids.push_back(static_cast<std::uint32_t>(3 * list.ids.size() + 7));
    list.hashes.push_back(hash);
  }
  return list;
}

using MakeIndex = std::function<std::unique_ptr<vam::SearchIndex>(int threads)>;

inline void check_search_index(const MakeIndex& make) {
  SECTION("an empty index has no pairs") {
    CHECK(pairs_of(*make(2), 64).empty());
  }
  SECTION("one hash has no pair with itself") {
    const auto index = make(1);
    const HashList list{{5}, {0x1234}};
    index->add(list.ids, list.hashes);
    CHECK(pairs_of(*index, 64).empty());
  }
  SECTION("the radius includes its own distance and no more") {
    const auto index = make(1);
    const HashList list{{1, 2, 3}, {0b0, 0b11111, 0b111111}};
    index->add(list.ids, list.hashes);
    CHECK(pairs_of(*index, 5) ==
          std::vector<vam::CandidatePair>{{1, 2, 5}, {2, 3, 1}});
    CHECK(pairs_of(*index, 0).empty());
  }
  SECTION("all pairs of a dense cluster come, without a cap") {
    HashList list;
    for (std::uint32_t bit = 0; bit < 64; ++bit) {
      list.ids.push_back(bit);
      list.hashes.push_back(vam::Hash{1} << bit);
    }
    const auto index = make(2);
    index->add(list.ids, list.hashes);
    CHECK(pairs_of(*index, 2).size() == 64 * 63 / 2);
  }
  SECTION("pairs are those of a popcount loop, whatever the threads") {
    for (const bool skewed : {false, true}) {
      const HashList list = make_hashes(2500, skewed, 42);
      for (const int radius : {0, 5, 14, 24}) {
        CAPTURE(skewed, radius);
        const auto index = make(1);
        index->add(list.ids, list.hashes);
        const auto pairs = pairs_of(*index, radius);
        auto sorted = pairs;
        std::sort(sorted.begin(), sorted.end());
        CHECK(sorted == pairs_by_loop(list, radius));

        const auto threaded = make(3);
        threaded->add(list.ids, list.hashes);
        CHECK(pairs_of(*threaded, radius) == pairs);
      }
    }
  }
  SECTION("hashes may be added in parts") {
    const HashList list = make_hashes(100, true, 7);
    const auto index = make(2);
    index->add(std::span(list.ids).first(40), std::span(list.hashes).first(40));
    index->add(std::span(list.ids).subspan(40),
               std::span(list.hashes).subspan(40));
    auto pairs = pairs_of(*index, 10);
    std::sort(pairs.begin(), pairs.end());
    CHECK(pairs == pairs_by_loop(list, 10));
  }
}
