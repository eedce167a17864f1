// Work on a PostgreSQL catalog that outlives a lost connection.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "catalog/postgres_connection.hpp"

namespace vam {

/// A server that was restarted is back by then, or somebody has to look.
inline constexpr std::chrono::minutes kLongestTrouble{5};

/// One thread at a time. Connects when it is needed; a connection that was lost
/// is made again, and the work done again, for this long. FatalError says in
/// one line what is wrong and what can be done; Interrupted ends a wait.
class PostgresSession {
 public:
  /// `on_connect` sets up each new connection.
  PostgresSession(std::string address, const std::atomic<bool>* stop,
                  std::function<void(PostgresConnection&)> on_connect,
                  std::chrono::milliseconds patience = kLongestTrouble);

  /// Does work that may be begun anew: what it did before counts, or not.
  template <class Work>
  void repeat(Work&& work) {
    while (!attempt([&] { work(connection()); })) {
    }
  }

  /// All or nothing, and durable when it returns. The work has to be such that
  /// it may be done twice: whether a commit was reached may be unknown.
  template <class Work>
  void commit(Work&& work) {
    repeat([&](PostgresConnection& connection) {
      connection.run("BEGIN");
      try {
        work(connection);
      } catch (...) {
        roll_back();
        throw;
      }
      connection.run("COMMIT");
    });
  }

 private:
  PostgresConnection& connection();
  void roll_back() noexcept;
  /// False if it failed in a way that passes; waits a little then.
  bool attempt(const std::function<void()>& work);

  const std::string address_;
  const std::atomic<bool>* const stop_;
  const std::function<void(PostgresConnection&)> on_connect_;
  const std::chrono::milliseconds patience_;
  std::optional<PostgresConnection> connection_;
  bool was_connected_ = false;
  int failures_ = 0;  ///< one after the other
  std::chrono::steady_clock::time_point failing_since_;  ///< the first of them
};

}  // namespace vam
