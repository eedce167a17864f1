// The database file: refusing, making, opening.
//
// Durability: every commit is on disk when it returns. WAL with synchronous =
// FULL syncs the log once per commit; where the file system has no shared
// memory for the log's index, a rollback journal gives the same promise with
// more syncs. A new database is made under another name and renamed, so that
// one under the right name is always complete.
#include "catalog/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/folder.hpp"
#include "catalog/schema.hpp"
#include "catalog/sqlite_rows.hpp"

namespace vam {
namespace fs = std::filesystem;
namespace {

/// How long to wait for somebody's sqlite3 shell.
constexpr int kBusyTimeoutMs = 10'000;
/// SQLite's own limit is 512 bytes, suffixes of journals included.
constexpr std::size_t kMaxPathBytes = 490;
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kApplicationIdOffset = 68;

[[noreturn]] void throw_damaged(const fs::path& file, const std::string& why) {
  throw FatalError("the catalog in " + file.parent_path().string() +
                   " is damaged (" + why +
                   "): run again with --repair, which salvages what it can "
                   "and keeps the old database");
}

/// What SQLite says, on one line: of a schema that is damaged it quotes all.
std::string reason_of(const SQLite::Exception& error) {
  const std::string_view text = error.what();
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

/// A database that belongs to us but lacks our tables: `no such table`.
void check_tables(SQLite::Database& database, const fs::path& file) {
  try {
    for (const auto& [table, columns] :
         {std::pair{"source", kSourceColumns},
          {"file", kFileColumns},
          {"picture", kPictureColumns},
          {"sketch", kSketchColumns},
          {"different", kDifferentColumns},
          {"reported_file", kReportedFileColumns},
          {"reported_problem", kReportedProblemColumns}}) {
      const SQLite::Statement query(database, select_rows(table, columns));
    }
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() != SQLITE_ERROR) throw;
    throw_damaged(file, reason_of(error));
  }
}

bool lacks_shared_memory(const SQLite::Exception& error) {
  switch (error.getExtendedErrorCode()) {
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMLOCK:
    case SQLITE_IOERR_SHMMAP:
      return true;
    default:
      return error.getErrorCode() == SQLITE_CANTOPEN ||
             error.getErrorCode() == SQLITE_PROTOCOL;
  }
}

std::string set_journal_mode(SQLite::Database& database, const char* mode) {
  return database.execAndGet(std::string("PRAGMA journal_mode = ") + mode)
      .getString();
}

/// Without shared memory a WAL can only be read by one connection that locks
/// everybody out, which is enough to fold it in and to leave that mode.
void leave_wal(SQLite::Database& database) {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  set_journal_mode(database, "TRUNCATE");
  database.exec("PRAGMA locking_mode = NORMAL");
  schema_version(database);
}

/// Digests are random, so that each commit touches as many pages of their
/// index as it has rows. Folding the log in every 32 MB instead of every 4 MB
/// writes each page less often: 6.1 instead of 13.6 ms for a commit of 256
/// photos, while 200,000 of them are stored.
///
/// The system has the pages that are read in its own cache. Ours is for those
/// that a commit changes.
void configure(SQLite::Database& database) {
  database.exec(
      "PRAGMA synchronous = FULL;"
      "PRAGMA wal_autocheckpoint = 8192;"  // pages of 4096 bytes
      "PRAGMA cache_size = -8192");        // KiB, used as needed
}

SQLite::Database connect_durably(const fs::path& file) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE;
  try {
    SQLite::Database database = connect(file, kFlags);
    if (set_journal_mode(database, "WAL") != "wal") leave_wal(database);
    configure(database);
    return database;
  } catch (const SQLite::Exception& error) {
    if (!lacks_shared_memory(error)) throw;
  }
  SQLite::Database database = connect(file, kFlags);
  leave_wal(database);
  configure(database);
  return database;
}

/// 0 if there is none. Refuses links, FIFOs and what else is no regular file.
std::uint64_t size_of_regular(const fs::path& file) {
  struct stat status {};
  if (lstat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) return 0;
    throw_system("cannot open " + file.string(), errno);
  }
  if (!S_ISREG(status.st_mode)) {
    throw FatalError(file.string() +
                     " is not a regular file: move it away, or name another "
                     "folder for the catalog");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

void set_option(const SQLite::Database& database, int option, int value) {
  database.check(
      sqlite3_db_config(database.getHandle(), option, value, nullptr));
}

}  // namespace

void throw_fatal(const SQLite::Exception& error, const fs::path& file) {
  const std::string folder = file.parent_path().string();
  const std::string why = " (" + reason_of(error) + ")";
  switch (error.getErrorCode()) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw_damaged(file, reason_of(error));
    case SQLITE_FULL:
      throw FatalError("no space left for the catalog in " + folder +
                       ": free some and run again; what was finished is kept");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      throw FatalError("cannot write the catalog in " + folder + why +
                       ": check the permissions of the folder and its files, "
                       "or name another folder for the catalog");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw FatalError("another program keeps the catalog in " + folder +
                       " locked: close it and run again");
    case SQLITE_IOERR:
      throw FatalError("cannot read or write the catalog in " + folder + why +
                       ": check the disk and its free space");
    case SQLITE_NOMEM:
      throw FatalError("not enough memory to work on the catalog in " + folder +
                       ": close other programs and run again");
    default:
      throw FatalError("the catalog in " + folder + " failed" + why +
                       ": if this happens again, run with --repair");
  }
}

