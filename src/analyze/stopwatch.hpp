// Measures what the stages of a run, and the steps of a worker, take.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <ctime>

#include "vam/report.hpp"

namespace vam {

/// Of all threads of the process, and of the processes that it has started,
/// ended ones only.
inline double process_cpu_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  const auto microseconds =
      children.ru_utime.tv_usec + children.ru_stime.tv_usec;
  return static_cast<double>(spent.tv_sec + children.ru_utime.tv_sec +
                             children.ru_stime.tv_sec) +
         static_cast<double>(spent.tv_nsec) / 1e9 +
         static_cast<double>(microseconds) / 1e6;
}

/// Adds what passes until it goes out of scope to a cost, which may be null.
class Stopwatch {
 public:
  explicit Stopwatch(StageCost* cost) : cost_(cost) {
    if (cost_ == nullptr) return;
    begin_ = std::chrono::steady_clock::now();
    cpu_begin_ = process_cpu_seconds();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    if (cost_ == nullptr) return;
    const std::chrono::duration<double> spent =
        std::chrono::steady_clock::now() - begin_;
    cost_->seconds += spent.count();
    cost_->cpu_seconds += process_cpu_seconds() - cpu_begin_;
  }

 private:
  StageCost* const cost_;
  std::chrono::steady_clock::time_point begin_;
  double cpu_begin_ = 0;
};

/// Splits the time of one thread among its steps, idle at first. One reading of
/// the clock for each change of step, and nothing that threads share.
class StepClock {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// Ends the step before; returns when that was.
  Moment enter(HashStep step) {
    const Moment now = std::chrono::steady_clock::now();
    spent_[static_cast<std::size_t>(step_)] += now - begin_;
    begin_ = now;
    step_ = step;
    return now;
  }

  /// Of one step, but for the time since it was entered for the last time.
  std::chrono::nanoseconds spent(HashStep step) const {
    return spent_[static_cast<std::size_t>(step)];
  }

  /// Counts a part of one step, but no more than that took, for another one.
  void move(HashStep from, HashStep to, std::chrono::nanoseconds part) {
    part = std::min(part, spent(from));
    spent_[static_cast<std::size_t>(from)] -= part;
    spent_[static_cast<std::size_t>(to)] += part;
  }

  using Seconds = std::array<double, kHashSteps>;

  /// Of the steps that have ended.
  Seconds seconds() const {
    Seconds seconds{};
    for (std::size_t step = 0; step < kHashSteps; ++step) {
      seconds[step] = std::chrono::duration<double>(spent_[step]).count();
    }
    return seconds;
  }

 private:
  std::array<std::chrono::nanoseconds, kHashSteps> spent_{};
  HashStep step_ = HashStep::idle;
  Moment begin_ = std::chrono::steady_clock::now();
};

}  // namespace vam
