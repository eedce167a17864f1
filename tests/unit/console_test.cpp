#include "cli/console.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "catch.hpp"
#include "temp_folder.hpp"

using namespace vam;

namespace {

/// Standard error is a file for as long as this lives.
class ErrorsInFile {
 public:
  explicit ErrorsInFile(std::string file)
      : file_(std::move(file)), before_(dup(STDERR_FILENO)) {
    const int opened =
        open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    REQUIRE(before_ >= 0);
    REQUIRE(dup2(opened, STDERR_FILENO) == STDERR_FILENO);
    close(opened);
  }
  ErrorsInFile(const ErrorsInFile&) = delete;
  ErrorsInFile& operator=(const ErrorsInFile&) = delete;
  ~ErrorsInFile() {
    std::fflush(stderr);
    dup2(before_, STDERR_FILENO);
    close(before_);
  }

  std::string text() const {
    std::fflush(stderr);
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string file_;
  int before_;
};

}  // namespace

TEST_CASE("console: progress stays below what is said") {
  const TempFolder folder;
  const std::string log_file =
      GENERATE(false, true) ? (folder / "log").string() : "";
  const std::string line = "\033[?7lhashing: [--------------";
  const std::string warning =
      "\r\033[Jvam-analyze: warning: careful\n\r\033[K" + line;
  const ErrorsInFile errors(folder / "errors");
  {
    Console console(Verbosity::normal, ShowProgress::yes, log_file);
    console.stage_started({"hashing", "files", 2});
    while (errors.text().empty()) {
    }
    console.note("nobody asked");
    console.warning("careful");
    CHECK(errors.text().starts_with("\r\033[J" + line));
    CHECK(errors.text().find("nobody") == std::string::npos);
    CHECK(errors.text().find(warning) != std::string::npos);
    console.file_done({"a.jpg", 5, 0.5, {}});
    console.stage_ended();
    CHECK(errors.text().find("1 of 2 files") != std::string::npos);
    CHECK(errors.text().ends_with("\033[?7h\r\r\033[J"));
    console.note("nobody asked");
  }
  CHECK(errors.text().ends_with("\033[?7h\r\r\033[J"));
}

TEST_CASE("console: what goes wrong or is stopped leaves no progress") {
  const TempFolder folder;
  const ErrorsInFile errors(folder / "errors");
  std::atomic<bool> stop = false;
  Console console(Verbosity::normal, ShowProgress::yes, "", &stop);
  console.stage_started({"hashing", "files", 2});
  SECTION("an error") {
    console.error("broken");
    CHECK(errors.text().ends_with("vam-analyze: broken\n"));
  }
  SECTION("Ctrl-C") {
    while (errors.text().empty()) {
    }
    stop = true;
    while (!errors.text().ends_with("\033[?7h\r\r\033[J")) {
    }
    console.message("interrupted");
    CHECK(errors.text().ends_with("vam-analyze: interrupted\n"));
  }
}

TEST_CASE("console: without a thread to draw, a stage shows its end") {
  const TempFolder folder;
  const ErrorsInFile errors(folder / "errors");
  pthread_attr_t usual;
  REQUIRE(pthread_getattr_default_np(&usual) == 0);
  pthread_attr_t no_thread = usual;
  REQUIRE(pthread_attr_setstacksize(&no_thread, std::size_t{1} << 60) == 0);
  Console console(Verbosity::normal, ShowProgress::yes, "");
  REQUIRE(pthread_setattr_default_np(&no_thread) == 0);
  CHECK_NOTHROW(console.stage_started({"hashing", "files", 2}));
  REQUIRE(pthread_setattr_default_np(&usual) == 0);
  sigset_t blocked;
  REQUIRE(pthread_sigmask(SIG_SETMASK, nullptr, &blocked) == 0);
  CHECK(sigismember(&blocked, SIGINT) == 0);
  CHECK(errors.text().empty());
  console.stage_ended();
  CHECK(errors.text().find("0 of 2 files") != std::string::npos);
}

TEST_CASE("console: each file is told with its time, and more with its steps") {
  const TempFolder folder;
  const ErrorsInFile errors(folder / "errors");
  FileDone file{"a.jpg", 5, 0.5, {}};
  file.step_seconds[static_cast<std::size_t>(HashStep::read)] = 0.1;
  file.step_seconds[static_cast<std::size_t>(HashStep::decode)] = 0.4;
  Console(Verbosity::normal, ShowProgress::no, "").file_done(file);
  CHECK(errors.text().empty());
  Console(Verbosity::verbose, ShowProgress::no, "").file_done(file);
  CHECK(errors.text() == "vam-analyze: a.jpg: 500.0 ms\n");
  Console(Verbosity::debug, ShowProgress::no, "").file_done(file);
  CHECK(errors.text().ends_with(
      "\nvam-analyze: a.jpg: 500.0 ms, read 100.0, decode 400.0\n"));
}

TEST_CASE("console: a log file names the level of each message once") {
  const TempFolder folder;
  const ErrorsInFile errors(folder / "errors");
  const std::string log_file = folder / "log";
  {
    Console console(Verbosity::quiet, ShowProgress::no, log_file);
    console.file_done({"a.jpg", 5, 0.5, {}});
    console.note("chosen");
    console.message("repaired");
    console.warning("careful");
    console.error("broken");
  }
  CHECK(errors.text() == "vam-analyze: broken\n");
  std::ifstream log(log_file);
  std::string told;
  for (std::string time, line; log >> time && std::getline(log, line);) {
    told += line + '\n';
  }
  CHECK(told ==
        " debug a.jpg: 500.0 ms\n info chosen\n info repaired\n"
        " warning careful\n error broken\n");
}
