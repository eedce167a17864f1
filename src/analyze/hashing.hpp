// The worker pool: reads files, decodes what is new, fills the catalog.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "analyze/catalog_writer.hpp"
#include "analyze/decoder_process.hpp"
#include "analyze/stopwatch.hpp"
#include "vam/analyze.hpp"
#include "vam/catalog.hpp"
#include "vam/scan.hpp"

namespace vam {

/// The root of a source on this machine. Called by many threads.
using RootOf = std::function<const std::string&(SourceId)>;

struct HashingResult {
  std::vector<Picture> pictures;  ///< decoded now, sorted by digest
  std::uint64_t bytes_read = 0;
  std::array<double, kHashSteps> seconds{};  ///< by HashStep, of all workers
  /// What the decoder processes had at most, all of them together.
  std::uint64_t decoder_memory_bytes = 0;
};

/// Whether a file is as it was when it was read.
bool is_unchanged(const FileEntry& entry, const FileRecord& record);

/// What a file of this content held before it rotted: it is a rotten one of
/// these (sorted by digest), moved or copied with its time. None if it is not.
std::optional<Digest> held_before_rot(std::span<const FileRecord> rotten,
                                      const FileEntry& entry,
                                      const Digest& digest);

/// Whether what came of decoding is a property of the bytes, which the next run
/// may rely on; limits change with options and machine.
bool is_lasting(const Result<Fingerprint>& look);

/// What to say of a file that does not hold what it should.
Error bit_rot();

/// Whether a file may be read at all: not empty, not too large.
Result<void> check_size(const FileEntry& entry);

using ClaimedDigests = std::unordered_set<Digest, DigestHash>;

/// What need not be decoded, and what is not to be believed.
struct KnownContents {
  std::span<const Picture> pictures;   ///< sorted by digest
  std::span<const FileRecord> rotten;  ///< sorted by digest
  ClaimedDigests& claimed;             ///< decoded meanwhile; added to
};

/// What the workers of hash_files() decode with. Their processes, once started,
/// serve one call after the other. Options and `stop` must outlive it.
PictureDecoders decoders_for(const AnalyzeOptions& options,
                             const std::atomic<bool>* stop);

/// What came of files of which nothing is known yet.
std::vector<QueuedOutcome> outcomes_of(std::vector<QueuedFile> files);

/// Adds pictures to others; both are sorted by digest.
void add_sorted(std::vector<Picture>& pictures, std::vector<Picture> fresh);

/// Reads every file once, with `options.workers` threads, fills in what came of
/// it, and decodes every content that is not among those known once. A file
/// that is one of the rotten ones is so still. What was learned is in the sink
/// when this returns or throws, and the sink finished when it returns. A file
/// that cannot be used is an outcome; only the sink and `stop` (Interrupted)
/// end the run.
HashingResult hash_files(std::span<QueuedOutcome> files, const RootOf& root_of,
                         const KnownContents& known,
                         const AnalyzeOptions& options,
                         PictureDecoders& decoders, ResultSink& sink,
                         AnalyzeObserver& observer,
                         const std::atomic<bool>* stop);

}  // namespace vam
