#include "cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/words.hpp"

namespace vam {
namespace {

constexpr std::size_t kLeastBar = 10;
constexpr std::size_t kLongestBar = 30;

/// Opening a file and remembering it takes as long as decoding so much of one.
constexpr double kBytesPerFile = 32 * 1024;

/// Nothing is foretold of a stage that has only begun.
constexpr double kLeastSeconds = 2;
constexpr double kMostSecondsLeft = 100.0 * 60 * 60;

// In so many seconds a mean forgets the larger part of what it was.
constexpr double kBusyMemory = 1;
constexpr double kLeftMemory = 4;
double rate_memory(double elapsed) {
  return std::clamp(elapsed / 4, kLeastSeconds, 20.0);
}

/// Moves a mean towards what was seen during these seconds.
void follow(double& mean, double seen, double seconds, double memory) {
  mean += (seen - mean) * -std::expm1(-seconds / memory);
}

std::string right_aligned(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

/// "87", "8.7", "0.87".
std::string rate_in_words(double rate) {
  if (rate >= 99.5) {
    return grouped(static_cast<std::uint64_t>(std::llround(rate)));
  }
  return fixed(rate, rate >= 9.95 ? 0 : rate >= 0.995 ? 1 : 2);
}

/// "0:07", "12:34", "1:02:03".
std::string clock_of(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  const auto two = [](std::uint64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  const std::uint64_t minutes = whole / 60;
  return (minutes < 60
              ? std::to_string(minutes)
              : std::to_string(minutes / 60) + ':' + two(minutes % 60)) +
         ':' + two(whole % 60);
}

double share_done(const ProgressView& view) {
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return std::min(1.0,
                    static_cast<double>(part) / static_cast<double>(whole));
  };
  return view.total_bytes > 0 ? share(view.bytes, view.total_bytes)
                              : share(view.done, view.total);
}

std::string bar_of(double share, std::size_t width) {
  const std::size_t inside = width - 2;
  const auto full =
      static_cast<std::size_t>(share * static_cast<double>(inside));
  return '[' + std::string(full, '#') + std::string(inside - full, '-') + ']';
}

/// Behind the name, in this order; the more important, the earlier it gets
/// room.
struct Field {
  std::string text;
  int importance = 0;
};

std::vector<Field> fields_of(const ProgressView& view) {
  std::vector<Field> fields;
  const std::string total = grouped(view.total);
  fields.push_back({view.total == 0
                        ? grouped(view.done) + ' ' + std::string(view.unit)
                        : right_aligned(grouped(view.done), total.size()) +
                              " of " + total + ' ' + std::string(view.unit),
                    4});
  if (view.total_bytes > 0) {
    const std::string bytes = human_size(view.total_bytes);
    fields.push_back(
        {right_aligned(human_size(view.bytes), bytes.size()) + " of " + bytes,
         1});
  }
  if (view.per_second) {
    fields.push_back(
        {right_aligned(rate_in_words(*view.per_second), 4) + "/s", 2});
  }
  if (view.busy) {
    fields.push_back(
        {"workers " + right_aligned(fixed(*view.busy * 100, 0), 3) + " %", 0});
  }
  if (view.seconds_left) {
    fields.push_back({clock_of(*view.seconds_left) + " left", 3});
  }
  return fields;
}

}  // namespace

std::string progress_line(const ProgressView& view, std::size_t columns) {
  std::string line = std::string(view.name) + ':';
  const std::vector<Field> fields = fields_of(view);
  std::size_t room = columns - std::min(columns, line.size());
  std::vector<bool> shown(fields.size());
  const auto show = [&](int importance) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::size_t width = 2 + fields[i].text.size();
      if (fields[i].importance != importance || width > room) continue;
      shown[i] = true;
      room -= width;
    }
  };
  show(4);
  show(3);
  std::size_t bar = view.total > 0 && room > kLeastBar ? kLeastBar : 0;
  if (bar > 0) room -= bar + 1;
  for (int importance = 2; importance >= 0; --importance) show(importance);
  if (bar > 0) {
    bar = std::min(kLongestBar, bar + room);
    line += ' ' + bar_of(share_done(view), bar);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (shown[i]) line += (line.back() == ':' ? " " : "  ") + fields[i].text;
  }
  line.resize(std::min(line.size(), columns));
  return line;
}

double StageMeter::work_of(std::uint64_t units, std::uint64_t bytes) const {
  const auto count = static_cast<double>(units);
  return plan_.bytes == 0 ? count
                          : count * kBytesPerFile + static_cast<double>(bytes);
}

void StageMeter::learn(const StageState& state, double seconds,
                       double elapsed) {
  const std::uint64_t units = state.done - std::min(state.done, before_.done);
  const std::uint64_t bytes =
      state.bytes - std::min(state.bytes, before_.bytes);
  const double memory = rate_memory(elapsed);
  follow(units_per_second_, static_cast<double>(units) / seconds, seconds,
         memory);
  follow(work_per_second_, work_of(units, bytes) / seconds, seconds, memory);
  follow(busy_,
         std::clamp(static_cast<double>(state.busy_workers) / plan_.workers,
                    0.0, 1.0),
         seconds, kBusyMemory);
}

ProgressView StageMeter::look(const StageState& state, Moment now) {
  ProgressView view{plan_.name,  plan_.unit,  state.done,
                    plan_.total, state.bytes, plan_.bytes};
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  const double seconds =
      std::chrono::duration<double>(now - last_.value_or(begin_)).count();
  if (seconds > 0) {
    learn(state, seconds, elapsed);
    last_ = now;
    before_ = state;
    if (left_) *left_ = std::max(0.0, *left_ - seconds);
  }
  if (elapsed < kLeastSeconds) {
    // What a mean has not seen yet, it would take for nothing.
    if (seconds > 0) {
      units_per_second_ = static_cast<double>(state.done) / elapsed;
      work_per_second_ = work_of(state.done, state.bytes) / elapsed;
    }
    return view;
  }
  view.per_second = units_per_second_;
  if (plan_.workers > 1 || plan_.total > 0) view.busy = busy_;
  if (plan_.total == 0 || state.done == 0) return view;
  const double to_do =
      work_of(plan_.total, plan_.bytes) - work_of(state.done, state.bytes);
  const double promised =
      std::max(0.0, to_do) / std::max(work_per_second_, 1e-9);
  if (promised > kMostSecondsLeft) {
    left_.reset();
    return view;
  }
  if (left_) {
    follow(*left_, promised, seconds, kLeftMemory);
  } else {
    left_ = promised;
  }
  view.seconds_left = left_;
  return view;
}

}  // namespace vam
