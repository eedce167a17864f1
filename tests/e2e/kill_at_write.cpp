// Kills the process it is loaded into (LD_PRELOAD) in the middle of what it
// writes: with the Nth call that changes files, SIGKILL comes when half of it
// is done. Pipes and terminals do not count.
//
//   KILL_AT_WRITE=N         0 or not set: never
//   COUNT_WRITES_IN=FILE    told at the end how many such calls there were
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<long> calls{0};

/// Whether this call is the last one.
bool is_last() {
  static const char* const text = std::getenv("KILL_AT_WRITE");
  static const long last = text == nullptr ? 0 : std::atol(text);
  return ++calls == last;
}

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// Does a call, or is killed before it.
template <class Function, class... Arguments>
int forward(const char* name, Arguments... arguments) {
  if (is_last()) die();
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
  if (is_last()) {
    call(file, bytes, size / 2, at);
    die();
  }
  return call(file, bytes, size, at);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return pwrite64(file, bytes, size, at);
}

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const call = next<decltype(write)>("write");
  struct stat status {};
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && is_last()) {
    call(file, bytes, size / 2);
    die();
  }
  return call(file, bytes, size);
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
