// Walks the source folders and opens what it found, read-only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/error.hpp"

namespace vam {

/// One regular file. Paths are raw bytes of any content and length.
struct FileEntry {
  std::uint32_t source = 0;  ///< index into the roots given to scan()
  /// Index into ScanResult::companions; 0: there are none.
  std::uint32_t companions = 0;
  std::string path;  ///< relative to that root, never empty
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;  ///< since 1970 UTC; clamped to what 64 bits hold
  std::uint64_t inode = 0;
  /// Further names of the same file (hard links), absolute, sorted bytewise.
  /// Names that only symbolic links or mounts lead to are not listed.
  std::vector<std::string> hard_links;
};

enum class FollowLinks : bool { no, yes };
enum class HiddenFiles : bool { skip, include };
enum class OneFileSystem : bool { no, yes };

struct ScanOptions {
  /// Lower-case extensions without dot of the files to look at; "" stands for
  /// names without an extension, which those are that have dots in front only.
  /// Dots and spaces at the end of a name are ignored. Other files are counted
  /// as skipped.
  std::vector<std::string> extensions;
  /// Other extensions, spelt alike, in groups that are counted apart.
  std::vector<std::vector<std::string>> skipped_extensions;
  /// Those of these groups, by index, whose files belong to a photo of their
  /// folder and name: see Companion.
  std::vector<std::size_t> companion_groups = {};
  /// Globs (see glob.hpp) over names, or over paths below the source. An
  /// excluded folder is not entered. With any include glob, only files that
  /// match one are taken; exclude wins.
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::uint64_t min_size_bytes = 0;
  std::uint64_t max_size_bytes = std::numeric_limits<std::uint64_t>::max();
  FollowLinks follow_links = FollowLinks::no;
  HiddenFiles hidden = HiddenFiles::skip;
  OneFileSystem one_file_system = OneFileSystem::no;
};

/// A file beside a photo, and named after it: the film of a live photo, a
/// sidecar. For `a.jpg`, with letters of any case: `a.mov` and `a.jpg.mov`; for
/// `IMG_1.heic`, `IMG_E1.aae` and `IMG_O1.aae` as well.
struct Companion {
  std::string path;       ///< absolute
  std::size_t group = 0;  ///< of ScanOptions::skipped_extensions

  auto operator<=>(const Companion&) const = default;
};

struct ScanResult {
  /// Sorted by source, then bytewise by path; every file once, however many
  /// sources, links and mounts lead to it (by the first name in this order;
  /// by one through a symbolic link only if there is no other).
  std::vector<FileEntry> files;
  /// Lists of companions that files refer to, each sorted by path; the first
  /// one is empty. Also of those that `include`, `exclude` or the range of
  /// sizes leave out: a photo is not to be parted from what nobody looked at.
  std::vector<std::vector<Companion>> companions;
  std::vector<FileProblem> problems;  ///< sorted by path
  /// Per root: a folder that could be listed, if perhaps not to the end.
  std::vector<bool> source_present;
  /// Files of other extensions, each once. What is hidden, excluded or out of
  /// the size range is not counted.
  std::uint64_t skipped_count = 0;
  /// How many of them belong to each group of ScanOptions::skipped_extensions.
  std::vector<std::uint64_t> skipped_in_group;
};

/// Walks the roots (absolute, canonical paths of folders, which may overlap).
///
/// Never fails as a whole: a root that is no folder, and a root or folder that
/// cannot be read, is a problem. Files below such a folder are not in the
/// result, although they may still exist. Symbolic links are only followed
/// with FollowLinks::yes, and then every source enters a folder once, so loops
/// end; links that lead nowhere are ignored. FIFOs, sockets and devices are
/// not opened. Hidden names (leading dot) and NAS thumbnails (`@eaDir`) are
/// skipped unless HiddenFiles::include; a root itself is always entered.
/// `stop` is polled at every name; when it becomes true, throws Interrupted.
/// `on_progress`, if set, is told now and then, and at the end, how many names
/// of files were seen.
ScanResult scan(std::span<const std::string> roots, const ScanOptions& options,
                const std::atomic<bool>* stop = nullptr,
                const std::function<void(std::uint64_t)>& on_progress = {});

/// The companions of photos that are known by their absolute paths: one list
/// for each. None in folders that cannot be listed.
std::vector<std::vector<Companion>> find_companions(
    std::span<const std::string> paths, const ScanOptions& options);

/// The entry of one file by its absolute path, relative to the root "/".
/// Follows symbolic links. Fails if it is missing or no regular file.
Result<FileEntry> find_file(const std::string& path);

/// The extension of a path's last name as ScanOptions::extensions spells it.
std::string extension_of(std::string_view path);

/// root + "/" + relative path; no second slash after a root that ends in one.
std::string absolute_path(const std::string& root, const std::string& path);

/// A scanned file, open for reading. Move-only, closes itself.
class PhotoFile {
 public:
  /// Opens the file of this entry. Paths longer than PATH_MAX work. Fails
  /// when it is gone, unreadable, no regular file or another one by now.
  static Result<PhotoFile> open(const std::string& root, const FileEntry& entry,
                                FollowLinks follow_links);

  PhotoFile(PhotoFile&& other) noexcept;
  PhotoFile& operator=(PhotoFile&& other) noexcept;
  ~PhotoFile();

  /// Asks the system to fetch the file, or the first `kMaxAheadBytes` of it,
  /// while this process does other things.
  void read_ahead() const;
  static constexpr std::uint64_t kMaxAheadBytes = std::uint64_t{16} << 20;

  /// Reads the first bytes, as many as fit and as there are.
  Result<std::size_t> read_head(std::span<std::byte> head) const;

  /// Reads the whole file into memory of the entry's size. Fails when the file
  /// changed meanwhile. A sparse file may claim any size: check it before.
  /// Throws Interrupted soon after `stop` became true; it may be null.
  Result<void> read_all(std::span<std::byte> whole,
                        const std::atomic<bool>* stop = nullptr) const;

 private:
  PhotoFile(int descriptor, const FileEntry& entry);
  Result<std::size_t> read_head(std::span<std::byte> head,
                                const std::atomic<bool>* stop) const;

  int descriptor_;
  std::uint64_t size_bytes_;
  std::int64_t mtime_ns_;
};

}  // namespace vam
