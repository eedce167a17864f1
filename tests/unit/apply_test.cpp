#include "vam/apply.hpp"

#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apply/actions.hpp"
#include "apply/check.hpp"
#include "apply/journal.hpp"
#include "apply/replacement.hpp"
#include "apply_fixture.hpp"
#include "catch.hpp"

using namespace vam;

namespace {

namespace fs = std::filesystem;
using Json = PlanFolder::Json;

struct Listener : ApplyObserver, UndoObserver {
  std::vector<std::string> refusals;  ///< empty for what was done
  std::atomic<bool>* stop_after_one = nullptr;

  void file_done(const PlanStep&, const std::string& refusal) override {
    refusals.push_back(refusal);
    if (stop_after_one != nullptr) *stop_after_one = true;
  }
  void action_undone(const JournalAction&,
                     const std::string& refusal) override {
    refusals.push_back(refusal);
  }
};

struct Fixture : PlanFolder {
  ApplyOptions options;
  Listener listener;
  ApplyTotals totals;
  std::atomic<bool> stop = false;

  Fixture() {
    options.folder = path / "aside";
    options.journal = path / "journal";
    options.home_trash = path / "Trash";
    options.act = Act::really;
  }

  void run(const Json& report) {
    const Plan plan = parse_plan(report.dump());
    totals = {};
    listener.refusals.clear();
    apply(plan, steps_of(plan, {}), options, listener, totals, &stop);
  }

  void take_back(Act act = Act::really) {
    totals = {};
    listener.refusals.clear();
    undo(options.journal, act, listener, totals);
  }

