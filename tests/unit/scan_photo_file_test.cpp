#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "scan_fixture.hpp"

TEST_CASE("scan: an unreadable file is found and fails to open") {
  if (geteuid() == 0) {
    SUCCEED("nothing is forbidden to root");
    return;
  }
  const TempFolder folder;
  const Forbidden file(folder.write("x.jpg", "x"), 0);
  const auto found = scan_one(folder.path);
  const auto result = read(folder.path, only_file(found));
  CHECK(error_of(result) == ErrorCode::unreadable);
  CHECK(result.error().message == "cannot open: Permission denied");
}

TEST_CASE("scan: reads a photo's bytes, head first or all") {
  const TempFolder folder;
  const std::string content = "0123456789" + std::string(300000, '\0') + "end";
  folder.write("x.jpg", content);
  const auto found = scan_one(folder.path);
  auto file = PhotoFile::open(folder.path, only_file(found), FollowLinks::no);
  REQUIRE(file);
  std::vector<std::byte> head(4);
  CHECK(file->read_head(head) == 4);
  CHECK(head[3] == std::byte{'3'});
  std::vector<std::byte> much(content.size() + 10);
  CHECK(file->read_head(much) == content.size());

  const PhotoFile moved = std::move(*file);
  std::vector<std::byte> buffer(content.size());
  for (int round = 0; round < 2; ++round) {
    REQUIRE(moved.read_all(buffer));
    CHECK(std::string(reinterpret_cast<const char*>(buffer.data()),
                      buffer.size()) == content);
  }
}

namespace {

/// Whether the system has the first page of this file in memory.
bool is_cached(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_NOATIME);
  REQUIRE(file >= 0);
  void* const mapped = mmap(nullptr, 1, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  REQUIRE(mapped != MAP_FAILED);
  unsigned char page = 0;
  CHECK(mincore(mapped, 1, &page) == 0);
  munmap(mapped, 1);
  return (page & 1U) != 0;
}

/// Has the system forget this file, if it can.
void forget(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_NOATIME);
  REQUIRE(file >= 0);
  fsync(file);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  close(file);
}

}  // namespace

TEST_CASE("scan: reads a photo ahead, and leaves its access time alone") {
  const TempFolder folder;
  const auto path = folder.write("x.jpg", std::string(3'000'000, 'x'));
  set_times(path, {1000, 0}, {2000, 0});
  const auto found = scan_one(folder.path);
  const auto file =
      PhotoFile::open(folder.path, only_file(found), FollowLinks::no);
  REQUIRE(file);
  forget(path);
  if (is_cached(path)) {
    SUCCEED("this file system has no disk behind it");
    return;
  }
  file->read_ahead();
  bool cached = false;
  for (int tick = 0; tick < 3000 && !cached; ++tick) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    cached = is_cached(path);
  }
  CHECK(cached);
  CHECK(status_of(path).st_atim.tv_sec == 1000);
}

TEST_CASE("scan: leaves a photo's access time alone") {
  const TempFolder folder;
  const auto path = folder.write("x.jpg", "x");
  set_times(path, {1000, 0}, {2000, 0});
  const auto found = scan_one(folder.path);
  CHECK(read(folder.path, only_file(found)) == "x");
  CHECK(status_of(path).st_atim.tv_sec == 1000);
}

