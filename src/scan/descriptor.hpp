// What the system calls need around them: file descriptors that close
// themselves, paths of any length, errno and stat in our terms.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "vam/error.hpp"

namespace vam {

/// Owns a file descriptor, or none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

/// Opens read-only, without waiting for what a FIFO or device waits for and,
/// where we may, without touching the access time. Sets errno if there is
/// none.
Descriptor open_at(int folder, const std::string& path, int flags);

/// The last part of a path, relative to an open folder.
struct Place {
  Descriptor folder;  ///< none: the path is as it was given
  std::string path;

  int at() const { return folder ? folder.get() : AT_FDCWD; }
};

/// The longest path for one system call, without the closing NUL.
extern const std::size_t kMaxPathBytes;

/// Opens leading folders of the path until at most `limit` bytes are left, or
/// just its last name. Returns errno, or 0.
int shorten(std::string_view path, std::size_t limit, Place& place);

/// Calls `use(folder, path)`, which returns an errno, for a path of any
/// length, and returns its errno. The system follows 40 symbolic links per
/// call; where that is too few, the path is resolved name by name.
template <class Use>
int at_place(const std::string& path, Use use) {
  int error = 0;
  for (const std::size_t limit : {kMaxPathBytes, std::size_t{1}}) {
    Place place;
    error = shorten(path, limit, place);
    if (error == 0) error = use(place.at(), place.path);
    if (error != ELOOP) break;
  }
  return error;
}

/// Opens a folder to list it. Sets errno if there is none.
Descriptor open_folder(const std::string& path);

/// "<what>: <what errno means>"; missing or unreadable.
Error error_of(int number, const std::string& what);

/// What tells files and folders apart, whatever their names.
struct NodeId {
  dev_t device = 0;
  ino_t inode = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees one in here
  auto operator<=>(const NodeId&) const = default;
};

NodeId id_of(const struct stat& status);
std::uint64_t size_bytes_of(const struct stat& status);
/// Since 1970, clamped: 64 bits of nanoseconds end in the year 2262.
std::int64_t mtime_ns_of(const struct stat& status);
std::int64_t ctime_ns_of(const struct stat& status);

}  // namespace vam
