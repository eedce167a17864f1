// The folder a catalog lives in: readable by its owner only, and held by one
// process at a time. Nothing here knows SQL.
#pragma once

#include <filesystem>
#include <string>

#include "vam/catalog.hpp"

namespace vam {

inline constexpr const char* kDatabaseName = "catalog.sqlite";

/// Owns a file descriptor.
class FolderHandle {
 public:
  explicit FolderHandle(int number) : number_(number) {}
  FolderHandle(const FolderHandle&) = delete;
  FolderHandle& operator=(const FolderHandle&) = delete;
  ~FolderHandle();

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

enum class IfMissing : bool { fail, create };

/// Finds or makes the folder, then waits until no other process holds it. The
/// kernel lets go of the lock however this process ends.
class CatalogFolder {
 public:
  CatalogFolder(const std::filesystem::path& folder, IfMissing if_missing,
                const CatalogAccess& access);

  /// Canonical: SQLite refuses symbolic links anywhere in a path.
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / kDatabaseName; }

 private:
  std::filesystem::path path_;
  FolderHandle lock_;
};

/// Says what could not be done, why (errno), and the way out.
[[noreturn]] void throw_system(const std::string& what, int error_number);

/// An existing file with more than zero bytes; links are not followed.
bool has_content(const std::filesystem::path& file);

std::filesystem::path with_suffix(std::filesystem::path file,
                                  const char* suffix);

/// Makes a new, empty file with mode 0600. Whatever had this name is removed.
void make_private_file(const std::filesystem::path& file);
void remove_if_there(const std::filesystem::path& file);
/// Atomic; durable after sync().
void rename_file(const std::filesystem::path& from,
                 const std::filesystem::path& to);
/// Returns when the content of the file, or the names in the folder, are on
/// disk; symbolic links are followed.
void sync(const std::filesystem::path& file_or_folder);

}  // namespace vam
