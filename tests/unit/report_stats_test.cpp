// What a run took: --stats in text, `timings` in JSON.
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "catch.hpp"
#include "report/writers.hpp"
#include "vam/report.hpp"

using namespace vam;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

std::string written(const Report& report, std::string_view format) {
  std::ostringstream out;
  find_report_writer(format)->write(report, {}, out);
  return out.str();
}

Json timings_of(const Report& report) {
  return Json::parse(written(report, "json"))["stats"]["timings"];
}

/// All that --stats adds.
std::string stats_of(const Report& report) {
  std::ostringstream out;
  write_text_stats(report, out);
  return out.str();
}

using Steps = std::initializer_list<std::pair<HashStep, double>>;

void set_steps(RunTimes& times, Steps steps) {
  times.hashing_seconds = {};
  for (const auto& [step, seconds] : steps) {
    times.hashing_seconds[static_cast<std::size_t>(step)] = seconds;
  }
}

/// A run whose four workers mostly decode.
Report decoding_report() {
  Report report;
  report.settings.detect_duplicates = true;
  RunTimes& times = report.stats.times;
  times[RunStage::scan] = {0.5, 0.1, 1, 12'345, 0, 10 * kMiB};
  times[RunStage::hash] = {10, 38.8, 4, 300, 1200 * kMiB, 90 * kMiB};
  times[RunStage::search] = {0.25, 0.3, 4, 40, 0, 100 * kMiB};
  times[RunStage::verify] = {8, 32.5, 4, 0, 0, 100 * kMiB, 12'000};
  set_steps(times, {{HashStep::read, 1},
                    {HashStep::digest, 0.5},
                    {HashStep::decode, 36},
                    {HashStep::fingerprint, 2},
                    {HashStep::idle, 0.5}});
  times.total_seconds = 20;
  report.stats.peak_memory_bytes = 101 * kMiB;
  report.stats.workers = 4;
  return report;
}

/// The last line of the text, behind "Bottleneck: ".
std::string bottleneck_in(const Report& report) {
  const std::string text = stats_of(report);
  const std::string label = "\nBottleneck: ";
  const auto begin = text.find(label) + label.size();
  return text.substr(begin, text.size() - begin - 1);
}

/// The bottleneck of four workers that hash for ten seconds.
std::string hashing_bottleneck(Steps steps, double cpu_seconds) {
  Report report = decoding_report();
  report.stats.times[RunStage::hash].cpu_seconds = cpu_seconds;
  set_steps(report.stats.times, steps);
  return bottleneck_in(report);
}

/// The bottleneck of a run that only has this stage, with two workers.
std::string stage_bottleneck(RunStage stage, double cpu_seconds) {
  Report report;
  report.settings.detect_duplicates = true;
  report.stats.times[stage] = {10, cpu_seconds, 2};
  report.stats.times.total_seconds = 10;
  return bottleneck_in(report);
}

}  // namespace

TEST_CASE("report: text tells what stages took if asked to") {
  Report report = decoding_report();
  const std::string table =
      R"(Stage   seconds   pictures/s         read  workers busy  peak memory
scan       0.50       24,690            -     20 % of 1     10.0 MiB
hash      10.00           30  120.0 MiB/s     97 % of 4     90.0 MiB
search     0.25          160            -     30 % of 4    100.0 MiB
verify     8.00  1,500 pairs            -    100 % of 4    100.0 MiB
total     20.00                                            101.0 MiB
Bottleneck: hashing, 50 % of the time; decoding keeps the workers busy 90 %: more CPUs would help
)";
  CHECK(stats_of(report) == table);
  const std::string plain = written(report, "text");
  report.settings.show_stats = true;
  CHECK(written(report, "text") == plain + '\n' + table);
}

TEST_CASE("report: only the stages that a run had are told") {
  Report report = decoding_report();
  const auto names = [&] {
    std::vector<std::string> found;
    const Json timings = timings_of(report);
    for (const Json& stage : timings["stages"]) {
      found.push_back(stage["name"].get<std::string>());
    }
    return found;
  };
  using Names = std::vector<std::string>;
  CHECK(names() == Names{"scan", "hash", "search", "verify"});
  report.settings.verify = false;
  CHECK(names() == Names{"scan", "hash", "search"});
  report.settings.detect_duplicates = false;
  CHECK(names() == Names{"scan", "hash"});
  CHECK(stats_of(report).find("\nsearch") == std::string::npos);
}

TEST_CASE("report: JSON has what stages took") {
  const Json timings = timings_of(decoding_report());
  CHECK(timings["stages"][1].dump() ==
        R"({"name":"hash","seconds":10.0,"cpu_seconds":38.8,"workers":4,)"
        R"("utilisation":0.97,"pictures_per_second":30.0,)"
        R"("pairs_per_second":null,)"
        R"("bytes_per_second":125829120.0,"peak_memory_bytes":94371840})");
  CHECK(timings["stages"][0]["bytes_per_second"].is_null());
  CHECK(timings["stages"][3]["utilisation"] == 1.0);
  CHECK(timings["stages"][3]["pairs_per_second"] == 1500.0);
  CHECK(timings["stages"][3]["pictures_per_second"].is_null());
  CHECK(timings["search_seconds"] == 8.25);
  CHECK(timings["hashing"].dump() ==
        R"({"read_seconds":1.0,"digest_seconds":0.5,"decode_seconds":36.0,)"
        R"("fingerprint_seconds":2.0,"memory_wait_seconds":0.0,)"
        R"("catalog_wait_seconds":0.0,"idle_seconds":0.5})");
  CHECK(timings["bottleneck"].dump() ==
        R"({"stage":"hash","share":0.5,"step":"decode","busy":0.9,)"
        R"("limit":"cpu"})");
}

