#include "vam/catalog.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>

#include "catalog/schema.hpp"
#include "catalog_suite.hpp"
#include "temp_folder.hpp"

using namespace vam;
using namespace catalog_suite;
using namespace std::string_literals;
#if __has_include(<catch2/catch_all.hpp>)
using Catch::Matchers::ContainsSubstring;
#else
const auto ContainsSubstring = [](const std::string& text) {
  return Catch::Matchers::Contains(text);
};
#endif
namespace fs = std::filesystem;

namespace {

constexpr int kPageBytes = 4096;

fs::path database_in(const fs::path& folder) {
  return folder / "catalog.sqlite";
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

/// Runs SQL as any other program would, without our checks.
void run_sql(const fs::path& file, const std::string& sql) {
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec(sql);
}

std::string message_of_opening(const fs::path& folder) {
  try {
    open_catalog(folder);
  } catch (const FatalError& error) {
    return error.what();
  }
  return "no error";
}

std::string name_of(int number) {
  return "folder-" + std::to_string(number % 7) + "/photo-" +
         std::to_string(100'000 + number) + ".jpg";
}

CatalogBatch make_batch(SourceId source, int first, int count) {
  CatalogBatch batch;
  for (int i = first; i < first + count; ++i) {
    batch.files.push_back({source, make_file(name_of(i))});
    batch.pictures.push_back(make_picture(name_of(i)));
    batch.sketches.push_back(make_sketch(name_of(i)));
  }
  return batch;
}

/// A catalog with this many files and pictures of one source, closed.
void fill_catalog(const fs::path& folder, int count) {
  const auto catalog = open_catalog(folder);
  catalog->store(make_batch(catalog->add_source("/photos"), 0, count));
}

/// Does the work in a child process that then dies by SIGKILL.
template <class Work>
void run_and_kill(Work&& work) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      work();
      kill(getpid(), SIGKILL);
    } catch (...) {
    }
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

void fill_and_kill(const fs::path& folder, int count) {
  run_and_kill([&] {
    const auto catalog = open_catalog(folder);
    catalog->store(make_batch(catalog->add_source("/photos"), 0, count));
    kill(getpid(), SIGKILL);
  });
}

/// Everything in it is what fill_catalog() stored; returns how many files.
std::size_t check_remains(const fs::path& folder) {
  const auto catalog = open_catalog(folder);
  REQUIRE(catalog->sources().size() == 1);
  CHECK(catalog->sources()[0].root == "/photos");
  const auto files = catalog->files(catalog->sources()[0].id);
  for (const FileRecord& file : files) check_same(file, make_file(file.path));
  for (const Picture& picture : catalog->pictures()) {
    REQUIRE(picture.look.has_value());
    CHECK(picture.look->detail == 33);
  }
  return files.size();
}

/// Offsets of the pages that hold rows of tables.
std::vector<std::size_t> row_pages(const std::string& database) {
  std::vector<std::size_t> pages;
  for (std::size_t at = kPageBytes; at < database.size(); at += kPageBytes) {
    if (database[at] == 0x0D) pages.push_back(at);
  }
  return pages;
}

void write_file(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

/// Has the first rows of a table come again at its end.
void lead_in_circles(const fs::path& file, const std::string& table) {
  const int page = SQLite::Database(file.string())
                       .execAndGet(
                           "SELECT rootpage FROM sqlite_master "
                           "WHERE name = '" +
                           table + "'")
                       .getInt();
  std::string bytes = content_of(file);
  const auto at = static_cast<std::size_t>(page - 1) * kPageBytes;
  REQUIRE(bytes.at(at) == 0x05);  // it points to pages of rows
  const auto byte = [&](std::size_t offset) {
    return std::size_t{static_cast<unsigned char>(bytes.at(at + offset))};
  };
  const std::size_t first_cell = at + byte(12) * 256 + byte(13);
  bytes.replace(at + 8, 4, bytes.substr(first_cell, 4));
  write_file(file, bytes);
}

/// The fenced sql blocks of a page.
std::vector<std::string> sql_blocks(const std::string& page) {
  std::vector<std::string> blocks;
  static const std::string kFence = "```sql\n";
  for (std::size_t at = page.find(kFence); at != std::string::npos;
       at = page.find(kFence, at)) {
    at += kFence.size();
    blocks.push_back(page.substr(at, page.find("```", at) - at));
  }
  return blocks;
}

/// A file system without shared memory, for as long as this lives.
class NoSharedMemory {
 public:
  NoSharedMemory() : usual_(sqlite3_vfs_find(nullptr)) {
    REQUIRE(sqlite3_vfs_find("unix-dotfile") != nullptr);
    sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1);
  }
  NoSharedMemory(const NoSharedMemory&) = delete;
  NoSharedMemory& operator=(const NoSharedMemory&) = delete;
  ~NoSharedMemory() { sqlite3_vfs_register(usual_, 1); }

 private:
  sqlite3_vfs* usual_;
};

}  // namespace

TEST_CASE("catalog: SQLite does what every backend does") {
  const TempFolder folder;
  test_backend([&] { return open_catalog(folder / "catalog"); });
}

TEST_CASE("catalog: a folder is a catalog once it was opened as one") {
  const TempFolder folder;
  CHECK_FALSE(is_catalog(folder.path));
  CHECK_FALSE(is_catalog(folder / "missing"));
  open_catalog(folder / "a/b/c/");
  CHECK(is_catalog(folder / "a/b/c"));
  CHECK_FALSE(is_catalog(folder / "a/b"));
  fs::create_directories(folder / "d/catalog.sqlite");
  CHECK_FALSE(is_catalog(folder / "d"));
}

TEST_CASE("catalog: what is left of one is one") {
  const TempFolder folder;
  const auto name = GENERATE("catalog.sqlite-wal", "catalog.sqlite-journal",
                             "catalog.sqlite.repaired");
  folder.write(name, "");
  CHECK_FALSE(is_catalog(folder.path));
  folder.write(name, "left");
  CHECK(is_catalog(folder.path));
}

TEST_CASE("catalog: a FIFO in place of any of its files is one clear line") {
  const TempFolder folder;
  const fs::path catalog = folder / "catalog";
  fill_catalog(catalog, 3);
  const std::string name =
      GENERATE("catalog.sqlite"s, "catalog.sqlite-wal"s, "catalog.sqlite-shm"s,
               "catalog.sqlite-journal"s);
  fs::remove(catalog / name);
  REQUIRE(mkfifo((catalog / name).c_str(), 0600) == 0);
  CHECK_THAT(message_of_opening(catalog),
             ContainsSubstring(name + " is not a regular file"));
  CHECK_THROWS_AS(repair_catalog(catalog), FatalError);
  CHECK(is_catalog(catalog));
}

TEST_CASE("catalog: may be made below a symbolic link") {
  const TempFolder folder;
  fs::create_directory(folder / "big");
  fs::create_directory_symlink("big", folder / "store");
  open_catalog(folder / "store/catalog");
  CHECK(is_catalog(folder / "big/catalog"));
}

TEST_CASE("catalog: only the owner can read it") {
  const TempFolder folder;
  const mode_t usual = umask(0);
  const auto catalog = open_catalog(folder / "parent/catalog");
  catalog->add_source("/photos");
  umask(usual);
  CHECK(mode_of(folder / "parent") == 0700);
  CHECK(mode_of(folder / "parent/catalog") == 0700);
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder / "parent/catalog")) {
    CAPTURE(entry.path());
    CHECK(mode_of(entry.path()) == 0600);
    ++count;
  }
  CHECK(count == 4);  // database, WAL, its index, lock
}

