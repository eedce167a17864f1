// Finds all pairs of hashes within a Hamming radius.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "vam/hash.hpp"

namespace vam {

/// Two ids whose hashes are near, first < second.
struct CandidatePair {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  std::uint32_t distance = 0;  ///< bits, 0..64

  auto operator<=>(const CandidatePair&) const = default;
};

/// An exact self-join over hashes. Add distinct hashes: n equal ones are
/// n * n / 2 pairs.
class SearchIndex {
 public:
  /// Given blocks of pairs, each pair once over all blocks. A block may be
  /// empty: the call is also there for the caller to end the search by
  /// throwing. The span is only valid during the call.
  using Sink = std::function<void(std::span<const CandidatePair>)>;

  virtual ~SearchIndex() = default;

  virtual std::string_view name() const = 0;
  /// `ids` and `hashes` have the same length.
  virtual void add(std::span<const std::uint32_t> ids,
                   std::span<const Hash> hashes) = 0;
  /// Finds every pair at most `radius` bits apart (0..64), all of them,
  /// without a cap. Blocks and the pairs in them come in an order that only
  /// depends on what was added. Memory is bounded by a block, not by all pairs.
  virtual void search(int radius, const Sink& sink) = 0;
};

/// FAISS IndexBinaryFlat with this many threads.
std::unique_ptr<SearchIndex> make_flat_index(int threads);

}  // namespace vam
