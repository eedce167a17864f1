// Trees may be deeper than there are file descriptors, their paths longer than
// the system accepts in one call, and both may change while we look. So a walk
// keeps its own stack, resolves every name relative to its open folder, and
// leaves only the deepest few folders open. One that was closed meanwhile is
// opened again by its path and must still be the same folder.
#include "scan/walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "scan/companion_names.hpp"

namespace vam {
namespace {

/// Folders that a walk leaves open.
constexpr std::size_t kMaxOpenFolders = 16;

class Walk {
 public:
  Walk(const std::string& root, std::uint32_t source,
       const ScanOptions& options, const NameFilter& filter, Watch& watch,
       Findings& findings)
      : root_(root),
        source_(source),
        options_(options),
        filter_(filter),
        watch_(watch),
        findings_(findings) {}

  /// Returns whether the root is a folder that could be read.
  bool run();

 private:
  struct CloseStream {
    void operator()(DIR* stream) const { closedir(stream); }
  };
  struct Folder {
    std::unique_ptr<DIR, CloseStream> stream;  ///< null: closed for now
    NodeId id;
    std::size_t path_bytes = 0;           ///< of path_, that name the folder
    std::vector<std::string> subfolders;  ///< to enter, the last one first
  };
  struct Name {
    std::string text;
    unsigned char type;  ///< DT_*
  };

  bool enter_root();
  void enter_linked_folder(std::string path);
  void walk_subfolders();
  void enter_subfolder(const std::string& name);
  Descriptor open_subfolder(const std::string& name);
  bool reopen(Folder& folder);
  void close_all_but_top();
  bool enter(Descriptor descriptor);
  bool list();
  void name_companions(std::size_t first_file);
  bool read_names(DIR* stream, std::vector<Name>& names);
  void look_at(const Name& name);
  void look_at_node(const Name& name);
  void add_folder(const std::string& name, bool is_link);
  void add_file(const std::string& name, const struct stat& status,
                bool is_link);
  void append_to_path(const std::string& name);
  void report(Error error);
  void report(int number, const std::string& what) {
    report(error_of(number, what));
  }

  const std::string& root_;
  const std::uint32_t source_;
  const ScanOptions& options_;
  const NameFilter& filter_;
  Watch& watch_;
  Findings& findings_;

