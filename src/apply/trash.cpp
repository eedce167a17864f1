// The trash of the desktop, as the Trash specification 1.0 of freedesktop.org
// has it: the home trash for files of its file system, and for others one at
// the top of theirs. Beside each file in `files` there is one in `info` that
// says where it was.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "apply/actions.hpp"
#include "apply/fields.hpp"
#include "apply/renaming.hpp"

namespace vam {
namespace {

constexpr std::string_view kInfo = ".trashinfo";
constexpr std::size_t kMaxName = 255;
constexpr int kMaxCopies = 10'000;

/// A trash folder whose parts may have to be made.
struct Trash {
  std::string path;
  std::string top;  ///< of its file system; empty for the home trash
};

/// What tells mounts apart, bind mounts included: between them nothing can be
/// renamed.
struct MountId {
  std::uint64_t device = 0;
  std::uint64_t mount = 0;
  bool operator==(const MountId&) const = default;
};

MountId mount_of(int file, const char* path) {
  struct statx status {};
  if (statx(file, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_MNT_ID,
            &status) != 0) {
    return {};
  }
  return {std::uint64_t{status.stx_dev_major} << 32 | status.stx_dev_minor,
          status.stx_mnt_id};
}

/// The highest folder above the path on the same mount.
std::string top_of(std::string path, const MountId& mount) {
  while (path != "/") {
    const std::string above = folder_of(path);
    if (mount_of(AT_FDCWD, above.c_str()) != mount) break;
    path = above;
  }
  return path;
}

/// The folder that is there, of this path or above it.
Result<Descriptor> open_nearest(std::string path) {
  for (;;) {
    auto folder = open_folder_at(path);
    if (folder || folder.error().code != ErrorCode::missing || path == "/") {
      return folder;
    }
    path = folder_of(path);
  }
}

/// As a URL has it, but for "/".
std::string percent_encoded(std::string_view path) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_.~";
  std::string text;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != kPlain.npos) {
      text += c;
    } else {
      text += '%';
      text += "0123456789ABCDEF"[byte >> 4];
      text += "0123456789ABCDEF"[byte & 15];
    }
  }
  return text;
}

std::string local_now() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &local);
  return text;
}

/// Where the parts of a trashed file's path are.
struct Trashed {
  explicit Trashed(const JournalAction& action)
      : name(name_of(action.to)),
        files(folder_of(action.to)),
        trash(folder_of(files)),
        info(trash + "/info"),
        info_name(name + std::string(kInfo)) {}

  std::string name;
  std::string files;
  std::string trash;
  std::string info;
  std::string info_name;
};

/// Paths in the trash of a file system are relative to its top, which may be
/// mounted elsewhere tomorrow.
std::string info_text(const JournalAction& action) {
  const std::string trash = folder_of(folder_of(action.to));
  std::string top = folder_of(trash);
  if (name_of(top) == ".Trash") top = folder_of(top);
  const bool is_home = name_of(trash) == "Trash" || !lies_in(action.path, top);
  std::string path = action.path;
  if (!is_home) path = path.substr(top == "/" ? 1 : top.size() + 1);
  return "[Trash Info]\nPath=" + percent_encoded(path) +
         "\nDeletionDate=" + action.deleted_at + '\n';
}

/// "a.jpg", "a 2.jpg", ...; short enough for its info file.
std::string numbered(const std::string& name, int number) {
  const std::string tail = number == 1 ? "" : ' ' + std::to_string(number);
  const std::size_t room = kMaxName - kInfo.size() - tail.size();
  const std::size_t dot = name.rfind('.');
  const bool has_extension =
      dot != name.npos && dot > 0 && name.size() - dot < room / 2;
  const std::string extension = has_extension ? name.substr(dot) : "";
  std::string stem = name.substr(0, name.size() - extension.size());
  stem.resize(std::min(stem.size(), room - extension.size()));
  return stem + tail + extension;
}

class DesktopTrash final : public ActionMethod {
 public:
  explicit DesktopTrash(std::string home) : home_{std::move(home), ""} {
    if (!is_plain_path(home_.path) || home_.path == "/") {
      throw FatalError("there is no place for a trash: set HOME");
    }
    const auto nearest = open_nearest(home_.path);
    if (!nearest) {
      throw FatalError("cannot use the trash " + home_.path + ": " +
                       nearest.error().message);
    }
    home_mount_ = mount_of(nearest->get(), "");
  }

  Result<void> prepare(const CheckedPair& pair,
                       JournalAction& action) override {
    const auto trash = trash_of(pair.file, action.path);
    if (!trash) return tl::unexpected(trash.error());
    if (lies_in(action.keep, trash->path)) {
      return fail(ErrorCode::unreadable, "its keeper is in the trash");
    }
    const auto name = free_name(trash->path, pair.file.name);
    if (!name) return tl::unexpected(name.error());
    action.to = trash->path + "/files/" + *name;
    action.deleted_at = local_now();
    return {};
  }

