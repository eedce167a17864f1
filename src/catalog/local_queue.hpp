// Work that the only process of a catalog leases to itself.
//
// A catalog in a folder is locked for one process. What it has leased dies with
// it, and who comes next begins anew: so leases lie in memory, never on the
// disk, and they do not run out. What matters is what was learned, and that is
// in the catalog.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/catalog.hpp"

namespace vam {

/// Remembers the units that were asked last, and forgets those before.
class LocalSearch final : public SearchQueue {
 public:
  void join(const Digest& key) override;
  bool ask(std::span<const Digest> units) override;
  std::optional<UnitLease> take(std::size_t end, std::size_t most) override;
  bool answer(const UnitLease& lease, std::size_t unit,
              std::string_view answer) override;
  void give_back(const UnitLease& lease) override;
  std::vector<UnitAnswer> answers(std::span<const std::size_t> units) override;

 private:
  struct Unit {
    std::int64_t token = 0;  ///< of its lease; 0: there is none
    std::optional<std::string> answer;
  };

  std::vector<Unit> units_;
  std::int64_t last_token_ = 0;
};

/// Hands out all files as one chunk: at the end of each, workers wait for each
/// other. The files are in the queue or in the chunk, never in both.
class LocalQueue final : public WorkQueue {
 public:
  /// The catalog must outlive it.
  explicit LocalQueue(Catalog& catalog) : catalog_(catalog) {}

  void join(const Digest& key, const std::string& decoders,
            const std::function<std::vector<QueuedFile>()>& plan) override;
  std::optional<Chunk> take() override;
  bool complete(const Chunk& chunk, ChunkResult result) override;
  void give_back(const Chunk& chunk) override;
  bool is_done() override { return state_ == State::done; }
  JobResult result() override;
  SearchQueue& search() override { return search_; }

 private:
  enum class State : std::uint8_t { ready, leased, done };

  bool holds(const Chunk& chunk) const;

  Catalog& catalog_;
  State state_ = State::done;  ///< of the chunk
  std::int64_t token_ = 0;     ///< of its last lease
  std::vector<QueuedFile> files_;
  JobResult result_;
  LocalSearch search_;
};

}  // namespace vam
