// The catalog as tables of a PostgreSQL server. They are those of SQLite, and
// rows are read and made by the same code.
//
// Batches are copied into temporary tables and merged from there in the order
// of their keys, so that processes that store the same pictures wait for each
// other instead of locking each other out.
#include "catalog/postgres.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "catalog/overlap.hpp"
#include "catalog/postgres_queue.hpp"
#include "catalog/postgres_schema.hpp"
#include "catalog/postgres_session.hpp"
#include "catalog/rows.hpp"
#include "catalog/server.hpp"

namespace vam {
namespace {

using namespace std::string_literals;

constexpr const char* kFileIndex = "source_id, substr(sha256(path), 1, 16)";

/// select_rows() of a table whose rows have no id.
std::string select_keyed_rows(const std::string& table,
                              const std::string& columns) {
  return "SELECT NULL, " + columns + " FROM " + table;
}

/// Moves rows from the temporary table of this name.
std::string merge_rows(const std::string& table, const std::string& columns,
                       const std::string& key) {
  return "INSERT INTO " + table + " (" + columns + ") SELECT " + columns +
         " FROM fresh_" + table + " ORDER BY " + key +
         replace_rows(key, columns);
}

template <class Values>
void copy_rows(PostgresConnection& connection, const std::string& table,
               const std::string& columns, const Values& values) {
  PostgresCopy copy(1 + static_cast<int>(std::ranges::count(columns, ',')));
  for (const auto& value : values) put(copy, value);
  connection.copy(table, columns, std::move(copy));
}

void remove_file(PostgresConnection& connection, SourceId source,
                 const std::string& path) {
  PostgresParameters parameters;
  parameters.integer(source);
  parameters.blob(path);
  connection.run(
      "DELETE FROM file WHERE source_id = $1 AND "
      "substr(sha256(path), 1, 16) = substr(sha256($2), 1, 16)",
      parameters);
}

/// Into the temporary tables. The server waits for what is copied as long as
/// this process lives, even if it is stopped: nothing may be locked before.
void bring(PostgresConnection& connection, const CatalogBatch& batch) {
  if (!batch.pictures.empty()) {
    copy_rows(connection, "fresh_picture", kPictureColumns, batch.pictures);
  }
  if (!batch.sketches.empty()) {
    copy_rows(connection, "fresh_sketch", kSketchColumns, batch.sketches);
  }
  if (!batch.files.empty()) {
    copy_rows(connection, "fresh_file", kFileColumns, batch.files);
  }
}

/// What other sources know of a file that this one leads to as well.
void remove_elsewhere(PostgresConnection& connection,
                      std::span<const Overlap> overlaps,
                      const std::string& path) {
  for (const Overlap& overlap : overlaps) {
    if (const auto other = path_there(overlap, path)) {
      remove_file(connection, overlap.other, *other);
    }
  }
}

class PostgresCatalog final : public Catalog {
 public:
  PostgresCatalog(const std::string& address, std::vector<NamedSource> names,
                  const CatalogAccess& access)
      : address_(address),
        access_(access),
        names_(std::move(names)),
        session_(address, access.stop,
                 [address](PostgresConnection& connection) {
                   migrate(connection, address);
                   prepare(connection);
                 }) {
    session_.repeat([](PostgresConnection&) {});
  }

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
  bool is_shared() const override { return true; }
  WorkQueue& work_queue() override;

 private:
  /// Calls `read` for each row, and appends what it makes of it.
  template <class T>
  std::vector<T> read_all(const std::string& sql,
                          const PostgresParameters& parameters,
                          std::optional<T> (*read)(const Row&)) {
    std::vector<T> values;
    session_.repeat([&](PostgresConnection& connection) {
      values.clear();
      connection.query(sql, parameters, [&](const Row& row) {
        if (auto value = read(row)) values.push_back(std::move(*value));
      });
    });
    return values;
  }

  std::vector<FileRecord> read_files(const std::string& condition,
                                     const PostgresParameters& parameters);
  void merge(PostgresConnection& connection, const CatalogBatch& batch);

