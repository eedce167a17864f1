// The ways in which a file is set aside, each with its way back.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>

#include "apply/place.hpp"
#include "vam/apply.hpp"

namespace vam {

/// A file that was looked at, and its keeper.
struct CheckedPair {
  PlainFile file;
  PlainFile keeper;
};

class ActionMethod {
 public:
  virtual ~ActionMethod() = default;

  /// Whether it can be done, and where the file goes: sets `to` and what else
  /// the journal has to know. Changes nothing.
  virtual Result<void> prepare(const CheckedPair& pair,
                               JournalAction& action) = 0;

  /// Does it, durably. A failure left everything as it was, unless
  /// is_partly_done().
  virtual Result<void> perform(const CheckedPair& pair,
                               const JournalAction& action) = 0;

  /// Whether what failed last left something to take back.
  virtual bool is_partly_done() const { return false; }
};

/// Throws FatalError if it cannot be done at all. `run` is a name that no other
/// run has.
std::unique_ptr<ActionMethod> make_action(const ApplyOptions& options,
                                          const Plan& plan,
                                          const std::string& run);

std::unique_ptr<ActionMethod> make_move(const ApplyOptions& options,
                                        const Plan& plan);
std::unique_ptr<ActionMethod> make_trash(const ApplyOptions& options);
std::unique_ptr<ActionMethod> make_hardlink(const std::string& run);
std::unique_ptr<ActionMethod> make_reflink(const std::string& run);

/// What has to be done to take an action back.
enum class UndoState : std::uint8_t {
  nothing,  ///< the file is, or is again, as it was
  tidy,     ///< so it is, but something was left lying about
  put_back  ///< it has to be put back
};

struct UndoLook {
  UndoState state = UndoState::nothing;
  struct stat file {};  ///< that was looked at, if it has to be put back
};

/// Looks at the disk. Fails where the file changed, or its place is taken.
Result<UndoLook> look_at_moved(const JournalAction& action,
                               const std::atomic<bool>* stop);
Result<UndoLook> look_at_trashed(const JournalAction& action,
                                 const std::atomic<bool>* stop);
Result<UndoLook> look_at_linked(const JournalAction& action,
                                const std::atomic<bool>* stop);
Result<UndoLook> look_at_reflinked(const JournalAction& action,
                                   const std::atomic<bool>* stop);

/// Does what was found, to the file that was looked at and no other; durably.
Result<void> put_back_moved(const JournalAction& action, const UndoLook& look);
Result<void> put_back_trashed(const JournalAction& action,
                              const UndoLook& look);
Result<void> put_back_linked(const JournalAction& action, const UndoLook& look);
Result<void> put_back_reflinked(const JournalAction& action,
                                const UndoLook& look);

}  // namespace vam
