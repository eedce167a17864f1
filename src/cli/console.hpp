// Tells the user on stderr how the run goes: messages, log, progress.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "vam/analyze.hpp"

namespace spdlog {
class logger;
}

namespace vam {

enum class Verbosity : std::uint8_t { quiet, normal, verbose, debug };
enum class ShowProgress : bool { no, yes };

/// Messages go to stderr and, with their time, to the log file. Thread-safe.
class Console final : public AnalyzeObserver {
 public:
  /// `log_file` may be empty. Throws FatalError if it cannot be written.
  Console(Verbosity verbosity, ShowProgress progress,
          const std::string& log_file);
  ~Console() override;

  void error(const std::string& text);
  void warning(const std::string& text);
  /// Shown unless quiet: what the user is waiting for.
  void message(const std::string& text);

  // What analyze() tells.
  void stage_started(std::string_view name, std::uint64_t total) override;
  void progressed(std::uint64_t done) override;
  void file_done(const std::string& path, double seconds) override;
  void stage_ended() override;
  void note(const std::string& text) override;
  void warned(const std::string& text) override { warning(text); }

 private:
  enum class Level : std::uint8_t { debug, info, warning, error };
  void log(Level level, const std::string& text);
  void draw_progress();
  void clear_progress();

  const ShowProgress progress_;
  std::shared_ptr<spdlog::logger> logger_;
  std::mutex mutex_;  ///< guards the terminal line
  bool line_drawn_ = false;
  std::chrono::steady_clock::time_point last_drawn_{};
  std::string stage_;
  std::uint64_t total_ = 0;
  std::atomic<std::uint64_t> done_ = 0;
};

}  // namespace vam
