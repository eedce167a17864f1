// Kills the process it is loaded into (LD_PRELOAD) in the middle of what it
// writes: with the Nth call that changes files, SIGKILL comes when half of it
// is done. Pipes and terminals do not count.
//
//   KILL_AT_WRITE=N         0 or not set: never
//   FAIL_AT_WRITE=N         instead, that call fails (EIO)
//   RUN_AT_WRITE=N          the shell command RUN runs before that call
//   RUN_FROM_WRITE=N        and before each one after it
//   COUNT_WRITES_IN=FILE    told at the end how many such calls there were
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

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

/// Does a call, or fails or is killed before it.
template <class Function, class... Arguments>
int forward(const char* name, Arguments... arguments) {
  switch (fate()) {
    case Fate::die:
      die();
    case Fate::fail:
      errno = EIO;
      return -1;
    case Fate::pass:
      break;
  }
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
  const Fate now = fate();
  if (now == Fate::pass) return call(file, bytes, size);
  if (call(file, bytes, size / 2) < 0 || now == Fate::die) die();
  errno = EIO;
  return -1;
}

int fsync(int file) { return forward<decltype(fsync)>("fsync", file); }

int fdatasync(int file) {
  return forward<decltype(fdatasync)>("fdatasync", file);
}

int ftruncate64(int file, off64_t size) noexcept {
  return forward<decltype(ftruncate64)>("ftruncate64", file, size);
}

int ftruncate(int file, off_t size) noexcept { return ftruncate64(file, size); }

int rename(const char* from, const char* to) noexcept {
  return forward<decltype(rename)>("rename", from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  return forward<decltype(renameat2)>("renameat2", from_folder, from, to_folder,
                                      to, flags);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to,
           int flags) noexcept {
  return forward<decltype(linkat)>("linkat", from_folder, from, to_folder, to,
                                   flags);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return forward<decltype(unlinkat)>("unlinkat", folder, path, flags);
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return forward<decltype(mkdirat)>("mkdirat", folder, path, mode);
}

int link(const char* from, const char* to) noexcept {
  return forward<decltype(link)>("link", from, to);
}

int unlink(const char* path) noexcept {
  return forward<decltype(unlink)>("unlink", path);
}

}  // extern "C"
