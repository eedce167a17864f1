// Folder, lock and file names of a catalog.
#include "catalog/folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <thread>

namespace vam {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr auto kPollInterval = std::chrono::milliseconds(100);

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Makes the folder and its missing parents.
void make_private_folder(const fs::path& folder) {
  if (is_folder(folder)) return;
  const fs::path parent = folder.parent_path();
  if (!parent.empty() && parent != folder) make_private_folder(parent);
  if (mkdir(folder.c_str(), kPrivateFolder) == 0) {
    sync(parent.empty() ? fs::path(".") : parent);
    return;
  }
  const int error_number = errno;
  if (is_folder(folder)) return;  // "a/b/" after "a/b", or made meanwhile
  if (error_number == EEXIST) {
    throw FatalError(folder.string() +
                     " is not a folder: name another one for the catalog");
  }
  throw_system("cannot make the catalog folder " + folder.string(),
               error_number);
}

fs::path find_folder(const fs::path& folder, IfMissing if_missing) {
  if (if_missing == IfMissing::create) make_private_folder(folder);
  std::error_code error;
  fs::path found = fs::canonical(folder, error);
  if (error) {
    throw_system("cannot open the catalog folder " + folder.string(),
                 error.value());
  }
  if (!is_folder(found)) {
    throw FatalError(folder.string() +
                     " is not a folder: name another one for the catalog");
  }
  return found;
}

int open_lock(const fs::path& file) {
  const int number = open(
      file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kPrivateFile);
  if (number >= 0) return number;
  if (errno == ELOOP) {
    throw FatalError(file.string() +
                     " is a symbolic link: remove it and run again");
  }
  throw_system("cannot write to the catalog: " + file.string(), errno);
}

/// Waits for the lock. Some file systems have none; there SQLite's own locks
/// still keep the database whole.
void lock(int number, const fs::path& file, const CatalogAccess& access) {
  const auto begin = std::chrono::steady_clock::now();
  for (bool was_told = false; flock(number, LOCK_EX | LOCK_NB) != 0;) {
    if (errno == EINTR) continue;
    if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS ||
        errno == EINVAL) {
      return;
    }
    if (errno != EWOULDBLOCK) {
      throw_system("cannot lock the catalog: " + file.string(), errno);
    }
    const bool waits = !access.patience || access.patience->count() > 0;
    if (waits && !was_told && access.on_wait) access.on_wait();
    was_told = true;
    if (access.stop != nullptr && *access.stop) throw Interrupted();
    if (access.patience &&
        std::chrono::steady_clock::now() - begin >= *access.patience) {
      throw FatalError("another vam-analyze is using " +
                       file.parent_path().string() +
                       ": run again later, or give it more time with --wait");
    }
    std::this_thread::sleep_for(kPollInterval);
  }
}

const char* way_out(int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
      return ": check the permissions, or name another folder for the catalog";
    case EROFS:
      return ": name a catalog folder on a disk that can be written to";
    case ENOSPC:
    case EDQUOT:
      return ": free some space and run again";
    case ENOENT:
    case ENOTDIR:
      return ": check the path";
    default:
      return ": check the disk, or name another folder for the catalog";
  }
}

}  // namespace

FolderHandle::~FolderHandle() {
  if (number_ >= 0) close(number_);
}

CatalogFolder::CatalogFolder(const fs::path& folder, IfMissing if_missing,
                             const CatalogAccess& access)
    : path_(find_folder(folder, if_missing)), lock_(open_lock(path_ / "lock")) {
  lock(lock_.number(), path_ / "lock", access);
}

void throw_system(const std::string& what, int error_number) {
  throw FatalError(what + " (" + std::generic_category().message(error_number) +
                   ")" + way_out(error_number));
}

bool has_content(const fs::path& file) {
  struct stat status {};
  return lstat(file.c_str(), &status) == 0 && status.st_size > 0;
}

fs::path with_suffix(fs::path file, const char* suffix) {
  file += suffix;
  return file;
}

void make_private_file(const fs::path& file) {
  remove_if_there(file);
  const FolderHandle made(
      open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
           kPrivateFile));
  if (!made.is_open()) throw_system("cannot make " + file.string(), errno);
}

void remove_if_there(const fs::path& file) {
  if (unlink(file.c_str()) != 0 && errno != ENOENT) {
    throw_system("cannot remove " + file.string(), errno);
  }
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    throw_system("cannot rename " + from.string() + " to " + to.string(),
                 errno);
  }
}

void sync(const fs::path& file_or_folder) {
  const FolderHandle opened(open(file_or_folder.c_str(), O_RDONLY | O_CLOEXEC));
  const int error_number = errno;
  if (!opened.is_open()) {
    // A folder that can be written to but not be read cannot be synced; SQLite
    // leaves it at that, too.
    if (error_number == EACCES && is_folder(file_or_folder)) return;
    throw_system("cannot write to disk: " + file_or_folder.string(),
                 error_number);
  }
  // EINVAL: this file system cannot sync folders.
  if (fsync(opened.number()) != 0 && errno != EINVAL && errno != EROFS) {
    throw_system("cannot write to disk: " + file_or_folder.string(), errno);
  }
}

}  // namespace vam