TEST_CASE("catalog: nothing but the database and the lock stays behind") {
  const TempFolder folder;
  fill_catalog(folder.path, 10);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path)) {
    names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"catalog.sqlite", "lock"});
}

TEST_CASE("catalog: what was stored survives kill -9") {
  const TempFolder folder;
  fill_and_kill(folder.path, 500);
  CHECK(check_remains(folder.path) == 500);
  run_and_kill([&] {
    const auto catalog = open_catalog(folder.path);
    catalog->store(make_batch(1, 500, 500));
    kill(getpid(), SIGKILL);
  });
  CHECK(check_remains(folder.path) == 1000);
}

TEST_CASE("catalog: a second run waits for the first") {
  const TempFolder folder;
  auto first = open_catalog(folder.path);
  int waits = 0;
  const auto second = open_catalog(folder.path, {[&] {
                                                   ++waits;
                                                   first.reset();
                                                 },
                                                 nullptr});
  CHECK(waits == 1);
  CHECK(second->sources().empty());
}

TEST_CASE("catalog: waiting ends when the user asks to stop") {
  const TempFolder folder;
  const auto first = open_catalog(folder.path);
  std::atomic<bool> stop = false;
  const CatalogAccess access = {[&] { stop = true; }, &stop};
  CHECK_THROWS_AS(open_catalog(folder.path, access), Interrupted);
  CHECK_THROWS_AS(repair_catalog(folder.path, access), Interrupted);
}

TEST_CASE("catalog: waiting ends when patience does") {
  const TempFolder folder;
  const auto first = open_catalog(folder.path);
  int waits = 0;
  CatalogAccess access = {[&] { ++waits; }, nullptr, std::chrono::seconds(0)};
  CHECK_THROWS_WITH(open_catalog(folder.path, access),
                    ContainsSubstring("another vam-analyze is using " +
                                      folder.path.string()) &&
                        ContainsSubstring("--wait"));
  CHECK_THROWS_AS(repair_catalog(folder.path, access), FatalError);
  CHECK(waits == 0);
  access.patience = std::chrono::seconds(1);
  CHECK_THROWS_AS(open_catalog(folder.path, access), FatalError);
  CHECK(waits == 1);
  const std::atomic<bool> stop = true;
  access.stop = &stop;
  access.patience = std::chrono::seconds(0);
  CHECK_THROWS_AS(open_catalog(folder.path, access), Interrupted);
}

