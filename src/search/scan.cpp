// Exhaustive search: every hash is compared with every other one.
//
// Comparing means to count the bits that differ, for billions of pairs. Instead
// of counting in one pair after the other (xor, population count), this counts
// in 512 at once: the hashes are turned so that a vector holds the same bit of
// 512 of them (a plane), and the 64 planes of differences are added up by full
// adders, which are two instructions each: "bit-sliced" or "vertical" counting,
// with the carry-save adders of Harley and Seal (in: H. S. Warren, Hacker's
// Delight, 2nd edition, section 5-1). The first layer of adders, over three
// planes each, has only eight results that a query can ask for: they are worked
// out once per block and looked up, so that queries need no xor at all. A
// constant is added, so that the last carry says who is beyond the radius.
//
// On a processor with AVX-512 this needs 80 instructions for 512 pairs, where
// its population count needs at least 128 (0.033 against 0.056 ns a pair, at
// 3.1 GHz), and needs no special instruction.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "search/indexes.hpp"
#include "search/join.hpp"
#include "search/pipeline.hpp"
#include "search/tile.hpp"

namespace vam {
namespace {

/// Transposes a matrix of 64 x 64 bits by swapping ever smaller quarters
/// (Warren, section 7-3).
void transpose(std::array<std::uint64_t, 64>& rows) {
  std::uint64_t mask = 0xFFFFFFFF;
  for (std::size_t width = 32; width > 0; width >>= 1U, mask ^= mask << width) {
    for (std::size_t row = 0; row < 64; row = ((row | width) + 1) & ~width) {
      const std::uint64_t swap =
          (rows[row] >> width ^ rows[row | width]) & mask;
      rows[row] ^= swap << width;
      rows[row | width] ^= swap;
    }
  }
}

/// The last block may have fewer hashes; the rest is zero.
BitPlanes planes_of(std::span<const Hash> hashes) {
  BitPlanes planes;
  for (std::size_t word = 0; word < kBlockWords; ++word) {
    std::array<std::uint64_t, 64> rows{};
    const std::size_t begin = std::min(word * 64, hashes.size());
    const std::size_t count = std::min<std::size_t>(64, hashes.size() - begin);
    std::ranges::copy(hashes.subspan(begin, count), rows.begin());
    transpose(rows);
    for (std::size_t bit = 0; bit < kHashBits; ++bit) {
      planes[bit].words[word] = rows[bit];
    }
  }
  return planes;
}

std::size_t blocks_of(std::size_t count) {
  return (count + kBlock - 1) / kBlock;
}

/// A block of the first points against one of the second.
struct Tile {
  std::size_t first;
  std::size_t second;
};

/// The tiles of a join, in order. Of a self-join, those with first <= second.
class Tiles {
 public:
  explicit Tiles(const Join& join)
      : is_self_(join.is_self),
        first_blocks_(blocks_of(join.first.size())),
        second_blocks_(blocks_of(join.second.size())) {}

  std::size_t count() const {
    return is_self_ ? first_blocks_ * (first_blocks_ + 1) / 2
                    : first_blocks_ * second_blocks_;
  }

  Tile operator[](std::size_t n) const {
    if (!is_self_) return {n % first_blocks_, n / first_blocks_};
    // The largest row with row * (row + 1) / 2 <= n.
    auto row = static_cast<std::size_t>(
        std::sqrt(2.0 * static_cast<double>(n) + 0.25) - 0.5);
    while (row * (row + 1) / 2 > n) --row;
    while ((row + 1) * (row + 2) / 2 <= n) ++row;
    return {n - row * (row + 1) / 2, row};
  }

 private:
  bool is_self_;
  std::size_t first_blocks_;
  std::size_t second_blocks_;
};

class TileScan {
 public:
  TileScan(const Join& join, int radius, int threads, const PairFilter& filter)
      : join_(join), radius_(radius), filter_(filter) {
    if (radius < kHashBits) planes_ = planes_of_blocks(threads);
  }