TEST_CASE("scan: closes photos") {
  const TempFolder folder;
  folder.write("x.jpg", "x");
  const auto found = scan_one(folder.path);
  const auto before = open_descriptors();
  {
    auto a = PhotoFile::open(folder.path, only_file(found), FollowLinks::no);
    auto b = PhotoFile::open(folder.path, only_file(found), FollowLinks::no);
    REQUIRE(a);
    REQUIRE(b);
    *a = std::move(*b);
    CHECK(open_descriptors() > before);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("scan: refuses a photo that is not the one that was found") {
  const TempFolder folder;
  const auto path = folder.write("sub/x.jpg", "12345");
  const auto found = scan_one(folder.path);
  const FileEntry& entry = only_file(found);
  const auto refusal = [&] {
    const auto file = PhotoFile::open(folder.path, entry, FollowLinks::no);
    REQUIRE_FALSE(file);
    return file.error().code;
  };
  const auto mtime = status_of(path).st_mtim;

  SECTION("gone") {
    fs::remove(path);
    CHECK(refusal() == ErrorCode::missing);
    fs::remove(folder / "sub");
    folder.write("sub", "a file now");
    CHECK(refusal() == ErrorCode::missing);
  }
  SECTION("of another size") {
    folder.write("sub/x.jpg", "123456");
    set_times(path, mtime, mtime);
    CHECK(refusal() == ErrorCode::changed);
  }
  SECTION("of another time") {
    set_times(path, mtime, {mtime.tv_sec, mtime.tv_nsec ^ 4096});
    CHECK(refusal() == ErrorCode::changed);
  }
  SECTION("another file of the same size and time") {
    folder.write("sub/y.jpg", "54321");
    set_times(folder / "sub/y.jpg", mtime, mtime);
    fs::rename(folder / "sub/y.jpg", path);
    CHECK(refusal() == ErrorCode::changed);
  }
  SECTION("a FIFO now") {
    fs::remove(path);
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    CHECK(refusal() == ErrorCode::changed);
  }
  SECTION("a symbolic link to it now") {
    fs::rename(path, folder / "moved.jpg");
    fs::create_symlink("../moved.jpg", path);
    CHECK(refusal() == ErrorCode::changed);
    CHECK(read(folder.path, entry, FollowLinks::yes) == "12345");
  }
}

TEST_CASE("scan: notices when a photo changes while it is read") {
  const TempFolder folder;
  const auto path = folder.write("x.jpg", "12345");
  const auto found = scan_one(folder.path);
  const auto file =
      PhotoFile::open(folder.path, only_file(found), FollowLinks::no);
  REQUIRE(file);
  const auto mtime = status_of(path).st_mtim;
  SECTION("grows") { fs::resize_file(path, 6); }
  SECTION("shrinks") { fs::resize_file(path, 4); }
  SECTION("is written to") {
    set_times(path, mtime, {mtime.tv_sec + 1, mtime.tv_nsec});
  }
  if (status_of(path).st_size != 5) set_times(path, mtime, mtime);
  std::vector<std::byte> buffer(5);
  const auto result = file->read_all(buffer);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::changed);
}

TEST_CASE("scan: reading a photo can be interrupted") {
  const TempFolder folder;
  folder.write("x.jpg", "x");
  const auto found = scan_one(folder.path);
  auto file = PhotoFile::open(folder.path, only_file(found), FollowLinks::no);
  REQUIRE(file);
  std::vector<std::byte> bytes(1);
  std::atomic<bool> stop = false;
  CHECK(file->read_all(bytes, &stop));
  stop = true;
  CHECK_THROWS_AS(file->read_all(bytes, &stop), Interrupted);
}

TEST_CASE("scan: reads the head of a file larger than memory") {
  const TempFolder folder;
  folder.write("x.jpg", "x");
  std::error_code error;
  fs::resize_file(folder / "x.jpg", std::uintmax_t{1} << 40, error);
  if (error) {
    SUCCEED("the file system has no sparse files of this size");
    return;
  }
  const auto found = scan_one(folder.path);
  CHECK(only_file(found).size_bytes == std::uint64_t{1} << 40);
  auto file = PhotoFile::open(folder.path, only_file(found), FollowLinks::no);
  REQUIRE(file);
  std::vector<std::byte> head(2);
  CHECK(file->read_head(head) == 2);
}

TEST_CASE("scan: finds one file by its path") {
  const TempFolder folder;
  const auto path = folder.write("x.jpg", "four");
  const auto entry = find_file(path);
  REQUIRE(entry);
  CHECK(entry->size_bytes == 4);
  CHECK(absolute_path("/", entry->path) == path);
  CHECK(PhotoFile::open("/", *entry, FollowLinks::no));
  CHECK(find_file(folder.path).error().code == ErrorCode::unreadable);
  CHECK(find_file(path.native() + "x").error().code == ErrorCode::missing);
}
