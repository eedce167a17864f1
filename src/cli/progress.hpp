// What a line of progress says: pure, but for the time that it is told.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vam/analyze.hpp"

namespace vam {

/// How far a stage is.
struct StageState {
  std::uint64_t done = 0;
  std::uint64_t bytes = 0;  ///< of what is done
  int busy_workers = 0;     ///< at this moment
};

/// What a line shows.
struct ProgressView {
  std::string_view name;
  std::string_view unit;
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0: not known
  std::uint64_t bytes = 0;
  std::uint64_t total_bytes = 0;          ///< 0: not known
  std::optional<double> per_second = {};  ///< of the unit
  std::optional<double> busy = {};        ///< share of the workers, 0..1
  std::optional<double> seconds_left = {};
};

/// No longer than this many columns; with less room, it says less.
std::string progress_line(const ProgressView& view, std::size_t columns);

/// Watches one stage. The rate follows what was done lately, the time left
/// counts down by the clock and is drawn gently towards what the rate promises:
/// files differ too much for it to be told from the last few of them.
class StageMeter {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  StageMeter(const StagePlan& plan, Moment now) : plan_(plan), begin_(now) {}

  /// To be called several times a second.
  ProgressView look(const StageState& state, Moment now);

 private:
  double work_of(std::uint64_t units, std::uint64_t bytes) const;
  void learn(const StageState& state, double seconds, double elapsed);

  const StagePlan plan_;
  const Moment begin_;
  std::optional<Moment> last_;
  StageState before_;
  double units_per_second_ = 0;
  double work_per_second_ = 0;
  double busy_ = 0;
  std::optional<double> left_;
};

}  // namespace vam
