#include "vam/scan.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "scan_fixture.hpp"

namespace {

class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{count, before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &lower) == 0);
  }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

/// Folders inside of each other, too deep for paths and recursion. The last
/// one holds end.jpg, and each one also `side`/x.jpg if that is not empty.
class DeepTree {
 public:
  DeepTree(fs::path base, std::string name, int levels,
           const std::string& side = "")
      : base_(std::move(base)), name_(std::move(name)) {
    fs::create_directories(base_);
    int folder = open(base_.c_str(), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < levels; ++i) {
      if (!side.empty()) {
        mkdirat(folder, side.c_str(), 0700);
        touch(folder, side + "/x.jpg");
      }
      mkdirat(folder, name_.c_str(), 0700);
      const int next = openat(folder, name_.c_str(), O_RDONLY | O_DIRECTORY);
      close(folder);
      folder = next;
    }
    REQUIRE(folder >= 0);
    touch(folder, "end.jpg");
    close(folder);
  }
  DeepTree(const DeepTree&) = delete;
  DeepTree& operator=(const DeepTree&) = delete;
  /// Takes the outermost folder away, again and again.
  ~DeepTree() {
    std::error_code error;
    const fs::path outer = base_ / "outer";
    for (fs::rename(base_ / name_, outer, error); !error;
         fs::rename(base_ / name_, outer, error)) {
      fs::rename(outer / name_, base_ / name_, error);
      fs::remove_all(outer, error);
    }
  }

 private:
  static void touch(int folder, const std::string& name) {
    close(openat(folder, name.c_str(), O_WRONLY | O_CREAT, 0600));
  }

  fs::path base_;
  std::string name_;
};

}  // namespace

TEST_CASE("scan: finds pictures with size, time and inode, in bytewise order") {
  const TempFolder folder;
  folder.write("b/x.jpg", "12345");
  folder.write("b.jpg", "1");
  folder.write("a/z.jpg", "");
  folder.write("B.jpg", "2");
  folder.write("\xFF.jpg", "3");
  const auto result = scan_one(folder.path);
  CHECK(paths_of(result) ==
        Paths{"B.jpg", "a/z.jpg", "b.jpg", "b/x.jpg", "\xFF.jpg"});
  CHECK(result.problems.empty());
  CHECK(result.source_present == std::vector<bool>{true});
  CHECK(result.skipped_count == 0);
  const FileEntry& file = result.files[3];
  const auto status = status_of(folder / "b/x.jpg");
  CHECK(file.source == 0);
  CHECK(file.size_bytes == 5);
  CHECK(file.inode == status.st_ino);
  CHECK(file.mtime_ns ==
        status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec);
  CHECK(file.hard_links.empty());
}

TEST_CASE("scan: no roots and empty folders are fine") {
  CHECK(scan({}, jpeg_options()).files.empty());
  const TempFolder folder;
  const auto result = scan_one(folder.path);
  CHECK(result.files.empty());
  CHECK(result.source_present == std::vector<bool>{true});
}

TEST_CASE("scan: knows extensions in any case and with odd ends") {
  const TempFolder folder;
  for (const char* name : {"UPPER.JPG", "CON.jpg", "a:b.jpg", "dots....jpg",
                           "trailing.jpg.", "trailing space.jpg ",
                           "both.jpg. .", "no-extension", "new\nline.jpg"}) {
    folder.write(name, "x");
  }
  for (const char* name : {"x.txt", "jpg.txt", "x.jpg~", "x.jp g"}) {
    folder.write(name, "x");
  }
  const auto result = scan_one(folder.path);
  CHECK(result.files.size() == 9);
  CHECK(result.skipped_count == 4);

  ScanOptions options = jpeg_options();
  options.extensions = {"jpg"};
  const auto named = scan_one(folder.path, options);
  CHECK(named.files.size() == 8);
  CHECK(named.skipped_count == 5);
}

