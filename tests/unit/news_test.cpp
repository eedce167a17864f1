// What is new in a report, given what was reported before.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "temp_folder.hpp"
#include "vam/analyze.hpp"

using namespace vam;

namespace {

/// A tree of files, by content, and what of it is reported night after night.
struct Tree {
  using Names = std::vector<std::string>;  ///< "a=content"

  TempFolder folder;
  Names sources = {"photos"};
  Reported reported = {};

  std::string path_of(const std::string& name) const {
    return (folder / "photos" / name.substr(0, name.find('='))).string();
  }

  std::uint32_t add(Report& report, const std::string& name) const {
    folder.write("photos/" + name.substr(0, name.find('=')), "");
    const std::string content = name.substr(name.find('=') + 1);
    Picture picture;
    picture.digest = digest_of(std::as_bytes(std::span(content)));
    Photo photo;
    photo.path = path_of(name);
    photo.picture = static_cast<std::uint32_t>(report.pictures.size());
    report.pictures.push_back(std::move(picture));
    report.photos.push_back(std::move(photo));
    return static_cast<std::uint32_t>(report.photos.size() - 1);
  }

  void remove(const std::string& name) const {
    std::filesystem::remove(path_of(name));
  }

  /// Reports these groups, and photos that are in none; returns the numbers of
  /// those that are news.
  std::vector<int> report(const std::vector<Names>& groups,
                          const Names& singles = {}) {
    Report report;
    for (const std::string& source : sources) {
      report.settings.sources.push_back((folder / source).string());
    }
    for (std::size_t n = 0; n < groups.size(); ++n) {
      Group& group = report.grouping.groups.emplace_back();
      group.diameter = static_cast<int>(n);
      for (const std::string& name : groups[n]) {
        group.members.push_back({add(report, name), {}});
      }
    }
    for (const std::string& name : singles) add(report, name);
    reported = keep_news(report, reported);
    std::vector<int> news;
    for (const Group& group : report.grouping.groups) {
      news.push_back(group.diameter);
    }
    return news;
  }

  std::vector<int> report_nothing() {
    Report report;
    report.settings.sources = {(folder / "photos").string()};
    reported = keep_news(report, reported);
    return {};
  }
};

using News = std::vector<int>;

}  // namespace

TEST_CASE("news: a group is told once") {
  Tree tree;
  CHECK(tree.report({{"a=1", "b=1"}, {"c=2", "d=3"}}) == News{0, 1});
  CHECK(tree.report({{"a=1", "b=1"}, {"c=2", "d=3"}}) == News{});
  const Reported before = tree.reported;
  CHECK(tree.report({{"a=1", "b=1"}, {"c=2", "d=3"}}) == News{});
  CHECK((tree.reported == before));
}

TEST_CASE("news: what joins a group makes it new") {
  Tree tree;
  tree.report({{"a=1", "b=1"}, {"c=2", "d=3"}});
  SECTION("a copy of the same bytes") {
    CHECK(tree.report({{"a=1", "b=1", "e=1"}, {"c=2", "d=3"}}) == News{0});
    CHECK(tree.report({{"a=1", "b=1", "e=1"}, {"c=2", "d=3"}}) == News{});
  }
  SECTION("another picture, even as the keeper") {
    CHECK(tree.report({{"a=1", "b=1"}, {"e=9", "c=2", "d=3"}}) == News{1});
  }
  SECTION("other bytes under an old name") {
    CHECK(tree.report({{"a=1", "b=1"}, {"c=2", "d=8"}}) == News{1});
  }
  SECTION("another group") {
    CHECK(tree.report({{"a=1", "b=1", "c=2", "d=3"}}) == News{0});
  }
}

TEST_CASE("news: what leaves a group does not make it new") {
  Tree tree;
  tree.report({{"a=1", "b=1", "c=2", "d=3"}, {"e=4", "f=4"}});
  SECTION("deleted, the keeper too") {
    tree.remove("a");
    CHECK(tree.report({{"b=1", "c=2", "d=3"}}, {"e=4"}) == News{});
    CHECK(tree.report({{"b=1", "c=2", "d=3"}}, {"e=4"}) == News{});
  }
  SECTION("split in two, and back") {
    CHECK(tree.report({{"a=1", "b=1"}, {"c=2", "d=3"}, {"e=4", "f=4"}}) ==
          News{});
    CHECK(tree.report({{"a=1", "b=1", "c=2", "d=3"}, {"e=4", "f=4"}}) ==
          News{});
  }
}

