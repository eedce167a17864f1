#include "catalog/postgres_lease.hpp"

#include <exception>
#include <random>
#include <utility>

#include "catalog/postgres_schema.hpp"

namespace vam {
namespace {

constexpr const char* kRenew =
    "UPDATE chunk SET expires = clock_timestamp() + $4 * interval '1 second' "
    "WHERE id BETWEEN $1 AND $2 AND token = $3 AND state = 1";

constexpr const char* kGiveBack =
    "UPDATE chunk SET state = 0, token = 0, expires = NULL "
    "WHERE id BETWEEN $1 AND $2 AND token = $3 AND state = 1";

PostgresParameters parameters_of(const PostgresLease& lease) {
  PostgresParameters parameters;
  parameters.integer(lease.first);
  parameters.integer(lease.last);
  parameters.integer(lease.token);
  return parameters;
}

}  // namespace

std::int64_t random_token() {
  std::random_device device;
  return std::uniform_int_distribution<std::int64_t>(1)(device);
}

void give_back(PostgresSession& session, const PostgresLease& lease) {
  const PostgresParameters held = parameters_of(lease);
  session.repeat(
      [&](PostgresConnection& connection) { connection.run(kGiveBack, held); });
}

LeaseKeeper::LeaseKeeper(const std::string& address, std::chrono::seconds lasts)
    : lasts_(lasts), session_(address, &stop_, configure) {
  // Now that the server is known to be there; later, it may be coming back.
  session_.repeat([](PostgresConnection&) {});
}

LeaseKeeper::~LeaseKeeper() {
  stop_ = true;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  if (renewer_.joinable()) renewer_.join();
}

void LeaseKeeper::keep(std::optional<PostgresLease> lease) {
  {
    const std::lock_guard lock(mutex_);
    held_ = lease;
    if (held_ && !renewer_.joinable()) {
      renewer_ = std::thread([this] { renew_leases(); });
    }
  }
  changed_.notify_one();
}

/// In a thread of its own. A lease that could not be renewed costs work that is
/// done twice, no more.
void LeaseKeeper::renew_leases() {
  const auto pause = std::chrono::milliseconds(lasts_) / 3;
  std::unique_lock lock(mutex_);
  while (!ends_) {
    if (changed_.wait_for(lock, pause, [&] { return ends_; })) return;
    if (!held_) continue;
    PostgresParameters renewed = parameters_of(*held_);
    renewed.integer(lasts_.count());
    lock.unlock();
    try {
      session_.repeat([&](PostgresConnection& connection) {
        connection.run(kRenew, renewed);
      });
    } catch (const std::exception&) {  // the next one may succeed
    }
    lock.lock();
  }
}

}  // namespace vam
