// Salvages a damaged catalog.
//
// Rows are read in the order of their ids. Where SQLite reports damage, the
// rest of the range is halved again and again: halves that can be read give
// their rows, and what stays unreadable shrinks to the ids of the damaged
// pages. Every row goes through the same checks as in a normal run and into a
// new database, which takes the name of the old one in one step at the end.
// From when it is complete until then, its own name says so: nobody opens the
// old one meanwhile, and a repair that was interrupted there is finished by the
// next one.
#include <sqlite3.h>

#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "catalog/database.hpp"
#include "catalog/folder.hpp"
#include "catalog/rows.hpp"
#include "catalog/schema.hpp"
#include "catalog/sqlite_rows.hpp"

namespace vam {
namespace fs = std::filesystem;
namespace {

/// Hostile ids could spread a damaged page over 2^63 of them.
constexpr std::int64_t kMaxUnreadableIds = 4'000'000;
/// Rows of all tables are larger.
constexpr std::uintmax_t kMinRowBytes = 16;

struct IdRange {
  std::int64_t first;
  std::int64_t last;
};

enum class Step { row, done, damaged };

/// Damage is a value here; all other failures are thrown.
Step take_step(const SQLite::Database& database, SQLite::Statement& query) {
  const int code = query.tryExecuteStep();
  if (code == SQLITE_ROW) return Step::row;
  if (code == SQLITE_DONE) return Step::done;
  if (is_damage(code)) return Step::damaged;
  throw SQLite::Exception(database.getHandle(), code);
}

/// One table of the damaged database. The id is column 0.
class DamagedTable {
 public:
  DamagedTable(SQLite::Database& database, const std::string& name,
               const char* columns, std::uintmax_t size_bytes)
      : database_(database) {
    try {
      rows_.emplace(database, select_rows(name, columns) +
                                  " WHERE id BETWEEN ? AND ? ORDER BY id");
      last_id_ = find_last_id(name, size_bytes);
    } catch (const SQLite::Exception& error) {
      // No such table: its line in the schema was lost.
      if (error.getErrorCode() != SQLITE_ERROR &&
          !is_damage(error.getErrorCode())) {
        throw;
      }
      rows_.reset();
    }
  }

  template <class OnRow>
  void for_each_readable(OnRow&& on_row) {
    if (!rows_ || last_id_ < 1) return;
    std::vector<IdRange> to_read = {{1, last_id_}};
    std::int64_t unreadable = 0;
    while (!to_read.empty() && unreadable < kMaxUnreadableIds) {
      const IdRange range = to_read.back();
      to_read.pop_back();
      const std::int64_t next = read(range, on_row);
      if (next == kComplete) continue;
      if (next == range.last) {
        ++unreadable;
        continue;
      }
      const std::int64_t middle = next + (range.last - next) / 2;
      to_read.push_back({middle + 1, range.last});
      to_read.push_back({next, middle});
    }
  }

 private:
  static constexpr std::int64_t kComplete = 0;

  /// Reads rows until the end or the first damage; returns the first id that
  /// may lie in it.
  template <class OnRow>
  std::int64_t read(const IdRange& range, OnRow&& on_row) {
    rows_->tryReset();
    rows_->bind(1, range.first);
    rows_->bind(2, range.last);
    std::int64_t next = range.first;
    for (;;) {
      switch (take_step(database_, *rows_)) {
        case Step::done:
          return kComplete;
        case Step::damaged:
          return next;
        case Step::row:
          break;
      }
      const std::int64_t id = rows_->getColumn(0).getInt64();
      if (id < next || id > range.last) return next;  // led in circles
      on_row(*rows_);
      if (id == range.last) return kComplete;
      next = id + 1;
    }
  }