TEST_CASE("news: a file that was moved is none") {
  Tree tree;
  tree.report({{"a=1", "b=1", "c=2"}});
  tree.remove("b");
  tree.remove("c");
  CHECK(tree.report({{"a=1", "x/b=1", "y=2"}}) == News{});
  // And it is known by its new name.
  tree.remove("y");
  CHECK(tree.report({{"a=1", "x/b=1"}}) == News{});
  CHECK(tree.report({{"a=1", "x/b=1", "y=2"}}) == News{0});
}

TEST_CASE("news: a copy that was deleted and comes again is new") {
  Tree tree;
  tree.report({{"a=1", "b=1"}});
  tree.remove("b");
  CHECK(tree.report({}, {"a=1"}) == News{});
  CHECK(tree.reported.groups.empty());
  CHECK(tree.report({{"a=1", "b=1"}}) == News{0});
}

TEST_CASE("news: what a run did not look at is not gone") {
  Tree tree;
  tree.report({{"a=1", "b=1"}});
  SECTION("left out by its options") {
    CHECK(tree.report({}, {"a=1"}) == News{});
  }
  SECTION("a drive that is not there") {
    std::filesystem::remove_all(tree.folder / "photos");
    std::filesystem::create_directory(tree.folder / "photos");
    CHECK(tree.report_nothing() == News{});
  }
  SECTION("another source") {
    Report report;
    report.settings.sources = {(tree.folder / "phot").string()};
    tree.add(report, "../phot/z=5");
    report.photos.back().path = (tree.folder / "phot/z").string();
    std::filesystem::remove_all(tree.folder / "photos");
    tree.reported = keep_news(report, tree.reported);
  }
  CHECK(tree.report({{"a=1", "b=1"}}) == News{});
}

TEST_CASE("news: a copy does not stand for one that a run did not see") {
  Tree tree;
  tree.sources = {"photos/x", "photos/y"};
  const std::vector<Tree::Names> both = {{"x/a=1", "y/a=1"}};
  const std::vector<Tree::Names> copied = {{"x/a=1", "x/b=1"}};
  CHECK(tree.report(both) == News{0});
  SECTION("on a drive that is not there") {
    tree.remove("y/a");
    CHECK(tree.report(copied) == News{0});
    CHECK(tree.report(copied) == News{});
    // Nor is what was told of the drive forgotten because of it.
    tree.remove("x/b");
    CHECK(tree.report({}, {"x/a=1"}) == News{});
    CHECK(tree.report(both) == News{});
  }
  SECTION("below another source") {
    tree.sources = {"photos/x"};
    CHECK(tree.report(copied) == News{0});
    CHECK(tree.report(copied) == News{});
  }
  SECTION("that cannot be read") {
    CHECK(tree.report(copied, {"y/c=2"}) == News{0});
    CHECK(tree.report(copied, {"y/c=2"}) == News{});
  }
}

TEST_CASE("news: runs of different sources do not answer for each other") {
  Tree tree;
  for (const bool is_told : {false, true}) {
    for (const std::string source : {"x", "y"}) {
      tree.sources = {"photos/" + source};
      const News news = tree.report({{source + "/a=1", source + "/b=1"}});
      CHECK(news == (is_told ? News{} : News{0}));
    }
  }
}

TEST_CASE("news: a drive may be a source below another one") {
  Tree tree;
  tree.sources = GENERATE(Tree::Names{"photos", "photos/usb"},
                          Tree::Names{"photos/usb", "photos"});
  tree.report({{"usb/a=1", "usb/b=1"}}, {"c=2"});
  std::filesystem::remove_all(tree.folder / "photos/usb");
  std::filesystem::create_directory(tree.folder / "photos/usb");
  CHECK(tree.report({}, {"c=2"}) == News{});
  CHECK(tree.report({{"usb/a=1", "usb/b=1"}}, {"c=2"}) == News{});
}