  fs::path photo(const std::string& name) const {
    return path / "photos" / name;
  }
  fs::path aside(const std::string& name) const {
    return options.folder + photo(name).native();
  }
};

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("apply: moves, and moves back") {
  Fixture f;
  const Json report = f.report(
      {f.file("keep", "1"), f.file("a", "1"), f.file("b", "22", "same-image")});
  f.options.act = Act::dry_run;
  f.run(report);
  CHECK(f.totals.files == 2);
  CHECK(f.totals.bytes == 3);
  CHECK_FALSE(fs::exists(f.options.folder));
  CHECK_FALSE(fs::exists(f.options.journal));

  f.options.act = Act::really;
  f.run(report);
  CHECK(f.totals.files == 2);
  CHECK(text_of(f.aside("b")) == "22");
  CHECK(fs::exists(f.photo("keep")));
  CHECK_FALSE(fs::exists(f.photo("a")));

  f.take_back(Act::dry_run);
  CHECK(f.totals.files == 2);
  CHECK(fs::exists(f.aside("a")));
  f.take_back();
  CHECK(f.totals.files == 2);
  CHECK(text_of(f.photo("a")) == "1");
  CHECK_FALSE(fs::exists(f.aside("a")));
  f.take_back();
  CHECK(f.totals.files == 0);
  CHECK(f.totals.refused == 0);
}

TEST_CASE("apply: one file that is refused costs no other") {
  Fixture f;
  const Json report =
      f.report({f.file("keep", "1"), f.file("a", "1"), f.file("b", "1")});
  f.write("photos/a", "2");
  f.run(report);
  CHECK(f.totals.files == 1);
  CHECK(f.totals.refused == 1);
  CHECK_FALSE(f.listener.refusals.at(0).empty());
  CHECK(f.listener.refusals.at(1).empty());
  CHECK(text_of(f.photo("a")) == "2");
}

TEST_CASE("apply: what stayed for others stays under all its names") {
  Fixture f;
  // Two groups, and the second one's copy is the first one's keeper by a name
  // that only a mount could give it; here a hard link made to look like one.
  Json first = f.report({f.file("keep", "1"), f.file("a", "1")});
  fs::create_hard_link(f.photo("keep"), f.photo("alias"));
  Json alias = first["groups"][0]["files"][0];
  alias["path"] = f.photo("alias").native();
  alias["is_keeper"] = false;
  const Json second = f.report({f.file("other", "1"), alias});
  first["groups"].push_back(second["groups"][0]);
  f.run(first);
  CHECK(f.totals.files == 1);
  CHECK(f.totals.refused == 1);
  CHECK(fs::exists(f.photo("alias")));
}

TEST_CASE("apply: bytes are compared where the digests are said to agree") {
  Fixture f;
  // The keeper's digest is that of the copy, which none of the two need have.
  Json keep = f.file("keep", "1");
  Json copy = f.file("copy", "2");
  keep["checksum"] = copy["checksum"];
  f.run(f.report({keep, copy}));
  CHECK(f.totals.files == 0);
  CHECK(f.listener.refusals.at(0) == "its keeper holds other bytes now");
  CHECK(fs::exists(f.photo("copy")));
}

TEST_CASE("apply: stops between two files") {
  Fixture f;
  f.listener.stop_after_one = &f.stop;
  const Json report =
      f.report({f.file("keep", "1"), f.file("a", "1"), f.file("b", "1")});
  CHECK_THROWS_AS(f.run(report), Interrupted);
  CHECK(f.totals.files == 1);
  CHECK(fs::exists(f.photo("b")));
  f.take_back();
  CHECK(fs::exists(f.photo("a")));
}

TEST_CASE("apply: a target among the photos is refused") {
  Fixture f;
  const Json report = f.report({f.file("keep", "1"), f.file("a", "1")});
  f.options.folder = f.photo("aside");
  CHECK_THROWS_AS(f.run(report), FatalError);
  fs::create_directory_symlink(f.path / "photos", f.path / "link");
  f.options.folder = f.path / "link" / "aside";
  CHECK_THROWS_AS(f.run(report), FatalError);
  CHECK(fs::exists(f.photo("a")));
}

TEST_CASE("apply: without a journal nothing is done") {
  Fixture f;
  const Json report = f.report({f.file("keep", "1"), f.file("a", "1")});
  f.write("journal", "something else");
  CHECK_THROWS_AS(f.run(report), FatalError);
  CHECK(fs::exists(f.photo("a")));
  CHECK(text_of(f.options.journal) == "something else");
}

TEST_CASE(
    "apply: the trash takes names that are there already, and long ones") {
  Fixture f;
  f.options.action = FileAction::trash;
  const std::string name(251, 'x');
  f.write("Trash/files/a.jpg", "older");
  f.write("Trash/info/a 2.jpg.trashinfo", "older");
  const Json report = f.report(
      {f.file("keep", "1"), f.file("a.jpg", "1"), f.file(name + ".jpg", "1")});
  f.run(report);
  CHECK(f.totals.files == 2);
  CHECK(fs::exists(f.path / "Trash/files/a 3.jpg"));
  CHECK(text_of(f.path / "Trash/info/a 3.jpg.trashinfo")
            .starts_with("[Trash Info]\nPath=" + f.photo("a.jpg").native()));
  CHECK(fs::exists(f.path / "Trash/files" / (name.substr(0, 241) + ".jpg")));
  f.take_back();
  CHECK(f.totals.files == 2);
  CHECK(text_of(f.photo("a.jpg")) == "1");
  CHECK(text_of(f.path / "Trash/files/a.jpg") == "older");
  CHECK(text_of(f.path / "Trash/info/a 2.jpg.trashinfo") == "older");
  CHECK_FALSE(fs::exists(f.path / "Trash/info/a 3.jpg.trashinfo"));
}

TEST_CASE("apply: a link is made, and a file again with its own time") {
  Fixture f;
  f.options.action = FileAction::hardlink;
  Json keep = f.file("keep", "1");
  fs::last_write_time(f.photo("keep"),
                      fs::file_time_type::clock::now() - std::chrono::hours(9));
  keep["mtime"] = f.file("other", "")["mtime"];
  const auto entry = [&](const std::string& name) {
    struct stat status {};
    stat(f.photo(name).c_str(), &status);
    Json json = f.file("other", "1");
    json["path"] = f.photo(name).native();
    json["mtime"] = format_time(status.st_mtim.tv_sec * 1'000'000'000 +
                                status.st_mtim.tv_nsec);
    return json;
  };
  f.write("photos/a", "1");
  const auto time = fs::last_write_time(f.photo("a"));
  f.run(f.report({entry("keep"), entry("a")}));
  CHECK(f.totals.files == 1);
  CHECK(fs::equivalent(f.photo("keep"), f.photo("a")));
  CHECK(fs::last_write_time(f.photo("a")) != time);
  f.take_back();
  CHECK(f.totals.files == 1);
  CHECK_FALSE(fs::equivalent(f.photo("keep"), f.photo("a")));
  CHECK(text_of(f.photo("a")) == "1");
  CHECK(fs::last_write_time(f.photo("a")) == time);
  CHECK(fs::hard_link_count(f.photo("keep")) == 1);
}

TEST_CASE("apply: a link's leftovers stay while they are the last copy") {
  Fixture f;
  f.options.action = FileAction::hardlink;
  Json keep = f.file("keep", "1");
  Json copy = f.file("copy", "1");
  const auto time = fs::last_write_time(f.photo("copy"));
  f.run(f.report({keep, copy}));
  REQUIRE(f.totals.files == 1);
  // As after a kill in the undoing; then somebody edits the one file and
  // deletes the other.
  std::ifstream journal(f.options.journal);
  std::string line;
  std::getline(journal, line);
  std::getline(journal, line);
  const std::string to = Json::parse(line)["to"];
  fs::rename(f.photo("keep"), to + ".undo");
  fs::remove(f.photo("copy"));
  f.write("photos/copy", "2");
  fs::last_write_time(f.photo("copy"), time);
  f.take_back();
  CHECK(f.totals.refused == 1);
  CHECK(text_of(to + ".undo") == "1");
}

TEST_CASE("apply: a version saved while a link was undone stays") {
  Fixture f;
  f.options.action = FileAction::hardlink;
  const Json plan = f.report({f.file("keep", "1"), f.file("copy", "1")});
  const auto time = fs::last_write_time(f.photo("copy"));
  f.run(plan);
  REQUIRE(f.totals.files == 1);
  std::ifstream journal(f.options.journal);
  std::string line;
  std::getline(journal, line);
  std::getline(journal, line);
  // As after a kill in the undoing, when the copy that was made had changed
  // places with the new version.
  const std::string saved =
      Json::parse(line)["to"].get<std::string>() + ".undo";
  fs::remove(f.photo("copy"));
  f.write("photos/copy", "1");
  fs::last_write_time(f.photo("copy"), time);
  std::ofstream(saved) << "2";
  f.take_back();
  CHECK(f.totals.refused == 1);
  CHECK(text_of(saved) == "2");
}

TEST_CASE("apply: what changes between the look and the act stays") {
  Fixture f;
  f.options.action =
      GENERATE(FileAction::move, FileAction::trash, FileAction::hardlink);
  const bool is_keeper = GENERATE(false, true);
  const Plan plan =
      parse_plan(f.report({f.file("keep", "1"), f.file("copy", "1")}).dump());
  const auto method = make_action(f.options, plan, "test");
  JournalAction action;
  action.path = f.photo("copy");
  action.keep = f.photo("keep");
  const CheckedPair pair{open_plain_file(action.path).value(),
                         open_plain_file(action.keep).value()};
  REQUIRE(method->prepare(pair, action));
  f.write(is_keeper ? "photos/keep" : "photos/copy", "2");
  const auto done = method->perform(pair, action);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::changed);
  CHECK(text_of(f.photo("copy")) == (is_keeper ? "1" : "2"));
  CHECK(text_of(f.photo("keep")) == (is_keeper ? "2" : "1"));
  // Nothing is left lying about.
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(f.path)) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  CHECK(files == 2);
}