  std::vector<Folder> stack_;  ///< from the root or a linked folder downwards
  std::string path_;           ///< below the root, of what is looked at
  CompanionNames companion_names_;  ///< in the folder on top of the stack
  Route route_ = Route::direct;
  dev_t root_device_ = 0;
  /// Symbolic links to folders are entered when all real folders have been,
  /// so that a file's name is a real one if there is one.
  std::vector<std::string> linked_folders_;
  std::set<NodeId> entered_;  ///< kept only if links are followed
};

bool Walk::run() {
  const bool is_present = enter_root();
  walk_subfolders();
  route_ = Route::through_linked_folder;
  for (std::size_t i = 0; i < linked_folders_.size(); ++i) {
    enter_linked_folder(std::move(linked_folders_[i]));
    walk_subfolders();
  }
  return is_present;
}

bool Walk::enter_root() {
  Descriptor root = open_folder(root_);
  if (!root) {
    if (errno == ENOTDIR) {
      report({ErrorCode::unreadable, "not a folder"});
    } else {
      report(errno, "cannot open folder");
    }
    return false;
  }
  return enter(std::move(root));
}

void Walk::enter_linked_folder(std::string path) {
  path_ = std::move(path);
  Descriptor folder = open_folder(absolute_path(root_, path_));
  if (folder) {
    enter(std::move(folder));
  } else if (errno != ENOENT && errno != ENOTDIR) {
    report(errno, "cannot open folder");
  }
}

void Walk::walk_subfolders() {
  while (!stack_.empty()) {
    Folder& top = stack_.back();
    path_.resize(top.path_bytes);
    if (top.subfolders.empty()) {
      stack_.pop_back();
      continue;
    }
    const std::string name = std::move(top.subfolders.back());
    top.subfolders.pop_back();
    enter_subfolder(name);
  }
}

void Walk::enter_subfolder(const std::string& name) {
  Descriptor folder = open_subfolder(name);
  const int error = folder ? 0 : errno;
  append_to_path(name);
  if (folder) {
    enter(std::move(folder));
  } else if (error == ESTALE) {
    report({ErrorCode::changed, "a folder above changed during the scan"});
  } else if (error != ENOENT && error != ENOTDIR && error != ELOOP) {
    report(error, "cannot open folder");  // else it is no folder any more
  }
}

/// Opens a subfolder of the folder on top of the stack; gives up the other
/// folders where descriptors run out. Sets errno if there is none.
Descriptor Walk::open_subfolder(const std::string& name) {
  Folder& top = stack_.back();
  for (bool again = false;; again = true) {
    Descriptor folder;
    if (top.stream || reopen(top)) {
      folder = open_at(dirfd(top.stream.get()), name, O_DIRECTORY | O_NOFOLLOW);
    }
    const bool too_many_open = !folder && (errno == EMFILE || errno == ENFILE);
    if (!too_many_open || again) return folder;
    close_all_but_top();
  }
}

/// Opens a folder again that is named by path_. Sets errno on failure, to
/// ESTALE if another folder goes by that name now.
bool Walk::reopen(Folder& folder) {
  Descriptor descriptor = open_folder(absolute_path(root_, path_));
  struct stat status;
  if (!descriptor || fstat(descriptor.get(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) errno = ESTALE;
    return false;
  }
  if (id_of(status) != folder.id) {
    errno = ESTALE;
    return false;
  }
  folder.stream.reset(fdopendir(descriptor.get()));
  if (folder.stream) descriptor.release();
  return folder.stream != nullptr;
}

void Walk::close_all_but_top() {
  for (std::size_t i = 0; i + 1 < stack_.size(); ++i) stack_[i].stream.reset();
}

/// Lists an open folder, named by path_, and leaves it on the stack with its
/// subfolders to enter. Returns whether it could be listed at all.
bool Walk::enter(Descriptor descriptor) {
  watch_.check_stop();
  struct stat status;
  if (fstat(descriptor.get(), &status) != 0) {
    report(errno, "cannot read folder");
    return false;
  }
  if (stack_.empty() && path_.empty()) root_device_ = status.st_dev;
  if (options_.one_file_system == OneFileSystem::yes &&
      status.st_dev != root_device_) {
    return true;
  }
  if (options_.follow_links == FollowLinks::yes &&
      !entered_.insert(id_of(status)).second) {
    return true;
  }
  Folder folder;
  folder.stream.reset(fdopendir(descriptor.get()));
  if (!folder.stream) {
    report(errno, "cannot read folder");
    return false;
  }
  descriptor.release();
  folder.id = id_of(status);
  folder.path_bytes = path_.size();
  if (stack_.size() >= kMaxOpenFolders) {
    stack_[stack_.size() - kMaxOpenFolders].stream.reset();
  }
  stack_.push_back(std::move(folder));
  findings_.folders.push_back(id_of(status));
  return list();
}

/// Looks at all names in the folder on top of the stack, in bytewise order.
/// Returns false if it may not be entered.
bool Walk::list() {
  Folder& folder = stack_.back();
  // Some folders may be listed but not entered: one problem, not one a name.
  struct stat status;
  if (fstatat(dirfd(folder.stream.get()), ".", &status, 0) != 0) {
    report(errno, "cannot enter folder");
    return false;
  }
  std::vector<Name> names;
  if (!read_names(folder.stream.get(), names)) {
    report(errno, "cannot read folder");
  }
  std::ranges::sort(names, {}, &Name::text);
  companion_names_.clear();
  const std::size_t first_file = findings_.files.size();
  for (const Name& name : names) look_at(name);
  name_companions(first_file);
  std::ranges::reverse(folder.subfolders);
  path_.resize(folder.path_bytes);
  return true;
}

/// Gives the files of the folder on top of the stack, which are those from
/// `first_file` on, their companions.
void Walk::name_companions(std::size_t first_file) {
  if (companion_names_.empty()) return;
  for (std::size_t n = first_file; n < findings_.files.size(); ++n) {
    FileEntry& file = findings_.files[n];
    auto companions = companion_names_.of(absolute_path(root_, file.path));
    if (companions.empty()) continue;
    file.companions = static_cast<std::uint32_t>(findings_.companions.size());
    findings_.companions.push_back(std::move(companions));
  }
}

/// Reads the names that are not hidden. Sets errno on failure; what could be
/// read before is kept.
bool Walk::read_names(DIR* stream, std::vector<Name>& names) {
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(stream);
    if (entry == nullptr) return errno == 0;
    const std::string_view text = entry->d_name;
    if (text == "." || text == ".." || filter_.is_hidden(text)) continue;
    names.push_back({std::string(text), entry->d_type});
  }
}

/// Takes note of one name in the folder on top of the stack.
void Walk::look_at(const Name& name) {
  watch_.check_stop();
  path_.resize(stack_.back().path_bytes);
  append_to_path(name.text);
  switch (name.type) {
    case DT_DIR:
      add_folder(name.text, false);
      break;
    case DT_REG:
    case DT_LNK:
    case DT_UNKNOWN:  // the file system does not say
      look_at_node(name);
      break;
    default:  // a FIFO, socket or device
      break;
  }
}

void Walk::look_at_node(const Name& name) {
  const bool follow = options_.follow_links == FollowLinks::yes;
  const int folder = dirfd(stack_.back().stream.get());
  struct stat status;
  bool is_link = name.type == DT_LNK;
  if (!is_link) {
    if (fstatat(folder, name.text.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) report(errno, "cannot look at file");
      return;
    }
    is_link = S_ISLNK(status.st_mode);
  }
  if (is_link) {
    if (!follow) return;
    if (fstatat(folder, name.text.c_str(), &status, 0) != 0) {
      const bool leads_nowhere = errno == ENOENT || errno == ENOTDIR ||
                                 errno == ELOOP || errno == ENAMETOOLONG;
      if (!leads_nowhere) report(errno, "cannot follow symbolic link");
      return;
    }
  }
  if (S_ISDIR(status.st_mode)) add_folder(name.text, is_link);
  if (S_ISREG(status.st_mode)) add_file(name.text, status, is_link);
}

void Walk::add_folder(const std::string& name, bool is_link) {
  if (!filter_.takes_folder(path_)) return;
  if (is_link) {
    linked_folders_.push_back(path_);
  } else {
    stack_.back().subfolders.push_back(name);
  }
}

void Walk::add_file(const std::string& name, const struct stat& status,
                    bool is_link) {
  const bool is_taken = filter_.takes_extension(name);
  const std::size_t group = is_taken ? 0 : filter_.skipped_group(name);
  if (!is_taken && filter_.holds_companions(group)) {
    companion_names_.add(name, group);
  }
  const std::uint64_t size_bytes = size_bytes_of(status);
  if (size_bytes < options_.min_size_bytes ||
      size_bytes > options_.max_size_bytes || !filter_.takes_file(path_)) {
    return;
  }
  // Folders are compared when they are entered. Files are only where links
  // lead: in an overlay they may have other device numbers than their folder.
  if (is_link && options_.one_file_system == OneFileSystem::yes &&
      status.st_dev != root_device_) {
    return;
  }
  watch_.count_file();
  if (!is_taken) {
    findings_.skipped.push_back({id_of(status), group});
    return;
  }
  Sighting sighting;
  sighting.file = findings_.files.size();
  sighting.folder = findings_.folders.size() - 1;
  sighting.id = id_of(status);
  sighting.route = is_link ? Route::is_link : route_;
  sighting.has_hard_links = status.st_nlink > 1;
  findings_.sightings.push_back(sighting);
  FileEntry& file = findings_.files.emplace_back();
  file.source = source_;
  file.path = path_;
  file.size_bytes = size_bytes;
  file.mtime_ns = mtime_ns_of(status);
  file.inode = status.st_ino;
}

void Walk::append_to_path(const std::string& name) {
  if (!path_.empty()) path_ += '/';
  path_ += name;
}

void Walk::report(Error error) {
  findings_.problems.push_back(
      {path_.empty() ? root_ : absolute_path(root_, path_), Stage::scan,
       std::move(error)});
}

}  // namespace

bool walk(const std::string& root, std::uint32_t source,
          const ScanOptions& options, const NameFilter& filter, Watch& watch,
          Findings& findings) {
  return Walk(root, source, options, filter, watch, findings).run();
}

}  // namespace vam
