// What --version prints.
#pragma once

#include <string>

namespace vam {

/// The program's version, and below it a line for each picture format that it
/// can be built to read: whether it does, with what, and which CMake option
/// decides; the same for catalogs; and with what else it was built.
std::string version_text();

}  // namespace vam
