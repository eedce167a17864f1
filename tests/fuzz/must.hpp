// How a fuzz target tells that something does not hold.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

/// Ends the process, which the fuzzer takes for a finding.
inline void must(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()),
               what.data());
  std::abort();
}
