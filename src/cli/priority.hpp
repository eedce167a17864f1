// Standing back behind what else the machine does.
#pragma once

#include <string>

namespace vam {

/// Of this thread, and of all threads and processes that it starts from now on:
/// others have CPUs and disks first. Returns what the system refused, empty if
/// nothing.
std::string lower_priority();

}  // namespace vam
