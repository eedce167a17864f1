// Standing back behind what else the machine does.
#pragma once

#include <string>

namespace vam {

/// Of this thread, and of all threads and processes that it starts from now on:
/// CPUs and disks are for them when nobody else wants them. Returns what the
/// system refused, empty if nothing.
std::string lower_priority();

}  // namespace vam
