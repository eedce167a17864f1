#include "cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace vam;

namespace {

ProgressView a_view() {
  ProgressView view{"hashing", "files", 1'234, 10'000, 3 << 20, 10 << 20};
  view.per_second = 86.7;
  view.busy = 0.934;
  view.seconds_left = 204.2;
  return view;
}

StageMeter::Moment at(double seconds) {
  return StageMeter::Moment(
      std::chrono::duration_cast<StageMeter::Moment::duration>(
          std::chrono::duration<double>(seconds)));
}

/// Looks ten times a second at a stage with files that take so long each, one
/// after the other, until the last one is done.
void watch(const StagePlan& plan, const std::vector<double>& seconds,
           std::uint64_t file_bytes,
           const std::function<void(double, const ProgressView&)>& see) {
  StageMeter meter(plan, at(0));
  StageState state;
  state.busy_workers = 1;
  double end_of_next = seconds[0];
  for (int tick = 1; state.done < seconds.size(); ++tick) {
    const double now = tick / 10.0;
    while (state.done < seconds.size() && end_of_next <= now) {
      ++state.done;
      state.bytes += file_bytes;
      if (state.done < seconds.size()) end_of_next += seconds[state.done];
    }
    see(now, meter.look(state, at(now)));
  }
}

}  // namespace

TEST_CASE("progress: a line says less where there is less room") {
  const ProgressView view = a_view();
  CHECK(progress_line(view, 120) ==
        "hashing: [########--------------------]   1,234 of 10,000 files   "
        "3.0 MiB of 10.0 MiB    87/s  workers  93 %  3:25 left");
  CHECK(progress_line(view, 92) ==
        "hashing: [####------------]   1,234 of 10,000 files   "
        "3.0 MiB of 10.0 MiB    87/s  3:25 left");
  CHECK(progress_line(view, 72) ==
        "hashing: [#####-------------]   1,234 of 10,000 files    87/s  "
        "3:25 left");
  CHECK(progress_line(view, 58) ==
        "hashing: [###---------]   1,234 of 10,000 files  3:25 left");
  CHECK(progress_line(view, 45) ==
        "hashing:  1,234 of 10,000 files  3:25 left");
  CHECK(progress_line(view, 32) == "hashing:  1,234 of 10,000 files");
  CHECK(progress_line(view, 12) == "hashing:");
  CHECK(progress_line(view, 4) == "hash");
  CHECK(progress_line(view, 0).empty());
}

TEST_CASE("progress: a line never is too long") {
  ProgressView view = a_view();
  view.total = view.done = ~std::uint64_t{0};
  view.bytes = view.total_bytes = ~std::uint64_t{0};
  for (std::size_t columns = 0; columns < 200; ++columns) {
    CAPTURE(columns);
    CHECK(progress_line(a_view(), columns).size() <= columns);
    CHECK(progress_line(view, columns).size() <= columns);
  }
}

TEST_CASE("progress: what is not known is not said") {
  ProgressView view{"scanning", "files", 1'234};
  CHECK(progress_line(view, 100) == "scanning: 1,234 files");
  view.per_second = 5'000.4;
  CHECK(progress_line(view, 100) == "scanning: 1,234 files  5,000/s");
  view.per_second = 0.254;
  CHECK(progress_line(view, 100) == "scanning: 1,234 files  0.25/s");
}

TEST_CASE("progress: time is told as a clock does") {
  ProgressView view{"verifying", "pictures", 1, 2};
  const auto left = [&](double seconds) {
    view.seconds_left = seconds;
    const std::string line = progress_line(view, 100);
    return line.substr(line.find("pictures") + 9);
  };
  CHECK(left(0) == " 0:00 left");
  CHECK(left(6.1) == " 0:07 left");
  CHECK(left(3599) == " 59:59 left");
  CHECK(left(3601) == " 1:00:01 left");
}

TEST_CASE("progress: the bar follows the bytes, and is full at the end") {
  ProgressView view{"hashing", "files", 1, 10, 90, 100};
  CHECK(progress_line(view, 70).starts_with("hashing: [#################--] "));
  view = {"hashing", "files", 10, 10, 0, 0};
  CHECK(progress_line(view, 60).find('-') == std::string::npos);
}

TEST_CASE("progress: the time left does not jump, and is right") {
  // Nine small files, and one that takes as long as a hundred of them; on the
  // whole 10 a second.
  std::vector<double> seconds;
  for (int n = 0; n < 1'000; ++n) {
    seconds.push_back(n % 10 == 9 ? 0.91 : 0.01);
  }
  double last = -1;
  double largest_jump = 0;
  double worst_error = 0;
  watch({"hashing", "files", 1'000}, seconds, 0,
        [&](double now, const ProgressView& view) {
          CHECK(view.seconds_left.has_value() == (now >= 2));
          if (!view.seconds_left) return;
          const double left = *view.seconds_left;
          if (last >= 0) {
            largest_jump = std::max(largest_jump, std::abs(left - last));
          }
          last = left;
          if (now < 20) return;
          worst_error = std::max(worst_error, std::abs(left - (100 - now)));
        });
  CHECK(largest_jump < 1.5);
  CHECK(worst_error < 12);
  CHECK(last < 2);
}

TEST_CASE("progress: the time left follows a change of pace") {
  // The second half takes four times as long.
  std::vector<double> seconds(1'000, 0.02);
  std::fill(seconds.begin() + 500, seconds.end(), 0.08);
  watch({"hashing", "files", 1'000}, seconds, 0,
        [&](double now, const ProgressView& view) {
          if (now < 30) return;
          CAPTURE(now);
          CHECK(std::abs(*view.seconds_left - (50 - now)) < 6);
        });
}

TEST_CASE("progress: bytes tell more of the time left than files") {
  // The large files come last, at 10 MiB/s.
  constexpr std::uint64_t kLarge = 10 << 20;
  StagePlan plan{"hashing", "files", 40, 20 * kLarge + 20 * 1024, 1};
  StageMeter meter(plan, at(0));
  StageState state;
  double first = 0;
  for (int tick = 1; tick <= 30; ++tick) {
    state.done = static_cast<std::uint64_t>(20 + tick / 10);
    state.bytes = (state.done - 20) * kLarge + 20 * 1024;
    const ProgressView view = meter.look(state, at(tick / 10.0));
    if (first == 0) first = view.seconds_left.value_or(0);
  }
  CHECK(std::abs(first - 18) < 3);
}

TEST_CASE("progress: the workers' share is a mean of what was seen") {
  StageMeter meter({"hashing", "files", 1'000, 0, 4}, at(0));
  for (int tick = 1; tick <= 50; ++tick) {
    meter.look({static_cast<std::uint64_t>(tick), 0, tick % 2 * 4},
               at(tick / 10.0));
  }
  const auto view = meter.look({51, 0, 4}, at(5.1));
  CHECK(std::abs(view.busy.value_or(0) - 0.5) < 0.1);
  CHECK(std::abs(view.per_second.value_or(0) - 10) < 0.5);
}

TEST_CASE("progress: nothing is foretold of a stage that does not get on") {
  StageMeter meter({"hashing", "files", 1'000'000, 0, 1}, at(0));
  for (int tick = 1; tick <= 50; ++tick) {
    CHECK_FALSE(meter.look({0, 0, 1}, at(tick / 10.0)).seconds_left);
  }
  for (int tick = 51; tick <= 9'000; ++tick) meter.look({1, 0, 1}, at(tick));
  CHECK_FALSE(meter.look({1, 0, 1}, at(9'001)).seconds_left);
}
