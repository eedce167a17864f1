// What processes work at together: found by its key, or begun by one of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "catalog/postgres_session.hpp"
#include "vam/photo.hpp"

namespace vam {

enum class JobKind : bool { reading, search };

struct JobName {
  JobKind kind = JobKind::reading;
  Digest key;
  /// What all that work at it must have in common, for people.
  std::string decoders;
};

/// Joins the job of this name, or begins one; returns its number. Before one is
/// begun, `prepare` is called, perhaps in vain, and `fill` within the
/// transaction. One that all have left for the time of a lease is not joined:
/// what it knows may be old. FatalError if the others have other decoders.
std::int64_t join_job(
    PostgresSession& session, const JobName& name, std::chrono::seconds lease,
    const std::function<void()>& prepare,
    const std::function<void(PostgresConnection&, std::int64_t)>& fill);

/// Forgets what has been over for a day: who still reads results has had time.
void forget_old_jobs(PostgresSession& session);

/// All that is committed until now, or in this transaction, is durable when it
/// has been committed.
void wait_for_disk(PostgresConnection& connection);

}  // namespace vam
