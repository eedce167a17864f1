// What a run took, and what it mostly waited for.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/writers.hpp"

namespace vam {

namespace {

/// Shorter runs are over before it matters where the time went.
constexpr double kShortSeconds = 0.1;

/// Workers that have a CPU so much of their time are not waiting for anything
/// else, whatever they do.
constexpr double kBusy = 0.8;

/// 0 for what is no share at all.
double share_of(double part, double whole) {
  if (!std::isfinite(part) || !std::isfinite(whole) || whole <= 0) return 0;
  return std::clamp(part / whole, 0.0, 1.0);
}

/// Tells what the workers mostly did while they hashed.
void look_into_hashing(const RunTimes& times, Bottleneck& bottleneck) {
  using enum HashStep;
  const StageCost& cost = times[RunStage::hash];
  const auto& seconds = times.hashing_seconds;
  const double all = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  if (share_of(all, cost.seconds * cost.workers) < 0.5) {
    // Before the workers began: all that the catalog knows was compared; or
    // when they were done: it was not yet.
    bottleneck.limit = Limit::catalog;
    bottleneck.busy = utilisation(cost);
    return;
  }
  const auto longest = [&](std::initializer_list<HashStep> steps) {
    return std::max(
        steps, [&](HashStep a, HashStep b) { return times[a] < times[b]; });
  };
  const HashStep wait = longest({read, memory_wait, catalog_wait, idle});
  const bool computes =
      times[digest] + times[decode] + times[fingerprint] >= times[wait];
  const HashStep step =
      computes ? longest({digest, decode, fingerprint}) : wait;
  bottleneck.step = step;
  bottleneck.busy = share_of(times[step], all);
  if (step == memory_wait) {
    bottleneck.limit = Limit::memory;
  } else if (step == catalog_wait) {
    bottleneck.limit = Limit::catalog;
  } else if (step == idle) {
    bottleneck.limit = Limit::files;
  } else if (step == read && utilisation(cost) < kBusy) {
    bottleneck.limit = Limit::disk;
  } else {
    bottleneck.limit = Limit::cpu;  // even to read: the system had it in memory
  }
}

}  // namespace

std::string_view to_string(RunStage stage) {
  switch (stage) {
    case RunStage::scan:
      return "scan";
    case RunStage::hash:
      return "hash";
    case RunStage::search:
      return "search";
    case RunStage::verify:
      return "verify";
  }
  return "scan";
}

std::string_view to_string(HashStep step) {
  switch (step) {
    case HashStep::read:
      return "read";
    case HashStep::digest:
      return "digest";
    case HashStep::decode:
      return "decode";
    case HashStep::fingerprint:
      return "fingerprint";
    case HashStep::memory_wait:
      return "memory_wait";
    case HashStep::catalog_wait:
      return "catalog_wait";
    case HashStep::idle:
      return "idle";
  }
  return "idle";
}

std::string_view to_string(Limit limit) {
  switch (limit) {
    case Limit::cpu:
      return "cpu";
    case Limit::thread:
      return "thread";
    case Limit::disk:
      return "disk";
    case Limit::memory:
      return "memory";
    case Limit::catalog:
      return "catalog";
    case Limit::files:
      return "files";
  }
  return "cpu";
}

double utilisation(const StageCost& cost) {
  return share_of(cost.cpu_seconds, cost.seconds * cost.workers);
}

std::optional<Bottleneck> bottleneck_of(const RunTimes& times) {
  if (!(times.total_seconds >= kShortSeconds)) return std::nullopt;
  const auto longest =
      std::ranges::max_element(times.stages, {}, &StageCost::seconds);
  Bottleneck bottleneck;
  bottleneck.stage = static_cast<RunStage>(longest - times.stages.begin());
  bottleneck.share = share_of(longest->seconds, times.total_seconds);
  if (bottleneck.share == 0) return std::nullopt;
  if (bottleneck.stage == RunStage::hash) {
    look_into_hashing(times, bottleneck);
    return bottleneck;
  }
  bottleneck.busy = utilisation(*longest);
  if (bottleneck.stage == RunStage::scan) {
    bottleneck.limit = bottleneck.busy < 0.5 ? Limit::disk : Limit::thread;
  } else {
    bottleneck.limit = bottleneck.busy < 0.5 ? Limit::thread : Limit::cpu;
  }
  return bottleneck;
}

double per_second(std::uint64_t count, const StageCost& cost) {
  if (count == 0 || !std::isfinite(cost.seconds) || cost.seconds <= 0) return 0;
  return static_cast<double>(count) / cost.seconds;
}

std::span<const RunStage> stages_of(const Settings& settings) {
  static constexpr RunStage kStages[] = {RunStage::scan, RunStage::hash,
                                         RunStage::search, RunStage::verify};
  const std::size_t count =
      !settings.detect_duplicates ? 2 : (settings.verify ? 4 : 3);
  return std::span(kStages).first(count);
}

}  // namespace vam
