#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apply_fixture.hpp"
#include "catch.hpp"

using namespace vam;

namespace {

using Json = PlanFolder::Json;

/// "gone <- stays, match" of each step, or "gone: objection".
std::vector<std::string> told(const Plan& plan, const MatchChoice& matches) {
  const auto name = [](const PlanFile& file) {
    return file.path.substr(file.path.rfind('/') + 1);
  };
  std::vector<std::string> lines;
  for (const PlanStep& step : steps_of(plan, matches).steps) {
    lines.push_back(name(*step.file) +
                    (step.objection.empty()
                         ? " <- " + name(*step.keeper) + ", " +
                               std::string(to_string(step.match))
                         : ": " + step.objection));
  }
  return lines;
}

std::vector<std::string> told(const Json& json,
                              const MatchChoice& matches = {}) {
  return told(parse_plan(json.dump()), matches);
}

using Lines = std::vector<std::string>;

constexpr MatchChoice kAll{true, true, true};
constexpr MatchChoice kExact{true, false, false};

}  // namespace

TEST_CASE("apply: sure copies of a report go for their keeper") {
  const PlanFolder folder;
  const Json report =
      folder.report({folder.file("keep", "1"), folder.file("same", "1"),
                     folder.file("image", "2", "same-image"),
                     folder.file("like", "3", "similar")});
  CHECK(told(report) ==
        Lines{"same <- keep, exact", "image <- keep, same-image"});
  CHECK(told(report, kExact) == Lines{"same <- keep, exact"});
  CHECK(told(report, kAll).size() == 3);
  const Plan plan = parse_plan(report.dump());
  CHECK(steps_of(plan, {}).not_asked == 1);
  CHECK(steps_of(plan, kExact).not_asked == 2);
}

TEST_CASE("apply: a byte copy of a file that stays may go") {
  const PlanFolder folder;
  Json first = folder.file("like", "3", "similar");
  Json second = folder.file("like-copy", "3", "similar");
  second["copy_of"] = first["path"];
  const auto report = [&] {
    return folder.report({folder.file("keep", "1"), first, second});
  };
  CHECK(told(report()) == Lines{"like-copy <- like, exact"});
  // Where both may go, the keeper stays for both.
  CHECK(told(report(), kAll) ==
        Lines{"like <- keep, similar", "like-copy <- keep, similar"});
  // Two that name each other, and one that names nobody.
  first["copy_of"] = second["path"];
  CHECK(told(report()).empty());
  first.erase("copy_of");
  second["copy_of"] = folder.path.native();
  CHECK(told(report()).empty());
}

TEST_CASE("apply: what a report says is to be kept is no step") {
  const PlanFolder folder;
  Json reference = folder.file("reference", "1");
  reference["is_reference"] = true;
  Json film = folder.file("film", "1");
  film["has_own_companions"] = true;
  CHECK(
      told(folder.report({folder.file("keep", "1"), reference, film})).empty());
}

TEST_CASE("apply: a plan's own objections") {
  const PlanFolder folder;
  Json copy = folder.file("copy", "1");
  Json report = folder.report({folder.file("keep", "1"), copy});
  Json& entry = report["groups"][0]["files"][1];
  SECTION("a sidecar") {
    entry["companions"] = {{{"path", "/x.xmp"}, {"kind", "sidecar"}}};
    CHECK_THAT(told(report)[0], Catch::Matchers::Contains("nobody compared"));
  }
  SECTION("a hard link") {
    entry["hard_links"] = {{{"path", "/other"}}};
    CHECK_THAT(told(report)[0], Catch::Matchers::Contains("hard links"));
  }
  SECTION("below a reference folder, though nothing says so") {
    report["settings"]["reference"] = {folder.path.native()};
    CHECK(told(report).empty());
  }
  SECTION("a hard link below one") {
    report["settings"]["reference"] = {"/archive"};
    entry["hard_links"] = {{{"path", "/archive/other"}}};
    CHECK(told(report).empty());
  }
  SECTION("beside one whose name begins alike") {
    report["settings"]["reference"] = {(folder.path / "pho").native()};
    CHECK(told(report) == Lines{"copy <- keep, exact"});
  }
  SECTION("part of a set, which follows the groups") {
    report["sets"] = {{{"kind", "raw+jpeg"}, {"files", {entry}}}};
    CHECK(told(report)[0] == "copy: it is part of a set: raw+jpeg");
  }
  SECTION("other bytes") {
    entry["size"] = 2;
    CHECK_THAT(told(report)[0], Catch::Matchers::Contains("contradicts"));
  }
}

