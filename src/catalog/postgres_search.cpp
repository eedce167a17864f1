// A unit is taken by FOR UPDATE SKIP LOCKED and guarded by the server's clock
// and a token, as chunks of files are (postgres_queue.cpp). Its answer lies in
// the row that says that it is done, and comes with the same statement; the
// table refuses one without the other.
#include "catalog/postgres_search.hpp"

#include <algorithm>
#include <utility>

#include "catalog/postgres_job.hpp"
#include "catalog/rows.hpp"

namespace vam {
namespace {

/// What begins all statements about units: $1 is the job, $2 the names of
/// units, of 16 bytes each, $3 how many they are.
std::string about_units(const char* statement) {
  std::string sql =
      "WITH named AS (SELECT n, substr($2, (n * 16 + 1)::integer, 16) AS unit "
      "FROM generate_series(0, $3 - 1) AS n)";
  sql += statement;
  return sql;
}

/// Others add them in the same order: nobody locks out anybody. On the disk
/// before anybody goes on, for nobody asks again what a server that crashed has
/// forgotten; in one statement, so that no transaction is left open by a
/// process that is stopped.
constexpr const char* kAsk =
    ", before AS (SELECT asker FROM job WHERE id = $1), "
    "seen AS (UPDATE job SET joined = clock_timestamp(), asker = $4 "
    "WHERE id = $1), "
    "asked AS (INSERT INTO chunk (job_id, unit) "
    "SELECT $1, unit FROM named ORDER BY n "
    "ON CONFLICT (job_id, unit) WHERE unit IS NOT NULL DO NOTHING), "
    "disk AS MATERIALIZED "
    "(SELECT set_config('synchronous_commit', 'on', true)) "
    "SELECT asker FROM before CROSS JOIN disk";

/// What this process has under a token.
constexpr const char* kFindLease =
    " SELECT n, id, 0::bigint FROM named JOIN chunk USING (unit) "
    "WHERE job_id = $1 AND unit IS NOT NULL AND token = $4 AND state = 1 "
    "ORDER BY n";
/// The first of them that others have not, or not any more; and how many others
/// have some.
constexpr const char* kLease =
    ", open AS (SELECT chunk.id, n FROM named JOIN chunk USING (unit) "
    "WHERE job_id = $1 AND unit IS NOT NULL AND (state = 0 OR "
    "state = 1 AND expires < clock_timestamp()) ORDER BY n LIMIT $6 "
    "FOR UPDATE OF chunk SKIP LOCKED), "
    "leased AS (UPDATE chunk SET state = 1, token = $4, "
    "expires = clock_timestamp() + $5 * interval '1 second', "
    "deaths = deaths + (state = 1)::integer FROM open "
    "WHERE chunk.id = open.id RETURNING chunk.id, n) "
    "SELECT n, id, (SELECT count(DISTINCT token) FROM chunk "
    "WHERE job_id = $1 AND state = 1 AND expires > clock_timestamp()) "
    "FROM leased ORDER BY n";

constexpr const char* kAnswers =
    " SELECT n, answer FROM named JOIN chunk USING (unit) "
    "WHERE job_id = $1 AND unit IS NOT NULL AND state = 2 ORDER BY n";

/// Gives the state before, if the unit still carries the token: it may be done
/// already, by an attempt whose answer was lost.
constexpr const char* kAnswer =
    "WITH held AS (SELECT id, state FROM chunk WHERE id = $1 AND token = $2 "
    "FOR UPDATE), "
    "done AS (UPDATE chunk SET state = 2, answer = $3 FROM held "
    "WHERE chunk.id = held.id AND held.state < 2) "
    "SELECT state FROM held";

PostgresLease held(const UnitLease& lease) {
  const auto [first, last] =
      std::ranges::minmax(lease.units, {}, &UnitLease::Unit::id);
  return {first.id, last.id, lease.token};
}

}  // namespace

void PostgresSearch::join(const Digest& key) {
  const auto nothing = [] {};
  job_ = join_job(session_, {JobKind::search, key, ""}, lease_, nothing,
                  [](PostgresConnection&, std::int64_t) {});
}

/// The first parameters of all statements about these.
PostgresParameters PostgresSearch::named(std::span<const Digest> units) const {
  std::string names;
  for (const Digest& unit : units) {
    names.append(unit.bytes.begin(), unit.bytes.end());
  }
  PostgresParameters parameters;
  parameters.integer(job_);
  parameters.blob(names);
  parameters.integer(static_cast<std::int64_t>(units.size()));
  return parameters;
}

bool PostgresSearch::ask(std::span<const Digest> units) {
  units_.assign(units.begin(), units.end());
  PostgresParameters all = named(units);
  all.integer(asker_);
  std::int64_t before = asker_;
  session_.repeat([&](PostgresConnection& connection) {
    connection.query_again(about_units(kAsk), all, [&](const Row& row) {
      before = row.integer(0).value_or(asker_);
    });
  });
  return before != asker_;
}

std::optional<UnitLease> PostgresSearch::take(std::size_t end,
                                              std::size_t most) {
  UnitLease lease{random_token(), {}, 0};
  PostgresParameters known = named(std::span(units_).first(end));
  known.integer(lease.token);
  PostgresParameters wanted = known;
  wanted.integer(lease_.count());
  wanted.integer(static_cast<std::int64_t>(most));
  const auto on_row = [&](const Row& row) {
    const auto place = static_cast<std::size_t>(row.integer(0).value_or(0));
    lease.units.push_back({place, row.integer(1).value_or(0)});
    lease.others = static_cast<std::size_t>(row.integer(2).value_or(0));
  };
  bool was_tried = false;  // and may have been done, but for the answer
  session_.repeat([&](PostgresConnection& connection) {
    lease.units.clear();
    if (was_tried) connection.query(about_units(kFindLease), known, on_row);
    was_tried = true;
    if (lease.units.empty())
      connection.query_again(about_units(kLease), wanted, on_row);
  });
  if (lease.units.empty()) return std::nullopt;
  keeper_.keep(held(lease));
  return lease;
}

bool PostgresSearch::answer(const UnitLease& lease, std::size_t unit,
                            std::string_view answer) {
  if (unit + 1 == lease.units.size()) keeper_.keep(std::nullopt);
  PostgresParameters done;
  done.integer(lease.units.at(unit).id);
  done.integer(lease.token);
  done.blob(answer);
  bool is_ours = false;
  session_.repeat([&](PostgresConnection& connection) {
    is_ours = false;
    connection.query_again(kAnswer, done, [&](const Row&) { is_ours = true; });
  });
  return is_ours;
}

void PostgresSearch::give_back(const UnitLease& lease) {
  keeper_.keep(std::nullopt);
  vam::give_back(session_, held(lease));
}

std::vector<UnitAnswer> PostgresSearch::answers(
    std::span<const std::size_t> units) {
  std::vector<Digest> names;
  for (const std::size_t unit : units) names.push_back(units_.at(unit));
  const PostgresParameters all = named(names);
  std::vector<UnitAnswer> answers;
  session_.repeat([&](PostgresConnection& connection) {
    answers.clear();
    connection.query_again(about_units(kAnswers), all, [&](const Row& row) {
      const auto n = static_cast<std::size_t>(row.integer(0).value_or(0));
      answers.push_back({units[n], std::string(row.blob(1).value_or(""))});
    });
  });
  return answers;
}

}  // namespace vam
