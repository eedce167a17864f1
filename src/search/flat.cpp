// Exhaustive search with FAISS IndexBinaryFlat.
#include <faiss/IndexBinaryFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "search/indexes.hpp"
#include "search/join.hpp"

namespace vam {
namespace {

/// FAISS holds all matches of a block of queries. Blocks begin small and follow
/// what the one before found, so that dense hashes do not fill the memory.
constexpr std::size_t kMinBlock = 16;
constexpr std::size_t kMaxBlock = 1024;
constexpr std::size_t kMatchesPerBlock = std::size_t{1} << 20U;

class FlatIndex final : public SearchIndex {
 public:
  explicit FlatIndex(int threads) : threads_(threads) {}

  std::string description() const override { return "FAISS IndexBinaryFlat"; }

  void add(std::span<const std::uint32_t> ids,
           std::span<const Hash> hashes) override {
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    index_.add(static_cast<faiss::IndexBinary::idx_t>(hashes.size()),
               codes(hashes.data()));
  }

  void search(int radius, const Sink& sink) override {
    // FAISS finds every pair from both ends, and each hash itself; the pair is
    // kept where its later hash was found from the earlier one.
    const auto make_pair = [&](std::size_t query, std::size_t added,
                               std::uint32_t distance, Pairs& pairs) {
      if (added <= query) return;
      const auto [first, second] = std::minmax(ids_[query], ids_[added]);
      pairs.push_back({first, second, distance});
    };
    look_for(index_.xb.data(), ids_.size(), radius, make_pair, sink);
  }

  void match(std::span<const std::uint32_t> ids, std::span<const Hash> hashes,
             int radius, const Sink& sink) override {
    const auto make_pair = [&](std::size_t query, std::size_t added,
                               std::uint32_t distance, Pairs& pairs) {
      pairs.push_back({ids_[added], ids[query], distance});
    };
    look_for(codes(hashes.data()), hashes.size(), radius, make_pair, sink);
  }

 private:
  static const std::uint8_t* codes(const Hash* hashes) {
    return reinterpret_cast<const std::uint8_t*>(hashes);
  }

  template <class MakePair>
  void look_for(const std::uint8_t* queries, std::size_t query_count,
                int radius, const MakePair& make_pair, const Sink& sink) const {
    omp_set_num_threads(threads_);
    Pairs pairs;
    std::size_t block = kMinBlock;
    for (std::size_t begin = 0; begin < query_count;) {
      const std::size_t count = std::min(block, query_count - begin);
      pairs.clear();
      const std::size_t matches =
          search_block(queries, begin, count, radius, make_pair, pairs);
      if (sink.filter) sink.filter(pairs);
      sink.take(pairs);
      begin += count;
      const std::size_t per_query = matches / count + 1;
      block = std::clamp(kMatchesPerBlock / per_query, kMinBlock,
                         std::min(kMaxBlock, 2 * block));
    }
  }

  /// Returns how many matches FAISS held.
  template <class MakePair>
  std::size_t search_block(const std::uint8_t* queries, std::size_t begin,
                           std::size_t count, int radius,
                           const MakePair& make_pair, Pairs& pairs) const {
    faiss::RangeSearchResult result(
        static_cast<faiss::IndexBinary::idx_t>(count));
    // FAISS keeps what is nearer than the radius, without equality.
    index_.range_search(static_cast<faiss::IndexBinary::idx_t>(count),
                        queries + begin * sizeof(Hash), radius + 1, &result);
    for (std::size_t query = 0; query < count; ++query) {
      const std::size_t first_of_query = pairs.size();
      for (auto at = result.lims[query]; at < result.lims[query + 1]; ++at) {
        make_pair(begin + query, static_cast<std::size_t>(result.labels[at]),
                  static_cast<std::uint32_t>(result.distances[at]), pairs);
      }
      std::sort(pairs.begin() + static_cast<std::ptrdiff_t>(first_of_query),
                pairs.end());
    }
    return result.lims[count];
  }

  int threads_;
  std::vector<std::uint32_t> ids_;
  faiss::IndexBinaryFlat index_{kHashBits};
};

}  // namespace

std::unique_ptr<SearchIndex> make_flat_index(int threads) {
  return std::make_unique<FlatIndex>(threads);
}

}  // namespace vam
