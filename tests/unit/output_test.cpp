#include "cli/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "catch.hpp"
#include "temp_folder.hpp"
#include "vam/error.hpp"

using namespace vam;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Writes a whole report.
OutputEnd put(const fs::path& file, const std::string& text) {
  Output output(file.string());
  output.stream() << text;
  return output.finish();
}

/// What is said against writing to this file.
std::string refusal(const fs::path& file) {
  try {
    put(file, "new");
  } catch (const FatalError& error) {
    return error.what();
  }
  return "accepted";
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

unsigned mode_of(const fs::path& file) {
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { REQUIRE(pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int i) {
    if (ends[i] >= 0) close(ends[i]);
    ends[i] = -1;
  }
};

/// As main() does: a closed pipe is an error of write(), not a signal.
struct IgnorePipeSignal {
  void (*before)(int) = std::signal(SIGPIPE, SIG_IGN);
  ~IgnorePipeSignal() { std::signal(SIGPIPE, before); }
};

}  // namespace

TEST_CASE("output: a descriptor gets all bytes in order") {
  const TempFolder folder;
  const int descriptor =
      open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(descriptor >= 0);
  std::string expected;
  {
    DescriptorBuffer buffer(descriptor);
    std::ostream out(&buffer);
    for (int i = 0; i < 50'000; ++i) {
      out << i << '\n';
      expected += std::to_string(i) + '\n';
    }
    const std::string large(300'000, 'x');
    out << large << '\0' << std::flush;
    expected += large + '\0';
    CHECK(buffer.error() == 0);
    CHECK(out.good());
  }
  close(descriptor);
  CHECK(content_of(folder / "out") == expected);
}

TEST_CASE("output: a full disk is remembered") {
  const int descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return;  // not everywhere
  DescriptorBuffer buffer(descriptor);
  std::ostream out(&buffer);
  out << "text" << std::flush;
  CHECK_FALSE(out.good());
  CHECK(buffer.error() == ENOSPC);
  out.clear();
  out << std::string(200'000, 'x') << std::flush;
  CHECK_FALSE(out.good());
  CHECK(buffer.error() == ENOSPC);
  close(descriptor);
  CHECK(refusal("/dev/full") ==
        "cannot write /dev/full: No space left on device");
}

TEST_CASE("output: a closed pipe is an end, not a failure") {
  const IgnorePipeSignal ignore;
  Pipe pipe;
  const std::string name = "/dev/fd/" + std::to_string(pipe.ends[1]);
  Output output(name);
  pipe.close_end(0);
  output.stream() << "text";
  CHECK(output.finish() == OutputEnd::reader_gone);
}

TEST_CASE("output: a pipe that does not block gets everything") {
  Pipe pipe;
  REQUIRE(fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK) == 0);
  const std::string text(500'000, 'x');
  std::size_t received = 0;
  std::thread reader([&] {
    char buffer[4096];
    for (ssize_t count = 0;
         (count = read(pipe.ends[0], buffer, sizeof buffer)) > 0;) {
      received += static_cast<std::size_t>(count);
    }
  });
  DescriptorBuffer buffer(pipe.ends[1]);
  std::ostream out(&buffer);
  out << text << std::flush;
  CHECK(buffer.error() == 0);
  pipe.close_end(1);
  reader.join();
  CHECK(received == text.size());
}

TEST_CASE("output: who wants to stop does not wait for a reader") {
  Pipe pipe;
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    char byte = 0;
    stop = read(pipe.ends[0], &byte, 1) == 1;
  });
  DescriptorBuffer buffer(pipe.ends[1], &stop);
  std::ostream out(&buffer);
  out << std::string(500'000, 'x') << std::flush;
  reader.join();
  CHECK(buffer.error() == ECANCELED);
  CHECK_FALSE(out.good());
}

TEST_CASE("output: a report that is stopped leaves the old one") {
  const TempFolder folder;
  const fs::path file = folder / "report.json";
  put(file, "old");
  std::atomic<bool> stop = false;
  {
    Output output(file.string(), &stop);
    output.stream() << "new" << std::flush;
    stop = true;
    CHECK_THROWS_AS(output.finish(), Interrupted);
  }
  CHECK(content_of(file) == "old");
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("output: a file appears when it is complete") {
  const TempFolder folder;
  const fs::path file = folder / "report.json";
  Output output(file.string());
  CHECK_FALSE(output.is_terminal());
  output.stream() << "text" << std::flush;
  CHECK_FALSE(fs::exists(file));
  CHECK(output.finish() == OutputEnd::complete);
  CHECK(content_of(file) == "text");
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("output: an empty report is an empty file") {
  const TempFolder folder;
  put(folder / "report", "");
  CHECK(fs::file_size(folder / "report") == 0);
}

TEST_CASE("output: without finish() the old report stays") {
  const TempFolder folder;
  const fs::path file = folder.write("report", "old");
  {
    Output output(file.string());
    output.stream() << "new" << std::flush;
  }
  CHECK(content_of(file) == "old");
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("output: a new file honours the umask") {
  const TempFolder folder;
  const mode_t before = umask(027);
  put(folder / "report", "text");
  umask(before);
  CHECK(mode_of(folder / "report") == 0640);
}

TEST_CASE("output: a replaced file hands on its permissions") {
  const TempFolder folder;
  const fs::path file = folder.write("report", "old");
  REQUIRE(chmod(file.c_str(), 0600) == 0);
  put(file, "new");
  CHECK(content_of(file) == "new");
  CHECK(mode_of(file) == 0600);
}

TEST_CASE("output: a link stays and its target is replaced") {
  const TempFolder folder;
  const fs::path file = folder.write("real/report", "old");
  fs::create_symlink("real/report", folder / "second");
  fs::create_symlink(folder / "second", folder / "first");
  put(folder / "first", "new");
  CHECK(content_of(file) == "new");
  CHECK(fs::is_symlink(folder / "first"));
  CHECK(fs::is_symlink(folder / "second"));
}

TEST_CASE("output: a dangling link gets its target") {
  const TempFolder folder;
  fs::create_symlink("report", folder / "link");
  put(folder / "link", "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(content_of(folder / "report") == "new");
}

TEST_CASE("output: links in a circle are an error") {
  const TempFolder folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  CHECK(refusal(folder / "a").find("symbolic links") != std::string::npos);
}

TEST_CASE("output: names of any length and bytes") {
  const TempFolder folder;
  const fs::path longest = folder / std::string(255, 'n');
  put(longest, "text");
  CHECK(content_of(longest) == "text");
  const fs::path odd = folder / "-\n\xff";
  put(odd, "text");
  CHECK(content_of(odd) == "text");
  CHECK(refusal(folder / std::string(256, 'n')).find("too long") !=
        std::string::npos);
  CHECK(files_in(folder.path) == 2);
}

TEST_CASE("output: what cannot be written is known at once") {
  const TempFolder folder;
  CHECK(refusal(folder / "none/report") ==
        "cannot write " + (folder / "none/report").string() +
            ": No such file or directory");
  CHECK(refusal(folder.path) ==
        "cannot write " + folder.path.string() + ": Is a directory");
  CHECK(refusal(folder.write("file", "") / "report").find("Not a directory") !=
        std::string::npos);
  CHECK_THROWS_AS(Output((folder / "none/report").string()), FatalError);
}

TEST_CASE("output: a read-only file is not replaced") {
  const TempFolder folder;
  const fs::path file = folder.write("report", "old");
  REQUIRE(chmod(file.c_str(), 0400) == 0);
  if (geteuid() == 0) return;  // root may do everything
  CHECK(refusal(file).find("Permission denied") != std::string::npos);
  CHECK(content_of(file) == "old");
}

TEST_CASE("output: a picture is not replaced") {
  const TempFolder folder;
  const std::string jpeg = "\xff\xd8\xff\xe0 and so on";
  const fs::path file = folder.write("IMG_0001.JPG", jpeg);
  fs::create_symlink("IMG_0001.JPG", folder / "link");
  CHECK(refusal(file).find("is a picture") != std::string::npos);
  CHECK(refusal(folder / "link").find("is a picture") != std::string::npos);
  CHECK(content_of(file) == jpeg);
  CHECK(files_in(folder.path) == 2);
}

TEST_CASE("output: what came meanwhile is not replaced, either") {
  for (const std::string name : {"IMG_0001.JPG", "catalog.sqlite"}) {
    const TempFolder folder;
    Output output((folder / name).string());
    output.stream() << "new";
    folder.write(name, "came meanwhile");
    CHECK_THROWS_AS(output.finish(), FatalError);
    CHECK(content_of(folder / name) == "came meanwhile");
  }
}

TEST_CASE("output: devices and FIFOs are written directly") {
  CHECK(put("/dev/null", "text") == OutputEnd::complete);
  CHECK(fs::is_character_file("/dev/null"));

  const TempFolder folder;
  const fs::path fifo = folder / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  std::string received;
  std::thread reader([&] { received = content_of(fifo); });
  CHECK(put(fifo, "text") == OutputEnd::complete);
  reader.join();
  CHECK(received == "text");
  CHECK(fs::is_fifo(fifo));
}

TEST_CASE("output: an open file named by /dev/fd is appended to") {
  const TempFolder folder;
  const fs::path file = folder.write("log", "old ");
  const int descriptor = open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  REQUIRE(descriptor >= 0);
  put("/dev/fd/" + std::to_string(descriptor), "new");
  close(descriptor);
  CHECK(content_of(file) == "old new");
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("output: closed standard descriptors are occupied") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(0);
    close(1);
    occupy_standard_descriptors();
    char byte = 0;
    const bool fails = write(1, "x", 1) < 0 && read(0, &byte, 1) < 0;
    const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    _exit(fails && next > 2 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("output: the standard output is shared, not closed") {
  for (const std::string name : {"", "-"}) {
    Output output(name);
    CHECK(output.finish() == OutputEnd::complete);
  }
  CHECK(fcntl(STDOUT_FILENO, F_GETFD) != -1);
}