TEST_CASE("scan: dots in front are no extension") {
  const TempFolder folder;
  for (const char* name : {".jpg", "...jpg", "...", "..a.jpg"}) {
    folder.write(name, "x");
  }
  ScanOptions options;
  options.hidden = HiddenFiles::include;
  options.extensions = {"jpg"};
  CHECK(paths_of(scan_one(folder.path, options)) == Paths{"..a.jpg"});
  options.extensions = {""};
  CHECK(paths_of(scan_one(folder.path, options)) ==
        Paths{"...", "...jpg", ".jpg"});
}

TEST_CASE("scan: skips hidden names, but not a root") {
  const TempFolder folder;
  folder.write(".hidden.jpg", "1");
  folder.write(".cache/x.jpg", "2");
  folder.write(".cache/y.txt", "2");
  folder.write("@eaDir/x.jpg", "3");
  folder.write("plain.jpg", "4");
  const auto result = scan_one(folder.path);
  CHECK(paths_of(result) == Paths{"plain.jpg"});
  CHECK(result.skipped_count == 0);
  CHECK(paths_of(scan_one(folder / ".cache")) == Paths{"x.jpg"});

  ScanOptions all = jpeg_options();
  all.hidden = HiddenFiles::include;
  CHECK(paths_of(scan_one(folder.path, all)) ==
        Paths{".cache/x.jpg", ".hidden.jpg", "@eaDir/x.jpg", "plain.jpg"});
}

TEST_CASE("scan: opens no FIFO, socket or folder that is called a picture") {
  const TempFolder folder;
  REQUIRE(mkfifo((folder / "fifo.jpg").c_str(), 0600) == 0);
  fs::create_directory(folder / "folder.jpg");
  fs::create_symlink("/dev/zero", folder / "zero.jpg");
  fs::create_symlink("fifo.jpg", folder / "link.jpg");
  for (const auto& options : {jpeg_options(), following()}) {
    const auto result = scan_one(folder.path, options);
    CHECK(result.files.empty());
    CHECK(result.problems.empty());
    CHECK(result.skipped_count == 0);
  }
}

TEST_CASE("scan: include, exclude and size choose files") {
  const TempFolder folder;
  folder.write("a/x.jpg", "1");
  folder.write("a/y.jpg", "22");
  folder.write("b/raw/x.jpg", "333");
  folder.write("b/x.txt", "4444");
  const auto found = [&](const ScanOptions& options) {
    return paths_of(scan_one(folder.path, options));
  };
  ScanOptions options = jpeg_options();
  options.exclude = {"raw"};
  CHECK(found(options) == Paths{"a/x.jpg", "a/y.jpg"});
  options.exclude = {"/a/", "raw/"};
  CHECK(found(options).empty());
  options.exclude = {"x.jpg/", "raw/x.jpg"};
  CHECK(found(options).size() == 3);
  options.exclude = {"b/**"};
  options.include = {"x.*"};
  CHECK(found(options) == Paths{"a/x.jpg"});
  options.exclude = {};
  CHECK(found(options) == Paths{"a/x.jpg", "b/raw/x.jpg"});

  ScanOptions sizes = jpeg_options();
  sizes.min_size_bytes = 2;
  sizes.max_size_bytes = 2;
  CHECK(found(sizes) == Paths{"a/y.jpg"});
}

TEST_CASE("scan: counts as skipped only what was not ruled out before") {
  const TempFolder folder;
  folder.write("a.txt", "1");
  folder.write("b.txt", "22");
  folder.write("sub/c.txt", "1");
  ScanOptions options = jpeg_options();
  CHECK(scan_one(folder.path, options).skipped_count == 3);
  options.exclude = {"sub"};
  CHECK(scan_one(folder.path, options).skipped_count == 2);
  options.max_size_bytes = 1;
  CHECK(scan_one(folder.path, options).skipped_count == 1);
  options.include = {"*.jpg"};
  CHECK(scan_one(folder.path, options).skipped_count == 0);
}

