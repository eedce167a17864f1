#include "scan/descriptor.hpp"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <limits>
#include <system_error>

namespace vam {
namespace {

std::int64_t ns_of(const timespec& time) {
  const std::int64_t seconds = time.tv_sec;
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, std::int64_t{1'000'000'000}, &ns) ||
      __builtin_add_overflow(ns, time.tv_nsec, &ns)) {
    return seconds < 0 ? std::numeric_limits<std::int64_t>::min()
                       : std::numeric_limits<std::int64_t>::max();
  }
  return ns;
}

}  // namespace

static_assert(sizeof(off_t) == 8, "files may be larger than 2 GiB");

const std::size_t kMaxPathBytes = PATH_MAX - 1;

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

Descriptor open_at(int folder, const std::string& path, int flags) {
  flags |= O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  int number = -1;
  do {
    number = openat(folder, path.c_str(), flags | O_NOATIME);
    // Only the owner of a file may leave its access time alone.
    if (number < 0 && errno == EPERM) {
      number = openat(folder, path.c_str(), flags);
    }
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

int shorten(std::string_view path, std::size_t limit, Place& place) {
  while (path.size() > limit) {
    std::size_t end = path.rfind('/', limit);
    if (end == 0 || end == std::string_view::npos) end = path.find('/', 1);
    if (end == std::string_view::npos) break;
    const std::string piece(path.substr(0, end));
    Descriptor next(
        openat(place.at(), piece.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!next) return errno;
    place.folder = std::move(next);
    path.remove_prefix(std::min(path.find_first_not_of('/', end), path.size()));
  }
  place.path = path.empty() ? "." : path;
  return 0;
}

Descriptor open_folder(const std::string& path) {
  Descriptor folder;
  const int error = at_place(path, [&](int at, const std::string& rest) {
    folder = open_at(at, rest, O_DIRECTORY);
    return folder ? 0 : errno;
  });
  if (!folder) errno = error;
  return folder;
}

Error error_of(int number, const std::string& what) {
  const bool gone = number == ENOENT || number == ENOTDIR;
  return {gone ? ErrorCode::missing : ErrorCode::unreadable,
          what + ": " + std::generic_category().message(number)};
}

NodeId id_of(const struct stat& status) {
  return {status.st_dev, status.st_ino};
}

std::uint64_t size_bytes_of(const struct stat& status) {
  return static_cast<std::uint64_t>(status.st_size);
}

std::int64_t mtime_ns_of(const struct stat& status) {
  return ns_of(status.st_mtim);
}

std::int64_t ctime_ns_of(const struct stat& status) {
  return ns_of(status.st_ctim);
}

}  // namespace vam
