#include "analyze/shared_hashing.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
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

class TeamMember {
 public:
  TeamMember(Catalog& catalog, const RootOf& root_of,
             const KnownContents& known, const AnalyzeOptions& options,
             AnalyzeObserver& observer, const std::atomic<bool>* stop)
      : queue_(catalog.work_queue()),
        catalog_(catalog),
        root_of_(root_of),
        known_(known),
        options_(options),
        observer_(observer),
        stop_(stop),
        decoders_(decoders_for(options, stop)) {}

  HashingResult run() {
    while (true) {
      if (stop_ != nullptr && *stop_) throw Interrupted();
      if (auto chunk = queue_.take()) {
        work_on(std::move(*chunk));
      } else if (queue_.is_done()) {
        return std::move(result_);
      } else {
        std::this_thread::sleep_for(kPause);
      }
    }
  }

 private:
  /// A chunk, and what is known of it.
  struct Work {
    Chunk chunk;  ///< its files are with their outcomes
    ChunkResult result;
  };

  void work_on(Chunk chunk) {
    Work work{std::move(chunk), {}};
    work.result.outcomes = outcomes_of(std::exchange(work.chunk.files, {}));
    const bool is_stored =
        catalog_.is_shared() ? share(work) : work_alone(work);
    if (is_stored) {
      was_refused_ = false;
      return;
    }
    observer_.note("what was read last is read again, here or elsewhere");
    // What it decoded is not in the catalog: no copy may rely on it; nor on
    // what was there at the beginning, if that does not help.
    known_.claimed.clear();
    if (std::exchange(was_refused_, true)) known_.pictures = {};
  }

  /// What was learned is stored with the chunk: others may have that by then.
  bool share(Work& work) {
    ResultCollector learned;
    try {
      hash(work.result, learned);
      work.result.learned = learned.take();
      check_roots(work.result);
      return queue_.complete(work.chunk, std::move(work.result));
    } catch (...) {
      store(learned);
      leave(work);
      throw;
    }
  }

  /// What was learned is stored meanwhile: nobody else has the chunk, and a
  /// kill costs no more than the last second.
  bool work_alone(Work& work) {
    try {
      CatalogWriter writer(catalog_);
      add_sorted(result_.pictures, hash(work.result, writer));
    } catch (...) {
      leave(work);
      throw;
    }
    return queue_.complete(work.chunk, std::move(work.result));
  }

  /// Returns what was decoded.
  std::vector<Picture> hash(ChunkResult& result, ResultSink& sink) {
    HashingResult hashed =
        hash_files(result.outcomes, root_of_, known_, options_, decoders_, sink,
                   observer_, stop_);
    for (std::size_t step = 0; step < kHashSteps; ++step) {
      result_.seconds[step] += hashed.seconds[step];
    }
    result_.decoder_memory_bytes =
        std::max(result_.decoder_memory_bytes, hashed.decoder_memory_bytes);
    result.bytes_read = hashed.bytes_read;
    // An error that passes is not stored: no copy may rely on it.
    for (const Picture& picture : hashed.pictures) {
      if (!is_lasting(picture.look)) known_.claimed.erase(picture.digest);
    }
    return std::move(hashed.pictures);
  }

  /// As far as that works while something else goes wrong.
  void store(ResultCollector& learned) noexcept {
    try {
      catalog_.store(learned.take());
    } catch (const std::exception&) {  // it will be read again
    }
  }

  /// Lets others have the chunk, as far as that works while something else goes
  /// wrong. A lease that runs out would count as a death, of which a file may
  /// not cost many.
  void leave(Work& work) noexcept {
    try {
      for (QueuedOutcome& outcome : work.result.outcomes) {
        work.chunk.files.push_back(std::move(outcome.file));
      }
      queue_.give_back(work.chunk);
    } catch (const std::exception&) {  // its lease will run out
    }
  }

  /// A folder that went away, as an unmounted disk does, must not cost the job
  /// all files that are left, one chunk after the other.
  void check_roots(const ChunkResult& result) const {
    for (const QueuedOutcome& outcome : result.outcomes) {
      if (!outcome.problem || outcome.stage != Stage::read) return;
    }
    for (const QueuedOutcome& outcome : result.outcomes) {
      const std::string& root = root_of_(outcome.file.source);
      std::error_code error;
      const std::filesystem::directory_iterator folder(root, error);
      if (!error) continue;
      throw FatalError(root + " cannot be read any more: " + error.message());
    }
  }

  WorkQueue& queue_;
  Catalog& catalog_;
  const RootOf& root_of_;
  KnownContents known_;
  const AnalyzeOptions& options_;
  AnalyzeObserver& observer_;
  const std::atomic<bool>* const stop_;
  bool was_refused_ = false;  ///< the last chunk
  PictureDecoders decoders_;
  HashingResult result_;
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

HashingResult hash_together(Catalog& catalog, const RootOf& root_of,
                            const KnownContents& known,
                            const AnalyzeOptions& options,
                            AnalyzeObserver& observer,
                            const std::atomic<bool>* stop) {
  return TeamMember(catalog, root_of, known, options, observer, stop).run();
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
