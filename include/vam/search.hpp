// Finds all pairs of hashes within a Hamming radius.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/hash.hpp"

namespace vam {

/// Two ids whose hashes are near. Of search(): first < second, both added. Of
/// match(): `first` was added and `second` was given, in no order.
struct CandidatePair {
  std::uint32_t first;
  std::uint32_t second;
  std::uint32_t distance;  ///< bits, 0..64

  auto operator<=>(const CandidatePair&) const = default;
};

/// Exact joins over hashes. Add distinct hashes: n equal ones are n * n / 2
/// pairs. Not thread-safe: one call at a time; what it does, it does with the
/// threads that it was made with.
class SearchIndex {
 public:
  /// Where pairs go.
  struct Sink {
    /// Given blocks of pairs, each pair once over all blocks, by the thread
    /// that called. A block may be empty: the call is also there for the caller
    /// to end the search by throwing. The span is only valid during the call.
    std::function<void(std::span<const CandidatePair>)> take;
    /// Takes out what is not wanted; empty: all is. Keeps the order, and asks
    /// nothing but the pair. Called by many threads at once, each with some
    /// pairs of its own. What it throws ends the search.
    std::function<void(std::vector<CandidatePair>&)> filter = {};
  };

  virtual ~SearchIndex() = default;

  /// The method, for people; once something was looked for, also what was
  /// chosen for the last time, and why.
  virtual std::string description() const = 0;
  /// `ids` and `hashes` have the same length.
  virtual void add(std::span<const std::uint32_t> ids,
                   std::span<const Hash> hashes) = 0;
  /// Finds every pair of added hashes at most `radius` bits apart (0..64), all
  /// that are wanted, without a cap. Blocks and the pairs in them come in an
  /// order that only depends on what was added, not on the number of threads or
  /// the kind of processor. Memory is bounded by a block, not by all pairs.
  virtual void search(int radius, const Sink& sink) = 0;
  /// Finds every pair of an added hash and a given one at most `radius` bits
  /// apart, in the same way. Given hashes may repeat, and their ids may be
  /// those of added ones: both are only handed through. Nothing is added.
  virtual void match(std::span<const std::uint32_t> ids,
                     std::span<const Hash> hashes, int radius,
                     const Sink& sink) = 0;
};

enum class IndexKind { auto_choice, flat, scan, bands };

struct IndexMethod {
  IndexKind kind;
  std::string_view name;  ///< as given to --index
  /// An empty index; `threads` is at least 1.
  std::unique_ptr<SearchIndex> (*make)(int threads);
};

/// All kinds, auto_choice first. They find the same pairs, in different orders.
std::span<const IndexMethod> index_methods();

std::optional<IndexKind> index_kind_of(std::string_view name);

/// `threads` is at least 1.
std::unique_ptr<SearchIndex> make_index(IndexKind kind, int threads);

}  // namespace vam
