// Exhaustive search with FAISS IndexBinaryFlat.
#include <faiss/IndexBinaryFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/FaissException.h>
#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>
#include <vector>

#include "vam/error.hpp"
#include "vam/search.hpp"

namespace vam {
namespace {

/// Queries per block: enough to keep every core busy, few enough that the
/// matches of a dense block stay small.
constexpr std::size_t kBlock = 1024;

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
    for (std::size_t begin = 0; begin < ids_.size(); begin += kBlock) {
      const std::size_t count = std::min(kBlock, ids_.size() - begin);
      pairs.clear();
      search_block(begin, count, radius, pairs);
      if (!pairs.empty()) sink(pairs);
    }
  }

 private:
  static const std::uint8_t* codes(const Hash* hashes) {
    return reinterpret_cast<const std::uint8_t*>(hashes);
  }

  /// FAISS finds every pair from both ends, and each hash itself; the pair is
  /// kept where its later hash was found from the earlier one.
  void search_block(std::size_t begin, std::size_t count, int radius,
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
