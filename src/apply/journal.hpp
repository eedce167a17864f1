// The journal: JSON lines that are only appended, each on disk before what it
// announces happens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/place.hpp"
#include "vam/apply.hpp"

namespace vam {

/// How far an action is known to have come. Only the disk tells what `begun`
/// means.
enum class ActionProgress : std::uint8_t { begun, done, failed, undone };

struct JournalEntry {
  JournalAction action;
  ActionProgress progress = ActionProgress::begun;
  /// Since 1970: when it was said to have failed, if that is known.
  std::optional<std::int64_t> failed_ns;
};

struct JournalContent {
  std::vector<JournalEntry> entries;  ///< by number, which begins with 1
  std::size_t whole_bytes = 0;        ///< up to the end of the last whole line
};

/// A last line without an end was never acted upon and does not count. Throws
/// FatalError if any other line makes no sense.
JournalContent parse_journal(std::string_view text);

/// Throws FatalError when a line cannot be written, so that nothing happens
/// that is not announced.
class Journal {
 public:
  /// Makes the file, which must not exist, and its header.
  static Journal create(const std::string& file, const std::string& version,
                        FileAction action);
  /// Opens one to go on with it. Refuses what belongs to somebody else, or is
  /// in use.
  static Journal open(const std::string& file, Act act,
                      JournalContent& content);

  void begin(const JournalAction& action);
  /// "done", "undo" or "undone".
  void note(std::uint64_t number, std::string_view step);
  void note_failure(std::uint64_t number, const std::string& why);

 private:
  Journal(Descriptor file, std::string name);
  void append(const std::string& line);

  Descriptor file_;
  std::string name_;
};

}  // namespace vam
