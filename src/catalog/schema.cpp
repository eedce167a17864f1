// Schema versions of the SQLite catalog. docs/catalog.md explains them to
// those who query it.
#include "catalog/schema.hpp"

#include <array>
#include <string>

namespace vam {
namespace {

// Unsigned 64-bit values (hashes, inodes) are stored as the signed integers
// with the same bits. Paths and messages are BLOBs: they need not be UTF-8.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  root BLOB NOT NULL UNIQUE
);
CREATE TABLE picture (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 16),
  format TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  orientation INTEGER NOT NULL,
  taken_at TEXT,
  method INTEGER NOT NULL,
  dhash INTEGER,
  ahash INTEGER,
  whash INTEGER,
  detail INTEGER,
  error_code INTEGER,
  error_message BLOB,
  CHECK ((error_code IS NULL) = (dhash IS NOT NULL))
);
CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source (id),
  path BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 16),
  UNIQUE (source_id, path)
);
)sql";

// Pictures that are there already were never asked for their metadata: version
// 0 lets them be read again.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE picture ADD COLUMN camera_make TEXT;
ALTER TABLE picture ADD COLUMN camera_model TEXT;
ALTER TABLE picture ADD COLUMN software TEXT;
ALTER TABLE picture ADD COLUMN latitude REAL;
ALTER TABLE picture ADD COLUMN longitude REAL;
ALTER TABLE picture ADD COLUMN rating INTEGER;
ALTER TABLE picture ADD COLUMN metadata_version INTEGER NOT NULL DEFAULT 0;
)sql";

// Pictures of the fingerprint method before have no sketch, and are read again.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE picture ADD COLUMN content_left INTEGER;
ALTER TABLE picture ADD COLUMN content_top INTEGER;
ALTER TABLE picture ADD COLUMN content_right INTEGER;
ALTER TABLE picture ADD COLUMN content_bottom INTEGER;
CREATE TABLE sketch (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE REFERENCES picture (digest) ON DELETE CASCADE,
  whole BLOB NOT NULL,
  content BLOB
);
)sql";

// What the user has said: it cannot be learned again, and the contents come
// and go, so nothing here refers to pictures.
constexpr const char* kVersion4 = R"sql(
CREATE TABLE different (
  id INTEGER PRIMARY KEY,
  first BLOB NOT NULL CHECK (length(first) = 16),
  second BLOB NOT NULL CHECK (length(second) = 16),
  UNIQUE (first, second),
  CHECK (first < second)
);
)sql";

// The tables stay as they are: the view names more errors.
constexpr const char* kVersion5 = "";

// Bit rot: none is known of before. A damaged catalog of an older version is
// repaired without this column.
constexpr const char* kVersion6 = R"sql(
ALTER TABLE file ADD COLUMN held_before BLOB;
)sql";

// What --new-only has told. Nobody has been told anything before.
constexpr const char* kVersion7 = R"sql(
CREATE TABLE reported_file (
  id INTEGER PRIMARY KEY,
  group_number INTEGER NOT NULL,
  path BLOB NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 16)
);
CREATE TABLE reported_problem (
  id INTEGER PRIMARY KEY,
  path BLOB NOT NULL,
  code INTEGER NOT NULL
);
)sql";

// Pictures that are there already are read again, for metadata version 3.
constexpr const char* kVersion8 = R"sql(
ALTER TABLE picture ADD COLUMN dc_step INTEGER;
ALTER TABLE picture ADD COLUMN coarser_dc_steps INTEGER;
)sql";

// Over the newest tables: made anew after every migration.
constexpr const char* kPhotoView = R"sql(
DROP VIEW IF EXISTS photo;
CREATE VIEW photo AS
SELECT
  rtrim(CAST(source.root AS TEXT), '/') || '/' || CAST(file.path AS TEXT)
    AS path,
  file.size_bytes AS size_bytes,
  datetime(file.mtime_ns / 1000000000, 'unixepoch') AS mtime,
  lower(hex(file.digest)) AS digest,
  picture.format AS format,
  picture.width AS width,
  picture.height AS height,
  picture.orientation AS orientation,
  picture.taken_at AS taken_at,
  picture.camera_make AS camera_make,
  picture.camera_model AS camera_model,
  picture.software AS software,
  picture.latitude AS latitude,
  picture.longitude AS longitude,
  picture.rating AS rating,
  picture.method AS method,
  CASE WHEN picture.dhash IS NOT NULL
    THEN printf('%016x', picture.dhash) END AS dhash,
  CASE WHEN picture.ahash IS NOT NULL
    THEN printf('%016x', picture.ahash) END AS ahash,
  CASE WHEN picture.whash IS NOT NULL
    THEN printf('%016x', picture.whash) END AS whash,
  picture.detail AS detail,
  CASE CASE WHEN file.held_before IS NULL THEN picture.error_code ELSE 9 END
    WHEN 1 THEN 'missing'
    WHEN 2 THEN 'unreadable'
    WHEN 3 THEN 'changed'
    WHEN 4 THEN 'not_a_picture'
    WHEN 5 THEN 'unsupported'
    WHEN 6 THEN 'too_large'
    WHEN 7 THEN 'truncated'
    WHEN 8 THEN 'corrupt'
    WHEN 9 THEN 'bit_rot'
    WHEN 10 THEN 'crashed'
    WHEN 11 THEN 'timeout'
    ELSE picture.error_code
  END AS error,
  CASE WHEN file.held_before IS NULL
    THEN CAST(picture.error_message AS TEXT)
    ELSE 'it held ' || lower(hex(file.held_before))
  END AS error_message
FROM file
JOIN source ON source.id = file.source_id
LEFT JOIN picture ON picture.digest = file.digest;
)sql";

// The script at [n] leads from version n to n + 1. Catalogs out there were
// made by them: add new ones at the end, never change an existing one.
constexpr std::array kMigrations = {kVersion1, kVersion2, kVersion3, kVersion4,
                                    kVersion5, kVersion6, kVersion7, kVersion8};

}  // namespace

int current_schema_version() { return static_cast<int>(kMigrations.size()); }

int schema_version(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

void migrate(SQLite::Database& database, int to_version) {
  for (int version = schema_version(database); version < to_version;
       ++version) {
    SQLite::Transaction transaction(database,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    database.exec(kMigrations.at(static_cast<std::size_t>(version)));
    if (version + 1 == current_schema_version()) database.exec(kPhotoView);
    database.exec("PRAGMA user_version = " + std::to_string(version + 1));
    transaction.commit();
  }
}

}  // namespace vam
