// A chunk is ready (state 0), leased (1) or done (2). It is taken by
// FOR UPDATE SKIP LOCKED, so that nobody waits for another's choice, and
// guarded by the server's clock and a token: results count only while the chunk
// carries the token they were made under. They are stored in the transaction
// that marks the chunk as done.
//
// To take a chunk or to complete it does not wait for the server's disk. Should
// the server crash, it may forget the last of both: what it forgot of a chunk,
// it forgot as a whole, and some process does it again. What must not be
// forgotten waits, and with it all that came before.
#include "catalog/postgres_queue.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "catalog/postgres_job.hpp"
#include "catalog/postgres_schema.hpp"
#include "catalog/rows.hpp"

namespace vam {
namespace {

using namespace std::string_literals;

/// Some seconds of work: enough that the queue costs nothing beside it, little
/// enough that what a process takes along when it dies is soon done again.
constexpr std::size_t kChunkFiles = 128;
/// A chunk whose process died is parted, to find the file that kills.
constexpr std::size_t kParts = 16;
/// Processes that one file may cost.
constexpr std::int64_t kMostDeaths = 2;
constexpr const char* kEndJob =
    "UPDATE job SET is_done = true, ended = coalesce(ended, now()) "
    "WHERE id = $1";

/// Tables of which the server has no statistics yet look small to it: to take a
/// chunk, it would collect and sort all that are open, were it not for the
/// order of the index.
constexpr const char* kQueueSettings =
    "SET synchronous_commit = off; SET enable_bitmapscan = off; SET jit = off";

/// The chunk that this process has under a token, and its files.
constexpr const char* kFindLease =
    "SELECT chunk.id, deaths, source_id, path, size_bytes, mtime_ns, inode, "
    "expected FROM chunk LEFT JOIN task ON chunk_id = chunk.id "
    "WHERE job_id = $1 AND token = $2 AND state = 1 "
    "ORDER BY chunk.id, number FOR UPDATE OF chunk";
/// The same of one that others have not, or not any more.
constexpr const char* kLease =
    "WITH open AS (SELECT id FROM chunk WHERE job_id = $1 AND (state = 0 OR "
    "state = 1 AND expires < clock_timestamp()) ORDER BY id LIMIT 1 "
    "FOR UPDATE SKIP LOCKED), "
    "leased AS (UPDATE chunk SET state = 1, token = $2, "
    "expires = clock_timestamp() + $3 * interval '1 second', "
    "deaths = deaths + (state = 1)::integer FROM open "
    "WHERE chunk.id = open.id RETURNING chunk.id, deaths) "
    "SELECT id, deaths, source_id, path, size_bytes, mtime_ns, inode, expected "
    "FROM leased LEFT JOIN task ON chunk_id = id ORDER BY number";

/// Gives the state before, if the chunk still carries the token: it may be done
/// already, by an attempt whose answer was lost.
constexpr const char* kComplete =
    "WITH held AS (SELECT id, state FROM chunk WHERE id = $1 AND token = $2 "
    "FOR UPDATE), "
    "done AS (UPDATE chunk SET state = 2, bytes_read = $3 FROM held "
    "WHERE chunk.id = held.id AND held.state < 2) "
    "SELECT state FROM held";

constexpr const char* kTakeBack =  // after kComplete
    "UPDATE chunk SET state = 0, token = 0, expires = NULL, bytes_read = 0 "
    "WHERE id = $1 AND token = $2";

constexpr const char* kTaskColumns =
    "chunk_id, number, source_id, path, size_bytes, mtime_ns, inode, expected";
constexpr const char* kOutcomeColumns =
    "job_id, source_id, path, size_bytes, mtime_ns, inode, expected, digest, "
    "is_decoded, stage, error_code, error_message, skipped";

PostgresLease lease_of(const Chunk& chunk) {
  return {chunk.id, chunk.id, chunk.token};
}

int count_of(std::string_view columns) {
  return 1 + static_cast<int>(std::ranges::count(columns, ','));
}

void put_identity(RowSink& sink, const QueuedFile& file) {
  sink.integer(file.source);
  sink.blob(file.path);
  sink.integer(static_cast<std::int64_t>(file.size_bytes));
  sink.integer(file.mtime_ns);
  sink.integer(static_cast<std::int64_t>(file.inode));
}

template <class T>
void put_integer(RowSink& sink, const std::optional<T>& value) {
  if (value) {
    sink.integer(static_cast<std::int64_t>(*value));
  } else {
    sink.null();
  }
}

void put_digest(RowSink& sink, const std::optional<Digest>& digest) {
  if (digest) {
    put(sink, *digest);
  } else {
    sink.null();
  }
}

void put_outcome(RowSink& sink, std::int64_t job,
                 const QueuedOutcome& outcome) {
  sink.integer(job);
  put_identity(sink, outcome.file);
  put_digest(sink, outcome.file.expected);
  put_digest(sink, outcome.digest);
  sink.integer(outcome.is_decoded ? 1 : 0);
  put_integer(sink, outcome.stage);
  if (outcome.problem) {
    sink.integer(static_cast<std::int64_t>(outcome.problem->code));
    sink.blob(outcome.problem->message);
  } else {
    sink.null();
    sink.null();
  }
  put_integer(sink, outcome.skipped);
}

/// From this column on: source, path, size, time, inode.
std::optional<QueuedFile> read_identity(const Row& row, int column) {
  const auto source = row.integer(column);
  const auto path = row.blob(column + 1);
  const auto size_bytes = row.integer(column + 2);
  const auto mtime_ns = row.integer(column + 3);
  const auto inode = row.integer(column + 4);
  if (!source || !path || path->empty() || !size_bytes || *size_bytes < 0 ||
      !mtime_ns || !inode) {
    return std::nullopt;
  }
  return QueuedFile{*source, std::string(*path),
                    static_cast<std::uint64_t>(*size_bytes), *mtime_ns,
                    static_cast<std::uint64_t>(*inode)};
}

template <class Enum>
std::optional<Enum> read_enum(const Row& row, int column, Enum last) {
  const auto value = row.integer(column);
  if (!value || *value < 0 || *value > static_cast<std::int64_t>(last)) {
    return std::nullopt;
  }
  return static_cast<Enum>(*value);
}

std::optional<QueuedOutcome> read_outcome(const Row& row) {
  auto file = read_identity(row, 1);
  if (!file) return std::nullopt;
  file->expected = read_digest(row, 6);
  QueuedOutcome outcome{std::move(*file)};
  outcome.digest = read_digest(row, 7);
  outcome.is_decoded = row.integer(8) == 1;
  outcome.stage = read_enum(row, 9, Stage::decode);
  const auto code = read_enum(row, 10, ErrorCode::timeout);
  const auto message = row.blob(11);
  if (code && message) outcome.problem = Error{*code, std::string(*message)};
  outcome.skipped = read_enum(row, 12, NonPicture::other);
  return outcome;
}

}  // namespace

/// A row of kLease and the like: a chunk, or one more file of it.
void PostgresQueue::add_task(std::optional<Lease>& leased, const Row& row,
                             std::int64_t token) {
  if (!leased) {
    leased = Lease{{row.integer(0).value_or(0), token, {}},
                   row.integer(1).value_or(0)};
  }
  // A statement that was given up for lost may have leased another one.
  if (row.integer(0) != leased->chunk.id) return;
  auto file = read_identity(row, 2);
  if (!file) return;
  file->expected = read_digest(row, 7);
  leased->chunk.files.push_back(std::move(*file));
}

PostgresQueue::PostgresQueue(const std::string& address,
                             const CatalogAccess& access, Store bring,
                             Store merge)
    : lease_(access.lease),
      bring_(std::move(bring)),
      merge_(std::move(merge)),
      session_(address, access.stop,
               [](PostgresConnection& connection) {
                 prepare(connection);
                 connection.run(kQueueSettings);
               }),
      keeper_(address, access.lease),
      search_(session_, keeper_, access.lease) {
  forget_old_jobs(session_);
}

void PostgresQueue::join(const Digest& key, const std::string& decoders,
                         const std::function<std::vector<QueuedFile>()>& plan) {
  std::vector<QueuedFile> files;
  job_ = join_job(
      session_, {JobKind::reading, key, decoders}, lease_,
      [&] { files = plan(); },
      [&](PostgresConnection& connection, std::int64_t job) {
        fill_job(connection, job, files);
      });
}

void PostgresQueue::fill_job(PostgresConnection& connection, std::int64_t job,
                             const std::vector<QueuedFile>& files) {
  PostgresParameters chunks;
  chunks.integer(job);
  chunks.integer(static_cast<std::int64_t>((files.size() + kChunkFiles - 1) /
                                           kChunkFiles));
  std::vector<std::int64_t> ids;
  connection.query(
      "INSERT INTO chunk (job_id) SELECT $1 FROM generate_series(1, $2) "
      "RETURNING id",
      chunks,
      [&](const Row& row) { ids.push_back(row.integer(0).value_or(0)); });
  PostgresCopy copy(count_of(kTaskColumns));
  for (std::size_t n = 0; n < files.size(); ++n) {
    copy.integer(ids.at(n / kChunkFiles));
    copy.integer(static_cast<std::int64_t>(n % kChunkFiles));
    put_identity(copy, files[n]);
    put_digest(copy, files[n].expected);
  }
  connection.copy("task", kTaskColumns, std::move(copy));
}

std::optional<Chunk> PostgresQueue::take() {
  std::optional<Chunk> taken;
  while (!taken) {
    std::optional<Lease> leased = lease(random_token());
    if (!leased) return std::nullopt;
    if (leased->deaths == 0) {
      taken = std::move(leased->chunk);
      break;
    }
    try {
      taken = after_deaths(*leased);
    } catch (...) {
      leave(leased->chunk);
      throw;
    }
  }
  keeper_.keep(lease_of(*taken));
  return taken;
}

std::optional<PostgresQueue::Lease> PostgresQueue::lease(std::int64_t token) {
  PostgresParameters known;
  known.integer(job_);
  known.integer(token);
  PostgresParameters wanted = known;
  wanted.integer(lease_.count());
  std::optional<Lease> leased;
  bool was_tried = false;  // and may have been done, but for the answer
  session_.repeat([&](PostgresConnection& connection) {
    leased.reset();
    const auto on_row = [&](const Row& row) { add_task(leased, row, token); };
    if (was_tried) connection.query(kFindLease, known, on_row);
    was_tried = true;
    if (!leased) connection.query_again(kLease, wanted, on_row);
  });
  return leased;
}

/// Of a chunk whose process died, what is to be read; none if that is nothing,
/// or others have it.
std::optional<Chunk> PostgresQueue::after_deaths(const Lease& leased) {
  PostgresParameters known;
  known.integer(job_);
  known.integer(leased.chunk.token);
  std::optional<Chunk> taken;
  session_.commit([&](PostgresConnection& connection) {
    wait_for_disk(connection);
    taken.reset();
    const auto held = [&] {
      std::optional<Lease> found;
      connection.query(kFindLease, known, [&](const Row& row) {
        add_task(found, row, leased.chunk.token);
      });
      return found;
    };
    std::optional<Lease> found = held();
    if (!found) return;
    const bool is_one = found->chunk.files.size() <= 1;
    if (is_one && found->deaths >= kMostDeaths) {
      give_up(connection, found->chunk);
      return;
    }
    if (!is_one && found->deaths > 0) {
      split(connection, found->chunk);
      found = held();
    }
    if (found) taken = std::move(found->chunk);
  });
  return taken;
}

/// Leaves a part in the chunk, and lets others have the rest.
void PostgresQueue::split(PostgresConnection& connection, const Chunk& chunk) {
  PostgresParameters parameters;
  parameters.integer(chunk.id);
  parameters.integer(
      static_cast<std::int64_t>((chunk.files.size() + kParts - 1) / kParts));
  // Files stay in their order: chunk_id and number only say where they are.
  connection.run(
      "WITH ranked AS (SELECT number, "
      "(row_number() OVER (ORDER BY number) - 1) / $2 AS part "
      "FROM task WHERE chunk_id = $1), "
      "fresh AS (INSERT INTO chunk (job_id) SELECT chunk.job_id FROM chunk, "
      "(SELECT DISTINCT part FROM ranked WHERE part > 0) AS parts "
      "WHERE chunk.id = $1 RETURNING id), "
      "named AS (SELECT id, row_number() OVER (ORDER BY id) AS part FROM "
      "fresh) "
      "UPDATE task SET chunk_id = named.id FROM ranked JOIN named USING (part) "
      "WHERE task.chunk_id = $1 AND task.number = ranked.number",
      parameters);
  PostgresParameters id;
  id.integer(chunk.id);
  connection.run("UPDATE chunk SET deaths = 0 WHERE id = $1", id);
}

/// Records the only file of a chunk as one that kills.
void PostgresQueue::give_up(PostgresConnection& connection,
                            const Chunk& chunk) {
  PostgresCopy copy(count_of(kOutcomeColumns));
  for (const QueuedFile& file : chunk.files) {
    QueuedOutcome outcome{file};
    outcome.stage = Stage::decode;
    outcome.problem = {ErrorCode::crashed,
                       "whatever process reads it does not come back"};
    put_outcome(copy, job_, outcome);
  }
  connection.copy("outcome", kOutcomeColumns, std::move(copy));
  PostgresParameters id;
  id.integer(chunk.id);
  connection.run("UPDATE chunk SET state = 2 WHERE id = $1", id);
}

/// To a temporary table: see bring() of the catalog.
void PostgresQueue::bring_outcomes(PostgresConnection& connection,
                                   std::span<const QueuedOutcome> outcomes) {
  if (outcomes.empty()) return;
  PostgresCopy copy(count_of(kOutcomeColumns));
  for (const QueuedOutcome& outcome : outcomes) {
    put_outcome(copy, job_, outcome);
  }
  connection.copy("fresh_outcome", kOutcomeColumns, std::move(copy));
}

/// Whether a copy was not decoded because its process knew the content, but
/// what it learned of that was refused, or forgotten in a crash.
bool PostgresQueue::lacks_pictures(PostgresConnection& connection,
                                   const ChunkResult& result) {
  std::int64_t count = 0;
  std::string digests;
  for (const QueuedOutcome& outcome : result.outcomes) {
    if (!outcome.digest || outcome.is_decoded || outcome.problem) continue;
    ++count;
    digests.append(outcome.digest->bytes.begin(), outcome.digest->bytes.end());
  }
  if (count == 0) return false;
  PostgresParameters parameters;
  parameters.blob(digests);
  parameters.integer(count);
  bool lacks = false;
  connection.query(
      "SELECT FROM generate_series(0, $2 - 1) AS n WHERE NOT EXISTS "
      "(SELECT FROM picture "
      "WHERE digest = substr($1, (n * 16 + 1)::integer, 16)) LIMIT 1",
      parameters, [&](const Row&) { lacks = true; });
  return lacks;
}

bool PostgresQueue::complete(const Chunk& chunk, ChunkResult result) {
  keeper_.keep(std::nullopt);
  PostgresParameters lease;
  lease.integer(chunk.id);
  lease.integer(chunk.token);
  PostgresParameters done = lease;
  done.integer(static_cast<std::int64_t>(result.bytes_read));
  bool is_ours = false;
  session_.commit([&](PostgresConnection& connection) {
    // Forgotten, it would count as a death of the process; a file that is alone
    // has not many to lose.
    if (std::max(chunk.files.size(), result.outcomes.size()) <= 1) {
      wait_for_disk(connection);
    }
    bring_(connection, result.learned);
    bring_outcomes(connection, result.outcomes);
    is_ours = false;
    bool was_stored = false;
    connection.query_again(kComplete, done, [&](const Row& row) {
      is_ours = true;
      was_stored = row.integer(0) == 2;
    });
    if (!is_ours || was_stored) return;
    merge_(connection, result.learned);
    if (result.outcomes.empty()) return;
    if (lacks_pictures(connection, result)) {
      connection.run(kTakeBack, lease);
      is_ours = false;
      return;
    }
    connection.run("INSERT INTO outcome ("s + kOutcomeColumns + ") SELECT " +
                   kOutcomeColumns + " FROM fresh_outcome");
  });
  return is_ours;
}

void PostgresQueue::give_back(const Chunk& chunk) {
  keeper_.keep(std::nullopt);
  vam::give_back(session_, lease_of(chunk));
}

/// As far as that works while something else goes wrong.
void PostgresQueue::leave(const Chunk& chunk) noexcept {
  try {
    give_back(chunk);
  } catch (const std::exception&) {  // its lease will run out
  }
}

bool PostgresQueue::is_done() {
  PostgresParameters job;
  job.integer(job_);
  bool is_done = false;
  session_.commit([&](PostgresConnection& connection) {
    wait_for_disk(connection);
    is_done = true;
    connection.query(
        "SELECT FROM chunk WHERE job_id = $1 AND state < 2 LIMIT 1", job,
        [&](const Row&) { is_done = false; });
    // What others completed could still be forgotten, but for this.
    if (is_done) connection.run(kEndJob, job);
  });
  return is_done;
}

JobResult PostgresQueue::result() {
  PostgresParameters job;
  job.integer(job_);
  JobResult result;
  session_.commit([&](PostgresConnection& connection) {
    wait_for_disk(connection);
    result = {};
    connection.run(kEndJob, job);
    connection.query(
        "SELECT "s + kOutcomeColumns + " FROM outcome WHERE job_id = $1", job,
        [&](const Row& row) {
          if (auto outcome = read_outcome(row)) {
            result.outcomes.push_back(std::move(*outcome));
          }
        });
    connection.query(
        "SELECT sum(bytes_read)::bigint FROM chunk WHERE job_id = $1", job,
        [&](const Row& row) {
          result.bytes_read =
              static_cast<std::uint64_t>(row.integer(0).value_or(0));
        });
  });
  return result;
}

}  // namespace vam
