#include "catalog/postgres_job.hpp"

#include "catalog/rows.hpp"
#include "vam/error.hpp"

namespace vam {
namespace {

/// A search has no end that anybody could tell: some processes may still be
/// about to ask.
constexpr const char* kForgetOldJobs =
    "WITH old AS (DELETE FROM job WHERE ended < now() - interval '1 day' "
    "OR is_search AND joined < now() - interval '1 day' "
    "RETURNING id) DELETE FROM outcome USING old WHERE job_id = old.id";
/// A job that nobody has joined or held a chunk of for the time of a lease was
/// left behind: what it knows may be old. Its processes, if there are any, may
/// go on.
constexpr const char* kEndLeftBehind =
    "UPDATE job SET is_done = true, ended = now() "
    "WHERE key = $1 AND NOT is_done "
    "AND joined + $2 * interval '1 second' < clock_timestamp() "
    "AND NOT EXISTS (SELECT FROM chunk WHERE job_id = job.id "
    "AND expires > clock_timestamp())";

/// 0 if nobody works at it.
std::int64_t find_job(PostgresConnection& connection, const JobName& name,
                      std::chrono::seconds lease) {
  PostgresParameters key;
  put(key, name.key);
  PostgresParameters with_lease = key;
  with_lease.integer(lease.count());
  connection.run(kEndLeftBehind, with_lease);
  std::int64_t job = 0;
  std::string others;
  connection.query(
      "UPDATE job SET joined = clock_timestamp() "
      "WHERE key = $1 AND NOT is_done RETURNING id, decoders",
      key, [&](const Row& row) {
        job = row.integer(0).value_or(0);
        others = row.text(1).value_or("");
      });
  if (job == 0 || others == name.decoders) return job;
  throw FatalError(
      "another process works at this with other decoders: it has " + others +
      ", this one " + name.decoders + "; use one build for all, or wait " +
      std::to_string(lease.count()) + " seconds after the others have ended");
}

std::int64_t begin_job(PostgresConnection& connection, const JobName& name) {
  PostgresParameters parameters;
  put(parameters, name.key);
  parameters.text(name.decoders);
  parameters.integer(name.kind == JobKind::search ? 1 : 0);
  std::int64_t job = 0;
  connection.query(
      "INSERT INTO job (key, decoders, is_search) VALUES ($1, $2, $3 = 1) "
      "RETURNING id",
      parameters, [&](const Row& row) { job = row.integer(0).value_or(0); });
  return job;
}

}  // namespace

std::int64_t join_job(
    PostgresSession& session, const JobName& name, std::chrono::seconds lease,
    const std::function<void()>& prepare,
    const std::function<void(PostgresConnection&, std::int64_t)>& fill) {
  std::int64_t job = 0;
  session.commit([&](PostgresConnection& connection) {
    job = find_job(connection, name, lease);
  });
  if (job != 0) return job;
  // No transaction waits for this; should others be faster, it was in vain.
  prepare();
  session.commit([&](PostgresConnection& connection) {
    wait_for_disk(connection);
    // Only one begins a job; whoever else wants to waits for it.
    connection.run("LOCK TABLE job IN SHARE ROW EXCLUSIVE MODE");
    job = find_job(connection, name, lease);
    if (job != 0) return;
    job = begin_job(connection, name);
    fill(connection, job);
  });
  return job;
}

void forget_old_jobs(PostgresSession& session) {
  session.repeat(
      [](PostgresConnection& connection) { connection.run(kForgetOldJobs); });
}

void wait_for_disk(PostgresConnection& connection) {
  connection.run("SET LOCAL synchronous_commit = on");
}

}  // namespace vam
