// The catalog as an SQLite database. How its tables look is in schema.cpp and
// docs/catalog.md.
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "catalog/database.hpp"
#include "catalog/folder.hpp"
#include "catalog/local_queue.hpp"
#include "catalog/overlap.hpp"
#include "catalog/rows.hpp"
#include "catalog/sqlite_rows.hpp"

namespace vam {
namespace fs = std::filesystem;
namespace {

/// A damaged tree can lead a scan in circles; rows in order cannot.
[[noreturn]] void throw_out_of_order() {
  throw SQLite::Exception("rows out of order", SQLITE_CORRUPT);
}

class RisingIds {
 public:
  /// The id is in the first column.
  void check(const SQLite::Statement& row) {
    const std::int64_t id = row.getColumn(0).getInt64();
    if (id <= last_) throw_out_of_order();
    last_ = id;
  }

 private:
  std::int64_t last_ = std::numeric_limits<std::int64_t>::min();
};

std::size_t count_of(SQLite::Statement query) {
  query.executeStep();
  return static_cast<std::size_t>(
      std::max<std::int64_t>(0, query.getColumn(0).getInt64()));
}

class FileRemover {
 public:
  explicit FileRemover(SQLite::Database& database)
      : statement_(database,
                   "DELETE FROM file WHERE source_id = ? AND path = ?") {}

  void remove(SourceId source, const std::string& path) {
    statement_.bind(1, source);
    bind_bytes(statement_, 2, path);
    statement_.exec();
    statement_.reset();
  }

 private:
  SQLite::Statement statement_;
};

/// What other sources know of a file that this one leads to as well.
class OtherRecords {
 public:
  OtherRecords(SQLite::Database& database, std::vector<Source> sources)
      : remover_(database), sources_(std::move(sources)) {}

  void remove(SourceId source, const std::string& path) {
    if (source != source_) {
      source_ = source;
      overlaps_ = overlaps_of(source, sources_);
    }
    for (const Overlap& overlap : overlaps_) {
      if (const auto other = path_there(overlap, path)) {
        remover_.remove(overlap.other, *other);
      }
    }
  }

 private:
  FileRemover remover_;
  std::vector<Source> sources_;
  std::optional<SourceId> source_;  ///< that the overlaps are of
  std::vector<Overlap> overlaps_;
};

class SqliteCatalog final : public Catalog {
 public:
  SqliteCatalog(const fs::path& folder, const CatalogAccess& access)
      : folder_(folder, IfMissing::create, access),
        database_(open_database(folder_.database())) {}

  std::vector<Source> sources() override;
  SourceId add_source(const std::string& root) override;
  std::vector<FileRecord> files(SourceId source) override;
  std::vector<FileRecord> rotten_files() override;
  std::vector<Picture> pictures() override;
  std::vector<std::optional<Sketch>> sketches(
      std::span<const Digest> digests) override;
  std::vector<DifferentPair> different_pairs() override;
  Reported reported() override;
  void store(const CatalogBatch& batch) override;
  void mark_different(std::span<const DifferentPair> pairs) override;
  std::uint64_t unmark_different(std::span<const DifferentPair> pairs) override;
  void set_reported(const Reported& reported) override;
  void remove_files(SourceId source,
                    std::span<const std::string> paths) override;
  void remove_source(SourceId source) override;
  std::uint64_t remove_unused_pictures() override;
  void clear() override;
  bool is_shared() const override { return false; }
  WorkQueue& work_queue() override { return queue_; }

 private:
  template <class Work>
  auto or_fail(Work&& work) {
    return or_fatal(folder_.database(), std::forward<Work>(work));
  }

  /// All or nothing, and durable when it returns.
  template <class Work>
  void commit(Work&& work) {
    or_fail([&] {
      SQLite::Transaction transaction(database_,
                                      SQLite::TransactionBehavior::IMMEDIATE);
      work();
      transaction.commit();
    });
  }

  std::vector<Source> read_sources();
  std::vector<FileRecord> read_files(SourceId source,
                                     const std::string& prefix);
  std::vector<Digest> sketched_digests();

