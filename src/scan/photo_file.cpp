// Opens and reads one file of a scan, if it is still the one that was found.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "scan/descriptor.hpp"
#include "vam/scan.hpp"

namespace vam {
namespace {

/// Read at once: nobody waits long for that, even on a slow disk.
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

bool is_same_file(const struct stat& status, const FileEntry& entry) {
  return S_ISREG(status.st_mode) && status.st_ino == entry.inode &&
         size_bytes_of(status) == entry.size_bytes &&
         mtime_ns_of(status) == entry.mtime_ns;
}

tl::unexpected<Error> fail_changed() {
  return fail(ErrorCode::changed, "the file changed since it was found");
}

}  // namespace

Result<FileEntry> find_file(const std::string& path) {
  struct stat status {};
  const int error = at_place(path, [&](int folder, const std::string& name) {
    return fstatat(folder, name.c_str(), &status, 0) == 0 ? 0 : errno;
  });
  if (error != 0) return tl::unexpected(error_of(error, "cannot open"));
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::unreadable, "not a regular file");
  }
  FileEntry entry;
  entry.path = path.substr(std::min(path.find_first_not_of('/'), path.size()));
  entry.size_bytes = size_bytes_of(status);
  entry.mtime_ns = mtime_ns_of(status);
  entry.inode = status.st_ino;
  return entry;
}

PhotoFile::PhotoFile(int descriptor, const FileEntry& entry)
    : descriptor_(descriptor),
      size_bytes_(entry.size_bytes),
      mtime_ns_(entry.mtime_ns) {}

PhotoFile::PhotoFile(PhotoFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_bytes_(other.size_bytes_),
      mtime_ns_(other.mtime_ns_) {}

PhotoFile& PhotoFile::operator=(PhotoFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_bytes_, other.size_bytes_);
  std::swap(mtime_ns_, other.mtime_ns_);
  return *this;
}

PhotoFile::~PhotoFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<PhotoFile> PhotoFile::open(const std::string& root,
                                  const FileEntry& entry,
                                  FollowLinks follow_links) {
  const bool follow = follow_links == FollowLinks::yes;
  Descriptor file;
  bool is_same = false;
  const auto open_same = [&](int folder, const std::string& path) {
    struct stat status;
    // Looked at first: to open a device or FIFO can have effects.
    if (fstatat(folder, path.c_str(), &status,
                follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
      return errno;
    }
    is_same = is_same_file(status, entry);
    if (!is_same) return 0;
    file = open_at(folder, path, follow ? 0 : O_NOFOLLOW);
    if (!file || fstat(file.get(), &status) != 0) return errno;
    is_same = is_same_file(status, entry);
    return 0;
  };
  const int error = at_place(absolute_path(root, entry.path), open_same);
  if (error != 0) {
    Error reason = error_of(error, "cannot open");
    return fail(reason.code, std::move(reason.message));
  }
  if (!is_same) return fail_changed();
  return PhotoFile(file.release(), entry);
}

void PhotoFile::read_ahead() const {
  // Linux fetches a piece at most each time it is asked.
  const std::uint64_t end = std::min(size_bytes_, kMaxAheadBytes);
  for (std::uint64_t at = 0; at < end; at += kPieceBytes) {
    posix_fadvise(descriptor_, static_cast<off_t>(at), kPieceBytes,
                  POSIX_FADV_WILLNEED);
  }
}

Result<std::size_t> PhotoFile::read_head(std::span<std::byte> head) const {
  return read_head(head, nullptr);
}

Result<std::size_t> PhotoFile::read_head(std::span<std::byte> head,
                                         const std::atomic<bool>* stop) const {
  std::size_t done = 0;
  while (done < head.size()) {
    if (stop != nullptr && *stop) throw Interrupted();
    const ssize_t count = pread(descriptor_, head.data() + done,
                                std::min(head.size() - done, kPieceBytes),
                                static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(error_of(errno, "cannot read"));
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<void> PhotoFile::read_all(std::span<std::byte> whole,
                                 const std::atomic<bool>* stop) const {
  posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  const Result<std::size_t> count = read_head(whole, stop);
  if (!count) return tl::unexpected(count.error());
  struct stat status;
  if (fstat(descriptor_, &status) != 0) {
    return tl::unexpected(error_of(errno, "cannot read"));
  }
  if (*count != size_bytes_ || size_bytes_of(status) != size_bytes_ ||
      mtime_ns_of(status) != mtime_ns_) {
    return fail_changed();
  }
  return {};
}

}  // namespace vam
