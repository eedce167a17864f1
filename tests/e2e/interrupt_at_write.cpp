// Interrupts the process it is loaded into (LD_PRELOAD) when it has begun to
// write a file.
//
//   INTERRUPT_AT=NAME      of the file, or a part of its path
//   INTERRUPT_WITH=SIGNAL  a number
#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::atomic<bool> is_done = false;

bool is_meant(int file) {
  static const char* const name = std::getenv("INTERRUPT_AT");
  if (name == nullptr || is_done) return false;
  std::array<char, 4096> path{};
  const ssize_t size =
      readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path.data(),
               path.size());
  return size > 0 &&
         std::string_view(path.data(), static_cast<std::size_t>(size))
                 .find(name) != std::string_view::npos;
}

}  // namespace

extern "C" ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const call =
      reinterpret_cast<decltype(write)*>(dlsym(RTLD_NEXT, "write"));
  const ssize_t result = call(file, bytes, size);
  if (is_meant(file) && !is_done.exchange(true)) {
    const char* const signal = std::getenv("INTERRUPT_WITH");
    kill(getpid(), signal == nullptr ? SIGINT : std::atoi(signal));
  }
  return result;
}
