#include "apply/replacement.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace vam {
namespace {

constexpr std::array<std::string_view, 5> kLabels = {
    "security.selinux", "security.SMACK64", "security.apparmor", "security.ima",
    "security.evm"};

/// What the system gives to new files itself. Others of its kind are part of a
/// file: what Samba keeps of Windows, or capabilities.
bool is_label(std::string_view attribute) {
  return std::ranges::any_of(kLabels, [&](std::string_view label) {
    return attribute == label ||
           (label == "security.SMACK64" && attribute.starts_with(label));
  });
}

/// Those of the one become those of the other, which may have inherited some of
/// its folder. Zero, or an errno.
int copy_attributes(const Descriptor& from, const Descriptor& to) {
  const auto wanted = attributes_of(from);
  const auto inherited = attributes_of(to);
  if (!wanted || !inherited) return EIO;
  for (const auto& [name, value] : *inherited) {
    if (is_label(name) || wanted->contains(name)) continue;
    if (fremovexattr(to.get(), name.c_str()) != 0) return errno;
  }
  for (const auto& [name, value] : *wanted) {
    if (is_label(name)) continue;
    if (fsetxattr(to.get(), name.c_str(), value.data(), value.size(), 0) != 0) {
      return errno;
    }
  }
  return 0;
}

timespec timespec_of(std::int64_t ns_since_1970) {
  timespec time{};
  time.tv_sec = ns_since_1970 / 1'000'000'000;
  time.tv_nsec = ns_since_1970 % 1'000'000'000;
  if (time.tv_nsec < 0) {
    time.tv_nsec += 1'000'000'000;
    --time.tv_sec;
  }
  return time;
}

/// Makes a file with the bytes, owner, permissions, attributes and access time
/// of the other one, on disk. Zero, or an errno: then there may be part of it.
int make_copy(const PlainFile& file, std::int64_t mtime_ns,
              const std::string& name) {
  const Descriptor copy(
      openat(file.folder.get(), name.c_str(),
             O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!copy) return errno;
  if (const int error = copy_bytes(file.content, copy)) return error;
  struct stat made {};
  if (fstat(copy.get(), &made) != 0) return errno;
  const bool is_others =
      made.st_uid != file.status.st_uid || made.st_gid != file.status.st_gid;
  if (is_others &&
      fchown(copy.get(), file.status.st_uid, file.status.st_gid) != 0) {
    return errno;
  }
  if (const int error = copy_attributes(file.content, copy)) return error;
  const timespec times[2] = {file.status.st_atim, timespec_of(mtime_ns)};
  if (fchmod(copy.get(), file.status.st_mode & 07777) != 0 ||
      futimens(copy.get(), times) != 0 || fsync(copy.get()) != 0) {
    return errno;
  }
  return 0;
}

}  // namespace

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

bool can_be_made(const struct stat& status) {
  return geteuid() == 0 ||
         (status.st_uid == geteuid() &&
          (status.st_gid == getegid() || group_member(status.st_gid) != 0));
}

bool can_have_attributes_of(const Descriptor& file) {
  if (geteuid() == 0) return true;
  const auto attributes = attributes_of(file);
  return attributes && std::ranges::none_of(*attributes, [](const auto& one) {
           return one.first.starts_with("security.") && !is_label(one.first);
         });
}

std::string path_in_between(const std::string& path, const std::string& run,
                            std::uint64_t number) {
  const std::string folder = folder_of(path);
  return (folder == "/" ? "" : folder) + "/.vam-apply-" + run + '-' +
         std::to_string(number);
}

void remove_name(const Descriptor& folder, const std::string& name) {
  unlinkat(folder.get(), name.c_str(), 0);
  sync_folder(folder);
}

Result<void> replace(const PlainFile& file, const std::string& other, Made made,
                     const std::function<bool()>& may_go) {
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

Result<void> replace_by_copy(const PlainFile& file, const std::string& path,
                             const KnownFile& known) {
  const std::string name = name_of(path);
  if (const int error = make_copy(file, known.mtime_ns, name)) {
    // What was there already is not ours.
    if (error != EEXIST) remove_name(file.folder, name);
    return fail_with(error, "cannot be copied");
  }
  const auto copied = open_plain_file(path);
  if (!copied) return tl::unexpected(copied.error());
  if (auto same = check_bytes_alone(*copied, known, "it", nullptr); !same) {
    remove_name(file.folder, name);
    return same;
  }
  return replace(file, name, Made::yes, [] { return true; });
}

}  // namespace vam