TEST_CASE("catalog: others can read while a run writes") {
  const TempFolder folder;
  const auto catalog = open_catalog(folder.path);
  SQLite::Database reader(database_in(folder.path).string());
  catalog->add_source("/photos");
  CHECK(reader.execAndGet("SELECT count(*) FROM source").getInt() == 1);
  SQLite::Statement query(reader, "SELECT id FROM source");
  REQUIRE(query.executeStep());  // a read under way
  catalog->add_source("/more");
  CHECK(catalog->sources().size() == 2);
}

TEST_CASE("catalog: an empty file or database becomes a catalog") {
  const TempFolder folder;
  SECTION("empty file") { folder.write("catalog.sqlite", ""); }
  SECTION("empty database of ours") {
    run_sql(database_in(folder.path), "PRAGMA application_id = 0x56414D63");
  }
  fill_catalog(folder.path, 3);
  CHECK(check_remains(folder.path) == 3);
  SQLite::Database reader(database_in(folder.path).string());
  CHECK(reader.execAndGet("PRAGMA user_version").getInt() ==
        current_schema_version());
  CHECK(reader.execAndGet("PRAGMA application_id").getInt() == 0x56414D63);
  CHECK(reader.execAndGet("PRAGMA journal_mode").getString() == "wal");
}

TEST_CASE("catalog: a newer schema is refused") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path), "PRAGMA user_version = 99");
  const std::string before = content_of(database_in(folder.path));
  CHECK_THAT(message_of_opening(folder.path),
             ContainsSubstring(
                 "made by a newer vam-analyze (schema 99, this one knows " +
                 std::to_string(current_schema_version()) +
                 "): use the newer program"));
  CHECK_THROWS_AS(repair_catalog(folder.path), FatalError);
  CHECK(content_of(database_in(folder.path)) == before);
  CHECK_FALSE(fs::exists(folder / "catalog.sqlite.damaged-1"));
  CHECK_FALSE(fs::exists(folder / "catalog.sqlite.repair"));
}

TEST_CASE("catalog: the database of another program is left alone") {
  const TempFolder folder;
  run_sql(database_in(folder.path),
          "CREATE TABLE theirs (a); "
          "INSERT INTO theirs VALUES (1)");
  const std::string before = content_of(database_in(folder.path));
  CHECK_THAT(message_of_opening(folder.path),
             ContainsSubstring("another program"));
  CHECK_THROWS_AS(repair_catalog(folder.path), FatalError);
  CHECK(content_of(database_in(folder.path)) == before);
}

TEST_CASE("catalog: a file that is no database is left alone") {
  const TempFolder folder;
  const auto garbage = GENERATE(std::string("garbage"), std::string(9000, 'x'));
  folder.write("catalog.sqlite", garbage);
  CHECK_THAT(
      message_of_opening(folder.path),
      ContainsSubstring("--repair") && ContainsSubstring(folder.path.string()));
  CHECK(content_of(database_in(folder.path)) == garbage);

  const RepairResult result = repair_catalog(folder.path);
  CHECK(result.files_kept == 0);
  CHECK(result.pictures_kept == 0);
  CHECK(result.damaged_copy == folder / "catalog.sqlite.damaged-1");
  CHECK(content_of(result.damaged_copy) == garbage);
  CHECK(open_catalog(folder.path)->sources().empty());
}

TEST_CASE("catalog: symbolic links are not followed") {
  const TempFolder folder;
  const fs::path target = folder.write("target", "");
  fs::create_directory(folder / "catalog");
  const auto name = GENERATE("catalog.sqlite", "lock");
  fs::create_symlink(target, folder / "catalog" / name);
  CHECK_THAT(message_of_opening(folder / "catalog"), ContainsSubstring(name));
  CHECK(content_of(target).empty());
}

TEST_CASE("catalog: symbolic links in place of its other files do no harm") {
  const TempFolder folder;
  const fs::path catalog = folder / "catalog";
  const auto target = folder.write("target", "precious");
  const std::string name =
      GENERATE("catalog.sqlite-wal"s, "catalog.sqlite-shm"s,
               "catalog.sqlite-journal"s, "catalog.sqlite.new"s,
               "catalog.sqlite.repair"s, "catalog.sqlite.repair.new"s,
               "catalog.sqlite.repaired"s, "catalog.sqlite.damaged-1"s);
  CAPTURE(name);
  const bool is_new = GENERATE(true, false);
  if (!is_new) fill_catalog(catalog, 3);
  fs::create_directories(catalog);
  fs::create_symlink(target, catalog / name);
  const auto use = [&] {
    try {
      fill_catalog(catalog, 3);
      repair_catalog(catalog);
    } catch (const FatalError&) {
    }
  };
  use();
  CHECK(content_of(target) == "precious");
  use();
  CHECK(content_of(target) == "precious");
}

TEST_CASE("catalog: the folder itself may be reached by a link") {
  const TempFolder folder;
  fs::create_directory(folder / "real");
  fs::create_symlink(folder / "real", folder / "link");
  fill_catalog(folder / "link", 3);
  CHECK(check_remains(folder / "real") == 3);
}

