// What the tools that measure searches share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

/// SplitMix64 (G. Steele et al., 2014): a bijection, so distinct counters make
/// distinct numbers.
inline std::uint64_t mixed(std::uint64_t n) {
  std::uint64_t hash = n * 0x9E3779B97F4A7C15U;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9U;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBU;
  return hash ^ (hash >> 31);
}

/// getrusage() would count what the process held that started this one.
inline std::uint64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

inline int number(const char* text) { return std::max(0, std::atoi(text)); }
