// The command line of vam-apply as a plain struct.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/usage_error.hpp"
#include "vam/apply.hpp"

namespace vam {

enum class ApplyTask { apply, undo, print_help, print_version };

/// Strings are raw bytes, as given.
struct ApplyCommand {
  ApplyTask task = ApplyTask::apply;
  std::string plan;  ///< file; "-": standard input
  FileAction action = FileAction::move;
  std::string folder;                  ///< of FileAction::move
  std::optional<MatchChoice> matches;  ///< none: as the plan is
  std::string journal;                 ///< empty: by default; or to undo
  Act act = Act::dry_run;
  bool strict = false;
  bool quiet = false;
};

/// argv[0] is skipped. Throws UsageError.
ApplyCommand parse_apply_command(int argc, const char* const* argv);

/// All names that parse_apply_command() knows, with their dashes.
std::vector<std::string> apply_option_names();

}  // namespace vam
