#include "cli/priority.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vam {
namespace {

// Of <linux/ioprio.h>, which is not for C++.
constexpr int kOneThread = 1;
constexpr int kIdleClass = 3 << 13;

}  // namespace

std::string lower_priority() {
  constexpr int kNicest = 19;
  constexpr int kThisThread = 0;
  if (setpriority(PRIO_PROCESS, kThisThread, kNicest) != 0) {
    return std::string("of the processor: ") + std::strerror(errno);
  }
  // The C library has no function for it.
  if (syscall(SYS_ioprio_set, kOneThread, kThisThread, kIdleClass) != 0) {
    return std::string("of the disk: ") + std::strerror(errno);
  }
  return {};
}

}  // namespace vam
