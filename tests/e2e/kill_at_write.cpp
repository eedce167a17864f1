// Kills the process it is loaded into (LD_PRELOAD) in the middle of what it
// writes: with the Nth call that changes files, SIGKILL comes when half of it
// is done. Pipes and terminals do not count. Nothing waits for a disk: what was
// written is there after a kill, synchronised or not.
//
//   KILL_AT_WRITE=N         0 or not set: never
//   FAIL_AT_WRITE=N         instead, that call fails (EIO)
//   RUN_AT_WRITE=N          the shell command RUN runs before that call
//   RUN_FROM_WRITE=N        and before each one after it
//   COUNT_WRITES_IN=FILE    told at the end how many such calls there were
//   LOG_WRITES_IN=FILE      told each such call, with the paths it is about
//   FAIL_FLOCK=ERRNO        flock() fails so for files whose path holds
//   FAIL_FLOCK_OF=TEXT      this (default: for all)
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

std::atomic<long> calls{0};

long number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? 0 : std::atol(text);
}

enum class Fate { pass, fail, die };

/// Of this call.
Fate fate() {
  static const long last = number_in("KILL_AT_WRITE");
  static const long failing = number_in("FAIL_AT_WRITE");
  static const long disturbed = number_in("RUN_AT_WRITE");
  static const long disturbed_from = number_in("RUN_FROM_WRITE");
  const long call = ++calls;
  if (call == disturbed || (disturbed_from > 0 && call >= disturbed_from)) {
    if (std::system(std::getenv("RUN")) != 0) std::abort();
  }
  if (call == last) return Fate::die;
  return call == failing ? Fate::fail : Fate::pass;
}

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string path_of(int file) {
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(link.c_str(), path, sizeof path);
  return {path, size < 0 ? 0 : static_cast<size_t>(size)};
}

std::string path_of(int folder, const char* name) {
  return *name == '/' || folder == AT_FDCWD ? name
                                            : path_of(folder) + '/' + name;
}

void log(const char* name, const std::string& what) {
  static const char* const file = std::getenv("LOG_WRITES_IN");
  static std::FILE* const out =
      file == nullptr ? nullptr : std::fopen(file, "ae");
  if (out == nullptr) return;
  std::fprintf(out, "%s %s\n", name, what.c_str());
  std::fflush(out);
}

/// 0, unless the call is to fail or kills.
int meet_fate(const char* name, const std::string& what) {
  log(name, what);
  switch (fate()) {
    case Fate::die:
      die();
    case Fate::fail:
      errno = EIO;
      return -1;
    case Fate::pass:
      break;
  }
  return 0;
}

/// Does a call, or fails or is killed before it.
template <class Function, class... Arguments>
int forward(const char* name, const std::string& what, Arguments... arguments) {
  if (meet_fate(name, what) != 0) return -1;
  return next<Function>(name)(arguments...);
}

struct Counter {
  /// Processes that this one starts are not meant.
  Counter() { unsetenv("LD_PRELOAD"); }

  ~Counter() {
    const char* const file = std::getenv("COUNT_WRITES_IN");
    if (file == nullptr) return;
    if (std::FILE* out = std::fopen(file, "w")) {
      std::fprintf(out, "%ld\n", calls.load());
      std::fclose(out);
    }
  }
} counter;

}  // namespace

extern "C" {

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  static auto* const call = next<decltype(pwrite64)>("pwrite64");
  log("pwrite", path_of(file));
  const Fate now = fate();
  if (now == Fate::pass) return call(file, bytes, size, at);
  call(file, bytes, size / 2, at);
  if (now == Fate::die) die();
  errno = EIO;
  return -1;
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return pwrite64(file, bytes, size, at);
}

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const call = next<decltype(write)>("write");
  struct stat status {};
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    return call(file, bytes, size);
  }
  log("write", path_of(file));
  const Fate now = fate();
  if (now == Fate::pass) return call(file, bytes, size);
  if (call(file, bytes, size / 2) < 0 || now == Fate::die) die();
  errno = EIO;
  return -1;
}

int fsync(int file) { return meet_fate("fsync", path_of(file)); }

int fdatasync(int file) { return meet_fate("fdatasync", path_of(file)); }

int ftruncate64(int file, off64_t size) noexcept {
  return forward<decltype(ftruncate64)>("ftruncate64", path_of(file), file,
                                        size);
}

int ftruncate(int file, off_t size) noexcept { return ftruncate64(file, size); }

int rename(const char* from, const char* to) noexcept {
  return forward<decltype(rename)>("rename", std::string(from) + ' ' + to, from,
                                   to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  return forward<decltype(renameat2)>(
      "renameat2", path_of(from_folder, from) + ' ' + path_of(to_folder, to),
      from_folder, from, to_folder, to, flags);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to,
           int flags) noexcept {
  return forward<decltype(linkat)>(
      "linkat", path_of(from_folder, from) + ' ' + path_of(to_folder, to),
      from_folder, from, to_folder, to, flags);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return forward<decltype(unlinkat)>("unlinkat", path_of(folder, path), folder,
                                     path, flags);
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return forward<decltype(mkdirat)>("mkdirat", path_of(folder, path), folder,
                                    path, mode);
}

int link(const char* from, const char* to) noexcept {
  return forward<decltype(link)>("link", std::string(from) + ' ' + to, from,
                                 to);
}

int unlink(const char* path) noexcept {
  return forward<decltype(unlink)>("unlink", path, path);
}

/// All that programs here ask for has one argument.
int ioctl(int file, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  // One that asks for no bytes changes nothing.
  if (request == FIDEDUPERANGE &&
      static_cast<file_dedupe_range*>(argument)->src_length > 0) {
    return forward<decltype(ioctl)>("ioctl", path_of(file), file, request,
                                    argument);
  }
  return next<decltype(ioctl)>("ioctl")(file, request, argument);
}

int flock(int file, int operation) noexcept {
  static const long error = number_in("FAIL_FLOCK");
  static const char* const where = std::getenv("FAIL_FLOCK_OF");
  if (error != 0 &&
      (where == nullptr || path_of(file).find(where) != std::string::npos)) {
    errno = static_cast<int>(error);
    return -1;
  }
  return next<decltype(flock)>("flock")(file, operation);
}

}  // extern "C"
