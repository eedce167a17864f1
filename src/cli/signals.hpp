// What signals do to a program.
#pragma once

#include <atomic>

namespace vam {

/// Set by SIGINT and SIGTERM.
extern std::atomic<bool> stop_requested;

/// The first SIGINT or SIGTERM asks to stop, the second one ends at once.
/// Nothing dies of a closed pipe or a file size limit.
void install_signal_handlers();

}  // namespace vam