TEST_CASE("apply: no link is made to a reference file") {
  Fixture f;
  f.options.action = FileAction::hardlink;
  Json keep = f.file("keep", "1");
  keep["is_reference"] = true;
  f.run(f.report({keep, f.file("copy", "1")}));
  CHECK(f.listener.refusals.at(0) == "its keeper is a reference file");
  CHECK(fs::hard_link_count(f.photo("keep")) == 1);
}

TEST_CASE("apply: a file that another run works with is refused") {
  Fixture f;
  const Json report = f.report({f.file("keep", "1"), f.file("copy", "1")});
  const auto keeper = open_plain_file(f.photo("keep"));
  REQUIRE(flock(keeper->content.get(), LOCK_EX) == 0);
  f.run(report);
  CHECK(f.totals.refused == 1);
  CHECK(fs::exists(f.photo("copy")));
  REQUIRE(flock(keeper->content.get(), LOCK_SH) == 0);
  f.run(report);
  CHECK(f.totals.files == 1);
}

TEST_CASE("apply: one file may have two numbers") {
  struct stat file {};
  file.st_dev = 1;
  file.st_ino = 5;
  file.st_size = 9;
  file.st_mtim = {7, 1};
  file.st_ctim = {8, 2};
  struct stat other = file;
  CHECK(may_be_one_file(file, other));
  other.st_ino = 6;
  CHECK_FALSE(may_be_one_file(file, other));
  other.st_dev = 2;
  CHECK(may_be_one_file(file, other));
  other.st_ctim.tv_nsec = 3;
  CHECK(may_be_one_file(file, other));
  other.st_ctim.tv_nsec = 300;
  CHECK_FALSE(may_be_one_file(file, other));
  other.st_ctim.tv_nsec = 0;
  CHECK(may_be_one_file(file, other));
  other.st_ctim.tv_sec = 9;
  CHECK_FALSE(may_be_one_file(file, other));
}

