#include "analyze/shared_hashing.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "vam/decode.hpp"
#include "vam/fingerprint.hpp"

namespace vam {
namespace {

/// How often to ask whether others have left or lost something.
constexpr std::chrono::milliseconds kPause{200};

using OutcomeKey = std::pair<SourceId, std::string_view>;

OutcomeKey key_of(const QueuedOutcome& outcome) {
  return {outcome.file.source, outcome.file.path};
}

std::vector<FileEntry> entries_of(std::span<const QueuedFile> files) {
  std::vector<FileEntry> entries;
  for (const QueuedFile& file : files) {
    FileEntry entry;
    entry.path = file.path;
    entry.size_bytes = file.size_bytes;
    entry.mtime_ns = file.mtime_ns;
    entry.inode = file.inode;
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// The error of a picture that the catalog does not keep; null: it does.
const Error* passing_error(std::span<const Picture> pictures,
                           const Digest& digest) {
  const auto found =
      std::ranges::lower_bound(pictures, digest, {}, &Picture::digest);
  if (found == pictures.end() || found->digest != digest ||
      is_lasting(found->look)) {
    return nullptr;
  }
  return &found->look.error();
}

std::vector<QueuedOutcome> outcomes_of(const Chunk& chunk,
                                       HashingResult& hashed) {
  std::unordered_set<Digest, DigestHash> decoded;
  for (const Picture& picture : hashed.pictures) decoded.insert(picture.digest);
  std::vector<QueuedOutcome> outcomes;
  for (std::size_t n = 0; n < chunk.files.size(); ++n) {
    FileOutcome& made = hashed.outcomes[n];
    QueuedOutcome outcome{chunk.files[n]};
    outcome.digest = made.digest;
    outcome.skipped = made.skipped;
    if (made.problem) {
      outcome.stage = made.problem->stage;
      outcome.problem = std::move(made.problem->error);
    }
    if (made.digest) {
      outcome.is_decoded = decoded.erase(*made.digest) > 0;
      if (const Error* error = passing_error(hashed.pictures, *made.digest)) {
        outcome.stage = Stage::decode;
        outcome.problem = *error;
      }
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

class TeamMember {
 public:
  TeamMember(WorkQueue& queue, Catalog& catalog, const RootOf& root_of,
             std::span<const Picture> known, const AnalyzeOptions& options,
             AnalyzeObserver& observer, const std::atomic<bool>* stop)
      : queue_(queue),
        catalog_(catalog),
        root_of_(root_of),
        known_(known),
        rotten_(catalog.rotten_files()),
        options_(options),
        observer_(observer),
        stop_(stop),
        decoders_(decoders_for(options, stop)) {}

  HashingResult run() {
    while (true) {
      if (stop_ != nullptr && *stop_) throw Interrupted();
      if (const auto chunk = queue_.take()) {
        work_on(*chunk);
      } else if (queue_.is_done()) {
        return std::move(costs_);
      } else {
        std::this_thread::sleep_for(kPause);
      }
    }
  }

 private:
  void work_on(const Chunk& chunk) {
    const std::vector<FileEntry> entries = entries_of(chunk.files);
    std::vector<FileTask> tasks;
    for (std::size_t n = 0; n < entries.size(); ++n) {
      const QueuedFile& file = chunk.files[n];
      tasks.push_back(
          {&root_of_(file.source), &entries[n], file.source, file.expected});
    }
    ResultCollector learned;
    ChunkResult result;
    bool is_stored = false;
    try {
      HashingResult hashed =
          hash_files(tasks, {known_, rotten_, claimed_}, options_, decoders_,
                     learned, observer_, stop_);
      add_costs(hashed);
      result.outcomes = outcomes_of(chunk, hashed);
      // An error that passes is not stored: no copy may rely on it.
      for (const Picture& picture : hashed.pictures) {
        if (!is_lasting(picture.look)) claimed_.erase(picture.digest);
      }
      result.learned = learned.take();
      result.bytes_read = hashed.bytes_read;
      check_roots(chunk, result);
      is_stored = queue_.complete(chunk, result);
    } catch (...) {
      leave(chunk, learned);
      throw;
    }
    if (is_stored) {
      was_refused_ = false;
      return;
    }
    observer_.note("what was read last is read again, here or elsewhere");
    // What it decoded is not in the catalog: no copy may rely on it; nor on
    // what was there at the beginning, if that does not help.
    claimed_.clear();
    if (std::exchange(was_refused_, true)) known_ = {};
  }

  /// Lets others have the chunk, and keeps what was learned; as far as that
  /// works while something else goes wrong. A lease that runs out would count
  /// as a death, of which a file may not cost many.
  void leave(const Chunk& chunk, ResultCollector& learned) noexcept {
    try {
      catalog_.store(learned.take());
    } catch (const std::exception&) {  // it will be read again
    }
    try {
      queue_.give_back(chunk);
    } catch (const std::exception&) {  // its lease will run out
    }
  }

  /// A folder that went away, as an unmounted disk does, must not cost the job
  /// all files that are left, one chunk after the other.
  void check_roots(const Chunk& chunk, const ChunkResult& result) const {
    for (const QueuedOutcome& outcome : result.outcomes) {
      if (!outcome.problem || outcome.stage != Stage::read) return;
    }
    for (const QueuedFile& file : chunk.files) {
      const std::string& root = root_of_(file.source);
      std::error_code error;
      const std::filesystem::directory_iterator folder(root, error);
      if (!error) continue;
      throw FatalError(root + " cannot be read any more: " + error.message());
    }
  }

  void add_costs(const HashingResult& hashed) {
    for (std::size_t step = 0; step < kHashSteps; ++step) {
      costs_.seconds[step] += hashed.seconds[step];
    }
    costs_.decoder_memory_bytes =
        std::max(costs_.decoder_memory_bytes, hashed.decoder_memory_bytes);
  }

  WorkQueue& queue_;
  Catalog& catalog_;
  const RootOf& root_of_;
  std::span<const Picture> known_;
  const std::vector<FileRecord> rotten_;
  const AnalyzeOptions& options_;
  AnalyzeObserver& observer_;
  const std::atomic<bool>* const stop_;
  ClaimedDigests claimed_;
  bool was_refused_ = false;  ///< the last chunk
  PictureDecoders decoders_;
  HashingResult costs_;
};

}  // namespace

Digest job_key(const AnalyzeOptions& options,
               std::span<const SourceId> sources) {
  std::string text;
  const auto add = [&](const auto& value) {
    text += std::to_string(value) + ' ';
  };
  add(sources.size());
  for (const SourceId source : sources) add(source);
  for (const auto* globs : {&options.scan.include, &options.scan.exclude}) {
    add(globs->size());
    for (const std::string& glob : *globs) {
      add(glob.size());
      text += glob;
    }
  }
  add(options.scan.min_size_bytes);
  add(options.scan.max_size_bytes);
  add(static_cast<int>(options.scan.hidden));
  add(static_cast<int>(options.scan.follow_links));
  add(static_cast<int>(options.scan.one_file_system));
  add(static_cast<int>(options.recompute_hashes));
  add(static_cast<int>(options.verify_digests));
  add(options.limits.max_pixels);
  add(options.file_timeout_seconds);
  return digest_of(std::as_bytes(std::span(text)));
}

HashingResult hash_together(WorkQueue& queue, Catalog& catalog,
                            const RootOf& root_of,
                            std::span<const Picture> known,
                            const AnalyzeOptions& options,
                            AnalyzeObserver& observer,
                            const std::atomic<bool>* stop) {
  return TeamMember(queue, catalog, root_of, known, options, observer, stop)
      .run();
}

JobOutcomes::JobOutcomes(std::vector<QueuedOutcome> outcomes)
    : outcomes_(std::move(outcomes)) {
  std::ranges::sort(outcomes_, {}, key_of);
}

const QueuedOutcome* JobOutcomes::of(SourceId source,
                                     const FileEntry& entry) const {
  const auto found = std::ranges::lower_bound(
      outcomes_, OutcomeKey(source, entry.path), {}, key_of);
  if (found == outcomes_.end() || found->file.source != source) return nullptr;
  const QueuedFile& file = found->file;
  return file.path == entry.path && file.size_bytes == entry.size_bytes &&
                 file.mtime_ns == entry.mtime_ns && file.inode == entry.inode
             ? &*found
             : nullptr;
}

std::vector<Picture> JobOutcomes::undecoded() const {
  std::vector<Picture> pictures;
  for (const QueuedOutcome& outcome : outcomes_) {
    if (!outcome.digest || !outcome.problem) continue;
    pictures.push_back({*outcome.digest, {}, tl::unexpected(*outcome.problem)});
  }
  std::ranges::stable_sort(pictures, {}, &Picture::digest);
  const auto again = std::unique(
      pictures.begin(), pictures.end(),
      [](const Picture& a, const Picture& b) { return a.digest == b.digest; });
  pictures.erase(again, pictures.end());
  return pictures;
}

bool was_out_of_reach(const QueuedOutcome& outcome) {
  return outcome.problem && outcome.stage == Stage::read &&
         (outcome.problem->code == ErrorCode::missing ||
          outcome.problem->code == ErrorCode::unreadable ||
          outcome.problem->code == ErrorCode::changed);
}

FileOutcome outcome_at(const std::string& root, const QueuedOutcome& outcome) {
  FileOutcome made{outcome.digest, {}, outcome.skipped};
  if (!outcome.digest && outcome.problem) {
    made.problem = {absolute_path(root, outcome.file.path),
                    outcome.stage.value_or(Stage::read), *outcome.problem};
  }
  return made;
}

std::string decoder_versions() {
  std::string text = "vam-analyze ";
  text += VAM_VERSION;
  text += ", fingerprint " + std::to_string(kFingerprintMethod);
  text += ", metadata " + std::to_string(kMetadataVersion);
  std::vector<std::string> libraries;
  for (const FormatSupport& format : format_support()) {
    if (!format.is_built || format.library.empty()) continue;
    libraries.push_back(std::string(format.library) + ' ' + format.version);
    if (!format.codecs.empty()) libraries.push_back(format.codecs);
  }
  std::ranges::sort(libraries);
  libraries.erase(std::unique(libraries.begin(), libraries.end()),
                  libraries.end());
  for (const std::string& library : libraries) {
    text += ", " + library;
  }
  return text;
}

}  // namespace vam
