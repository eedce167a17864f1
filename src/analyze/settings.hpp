// What was asked for, as reports say it.
#pragma once

#include "vam/analyze.hpp"

namespace vam {

/// Without the sources.
Settings settings_of(const AnalyzeOptions& options);

}  // namespace vam
