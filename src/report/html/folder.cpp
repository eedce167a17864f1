// The folder of a page. Everything in it is opened relative to the folder and
// without following links, written under another name and renamed: what is
// there is whole, and is ours.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "report/html/page.hpp"

namespace vam {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPageFile = std::size_t{1} << 20;
constexpr const char* kData = "data.js";
constexpr const char* kThumbnails = ".thumbs";
/// In front of the name of a file that is being written.
constexpr std::string_view kUnfinished = ".vam-page-";

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw FatalError("cannot write the page " + what + ": " + why);
}

[[noreturn]] void refuse(const std::string& what, int error) {
  refuse(what, std::generic_category().message(error));
}

bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder || folder == "/" ||
         (path.starts_with(folder) && path[folder.size()] == '/');
}

/// An open descriptor.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  explicit operator bool() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  /// Whether all went well.
  bool close_now() { return close(std::exchange(descriptor_, -1)) == 0; }

 private:
  int descriptor_;
};

/// An open folder, and what messages call it.
struct Folder {
  Descriptor descriptor;
  std::string path;

  int get() const { return descriptor.get(); }
  std::string path_of(const std::string& name) const {
    return (fs::path(path) / name).native();
  }
};

/// The bytes of a file of the page; nothing if there is none. Refuses what is
/// none of ours.
std::optional<std::string> read_own(const Folder& folder,
                                    const std::string& name) {
  constexpr std::size_t kMarkWithin = 128;
  const Descriptor file(
      openat(folder.get(), name.c_str(),
             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!file && errno == ENOENT) return std::nullopt;
  struct stat status {};
  const bool is_file =
      file && fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
  std::string text;
  std::array<char, 65536> block;
  // What is longer than all of ours differs from them anyway.
  while (is_file && text.size() < kMaxPageFile) {
    const ssize_t count = read(file.get(), block.data(), block.size());
    if (count <= 0) break;
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  if (std::string_view(text).substr(0, kMarkWithin).find(kPageMark) ==
      std::string_view::npos) {
    refuse(folder.path_of(name), "this file is no part of a page");
  }
  return text;
}

/// A file that gets its name when it is complete.
class NewFile {
 public:
  NewFile(const Folder& folder, std::string name)
      : folder_(folder),
        name_(std::move(name)),
        temporary_(std::string(kUnfinished) + name_),
        file_(create()) {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (file_) unlinkat(folder_.get(), temporary_.c_str(), 0);
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::write(file_.get(), text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) refuse(folder_.path_of(name_), count == 0 ? EIO : errno);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  void sync() {
    if (fsync(file_.get()) != 0 && errno != EINVAL && errno != ENOTSUP) {
      refuse(folder_.path_of(name_), errno);
    }
  }

  void finish() {
    const bool closed = file_.close_now();
    if (!closed || renameat(folder_.get(), temporary_.c_str(), folder_.get(),
                            name_.c_str()) != 0) {
      const int error = errno;
      unlinkat(folder_.get(), temporary_.c_str(), 0);
      refuse(folder_.path_of(name_), error);
    }
  }

 private:
  int create() const {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int file = openat(folder_.get(), temporary_.c_str(), kFlags, 0666);
    if (file < 0 && errno == EEXIST) {
      // Of a run that was killed: no other one is at work here.
      unlinkat(folder_.get(), temporary_.c_str(), 0);
      file = openat(folder_.get(), temporary_.c_str(), kFlags, 0666);
    }
    if (file < 0) refuse(folder_.path_of(name_), errno);
    return file;
  }

  const Folder& folder_;
  const std::string name_;
  const std::string temporary_;
  Descriptor file_;
};

/// Made before anything else: from then on the folder is ours.
const std::string& first_file() {
  static const std::string kName(page_files().front().name);
  return kName;
}

/// Writes a file of the page unless it is there and the same.
void write_own(const Folder& folder, const PageFile& page_file) {
  const std::string name(page_file.name);
  if (read_own(folder, name) == page_file.content) return;
  NewFile file(folder, name);
  file.write(page_file.content);
  file.sync();
  file.finish();
}

bool is_empty(const fs::path& folder) {
  return std::ranges::all_of(
      fs::directory_iterator(folder), [](const fs::directory_entry& entry) {
        return entry.path().filename().native().starts_with(kUnfinished);
      });
}

/// Makes the folder, unless it is there, and takes it for this run.
int open_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) refuse(path, error.message());
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) refuse(path, errno);
  if (flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(folder);
    refuse(path, "another run is writing it");
  }
  return folder;
}

