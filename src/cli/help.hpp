// What --help prints.
#pragma once

#include <string_view>

namespace vam {

/// Ends with a line end; no line is longer than 80 columns.
extern const std::string_view kHelpText;
extern const std::string_view kApplyHelpText;

}  // namespace vam
