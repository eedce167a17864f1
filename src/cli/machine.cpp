// What the machine allows this process to use.
//
// Containers and services are limited by cgroups, and a limit of any ancestor
// counts. Version 2 has one tree with `cpu.max` and `memory.max`; version 1 a
// tree per controller (Linux, Documentation/admin-guide/cgroup-v1 and -v2).
#include "cli/machine.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace vam {
namespace {

namespace fs = std::filesystem;

/// The folders of this process's cgroup for a controller, innermost first.
struct CgroupFolders {
  std::vector<fs::path> v2;
  std::vector<fs::path> v1;
};

std::vector<fs::path> folder_and_parents(const fs::path& mount,
                                         const std::string& group) {
  std::vector<fs::path> folders;
  for (fs::path path = fs::path(group).relative_path(); !path.empty();
       path = path.parent_path()) {
    folders.push_back(mount / path);
  }
  folders.push_back(mount);
  return folders;
}

CgroupFolders cgroup_folders(const fs::path& root,
                             const std::string& controller) {
  CgroupFolders folders;
  const fs::path mount = root / "sys/fs/cgroup";
  std::ifstream file(root / "proc/self/cgroup");
  // Lines of "number:controllers:path".
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string controllers;
    std::string path;
    std::getline(fields, number, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    if (controllers.empty()) {
      folders.v2 = folder_and_parents(mount, path);
    } else if (("," + controllers + ",").find("," + controller + ",") !=
               std::string::npos) {
      folders.v1 = folder_and_parents(mount / controllers, path);
    }
  }
  return folders;
}

/// The first number in a file; nothing if there is none, as in "max".
std::optional<double> number_in(const fs::path& path) {
  std::ifstream file(path);
  double number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

/// The number behind a word at the start of a line.
std::optional<double> number_after(const fs::path& path,
                                   const std::string& word) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string first;
    double number = 0;
    if (fields >> first >> number && first == word) return number;
  }
  return std::nullopt;
}

/// In CPUs; infinite if there is no quota.
double cpu_quota(const fs::path& root) {
  double quota = std::numeric_limits<double>::infinity();
  const CgroupFolders folders = cgroup_folders(root, "cpu");
  for (const fs::path& folder : folders.v2) {
    std::ifstream file(folder / "cpu.max");
    double microseconds = 0;
    double period = 0;
    if (file >> microseconds >> period && microseconds > 0 && period > 0) {
      quota = std::min(quota, microseconds / period);
    }
  }
  for (const fs::path& folder : folders.v1) {
    const auto microseconds = number_in(folder / "cpu.cfs_quota_us");
    const auto period = number_in(folder / "cpu.cfs_period_us");
    if (microseconds && period && *microseconds > 0 && *period > 0) {
      quota = std::min(quota, *microseconds / *period);
    }
  }
  return quota;
}

/// What a cgroup leaves: its limit less what is used and cannot be reclaimed.
double left_in(const fs::path& folder, const char* limit_file,
               const char* usage_file, const char* reclaimable) {
  const auto limit = number_in(folder / limit_file);
  if (!limit) return std::numeric_limits<double>::infinity();
  const double used =
      number_in(folder / usage_file).value_or(0) -
      number_after(folder / "memory.stat", reclaimable).value_or(0);
  return std::max(0.0, *limit - std::max(0.0, used));
}

int cpus_by_affinity(int in_machine) {
  // A mask for 1,024 CPUs is what glibc offers; larger machines answer EINVAL
  // and then count as unrestricted.
  cpu_set_t mask;
  CPU_ZERO(&mask);
  return sched_getaffinity(0, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask)
                                                       : in_machine;
}

}  // namespace

CpuCount count_cpus(const fs::path& root) {
  CpuCount count;
  count.in_machine =
      std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
  count.allowed = std::clamp(cpus_by_affinity(count.in_machine), 1,
                             std::max(1, count.in_machine));
  if (count.allowed < count.in_machine) count.limited_by = "affinity";
  const double quota = std::ceil(cpu_quota(root));
  if (quota < count.allowed) {
    count.allowed = std::max(1, static_cast<int>(quota));
    count.limited_by = "cgroup quota";
  }
  return count;
}

std::uint64_t available_memory(const fs::path& root) {
  double bytes = number_after(root / "proc/meminfo", "MemAvailable:")
                     .value_or(1024.0 * 1024.0) *
                 1024.0;
  const CgroupFolders folders = cgroup_folders(root, "memory");
  for (const fs::path& folder : folders.v2) {
    bytes = std::min(bytes, left_in(folder, "memory.max", "memory.current",
                                    "inactive_file"));
  }
  for (const fs::path& folder : folders.v1) {
    bytes = std::min(
        bytes, left_in(folder, "memory.limit_in_bytes", "memory.usage_in_bytes",
                       "total_inactive_file"));
  }
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace vam