int open_thumbnails(const Folder& folder) {
  if (mkdirat(folder.get(), kThumbnails, 0777) != 0 && errno != EEXIST) {
    refuse(folder.path_of(kThumbnails), errno);
  }
  const int thumbnails =
      openat(folder.get(), kThumbnails,
             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (thumbnails < 0) refuse(folder.path_of(kThumbnails), errno);
  return thumbnails;
}

std::string name_in_thumbnails(const Digest& digest) {
  return thumbnail_name(digest).substr(std::string_view(kThumbnails).size() +
                                       1);
}

}  // namespace

struct PageFolder::Place {
  explicit Place(const std::string& path)
      : root{Descriptor(open_folder(path)), path} {}

  Folder root;
  std::optional<Folder> thumbnails;
};

PageFolder::PageFolder(const std::string& folder,
                       std::span<const std::string> sources) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(fs::absolute(folder), error);
  if (error) refuse(folder, error.message());
  // "new/" has an empty last name.
  const std::string path = canonical.has_filename()
                               ? canonical.native()
                               : canonical.parent_path().native();
  for (const std::string& source : sources) {
    if (lies_in(path, source)) {
      refuse(folder, "it lies in the source " + source +
                         ", and nothing is written there; choose a folder "
                         "outside");
    }
  }
  place_ = std::make_unique<Place>(path);
  const Folder& root = place_->root;
  const bool is_new = !read_own(root, first_file());
  if (is_new && !is_empty(path)) {
    refuse(folder, "the folder is not empty and holds no page; choose another");
  }
  for (const PageFile& file : page_files()) {
    read_own(root, std::string(file.name));
  }
  read_own(root, kData);
  if (is_new) write_own(root, page_files().front());
  place_->thumbnails.emplace(
      Folder{Descriptor(open_thumbnails(root)), root.path_of(kThumbnails)});
}

PageFolder::~PageFolder() = default;

std::string PageFolder::index_file() const {
  return place_->root.path_of(first_file());
}

bool PageFolder::has_thumbnail(const Digest& digest) const {
  struct stat status {};
  return fstatat(place_->thumbnails->get(), name_in_thumbnails(digest).c_str(),
                 &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         // A power cut leaves empty files.
         !(S_ISREG(status.st_mode) && status.st_size == 0);
}

void PageFolder::add_thumbnail(const Digest& digest,
                               std::span<const std::byte> jpeg) {
  NewFile file(*place_->thumbnails, name_in_thumbnails(digest));
  file.write({reinterpret_cast<const char*>(jpeg.data()), jpeg.size()});
  file.finish();
}

void PageFolder::write(const Report& report, const std::atomic<bool>* stop) {
  const auto end_if_stopped = [&] {
    if (stop != nullptr && *stop) throw Interrupted();
  };
  const Folder& root = place_->root;
  read_own(root, kData);
  NewFile data(root, kData);
  write_page_data(
      report,
      [&](const Digest& digest) {
        end_if_stopped();
        return has_thumbnail(digest);
      },
      [&](std::string_view text) { data.write(text); });
  data.sync();
  for (const PageFile& file : page_files()) write_own(root, file);
  end_if_stopped();
  data.finish();
}

}  // namespace vam
