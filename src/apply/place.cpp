#include "apply/place.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>

namespace vam {
namespace {

constexpr int kWay = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kEnd = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

tl::unexpected<Error> fail_at(const Descriptor& folder, const std::string& name,
                              int error) {
  const auto status = status_at(folder, name);
  if (status && S_ISLNK(status->st_mode)) {
    return fail(ErrorCode::unreadable, "a symbolic link is on the way to it");
  }
  return fail_with(error, "cannot open");
}

Result<Descriptor> make_folder(const Descriptor& folder,
                               const std::string& name) {
  if (mkdirat(folder.get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail_with(errno, "cannot make the folder " + name);
  }
  Descriptor made(openat(folder.get(), name.c_str(), kEnd));
  if (!made) return fail_at(folder, name, errno);
  sync_folder(folder);
  return made;
}

}  // namespace

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Result<Descriptor> open_folder_at(const std::string& path) {
  const Descriptor root(open("/", path == "/" ? kEnd : kWay));
  if (!root) return fail_with(errno, "cannot open /");
  return open_below(root, path.substr(1), Make::no);
}

Result<Descriptor> open_below(const Descriptor& folder,
                              const std::string& relative, Make make) {
  // What is made in a folder is on disk when the folder was synced, and for
  // that it must be open for more than a way.
  const bool is_more = make == Make::yes || relative.empty();
  Descriptor here(openat(folder.get(), ".", is_more ? kEnd : kWay));
  if (!here && errno == EACCES && !relative.empty()) {
    here = Descriptor(openat(folder.get(), ".", kWay));
  }
  if (!here) return fail_with(errno, "cannot open");
  std::string_view rest = relative;
  while (!rest.empty()) {
    const std::string name(rest.substr(0, rest.find('/')));
    rest.remove_prefix(name.size());
    if (!rest.empty()) rest.remove_prefix(1);
    const int flags = make == Make::yes || rest.empty() ? kEnd : kWay;
    Descriptor next(openat(here.get(), name.c_str(), flags));
    if (!next && errno == EACCES && !rest.empty()) {
      next = Descriptor(openat(here.get(), name.c_str(), kWay));
    }
    if (!next && errno == ENOENT && make == Make::yes) {
      auto made = make_folder(here, name);
      if (!made) return tl::unexpected(made.error());
      next = std::move(*made);
    }
    if (!next) return fail_at(here, name, errno);
    here = std::move(next);
  }
  return here;
}

Result<PlainFile> open_plain_file(const std::string& path) {
  PlainFile file;
  auto folder = open_folder_at(folder_of(path));
  if (!folder) return tl::unexpected(folder.error());
  file.folder = std::move(*folder);
  file.name = name_of(path);
  // Looked at first: to open a device or FIFO can have effects.
  const auto found = status_at(file.folder, file.name);
  if (!found) return fail(ErrorCode::missing, "it is gone");
  if (S_ISLNK(found->st_mode)) {
    return fail(ErrorCode::unreadable, "it is a symbolic link");
  }
  if (!S_ISREG(found->st_mode)) {
    return fail(ErrorCode::unreadable, "it is no regular file");
  }
  constexpr int kFlags =
      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  file.content = Descriptor(
      openat(file.folder.get(), file.name.c_str(), kFlags | O_NOATIME));
  // Only the owner of a file may leave its access time alone.
  if (!file.content && errno == EPERM) {
    file.content =
        Descriptor(openat(file.folder.get(), file.name.c_str(), kFlags));
  }
  if (!file.content || fstat(file.content.get(), &file.status) != 0) {
    return fail_with(errno, "cannot open");
  }
  if (id_of(file.status) != id_of(*found)) {
    return fail(ErrorCode::changed, "it is being replaced");
  }
  return file;
}

std::optional<struct stat> status_at(const Descriptor& folder,
                                     const std::string& name) {
  struct stat status {};
  if (fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  return status;
}

bool is_as_it_was(const struct stat& now, const struct stat& then) {
  return id_of(now) == id_of(then) && now.st_size == then.st_size &&
         now.st_mtim.tv_sec == then.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == then.st_mtim.tv_nsec;
}

bool is_unchanged(const PlainFile& file) {
  const auto now = status_at(file.folder, file.name);
  return now && is_as_it_was(*now, file.status) &&
         now->st_ctim.tv_sec == file.status.st_ctim.tv_sec &&
         now->st_ctim.tv_nsec == file.status.st_ctim.tv_nsec;
}

int rename_to_free(const Descriptor& from, const std::string& name,
                   const Descriptor& to, const std::string& new_name) {
  return renameat2(from.get(), name.c_str(), to.get(), new_name.c_str(),
                   RENAME_NOREPLACE) == 0
             ? 0
             : errno;
}

int exchange(const Descriptor& folder, const std::string& a,
             const std::string& b) {
  return renameat2(folder.get(), a.c_str(), folder.get(), b.c_str(),
                   RENAME_EXCHANGE) == 0
             ? 0
             : errno;
}

void sync_folder(const Descriptor& folder) {
  // Some file systems cannot, and need not; nor can folders that may not be
  // listed.
  if (fsync(folder.get()) != 0 && errno != EINVAL && errno != ENOTSUP &&
      errno != EBADF) {
    throw FatalError("cannot make sure that a folder is on disk: " +
                     std::generic_category().message(errno));
  }
}

int write_all(const Descriptor& file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0 ? EIO : errno;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace vam