  Result<void> perform(const CheckedPair& pair,
                       const JournalAction& action) override {
    const Trashed place(action);
    const auto root = open_folder_at("/");
    if (!root) return tl::unexpected(root.error());
    const auto trash = open_below(*root, place.trash.substr(1), Make::yes);
    if (!trash) return tl::unexpected(trash.error());
    // At the top of a file system others may have made it in between.
    struct stat status {};
    if (fstat(trash->get(), &status) != 0 ||
        (place.trash != home_.path && status.st_uid != geteuid())) {
      return fail(ErrorCode::unreadable, "the trash is not yours");
    }
    const auto files = open_below(*trash, "files", Make::yes);
    if (!files) return tl::unexpected(files.error());
    const auto info = open_below(*trash, "info", Make::yes);
    if (!info) return tl::unexpected(info.error());
    if (auto written = write_info(*info, place.info_name, action); !written) {
      return written;
    }
    auto moved = rename_checked(pair, *files, action);
    if (!moved) {
      unlinkat(info->get(), place.info_name.c_str(), 0);
      sync_folder(*info);
    }
    return moved;
  }

 private:
  Result<Trash> trash_of(const PlainFile& file, const std::string& path) {
    const MountId mount = mount_of(file.content.get(), "");
    if (mount == home_mount_) return home_;
    if (last_ && mount == last_mount_) return *last_;
    auto trash = trash_at(top_of(path, mount));
    if (trash) {
      last_ = *trash;
      last_mount_ = mount;
    }
    return trash;
  }

  /// The administrator's, if it is safe to use, else the user's own.
  static Result<Trash> trash_at(const std::string& top) {
    const std::string user = std::to_string(getuid());
    const auto folder = open_folder_at(top);
    if (!folder) return tl::unexpected(folder.error());
    const std::string below = top == "/" ? "/" : top + '/';
    const auto shared = status_at(*folder, ".Trash");
    if (shared && S_ISDIR(shared->st_mode) &&
        (shared->st_mode & S_ISVTX) != 0) {
      const auto own = check_own(below + ".Trash/" + user);
      if (own) return Trash{below + ".Trash/" + user, top};
    }
    if (auto own = check_own(below + ".Trash-" + user); !own) {
      return tl::unexpected(own.error());
    }
    return Trash{below + ".Trash-" + user, top};
  }

  /// It is the user's folder, or can be made.
  static Result<void> check_own(const std::string& path) {
    const auto above = open_folder_at(folder_of(path));
    if (!above) return tl::unexpected(above.error());
    const auto status = status_at(*above, name_of(path));
    if (!status) {
      if (faccessat(above->get(), ".", W_OK | X_OK, AT_EACCESS) == 0) return {};
      return fail_with(errno, "cannot make the trash " + path);
    }
    if (S_ISDIR(status->st_mode) && status->st_uid == geteuid()) return {};
    return fail(ErrorCode::unreadable, "the trash " + path + " is not yours");
  }

  static Result<std::string> free_name(const std::string& trash,
                                       const std::string& name) {
    const auto files = open_folder_at(trash + "/files");
    const auto info = open_folder_at(trash + "/info");
    for (const auto* folder : {&files, &info}) {
      if (!*folder && folder->error().code != ErrorCode::missing) {
        return tl::unexpected(folder->error());
      }
    }
    for (int number = 1; number <= kMaxCopies; ++number) {
      std::string candidate = numbered(name, number);
      if (files && status_at(*files, candidate)) continue;
      if (info && status_at(*info, candidate + std::string(kInfo))) continue;
      return candidate;
    }
    return fail(ErrorCode::unreadable, "too many of its name are in the trash");
  }

  static Result<void> write_info(const Descriptor& folder,
                                 const std::string& name,
                                 const JournalAction& action) {
    const Descriptor file(
        openat(folder.get(), name.c_str(),
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return fail_with(errno, "cannot write its info file");
    int error = write_all(file, info_text(action));
    if (error == 0 && fsync(file.get()) != 0) error = errno;
    if (error != 0) {
      unlinkat(folder.get(), name.c_str(), 0);
      sync_folder(folder);
      return fail_with(error, "cannot write its info file");
    }
    sync_folder(folder);
    return {};
  }

  Trash home_;
  MountId home_mount_;
  std::optional<Trash> last_;
  MountId last_mount_;
};

/// The info file, if it is as this program wrote it, or part of that.
Result<Descriptor> open_own_info(const JournalAction& action) {
  const Trashed place(action);
  const auto info = open_plain_file(place.info + '/' + place.info_name);
  if (!info) return tl::unexpected(info.error());
  const std::string expected = info_text(action);
  std::string text(expected.size() + 1, '\0');
  const ssize_t count = pread(info->content.get(), text.data(), text.size(), 0);
  if (count < 0) return fail_with(errno, "cannot read its info file");
  text.resize(static_cast<std::size_t>(count));
  if (!expected.starts_with(text)) {
    return fail(ErrorCode::changed, "its info file changed");
  }
  return open_folder_at(place.info);
}

}  // namespace

Result<UndoLook> look_at_trashed(const JournalAction& action,
                                 const std::atomic<bool>* stop) {
  auto look = look_at_moved(action, stop);
  if (look && look->state == UndoState::nothing && open_own_info(action)) {
    look->state = UndoState::tidy;
  }
  return look;
}

Result<void> put_back_trashed(const JournalAction& action,
                              const UndoLook& look) {
  if (auto moved = put_back_moved(action, look); !moved) return moved;
  // One that somebody else changed or took away is not ours.
  const auto info = open_own_info(action);
  if (!info) return {};
  if (unlinkat(info->get(), Trashed(action).info_name.c_str(), 0) != 0) {
    return fail_with(errno, "it is back, but not its info file gone");
  }
  sync_folder(*info);
  return {};
}

std::unique_ptr<ActionMethod> make_trash(const ApplyOptions& options) {
  return std::make_unique<DesktopTrash>(options.home_trash);
}

}  // namespace vam
