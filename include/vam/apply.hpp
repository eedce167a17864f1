// Acts on what a report says: sets redundant files aside, so that it can be
// taken back. Never deletes, and never takes the last copy of a picture.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/error.hpp"
#include "vam/photo.hpp"
#include "vam/verify.hpp"

namespace vam {

/// What the user chose for a file on the page.
enum class Choice : std::uint8_t { none, keep, remove, different };

/// A file as a plan describes it.
struct PlanFile {
  std::string path;  ///< absolute, raw bytes, without "." and ".."
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  Digest digest;
  MatchKind match = MatchKind::exact;  ///< against the keeper
  /// Member of the group that stays for these bytes; empty: there is none.
  std::string copy_of;
  std::vector<std::string> hard_links;
  bool is_reference = false;  ///< or has a name below a reference folder
  bool has_own_companions = false;
  bool has_companions = false;
  std::string set;  ///< kind of the set it is part of; empty: of none
  Choice choice = Choice::none;
};

struct PlanGroup {
  std::vector<PlanFile> files;  ///< the keeper first
};

/// A report or the choices of a page, as far as it matters here.
struct Plan {
  bool is_chosen = false;            ///< choices of the page: only these count
  std::vector<std::string> sources;  ///< as PlanFile::path
  std::vector<std::string> references;  ///< as PlanFile::path
  std::vector<PlanGroup> groups;
};

/// Larger ones are refused.
inline constexpr std::uint64_t kMaxPlanBytes = std::uint64_t{2} << 30;

/// Reads `vam-analyze/1` (--json) or `vam-analyze-choices/1` (the page). The
/// text is hostile: every field that is used is checked, no path is there
/// twice, and all lie below the sources. Throws FatalError, which names the
/// field and what is wrong with it.
Plan parse_plan(std::string_view json);

/// Persisted in journals: never change the meaning of an existing name.
enum class FileAction : std::uint8_t {
  move,      ///< into a folder, below which it keeps its whole path
  trash,     ///< of the desktop, as freedesktop.org specifies it
  hardlink,  ///< becomes a further name of its keeper
  reflink,   ///< shares the space of its keeper (btrfs, XFS)
};

std::string_view to_string(FileAction action);

/// One file that is to go, and the one that stays for it. Points into a Plan.
struct PlanStep {
  const PlanFile* file = nullptr;
  const PlanFile* keeper = nullptr;    ///< null: there is none
  MatchKind match = MatchKind::exact;  ///< of the two
  std::string objection;               ///< why it cannot go; empty: it can

  bool same_bytes() const { return match == MatchKind::exact; }
};

/// Which kinds of match may go, by MatchKind.
struct MatchChoice {
  bool exact = true;
  bool same_image = true;
  bool similar = false;

  bool has(MatchKind match) const;
};

struct PlanSteps {
  std::vector<PlanStep> steps;  ///< in the order of the plan
  std::uint64_t not_asked = 0;  ///< redundant files of other kinds of match
};

/// Decides by the plan alone. Keepers, reference files and files with
/// companions of their own are no steps of a report; of choices, where somebody
/// named them, they are steps with an objection.
PlanSteps steps_of(const Plan& plan, const MatchChoice& matches);

enum class Act : bool { dry_run, really };

struct ApplyOptions {
  FileAction action = FileAction::move;
  std::string folder = {};      ///< of `move`; made if it is missing
  std::string home_trash = {};  ///< of `trash`, absolute; made if missing
  std::string journal = {};     ///< made for the first action; must not exist
  std::string version = {};     ///< of the program, for the journal
  Act act = Act::dry_run;
};

/// Hears what becomes of each file, in order.
class ApplyObserver {
 public:
  virtual ~ApplyObserver() = default;
  /// The journal is there now, and the first action begins.
  virtual void journal_made(const std::string& /*file*/) {}
  /// `refusal` is empty for a file that is done or, in a dry run, would be.
  virtual void file_done(const PlanStep& step, const std::string& refusal) = 0;
};

struct ApplyTotals {
  std::uint64_t files = 0;  ///< done, or would be
  std::uint64_t bytes = 0;
  std::uint64_t refused = 0;
};

/// Does the steps, or tells what would be done. Each file and its keeper are
/// looked at just before: size, time and digest, and byte by byte where they
/// are said to be the same. What does not fit is refused, and the next one
/// follows.
///
/// Nothing is ever overwritten or deleted but, for `hardlink`, a file that was
/// just found to hold the same bytes as its keeper. Symbolic links are followed
/// nowhere. Every action is in the journal before it begins and after it ended,
/// on disk: see undo().
///
/// Throws FatalError if the folder or the journal cannot be used, and
/// Interrupted soon after `stop` became true, between two files; the totals
/// tell what was done until then.
void apply(const Plan& plan, const PlanSteps& steps,
           const ApplyOptions& options, ApplyObserver& observer,
           ApplyTotals& totals, const std::atomic<bool>* stop = nullptr);

/// An action of a journal.
struct JournalAction {
  std::uint64_t number = 0;
  FileAction action = FileAction::move;
  std::string path;  ///< of the file before
  std::string to;    ///< where it went, or a name used in between
  std::string keep;  ///< of its keeper
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  Digest digest;
  std::uint64_t inode = 0;
  std::string deleted_at;  ///< of `trash`: local time, as its info file says
};

class UndoObserver {
 public:
  virtual ~UndoObserver() = default;
  virtual void action_undone(const JournalAction& action,
                             const std::string& refusal) = 0;
};

/// Takes back what a journal says, last action first: what is done, and what
/// was begun as far as it got, which the disk tells. A file whose place is
/// taken, or that changed since, is refused. Going on after a kill, and doing
/// it twice, is the same as doing it once.
///
/// Throws FatalError if the journal is none, or not one's own, and Interrupted
/// as apply() does.
void undo(const std::string& journal, Act act, UndoObserver& observer,
          ApplyTotals& totals, const std::atomic<bool>* stop = nullptr);

}  // namespace vam