TEST_CASE("news: each of many copies that were moved is found once") {
  constexpr std::size_t kCopies = 10'000;
  Report report;
  report.settings.sources = {"/vam-nowhere"};
  report.pictures.emplace_back();
  Reported reported;
  std::vector<ReportedFile>& files = reported.groups.emplace_back();
  Group& group = report.grouping.groups.emplace_back();
  for (std::uint32_t n = 0; n < kCopies; ++n) {
    files.push_back({"/vam-nowhere/old/" + std::to_string(n), Digest{}});
    group.members.push_back({n, {}});
    report.photos.emplace_back().path = "/vam-nowhere/new/" + std::to_string(n);
  }
  const Reported now = keep_news(report, reported);
  CHECK(report.grouping.groups.empty());
  REQUIRE(now.groups.size() == 1);
  CHECK(now.groups.front().size() == kCopies);
}

TEST_CASE("news: a problem is told once for as long as it is there") {
  const Tree tree;
  const FileProblem cut{"/p/a", Stage::decode, {ErrorCode::truncated, "x"}};
  const FileProblem rot{"/p/a", Stage::read, {ErrorCode::bit_rot, "y"}};
  const FileProblem gone{"/p", Stage::scan, {ErrorCode::missing, "z"}};
  const FileProblem other{"/q/a", Stage::decode, {ErrorCode::truncated, "x"}};
  enum class Photos : bool { none, some };
  Reported reported;
  const auto news = [&](std::vector<FileProblem> problems,
                        const std::string& source, Photos photos) {
    Report report;
    report.settings.sources = {source};
    report.errors = std::move(problems);
    if (photos == Photos::some) {
      tree.add(report, "b=1");
      report.photos.back().path = source + "/b";
    }
    reported = keep_news(report, reported);
    return report.errors.size();
  };
  using enum Photos;
  CHECK(news({cut}, "/p", some) == 1);
  CHECK(news({cut}, "/p", some) == 0);
  CHECK(news({cut, rot}, "/p", some) == 1);
  CHECK(news({other}, "/q", some) == 1);  // another source
  CHECK(news({cut, rot}, "/p", some) == 0);
  CHECK(news({gone}, "/p", none) == 1);
  CHECK(news({gone}, "/p", none) == 0);
  CHECK(reported.problems.size() == 4);
  CHECK(news({cut, rot}, "/p", some) == 0);
  CHECK(news({gone}, "/p", none) == 1);
  CHECK(news({}, "/p", some) == 0);
  CHECK(news({cut}, "/p", some) == 1);  // again
  CHECK(news({other}, "/q", some) == 0);
}

TEST_CASE("news: a problem that a run did not look for is not solved") {
  const Tree tree;
  Reported reported;
  const auto news = [&](const std::vector<std::string>& broken,
                        const Tree::Names& photos = {}) {
    Report report;
    report.settings.sources = {(tree.folder / "photos").string()};
    for (const std::string& name : broken) {
      report.errors.push_back(
          {tree.path_of(name), Stage::decode, {ErrorCode::truncated, "x"}});
    }
    tree.add(report, "whole=1");
    for (const std::string& name : photos) tree.add(report, name);
    reported = keep_news(report, reported);
    return report.errors.size();
  };
  tree.folder.write("photos/cut", "");
  std::filesystem::create_directory(tree.folder / "photos/folder");
  CHECK(news({"cut", "folder"}) == 2);
  CHECK(news({"folder"}) == 0);  // left out by its options
  CHECK(news({"cut", "folder"}) == 0);
  SECTION("that looks and sees a photo") {
    CHECK(news({"folder"}, {"cut=2"}) == 0);
    CHECK(news({"cut", "folder"}) == 1);
  }
  SECTION("that looks and sees nothing") {
    tree.remove("cut");
    CHECK(news({"folder"}) == 0);
    CHECK(news({"cut", "folder"}) == 1);
  }
  SECTION("that looks into the folder") {
    CHECK(news({"cut"}) == 0);
    CHECK(news({"cut", "folder"}) == 1);
  }
}

TEST_CASE("news: sets and discarded links are none") {
  Report report;
  report.grouping.sets.push_back({SetKind::burst, {}});
  report.grouping.discarded.push_back({0, 0, {}});
  keep_news(report, {});
  CHECK(report.grouping.sets.empty());
  CHECK(report.grouping.discarded.empty());
  CHECK(report.is_old());
}
