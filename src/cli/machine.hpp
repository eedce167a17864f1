// What the machine allows this process to use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace vam {

struct CpuCount {
  int allowed = 1;     ///< at least 1
  int in_machine = 1;  ///< online
  /// What keeps this process from using all: "affinity", "cgroup quota", or
  /// empty.
  std::string limited_by;
};

/// Counts CPUs by affinity and cgroup (v1 and v2) quota, rounded up. `root` is
/// where /proc and /sys are looked for.
CpuCount count_cpus(const std::filesystem::path& root = "/");

/// Memory that can be used without swapping or hitting a cgroup limit, bytes.
std::uint64_t available_memory(const std::filesystem::path& root = "/");

}  // namespace vam