TEST_CASE("apply: what is said to have failed is looked for, too") {
  Fixture f;
  f.run(f.report({f.file("keep", "1"), f.file("a", "1")}));
  const std::string journal = text_of(f.options.journal);
  const auto done = journal.find("\"done\"");
  REQUIRE(done != journal.npos);
  const auto fail_at = [&](const std::string& at) {
    std::string failed = journal;
    std::ofstream(f.options.journal)
        << failed.replace(done, 6, "\"failed\"" + at);
  };
  const auto at = [](std::int64_t time) {
    return ",\"at\":\"" + format_time(time) + '"';
  };
  SECTION("it came before that, or nobody knows") {
    const bool is_known = GENERATE(false, true);
    fail_at(is_known ? at(std::numeric_limits<std::int64_t>::max()) : "");
    f.take_back();
    CHECK(f.totals.files == 1);
    CHECK(f.totals.refused == 0);
    CHECK(fs::exists(f.photo("a")));
  }
  SECTION("it may have come later") {
    fail_at(at(1));
    f.take_back();
    CHECK(f.listener.refusals.at(0) ==
          "what is at " + f.aside("a").native() + " may be another run's");
    CHECK_FALSE(fs::exists(f.photo("a")));
  }
  SECTION("another file came later") {
    f.write("another", "1");
    fs::rename(f.path / "another", f.aside("a"));
    fail_at(at(1));
    f.take_back();
    CHECK(f.totals.files + f.totals.refused == 0);
    CHECK_FALSE(fs::exists(f.photo("a")));
  }
}

TEST_CASE("apply: what is put back is what was looked at") {
  Fixture f;
  f.run(f.report({f.file("keep", "1"), f.file("a", "1")}));
  JournalContent content = parse_journal(text_of(f.options.journal));
  const JournalAction& action = content.entries.at(0).action;
  const auto look = look_at_moved(action, nullptr);
  REQUIRE(look);
  REQUIRE(look->state == UndoState::put_back);
  fs::remove(f.aside("a"));
  f.write("saved", "another");
  fs::rename(f.path / "saved", f.aside("a"));
  CHECK_FALSE(put_back_moved(action, *look));
  CHECK_FALSE(fs::exists(f.photo("a")));
  CHECK(text_of(f.aside("a")) == "another");
}

TEST_CASE("apply: a file system that cannot share bytes is told") {
  // Where it can, this is a test of the way there and back.
  Fixture f;
  f.options.action = FileAction::reflink;
  f.run(f.report({f.file("keep", "1"), f.file("copy", "1")}));
  if (f.totals.files == 1) {
    f.take_back();
    CHECK(f.totals.files == 1);
  } else {
    CHECK(f.listener.refusals.at(0) ==
          "its file system is not btrfs, XFS, bcachefs or OCFS2");
    CHECK_FALSE(fs::exists(f.options.journal));
  }
  CHECK(text_of(f.photo("copy")) == "1");
}

