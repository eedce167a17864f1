// Into a folder, in which a file keeps its whole path: names cannot clash.
// Within one file system only, by a rename that replaces nothing. A move across
// file systems would be a copy and a deletion, and nothing here deletes.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "apply/actions.hpp"
#include "apply/check.hpp"
#include "apply/fields.hpp"
#include "apply/renaming.hpp"

namespace vam {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOtherDisk =
    "it is on another file system than the target";

[[noreturn]] void refuse(const std::string& folder, const std::string& why) {
  throw FatalError("cannot move to " + folder + ": " + why);
}

/// The folder, and how much of its path is there.
struct Target {
  std::string path;     ///< canonical
  std::string missing;  ///< its last name if it is to be made; else empty
  Descriptor folder;    ///< it, or the one above
};

Target find_target(const std::string& given) {
  Target target;
  std::error_code error;
  fs::path path = fs::absolute(given, error);
  if (!path.has_filename()) path = path.parent_path();
  std::string there = fs::canonical(path, error).native();
  target.path = there;
  if (error == std::errc::no_such_file_or_directory) {
    there = fs::canonical(path.parent_path(), error).native();
    target.missing = path.filename().native();
    target.path = (fs::path(there) / target.missing).native();
  }
  if (error) refuse(given, error.message());
  auto folder = open_folder_at(there);
  if (!folder) refuse(given, folder.error().message);
  target.folder = std::move(*folder);
  return target;
}

class Move final : public ActionMethod {
 public:
  Move(const std::string& given, const Plan& plan)
      : target_(find_target(given)) {
    for (const auto* folders : {&plan.sources, &plan.references}) {
      for (const std::string& folder : *folders) {
        if (!lies_in(target_.path, folder)) continue;
        refuse(given, "it lies in " + folder + ", among the photos");
      }
    }
    if (fstat(target_.folder.get(), &status_) != 0) refuse(given, "no folder");
  }

  Result<void> prepare(const CheckedPair& pair,
                       JournalAction& action) override {
    if (pair.file.status.st_dev != status_.st_dev) {
      return fail(ErrorCode::unreadable, kOtherDisk);
    }
    action.to = (target_.path == "/" ? "" : target_.path) + action.path;
    const auto there = open_folder_at(folder_of(action.to));
    if (!there && there.error().code != ErrorCode::missing) {
      return tl::unexpected(there.error());
    }
    if (there && status_at(*there, pair.file.name)) {
      return fail(ErrorCode::unreadable, "something is at its place there");
    }
    return {};
  }

  Result<void> perform(const CheckedPair& pair,
                       const JournalAction& action) override {
    const std::string below = folder_of(action.path).substr(1);
    std::string way = target_.missing;
    if (!way.empty() && !below.empty()) way += '/';
    // By its path, as the journal names it: it may have been renamed.
    const auto target = open_folder_at(
        target_.missing.empty() ? target_.path : folder_of(target_.path));
    if (!target) return tl::unexpected(target.error());
    const auto folder = open_below(*target, way + below, Make::yes);
    if (!folder) return tl::unexpected(folder.error());
    return rename_checked(pair, *folder, action);
  }

 private:
  Target target_;
  struct stat status_ {};
};

}  // namespace

Result<void> rename_checked(const CheckedPair& pair, const Descriptor& folder,
                            const JournalAction& action) {
  const std::string name = name_of(action.to);
  if (!is_unchanged(pair.file)) {
    return fail(ErrorCode::changed, "it changed just now");
  }
  if (!is_unchanged(pair.keeper)) {
    return fail(ErrorCode::changed, "its keeper changed just now");
  }
  const int error =
      rename_to_free(pair.file.folder, pair.file.name, folder, name);
  if (error == EXDEV) return fail(ErrorCode::unreadable, kOtherDisk);
  if (error == EINVAL || error == ENOSYS) {
    return fail(ErrorCode::unreadable,
                "its file system cannot move without overwriting");
  }
  if (error != 0) return fail_with(error, "cannot be moved");
  const auto moved = status_at(folder, name);
  const bool is_moved = moved && is_as_it_was(*moved, pair.file.status);
  const bool is_kept = is_unchanged(pair.keeper);
  // Otherwise somebody changed them in the very moment.
  if ((!is_moved || !is_kept) &&
      rename_to_free(folder, name, pair.file.folder, pair.file.name) != 0) {
    throw FatalError(
        "a file or its keeper changed while it was moved: what was " +
        action.path + " is " + action.to);
  }
  sync_folder(folder);
  sync_folder(pair.file.folder);
  if (!is_moved) return fail(ErrorCode::changed, "it changed just now");
  if (!is_kept) return fail(ErrorCode::changed, "its keeper changed just now");
  return {};
}

Result<UndoLook> look_at_moved(const JournalAction& action,
                               const std::atomic<bool>* stop) {
  // The time tells nothing: not all file systems keep all of its digits.
  const KnownFile known = known_of(action);
  const auto home = open_folder_at(folder_of(action.path));
  if (!home) {
    return fail(home.error().code,
                "the folder where it was: " + home.error().message);
  }
  const bool is_taken = status_at(*home, name_of(action.path)).has_value();
  const auto moved = open_plain_file(action.to);
  if (!moved && moved.error().code == ErrorCode::missing) {
    // It never left, or is back.
    if (!is_taken) {
      return fail(ErrorCode::missing, "it is gone from " + action.to);
    }
    const auto file = open_plain_file(action.path);
    if (file && check_bytes_alone(*file, known, "it", stop)) {
      return UndoLook{UndoState::nothing, {}};
    }
    return fail(ErrorCode::changed, "it is not at " + action.to +
                                        ", and what is at its place changed");
  }
  if (!moved) return tl::unexpected(moved.error());
  if (is_taken) {
    return fail(ErrorCode::unreadable, "something else is at its place now");
  }
  if (auto same = check_bytes_alone(*moved, known, "it", stop); !same) {
    return tl::unexpected(same.error());
  }
  return UndoLook{UndoState::put_back, moved->status};
}

Result<void> put_back_moved(const JournalAction& action, const UndoLook& look) {
  const auto home = open_folder_at(folder_of(action.path));
  const auto away = open_folder_at(folder_of(action.to));
  if (look.state != UndoState::put_back) {
    // What put it back may have been killed before that was on disk.
    if (home) sync_folder(*home);
    if (away) sync_folder(*away);
    return {};
  }
  if (!home) return tl::unexpected(home.error());
  if (!away) return tl::unexpected(away.error());
  const std::string name = name_of(action.path);
  const auto is_at = [&](const Descriptor& folder, const std::string& at) {
    const auto now = status_at(folder, at);
    return now && is_as_it_was(*now, look.file);
  };
  const auto changed = [&] {
    return fail(ErrorCode::changed, action.to + " changed just now");
  };
  if (!is_at(*away, name_of(action.to))) return changed();
  const int error = rename_to_free(*away, name_of(action.to), *home, name);
  if (error != 0) return fail_with(error, "cannot be moved back");
  const bool is_back = is_at(*home, name);
  if (!is_back && rename_to_free(*home, name, *away, name_of(action.to)) != 0) {
    throw FatalError("a file changed while it was put back: what was " +
                     action.to + " is " + action.path);
  }
  sync_folder(*home);
  sync_folder(*away);
  if (!is_back) return changed();
  return {};
}

std::unique_ptr<ActionMethod> make_move(const ApplyOptions& options,
                                        const Plan& plan) {
  return std::make_unique<Move>(options.folder, plan);
}

}  // namespace vam