TEST_CASE("catalog: a folder that cannot be made is one clear line") {
  const TempFolder folder;
  folder.write("file", "");
  CHECK_THAT(message_of_opening(folder / "file"),
             ContainsSubstring("not a folder"));
  CHECK_THAT(message_of_opening(folder / "file/below"),
             ContainsSubstring("cannot make the catalog folder") ||
                 ContainsSubstring("not a folder"));
  CHECK_THAT(
      message_of_opening("/proc/vam-analyze"),
      ContainsSubstring("cannot make the catalog folder /proc/vam-analyze"));
  CHECK_THAT(message_of_opening(folder / std::string(250, 'x') /
                                std::string(250, 'y')),
             ContainsSubstring("too long"));
}

TEST_CASE("catalog: rows that make no sense are ignored") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path), R"(
    PRAGMA ignore_check_constraints = ON;
    INSERT INTO source VALUES (7, 'text'), (8, x'61'), (9, x'2F0061');
    INSERT INTO file SELECT 50, 1, 'text', 1, 1, 1, digest, NULL
      FROM file LIMIT 1;
    INSERT INTO file SELECT 51, 1, x'', 1, 1, 1, digest, NULL
      FROM file LIMIT 1;
    INSERT INTO file SELECT 52, 1, x'6100', 1, 1, 1, digest, NULL
      FROM file LIMIT 1;
    INSERT INTO file SELECT 53, 1, x'61', -1, 1, 1, digest, NULL
      FROM file LIMIT 1;
    INSERT INTO file SELECT 54, 1, x'62', 'x', 1, 1, digest, NULL
      FROM file LIMIT 1;
    INSERT INTO file SELECT 55, 1, x'63', 1, 1.5, 1, digest, NULL
      FROM file LIMIT 1;
    INSERT INTO file SELECT 56, 1, x'64', 1, 1, 1, x'64', NULL;
    INSERT INTO file SELECT 57, 1, x'65', 1, 1, 1, '0123456789abcdef', NULL;
    INSERT INTO file SELECT 58, 1, x'66', 1, 1, 1, digest, x'66'
      FROM file LIMIT 1;
    CREATE TEMP TABLE p AS SELECT * FROM picture LIMIT 1;
    UPDATE p SET id = NULL, digest = randomblob(16);
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = x'00'; INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), orientation = 9;
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), orientation = 1, width = -1;
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), width = 1, detail = 65;
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), detail = 1, ahash = NULL;
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), ahash = 1, error_code = 1;
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), dhash = NULL, error_message = x'61',
      error_code = 99;
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), error_code = 1 << 40;
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), error_code = NULL;
    INSERT INTO picture SELECT * FROM p;
    UPDATE p SET digest = randomblob(16), dhash = 1, taken_at = x'00';
    INSERT INTO picture SELECT * FROM p;
    INSERT INTO sketch (digest, whole) SELECT digest, zeroblob(1152)
      FROM picture WHERE digest NOT IN (SELECT digest FROM sketch);
  )");
  CHECK(check_remains(folder.path) == 3);
  // One of the inserted pictures was only given another digest.
  CHECK(open_catalog(folder.path)->pictures().size() == 4);
  const RepairResult result = repair_catalog(folder.path);
  CHECK(result.files_kept == 3);
  CHECK(result.pictures_kept == 4);
}

TEST_CASE("catalog: where two sources know a file, rot counts") {
  // As versions left them that gave each source a record of its own.
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path), R"(
    INSERT INTO source VALUES (7, CAST('/photos/folder-1' AS BLOB));
    INSERT INTO file SELECT 50, 7, substr(path, 10), size_bytes, mtime_ns,
      inode, zeroblob(16), digest FROM file
      WHERE substr(path, 1, 8) = CAST('folder-1' AS BLOB);
    INSERT INTO source VALUES (8, CAST('/photos/folder-2' AS BLOB));
    INSERT INTO file SELECT 51, 8, substr(path, 10), size_bytes, mtime_ns + 1,
      inode, zeroblob(16), digest FROM file
      WHERE substr(path, 1, 8) = CAST('folder-2' AS BLOB);
  )");
  const auto catalog = open_catalog(folder.path);
  const auto files = catalog->files(1);
  REQUIRE(files.size() == 3);
  CHECK_FALSE(files[0].held_before);
  CHECK(files[1].held_before == make_file(files[1].path).digest);
  CHECK_FALSE(files[2].held_before);  // at another time
  CHECK(catalog->files(7).at(0).held_before);
  CHECK(catalog->files(8).at(0).held_before);
}

TEST_CASE("catalog: sketches that make no sense are ignored") {
  const TempFolder folder;
  fill_catalog(folder.path, 1);
  const std::string set =
      GENERATE("whole = x'00'", "whole = 'text'", "whole = zeroblob(1153)",
               "content = x''", "content = zeroblob(1151)", "content = 'text'");
  run_sql(database_in(folder.path), "UPDATE sketch SET " + set);
  const std::array digests = {digest_of_text(name_of(0))};
  const auto sketches = open_catalog(folder.path)->sketches(digests);
  REQUIRE(sketches.size() == 1);
  CHECK_FALSE(sketches[0].has_value());
  CHECK(repair_catalog(folder.path).pictures_kept == 0);
}