TEST_CASE("scan: clamps times that 64 bits of nanoseconds cannot hold") {
  const TempFolder folder;
  const auto file = folder.write("x.jpg", "x");
  set_times(file, {0, 0}, {-2147483648, 5});  // 1901
  CHECK(only_file(scan_one(folder.path)).mtime_ns ==
        -2147483648 * 1'000'000'000 + status_of(file).st_mtim.tv_nsec);
  set_times(file, {0, 0}, {10413792000, 0});  // 2300
  // Some file systems end earlier.
  const std::int64_t seconds = status_of(file).st_mtim.tv_sec;
  CHECK(only_file(scan_one(folder.path)).mtime_ns ==
        (seconds == 10413792000 ? std::numeric_limits<std::int64_t>::max()
                                : seconds * 1'000'000'000));
}

// --- Roots -----------------------------------------------------------------

TEST_CASE("scan: a missing root is a problem and does not hide the others") {
  const TempFolder folder;
  folder.write("here/x.jpg", "x");
  const auto file = folder.write("file.jpg", "x");
  const Paths roots = {folder / "gone", folder / "here", file};
  const auto result = scan(roots, jpeg_options());
  CHECK(result.source_present == std::vector<bool>{false, true, false});
  CHECK(only_file(result).source == 1);
  REQUIRE(result.problems.size() == 2);
  CHECK(result.problems[0].path == roots[2]);
  CHECK(result.problems[0].error.message == "not a folder");
  CHECK(result.problems[1].path == roots[0]);
  CHECK(result.problems[1].stage == Stage::scan);
  CHECK(result.problems[1].error.code == ErrorCode::missing);
  CHECK(result.problems[1].error.message ==
        "cannot open folder: No such file or directory");
}

TEST_CASE("scan: a root that is given twice has its problems once") {
  const TempFolder folder;
  const auto result =
      scan(Paths{folder / "gone", folder / "gone"}, jpeg_options());
  CHECK(result.source_present == std::vector<bool>{false, false});
  CHECK(result.problems.size() == 1);
}

TEST_CASE("scan: roots that overlap find every file once") {
  const TempFolder folder;
  folder.write("x.jpg", "1");
  folder.write("sub/y.jpg", "2");
  folder.write("sub/z.txt", "3");
  folder.write("sub.jpg", "4");
  const std::string outer = folder.path;
  const std::string inner = folder / "sub";

  const auto first = scan(Paths{outer, inner, outer}, jpeg_options());
  CHECK(paths_of(first) == Paths{"sub.jpg", "sub/y.jpg", "x.jpg"});
  CHECK(first.skipped_count == 1);
  CHECK(first.source_present == std::vector<bool>{true, true, true});

  const auto second = scan(Paths{inner, outer}, jpeg_options());
  CHECK(paths_of(second) == Paths{"y.jpg", "sub.jpg", "x.jpg"});
  CHECK(second.files[0].source == 0);
  CHECK(second.files[1].source == 1);
}

TEST_CASE("scan: enters a root that an outer root hides or excludes") {
  const TempFolder folder;
  folder.write(".hidden/x.jpg", "1");
  folder.write("raw/y.jpg", "2");
  ScanOptions options = jpeg_options();
  options.exclude = {"raw"};
  const Paths roots = {folder.path, folder / ".hidden", folder / "raw"};
  CHECK(paths_of(scan(roots, options)) == Paths{"x.jpg", "y.jpg"});
}

TEST_CASE("scan: joins root and path with one slash") {
  CHECK(absolute_path("/a", "b/c") == "/a/b/c");
  CHECK(absolute_path("/", "b") == "/b");
}

// --- Links -----------------------------------------------------------------

TEST_CASE("scan: reports a hard link with the first name") {
  const TempFolder folder;
  const auto file = folder.write("m.jpg", "x");
  fs::create_directory(folder / "z");
  fs::create_hard_link(file, folder / "z/a.jpg");
  fs::create_hard_link(file, folder / "b.jpg");
  fs::create_hard_link(file, folder / "other.txt");
  const auto result = scan_one(folder.path);
  CHECK(only_file(result).path == "b.jpg");
  CHECK(only_file(result).hard_links ==
        Paths{folder / "m.jpg", folder / "z/a.jpg"});
  CHECK(result.skipped_count == 0);
}

TEST_CASE("scan: files with one inode number may be several") {
  const TempFolder folder;
  const auto first = folder.write("a.jpg", "x");
  for (int i = 0; i < 256; ++i) {
    folder.write("b" + std::to_string(i) + ".jpg", "y");
  }
  fs::create_hard_link(first, folder / "z.jpg");
  // Looked at later, it is larger than its other name was.
  bool grown = false;
  const auto result =
      scan(Paths{folder.path}, jpeg_options(), nullptr, [&](std::uint64_t) {
        if (!grown) folder.write("z.jpg", "larger");
        grown = true;
      });
  REQUIRE(result.files.size() == 258);
  CHECK(result.files.front().path == "a.jpg");
  CHECK(result.files.front().size_bytes == 1);
  CHECK(result.files.front().hard_links.empty());
  CHECK(result.files.back().path == "z.jpg");
  CHECK(result.files.back().size_bytes == 6);
}

TEST_CASE("scan: counts skipped files by groups of extensions") {
  const TempFolder folder;
  folder.write("a.MOV", "1");
  folder.write("b.mp4", "2");
  folder.write("c.pdf", "3");
  folder.write("d.c", "4");
  folder.write("e.jpg", "5");
  fs::create_hard_link(folder / "b.mp4", folder / "also-b.pdf");
  ScanOptions options = jpeg_options();
  options.skipped_extensions = {{"mp4", "mov"}, {"pdf"}, {"xmp"}};
  const auto result = scan_one(folder.path, options);
  CHECK(result.skipped_count == 4);
  CHECK(result.skipped_in_group == std::vector<std::uint64_t>{2, 1, 0});
}

TEST_CASE("scan: companions are told by folder and name") {
  const TempFolder folder;
  for (const char* name :
       {"IMG_1.jpg", "img_1.MOV", "IMG_1.jpg.xmp", "IMG_1.pdf", "IMG_E1.AAE",
        "IMG_E1.mov", "IMG_10.mov", "sub/IMG_1.xmp", "b.jpg", ".b.mov",
        "excluded.mov", "excluded.jpg", "c.jpg", "c.x.mov", "IMG_OX.aae"}) {
    folder.write(name, name);
  }
  ScanOptions options = jpeg_options();
  options.skipped_extensions = {{"mov"}, {"pdf"}, {"xmp", "aae"}};
  options.companion_groups = {0, 2};
  options.exclude = {"*.mov"};
  options.max_size_bytes = 12;
  const auto companions_in = [&](const ScanResult& result, std::size_t n) {
    return result.companions.at(result.files.at(n).companions);
  };
  const auto place = [&](const char* name) { return (folder / name).string(); };
  const std::vector<Companion> expected = {{place("IMG_1.jpg.xmp"), 2},
                                           {place("IMG_E1.AAE"), 2},
                                           {place("img_1.MOV"), 0}};
  const auto result = scan_one(folder.path, options);
  CHECK(paths_of(result) ==
        Paths{"IMG_1.jpg", "b.jpg", "c.jpg", "excluded.jpg"});
  CHECK((companions_in(result, 0) == expected));
  CHECK(companions_in(result, 1).empty());
  CHECK(companions_in(result, 2).empty());
  CHECK((companions_in(result, 3) ==
         std::vector<Companion>{{place("excluded.mov"), 0}}));

  const Paths photos = {place("c.jpg"), place("IMG_1.jpg"), "/no/such/a.jpg"};
  const auto found = find_companions(photos, options);
  REQUIRE(found.size() == 3);
  CHECK(found[0].empty());
  CHECK((found[1] == expected));
  CHECK(found[2].empty());

  options.hidden = HiddenFiles::include;
  CHECK(companions_in(scan_one(folder.path, options), 1).empty());
  options.companion_groups.clear();
  CHECK(scan_one(folder.path, options).companions.size() == 1);
}

TEST_CASE("scan: a file has the companions of all its names") {
  const TempFolder folder;
  folder.write("a/x.jpg", "1");
  folder.write("a/x.xmp", "2");
  folder.write("b/y.mov", "3");
  fs::create_hard_link(folder / "a/x.jpg", folder / "b/y.jpg");
  fs::create_hard_link(folder / "a/x.jpg", folder / "b/z.jpg");
  ScanOptions options = jpeg_options();
  options.skipped_extensions = {{"mov", "xmp"}};
  options.companion_groups = {0};
  const auto result = scan_one(folder.path, options);
  CHECK((result.companions.at(only_file(result).companions) ==
         std::vector<Companion>{{folder / "a/x.xmp", 0},
                                {folder / "b/y.mov", 0}}));
}

TEST_CASE("scan: a skipped file with two names is counted once") {
  const TempFolder folder;
  fs::create_hard_link(folder.write("a.txt", "x"), folder / "b.txt");
  CHECK(scan_one(folder.path).skipped_count == 1);
}

TEST_CASE("scan: a name is no hard link of itself") {
  const TempFolder folder;
  const auto file = folder.write("sub/b.jpg", "x");
  fs::create_hard_link(file, folder / "sub/c.jpg");
  fs::create_directory_symlink("sub", folder / "linked");
  fs::create_symlink("sub/b.jpg", folder / "a.jpg");
  const std::string outer = folder.path;
  const std::string inner = folder / "sub";
  for (const auto& options : {jpeg_options(), following()}) {
    const auto result = scan(Paths{outer, inner}, options);
    CHECK(only_file(result).path == "sub/b.jpg");
    CHECK(only_file(result).hard_links == Paths{folder / "sub/c.jpg"});
    const auto reversed = scan(Paths{inner, outer}, options);
    CHECK(only_file(reversed).path == "b.jpg");
    CHECK(only_file(reversed).hard_links == Paths{folder / "sub/c.jpg"});
  }
}

TEST_CASE("scan: hard links are found across roots") {
  const TempFolder folder;
  const auto file = folder.write("b/x.jpg", "x");
  fs::create_directory(folder / "a");
  fs::create_hard_link(file, folder / "a/y.jpg");
  const auto result = scan(Paths{folder / "b", folder / "a"}, jpeg_options());
  CHECK(only_file(result).path == "x.jpg");
  CHECK(only_file(result).hard_links == Paths{folder / "a/y.jpg"});
}

TEST_CASE("scan: ignores symbolic links unless told to follow") {
  const TempFolder folder;
  folder.write("out/x.jpg", "1");
  folder.write("out/sub/y.jpg", "2");
  fs::create_directory(folder / "in");
  fs::create_symlink("../out/x.jpg", folder / "in/x.jpg");
  fs::create_directory_symlink("../out/sub", folder / "in/sub");
  CHECK(scan_one(folder / "in").files.empty());
  CHECK(paths_of(scan_one(folder / "in", following())) ==
        Paths{"sub/y.jpg", "x.jpg"});
}

TEST_CASE("scan: ends on loops and ignores links that lead nowhere") {
  const TempFolder folder;
  folder.write("a/real.jpg", "1");
  fs::create_directory_symlink(".", folder / "a/loop");
  fs::create_directory_symlink("..", folder / "a/parent");
  fs::create_directory_symlink("../a", folder / "a/again");
  fs::create_symlink("gone.jpg", folder / "dangling.jpg");
  fs::create_symlink("self.jpg", folder / "self.jpg");
  fs::create_symlink("a/real.jpg/x", folder / "through_file.jpg");
  const auto result = scan_one(folder.path, following());
  CHECK(paths_of(result) == Paths{"a/real.jpg"});
  CHECK(result.problems.empty());
  CHECK(result.skipped_count == 0);
}

TEST_CASE("scan: prefers a real name to one through a link") {
  const TempFolder folder;
  folder.write("z/real.jpg", "1");
  fs::create_symlink("z/real.jpg", folder / "a.jpg");
  fs::create_directory_symlink("z", folder / "b");
  CHECK(paths_of(scan_one(folder.path, following())) == Paths{"z/real.jpg"});
  // Also if the link is in an earlier source.
  folder.write("first/x.jpg", "2");
  fs::create_directory_symlink("../z", folder / "first/z");
  const auto result = scan(Paths{folder / "first", folder / "z"}, following());
  REQUIRE(paths_of(result) == Paths{"x.jpg", "real.jpg"});
  CHECK(result.files[1].source == 1);
}

TEST_CASE("scan: follows more links in one path than the system does") {
  const TempFolder folder;
  for (int i = 0; i < 50; ++i) {
    const auto hop = folder / ("out/" + std::to_string(i));
    fs::create_directories(hop);
    fs::create_directory_symlink("../" + std::to_string(i + 1), hop / "l");
  }
  folder.write("out/50/x.jpg", "far");
  fs::create_directory(folder / "in");
  fs::create_directory_symlink("../out/0", folder / "in/l");
  const auto result = scan_one(folder / "in", following());
  CHECK(result.problems.empty());
  CHECK(only_file(result).path.size() == 51 * 2 + 5);
  CHECK(read(folder / "in", only_file(result), FollowLinks::yes) == "far");
}

TEST_CASE("scan: stays on one file system") {
  const fs::path elsewhere = "/proc/sys/kernel/random";
  const TempFolder folder;
  if (!fs::exists(elsewhere / "boot_id") ||
      status_of(elsewhere).st_dev == status_of(folder.path).st_dev) {
    SUCCEED("there is no other file system to look at");
    return;
  }
  folder.write("sub/x.jpg", "x");
  fs::create_directory_symlink(elsewhere, folder / "far");
  fs::create_symlink(elsewhere / "boot_id", folder / "far.jpg");
  ScanOptions options = following();
  CHECK(scan_one(folder.path, options).files.size() > 2);
  options.one_file_system = OneFileSystem::yes;
  CHECK(paths_of(scan_one(folder.path, options)) == Paths{"sub/x.jpg"});
}

// --- Permissions -----------------------------------------------------------

TEST_CASE("scan: folders that cannot be read are one problem each") {
  if (geteuid() == 0) {
    SUCCEED("nothing is forbidden to root");
    return;
  }
  const TempFolder folder;
  folder.write("none/x.jpg", "1");
  folder.write("list/x.jpg", "2");
  folder.write("list/y.jpg", "2");
  folder.write("enter/x.jpg", "3");
  folder.write("ok/x.jpg", "4");
  const Forbidden none(folder / "none", 0);
  const Forbidden list(folder / "list", 0400);
  const Forbidden enter(folder / "enter", 0100);
  const auto result = scan_one(folder.path);
  CHECK(paths_of(result) == Paths{"ok/x.jpg"});
  CHECK(result.source_present == std::vector<bool>{true});
  Paths problems;
  for (const FileProblem& problem : result.problems) {
    CHECK(problem.error.code == ErrorCode::unreadable);
    CHECK(problem.error.message.ends_with(": Permission denied"));
    problems.push_back(problem.path);
  }
  CHECK(problems == Paths{folder / "enter", folder / "list", folder / "none"});
  for (const char* root : {"none", "list", "enter"}) {
    CHECK(scan_one(folder / root).source_present == std::vector<bool>{false});
  }
}

TEST_CASE("scan: overlapping roots report a problem once") {
  if (geteuid() == 0) {
    SUCCEED("nothing is forbidden to root");
    return;
  }
  const TempFolder folder;
  folder.write("sub/none/x.jpg", "1");
  const Forbidden none(folder / "sub/none", 0);
  const auto result = scan(Paths{folder.path, folder / "sub"}, jpeg_options());
  CHECK(result.problems.size() == 1);
}

// --- Depth -----------------------------------------------------------------

TEST_CASE("scan: finds and reads files whose path is longer than PATH_MAX") {
  const TempFolder folder;
  const std::string name(200, 'd');
  const DeepTree tree(folder.path, name, 24);
  const auto result = scan_one(folder.path);
  CHECK(result.problems.empty());
  const FileEntry& file = only_file(result);
  CHECK(file.path.size() == 24 * 201 + 7);
  CHECK(read(folder.path, file) == "");

  // A root may be that long, too.
  const std::size_t cut = file.path.rfind('/', file.path.size() - 300);
  const std::string root = absolute_path(folder.path, file.path.substr(0, cut));
  REQUIRE(root.size() > 4096);
  const auto below = scan_one(root);
  CHECK(only_file(below).path == file.path.substr(cut + 1));
  CHECK(read(root, only_file(below)) == "");
}

TEST_CASE("scan: goes thousands of folders deep") {
  const TempFolder folder;
  const DeepTree tree(folder.path, "d", 3000);
  const auto before = open_descriptors();
  CHECK(only_file(scan_one(folder.path)).path.size() == 3000 * 2 + 7);
  CHECK(open_descriptors() == before);
}

TEST_CASE("scan: finds its way back up with few descriptors") {
  const TempFolder folder;
  const DeepTree tree(folder.path, "d", 60, "z");
  const auto before = open_descriptors();
  CHECK(scan_one(folder.path).files.size() == 61);
  {
    const int next = open("/dev/null", O_RDONLY);  // the lowest that is free
    close(next);
    REQUIRE(next >= 0);
    const DescriptorLimit limit(static_cast<rlim_t>(next) + 6);
    const auto result = scan_one(folder.path);
    CHECK(result.problems.empty());
    CHECK(result.files.size() == 61);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("scan: does not take a replaced folder for the one it left") {
  const TempFolder folder;
  folder.write("d/z/x.jpg", "x");
  const DeepTree tree(folder / "d", "d", 20);
  std::string deepest = "d";
  for (int i = 0; i < 20; ++i) deepest += "/d";
  for (int i = 0; i < 256; ++i) {
    folder.write(deepest + "/" + std::to_string(i) + ".jpg", "x");
  }
  bool moved = false;
  const auto result =
      scan(Paths{folder.path}, jpeg_options(), nullptr, [&](std::uint64_t) {
        if (moved) return;
        moved = true;
        fs::rename(folder / "d", folder / "moved");
        folder.write("d/z/other.jpg", "x");
      });
  fs::remove_all(folder / "d");
  fs::rename(folder / "moved", folder / "d");
  CHECK(result.files.size() == 257);
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].path == folder / "d/z");
  CHECK(result.problems[0].error.code == ErrorCode::changed);
}

// --- Asking and telling ----------------------------------------------------

TEST_CASE("scan: stops when told to") {
  const TempFolder folder;
  for (int i = 0; i < 600; ++i) {
    folder.write(std::to_string(i) + ".jpg", "");
  }
  std::atomic<bool> stop = false;
  std::vector<std::uint64_t> told;
  const auto tell = [&](std::uint64_t seen) { told.push_back(seen); };
  scan(Paths{folder.path}, jpeg_options(), &stop, tell);
  REQUIRE(told.size() >= 2);
  CHECK(std::ranges::is_sorted(told));
  CHECK(told.back() == 600);

  const auto tell_and_stop = [&](std::uint64_t) { stop = true; };
  CHECK_THROWS_AS(
      scan(Paths{folder.path}, jpeg_options(), &stop, tell_and_stop),
      Interrupted);
  CHECK_THROWS_AS(scan(Paths{folder.path}, jpeg_options(), &stop), Interrupted);
}
