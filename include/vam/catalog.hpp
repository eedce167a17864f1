// Everything known about photos, on disk: survives the run, a crash, a moved
// tree. Batches of plain values go in and out; no SQL leaves the backend.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/photo.hpp"

namespace vam {

using SourceId = std::int64_t;

/// A folder that was scanned. Paths of its files are relative to the root.
struct Source {
  SourceId id = 0;
  std::string root;       ///< absolute, raw bytes; empty: it has none here
  std::string name = {};  ///< of one that has none: see NamedSource
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

/// A file that some process is to read, as it was found.
struct QueuedFile {
  SourceId source = 0;
  std::string path;  ///< relative to the root of its source, raw bytes
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  std::optional<Digest> expected = {};  ///< other bytes are bit rot
};

/// What came of one: a digest, a problem or neither; both if it was read and
/// will be again, for its picture could not be decoded here and now.
struct QueuedOutcome {
  QueuedFile file;
  std::optional<Digest> digest = {};
  /// Whether its content was decoded for it, and not for a copy of it.
  bool is_decoded = false;
  std::optional<Stage> stage = {};  ///< of the problem
  std::optional<Error> problem = {};
  std::optional<NonPicture> skipped = {};  ///< it is no picture
};

/// Some files that one process reads, which has them until it ends or is not
/// heard of for the time of a lease.
struct Chunk {
  std::int64_t id = 0;
  std::int64_t token = 0;  ///< of this lease
  std::vector<QueuedFile> files;
};

/// What came of a chunk.
struct ChunkResult {
  CatalogBatch learned;
  std::vector<QueuedOutcome> outcomes;
  std::uint64_t bytes_read = 0;
};

/// What came of all.
struct JobResult {
  std::vector<QueuedOutcome> outcomes;
  std::uint64_t bytes_read = 0;
};

/// Some units of a search that one process answers, which has them until it
/// ends or is not heard of for the time of a lease.
struct UnitLease {
  struct Unit {
    std::size_t place = 0;  ///< in the list of those that were asked
    std::int64_t id = 0;
  };
  std::int64_t token = 0;   ///< of this lease
  std::vector<Unit> units;  ///< at least one, by place
  std::size_t others = 0;   ///< leases that others have of the same search
};

struct UnitAnswer {
  std::size_t place = 0;  ///< in the list of those that were asked
  std::string answer;
};

/// A search whose units all processes answer, each some of them. A unit is
/// named by the digest of what it asks; what an answer says, the queue does not
/// know. One thread at a time; errors are those of Catalog.
class SearchQueue {
 public:
  virtual ~SearchQueue() = default;

  /// Joins the search of this key that others work at, or else begins one. The
  /// key stands for all that answers depend on.
  virtual void join(const Digest& key) = 0;
  /// What is asked next, in this order. Others may have asked, or answered, any
  /// of it. Returns whether another process has asked since this one did last.
  virtual bool ask(std::span<const Digest> units) = 0;
  /// Of the units before place `end`, the first `most` that have no answer and
  /// that nobody else has, leased to this process from now on; none if there
  /// are none.
  virtual std::optional<UnitLease> take(std::size_t end, std::size_t most) = 0;
  /// Stores the answer of the unit with this number in the lease, and that it
  /// is done, or false: others have it. After the last one, the lease is over;
  /// otherwise it has to be given back.
  virtual bool answer(const UnitLease& lease, std::size_t unit,
                      std::string_view answer) = 0;
  /// Lets others have at once what has no answer.
  virtual void give_back(const UnitLease& lease) = 0;
  /// The answers to those of the units at these places that are done, by place
  /// if the places are in order.
  virtual std::vector<UnitAnswer> answers(
      std::span<const std::size_t> units) = 0;
};

/// Files that all processes read together, each some of them. One thread at a
/// time; errors are those of Catalog.
class WorkQueue {
 public:
  virtual ~WorkQueue() = default;

  /// Joins the job of this key that others work at, or else begins one with the
  /// files that `plan` names, which may be asked in vain: not if nobody shares
  /// the catalog. Processes of one job must decode alike, which `decoders`
  /// stands for: FatalError if that of the others is another one.
  virtual void join(const Digest& key, const std::string& decoders,
                    const std::function<std::vector<QueuedFile>()>& plan) = 0;
  /// Files to read, leased to this process from now on; none if there are none
  /// left, or others have them: see is_done().
  virtual std::optional<Chunk> take() = 0;
  /// Stores what was learned, and that the chunk is done, or false: others have
  /// it, or will, as it relies on pictures that are not stored. After an error,
  /// it may be tried again; the lease stays until it is given back. The files
  /// of the chunk may have been moved into the outcomes.
  virtual bool complete(const Chunk& chunk, ChunkResult result) = 0;
  /// Lets others have it at once, with its files. Who does not do so, and lets
  /// the lease run out, is taken for dead: after two deaths, a file that was
  /// alone is reported as the cause.
  virtual void give_back(const Chunk& chunk) = 0;
  /// Whether all chunks are done.
  virtual bool is_done() = 0;
  /// Of a job that is done; to be asked once. Ends it: who comes later begins a
  /// new one.
  virtual JobResult result() = 0;

  /// What they share next, or instead.
  virtual SearchQueue& search() = 0;
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

  /// Whether other processes may have it open at the same time, too. If not,
  /// nobody else ever takes part in what its queue hands out.
  virtual bool is_shared() const = 0;
  /// How all processes that have this catalog open share their work; a single
  /// one leases all of it to itself.
  virtual WorkQueue& work_queue() = 0;
};

struct CatalogAccess {
  /// Called once, before waiting, if another run holds the catalog.
  std::function<void()> on_wait;
  /// Ends the wait with Interrupted when it becomes true; may be null.
  const std::atomic<bool>* stop = nullptr;
  /// How long to wait; none: until it ends. After that, the catalog is not
  /// opened (FatalError).
  std::optional<std::chrono::seconds> patience = {};
  /// For how long a process on a server's catalog may be silent before others
  /// take over its work.
  std::chrono::seconds lease{60};
};

/// Whether this folder holds a catalog, or what is left of one.
bool is_catalog(const std::filesystem::path& folder);

/// Opens the catalog in this folder, made if missing, for this process alone:
/// a second one waits until the first is done. Other programs may read it.
/// Throws FatalError if the catalog is damaged, foreign, of a newer version or
/// in the middle of a repair that was interrupted; nothing is overwritten.
std::unique_ptr<Catalog> open_catalog(const std::filesystem::path& folder,
                                      const CatalogAccess& access = {});

/// Whether this names a catalog on a server, as a URI does that begins with
/// postgresql:// or postgres://, and not a folder.
bool is_server_catalog(std::string_view address);

/// The address without what may be a password, as messages show it.
std::string shown_address(std::string_view address);

/// What this build reaches servers with, and its version; empty: it does not.
std::string server_library();

/// A source that many machines know by a name, and where it lies here.
struct NamedSource {
  std::string name;  ///< does not begin with a slash
  std::string root;  ///< absolute, canonical
};

/// Opens the catalog in this PostgreSQL database, whose tables are made if they
/// are missing, together with others who have it open. Sources with a name have
/// their root of this machine. Throws FatalError if the server cannot be
/// reached, refuses, has a newer catalog, or if this build cannot do that.
std::unique_ptr<Catalog> open_server_catalog(const std::string& address,
                                             std::vector<NamedSource> names,
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
