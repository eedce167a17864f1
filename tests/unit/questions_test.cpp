#include <filesystem>
#include <string>

#include "catch.hpp"
#include "picture_writer.hpp"
#include "scene.hpp"
#include "temp_folder.hpp"
#include "vam/analyze.hpp"

using namespace vam;

namespace {

namespace fs = std::filesystem;

/// The scene of this seed, without this share (percent) at the left and top.
std::string jpeg(std::uint64_t seed, int width, int cut_percent = 0) {
  const int height = width * 3 / 4;
  JpegOptions options;
  options.width = width * (100 - cut_percent) / 100;
  options.height = height * (100 - cut_percent) / 100;
  options.pattern = [=, scene = scene_pattern(seed)](
                        int x, int y, int shown_width, int shown_height) {
    return scene(x + width - shown_width, y + height - shown_height, width,
                 height);
  };
  return write_jpeg(options);
}

struct Setup {
  TempFolder folder;
  AnalyzeOptions options;
  AnalyzeObserver observer;

  Setup() {
    fs::create_directory(folder / "photos");
    fs::create_directory(folder / "elsewhere");
    options.sources = {(folder / "photos").native()};
    options.workers = 2;
  }

  std::string write(const std::string& name, const std::string& content) {
    return folder.write(name, content).native();
  }

  void scan() {
    const auto catalog = open_catalog(folder / "catalog");
    analyze(*catalog, options, observer, nullptr);
  }

  LikeReport like(const std::vector<std::string>& paths) {
    const auto catalog = open_catalog(folder / "catalog");
    return find_like(*catalog, options, paths, observer, nullptr);
  }

  Explanation explained(const std::string& a, const std::string& b) {
    const auto catalog = open_catalog(folder / "catalog");
    return explain(*catalog, options, a, b, observer, nullptr);
  }
};

}  // namespace

TEST_CASE("questions: a crop is found by its original and the other way") {
  Setup setup;
  const auto whole = setup.write("photos/whole.jpg", jpeg(1, 640));
  const auto other = setup.write("photos/crop.jpg", jpeg(2, 640, 10));
  setup.write("photos/stranger.jpg", jpeg(3, 640));
  setup.scan();
  const LikeReport report =
      setup.like({setup.write("elsewhere/crop.jpg", jpeg(1, 640, 10)),
                  setup.write("elsewhere/whole.jpg", jpeg(2, 640))});
  REQUIRE(report.answers.size() == 2);
  REQUIRE(report.answers[0].matches.size() == 1);
  CHECK(report.answers[0].matches[0].path == whole);
  CHECK(report.answers[0].matches[0].evidence.has(Difference::crop));
  REQUIRE(report.answers[1].matches.size() == 1);
  CHECK(report.answers[1].matches[0].path == other);
}

TEST_CASE("questions: what cannot be used is a problem of its own") {
  Setup setup;
  const auto cut = setup.write("photos/cut.jpg", jpeg(1, 640).substr(0, 900));
  const auto fine = setup.write("photos/fine.jpg", jpeg(1, 640));
  setup.scan();
  const auto copy =
      setup.write("elsewhere/cut.jpg", jpeg(1, 640).substr(0, 900));
  const LikeReport report = setup.like({"/nowhere/x.jpg", copy, fine});
  REQUIRE(report.answers.size() == 3);
  CHECK(report.answers[0].problem->code == ErrorCode::missing);
  CHECK(report.answers[1].problem->code == ErrorCode::truncated);
  REQUIRE(report.answers[1].matches.size() == 1);  // the same bytes
  CHECK(report.answers[1].matches[0].path == cut);
  CHECK(report.answers[2].matches.empty());
  CHECK_THROWS_AS(setup.explained(fine, "/nowhere/x.jpg"), FatalError);
}

TEST_CASE("questions: a file that is gone is known from the catalog") {
  Setup setup;
  const auto a = setup.write("photos/a.jpg", jpeg(1, 640));
  const auto b = setup.write("photos/b.jpg", jpeg(1, 320));
  setup.scan();
  fs::remove(b);
  const Explanation explanation = setup.explained(a, b);
  CHECK(explanation.second.in_catalog);
  CHECK(explanation.reason == Reason::match);
  // Changed since: read now.
  setup.write("photos/b.jpg", jpeg(2, 320));
  CHECK(setup.explained(a, b).reason == Reason::not_a_candidate);
}

TEST_CASE("questions: a file that was never scanned takes part as it is") {
  Setup setup;
  const auto known = setup.write("photos/a.jpg", jpeg(1, 640));
  setup.scan();
  // The larger file of the same picture is the keeper.
  const auto other = setup.write("elsewhere/a.jpg", jpeg(1, 640) + "padding");
  const Explanation told = setup.explained(known, other);
  CHECK(told.in_one_group);
  CHECK(told.first.keeper == other);
  const Explanation same = setup.explained(other, other);
  CHECK_FALSE(same.first.in_catalog);
  CHECK_FALSE(same.second.in_catalog);
  CHECK(same.reason == Reason::same_bytes);
}

TEST_CASE("questions: an explanation holds candidates, fit and verdict") {
  Setup setup;
  const auto a = setup.write("photos/a.jpg", jpeg(1, 640));
  const auto b = setup.write("photos/b.jpg", jpeg(1, 640, 8));
  setup.scan();
  const Explanation told = setup.explained(a, b);
  CHECK(told.in_one_group);
  CHECK(told.reason == Reason::match);
  CHECK_FALSE(told.candidates.empty());
  REQUIRE(told.judgement.compared);
  REQUIRE(told.judgement.evidence);
  CHECK(told.judgement.evidence->has(Difference::crop));
  CHECK(told.judgement.pose.window.width < 0.95F);
  const Explanation back = setup.explained(b, a);
  CHECK(back.judgement.fit.confidence == told.judgement.fit.confidence);
  CHECK(back.judgement.pose.window.width > 1.05F);
}

TEST_CASE("questions: under the plain rule the hashes alone are explained") {
  Setup setup;
  const auto a = setup.write("photos/a.jpg", jpeg(1, 640));
  const auto b = setup.write("photos/b.jpg", jpeg(1, 320));
  const auto c = setup.write("photos/c.jpg", jpeg(2, 320));
  setup.options.verify = false;
  setup.options.rule = plain_rule();
  setup.scan();
  CHECK(setup.explained(a, b).reason == Reason::match);
  const Explanation strangers = setup.explained(a, c);
  CHECK(strangers.reason == Reason::not_a_candidate);
  CHECK(strangers.candidates.empty());
  CHECK(setup.like({a}).answers[0].matches.size() == 1);
}
