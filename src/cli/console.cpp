// Tells the user on stderr how the run goes: messages, log, progress.
#include "cli/console.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <new>
#include <vector>

#include "cli/output.hpp"
#include "report/escape.hpp"
#include "report/words.hpp"

namespace vam {
namespace {

spdlog::level::level_enum threshold(Verbosity verbosity) {
  switch (verbosity) {
    case Verbosity::quiet:
      return spdlog::level::err;
    case Verbosity::normal:
      return spdlog::level::warn;
    case Verbosity::verbose:
    case Verbosity::debug:
      break;
  }
  return spdlog::level::debug;
}

std::shared_ptr<spdlog::logger> make_terminal(Verbosity verbosity) {
  auto logger = std::make_shared<spdlog::logger>(
      "terminal", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(threshold(verbosity));
  logger->set_pattern("vam-analyze: %v");
  return logger;
}

std::shared_ptr<spdlog::logger> make_log_file(const std::string& file) {
  if (file.empty()) return nullptr;
  refuse_to_overwrite(file);
  try {
    auto logger = std::make_shared<spdlog::logger>(
        "log", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
    logger->set_level(spdlog::level::debug);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    logger->flush_on(spdlog::level::info);
    return logger;
  } catch (const spdlog::spdlog_ex& error) {
    throw FatalError("cannot write the log: " + std::string(error.what()));
  }
}

/// Of a file no step that took less is named.
constexpr double kLeastTold = 0.00005;

std::string milliseconds(double seconds) { return fixed(seconds * 1000, 1); }

/// Of the terminal now, which may have changed; less one, since some terminals
/// break a line that is full.
std::size_t terminal_columns() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  const bool is_known =
      ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return (is_known ? size.ws_col : kUsual) - 1;
}

}  // namespace

Console::Console(Verbosity verbosity, ShowProgress progress,
                 const std::string& log_file, const std::atomic<bool>* stop)
    : verbosity_(verbosity),
      progress_(progress),
      stop_(stop),
      terminal_(make_terminal(verbosity)),
      log_file_(make_log_file(log_file)) {}

Console::~Console() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    erase();
  }
  end_.notify_one();
  if (drawer_.joinable()) drawer_.join();
}

void Console::log(Level level, const std::string& text) {
  // The terminal shows messages where it shows warnings; the log names levels.
  constexpr std::array kShown = {spdlog::level::debug, spdlog::level::info,
                                 spdlog::level::warn, spdlog::level::warn,
                                 spdlog::level::err};
  constexpr std::array kLogged = {spdlog::level::debug, spdlog::level::info,
                                  spdlog::level::info, spdlog::level::warn,
                                  spdlog::level::err};
  const auto index = static_cast<std::size_t>(level);
  const bool is_shown = terminal_->should_log(kShown.at(index));
  // Names of files are in many messages: nothing of them may steer a terminal.
  const std::string safe = escape_for_terminal(text);
  const std::lock_guard lock(mutex_);
  if (log_file_) log_file_->log(kLogged.at(index), "{}", safe);
  if (!is_shown) return;
  const std::string line = line_;
  erase();
  terminal_->log(kShown.at(index), "{}{}",
                 level == Level::warning ? "warning: " : "", safe);
  if (!line.empty()) draw(line, columns_);
}

void Console::error(const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    stage_.reset();  // it will not go on
    erase();
  }
  log(Level::error, text);
}
void Console::warning(const std::string& text) { log(Level::warning, text); }
void Console::message(const std::string& text) { log(Level::message, text); }
void Console::note(const std::string& text) { log(Level::info, text); }

void Console::stage_started(const StagePlan& plan) {
  if (progress_ == ShowProgress::no) return;
  const std::lock_guard lock(mutex_);
  done_ = 0;
  bytes_ = 0;
  stage_.emplace(plan, std::chrono::steady_clock::now());
  if (drawer_.joinable()) return;
  // Signals are for the thread that started this one: they interrupt what it
  // waits for.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    drawer_ = std::thread([this] { keep_drawing(); });
  } catch (const std::exception&) {
    // Where no thread can be had, the stages only show their ends.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Console::file_done(const FileDone& file) {
  bytes_ += file.size_bytes;
  ++done_;
  if (!terminal_->should_log(spdlog::level::debug) && !log_file_) return;
  std::string text = file.path + ": " + milliseconds(file.seconds) + " ms";
  if (verbosity_ == Verbosity::debug) {
    for (std::size_t i = 0; i < kHashSteps; ++i) {
      if (file.step_seconds[i] < kLeastTold) continue;
      text += ", " + std::string(to_string(static_cast<HashStep>(i))) + ' ' +
              milliseconds(file.step_seconds[i]);
    }
  }
  log(Level::debug, text);
}

void Console::stage_ended() {
  const std::lock_guard lock(mutex_);
  draw_stage();  // a short stage has been there, too
  erase();
  stage_.reset();
}

void Console::keep_drawing() {
  constexpr std::chrono::milliseconds kRedraw{100};
  std::unique_lock lock(mutex_);
  try {
    while (!ending_) {
      draw_stage();
      end_.wait_for(lock, kRedraw);
    }
  } catch (const std::bad_alloc&) {
    // Whether the run needs more memory, too, is for the run to find out.
  }
}

void Console::draw_stage() {
  if (!stage_) return;
  if (stop_ != nullptr && *stop_) {
    stage_.reset();
    erase();
    return;
  }
  const ProgressView view = stage_->look({done_, bytes_, busy_workers_},
                                         std::chrono::steady_clock::now());
  const std::size_t width = terminal_columns();
  draw(progress_line(view, width), width);
}

void Console::draw(const std::string& line, std::size_t columns) {
  // What is below may be a piece of the line, if the window was wider. At the
  // top of a window, some terminals save what that erases.
  const bool resized = columns != columns_;
  // Not broken by a window that is narrower than it says, as just after it was
  // resized: the cursor must not get into another row.
  const std::string text = std::string(resized ? "\r\033[J" : "\r\033[K") +
                           "\033[?7l" + line + "\033[?7h\r";
  line_ = line;
  columns_ = columns;
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void Console::erase() {
  if (line_.empty()) return;
  line_.clear();
  std::fputs("\r\033[J", stderr);
}

}  // namespace vam
