// What a process has of the chunks of a job for some time, and keeps while it
// works.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "catalog/postgres_session.hpp"

namespace vam {

/// Chunks with these numbers, as far as they carry the token.
struct PostgresLease {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t token = 0;
};

/// Of 63 bits: no two leases have the same.
std::int64_t random_token();

/// Lets others have at once what is leased and not done.
void give_back(PostgresSession& session, const PostgresLease& lease);

/// Renews a lease, over a connection of its own, in a thread of its own. One
/// thread at a time.
class LeaseKeeper {
 public:
  /// Connects. A lease lasts for so long.
  LeaseKeeper(const std::string& address, std::chrono::seconds lasts);
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;
  ~LeaseKeeper();

  /// Keeps this one from now on, or none.
  void keep(std::optional<PostgresLease> lease);

 private:
  void renew_leases();

  const std::chrono::seconds lasts_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  std::optional<PostgresLease> held_;
  bool ends_ = false;
  std::atomic<bool> stop_ = false;
  PostgresSession session_;
  std::thread renewer_;  ///< started with the first lease
};

}  // namespace vam