TEST_CASE("catalog: a region that makes no sense is no fingerprint") {
  const TempFolder folder;
  fill_catalog(folder.path, 1);
  const std::string set =
      GENERATE("content_left = 65535", "content_bottom = 0",
               "content_right = 65536", "content_top = NULL");
  run_sql(database_in(folder.path), "UPDATE picture SET " + set);
  CHECK(open_catalog(folder.path)->pictures().empty());
}

TEST_CASE("catalog: pictures of another method are not given out") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path),
          "UPDATE picture SET method = method + 1 WHERE id = 1; "
          "UPDATE picture SET method = method - 1 WHERE id = 2");
  const auto catalog = open_catalog(folder.path);
  CHECK(catalog->pictures().size() == 1);
  CHECK(catalog->files(1).size() == 3);
  catalog->store(make_batch(1, 0, 3));
  CHECK(catalog->pictures().size() == 3);
}

TEST_CASE(
    "catalog: pictures with metadata of another version are not given out") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path),
          "UPDATE picture SET metadata_version = metadata_version - 1 "
          "WHERE id = 1");
  const auto catalog = open_catalog(folder.path);
  CHECK(catalog->pictures().size() == 2);
  catalog->store(make_batch(1, 0, 3));
  CHECK(catalog->pictures().size() == 3);
}

TEST_CASE("catalog: metadata that make no sense count as not said") {
  const TempFolder folder;
  fill_catalog(folder.path, 1);
  const auto* const column = GENERATE(
      "camera_make = x'61'", "camera_model = CAST(zeroblob(129) AS TEXT)",
      "software = x''", "latitude = 1, longitude = NULL",
      "latitude = 90.1, longitude = 1", "latitude = 'x', longitude = 1",
      "latitude = 1, longitude = -180.1", "latitude = 9e999, longitude = 1",
      "rating = 6", "rating = -1", "rating = 1.5", "rating = 'x'");
  run_sql(database_in(folder.path), "UPDATE picture SET "s + column);
  const auto pictures = open_catalog(folder.path)->pictures();
  REQUIRE(pictures.size() == 1);
  CHECK((pictures[0].info.metadata == PhotoMetadata{}));
}

TEST_CASE("catalog: quantiser steps that make no sense count as none") {
  const TempFolder folder;
  fill_catalog(folder.path, 1);
  const auto* const columns =
      GENERATE("dc_step = -1, coarser_dc_steps = 'x'",
               "dc_step = 65536, coarser_dc_steps = 1.5",
               "dc_step = NULL, coarser_dc_steps = NULL");
  run_sql(database_in(folder.path), "UPDATE picture SET "s + columns);
  const auto pictures = open_catalog(folder.path)->pictures();
  REQUIRE(pictures.size() == 1);
  CHECK((pictures[0].info.dc_steps == DcSteps{}));
}

