// Everything known about photos, on disk: survives the run, a crash, a moved
// tree. Batches of plain values go in and out; no SQL leaves the backend.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vam/photo.hpp"

namespace vam {

using SourceId = std::int64_t;

/// A folder that was scanned. Paths of its files are relative to the root.
struct Source {
  SourceId id = 0;
  std::string root;  ///< absolute, raw bytes
};

/// A file as it was when it was last read.
struct FileRecord {
  std::string path;  ///< relative to the root of its source, raw bytes
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  Digest digest;
  /// What it held when its bytes were found to have changed though size, time
  /// and inode had not (bit rot); none if all is well.
  std::optional<Digest> held_before = {};
};

/// The sketch of the picture with this digest.
struct PictureSketch {
  Digest digest;
  Sketch sketch;
};

/// What one commit adds: files of any sources, and pictures first seen with
/// their sketches.
struct CatalogBatch {
  struct File {
    SourceId source = 0;
    FileRecord record;
  };
  std::vector<File> files;
  std::vector<Picture> pictures;
  /// Of pictures that are known or in this batch.
  std::vector<PictureSketch> sketches = {};

  bool empty() const {
    return files.empty() && pictures.empty() && sketches.empty();
  }
};

/// A file that was reported in a group.
struct ReportedFile {
  std::string path;  ///< absolute, raw bytes
  Digest digest;
  bool operator==(const ReportedFile&) const = default;
};

struct ReportedProblem {
  std::string path;  ///< absolute, raw bytes
  ErrorCode code = ErrorCode::missing;
  bool operator==(const ReportedProblem&) const = default;
};

/// What the user has been told.
struct Reported {
  std::vector<std::vector<ReportedFile>> groups;
  std::vector<ReportedProblem> problems;
  bool operator==(const Reported&) const = default;
};

/// A file has one record, however many sources lead to it because one lies
/// within the other: each gives it out, by its own path, and replaces it.
///
/// Not thread-safe: one thread at a time. All methods throw FatalError when
/// the storage fails (disk full, damaged, locked by a foreign program).
class Catalog {
 public:
  virtual ~Catalog() = default;

  /// All sources, in the order in which they were added.
  virtual std::vector<Source> sources() = 0;
  /// The id of this root, which is added if it is new.
  virtual SourceId add_source(const std::string& root) = 0;
  /// The files of a source, sorted bytewise by path. Those whose digest is not
  /// among pictures() have to be read again.
  virtual std::vector<FileRecord> files(SourceId source) = 0;
  /// The rotten ones of all sources, sorted by digest.
  virtual std::vector<FileRecord> rotten_files() = 0;
  /// All pictures fingerprinted with the current method, and whose metadata
  /// are of the current version, sorted by digest. Those that can be decoded
  /// have a sketch.
  virtual std::vector<Picture> pictures() = 0;
  /// The sketches of these pictures, in this order; none where there is none
  /// that makes sense.
  virtual std::vector<std::optional<Sketch>> sketches(
      std::span<const Digest> digests) = 0;

  /// What was marked as different, sorted.
  virtual std::vector<DifferentPair> different_pairs() = 0;

  /// What was last remembered as such.
  virtual Reported reported() = 0;

  /// Adds or replaces. Durable, all or nothing, when it returns. The sources
  /// must have been added; a batch of some hundred files costs one fsync.
  virtual void store(const CatalogBatch& batch) = 0;

  /// Remembers these, of which the contents need not be known. Durable, all or
  /// nothing, when it returns.
  virtual void mark_different(std::span<const DifferentPair> pairs) = 0;
  /// Forgets these. Durable, all or nothing, when it returns. Returns how many
  /// of them had been marked.
  virtual std::uint64_t unmark_different(
      std::span<const DifferentPair> pairs) = 0;

  /// Remembers this, and forgets what was remembered before. Durable, all or
  /// nothing, when it returns.
  virtual void set_reported(const Reported& reported) = 0;

  virtual void remove_files(SourceId source,
                            std::span<const std::string> paths) = 0;
  virtual void remove_source(SourceId source) = 0;
  /// Forgets pictures that no file holds; returns how many.
  virtual std::uint64_t remove_unused_pictures() = 0;
  /// Forgets all that can be learned from the photos again: not what was marked
  /// as different, and not what was reported.
  virtual void clear() = 0;
};

struct CatalogAccess {
  /// Called once, before waiting, if another run holds the catalog.
  std::function<void()> on_wait;
  /// Ends the wait with Interrupted when it becomes true; may be null.
  const std::atomic<bool>* stop = nullptr;
  /// How long to wait; none: until it ends. After that, the catalog is not
  /// opened (FatalError).
  std::optional<std::chrono::seconds> patience = {};
};

/// Whether this folder holds a catalog.
bool is_catalog(const std::filesystem::path& folder);

/// Opens the catalog in this folder, made if missing, for this process alone:
/// a second one waits until the first is done. Other programs may read it.
/// Throws FatalError if the catalog is damaged, foreign, of a newer version or
/// in the middle of a repair that was interrupted; nothing is overwritten.
std::unique_ptr<Catalog> open_catalog(const std::filesystem::path& folder,
                                      const CatalogAccess& access = {});

struct RepairResult {
  std::uint64_t files_kept = 0;
  std::uint64_t pictures_kept = 0;
  std::filesystem::path damaged_copy;  ///< where the old database lies now
};

/// Copies what is readable of a damaged catalog into a new one, which takes
/// its place; the old database is kept under another name. A healthy catalog
/// becomes a copy of itself. A repair that was interrupted when the new one was
/// complete is finished. Throws FatalError, with nothing changed, if there is
/// no catalog, or one of a newer version or of another program.
RepairResult repair_catalog(const std::filesystem::path& folder,
                            const CatalogAccess& access = {});

}  // namespace vam
