#include "apply/check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

namespace vam {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

/// Fills the piece as far as the file goes. Negative: errno is set.
ssize_t read_piece(const Descriptor& file, std::uint64_t at,
                   std::span<std::byte> piece) {
  std::size_t done = 0;
  while (done < piece.size()) {
    const ssize_t count =
        pread(file.get(), piece.data() + done, piece.size() - done,
              static_cast<off_t>(at + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(done);
}

void stop_if_asked(const std::atomic<bool>* stop) {
  if (stop != nullptr && *stop) throw Interrupted();
}

std::span<const std::byte> filled(const std::vector<std::byte>& piece,
                                  ssize_t count) {
  return std::span(piece).first(static_cast<std::size_t>(count));
}

}  // namespace

KnownFile known_of(const JournalAction& action) {
  return {action.size_bytes, action.mtime_ns, action.digest};
}

Result<void> check_status(const PlainFile& file, const KnownFile& known,
                          const std::string& what) {
  if (static_cast<std::uint64_t>(file.status.st_size) != known.size_bytes) {
    return fail(ErrorCode::changed, what + " has another size now");
  }
  if (mtime_ns_of(file.status) != known.mtime_ns) {
    return fail(ErrorCode::changed, what + " was modified since");
  }
  return {};
}

Result<void> check_digest(const PlainFile& file, const KnownFile& known,
                          const std::string& what,
                          const std::atomic<bool>* stop) {
  posix_fadvise(file.content.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<std::byte> piece(kPieceBytes);
  DigestStream stream;
  // One that grows for ever has not the size that was checked.
  for (std::uint64_t at = 0; at <= known.size_bytes;) {
    stop_if_asked(stop);
    const ssize_t count = read_piece(file.content, at, piece);
    if (count < 0) return fail_with(errno, what + " cannot be read");
    if (count == 0) break;
    stream.add(filled(piece, count));
    at += static_cast<std::uint64_t>(count);
  }
  if (stream.digest() != known.digest) {
    return fail(ErrorCode::changed, what + " holds other bytes now");
  }
  if (!is_unchanged(file)) {
    return fail(ErrorCode::changed, what + " changed while it was read");
  }
  return {};
}

Result<void> check_bytes_alone(const PlainFile& file, KnownFile known,
                               const std::string& what,
                               const std::atomic<bool>* stop) {
  known.mtime_ns = mtime_ns_of(file.status);
  if (auto same = check_status(file, known, what); !same) return same;
  return check_digest(file, known, what, stop);
}

bool may_be_one_file(const struct stat& a, const struct stat& b) {
  if (a.st_dev == b.st_dev) return a.st_ino == b.st_ino;
  // One of the two ways to a file may tell seconds only, or tenths of a
  // microsecond, as SMB does.
  const auto is_same = [](const timespec& x, const timespec& y) {
    return x.tv_sec == y.tv_sec && (x.tv_nsec == 0 || y.tv_nsec == 0 ||
                                    x.tv_nsec / 100 == y.tv_nsec / 100);
  };
  return a.st_size == b.st_size && is_same(a.st_mtim, b.st_mtim) &&
         is_same(a.st_ctim, b.st_ctim);
}

Result<void> check_same_bytes(const PlainFile& file, const PlainFile& keeper,
                              const KnownFile& known,
                              const std::atomic<bool>* stop) {
  std::vector<std::byte> piece(kPieceBytes);
  std::vector<std::byte> other(kPieceBytes);
  DigestStream stream;
  bool is_same = true;
  for (std::uint64_t at = 0; is_same && at <= known.size_bytes;) {
    stop_if_asked(stop);
    const ssize_t count = read_piece(file.content, at, piece);
    is_same = count >= 0 && read_piece(keeper.content, at, other) == count &&
              std::memcmp(piece.data(), other.data(),
                          static_cast<std::size_t>(count)) == 0;
    if (!is_same || count == 0) break;
    stream.add(filled(piece, count));
    at += static_cast<std::uint64_t>(count);
  }
  if (is_same && stream.digest() == known.digest && is_unchanged(file) &&
      is_unchanged(keeper)) {
    return {};
  }
  if (auto checked = check_digest(file, known, "it", stop); !checked) {
    return checked;
  }
  if (auto checked = check_digest(keeper, known, "its keeper", stop);
      !checked) {
    return checked;
  }
  return fail(ErrorCode::changed, "its bytes are not those of its keeper");
}

int copy_bytes(const Descriptor& from, const Descriptor& to) {
  std::vector<std::byte> piece(kPieceBytes);
  for (std::uint64_t at = 0;;) {
    const ssize_t count = read_piece(from, at, piece);
    if (count < 0) return errno;
    if (count == 0) return 0;
    const int error =
        write_all(to, {reinterpret_cast<const char*>(piece.data()),
                       static_cast<std::size_t>(count)});
    if (error != 0) return error;
    at += static_cast<std::uint64_t>(count);
  }
}

}  // namespace vam
