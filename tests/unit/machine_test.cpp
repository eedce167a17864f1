#include "cli/machine.hpp"

#include "catch.hpp"
#include "temp_folder.hpp"

using namespace vam;

TEST_CASE("machine: without cgroups the affinity counts") {
  const TempFolder root;
  const CpuCount count = count_cpus(root.path);
  CHECK(count.allowed >= 1);
  CHECK(count.allowed <= count.in_machine);
}

TEST_CASE("machine: a cgroup v2 quota of an ancestor counts") {
  const TempFolder root;
  root.write("proc/self/cgroup", "0::/a.slice/b.service\n");
  root.write("sys/fs/cgroup/a.slice/b.service/cpu.max", "max 100000\n");
  root.write("sys/fs/cgroup/a.slice/cpu.max", "50000 100000\n");
  const CpuCount count = count_cpus(root.path);
  CHECK(count.allowed == 1);
  if (count.in_machine > 1) CHECK(count.limited_by == "cgroup quota");
}

TEST_CASE("machine: a cgroup v1 quota counts") {
  const TempFolder root;
  root.write("proc/self/cgroup", "4:cpu,cpuacct:/job\n3:memory:/job\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "90000\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  CHECK(count_cpus(root.path).allowed == 1);
}

TEST_CASE("machine: an unlimited quota is none") {
  const TempFolder root;
  root.write("proc/self/cgroup", "4:cpu:/\n");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(count_cpus(root.path).limited_by != "cgroup quota");
}

TEST_CASE("machine: memory is what the kernel calls available") {
  const TempFolder root;
  root.write("proc/meminfo", "MemTotal: 9000 kB\nMemAvailable: 5000 kB\n");
  CHECK(available_memory(root.path) == 5000 * 1024);
}

TEST_CASE("machine: a cgroup leaves its limit less what it uses") {
  const TempFolder root;
  root.write("proc/meminfo", "MemAvailable: 5000000 kB\n");
  root.write("proc/self/cgroup", "0::/x\n");
  root.write("sys/fs/cgroup/x/memory.max", "1000000\n");
  root.write("sys/fs/cgroup/x/memory.current", "400000\n");
  root.write("sys/fs/cgroup/x/memory.stat", "anon 1\ninactive_file 100000\n");
  CHECK(available_memory(root.path) == 700000);
  root.write("sys/fs/cgroup/x/memory.current", "2000000\n");
  CHECK(available_memory(root.path) == 0);
}

TEST_CASE("machine: cgroup v1 memory counts too") {
  const TempFolder root;
  root.write("proc/meminfo", "MemAvailable: 5000000 kB\n");
  root.write("proc/self/cgroup", "3:memory:/job\n");
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000\n");
  root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "500000\n");
  CHECK(available_memory(root.path) == 1500000);
}