  const std::string address_;
  const CatalogAccess access_;
  const std::vector<NamedSource> names_;
  PostgresSession session_;
  std::vector<Source> placed_;          ///< sources with a root here, last seen
  std::optional<PostgresQueue> queue_;  ///< made when it is asked for
};

/// Of a row whose root may be a name.
struct StoredSource {
  SourceId id = 0;
  std::string name;
};

std::optional<StoredSource> read_stored_source(const Row& row) {
  const auto id = row.integer(0);
  const auto name = row.blob(1);
  if (!id || !name || name->empty()) return std::nullopt;
  return StoredSource{*id, std::string(*name)};
}

std::vector<Source> PostgresCatalog::sources() {
  std::vector<Source> sources;
  for (StoredSource& stored : read_all<StoredSource>(
           select_rows("source", kSourceColumns) + " ORDER BY id", {},
           read_stored_source)) {
    const auto named =
        std::ranges::find(names_, stored.name, &NamedSource::name);
    if (named != names_.end()) {
      sources.push_back({stored.id, named->root});
    } else if (stored.name.front() == '/') {
      // Known by its path before it got a name.
      if (std::ranges::count(names_, stored.name, &NamedSource::root) > 0) {
        continue;
      }
      sources.push_back({stored.id, std::move(stored.name)});
    } else {
      sources.push_back({stored.id, "", std::move(stored.name)});
    }
  }
  placed_ = sources;
  std::erase_if(placed_,
                [](const Source& source) { return source.root.empty(); });
  return sources;
}

SourceId PostgresCatalog::add_source(const std::string& root) {
  const auto named = std::ranges::find(names_, root, &NamedSource::root);
  PostgresParameters name;
  name.blob(named == names_.end() ? root : named->name);
  SourceId id = 0;
  session_.commit([&](PostgresConnection& connection) {
    connection.run(
        "INSERT INTO source (root) VALUES ($1) ON CONFLICT DO NOTHING", name);
    connection.query("SELECT id FROM source WHERE root = $1", name,
                     [&](const Row& row) { id = row.integer(0).value_or(0); });
  });
  sources();  // one more may be placed
  return id;
}

/// Sorted by path.
std::vector<FileRecord> PostgresCatalog::read_files(
    const std::string& condition, const PostgresParameters& parameters) {
  std::vector<FileRecord> files;
  for (CatalogBatch::File& file : read_all<CatalogBatch::File>(
           select_keyed_rows("file", kFileColumns) + " WHERE " + condition,
           parameters, read_file)) {
    files.push_back(std::move(file.record));
  }
  std::ranges::sort(files, {}, &FileRecord::path);
  return files;
}

std::vector<FileRecord> PostgresCatalog::files(SourceId source) {
  std::vector<FileRecord> of_others;
  for (const Overlap& overlap : overlaps_of(source, placed_)) {
    PostgresParameters beginning;
    beginning.integer(overlap.other);
    beginning.blob(overlap.prefix_there);
    for (FileRecord& record :
         read_files("source_id = $1 AND substr(path, 1, length($2)) = $2",
                    beginning)) {
      auto path = path_here(overlap, record.path);
      if (!path) continue;
      record.path = std::move(*path);
      of_others.push_back(std::move(record));
    }
  }
  PostgresParameters id;
  id.integer(source);
  return merge_records(read_files("source_id = $1", id), std::move(of_others));
}

std::vector<FileRecord> PostgresCatalog::rotten_files() {
  auto files = read_files("held_before IS NOT NULL", {});
  std::ranges::stable_sort(files, {}, &FileRecord::digest);
  return files;
}

std::vector<Picture> PostgresCatalog::pictures() {
  auto pictures = read_all<Picture>(
      select_keyed_rows("picture", kPictureColumns) +
          " WHERE error_code IS NOT NULL OR EXISTS (SELECT FROM sketch "
          "WHERE sketch.digest = picture.digest)",
      {}, read_picture);
  sort_by_digest(pictures);
  return pictures;
}

std::vector<std::optional<Sketch>> PostgresCatalog::sketches(
    std::span<const Digest> digests) {
  std::vector<std::optional<Sketch>> sketches(digests.size());
  std::unordered_map<Digest, std::size_t, DigestHash> places;
  std::string wanted;
  for (std::size_t n = 0; n < digests.size(); ++n) {
    places.emplace(digests[n], n);
    wanted.append(digests[n].bytes.begin(), digests[n].bytes.end());
  }
  PostgresParameters parameters;
  parameters.blob(wanted);
  parameters.integer(static_cast<std::int64_t>(digests.size()));
  for (PictureSketch& found : read_all<PictureSketch>(
           select_keyed_rows("sketch", kSketchColumns) +
               " JOIN generate_series(0, $2 - 1) AS n "
               "ON digest = substr($1, (n * 16 + 1)::integer, 16)",
           parameters, read_sketch)) {
    const auto place = places.find(found.digest);
    if (place != places.end()) {
      sketches[place->second] = std::move(found.sketch);
    }
  }
  for (std::size_t n = 0; n < digests.size(); ++n) {
    const std::size_t first = places.at(digests[n]);
    if (first != n) sketches[n] = sketches[first];
  }
  return sketches;
}

std::vector<DifferentPair> PostgresCatalog::different_pairs() {
  auto pairs = read_all<DifferentPair>(
      select_rows("different", kDifferentColumns), {}, read_different);
  std::ranges::sort(pairs);
  return pairs;
}

Reported PostgresCatalog::reported() {
  return reported_of(
      read_all<NumberedFile>(
          select_rows("reported_file", kReportedFileColumns) + " ORDER BY id",
          {}, read_reported_file),
      read_all<ReportedProblem>(
          select_rows("reported_problem", kReportedProblemColumns) +
              " ORDER BY id",
          {}, read_reported_problem));
}

void PostgresCatalog::store(const CatalogBatch& batch) {
  if (batch.empty()) return;
  session_.commit([&](PostgresConnection& connection) {
    bring(connection, batch);
    merge(connection, batch);
  });
}

void PostgresCatalog::mark_different(std::span<const DifferentPair> pairs) {
  if (pairs.empty()) return;
  session_.commit([&](PostgresConnection& connection) {
    for (const DifferentPair& pair : pairs) {
      PostgresParameters parameters;
      put(parameters, pair);
      connection.run("INSERT INTO different ("s + kDifferentColumns +
                         ") VALUES ($1, $2) ON CONFLICT DO NOTHING",
                     parameters);
    }
  });
}

std::uint64_t PostgresCatalog::unmark_different(
    std::span<const DifferentPair> pairs) {
  std::uint64_t removed = 0;
  if (pairs.empty()) return removed;
  session_.commit([&](PostgresConnection& connection) {
    removed = 0;
    for (const DifferentPair& pair : pairs) {
      PostgresParameters parameters;
      put(parameters, pair);
      removed += connection.run(
          "DELETE FROM different WHERE first = $1 AND second = $2", parameters);
    }
  });
  return removed;
}

void PostgresCatalog::set_reported(const Reported& reported) {
  session_.commit([&](PostgresConnection& connection) {
    // Another run may say so at the same time: the last word counts.
    connection.run("LOCK TABLE reported_file IN EXCLUSIVE MODE");
    connection.run("DELETE FROM reported_file; DELETE FROM reported_problem");
    copy_rows(connection, "reported_file", kReportedFileColumns,
              numbered(reported));
    copy_rows(connection, "reported_problem", kReportedProblemColumns,
              reported.problems);
  });
}

void PostgresCatalog::remove_files(SourceId source,
                                   std::span<const std::string> paths) {
  if (paths.empty()) return;
  const std::vector<Overlap> overlaps = overlaps_of(source, placed_);
  session_.commit([&](PostgresConnection& connection) {
    for (const std::string& path : paths) {
      remove_elsewhere(connection, overlaps, path);
      remove_file(connection, source, path);
    }
  });
}

void PostgresCatalog::remove_source(SourceId source) {
  PostgresParameters id;
  id.integer(source);
  session_.commit([&](PostgresConnection& connection) {
    for (const char* sql : {"DELETE FROM task WHERE source_id = $1",
                            "DELETE FROM file WHERE source_id = $1",
                            "DELETE FROM source WHERE id = $1"}) {
      connection.run(sql, id);
    }
  });
}

std::uint64_t PostgresCatalog::remove_unused_pictures() {
  std::uint64_t removed = 0;
  session_.commit([&](PostgresConnection& connection) {
    removed = connection.run(
        "DELETE FROM picture WHERE NOT EXISTS "
        "(SELECT FROM file WHERE file.digest = picture.digest)",
        {});
    connection.run(
        "DELETE FROM sketch WHERE NOT EXISTS "
        "(SELECT FROM picture WHERE picture.digest = sketch.digest)");
  });
  return removed;
}

void PostgresCatalog::clear() {
  session_.commit([&](PostgresConnection& connection) {
    connection.run(
        "DELETE FROM job; DELETE FROM outcome; DELETE FROM file; "
        "DELETE FROM sketch; DELETE FROM picture; DELETE FROM source");
  });
}

WorkQueue& PostgresCatalog::work_queue() {
  if (!queue_) {
    queue_.emplace(
        address_, access_, bring,
        [this](PostgresConnection& connection, const CatalogBatch& batch) {
          merge(connection, batch);
        });
  }
  return *queue_;
}

/// Adds or replaces what bring() brought, within the same transaction.
void PostgresCatalog::merge(PostgresConnection& connection,
                            const CatalogBatch& batch) {
  if (!batch.pictures.empty()) {
    connection.run(merge_rows("picture", kPictureColumns, "digest"));
  }
  if (!batch.sketches.empty()) {
    // Not without its picture.
    connection.run(
        "DELETE FROM fresh_sketch WHERE NOT EXISTS "
        "(SELECT FROM picture WHERE digest = fresh_sketch.digest)");
    connection.run(merge_rows("sketch", kSketchColumns, "digest"));
  }
  if (batch.files.empty()) return;
  SourceId source = 0;
  std::vector<Overlap> overlaps;
  for (const CatalogBatch::File& file : batch.files) {
    if (file.source != source) overlaps = overlaps_of(file.source, placed_);
    source = file.source;
    remove_elsewhere(connection, overlaps, file.record.path);
  }
  connection.run(merge_rows("file", kFileColumns, kFileIndex));
}

}  // namespace

std::unique_ptr<Catalog> open_postgres(const std::string& address,
                                       std::vector<NamedSource> names,
                                       const CatalogAccess& access) {
  const PostgresAddress read = read_address(address);
  if (!read.problem.empty()) throw_unreadable(address, read.problem);
  if (read.holds_password) throw_password(address);
  return std::make_unique<PostgresCatalog>(address, std::move(names), access);
}

}  // namespace vam
