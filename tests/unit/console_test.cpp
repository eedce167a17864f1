#include "cli/console.hpp"

#include <fcntl.h>
#include <unistd.h>

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

TEST_CASE("console: progress stays until there is something to say") {
  const TempFolder folder;
  const std::string log_file =
      GENERATE(false, true) ? (folder / "log").string() : "";
  const std::string line = "\r\033[Khashing: 1 of 2 files";
  const std::string cleared = "\r\033[K";
  const ErrorsInFile errors(folder / "errors");
  Console console(Verbosity::normal, ShowProgress::yes, log_file);
  console.stage_started("hashing", 2);
  console.file_done("a.jpg", 0.5);
  console.note("nobody asked");
  CHECK(errors.text() == line);
  console.warning("careful");
  CHECK(errors.text() == line + cleared + "vam-analyze: warning: careful\n");
}

TEST_CASE("console: each file is told at the highest verbosity") {
  const TempFolder folder;
  const ErrorsInFile errors(folder / "errors");
  Console console(Verbosity::debug, ShowProgress::no, "");
  console.file_done("a.jpg", 0.5);
  CHECK(errors.text() == "vam-analyze: a.jpg: 500.0 ms\n");
}
