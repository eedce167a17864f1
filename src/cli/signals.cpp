#include "cli/signals.hpp"

#include <csignal>

namespace vam {

std::atomic<bool> stop_requested = false;
static_assert(std::atomic<bool>::is_always_lock_free);

namespace {

void request_stop(int) { stop_requested = true; }

}  // namespace

void install_signal_handlers() {
  struct sigaction stop {};
  stop.sa_handler = request_stop;
  // A second Ctrl-C ends at once; the catalog survives that, too.
  stop.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &stop, nullptr);
  sigaction(SIGTERM, &stop, nullptr);
  // Writing to a closed pipe, or beyond `ulimit -f`, is an error to look at,
  // not a death.
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  sigaction(SIGXFSZ, &ignore, nullptr);
  // Whoever started this may not care how its processes end. This does.
  signal(SIGCHLD, SIG_DFL);
}

}  // namespace vam