/// A catalog as version 1 of the schema left it, with one picture.
void make_version_1(const fs::path& folder) {
  fs::create_directory(folder);
  SQLite::Database database(database_in(folder).string(),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  migrate(database, 1);
  database.exec(R"(
    CREATE VIEW photo AS SELECT digest AS path FROM file;
    INSERT INTO source VALUES (1, CAST('/photos' AS BLOB));
    INSERT INTO picture VALUES (1, zeroblob(16), 'jpeg', 4, 3, 1, NULL, 1,
      1, 2, 3, 33, NULL, NULL);
    INSERT INTO file VALUES (1, 1, CAST('a.jpg' AS BLOB), 9, 8, 7,
      zeroblob(16));
  )");
}

TEST_CASE("catalog: version 1 gets columns for metadata, yet to be read") {
  const TempFolder folder;
  make_version_1(folder / "catalog");
  auto catalog = open_catalog(folder / "catalog");
  const FileRecord file{"a.jpg", 9, 8, 7, Digest{}};
  check_same(catalog->files(1), {file});
  CHECK(catalog->pictures().empty());  // so the file is read again
  Picture picture = make_picture("a");
  picture.digest = Digest{};
  picture.info.metadata = {"Make", "Model", "Software", GeoPosition{1.25, -2.5},
                           3};
  catalog->store({{}, {picture}, {{picture.digest, make_sketch("a").sketch}}});
  catalog.reset();
  check_same(open_catalog(folder / "catalog")->pictures(), {picture});
  SQLite::Database reader(database_in(folder / "catalog").string());
  CHECK(reader.execAndGet("PRAGMA user_version").getInt() ==
        current_schema_version());
  CHECK(reader
            .execAndGet("SELECT path || camera_make || camera_model || "
                        "software || latitude || longitude || rating "
                        "FROM photo")
            .getString() == "/photos/a.jpgMakeModelSoftware1.25-2.53");
}

TEST_CASE("catalog: of version 6, nothing has been reported") {
  const TempFolder folder;
  fs::create_directory(folder / "catalog");
  {
    SQLite::Database database(database_in(folder / "catalog").string(),
                              SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
    migrate(database, 6);
    database.exec("INSERT INTO source VALUES (1, CAST('/photos' AS BLOB))");
  }
  const Reported reported = {
      {{{"/photos/a", Digest{}}, {"/photos/b", Digest{}}}}, {}};
  CHECK((open_catalog(folder / "catalog")->reported() == Reported{}));
  open_catalog(folder / "catalog")->set_reported(reported);
  CHECK((open_catalog(folder / "catalog")->reported() == reported));
  CHECK(open_catalog(folder / "catalog")->sources().size() == 1);
}

TEST_CASE("catalog: of version 1, repair keeps the files") {
  const TempFolder folder;
  make_version_1(folder / "catalog");
  const RepairResult result = repair_catalog(folder / "catalog");
  CHECK(result.files_kept == 1);
  CHECK(result.pictures_kept == 0);
  CHECK(open_catalog(folder / "catalog")->files(1).size() == 1);
}

TEST_CASE("catalog: repair keeps what was marked as different") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  const std::vector pairs = {
      different_pair(digest_of_text("a"), digest_of_text("b"))};
  open_catalog(folder.path)->mark_different(pairs);
  run_sql(database_in(folder.path), "DROP VIEW photo; DROP TABLE picture");
  repair_catalog(folder.path);
  CHECK((open_catalog(folder.path)->different_pairs() == pairs));
}

TEST_CASE("catalog: repair keeps what was reported") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  const Reported reported = {
      {{{"/photos/a", digest_of_text("a")}, {"/photos/b", digest_of_text("a")}},
       {{"/photos/c", digest_of_text("c")},
        {"/photos/d", digest_of_text("d")}}},
      {{"/photos/e", ErrorCode::corrupt}}};
  open_catalog(folder.path)->set_reported(reported);
  run_sql(database_in(folder.path), "DROP VIEW photo; DROP TABLE picture");
  repair_catalog(folder.path);
  CHECK((open_catalog(folder.path)->reported() == reported));
}

TEST_CASE("catalog: what makes no sense was not reported") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path),
          "PRAGMA ignore_check_constraints = ON;"
          "INSERT INTO reported_file (group_number, path, digest) VALUES "
          "(1, x'2F61', zeroblob(15)), (1, 'text', zeroblob(16)), "
          "(1, x'', zeroblob(16)), ('x', x'2F61', zeroblob(16)), "
          "(1, x'2F6100', zeroblob(16));"
          "INSERT INTO reported_problem (path, code) VALUES "
          "(x'2F61', 99), (x'2F61', 'x'), ('text', 1), (x'', 1)");
  CHECK((open_catalog(folder.path)->reported() == Reported{}));
  repair_catalog(folder.path);
  CHECK((open_catalog(folder.path)->reported() == Reported{}));
}

TEST_CASE("catalog: a table that leads in circles is damage") {
  const TempFolder folder;
  fill_catalog(folder.path, 400);
  const auto file = database_in(folder.path);
  run_sql(file,
          "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1000 UNION "
          "ALL SELECT i + 1 FROM n WHERE i < 1999) SELECT i FROM n;"
          "INSERT INTO source (root) SELECT CAST('/p/' || i AS BLOB) FROM n;"
          "INSERT INTO different (first, second) "
          "SELECT zeroblob(16), CAST('012345678901' || i AS BLOB) FROM n;"
          "INSERT INTO reported_file (group_number, path, digest) "
          "SELECT i / 2, CAST('/p/' || i AS BLOB), zeroblob(16) FROM n;"
          "INSERT INTO reported_problem (path, code) "
          "SELECT CAST('/p/' || i AS BLOB), 1 FROM n");
  const auto read = [&] {
    const auto catalog = open_catalog(folder.path);
    catalog->sources();
    catalog->pictures();
    catalog->different_pairs();
    catalog->reported();
  };
  read();
  lead_in_circles(file, GENERATE("source", "picture", "different",
                                 "reported_file", "reported_problem"));
  CHECK_THROWS_AS(read(), FatalError);
}

TEST_CASE("catalog: marks that make no sense are ignored") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path),
          "PRAGMA ignore_check_constraints = ON;"
          "INSERT INTO different (first, second) VALUES "
          "(zeroblob(16), zeroblob(16)), (zeroblob(15), zeroblob(16)), "
          "(1, 'x')");
  CHECK(open_catalog(folder.path)->different_pairs().empty());
}

TEST_CASE("catalog: triggers in the file are not run") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path),
          "CREATE TRIGGER evil AFTER INSERT ON source "
          "BEGIN DELETE FROM file; END");
  open_catalog(folder.path)->add_source("/more");
  CHECK(open_catalog(folder.path)->files(1).size() == 3);
}

