// Exhaustive search with FAISS IndexBinaryFlat.
#include <faiss/IndexBinaryFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "vam/search.hpp"

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

  std::string_view name() const override { return "FAISS IndexBinaryFlat"; }

  void add(std::span<const std::uint32_t> ids,
           std::span<const Hash> hashes) override {
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    index_.add(static_cast<faiss::IndexBinary::idx_t>(hashes.size()),
               codes(hashes.data()));
  }

  void search(int radius, const Sink& sink) override {
    omp_set_num_threads(threads_);
    std::vector<CandidatePair> pairs;
    std::size_t block = kMinBlock;
    for (std::size_t begin = 0; begin < ids_.size();) {
      const std::size_t count = std::min(block, ids_.size() - begin);
      pairs.clear();
      const std::size_t matches = search_block(begin, count, radius, pairs);
      sink(pairs);
      begin += count;
      const std::size_t per_query = matches / count + 1;
      block = std::clamp(kMatchesPerBlock / per_query, kMinBlock,
                         std::min(kMaxBlock, 2 * block));
    }
  }

 private:
  static const std::uint8_t* codes(const Hash* hashes) {
    return reinterpret_cast<const std::uint8_t*>(hashes);
  }

  /// FAISS finds every pair from both ends, and each hash itself; the pair is
  /// kept where its later hash was found from the earlier one. Returns how many
  /// matches FAISS held.
  std::size_t search_block(std::size_t begin, std::size_t count, int radius,
                           std::vector<CandidatePair>& pairs) const {
    faiss::RangeSearchResult result(
        static_cast<faiss::IndexBinary::idx_t>(count));
    const std::uint8_t* queries = index_.xb.data() + begin * sizeof(Hash);
    // FAISS keeps what is nearer than the radius, without equality.
    index_.range_search(static_cast<faiss::IndexBinary::idx_t>(count), queries,
                        radius + 1, &result);
    for (std::size_t query = 0; query < count; ++query) {
      const std::size_t from = begin + query;
      const std::size_t first_of_query = pairs.size();
      for (auto at = result.lims[query]; at < result.lims[query + 1]; ++at) {
        const auto to = static_cast<std::size_t>(result.labels[at]);
        if (to <= from) continue;
        const auto [first, second] = std::minmax(ids_[from], ids_[to]);
        pairs.push_back(
            {first, second, static_cast<std::uint32_t>(result.distances[at])});
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
