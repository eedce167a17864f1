// What took how long, for people: a table of the stages, and a sentence that
// names what the run mostly waited for.
#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>
#include <vector>

#include "report/words.hpp"
#include "report/writers.hpp"

namespace vam {

namespace {

constexpr std::size_t kColumns = 6;
using Row = std::array<std::string, kColumns>;

std::string percent(double share) { return fixed(share * 100, 0) + " %"; }

/// "0.5", "120", "12,345"; "-" if there is nothing to tell.
std::string rate(double per_second) {
  if (per_second <= 0) return "-";
  if (per_second < 10) return fixed(per_second, 1);
  return grouped(static_cast<std::uint64_t>(std::min(per_second, 1e18)));
}

std::string byte_rate(double per_second) {
  if (per_second <= 0) return "-";
  return human_size(static_cast<std::uint64_t>(std::min(per_second, 1e18))) +
         "/s";
}

/// Of a stage that compares pictures, how many pairs of them.
std::string progress_of(RunStage stage, const StageCost& cost) {
  if (stage == RunStage::verify && cost.pairs > 0) {
    return rate(per_second(cost.pairs, cost)) + " pairs";
  }
  return rate(per_second(cost.pictures, cost));
}

Row row_of(RunStage stage, const StageCost& cost) {
  return {std::string(to_string(stage)),
          fixed(cost.seconds, 2),
          progress_of(stage, cost),
          byte_rate(per_second(cost.bytes_read, cost)),
          percent(utilisation(cost)) + " of " + std::to_string(cost.workers),
          human_size(cost.peak_memory_bytes)};
}

void write_table(const std::vector<Row>& rows, std::ostream& out) {
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (const Row& row : rows) {
    out << padded(row[0], widths[0]);
    for (std::size_t i = 1; i < kColumns; ++i) {
      out << "  " << std::string(widths[i] - row[i].size(), ' ') << row[i];
    }
    out << '\n';
  }
}

std::string_view doing(RunStage stage) {
  switch (stage) {
    case RunStage::scan:
      return "scanning";
    case RunStage::hash:
      return "hashing";
    case RunStage::search:
      return "searching";
    case RunStage::verify:
      return "verifying";
  }
  return "scanning";
}

std::string_view doing(HashStep step) {
  switch (step) {
    case HashStep::read:
      return "reading";
    case HashStep::digest:
      return "digesting";
    case HashStep::decode:
      return "decoding";
    default:
      return "hashing";
  }
}

std::string advice_on_hashing(const Bottleneck& bottleneck) {
  const std::string share = percent(bottleneck.busy);
  switch (bottleneck.limit) {
    case Limit::disk:
      return "waiting for files " + share + ": the disk is the limit";
    case Limit::memory:
      return "waiting for memory " + share +
             ": a higher --memory-limit would help";
    case Limit::catalog:
      return "waiting for the catalog " + share + ": its disk is the limit";
    case Limit::files:
      return "workers without a file " + share +
             ": too few files for so many workers";
    default:
      return std::string(doing(*bottleneck.step)) + " keeps the workers busy " +
             share + ": more CPUs would help";
  }
}

std::string advice_on(const Bottleneck& bottleneck) {
  if (bottleneck.step) return advice_on_hashing(bottleneck);
  const std::string busy = percent(bottleneck.busy);
  switch (bottleneck.limit) {
    case Limit::catalog:
      return "most of it to read or write the catalog, not pictures";
    case Limit::disk:
      return "waiting for folders " + percent(1 - bottleneck.busy) +
             ": the disk is the limit";
    case Limit::thread:
      return bottleneck.stage == RunStage::scan
                 ? "one thread does it, busy " + busy +
                       ": more CPUs would not help"
                 : "the workers are busy only " + busy +
                       ": one thread does a part of it";
    default:
      return "the workers are busy " + busy + ": more CPUs would help";
  }
}

}  // namespace

void write_text_stats(const Report& report, std::ostream& out) {
  const RunTimes& times = report.stats.times;
  std::vector<Row> rows = {{"Stage", "seconds", "pictures/s", "read",
                            "workers busy", "peak memory"}};
  for (const RunStage stage : stages_of(report.settings)) {
    rows.push_back(row_of(stage, times[stage]));
  }
  rows.push_back({"total", fixed(times.total_seconds, 2), "", "", "",
                  human_size(report.stats.peak_memory_bytes)});
  write_table(rows, out);
  const auto bottleneck = bottleneck_of(times);
  if (!bottleneck) {
    out << "Bottleneck: none, the run was too short to tell\n";
    return;
  }
  out << "Bottleneck: " << doing(bottleneck->stage) << ", "
      << percent(bottleneck->share) << " of the time; "
      << advice_on(*bottleneck) << '\n';
}

}  // namespace vam
