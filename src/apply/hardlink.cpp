// A copy becomes a further name of its keeper.
//
// The link is made under a name of its own and exchanged with the copy, which
// is unlinked only after a last look at it: what somebody wrote to it meanwhile
// comes back. Undoing it goes the same way with a copy of the bytes.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "apply/actions.hpp"
#include "apply/check.hpp"
#include "apply/replacement.hpp"

namespace vam {
namespace {

/// Whoever opens the one gets what the other one gave.
bool are_interchangeable(const CheckedPair& pair) {
  const struct stat& file = pair.file.status;
  const struct stat& keeper = pair.keeper.status;
  const auto attributes = attributes_of(pair.file.content);
  return file.st_uid == keeper.st_uid && file.st_gid == keeper.st_gid &&
         file.st_mode == keeper.st_mode && attributes &&
         attributes == attributes_of(pair.keeper.content);
}

class HardLink final : public ActionMethod {
 public:
  explicit HardLink(std::string run) : run_(std::move(run)) {}

  Result<void> prepare(const CheckedPair& pair,
                       JournalAction& action) override {
    if (pair.file.status.st_dev != pair.keeper.status.st_dev) {
      return fail(ErrorCode::unreadable,
                  "it is on another file system than its keeper");
    }
    if (!can_be_made(pair.file.status)) {
      return fail(ErrorCode::unreadable,
                  "it belongs to somebody else: a link could not be undone");
    }
    if (!can_have_attributes_of(pair.file.content)) {
      return fail(ErrorCode::unreadable,
                  "it has security attributes: a link could not be undone");
    }
    if (!are_interchangeable(pair)) {
      return fail(ErrorCode::unreadable,
                  "owner, permissions or attributes differ from its keeper's");
    }
    action.to = path_in_between(action.path, run_, action.number);
    return {};
  }

  Result<void> perform(const CheckedPair& pair,
                       const JournalAction& action) override {
    const std::string link = name_of(action.to);
    const PlainFile& keeper = pair.keeper;
    if (!is_unchanged(keeper)) {
      return fail(ErrorCode::changed, "its keeper changed just now");
    }
    // When the copy goes, its bytes are those of the keeper on the disk.
    if (fsync(keeper.content.get()) != 0) {
      return fail_with(errno, "its keeper cannot be brought to the disk");
    }
    if (linkat(keeper.folder.get(), keeper.name.c_str(), pair.file.folder.get(),
               link.c_str(), 0) != 0) {
      return fail_with(errno, "cannot be linked");
    }
    const auto made = status_at(pair.file.folder, link);
    if (!made || !is_as_it_was(*made, keeper.status)) {
      unlinkat(pair.file.folder.get(), link.c_str(), 0);
      return fail(ErrorCode::changed, "its keeper changed just now");
    }
    return replace(pair.file, link, Made::yes, [&] {
      const auto now = status_at(keeper.folder, keeper.name);
      return now && is_as_it_was(*now, keeper.status);
    });
  }

 private:
  std::string run_;
};

/// The names that matter when a link is taken back.
struct Linked {
  PlainFile file;    ///< under the name of the file
  std::string link;  ///< that was used to make the link
  std::string copy;  ///< that is used to make a copy again
  std::optional<struct stat> link_status;
  std::optional<struct stat> copy_status;
};

Result<Linked> find_linked(const JournalAction& action) {
  auto file = open_plain_file(action.path);
  if (!file) return tl::unexpected(file.error());
  Linked linked{std::move(*file),
                name_of(action.to),
                name_of(action.to) + ".undo",
                {},
                {}};
  linked.link_status = status_at(linked.file.folder, linked.link);
  linked.copy_status = status_at(linked.file.folder, linked.copy);
  return linked;
}

/// Whether the bytes are those that the copy had; its time may be another one.
Result<void> check_link(const PlainFile& file, const JournalAction& action,
                        const std::atomic<bool>* stop) {
  return check_bytes_alone(file, known_of(action), "it", stop);
}

}  // namespace

Result<UndoLook> look_at_linked(const JournalAction& action,
                                const std::atomic<bool>* stop) {
  const auto linked = find_linked(action);
  if (!linked) return tl::unexpected(linked.error());
  const auto is_old = [&](const struct stat& status) {
    return status.st_ino == action.inode;
  };
  const struct stat& status = linked->file.status;
  // It never was a link, or is no longer one. A number alone tells nothing: a
  // new file may get that of one that is gone.
  const bool is_own =
      mtime_ns_of(status) == action.mtime_ns &&
      size_bytes_of(status) == action.size_bytes &&
      (is_old(status) || (status.st_nlink == 1 && !linked->link_status));
  const bool is_left_over = linked->link_status || linked->copy_status;
  if (is_own && !is_left_over) return UndoLook{UndoState::nothing, {}};
  if (is_own) {
    // What is left over may be the last to hold these bytes.
    auto same = check_link(linked->file, action, stop);
    if (!same) return tl::unexpected(same.error());
    const std::string copy = folder_of(action.to) + '/' + linked->copy;
    for (const auto& [left_over, path] :
         {std::pair(linked->link_status, action.to),
          std::pair(linked->copy_status, copy)}) {
      if (!left_over || left_over->st_nlink > 1) continue;
      // No name of the keeper any more: a version that somebody saved?
      const auto other = open_plain_file(path);
      if (!other || !check_link(*other, action, stop)) {
        return fail(ErrorCode::changed, "another version of it is " + path);
      }
    }
    return UndoLook{UndoState::tidy, {}};
  }
  if (linked->link_status && is_old(*linked->link_status)) {
    // Only a name of the keeper may go for what was replaced.
    if (status.st_nlink == 1 || !check_link(linked->file, action, stop)) {
      return fail(
          ErrorCode::changed,
          "it is no link to its keeper any more; what it was is " + action.to);
    }
    const auto old = open_plain_file(action.to);
    if (!old) return tl::unexpected(old.error());
    auto same = check_link(*old, action, stop);
    if (!same) return tl::unexpected(same.error());
    return UndoLook{UndoState::put_back, status};
  }
  if (linked->link_status || status.st_nlink == 1) {
    return fail(ErrorCode::changed, "it is no link to its keeper any more");
  }
  auto same = check_link(linked->file, action, stop);
  if (!same) return tl::unexpected(same.error());
  return UndoLook{UndoState::put_back, status};
}

Result<void> put_back_linked(const JournalAction& action,
                             const UndoLook& look) {
  auto linked = find_linked(action);
  if (!linked) return tl::unexpected(linked.error());
  const PlainFile& file = linked->file;
  if (look.state == UndoState::put_back &&
      !is_as_it_was(file.status, look.file)) {
    return fail(ErrorCode::changed, "it changed just now");
  }
  if (look.state == UndoState::put_back && linked->link_status) {
    // The replaced file is still there.
    if (linked->link_status->st_ino != action.inode) {
      return fail(ErrorCode::changed, action.to + " changed just now");
    }
    return replace(file, linked->link, Made::no, [&] {
      const auto link = status_at(file.folder, linked->link);
      return link && link->st_nlink > 1;
    });
  }
  // Names of the keeper, or a copy that did not get its place.
  if (linked->link_status) remove_name(file.folder, linked->link);
  if (linked->copy_status) remove_name(file.folder, linked->copy);
  if (look.state != UndoState::put_back) {
    sync_folder(file.folder);
    return {};
  }
  return replace_by_copy(file, folder_of(action.to) + '/' + linked->copy,
                         known_of(action));
}

std::unique_ptr<ActionMethod> make_hardlink(const std::string& run) {
  return std::make_unique<HardLink>(run);
}

}  // namespace vam