  void scan(const Tile& tile, Pairs& pairs) const {
    const std::size_t first_begin = tile.first * kBlock;
    const std::size_t second_begin = tile.second * kBlock;
    const auto queries = block_of(join_.first.hashes, first_begin);
    const auto block = block_of(join_.second.hashes, second_begin);
    std::array<TileHit, kBlock> hits;
    const std::size_t hit_count = find_hits(queries, tile.second, hits);
    for (const TileHit& hit : std::span(hits).first(hit_count)) {
      const std::size_t first = first_begin + hit.query;
      for (std::size_t word = 0; word < kBlockWords; ++word) {
        for (std::uint64_t near = hit.near.words[word]; near != 0;
             near &= near - 1) {
          const std::size_t lane =
              64 * word + static_cast<std::size_t>(std::countr_zero(near));
          if (lane < block.size()) take(first, second_begin + lane, pairs);
        }
      }
    }
  }

 private:
  static std::span<const Hash> block_of(std::span<const Hash> hashes,
                                        std::size_t begin) {
    return hashes.subspan(begin, std::min(kBlock, hashes.size() - begin));
  }

  std::vector<BitPlanes> planes_of_blocks(int threads) const {
    std::vector<BitPlanes> planes(blocks_of(join_.second.size()));
#pragma omp parallel for num_threads(threads)
    for (std::size_t block = 0; block < planes.size(); ++block) {
      planes[block] = planes_of(block_of(join_.second.hashes, block * kBlock));
    }
    return planes;
  }

  std::size_t find_hits(std::span<const Hash> queries, std::size_t block,
                        std::array<TileHit, kBlock>& hits) const {
    if (radius_ < kHashBits) {
      const TileKernel& kernel = tile_kernel();
      BlockTable table;
      kernel.prepare(planes_[block], radius_, table);
      return kernel.compare(table, queries.data(), queries.size(), hits.data());
    }
    for (std::uint32_t query = 0; query < queries.size(); ++query) {
      hits[query].query = query;
      hits[query].near.words.fill(~std::uint64_t{0});
    }
    return queries.size();
  }

  void take(std::size_t first, std::size_t second, Pairs& pairs) const {
    if (join_.is_self && second <= first) return;
    const Hash difference =
        join_.first.hashes[first] ^ join_.second.hashes[second];
    if (filter_ && !filter_(difference)) return;
    pairs.push_back(join_.pair(join_.first.ids[first], join_.second.ids[second],
                               std::popcount(difference)));
  }

  const Join& join_;
  int radius_;
  const PairFilter& filter_;
  std::vector<BitPlanes> planes_;  ///< of the second points
};

class ScanIndex final : public SearchIndex {
 public:
  explicit ScanIndex(int threads) : threads_(threads) {}

  std::string description() const override {
    return std::string("a scan of all pairs with ") + scan_instructions();
  }

  void add(std::span<const std::uint32_t> ids,
           std::span<const Hash> hashes) override {
    points_.add(ids, hashes);
  }

  void search(int radius, const Sink& sink) override {
    scan_join(Join::of(points_.points()), radius, threads_, {}, sink);
  }

  void match(std::span<const std::uint32_t> ids, std::span<const Hash> hashes,
             int radius, const Sink& sink) override {
    scan_join(Join::of(points_.points(), {ids, hashes}), radius, threads_, {},
              sink);
  }

 private:
  int threads_;
  PointList points_;
};

}  // namespace

void scan_join(const Join& join, int radius, int threads,
               const PairFilter& filter, const SearchIndex::Sink& sink) {
  const Tiles tiles(join);
  const TileScan tile_scan(join, radius, threads, filter);
  Pipeline(threads, sink).run(tiles.count(), [&](std::size_t n, Pairs& pairs) {
    tile_scan.scan(tiles[n], pairs);
  });
}

const char* scan_instructions() { return tile_kernel().name; }

std::unique_ptr<SearchIndex> make_scan_index(int threads) {
  return std::make_unique<ScanIndex>(threads);
}

}  // namespace vam