TEST_CASE("catalog: missing tables are damage") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path), "DROP VIEW photo; DROP TABLE picture");
  CHECK_THAT(message_of_opening(folder.path), ContainsSubstring("--repair"));
  const RepairResult result = repair_catalog(folder.path);
  CHECK(result.files_kept == 3);
  CHECK(result.pictures_kept == 0);
  CHECK(check_remains(folder.path) == 3);
}

TEST_CASE("catalog: a damaged schema is told on one line") {
  const TempFolder folder;
  fill_catalog(folder.path, 3);
  run_sql(database_in(folder.path),
          "PRAGMA writable_schema = ON;"
          "UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY', '''PRIMARY') "
          "WHERE name = 'different'");
  const std::string message = message_of_opening(folder.path);
  CHECK_THAT(message, ContainsSubstring("malformed database schema") &&
                          ContainsSubstring("--repair"));
  CHECK(message.find('\n') == message.npos);
}

TEST_CASE("catalog: a truncated database is reported and salvaged") {
  const TempFolder folder;
  fill_catalog(folder.path, 400);
  const auto file = database_in(folder.path);
  const std::string whole = content_of(file);
  const std::string half = whole.substr(0, whole.size() / 2 - 100);
  write_file(file, half);
  CHECK_THAT(message_of_opening(folder.path),
             ContainsSubstring("is damaged") && ContainsSubstring("--repair") &&
                 ContainsSubstring(folder.path.string()));
  CHECK(content_of(file) == half);

  const RepairResult result = repair_catalog(folder.path);
  CHECK(result.files_kept + result.pictures_kept > 100);
  CHECK(content_of(result.damaged_copy) == half);
  CHECK(check_remains(folder.path) == result.files_kept);
  CHECK(open_catalog(folder.path)->pictures().size() == result.pictures_kept);
}

TEST_CASE("catalog: repair keeps all but the damaged pages") {
  const TempFolder folder;
  constexpr int kCount = 3000;
  fill_catalog(folder.path, kCount);
  const auto file = database_in(folder.path);
  std::string bytes = content_of(file);
  const auto pages = row_pages(bytes);
  REQUIRE(pages.size() > 50);
  const char filler = GENERATE('\0', '\xAA');
  // Single pages, two neighbours, and the last rows of the last table.
  const std::vector<std::size_t> lost = {
      pages[pages.size() / 4], pages[pages.size() / 4 + 1],
      pages[pages.size() / 2], pages[pages.size() * 3 / 4], pages.back()};
  for (const std::size_t at : lost) {
    bytes.replace(at, kPageBytes, std::string(kPageBytes, filler));
  }
  write_file(file, bytes);
  CHECK_THROWS_AS(
      [&] {
        const auto catalog = open_catalog(folder.path);
        catalog->files(1);
        catalog->pictures();
      }(),
      FatalError);

  const RepairResult result = repair_catalog(folder.path);
  const std::uint64_t kept = result.files_kept + result.pictures_kept;
  CHECK(kept < 2 * kCount);
  CHECK(kept > 2 * kCount - lost.size() * 100);
  CHECK(check_remains(folder.path) == result.files_kept);
  CHECK(open_catalog(folder.path)->pictures().size() == result.pictures_kept);
  CHECK(mode_of(file) == 0600);
}

TEST_CASE("catalog: repair reads what only the log holds") {
  const TempFolder folder;
  fill_and_kill(folder.path, 500);
  const auto file = database_in(folder.path);
  REQUIRE(fs::exists(folder / "catalog.sqlite-wal"));
  const std::string log = content_of(folder / "catalog.sqlite-wal");
  SECTION("beside a healthy database") {}
  SECTION("beside a database cut short") {
    write_file(file, content_of(file).substr(0, kPageBytes));
  }
  const RepairResult result = repair_catalog(folder.path);
  CHECK(result.files_kept == 500);
  CHECK(result.pictures_kept == 500);
  CHECK(content_of(folder / "catalog.sqlite.damaged-1-wal") == log);
  CHECK_FALSE(fs::exists(folder / "catalog.sqlite-wal"));
  CHECK(check_remains(folder.path) == 500);
}

TEST_CASE("catalog: a repair that was interrupted is finished by the next") {
  const TempFolder folder;
  fs::create_directory(folder / "catalog");
  fill_and_kill(folder / "catalog", 500);
  const fs::path file = database_in(folder / "catalog");
  const fs::path kept = file.string() + ".damaged-1";
  const std::string old = content_of(file);
  const std::string log = content_of(file.string() + "-wal");
  REQUIRE_FALSE(log.empty());
  // What the repair has made, before it takes its place.
  fs::copy(folder / "catalog", folder / "copy");
  repair_catalog(folder / "copy");
  fs::copy_file(database_in(folder / "copy"), file.string() + ".repaired");
  SECTION("before the old database was given a name") {}
  SECTION("after that") { fs::create_hard_link(file, kept); }
  SECTION("after its log was, too") {
    fs::create_hard_link(file, kept);
    fs::rename(file.string() + "-wal", kept.string() + "-wal");
  }
  CHECK_THAT(message_of_opening(folder / "catalog"),
             ContainsSubstring("a repair of the catalog in ") &&
                 ContainsSubstring("was interrupted: run again with --repair"));
  CHECK(content_of(file) == old);

  const RepairResult result = repair_catalog(folder / "catalog");
  CHECK(result.files_kept == 500);
  CHECK(result.pictures_kept == 500);
  CHECK(result.damaged_copy == kept);
  CHECK(check_remains(folder / "catalog") == 500);
  CHECK(content_of(kept) == old);
  CHECK(content_of(kept.string() + "-wal") == log);
  CHECK_FALSE(fs::exists(file.string() + ".repaired"));
  CHECK_FALSE(fs::exists(file.string() + ".damaged-2"));
}

