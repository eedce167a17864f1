#include "cli/apply_options.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/command_line.hpp"

namespace vam {
namespace {

struct ApplyLine : CommandLine {
  CLI::Option* move_to = add_value("--move-to");
  CLI::Option* trash = add_flag("--trash");
  CLI::Option* hardlink = add_flag("--hardlink");
  CLI::Option* reflink = add_flag("--reflink");
  CLI::Option* undo = add_value("--undo");
  CLI::Option* match = add_value("--match");
  CLI::Option* yes = add_flag("-y,--yes");
  CLI::Option* journal = add_value("--journal");
  CLI::Option* strict = add_flag("--strict");
  CLI::Option* quiet = add_flag("-q,--quiet");
};

struct MatchName {
  std::string_view name;
  bool MatchChoice::*choice;
};
const std::array kMatchNames = {
    MatchName{to_string(MatchKind::exact), &MatchChoice::exact},
    MatchName{to_string(MatchKind::same_image), &MatchChoice::same_image},
    MatchName{to_string(MatchKind::similar), &MatchChoice::similar},
};

std::optional<MatchChoice> read_match(const CLI::Option& option) {
  const auto value = value_of(option);
  if (!value) return std::nullopt;
  MatchChoice matches{false, false, false};
  for (std::size_t begin = 0; begin <= value->size();) {
    const std::size_t end = std::min(value->find(',', begin), value->size());
    const std::string name = value->substr(begin, end - begin);
    const auto row = std::ranges::find(kMatchNames, name, &MatchName::name);
    if (row == kMatchNames.end()) {
      refuse(option, "\"" + name + "\" is none of " + names_of(kMatchNames));
    }
    matches.*row->choice = true;
    begin = end + 1;
  }
  return matches;
}

/// What is to be done: exactly one of these.
const CLI::Option& chosen_action(const ApplyLine& line) {
  const CLI::Option* chosen = nullptr;
  for (const CLI::Option* option :
       {line.move_to, line.trash, line.hardlink, line.reflink, line.undo}) {
    if (!*option) continue;
    if (chosen != nullptr) {
      refuse(*option, "contradicts " + chosen->get_name());
    }
    chosen = option;
  }
  if (chosen == nullptr) {
    refuse(
        "what is to be done? --move-to DIR, --trash, --hardlink, --reflink or "
        "--undo");
  }
  return *chosen;
}

void read_undo(const ApplyLine& line, const std::vector<std::string>& paths,
               ApplyCommand& command) {
  command.task = ApplyTask::undo;
  command.journal = *value_of(*line.undo);
  if (!paths.empty()) refuse(paths[0] + ": --undo needs no PLAN");
  for (const CLI::Option* other : {line.match, line.journal}) {
    if (*other) refuse(*line.undo, "contradicts " + other->get_name());
  }
}

void read_apply(const ApplyLine& line, const std::vector<std::string>& paths,
                ApplyCommand& command) {
  if (paths.empty()) refuse("no PLAN given");
  if (paths.size() > 1) refuse(paths[1] + ": there is one PLAN only");
  command.plan = paths[0];
  if (command.plan.empty()) refuse("the PLAN is empty");
  command.folder = value_of(*line.move_to).value_or("");
  if (*line.trash) command.action = FileAction::trash;
  if (*line.hardlink) command.action = FileAction::hardlink;
  if (*line.reflink) command.action = FileAction::reflink;
  command.matches = read_match(*line.match);
  command.journal = value_of(*line.journal).value_or("");
  if (!*line.hardlink && !*line.reflink) return;
  // Other bytes would be lost.
  if (command.matches &&
      (command.matches->same_image || command.matches->similar)) {
    refuse(*line.hardlink ? *line.hardlink : *line.reflink,
           "links exact copies only");
  }
  command.matches = MatchChoice{true, false, false};
}

}  // namespace

ApplyCommand parse_apply_command(int argc, const char* const* argv) {
  ApplyLine line;
  ApplyCommand command;
  const std::vector<std::string> paths = line.split(argc, argv);
  if (*line.help || *line.version) {
    command.task =
        *line.help ? ApplyTask::print_help : ApplyTask::print_version;
    return command;
  }
  command.act = *line.yes ? Act::really : Act::dry_run;
  command.strict = !!*line.strict;
  command.quiet = !!*line.quiet;
  if (&chosen_action(line) == line.undo) {
    read_undo(line, paths, command);
  } else {
    read_apply(line, paths, command);
  }
  return command;
}

std::vector<std::string> apply_option_names() { return ApplyLine().names(); }

}  // namespace vam
