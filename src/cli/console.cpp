// Tells the user on stderr how the run goes: messages, log, progress.
#include "cli/console.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <vector>

#include "cli/output.hpp"
#include "report/escape.hpp"

namespace vam {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};

spdlog::level::level_enum threshold(Verbosity verbosity) {
  switch (verbosity) {
    case Verbosity::quiet:
      return spdlog::level::err;
    case Verbosity::normal:
      return spdlog::level::warn;
    case Verbosity::verbose:
      return spdlog::level::info;
    case Verbosity::debug:
      break;
  }
  return spdlog::level::debug;
}

std::shared_ptr<spdlog::logger> make_logger(Verbosity verbosity,
                                            const std::string& log_file) {
  auto terminal = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  terminal->set_level(threshold(verbosity));
  terminal->set_pattern("vam-analyze: %v");
  std::vector<spdlog::sink_ptr> sinks = {terminal};
  if (!log_file.empty()) {
    refuse_to_overwrite(log_file);
    try {
      sinks.push_back(
          std::make_shared<spdlog::sinks::basic_file_sink_mt>(log_file));
    } catch (const spdlog::spdlog_ex& error) {
      throw FatalError("cannot write the log: " + std::string(error.what()));
    }
    sinks.back()->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  }
  auto logger =
      std::make_shared<spdlog::logger>("vam", sinks.begin(), sinks.end());
  logger->set_level(log_file.empty() ? terminal->level()
                                     : spdlog::level::debug);
  logger->flush_on(spdlog::level::info);
  return logger;
}

}  // namespace

Console::Console(Verbosity verbosity, ShowProgress progress,
                 const std::string& log_file)
    : progress_(progress), logger_(make_logger(verbosity, log_file)) {}

Console::~Console() { clear_progress(); }

void Console::log(Level level, const std::string& text) {
  constexpr std::array kLevels = {spdlog::level::debug, spdlog::level::info,
                                  spdlog::level::warn, spdlog::level::err};
  const auto sink_level = kLevels.at(static_cast<std::size_t>(level));
  const std::lock_guard lock(mutex_);
  // The first sink is the terminal.
  if (logger_->sinks().front()->should_log(sink_level)) clear_progress();
  // Names of files are in many messages: nothing of them may steer a terminal.
  logger_->log(sink_level, "{}", escape_for_terminal(text));
}

void Console::error(const std::string& text) { log(Level::error, text); }
void Console::warning(const std::string& text) {
  log(Level::warning, "warning: " + text);
}
void Console::message(const std::string& text) { log(Level::warning, text); }
void Console::note(const std::string& text) { log(Level::info, text); }

void Console::stage_started(std::string_view name, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  stage_ = name;
  total_ = total;
  done_ = 0;
  last_drawn_ = {};  // a short stage is seen, too
}

void Console::progressed(std::uint64_t done) {
  done_ = done;
  draw_progress();
}

void Console::file_done(const std::string& path, double seconds) {
  ++done_;
  draw_progress();
  if (logger_->should_log(spdlog::level::debug)) {
    char milliseconds[32];
    std::snprintf(milliseconds, sizeof milliseconds, "%.1f ms",
                  seconds * 1000.0);
    log(Level::debug, path + ": " + milliseconds);
  }
}

void Console::stage_ended() {
  const std::lock_guard lock(mutex_);
  clear_progress();
  stage_.clear();
}

void Console::draw_progress() {
  if (progress_ == ShowProgress::no) return;
  // Whoever finds the line being drawn goes on with its file.
  const std::unique_lock lock(mutex_, std::try_to_lock);
  const auto now = std::chrono::steady_clock::now();
  if (!lock || now - last_drawn_ < kRedraw || stage_.empty()) return;
  last_drawn_ = now;
  line_drawn_ = true;
  const std::string of_total =
      total_ == 0 ? "" : " of " + std::to_string(total_);
  std::fprintf(stderr, "\r\033[K%s: %s%s files", stage_.c_str(),
               std::to_string(done_).c_str(), of_total.c_str());
}

void Console::clear_progress() {
  if (!line_drawn_) return;
  line_drawn_ = false;
  std::fputs("\r\033[K", stderr);
}

}  // namespace vam
