// Takes back what a journal says.
#include <algorithm>
#include <array>

#include "apply/actions.hpp"
#include "apply/journal.hpp"
#include "vam/apply.hpp"

namespace vam {
namespace {

struct WayBack {
  FileAction action;
  Result<UndoLook> (*look)(const JournalAction& action,
                           const std::atomic<bool>* stop);
  Result<void> (*put_back)(const JournalAction& action, const UndoLook& look);
};

/// In the order of FileAction.
constexpr std::array kWaysBack = {
    WayBack{FileAction::move, look_at_moved, put_back_moved},
    WayBack{FileAction::trash, look_at_trashed, put_back_trashed},
    WayBack{FileAction::hardlink, look_at_linked, put_back_linked},
    WayBack{FileAction::reflink, look_at_reflinked, put_back_reflinked},
};

/// Whether the file was put back, or would be.
Result<bool> undo_one(const JournalAction& action, Act act, Journal& journal,
                      const std::atomic<bool>* stop) {
  const WayBack& way = kWaysBack[static_cast<std::size_t>(action.action)];
  const auto look = way.look(action, stop);
  if (!look) return tl::unexpected(look.error());
  if (act == Act::really) {
    journal.note(action.number, "undo");
    if (auto done = way.put_back(action, *look); !done) {
      return tl::unexpected(done.error());
    }
    journal.note(action.number, "undone");
  }
  return look->state == UndoState::put_back;
}

/// Whether its name in between is no other run's.
bool has_own_name(FileAction action) {
  return action == FileAction::hardlink || action == FileAction::reflink;
}

/// Whether there is nothing to look at: what failed changed nothing, unless
/// the system said so of what it did, and something is where the file was to
/// go. Another file that came there after that is another run's; the same one
/// may be, which is a failure.
Result<bool> is_over(const JournalEntry& entry) {
  if (entry.progress != ActionProgress::failed) {
    return entry.progress == ActionProgress::undone;
  }
  const auto folder = open_folder_at(folder_of(entry.action.to));
  if (!folder) return true;
  const auto there = status_at(*folder, name_of(entry.action.to));
  if (!there || has_own_name(entry.action.action)) return !there;
  if (!entry.failed_ns || ctime_ns_of(*there) <= *entry.failed_ns) return false;
  if (there->st_ino != entry.action.inode) return true;
  return fail(ErrorCode::changed,
              "what is at " + entry.action.to + " may be another run's");
}

}  // namespace

void undo(const std::string& file, Act act, UndoObserver& observer,
          ApplyTotals& totals, const std::atomic<bool>* stop) {
  JournalContent content;
  Journal journal = Journal::open(file, act, content);
  std::ranges::reverse(content.entries);
  for (const JournalEntry& entry : content.entries) {
    const Result<bool> over = is_over(entry);
    if (over && *over) continue;
    if (stop != nullptr && *stop) throw Interrupted();
    const Result<bool> put_back =
        over ? undo_one(entry.action, act, journal, stop) : over;
    if (put_back && !*put_back) continue;
    if (put_back) {
      ++totals.files;
      totals.bytes += entry.action.size_bytes;
    } else {
      ++totals.refused;
    }
    observer.action_undone(entry.action,
                           put_back ? std::string() : put_back.error().message);
  }
}

}  // namespace vam
