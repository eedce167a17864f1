// Streams over file descriptors, and files that are replaced as a whole.
#include "cli/output.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>

#include "vam/catalog.hpp"
#include "vam/decode.hpp"
#include "vam/error.hpp"
#include "vam/scan.hpp"

namespace vam {

namespace {

[[noreturn]] void fail_to_write(const std::string& shown, int error) {
  throw FatalError("cannot write " + shown + ": " +
                   std::generic_category().message(error));
}

/// Of the file at the end of all links; nothing if there is none yet.
std::optional<struct stat> status_of(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  fail_to_write(file, errno);
}

/// Links in /proc (which /dev/stdout leads to) stand for what is open, not for
/// a name.
bool is_in_proc(const std::string& link) {
  struct statfs system {};
  const std::string folder = std::filesystem::path(link).parent_path().string();
  return statfs(folder.empty() ? "." : folder.c_str(), &system) == 0 &&
         system.f_type == PROC_SUPER_MAGIC;
}

/// The name at the end of the symbolic links, which need not exist yet.
/// Nothing if the way leads through /proc.
std::optional<std::string> resolved(const std::string& file) {
  constexpr int kMaxLinks = 40;
  std::filesystem::path path = file;
  for (int i = 0; i < kMaxLinks; ++i) {
    std::error_code no_link;
    const auto link = std::filesystem::read_symlink(path, no_link);
    if (no_link) return path.string();
    if (is_in_proc(path.string())) return std::nullopt;
    path = path.parent_path() / link;  // `link` alone if it is absolute
  }
  fail_to_write(file, ELOOP);
}

bool is_picture(const std::string& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return false;
  std::array<std::byte, kHeadBytes> head{};
  const ssize_t count = read(descriptor, head.data(), head.size());
  close(descriptor);
  if (count <= 0) return false;
  return recognise(std::span(head).first(static_cast<std::size_t>(count))) !=
         Format::unknown;
}

bool is_named_like_a_picture(const std::string& file) {
  const std::string extension = extension_of(file);
  const auto known = picture_extensions();
  return !extension.empty() &&
         std::find(known.begin(), known.end(), extension) != known.end();
}

int open_directly(const std::string& file) {
  // Appending, for "> log" and ">> log" behind /dev/stdout.
  const int descriptor =
      open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
  if (descriptor >= 0) return descriptor;
  // A signal came while a FIFO waited for its reader.
  if (errno == EINTR) throw Interrupted();
  fail_to_write(file, errno);
}

}  // namespace

void print(std::string_view text) {
  Output output("");
  output.stream() << text;
  output.finish();
}

void refuse_to_overwrite(const std::string& file) {
  const auto status = status_of(file);
  if (!status || !S_ISREG(status->st_mode)) return;
  if (is_picture(file) || is_named_like_a_picture(file)) {
    throw FatalError("cannot write " + file +
                     ": it is a picture, and those are never overwritten");
  }
  const std::filesystem::path folder =
      std::filesystem::path(file).parent_path();
  if (is_catalog(folder.empty() ? "." : folder)) {
    throw FatalError("cannot write " + file + ": it is part of a catalog");
  }
}

DescriptorBuffer::DescriptorBuffer(int descriptor,
                                   const std::atomic<bool>* stop)
    : descriptor_(descriptor), stop_(stop) {
  struct stat status {};
  is_file_ = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type c) {
  if (!flush_buffer()) return traits_type::eof();
  if (!traits_type::eq_int_type(c, traits_type::eof())) {
    *pptr() = traits_type::to_char_type(c);
    pbump(1);
  }
  return traits_type::not_eof(c);
}

int DescriptorBuffer::sync() { return flush_buffer() ? 0 : -1; }

/// What is no file may be read slowly, or not at all. As much as PIPE_BUF can
/// be written without waiting when poll() says so.
bool DescriptorBuffer::flush_buffer() {
  constexpr int kLookAgainMs = 100;
  const char* next = pbase();
  while (error_ == 0 && next < pptr()) {
    if (is_stopped()) {
      error_ = ECANCELED;
      break;
    }
    auto size = static_cast<std::size_t>(pptr() - next);
    if (!is_file_) {
      pollfd ready{descriptor_, POLLOUT, 0};
      if (poll(&ready, 1, kLookAgainMs) <= 0) continue;
      size = std::min<std::size_t>(size, PIPE_BUF);
    }
    const ssize_t count = write(descriptor_, next, size);
    if (count > 0) {
      next += count;
    } else if (count == 0) {
      error_ = EIO;
    } else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
      error_ = errno;
    }
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return error_ == 0;
}

Output::Target Output::open_target(const std::string& file) {
  if (file.empty() || file == "-") {
    return {STDOUT_FILENO, "standard output", "", ""};
  }
  const std::optional<std::string> name = resolved(file);
  const auto status = status_of(file);
  if (!name || (status && !S_ISREG(status->st_mode))) {
    return {open_directly(file), file, "", ""};
  }
  if (status) {
    // rename() would not ask.
    if (faccessat(AT_FDCWD, name->c_str(), W_OK, AT_EACCESS) != 0) {
      fail_to_write(file, errno);
    }
    refuse_to_overwrite(*name);
  }
  Target target = open_temporary(file, *name);
  if (status) {
    // Some file systems have no permissions; the report matters more.
    [[maybe_unused]] const int ignored =
        fchmod(target.descriptor, status->st_mode & 0777);
  }
  return target;
}

Output::Target Output::open_temporary(const std::string& shown,
                                      const std::string& file) {
  constexpr int kAttempts = 100;
  const std::filesystem::path folder =
      std::filesystem::path(file).parent_path();
  for (int i = 0; i < kAttempts; ++i) {
    // Short, because the name itself may be as long as names can be.
    const std::string temporary =
        (folder /
         (".vam-report-" + std::to_string(getpid()) + "-" + std::to_string(i)))
            .string();
    const int descriptor =
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return {descriptor, shown, file, temporary};
    if (errno != EEXIST) break;
  }
  fail_to_write(shown, errno);
}

Output::Output(const std::string& file, const std::atomic<bool>* stop)
    : target_(open_target(file)),
      stop_(stop),
      buffer_(target_.descriptor, stop),
      stream_(&buffer_) {}

Output::~Output() {
  if (target_.descriptor >= 0 && target_.descriptor != STDOUT_FILENO) {
    close(target_.descriptor);
  }
  if (!target_.temporary.empty()) unlink(target_.temporary.c_str());
}

bool Output::is_terminal() const { return isatty(target_.descriptor) == 1; }

OutputEnd Output::finish() {
  stream_.flush();
  if (buffer_.error() == ECANCELED) throw Interrupted();
  if (buffer_.error() == EPIPE) return OutputEnd::reader_gone;
  if (buffer_.error() != 0) fail_to_write(target_.shown, buffer_.error());
  if (!stream_) fail_to_write(target_.shown, EIO);
  if (target_.temporary.empty()) return OutputEnd::complete;

  // The name must not be there before the data are; some file systems tell
  // only now that the disk is full.
  if (fsync(target_.descriptor) != 0 && errno != EINVAL && errno != ENOTSUP) {
    fail_to_write(target_.shown, errno);
  }
  const int closed = close(target_.descriptor);
  target_.descriptor = -1;
  if (closed != 0) fail_to_write(target_.shown, errno);
  if (stop_ != nullptr && *stop_) throw Interrupted();
  // The catalog, or a photo, may have got this name since the run began.
  refuse_to_overwrite(target_.file);
  if (std::rename(target_.temporary.c_str(), target_.file.c_str()) != 0) {
    fail_to_write(target_.shown, errno);
  }
  target_.temporary.clear();
  return OutputEnd::complete;
}

void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is the one that is missing. The wrong direction
    // makes a write fail instead of being lost.
    [[maybe_unused]] const int opened =
        open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace vam
