#include "catalog/postgres_schema.hpp"

#include <array>
#include <string>

#include "vam/error.hpp"

namespace vam {
namespace {

// As those of SQLite (schema.cpp), column by column. A path may be longer than
// what an index holds, so its digest stands for it there.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE vam.source (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  root bytea NOT NULL UNIQUE
);
CREATE TABLE vam.picture (
  id bigint GENERATED ALWAYS AS IDENTITY,
  digest bytea PRIMARY KEY CHECK (length(digest) = 16),
  format text NOT NULL,
  width bigint NOT NULL,
  height bigint NOT NULL,
  orientation smallint NOT NULL,
  taken_at text,
  method integer NOT NULL,
  dhash bigint,
  ahash bigint,
  whash bigint,
  detail smallint,
  error_code smallint,
  error_message bytea,
  camera_make text,
  camera_model text,
  software text,
  latitude double precision,
  longitude double precision,
  rating smallint,
  metadata_version integer NOT NULL,
  content_left integer,
  content_top integer,
  content_right integer,
  content_bottom integer,
  CHECK ((error_code IS NULL) = (dhash IS NOT NULL))
);
CREATE TABLE vam.sketch (
  id bigint GENERATED ALWAYS AS IDENTITY,
  digest bytea PRIMARY KEY REFERENCES vam.picture ON DELETE CASCADE,
  whole bytea NOT NULL,
  content bytea
);
CREATE TABLE vam.file (
  id bigint GENERATED ALWAYS AS IDENTITY,
  source_id bigint NOT NULL REFERENCES vam.source,
  path bytea NOT NULL,
  size_bytes bigint NOT NULL,
  mtime_ns bigint NOT NULL,
  inode bigint NOT NULL,
  digest bytea NOT NULL CHECK (length(digest) = 16),
  held_before bytea
);
CREATE UNIQUE INDEX file_key ON vam.file
  (source_id, substr(sha256(path), 1, 16));
CREATE INDEX file_digest ON vam.file (digest);
CREATE TABLE vam.different (
  id bigint GENERATED ALWAYS AS IDENTITY,
  first bytea NOT NULL CHECK (length(first) = 16),
  second bytea NOT NULL CHECK (length(second) = 16),
  PRIMARY KEY (first, second),
  CHECK (first < second)
);
CREATE TABLE vam.reported_file (
  id bigint GENERATED ALWAYS AS IDENTITY,
  group_number bigint NOT NULL,
  path bytea NOT NULL,
  digest bytea NOT NULL CHECK (length(digest) = 16)
);
CREATE TABLE vam.reported_problem (
  id bigint GENERATED ALWAYS AS IDENTITY,
  path bytea NOT NULL,
  code bigint NOT NULL
);
CREATE TABLE vam.job (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key bytea NOT NULL,
  decoders text NOT NULL,
  joined timestamptz NOT NULL DEFAULT clock_timestamp(),
  is_done boolean NOT NULL DEFAULT false,
  ended timestamptz
);
CREATE UNIQUE INDEX job_open ON vam.job (key) WHERE NOT is_done;
CREATE TABLE vam.chunk (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id bigint NOT NULL REFERENCES vam.job ON DELETE CASCADE,
  state smallint NOT NULL DEFAULT 0,
  token bigint NOT NULL DEFAULT 0,
  expires timestamptz,
  deaths smallint NOT NULL DEFAULT 0,
  bytes_read bigint NOT NULL DEFAULT 0
);
CREATE INDEX chunk_job ON vam.chunk (job_id);
CREATE INDEX chunk_open ON vam.chunk (job_id, id) WHERE state < 2;
CREATE TABLE vam.task (
  chunk_id bigint NOT NULL REFERENCES vam.chunk ON DELETE CASCADE,
  number bigint NOT NULL,
  source_id bigint NOT NULL REFERENCES vam.source,
  path bytea NOT NULL,
  size_bytes bigint NOT NULL,
  mtime_ns bigint NOT NULL,
  inode bigint NOT NULL,
  expected bytea,
  PRIMARY KEY (chunk_id, number)
);
CREATE TABLE vam.outcome (
  job_id bigint NOT NULL REFERENCES vam.job ON DELETE CASCADE,
  source_id bigint NOT NULL,
  path bytea NOT NULL,
  size_bytes bigint NOT NULL,
  mtime_ns bigint NOT NULL,
  inode bigint NOT NULL,
  expected bytea,
  digest bytea,
  is_decoded bigint NOT NULL,
  stage bigint,
  error_code bigint,
  error_message bytea,
  skipped bigint
);
CREATE INDEX outcome_job ON vam.outcome (job_id);
)sql";

// Without what nothing asked for, and without keys that are looked up for every
// row that comes in, where nothing is wrong with a row that refers to none. The
// dead rows that taking chunks leaves make it slower to find the next one.
constexpr const char* kVersion2 = R"sql(
DROP INDEX vam.file_digest;
DROP INDEX vam.chunk_job;
ALTER TABLE vam.file DROP COLUMN id;
ALTER TABLE vam.picture DROP COLUMN id;
ALTER TABLE vam.sketch DROP COLUMN id, DROP CONSTRAINT sketch_digest_fkey;
ALTER TABLE vam.task DROP CONSTRAINT task_source_id_fkey;
ALTER TABLE vam.outcome DROP CONSTRAINT outcome_job_id_fkey;
ALTER TABLE vam.chunk SET
  (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
)sql";