  CatalogFolder folder_;  // its lock outlives the connection
  SQLite::Database database_;
  LocalQueue queue_{*this};
};

std::vector<Source> SqliteCatalog::read_sources() {
  std::vector<Source> sources;
  SQLite::Statement query(
      database_, select_rows("source", kSourceColumns) + " ORDER BY id");
  RisingIds ids;
  while (query.executeStep()) {
    ids.check(query);
    if (auto source = read_source(SqliteRow(query))) {
      sources.push_back(std::move(*source));
    }
  }
  return sources;
}

std::vector<Source> SqliteCatalog::sources() {
  return or_fail([&] { return read_sources(); });
}

SourceId SqliteCatalog::add_source(const std::string& root) {
  SourceId id = 0;
  commit([&] {
    SQLite::Statement insert(database_,
                             "INSERT OR IGNORE INTO source (root) VALUES (?)");
    bind_bytes(insert, 1, root);
    insert.exec();
    SQLite::Statement query(database_, "SELECT id FROM source WHERE root = ?");
    bind_bytes(query, 1, root);
    query.executeStep();
    id = query.getColumn(0).getInt64();
  });
  return id;
}

/// Those whose path begins so, sorted by path.
std::vector<FileRecord> SqliteCatalog::read_files(SourceId source,
                                                  const std::string& prefix) {
  const std::string condition =
      std::string(" WHERE source_id = ? AND path >= ?") +
      (prefix.empty() ? "" : " AND path < ?");
  // A prefix ends in '/', and '0' comes next.
  std::string end = prefix;
  if (!end.empty()) ++end.back();
  const auto bind = [&](SQLite::Statement& query) {
    query.bind(1, source);
    bind_bytes(query, 2, prefix);
    if (!end.empty()) bind_bytes(query, 3, end);
  };
  SQLite::Statement count(database_, "SELECT count(*) FROM file" + condition);
  bind(count);
  std::vector<FileRecord> files;
  files.reserve(count_of(std::move(count)));
  // BLOBs are ordered bytewise, and the index on (source_id, path) has them
  // in this order.
  SQLite::Statement query(database_, select_rows("file", kFileColumns) +
                                         condition + " ORDER BY path");
  bind(query);
  while (query.executeStep()) {
    auto file = read_file(SqliteRow(query));
    if (!file) continue;
    if (!files.empty() && files.back().path >= file->record.path) {
      throw_out_of_order();
    }
    files.push_back(std::move(file->record));
  }
  return files;
}

std::vector<FileRecord> SqliteCatalog::files(SourceId source) {
  return or_fail([&] {
    std::vector<FileRecord> of_others;
    for (const Overlap& overlap : overlaps_of(source, read_sources())) {
      for (FileRecord& record :
           read_files(overlap.other, overlap.prefix_there)) {
        auto path = path_here(overlap, record.path);
        if (!path) continue;
        record.path = std::move(*path);
        of_others.push_back(std::move(record));
      }
    }
    return merge_records(read_files(source, {}), std::move(of_others));
  });
}

std::vector<FileRecord> SqliteCatalog::rotten_files() {
  return or_fail([&] {
    std::vector<FileRecord> files;
    SQLite::Statement query(database_,
                            select_rows("file", kFileColumns) +
                                " WHERE held_before IS NOT NULL ORDER BY id");
    RisingIds ids;
    while (query.executeStep()) {
      ids.check(query);
      auto file = read_file(SqliteRow(query));
      if (file) files.push_back(std::move(file->record));
    }
    std::ranges::stable_sort(files, {}, &FileRecord::digest);
    return files;
  });
}

/// Reads nothing but the index on them: the table is large.
std::vector<Digest> SqliteCatalog::sketched_digests() {
  std::vector<Digest> digests;
  SQLite::Statement query(database_,
                          "SELECT digest FROM sketch ORDER BY digest");
  while (query.executeStep()) {
    const auto digest = read_digest(SqliteRow(query), 0);
    if (!digest) continue;
    if (!digests.empty() && digests.back() >= *digest) throw_out_of_order();
    digests.push_back(*digest);
  }
  return digests;
}

std::vector<Picture> SqliteCatalog::pictures() {
  return or_fail([&] {
    std::vector<Picture> pictures;
    pictures.reserve(
        count_of(SQLite::Statement(database_, "SELECT count(*) FROM picture")));
    const std::vector<Digest> sketched = sketched_digests();
    // By id, which reads the table from one end to the other: 0.5 s for a
    // million, against 3 s in the order of the index on the digest.
    SQLite::Statement query(
        database_, select_rows("picture", kPictureColumns) + " ORDER BY id");
    RisingIds ids;
    while (query.executeStep()) {
      ids.check(query);
      auto picture = read_picture(SqliteRow(query));
      if (!picture) continue;
      if (!picture->look ||
          std::ranges::binary_search(sketched, picture->digest)) {
        pictures.push_back(std::move(*picture));
      }
    }
    sort_by_digest(pictures);
    return pictures;
  });
}

std::vector<std::optional<Sketch>> SqliteCatalog::sketches(
    std::span<const Digest> digests) {
  return or_fail([&] {
    std::vector<std::optional<Sketch>> sketches;
    sketches.reserve(digests.size());
    SQLite::Statement query(
        database_, select_rows("sketch", kSketchColumns) + " WHERE digest = ?");
    for (const Digest& digest : digests) {
      query.bindNoCopy(1, digest.bytes.data(),
                       static_cast<int>(digest.bytes.size()));
      auto sketch =
          query.executeStep() ? read_sketch(SqliteRow(query)) : std::nullopt;
      sketches.push_back(sketch ? std::optional(std::move(sketch->sketch))
                                : std::nullopt);
      query.reset();
    }
    return sketches;
  });
}

std::vector<DifferentPair> SqliteCatalog::different_pairs() {
  return or_fail([&] {
    std::vector<DifferentPair> pairs;
    SQLite::Statement query(
        database_,
        select_rows("different", kDifferentColumns) + " ORDER BY id");
    RisingIds ids;
    while (query.executeStep()) {
      ids.check(query);
      if (const auto pair = read_different(SqliteRow(query)))
        pairs.push_back(*pair);
    }
    std::ranges::sort(pairs);
    return pairs;
  });
}

Reported SqliteCatalog::reported() {
  return or_fail([&] {
    std::vector<NumberedFile> numbered;
    SQLite::Statement files(
        database_,
        select_rows("reported_file", kReportedFileColumns) + " ORDER BY id");
    RisingIds file_ids;
    while (files.executeStep()) {
      file_ids.check(files);
      if (auto file = read_reported_file(SqliteRow(files))) {
        numbered.push_back(std::move(*file));
      }
    }
    std::vector<ReportedProblem> told;
    SQLite::Statement problems(
        database_, select_rows("reported_problem", kReportedProblemColumns) +
                       " ORDER BY id");
    RisingIds problem_ids;
    while (problems.executeStep()) {
      problem_ids.check(problems);
      if (auto problem = read_reported_problem(SqliteRow(problems))) {
        told.push_back(std::move(*problem));
      }
    }
    return reported_of(std::move(numbered), std::move(told));
  });
}

void SqliteCatalog::store(const CatalogBatch& batch) {
  if (batch.empty()) return;
  commit([&] {
    RowWriter writer(database_);
    OtherRecords others(database_, read_sources());
    for (const Picture& picture : batch.pictures) writer.write(picture);
    for (const PictureSketch& sketch : batch.sketches) writer.write(sketch);
    for (const CatalogBatch::File& file : batch.files) {
      others.remove(file.source, file.record.path);
      writer.write(file);
    }
  });
}

void SqliteCatalog::mark_different(std::span<const DifferentPair> pairs) {
  if (pairs.empty()) return;
  commit([&] {
    RowWriter writer(database_);
    for (const DifferentPair& pair : pairs) writer.write(pair);
  });
}

std::uint64_t SqliteCatalog::unmark_different(
    std::span<const DifferentPair> pairs) {
  std::uint64_t removed = 0;
  if (pairs.empty()) return removed;
  commit([&] {
    SQLite::Statement remove(
        database_, "DELETE FROM different WHERE first = ? AND second = ?");
    for (const DifferentPair& pair : pairs) {
      int column = 0;
      for (const Digest* digest : {&pair.first, &pair.second}) {
        remove.bindNoCopy(++column, digest->bytes.data(),
                          static_cast<int>(digest->bytes.size()));
      }
      removed += static_cast<std::uint64_t>(remove.exec());
      remove.reset();
    }
  });
  return removed;
}

void SqliteCatalog::set_reported(const Reported& reported) {
  commit([&] {
    database_.exec("DELETE FROM reported_file; DELETE FROM reported_problem");
    RowWriter writer(database_);
    for (const NumberedFile& file : numbered(reported)) writer.write(file);
    for (const ReportedProblem& problem : reported.problems) {
      writer.write(problem);
    }
  });
}

void SqliteCatalog::remove_files(SourceId source,
                                 std::span<const std::string> paths) {
  if (paths.empty()) return;
  commit([&] {
    FileRemover remover(database_);
    OtherRecords others(database_, read_sources());
    for (const std::string& path : paths) {
      others.remove(source, path);
      remover.remove(source, path);
    }
  });
}

void SqliteCatalog::remove_source(SourceId source) {
  commit([&] {
    for (const char* sql : {"DELETE FROM file WHERE source_id = ?",
                            "DELETE FROM source WHERE id = ?"}) {
      SQLite::Statement remove(database_, sql);
      remove.bind(1, source);
      remove.exec();
    }
  });
}

std::uint64_t SqliteCatalog::remove_unused_pictures() {
  int removed = 0;
  commit([&] {
    removed = database_.exec(
        "DELETE FROM picture WHERE digest NOT IN (SELECT digest FROM file)");
  });
  return static_cast<std::uint64_t>(removed);
}

void SqliteCatalog::clear() {
  commit([&] {
    database_.exec(
        "DELETE FROM file; DELETE FROM sketch; DELETE FROM picture; "
        "DELETE FROM source");
  });
  // Gives the space back; where that fails, the rows are gone all the same.
  database_.tryExec("VACUUM");
}

}  // namespace

bool is_catalog(const fs::path& folder) {
  const fs::path file = folder / kDatabaseName;
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(file, ignored);
  if (fs::exists(status)) return !fs::is_directory(status);
  // What is left of one can be repaired.
  return std::ranges::any_of(std::array{"-wal", "-journal", kRepairedSuffix},
                             [&](const char* suffix) {
                               return has_content(with_suffix(file, suffix));
                             });
}

std::unique_ptr<Catalog> open_catalog(const fs::path& folder,
                                      const CatalogAccess& access) {
  return std::make_unique<SqliteCatalog>(folder, access);
}

}  // namespace vam
