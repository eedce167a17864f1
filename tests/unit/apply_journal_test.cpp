#include "apply/journal.hpp"

#include <fcntl.h>

#include <fstream>
#include <iterator>
#include <string>

#include "apply/fields.hpp"
#include "catch.hpp"
#include "temp_folder.hpp"

using namespace vam;

namespace {

JournalAction example(std::uint64_t number) {
  JournalAction action;
  action.number = number;
  action.action = FileAction::trash;
  action.path = "/photos/\xff";
  action.to = "/trash/files/a";
  action.keep = "/photos/b";
  action.size_bytes = 7;
  action.mtime_ns = -1;
  action.inode = 5;
  action.deleted_at = "2024-01-31T23:59:59";
  return action;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("apply: a journal tells what was written to it") {
  const TempFolder folder;
  const auto file = folder / "journal";
  {
    Journal journal = Journal::create(file, "1", FileAction::trash);
    for (const std::uint64_t number : {1U, 2U, 3U, 4U}) {
      journal.begin(example(number));
    }
    journal.note(1, "done");
    journal.note_failure(2, "why \xff");
    journal.note(3, "done");
    journal.note(3, "undo");
    journal.note(3, "undone");
  }
  const JournalContent content = parse_journal(text_of(file));
  CHECK(content.whole_bytes == std::filesystem::file_size(file));
  REQUIRE(content.entries.size() == 4);
  CHECK(content.entries[0].progress == ActionProgress::done);
  CHECK(content.entries[1].progress == ActionProgress::failed);
  CHECK(content.entries[1].failed_ns.value() > 1'700'000'000'000'000'000);
  CHECK(content.entries[2].progress == ActionProgress::undone);
  CHECK(content.entries[3].progress == ActionProgress::begun);
  const JournalAction& action = content.entries[0].action;
  CHECK(action.action == FileAction::trash);
  CHECK(action.path == example(1).path);
  CHECK(action.to == example(1).to);
  CHECK(action.keep == example(1).keep);
  CHECK(action.size_bytes == 7);
  CHECK(action.mtime_ns == -1);
  CHECK(action.digest == Digest());
  CHECK(action.inode == 5);
  CHECK(action.deleted_at == example(1).deleted_at);
}

TEST_CASE("apply: a journal ends with its last whole line") {
  const TempFolder folder;
  const auto file = folder / "journal";
  Journal::create(file, "1", FileAction::move).begin(example(1));
  const std::string whole = text_of(file);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const JournalContent content =
        parse_journal(std::string_view(whole).substr(0, size));
    CHECK(content.entries.empty());
    CHECK(content.whole_bytes <= size);
  }
  // What follows begins on a line of its own.
  folder.write("journal", whole.substr(0, whole.size() - 5));
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  JournalContent content;
  Journal::open(file, Act::really, content).begin(example(1));
  CHECK(text_of(file) == whole);
}

TEST_CASE("apply: a journal is its own run's, and one's own") {
  const TempFolder folder;
  const auto file = folder / "journal";
  JournalContent content;
  {
    Journal journal = Journal::create(file, "1", FileAction::move);
    CHECK_THROWS_WITH(Journal::open(file, Act::dry_run, content),
                      Catch::Matchers::Contains("at work"));
  }
  CHECK_THROWS_WITH(Journal::create(file, "1", FileAction::move),
                    Catch::Matchers::Contains("already"));
  std::filesystem::permissions(file, std::filesystem::perms(0620));
  CHECK_THROWS_WITH(Journal::open(file, Act::dry_run, content),
                    Catch::Matchers::Contains("others"));
}

TEST_CASE("apply: lines that no journal has are refused") {
  const std::string header = "{\"schema\":\"vam-apply-journal/1\"}\n";
  for (const char* line :
       {"[]\n", "{\n", "\n", "{\"step\":\"done\"}\n",
        "{\"step\":\"done\",\"n\":0}\n", "{\"step\":\"done\",\"n\":1}\n",
        "{\"step\":\"begin\",\"n\":2}\n", "{\"step\":\"begin\",\"n\":1}\n"}) {
    CAPTURE(line);
    CHECK_THROWS_AS(parse_journal(header + line), FatalError);
  }
  CHECK_THROWS_AS(parse_journal("{\"schema\":\"vam-analyze/1\"}\n"),
                  FatalError);
}

TEST_CASE("apply: plain paths are absolute and need no looking up") {
  for (const char* path : {"/", "/a", "/a/b c", "/.a/..b/..."}) {
    CHECK(is_plain_path(path));
  }
  for (const char* path :
       {"", "a", "a/b", "//", "/a/", "/a//b", "/.", "/a/..", "/./a", "/../a"}) {
    CAPTURE(path);
    CHECK_FALSE(is_plain_path(path));
  }
}

TEST_CASE("apply: a folder holds itself and what is below") {
  CHECK(lies_in("/a/b", "/a"));
  CHECK(lies_in("/a", "/a"));
  CHECK(lies_in("/a", "/"));
  CHECK_FALSE(lies_in("/ab", "/a"));
  CHECK_FALSE(lies_in("/", "/a"));
}
