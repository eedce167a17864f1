#include "cli/priority.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace vam {
namespace {

constexpr int kNicest = 19;

// Of <linux/ioprio.h>, which is not for C++.
constexpr int kOneThread = 1;
constexpr int kIdleClass = 3 << 13;

/// Linux may share CPUs among sessions, and then a nice value counts within its
/// session only. This one may be of nobody else, as that of a job of cron.
void lower_session() {
  if (getsid(0) != getpid()) return;
  std::ofstream("/proc/self/autogroup") << kNicest;
}

}  // namespace

std::string lower_priority() {
  constexpr int kThisThread = 0;
  std::string refused;
  if (setpriority(PRIO_PROCESS, kThisThread, kNicest) != 0) {
    refused = std::string("of the processor: ") + std::strerror(errno);
  }
  lower_session();
  // The C library has no function for it.
  if (syscall(SYS_ioprio_set, kOneThread, kThisThread, kIdleClass) != 0) {
    if (!refused.empty()) refused += ", and ";
    refused += std::string("of the disk: ") + std::strerror(errno);
  }
  return refused;
}

}  // namespace vam
