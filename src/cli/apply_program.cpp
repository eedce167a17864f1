// vam-apply: reads the plan, tells what becomes of each file, and where the
// journal is.
#include "cli/apply_program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "cli/apply_options.hpp"
#include "cli/exit.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "report/escape.hpp"
#include "report/words.hpp"

namespace vam {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "vam-apply";

/// A folder of the user's, by the XDG Base Directory specification.
fs::path base_folder(const char* variable, const char* below_home) {
  const char* folder = std::getenv(variable);
  if (folder != nullptr && fs::path(folder).is_absolute()) return folder;
  const char* home = std::getenv("HOME");
  if (home == nullptr || !fs::path(home).is_absolute()) {
    throw FatalError(std::string("set HOME or ") + variable +
                     ", or name a journal with --journal");
  }
  return fs::path(home) / below_home;
}

std::string new_journal() {
  const fs::path folder = base_folder("XDG_STATE_HOME", ".local/state") / "vam";
  std::error_code error;
  if (fs::create_directories(folder, error)) {
    fs::permissions(folder, fs::perms::owner_all, error);
    // A journal in a folder that is not on disk is not on disk.
    for (fs::path made = folder; made.has_relative_path();
         made = made.parent_path()) {
      const int above =
          open(made.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (above < 0) continue;
      fsync(above);
      close(above);
    }
  }
  if (error) {
    throw FatalError("cannot make " + folder.native() + ": " + error.message() +
                     "; name a journal with --journal");
  }
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char name[64];
  std::strftime(name, sizeof name, "apply-%Y%m%dT%H%M%SZ-", &utc);
  return (folder / (name + std::to_string(getpid()) + ".journal")).native();
}

/// Links on the way to it are the user's own.
std::string home_trash() {
  const fs::path data = base_folder("XDG_DATA_HOME", ".local/share");
  std::error_code error;
  const fs::path there = fs::weakly_canonical(data, error);
  return ((error ? data : there) / "Trash").native();
}

std::string read_plan(const std::string& name) {
  const bool is_stdin = name == "-";
  const int file =
      is_stdin ? STDIN_FILENO : open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw FatalError(std::generic_category().message(errno));
  std::string text;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t count = read(file, block.data(), block.size());
    if (stop_requested) throw Interrupted();
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw FatalError(std::generic_category().message(errno));
    if (count == 0) break;
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxPlanBytes) throw FatalError("it is too large");
  }
  if (!is_stdin) close(file);
  return text;
}

Plan load_plan(const std::string& name) {
  try {
    return parse_plan(read_plan(name));
  } catch (const FatalError& error) {
    throw FatalError("cannot use the plan " + name + ": " + error.what());
  }
}

std::string_view relation_of(MatchKind match) {
  switch (match) {
    case MatchKind::exact:
      return "exact copy of ";
    case MatchKind::same_image:
      return "same image as ";
    case MatchKind::similar:
      return "similar to ";
  }
  return {};
}

struct Verb {
  std::string_view would;
  std::string_view did;
};

Verb verb_of(FileAction action) {
  switch (action) {
    case FileAction::move:
      return {"would move", "moved"};
    case FileAction::trash:
      return {"would trash", "trashed"};
    case FileAction::hardlink:
      return {"would link", "linked"};
    case FileAction::reflink:
      return {"would reflink", "reflinked"};
  }
  return {};
}

/// One line for each file, as soon as it is done.
class Teller final : public ApplyObserver, public UndoObserver {
 public:
  explicit Teller(const ApplyCommand& command) : command_(command) {}

  /// Told before all else: it matters most if this run does not get to its end.
  void journal_made(const std::string& file) override {
    if (!command_.quiet) say(kProgram, "the journal is " + file);
  }

  void file_done(const PlanStep& step, const std::string& refusal) override {
    const Verb verb = verb_of(command_.action);
    std::string about;
    if (step.keeper != nullptr && refusal.empty()) {
      about = "  (" + std::string(relation_of(step.match)) +
              escape_for_terminal(step.keeper->path) + ')';
    }
    tell(verb, step.file->path, refusal, about);
  }

  void action_undone(const JournalAction& action,
                     const std::string& refusal) override {
    tell({"would put back", "put back"}, action.path, refusal, {});
  }