// Units of a search are chunks that have a name and, when they are done, an
// answer.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE vam.job
  ADD COLUMN is_search boolean NOT NULL DEFAULT false,
  ADD COLUMN asker bigint;
ALTER TABLE vam.chunk
  ADD COLUMN unit bytea CHECK (length(unit) = 16),
  ADD COLUMN answer bytea,
  ADD CHECK ((answer IS NOT NULL) = (unit IS NOT NULL AND state = 2));
CREATE UNIQUE INDEX chunk_unit ON vam.chunk (job_id, unit)
  WHERE unit IS NOT NULL;
)sql";

// Pictures that are there already are read again, for metadata version 3.
constexpr const char* kVersion4 = R"sql(
ALTER TABLE vam.picture
  ADD COLUMN dc_step integer,
  ADD COLUMN coarser_dc_steps bigint;
)sql";

// The script at [n] leads from version n to n + 1: add new ones at the end,
// never change an existing one.
constexpr std::array kMigrations = {kVersion1, kVersion2, kVersion3, kVersion4};

// Types are those that are copied in; the tables' own are as small as may be.
constexpr const char* kFreshTableColumns = R"sql(
CREATE TEMP TABLE fresh_file (
  path bytea, size_bytes bigint, mtime_ns bigint, inode bigint, digest bytea,
  source_id bigint, held_before bytea
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE fresh_picture (
  digest bytea, format text, width bigint, height bigint, orientation bigint,
  taken_at text, dhash bigint, ahash bigint, whash bigint, detail bigint,
  error_code bigint, error_message bytea, method bigint, camera_make text,
  camera_model text, software text, latitude double precision,
  longitude double precision, rating bigint, metadata_version bigint,
  content_left bigint, content_top bigint, content_right bigint,
  content_bottom bigint, dc_step bigint, coarser_dc_steps bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE fresh_sketch (
  digest bytea, whole bytea, content bytea
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE fresh_outcome (LIKE vam.outcome) ON COMMIT DELETE ROWS;
)sql";

// A process that stops, or whose machine does, within a transaction shall not
// hold up the others for long. Reads of a large catalog take their time.
constexpr const char* kSettings = R"sql(
SET search_path = vam;
SET synchronous_commit = on;
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = '30s';
SET tcp_keepalives_idle = 15;
SET tcp_keepalives_interval = 5;
SET tcp_keepalives_count = 3;
SET tcp_user_timeout = 30000;
)sql";

/// The first half of advisory locks of this program: "VAMc".
constexpr const char* kMigrationLock =
    "SELECT pg_advisory_xact_lock(1447119203, 0)";

std::int64_t single_integer(PostgresConnection& connection,
                            const std::string& sql) {
  std::int64_t value = 0;
  connection.query(sql, {},
                   [&](const Row& row) { value = row.integer(0).value_or(0); });
  return value;
}

/// 0: there is no catalog. Otherwise one that this program knows, or
/// FatalError.
std::int64_t schema_version(PostgresConnection& connection,
                            const std::string& address) {
  const bool is_there = single_integer(connection,
                                       "SELECT count(*) FROM pg_tables WHERE "
                                       "schemaname = 'vam' AND "
                                       "tablename = 'about'") > 0;
  if (!is_there) return 0;
  const std::int64_t version =
      single_integer(connection,
                     "SELECT min(schema_version)::bigint FROM vam.about "
                     "HAVING count(*) = 1");
  if (version <= 0) {
    throw FatalError("the catalog " + address +
                     " is not whole: vam.about names no version; restore the "
                     "schema `vam` from a backup, or drop it");
  }
  if (version > server_schema_version()) {
    throw FatalError(
        "the catalog " + address + " was made by a newer vam-analyze (schema " +
        std::to_string(version) + ", this one knows " +
        std::to_string(server_schema_version()) + "): use that one");
  }
  return version;
}

}  // namespace

int server_schema_version() { return static_cast<int>(kMigrations.size()); }

void migrate(PostgresConnection& connection, const std::string& address,
             int to_version) {
  std::int64_t version = schema_version(connection, address);
  if (version >= to_version) return;  // for those who may not change them
  connection.run("BEGIN");
  connection.run(kMigrationLock);
  version = schema_version(connection, address);
  if (version == 0) {
    // IF NOT EXISTS would ask for the right even where it is there.
    if (single_integer(connection,
                       "SELECT count(*) FROM pg_namespace "
                       "WHERE nspname = 'vam'") == 0) {
      connection.run("CREATE SCHEMA vam");
    }
    connection.run(
        "CREATE TABLE vam.about (schema_version integer NOT NULL); "
        "INSERT INTO vam.about VALUES (0)");
  }
  for (; version < to_version; ++version) {
    connection.run(kMigrations.at(static_cast<std::size_t>(version)));
  }
  connection.run("UPDATE vam.about SET schema_version = " +
                 std::to_string(version));
  connection.run("COMMIT");
}

void configure(PostgresConnection& connection) { connection.run(kSettings); }

void prepare(PostgresConnection& connection) {
  configure(connection);
  connection.run(kFreshTableColumns);
}

}  // namespace vam