TEST_CASE("catalog: a log without its database is not thrown away") {
  const TempFolder folder;
  fill_and_kill(folder.path, 10);
  const auto file = database_in(folder.path);
  SECTION("emptied") { write_file(file, ""); }
  SECTION("gone") { fs::remove(file); }
  const std::string log = content_of(folder / "catalog.sqlite-wal");
  CHECK_THAT(message_of_opening(folder.path), ContainsSubstring("--repair"));
  CHECK(content_of(folder / "catalog.sqlite-wal") == log);
  const RepairResult result = repair_catalog(folder.path);
  CHECK(result.files_kept == 0);
  CHECK(content_of(folder / "catalog.sqlite.damaged-1-wal") == log);
  CHECK(open_catalog(folder.path)->sources().empty());
}

TEST_CASE("catalog: a healthy catalog is repaired into a copy of itself") {
  const TempFolder folder;
  fill_catalog(folder.path, 20);
  CHECK(repair_catalog(folder.path).files_kept == 20);
  const RepairResult again = repair_catalog(folder.path);
  CHECK(again.pictures_kept == 20);
  CHECK(again.damaged_copy == folder / "catalog.sqlite.damaged-2");
  CHECK(fs::exists(folder / "catalog.sqlite.damaged-1"));
  CHECK(check_remains(folder.path) == 20);
}

TEST_CASE("catalog: there is nothing to repair in other folders") {
  const TempFolder folder;
  CHECK_THROWS_AS(repair_catalog(folder.path), FatalError);
  CHECK_THROWS_AS(repair_catalog(folder / "missing"), FatalError);
  CHECK_FALSE(fs::exists(folder / "missing"));
}

TEST_CASE("catalog: works where the file system has no shared memory") {
  const TempFolder folder;
  SECTION("a new catalog") {
    const NoSharedMemory no_shared_memory;
    fill_catalog(folder.path, 10);
    CHECK(check_remains(folder.path) == 10);
  }
  SECTION("a catalog that comes from a file system that has it") {
    fill_and_kill(folder.path, 10);
    const NoSharedMemory no_shared_memory;
    CHECK(check_remains(folder.path) == 10);
    open_catalog(folder.path)->add_source("/photos");
    CHECK(check_remains(folder.path) == 10);
  }
  CHECK(check_remains(folder.path) == 10);
}

TEST_CASE("catalog: the view names errors as reports do") {
  const TempFolder folder;
  auto catalog = open_catalog(folder.path);
  const SourceId source = catalog->add_source("/photos/");
  Picture picture = make_picture("ok");
  picture.look->hashes = {0, Hash{1} << 63, 0xABC};
  CatalogBatch batch = {{{source, make_file("ok")}}, {picture}};
  int codes = 0;
  for (int code = 1; code <= static_cast<int>(ErrorCode::timeout); ++code) {
    const std::string name(to_string(static_cast<ErrorCode>(code)));
    if (name == "unknown") continue;
    ++codes;
    batch.files.push_back({source, make_file(name)});
    batch.pictures.push_back(
        make_failed_picture(name, {static_cast<ErrorCode>(code), name}));
  }
  catalog->store(batch);
  SQLite::Database reader(database_in(folder.path).string());
  CHECK(reader
            .execAndGet("SELECT count(*) FROM photo WHERE error = "
                        "error_message AND path = '/photos/' || error")
            .getInt() == codes);
  CHECK(reader
            .execAndGet("SELECT dhash || ahash || whash FROM photo "
                        "WHERE path = '/photos/ok' AND error IS NULL")
            .getString() == "000000000000000080000000000000000000000000000abc");
  CHECK(reader
            .execAndGet("SELECT digest || mtime FROM photo "
                        "WHERE path = '/photos/ok'")
            .getString() == to_hex(picture.digest) + "2023-11-14 22:13:20");
}

TEST_CASE("catalog: the queries of the documentation work") {
  const TempFolder folder;
  fill_catalog(folder.path, 20);
  const auto queries = sql_blocks(content_of(VAM_DOCS_DIR "/catalog.md"));
  REQUIRE(queries.size() >= 5);
  SQLite::Database reader(database_in(folder.path).string());
  for (const std::string& query : queries) {
    CAPTURE(query);
    CHECK_NOTHROW(reader.exec(query));
  }
}