  void line(const std::string& text) {
    if (command_.quiet) return;
    output_.stream() << text << '\n';
    output_.stream().flush();
  }

  /// Throws FatalError if not all could be told.
  void finish() { output_.finish(); }

  bool would() const { return command_.act == Act::dry_run; }

 private:
  void tell(const Verb& verb, const std::string& path,
            const std::string& refusal, const std::string& about) {
    std::string text(refusal.empty() ? would() ? verb.would : verb.did
                                     : "refused");
    text += "  " + escape_for_terminal(path) + about;
    if (!refusal.empty()) text += ": " + escape_for_terminal(refusal);
    line(text);
  }

  const ApplyCommand& command_;
  Output output_{""};
};

void tell_totals(Teller& teller, const ApplyTotals& totals,
                 std::string_view done, std::uint64_t not_asked) {
  std::string text =
      counted(totals.files, "file") + ", " + counted(totals.bytes, "byte") +
      (teller.would() ? ", would be " : " ") + std::string(done) + "; " +
      std::to_string(totals.refused) + " refused";
  if (not_asked > 0) {
    text += "; " + std::to_string(not_asked) + " of other kinds (see --match)";
  }
  teller.line(text);
}

/// Tells what was done also where it ends early: that is when it matters most.
template <class Work, class Tell>
void do_and_tell(const ApplyTotals& totals, const Work& work,
                 const Tell& tell) {
  try {
    work();
  } catch (...) {
    if (totals.files + totals.refused > 0) tell();
    throw;
  }
  tell();
}

ExitCode code_of(const ApplyCommand& command, const ApplyTotals& totals) {
  return command.strict && totals.refused > 0 ? ExitCode::files_failed
                                              : ExitCode::done;
}

ExitCode run_apply(const ApplyCommand& command) {
  const Plan plan = load_plan(command.plan);
  const MatchChoice usual{true, true, plan.is_chosen};
  const PlanSteps steps = steps_of(plan, command.matches.value_or(usual));
  ApplyOptions options;
  options.action = command.action;
  options.folder = command.folder;
  options.version = VAM_VERSION;
  options.act = command.act;
  if (options.action == FileAction::trash) options.home_trash = home_trash();
  if (options.act == Act::really) {
    options.journal = command.journal.empty() ? new_journal() : command.journal;
  }
  Teller teller(command);
  ApplyTotals totals;
  do_and_tell(
      totals,
      [&] { apply(plan, steps, options, teller, totals, &stop_requested); },
      [&] {
        tell_totals(teller, totals, verb_of(command.action).did,
                    steps.not_asked);
        if (teller.would()) {
          teller.line("nothing was changed: that takes --yes");
        } else if (totals.files > 0) {
          teller.line("to take it back: vam-apply --yes --undo " +
                      escape_for_terminal(options.journal));
        }
      });
  teller.finish();
  return code_of(command, totals);
}

ExitCode run_undo(const ApplyCommand& command) {
  Teller teller(command);
  ApplyTotals totals;
  do_and_tell(
      totals,
      [&] {
        undo(command.journal, command.act, teller, totals, &stop_requested);
      },
      [&] {
        tell_totals(teller, totals, "put back", 0);
        if (teller.would()) {
          teller.line("nothing was changed: that takes --yes");
        }
      });
  teller.finish();
  return code_of(command, totals);
}

ExitCode run(int argc, char** argv) {
  const ApplyCommand command = parse_apply_command(argc, argv);
  switch (command.task) {
    case ApplyTask::print_help:
      print(kApplyHelpText);
      return ExitCode::done;
    case ApplyTask::print_version:
      print("vam-apply " VAM_VERSION "\n");
      return ExitCode::done;
    case ApplyTask::apply:
      return run_apply(command);
    case ApplyTask::undo:
      return run_undo(command);
  }
  return ExitCode::failed;
}

}  // namespace

int run_apply_program(int argc, char** argv) {
  occupy_standard_descriptors();
  install_signal_handlers();
  const ExitCode code =
      run_to_exit({kProgram, "interrupted; what was done is in the journal",
                   "not enough memory"},
                  [&] { return run(argc, argv); });
  return static_cast<int>(code);
}

}  // namespace vam