void throw_foreign(const fs::path& file) {
  throw FatalError(file.string() +
                   " is the database of another program: name another folder "
                   "for the catalog");
}

bool is_damage(int sqlite_code) {
  const int code = sqlite_code & 0xFF;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ||
         code == SQLITE_IOERR;
}

FileKind kind_of_file(const fs::path& file) {
  // SQLite would wait for ever for somebody at the other end of a FIFO.
  size_of_regular(with_suffix(file, "-shm"));
  const std::uint64_t logged = size_of_regular(with_suffix(file, "-wal")) +
                               size_of_regular(with_suffix(file, "-journal"));
  if (size_of_regular(file) == 0) {
    return logged > 0 ? FileKind::orphan : FileKind::none;
  }
  const FolderHandle opened(
      open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!opened.is_open()) throw_system("cannot open " + file.string(), errno);
  std::array<unsigned char, kHeaderBytes> header{};
  const ssize_t count = pread(opened.number(), header.data(), kHeaderBytes, 0);
  if (count < 0) throw_system("cannot read " + file.string(), errno);

  using std::string_view_literals::operator""sv;
  const std::string_view text(reinterpret_cast<const char*>(header.data()),
                              static_cast<std::size_t>(count));
  if (count < static_cast<ssize_t>(kHeaderBytes) ||
      !text.starts_with("SQLite format 3\0"sv)) {
    return FileKind::garbage;
  }
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < sizeof id; ++i) {
    id = id << 8 | header[kApplicationIdOffset + i];
  }
  return id == kApplicationId ? FileKind::catalog : FileKind::foreign;
}

void create_database(const fs::path& file) {
  const fs::path unfinished = with_suffix(file, ".new");
  make_private_file(unfinished);
  try {
    {
      SQLite::Database database = connect(unfinished, SQLITE_OPEN_READWRITE);
      // Not needed: the file has no name that counts before it is synced.
      set_journal_mode(database, "MEMORY");
      database.exec("PRAGMA synchronous = OFF");
      database.exec("PRAGMA application_id = " +
                    std::to_string(kApplicationId));
      migrate(database);
    }
    sync(unfinished);
    rename_file(unfinished, file);
  } catch (...) {
    remove_if_there(unfinished);
    throw;
  }
  sync(file.parent_path());
}

SQLite::Database connect(const fs::path& file, int flags) {
  if (file.native().size() > kMaxPathBytes) {
    throw FatalError("the path " + file.string() +
                     " is too long for SQLite: name a folder with a shorter "
                     "path for the catalog");
  }
  SQLite::Database database(file.string(),
                            flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                            kBusyTimeoutMs);
  set_option(database, SQLITE_DBCONFIG_DEFENSIVE, 1);
  set_option(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  set_option(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
  set_option(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0);
  // Settings that do not read the file: it may be damaged.
  database.exec(
      "PRAGMA cell_size_check = ON;"
      "PRAGMA foreign_keys = ON;"
      "PRAGMA temp_store = MEMORY");  // no files but the catalog's own
  return database;
}

void refuse_newer(SQLite::Database& database, const fs::path& file) {
  const int version = schema_version(database);
  if (version > current_schema_version()) {
    throw FatalError("the catalog in " + file.parent_path().string() +
                     " was made by a newer vam-analyze (schema " +
                     std::to_string(version) + ", this one knows " +
                     std::to_string(current_schema_version()) +
                     "): use the newer program");
  }
  if (version < 0) throw_damaged(file, "negative schema version");
}

SQLite::Database open_database(const fs::path& file) {
  if (has_content(with_suffix(file, kRepairedSuffix))) {
    throw FatalError("a repair of the catalog in " +
                     file.parent_path().string() +
                     " was interrupted: run again with --repair");
  }
  switch (kind_of_file(file)) {
    case FileKind::none:
      or_fatal(file, [&] { create_database(file); });
      break;
    case FileKind::orphan:
      throw_damaged(file, "it has lost its main file");
    case FileKind::garbage:
      throw_damaged(file, file.string() + " is not a database");
    case FileKind::foreign:
      throw_foreign(file);
    case FileKind::catalog:
      break;
  }
  return or_fatal(file, [&] {
    SQLite::Database database = connect_durably(file);
    refuse_newer(database, file);
    migrate(database);
    check_tables(database, file);
    return database;
  });
}

}  // namespace vam
