// A copy becomes a further name of its keeper.
//
// The link is made under a name of its own and exchanged with the copy, which
// is unlinked only after a last look at it: what somebody wrote to it meanwhile
// comes back. Undoing it goes the same way with a copy of the bytes.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <utility>

#include "apply/actions.hpp"
#include "apply/check.hpp"

namespace vam {
namespace {

using Attributes = std::map<std::string, std::string>;

/// Nothing if they cannot be read.
std::optional<Attributes> attributes_of(const Descriptor& file) {
  std::string names(std::size_t{64} << 10, '\0');
  const ssize_t size = flistxattr(file.get(), names.data(), names.size());
  if (size < 0 && errno == ENOTSUP) return Attributes();
  if (size < 0) return std::nullopt;
  Attributes attributes;
  for (std::size_t begin = 0; begin < static_cast<std::size_t>(size);) {
    const std::string name = names.c_str() + begin;
    begin += name.size() + 1;
    std::string value(std::size_t{64} << 10, '\0');
    const ssize_t length =
        fgetxattr(file.get(), name.c_str(), value.data(), value.size());
    if (length < 0) return std::nullopt;
    value.resize(static_cast<std::size_t>(length));
    attributes[name] = value;
  }
  return attributes;
}

/// Whoever opens the one gets what the other one gave.
bool are_interchangeable(const CheckedPair& pair) {
  const struct stat& file = pair.file.status;
  const struct stat& keeper = pair.keeper.status;
  const auto attributes = attributes_of(pair.file.content);
  return file.st_uid == keeper.st_uid && file.st_gid == keeper.st_gid &&
         file.st_mode == keeper.st_mode && attributes &&
         attributes == attributes_of(pair.keeper.content);
}

/// Whether what lies under the other name was made to be put in the place of a
/// file, and goes if it does not get there.
enum class Made : bool { no, yes };

/// Puts what lies under `other` in the place of the file, which must be the one
/// that was looked at, and unlinks that. The last look is when all else is on
/// disk; `may_go` is asked then, too.
template <class MayGo>
Result<void> replace(const PlainFile& file, const std::string& other, Made made,
                     const MayGo& may_go) {
  const auto own = status_at(file.folder, other);
  const auto is_own_at = [&](const std::string& name) {
    const auto now = status_at(file.folder, name);
    return own && now && id_of(*now) == id_of(*own);
  };
  const auto give_up = [&] {
    if (made == Made::yes && is_own_at(other)) {
      unlinkat(file.folder.get(), other.c_str(), 0);
    }
    sync_folder(file.folder);
  };
  const auto fatal = [&](const std::string& why) {
    return FatalError(why + ": what was " + file.name + " is " + other +
                      " in its folder");
  };
  if (!own || !is_unchanged(file)) {
    give_up();
    return fail(ErrorCode::changed, "it changed just now");
  }
  if (const int error = exchange(file.folder, other, file.name)) {
    give_up();
    return fail_with(error, "cannot be exchanged with another name");
  }
  sync_folder(file.folder);
  const auto old = status_at(file.folder, other);
  if (!old || !is_as_it_was(*old, file.status) || !may_go()) {
    // Somebody may have saved a new version in between, or do it now: it must
    // not end under the other name and go.
    if (!is_own_at(file.name) || exchange(file.folder, other, file.name) != 0 ||
        !is_own_at(other)) {
      throw fatal("a file changed while it was replaced");
    }
    give_up();
    return fail(ErrorCode::changed, "it or its keeper changed just now");
  }
  if (unlinkat(file.folder.get(), other.c_str(), 0) != 0) {
    throw fatal("a replaced file cannot be removed");
  }
  sync_folder(file.folder);
  return {};
}

/// Whether this user can make a file as this one is.
bool can_be_made(const struct stat& status) {
  return geteuid() == 0 ||
         (status.st_uid == geteuid() &&
          (status.st_gid == getegid() || group_member(status.st_gid) != 0));
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
    if (!are_interchangeable(pair)) {
      return fail(ErrorCode::unreadable,
                  "owner, permissions or attributes differ from its keeper's");
    }
    const std::string folder = folder_of(action.path);
    action.to = (folder == "/" ? "" : folder) + "/.vam-apply-" + run_ + '-' +
                std::to_string(action.number);
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

/// Makes a file with the bytes and all that the copy had of its own.
int make_copy(const PlainFile& file, const JournalAction& action,
              const std::string& name) {
  const Descriptor copy(
      openat(file.folder.get(), name.c_str(),
             O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!copy) return errno;
  if (const int error = copy_bytes(file.content, copy)) return error;
  const auto attributes = attributes_of(file.content);
  if (!attributes) return EIO;
  for (const auto& [key, value] : *attributes) {
    // The system gives labels to new files itself.
    if (key.starts_with("security.")) continue;
    if (fsetxattr(copy.get(), key.c_str(), value.data(), value.size(), 0) !=
        0) {
      return errno;
    }
  }
  struct timespec times[2] = {file.status.st_atim, {}};
  times[1].tv_sec = action.mtime_ns / 1'000'000'000;
  times[1].tv_nsec = action.mtime_ns % 1'000'000'000;
  if (times[1].tv_nsec < 0) {
    times[1].tv_nsec += 1'000'000'000;
    --times[1].tv_sec;
  }
  struct stat made {};
  if (fstat(copy.get(), &made) != 0) return errno;
  const bool is_others =
      made.st_uid != file.status.st_uid || made.st_gid != file.status.st_gid;
  if ((is_others &&
       fchown(copy.get(), file.status.st_uid, file.status.st_gid) != 0) ||
      fchmod(copy.get(), file.status.st_mode & 07777) != 0 ||
      futimens(copy.get(), times) != 0 || fsync(copy.get()) != 0) {
    return errno;
  }
  return 0;
}

/// Whether the bytes are those that the copy had; its time may be another one.
Result<void> check_link(const PlainFile& file, const JournalAction& action,
                        const std::atomic<bool>* stop) {
  return check_bytes_alone(file, {action.size_bytes, {}, action.digest}, "it",
                           stop);
}

}  // namespace

Result<UndoState> look_at_linked(const JournalAction& action,
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
  if (is_own && !is_left_over) return UndoState::nothing;
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
    return UndoState::tidy;
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
    return UndoState::put_back;
  }
  if (linked->link_status || status.st_nlink == 1) {
    return fail(ErrorCode::changed, "it is no link to its keeper any more");
  }
  auto same = check_link(linked->file, action, stop);
  if (!same) return tl::unexpected(same.error());
  return UndoState::put_back;
}

Result<void> put_back_linked(const JournalAction& action, UndoState state) {
  auto linked = find_linked(action);
  if (!linked) return tl::unexpected(linked.error());
  const PlainFile& file = linked->file;
  // A name of the keeper, or a copy that did not get its place.
  const auto remove = [&](const std::string& name) {
    unlinkat(file.folder.get(), name.c_str(), 0);
    sync_folder(file.folder);
  };
  if (state == UndoState::put_back && linked->link_status) {
    // The replaced file is still there.
    if (linked->link_status->st_ino != action.inode) {
      return fail(ErrorCode::changed, action.to + " changed just now");
    }
    return replace(file, linked->link, Made::no, [&] {
      const auto link = status_at(file.folder, linked->link);
      return link && link->st_nlink > 1;
    });
  }
  if (linked->link_status) remove(linked->link);
  if (linked->copy_status) remove(linked->copy);
  if (state != UndoState::put_back) {
    sync_folder(file.folder);
    return {};
  }
  if (const int error = make_copy(file, action, linked->copy)) {
    remove(linked->copy);
    return fail_with(error, "cannot be copied");
  }
  const auto copied =
      open_plain_file(folder_of(action.to) + '/' + linked->copy);
  if (!copied) return tl::unexpected(copied.error());
  if (auto same = check_link(*copied, action, nullptr); !same) {
    remove(linked->copy);
    return same;
  }
  return replace(file, linked->copy, Made::yes, [] { return true; });
}

std::unique_ptr<ActionMethod> make_hardlink(const std::string& run) {
  return std::make_unique<HardLink>(run);
}

}  // namespace vam
