// Units of a search, handed out by the server to whoever asks.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/postgres_lease.hpp"
#include "catalog/postgres_session.hpp"
#include "vam/catalog.hpp"

namespace vam {

/// Uses the connections of the queue that it belongs to. A unit is a chunk with
/// a name and without files. Every statement is a transaction of its own: none
/// is open while anything is waited for.
class PostgresSearch final : public SearchQueue {
 public:
  PostgresSearch(PostgresSession& session, LeaseKeeper& keeper,
                 std::chrono::seconds lease)
      : session_(session), keeper_(keeper), lease_(lease) {}

  void join(const Digest& key) override;
  bool ask(std::span<const Digest> units) override;
  std::optional<UnitLease> take(std::size_t end, std::size_t most) override;
  bool answer(const UnitLease& lease, std::size_t unit,
              std::string_view answer) override;
  void give_back(const UnitLease& lease) override;
  std::vector<UnitAnswer> answers(std::span<const std::size_t> units) override;

 private:
  PostgresParameters named(std::span<const Digest> units) const;

  PostgresSession& session_;
  LeaseKeeper& keeper_;
  const std::chrono::seconds lease_;
  std::int64_t job_ = 0;
  const std::int64_t asker_ = random_token();  ///< this process
  std::vector<Digest> units_;                  ///< those that were asked last
};

}  // namespace vam
