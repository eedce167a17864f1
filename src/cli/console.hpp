// Tells the user on stderr how the run goes: messages, log, progress.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cli/progress.hpp"
#include "vam/analyze.hpp"

namespace spdlog {
class logger;
}

namespace vam {

enum class Verbosity : std::uint8_t { quiet, normal, verbose, debug };
enum class ShowProgress : bool { no, yes };

/// Messages go to stderr and, with their time, to the log file. Thread-safe.
///
/// Progress is a line below the messages, which a thread of its own draws ten
/// times a second, so that workers only count. The cursor stands at its
/// beginning: from there, a terminal erases all of it, also after it was made
/// narrower and has broken the line.
class Console final : public AnalyzeObserver {
 public:
  /// `log_file` may be empty. Nothing is drawn any more when `stop`, which may
  /// be null, is true. Throws FatalError if the log cannot be written.
  Console(Verbosity verbosity, ShowProgress progress,
          const std::string& log_file, const std::atomic<bool>* stop = nullptr);
  ~Console() override;

  void error(const std::string& text);
  void warning(const std::string& text);
  /// Shown unless quiet: what the user is waiting for.
  void message(const std::string& text);

  // What analyze() tells.
  void stage_started(const StagePlan& plan) override;
  void progressed(std::uint64_t done) override { done_ = done; }
  void advanced() override { ++done_; }
  void file_done(const FileDone& file) override;
  void workers_changed(int change) override { busy_workers_ += change; }
  void stage_ended() override;
  void note(const std::string& text) override;
  void warned(const std::string& text) override { warning(text); }

 private:
  enum class Level : std::uint8_t { debug, info, message, warning, error };
  void log(Level level, const std::string& text);
  void keep_drawing();
  void draw_stage();
  void draw(const std::string& line, std::size_t columns);
  void erase();

  const Verbosity verbosity_;
  const ShowProgress progress_;
  const std::atomic<bool>* const stop_;
  std::shared_ptr<spdlog::logger> terminal_;
  std::shared_ptr<spdlog::logger> log_file_;  ///< may be null

  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<int> busy_workers_ = 0;

  std::mutex mutex_;  ///< guards what follows, and the terminal
  std::optional<StageMeter> stage_;
  std::string line_;         ///< as it is on the terminal
  std::size_t columns_ = 0;  ///< that it was drawn for
  bool ending_ = false;
  std::condition_variable end_;
  std::thread drawer_;
};

}  // namespace vam
