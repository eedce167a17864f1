#include "cli/apply_options.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "cli/help.hpp"

using namespace vam;

namespace {

ApplyCommand parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "vam-apply");
  return parse_apply_command(static_cast<int>(arguments.size()),
                             arguments.data());
}

}  // namespace

TEST_CASE("apply options: what is asked for") {
  const ApplyCommand move = parse({"plan", "--move-to", "aside"});
  CHECK(move.task == ApplyTask::apply);
  CHECK(move.plan == "plan");
  CHECK(move.action == FileAction::move);
  CHECK(move.folder == "aside");
  CHECK(move.act == Act::dry_run);
  CHECK_FALSE(move.matches);
  CHECK_FALSE(move.strict);
  CHECK_FALSE(move.quiet);
  const ApplyCommand trash = parse({"-", "--trash", "-y", "--journal", "j",
                                    "--strict", "-q", "--match", "similar"});
  CHECK(trash.plan == "-");
  CHECK(trash.action == FileAction::trash);
  CHECK(trash.act == Act::really);
  CHECK(trash.journal == "j");
  CHECK(trash.strict);
  CHECK(trash.quiet);
  REQUIRE(trash.matches);
  CHECK(trash.matches->similar);
  CHECK_FALSE(trash.matches->exact);
  const ApplyCommand undo = parse({"--undo", "j", "--yes"});
  CHECK(undo.task == ApplyTask::undo);
  CHECK(undo.journal == "j");
  CHECK(undo.act == Act::really);
  CHECK(parse({"--version"}).task == ApplyTask::print_version);
  CHECK(parse({"--help", "--nonsense"}).task == ApplyTask::print_help);
}

TEST_CASE("apply options: links are for exact copies only") {
  const auto [option, action] =
      GENERATE(std::pair("--hardlink", FileAction::hardlink),
               std::pair("--reflink", FileAction::reflink));
  const ApplyCommand link = parse({"plan", option});
  CHECK(link.action == action);
  REQUIRE(link.matches);
  CHECK(link.matches->exact);
  CHECK_FALSE(link.matches->same_image);
  CHECK_THROWS_WITH(parse({"plan", option, "--match", "same-image"}),
                    Catch::Matchers::StartsWith(option));
}

TEST_CASE("apply options: nonsense is refused") {
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{
           {},
           {"plan"},
           {"--trash"},
           {"", "--trash"},
           {"plan", "--trash", "--move-to=a"},
           {"plan", "--hardlink", "--reflink"},
           {"plan", "--undo", "j"},
           {"--undo", "j", "--journal", "k"},
           {"a", "b", "--trash"},
           {"a", "--trash", "--match", "x"},
           {"a", "--trash", "--match="}}) {
    CHECK_THROWS_AS(parse(arguments), UsageError);
  }
}

TEST_CASE("apply options: the help names all of them") {
  for (const std::string& name : apply_option_names()) {
    CAPTURE(name);
    CHECK(kApplyHelpText.find(name) != std::string_view::npos);
  }
  std::string_view rest = kApplyHelpText;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    CHECK(line.size() <= 80);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
}
