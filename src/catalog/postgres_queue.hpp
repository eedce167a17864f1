// Files to read, handed out by the server to whoever asks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "catalog/postgres_lease.hpp"
#include "catalog/postgres_search.hpp"
#include "catalog/postgres_session.hpp"
#include "vam/catalog.hpp"

namespace vam {

/// Has a connection of its own, and another one to renew leases while the
/// process works. No transaction is open between calls.
class PostgresQueue final : public WorkQueue {
 public:
  using Store = std::function<void(PostgresConnection&, const CatalogBatch&)>;

  /// Within a transaction, `bring` brings what was learned to the server, and
  /// `merge` adds or replaces it.
  PostgresQueue(const std::string& address, const CatalogAccess& access,
                Store bring, Store merge);

  void join(const Digest& key, const std::string& decoders,
            const std::function<std::vector<QueuedFile>()>& plan) override;
  std::optional<Chunk> take() override;
  bool complete(const Chunk& chunk, ChunkResult result) override;
  void give_back(const Chunk& chunk) override;
  bool is_done() override;
  JobResult result() override;
  SearchQueue& search() override { return search_; }

 private:
  /// What has been leased, before it is known whether it may be read.
  struct Lease {
    Chunk chunk;
    std::int64_t deaths = 0;  ///< of processes that had it
  };

  static void fill_job(PostgresConnection& connection, std::int64_t job,
                       const std::vector<QueuedFile>& files);
  static void add_task(std::optional<Lease>& leased, const Row& row,
                       std::int64_t token);
  std::optional<Lease> lease(std::int64_t token);
  std::optional<Chunk> after_deaths(const Lease& leased);
  void split(PostgresConnection& connection, const Chunk& chunk);
  void give_up(PostgresConnection& connection, const Chunk& chunk);
  void leave(const Chunk& chunk) noexcept;
  void bring_outcomes(PostgresConnection& connection,
                      std::span<const QueuedOutcome> outcomes);
  static bool lacks_pictures(PostgresConnection& connection,
                             const ChunkResult& result);

  const std::chrono::seconds lease_;
  const Store bring_;
  const Store merge_;
  PostgresSession session_;
  LeaseKeeper keeper_;
  PostgresSearch search_;
  std::int64_t job_ = 0;
};

}  // namespace vam