  /// The last id if it can be read; else a bound that is hardly ever lower.
  std::int64_t find_last_id(const std::string& name,
                            std::uintmax_t size_bytes) const {
    SQLite::Statement last(database_, "SELECT id FROM " + name +
                                          " WHERE id <= ?"
                                          " ORDER BY id DESC LIMIT 1");
    const auto probe = [&](std::int64_t highest) {
      last.tryReset();
      last.bind(1, highest);
      return take_step(database_, last);
    };
    constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
    switch (probe(kHighest)) {
      case Step::row:
        return last.getColumn(0).getInt64();
      case Step::done:
        return 0;
      case Step::damaged:
        break;
    }
    // The end of the table is unreadable. The highest power of two whose
    // surroundings are not is close to it.
    auto bound = static_cast<std::int64_t>(size_bytes / kMinRowBytes);
    for (int bit = 60; bit >= 0; --bit) {
      const std::int64_t highest = std::int64_t{1} << bit;
      if (highest <= bound) break;
      if (probe(highest) != Step::damaged) {
        bound = highest * 4;
        break;
      }
    }
    return bound;
  }

  SQLite::Database& database_;
  std::optional<SQLite::Statement> rows_;
  std::int64_t last_id_ = 0;
};

/// A connection that never changes the file, unless a half-done transaction
/// lies in a rollback journal and has to be undone first.
SQLite::Database connect_damaged(const fs::path& file) {
  const bool roll_back = has_content(with_suffix(file, "-journal"));
  SQLite::Database database =
      connect(file, roll_back ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  // The log stays as it is, too. A writable schema is what makes SQLite read
  // on where the file is shorter than its header says.
  for (const auto& [option, value] :
       {std::pair{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
        std::pair{SQLITE_DBCONFIG_DEFENSIVE, 0},
        std::pair{SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1}}) {
    database.check(
        sqlite3_db_config(database.getHandle(), option, value, nullptr));
  }
  return database;
}

/// Of the versions 1 to 5.
constexpr const char* kOldFileColumns =
    "path, size_bytes, mtime_ns, inode, digest, source_id, NULL";

const char* file_columns(SQLite::Database& from) {
  try {
    const SQLite::Statement query(from, "SELECT held_before FROM file");
    return kFileColumns;
  } catch (const SQLite::Exception&) {
    return kOldFileColumns;
  }
}

void copy_rows(SQLite::Database& from, std::uintmax_t size_bytes,
               SQLite::Database& to) {
  SQLite::Transaction transaction(to);
  RowWriter writer(to);
  std::unordered_set<SourceId> known_sources;
  std::unordered_set<std::string> known_roots;
  DamagedTable(from, "source", kSourceColumns, size_bytes)
      .for_each_readable([&](const SQLite::Statement& row) {
        const auto source = read_source(SqliteRow(row));
        if (!source || known_sources.contains(source->id) ||
            !known_roots.insert(source->root).second) {
          return;
        }
        known_sources.insert(source->id);
        writer.write(*source);
      });
  DamagedTable(from, "picture", kPictureColumns, size_bytes)
      .for_each_readable([&](const SQLite::Statement& row) {
        if (const auto picture = read_picture(SqliteRow(row)))
          writer.write(*picture);
      });
  DamagedTable(from, "sketch", kSketchColumns, size_bytes)
      .for_each_readable([&](const SQLite::Statement& row) {
        if (const auto sketch = read_sketch(SqliteRow(row)))
          writer.write(*sketch);
      });
  // Whose sketch is lost has to be read again.
  to.exec(
      "DELETE FROM picture WHERE error_code IS NULL "
      "AND digest NOT IN (SELECT digest FROM sketch)");
  DamagedTable(from, "file", file_columns(from), size_bytes)
      .for_each_readable([&](const SQLite::Statement& row) {
        const auto file = read_file(SqliteRow(row));
        if (file && known_sources.contains(file->source)) writer.write(*file);
      });
  DamagedTable(from, "different", kDifferentColumns, size_bytes)
      .for_each_readable([&](const SQLite::Statement& row) {
        if (const auto pair = read_different(SqliteRow(row)))
          writer.write(*pair);
      });
  DamagedTable(from, "reported_file", kReportedFileColumns, size_bytes)
      .for_each_readable([&](const SQLite::Statement& row) {
        if (const auto file = read_reported_file(SqliteRow(row)))
          writer.write(*file);
      });
  DamagedTable(from, "reported_problem", kReportedProblemColumns, size_bytes)
      .for_each_readable([&](const SQLite::Statement& row) {
        if (const auto told = read_reported_problem(SqliteRow(row)))
          writer.write(*told);
      });
  transaction.commit();
}

/// Fills the new database with what the old one still gives.
void salvage(const fs::path& file, SQLite::Database& repaired) {
  try {
    SQLite::Database damaged = connect_damaged(file);
    refuse_newer(damaged, file);
    std::error_code ignored;
    copy_rows(damaged, fs::file_size(file, ignored), repaired);
  } catch (const SQLite::Exception& error) {
    // Nothing can be read. Failures to write have other codes.
    if (error.getErrorCode() != SQLITE_NOTADB &&
        error.getErrorCode() != SQLITE_CORRUPT) {
      throw;
    }
  }
}

std::uint64_t count_rows(SQLite::Database& database, const char* table) {
  return static_cast<std::uint64_t>(
      database.execAndGet("SELECT count(*) FROM " + std::string(table))
          .getInt64());
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(file, ignored));
}

/// A name for the old database; the one it has already, if a repair was
/// interrupted after giving it.
fs::path name_to_keep(const fs::path& file) {
  for (int number = 1;; ++number) {
    fs::path name =
        with_suffix(file, (".damaged-" + std::to_string(number)).c_str());
    std::error_code ignored;
    if (fs::equivalent(name, file, ignored)) return name;
    if (!is_there(name) && !is_there(with_suffix(name, "-wal")) &&
        !is_there(with_suffix(name, "-journal"))) {
      return name;
    }
  }
}

/// Gives the old database a second name, so that the first is never vacant,
/// and takes away its journals, which would be replayed into the new one.
/// Returns that name, or of a database without its main file, that of the
/// journal.
fs::path keep_damaged(const fs::path& file) {
  const fs::path kept = name_to_keep(file);
  if (is_there(file) && !is_there(kept) &&
      link(file.c_str(), kept.c_str()) != 0) {
    rename_file(file, kept);  // a file system without hard links
  }
  fs::path shown = kept;
  for (const char* journal : {"-wal", "-journal"}) {
    const fs::path from = with_suffix(file, journal);
    if (has_content(from)) {
      rename_file(from, with_suffix(kept, journal));
      if (!is_there(kept)) shown = with_suffix(kept, journal);
    } else {
      remove_if_there(from);
    }
  }
  remove_if_there(with_suffix(file, "-shm"));
  sync(file.parent_path());
  return shown;
}

/// Makes the new database and, when it is complete and on disk, gives it this
/// name.
void make_repaired(const fs::path& file, FileKind kind,
                   const fs::path& repaired_file) {
  const fs::path unfinished = with_suffix(file, ".repair");
  create_database(unfinished);
  try {
    {
      SQLite::Database repaired = connect(unfinished, SQLITE_OPEN_READWRITE);
      repaired.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
      if (kind == FileKind::catalog) salvage(file, repaired);
    }
    sync(unfinished);
    rename_file(unfinished, repaired_file);
  } catch (...) {
    remove_if_there(unfinished);
    throw;
  }
  sync(file.parent_path());
}

RepairResult count_repaired(const fs::path& repaired_file) {
  SQLite::Database repaired = connect(repaired_file, SQLITE_OPEN_READONLY);
  return {count_rows(repaired, "file"), count_rows(repaired, "picture"), {}};
}

}  // namespace

RepairResult repair_catalog(const fs::path& folder,
                            const CatalogAccess& access) {
  const CatalogFolder held(folder, IfMissing::fail, access);
  const fs::path file = held.database();
  const fs::path repaired_file = with_suffix(file, kRepairedSuffix);
  const bool was_interrupted = has_content(repaired_file);
  const FileKind kind = kind_of_file(file);
  if (kind == FileKind::none && !is_there(file) && !was_interrupted) {
    throw FatalError("there is no catalog in " + folder.string() +
                     ": nothing to repair");
  }
  if (kind == FileKind::foreign) throw_foreign(file);
  return or_fatal(file, [&] {
    if (!was_interrupted) make_repaired(file, kind, repaired_file);
    RepairResult result = count_repaired(repaired_file);
    result.damaged_copy = keep_damaged(file);
    rename_file(repaired_file, file);
    sync(held.path());
    return result;
  });
}

}  // namespace vam