TEST_CASE("apply: a reflink is looked at by the number of its file") {
  Fixture f;
  f.write("photos/copy", "1");
  JournalAction action;
  action.action = FileAction::reflink;
  action.path = f.photo("copy");
  action.to = f.photo(".vam-apply-test-1");
  action.size_bytes = 1;
  action.digest = digest_of(std::as_bytes(std::span("1", 1)));
  const fs::path copy = action.to + ".undo";
  struct stat status {};
  REQUIRE(stat(action.path.c_str(), &status) == 0);
  action.inode = status.st_ino;
  const auto state = [&] {
    const auto look = look_at_reflinked(action, nullptr);
    return look ? std::optional(look->state) : std::nullopt;
  };
  CHECK(state() == UndoState::put_back);
  // A copy that did not get its place is made anew.
  f.write("photos/.vam-apply-test-1.undo", "");
  const auto look = look_at_reflinked(action, nullptr);
  REQUIRE(put_back_reflinked(action, *look));
  CHECK_FALSE(fs::exists(copy));
  CHECK(state() == UndoState::nothing);
  // As after a kill before the file was unlinked.
  f.write("photos/.vam-apply-test-1.undo", "1");
  CHECK(state() == UndoState::tidy);
  f.write("photos/.vam-apply-test-1.undo", "2");
  CHECK_FALSE(state());
  fs::remove(copy);
  f.write("photos/copy", "2");
  CHECK_FALSE(state());
}

TEST_CASE("apply: a copy that is made again inherits nothing of its folder") {
  Fixture f;
  f.write("photos/file", "1");
  // A default ACL for user 1, as setfacl -d -m u:1:rwx makes it.
  const std::string acl(
      "\2\0\0\0"
      "\1\0\7\0\xff\xff\xff\xff"
      "\2\0\7\0\1\0\0\0"
      "\4\0\5\0\xff\xff\xff\xff"
      "\x10\0\7\0\xff\xff\xff\xff"
      "\x20\0\5\0\xff\xff\xff\xff",
      44);
  if (setxattr(f.photo("").c_str(), "system.posix_acl_default", acl.data(),
               acl.size(), 0) != 0) {
    return;  // no ACLs here
  }
  const auto file = open_plain_file(f.photo("file"));
  REQUIRE(file);
  const auto before = attributes_of(file->content);
  REQUIRE(before);
  const KnownFile known{1, mtime_ns_of(file->status),
                        digest_of(std::as_bytes(std::span("1", 1)))};
  REQUIRE(replace_by_copy(*file, f.photo("copy"), known));
  const auto copy = open_plain_file(f.photo("file"));
  REQUIRE(copy);
  CHECK(copy->status.st_ino != file->status.st_ino);
  CHECK(copy->status.st_mode == file->status.st_mode);
  CHECK(attributes_of(copy->content) == before);
}

TEST_CASE("apply: a copy that is made again has its security attributes") {
  Fixture f;
  f.write("photos/file", "1");
  if (setxattr(f.photo("file").c_str(), "security.NTACL", "acl", 3, 0) != 0) {
    return;  // not root, or no such attributes here
  }
  const auto file = open_plain_file(f.photo("file"));
  REQUIRE(file);
  CHECK(can_have_attributes_of(file->content));
  const KnownFile known{1, mtime_ns_of(file->status),
                        digest_of(std::as_bytes(std::span("1", 1)))};
  REQUIRE(replace_by_copy(*file, f.photo("copy"), known));
  const auto copy = open_plain_file(f.photo("file"));
  REQUIRE(copy);
  CHECK(copy->status.st_ino != file->status.st_ino);
  CHECK(attributes_of(copy->content)->at("security.NTACL") == "acl");
}

TEST_CASE("apply: a target that is renamed meanwhile takes no file along") {
  Fixture f;
  fs::create_directory(f.options.folder);
  const Plan plan =
      parse_plan(f.report({f.file("keep", "1"), f.file("copy", "1")}).dump());
  const auto method = make_action(f.options, plan, "test");
  JournalAction action;
  action.path = f.photo("copy");
  action.keep = f.photo("keep");
  const CheckedPair pair{open_plain_file(action.path).value(),
                         open_plain_file(action.keep).value()};
  REQUIRE(method->prepare(pair, action));
  fs::rename(f.options.folder, f.path / "renamed");
  CHECK_FALSE(method->perform(pair, action));
  CHECK(fs::exists(f.photo("copy")));
}

TEST_CASE("apply: two may look at a journal") {
  Fixture f;
  f.run(f.report({f.file("keep", "1"), f.file("a", "1")}));
  const auto other = open_plain_file(f.options.journal);
  REQUIRE(flock(other->content.get(), LOCK_SH) == 0);
  f.take_back(Act::dry_run);
  CHECK(f.totals.files == 1);
  CHECK_THROWS_AS(f.take_back(), FatalError);
}