TEST_CASE("apply: chosen files go, but not the last of a picture") {
  const PlanFolder folder;
  const auto chosen = PlanFolder::chosen;
  const Json keep = folder.file("keep", "1");
  const Json image = folder.file("image", "2", "same-image");
  const Json like = folder.file("like", "3", "similar");
  CHECK(told(folder.choices({keep, image, like}), kAll).empty());
  CHECK(told(folder.choices({keep, image, chosen(like, "remove")}), kAll) ==
        Lines{"like <- keep, similar"});
  CHECK(told(folder.choices({chosen(keep, "remove"), image, like}), kAll) ==
        Lines{"keep <- image, same-image"});
  CHECK(told(folder.choices(
                 {chosen(keep, "remove"), image, chosen(like, "keep")}),
             kAll) == Lines{"keep <- like, similar"});
  CHECK(told(folder.choices({chosen(keep, "remove"), chosen(image, "remove"),
                             chosen(like, "different")}),
             kAll) == Lines{"keep: it would be the last copy",
                            "image: it would be the last copy"});
  // The bytes themselves stay for each other, whatever they show.
  const Json twin = folder.file("twin", "3", "similar");
  CHECK(told(folder.choices(
                 {keep, chosen(twin, "remove"), chosen(like, "different")}),
             kAll) == Lines{"twin <- like, exact"});
  CHECK(told(folder.choices({chosen(keep, "remove"), chosen(image, "remove"),
                             twin, chosen(like, "different")}),
             kAll)
            .at(0) == "keep: it would be the last copy");
  // Named, but never to go.
  Json reference = chosen(image, "remove");
  reference["is_reference"] = true;
  CHECK(told(folder.choices({keep, reference}), kAll) ==
        Lines{"image: it is a reference file"});
}

TEST_CASE("apply: who stays is found at once in a group of any size") {
  // With a look at all others for each file, neither would come to an end.
  constexpr std::size_t kFiles = 100'000;
  Plan plan;
  plan.is_chosen = GENERATE(false, true);
  plan.groups.emplace_back();
  for (std::size_t i = 0; i < kFiles; ++i) {
    PlanFile file;
    file.path = "/photos/" + std::to_string(i);
    file.digest = digest_of(std::as_bytes(std::span(file.path)));
    file.match = MatchKind::similar;
    if (i % 2 == 1) {
      const PlanFile& other = plan.groups[0].files.back();
      file.digest = other.digest;
      file.copy_of = other.path;
      file.choice = Choice::remove;
    } else if (i % 4 == 0) {
      file.choice = Choice::different;
    }
    plan.groups[0].files.push_back(std::move(file));
  }
  const PlanSteps found = steps_of(plan, kExact);
  REQUIRE(found.steps.size() == kFiles / 2);
  for (const PlanStep& step : found.steps) {
    REQUIRE(step.keeper->path == step.file->copy_of);
    REQUIRE(step.match == MatchKind::exact);
  }
}

TEST_CASE("apply: paths of any bytes are read") {
  const PlanFolder folder;
  Json report = folder.report({folder.file("keep", "1")});
  report["settings"]["sources"] = {"/photos?"};
  report["settings"]["sources_bytes"] = {"L3Bob3Rvc/8="};
  report["groups"][0]["files"][0]["path"] = "/photos?/a?";
  report["groups"][0]["files"][0]["path_bytes"] = "L3Bob3Rvc/8vYf4=";
  const Plan plan = parse_plan(report.dump());
  CHECK(plan.sources == std::vector<std::string>{"/photos\xff"});
  CHECK(plan.groups[0].files[0].path == "/photos\xff/a\xfe");
}

TEST_CASE("apply: a wrong plan is refused with the name of the field") {
  const PlanFolder folder;
  const Json good =
      folder.report({folder.file("keep", "1"), folder.file("copy", "1")});
  const auto refused = [&](const std::string& pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    try {
      parse_plan(bad.dump());
    } catch (const FatalError& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  CHECK(refused("/groups/0/files/1/size", "1") ==
        "groups[0].files[1].size: not a whole number");
  CHECK(refused("/groups/0/files/1/path", "/a//b") ==
        "groups[0].files[1].path: not an absolute path without . and ..");
  CHECK(refused("/groups/0/files/1/path", std::string("/a\0b", 4)) != "taken");
  CHECK(refused("/groups/0/files/1/path", "/etc/passwd") ==
        "/etc/passwd: lies in no source of the plan");
  CHECK(refused("/groups/0/files/1/mtime", "2024-02-30T00:00:00.000000000Z") !=
        "taken");
  CHECK(refused("/groups/0/files/1/copy_of", 1) != "taken");
  CHECK(refused("/groups/0/files/1/companions", "none") != "taken");
  CHECK(refused("/groups/0/files/1/choice", "maybe") != "taken");
  CHECK(refused("/schema", "vam-analyze-like/1") != "taken");
  CHECK(refused("/sets", Json{{"kind", "burst"}}) == "sets: not a list");
  // What it does not need, it does not read.
  CHECK(refused("/errors", "none") == "taken");
  CHECK(refused("/stats", Json{{"anything", {1, {2}}}}) == "taken");
}

TEST_CASE("apply: text that is no plan is refused") {
  CHECK_THROWS_AS(parse_plan(""), FatalError);
  CHECK_THROWS_AS(parse_plan("\xff"), FatalError);
  CHECK_THROWS_AS(parse_plan("{} {}"), FatalError);
  CHECK_THROWS_AS(parse_plan("{\"schema\": 1e999}"), FatalError);
  CHECK_THROWS_AS(parse_plan(std::string(1'000'000, '[')), FatalError);
  CHECK_THROWS_WITH(parse_plan("{\"groups\": [], \"groups\": []}"),
                    "groups: is there twice");
}
