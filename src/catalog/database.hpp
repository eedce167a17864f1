// Opening the database file of a catalog: what is refused, how it is
// configured, and what its failures mean to the user.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <utility>

namespace vam {

/// Follows the name of the database in that of a new one, complete and on disk,
/// that a repair is putting in place: what lies under the usual names then may
/// be without its journal, and one file with the copy to keep.
inline constexpr const char* kRepairedSuffix = ".repaired";

/// Says in one line what an error of SQLite means for this file and what can
/// be done about it.
[[noreturn]] void throw_fatal(const SQLite::Exception& error,
                              const std::filesystem::path& file);

[[noreturn]] void throw_foreign(const std::filesystem::path& file);

/// Does work on the database; its failures become FatalError.
template <class Work>
auto or_fatal(const std::filesystem::path& file, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const SQLite::Exception& error) {
    throw_fatal(error, file);
  }
}

/// Whether the data cannot be read: SQLite found nonsense in them, or the disk
/// does not give them back.
bool is_damage(int sqlite_code);

/// What the first bytes say. Nothing but a catalog is ever written to.
enum class FileKind {
  none,     ///< no file, or an empty one without a journal
  orphan,   ///< no file, or an empty one, but a journal with content
  garbage,  ///< no SQLite database
  foreign,  ///< the database of another program
  catalog,
};
/// FatalError if it is no regular file or cannot be read.
FileKind kind_of_file(const std::filesystem::path& file);

/// Makes an empty catalog, durable, with mode 0600. Whatever had this name is
/// replaced in one step.
void create_database(const std::filesystem::path& file);

/// Opens a connection that trusts nothing in the file: no triggers or views
/// of it are run. The file is neither created nor, so far, written.
SQLite::Database connect(const std::filesystem::path& file, int flags);

/// FatalError if a newer program made the catalog.
void refuse_newer(SQLite::Database& database,
                  const std::filesystem::path& file);

/// Opens the catalog, made if missing, in the current schema. FatalError if a
/// repair was interrupted while putting the new database in place.
SQLite::Database open_database(const std::filesystem::path& file);

}  // namespace vam