TEST_CASE("report: a run in which nothing was measured has no bottleneck") {
  const std::string none = "none, the run was too short to tell";
  Report report;
  CHECK(bottleneck_in(report) == none);
  CHECK(stats_of(report) ==
        R"(Stage  seconds  pictures/s  read  workers busy  peak memory
scan      0.00           -     -      0 % of 1      0 bytes
hash      0.00           -     -      0 % of 1      0 bytes
total     0.00                                      0 bytes
Bottleneck: none, the run was too short to tell
)");
  const Json timings = timings_of(report);
  CHECK(timings["bottleneck"].is_null());
  CHECK(timings["stages"][0]["pictures_per_second"].is_null());
  CHECK(timings["stages"][0]["utilisation"] == 0.0);
  report.stats.times.total_seconds = 10;
  CHECK(bottleneck_in(report) == none);
  report = decoding_report();
  report.stats.times.total_seconds = 0.05;
  CHECK(bottleneck_in(report) == none);
}

TEST_CASE("report: what workers wait for while they hash is named") {
  using enum HashStep;
  CHECK(hashing_bottleneck({{read, 28.4}, {decode, 11.6}}, 13) ==
        "hashing, 50 % of the time; waiting for files 71 %: the disk is the "
        "limit");
  CHECK(hashing_bottleneck({{read, 28.4}, {decode, 11.6}}, 39) ==
        "hashing, 50 % of the time; reading keeps the workers busy 71 %: more "
        "CPUs would help");
  CHECK(hashing_bottleneck({{memory_wait, 30}, {decode, 10}}, 10) ==
        "hashing, 50 % of the time; waiting for memory 75 %: a higher "
        "--memory-limit would help");
  CHECK(hashing_bottleneck({{catalog_wait, 30}, {decode, 10}}, 10) ==
        "hashing, 50 % of the time; waiting for the catalog 75 %: its disk is "
        "the limit");
  CHECK(hashing_bottleneck({{idle, 30}, {decode, 10}}, 10) ==
        "hashing, 50 % of the time; workers without a file 75 %: too few "
        "files for so many workers");
  CHECK(hashing_bottleneck({{fingerprint, 12}, {decode, 8}, {read, 20}}, 20) ==
        "hashing, 50 % of the time; hashing keeps the workers busy 30 %: more "
        "CPUs would help");
  CHECK(hashing_bottleneck({{digest, 40}}, 40) ==
        "hashing, 50 % of the time; digesting keeps the workers busy 100 %: "
        "more CPUs would help");
}

TEST_CASE("report: a run with nothing new is the catalog's work") {
  CHECK(hashing_bottleneck({{HashStep::idle, 0.1}}, 10) ==
        "hashing, 50 % of the time; most of it to read or write the catalog, "
        "not pictures");
  CHECK(hashing_bottleneck({}, 0) ==
        "hashing, 50 % of the time; most of it to read or write the catalog, "
        "not pictures");
  Report report = decoding_report();
  set_steps(report.stats.times, {});
  const Json bottleneck = timings_of(report)["bottleneck"];
  CHECK(bottleneck["step"].is_null());
  CHECK(bottleneck["limit"] == "catalog");
}

TEST_CASE("report: the bottleneck of other stages is by their CPU time") {
  CHECK(stage_bottleneck(RunStage::scan, 3) ==
        "scanning, 100 % of the time; waiting for folders 85 %: the disk is "
        "the limit");
  CHECK(stage_bottleneck(RunStage::scan, 18) ==
        "scanning, 100 % of the time; one thread does it, busy 90 %: more "
        "CPUs would not help");
  CHECK(stage_bottleneck(RunStage::search, 18) ==
        "searching, 100 % of the time; the workers are busy 90 %: more CPUs "
        "would help");
  CHECK(stage_bottleneck(RunStage::verify, 6) ==
        "verifying, 100 % of the time; the workers are busy only 30 %: one "
        "thread does a part of it");
}

TEST_CASE("report: stats stand any number") {
  for (const double odd : {std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::max(), 1e-300, -1.0}) {
    CAPTURE(odd);
    Report report = decoding_report();
    for (StageCost& cost : report.stats.times.stages) {
      cost.seconds = cost.cpu_seconds = odd;
    }
    report.stats.times.hashing_seconds.fill(odd);
    CHECK(stats_of(report).ends_with('\n'));
    report.stats.times.total_seconds = odd;
    CHECK(stats_of(report).ends_with('\n'));
    CHECK(timings_of(report)["stages"].size() == 4);
  }
}
