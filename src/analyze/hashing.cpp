// The worker pool: reads files, decodes what is new, fills the catalog.
//
// Every worker takes one file at a time through read, digest, decode and hash;
// results go to one sink. Files of equal content meet at a set of
// claimed digests, so that each content is decoded once.
#include "analyze/hashing.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <iterator>
#include <mutex>
#include <new>
#include <unordered_set>
#include <utility>

#include "analyze/catalog_writer.hpp"
#include "analyze/memory_gate.hpp"
#include "analyze/working.hpp"

namespace vam {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

/// How far the disk may be ahead of the workers: enough that it never waits for
/// them, little enough that nothing is thrown out before it is read.
constexpr std::size_t kFilesAhead = 16;
constexpr std::uint64_t kBytesAhead = std::uint64_t{64} << 20;

FileEntry entry_of(const QueuedFile& file) {
  FileEntry entry;
  entry.path = file.path;
  entry.size_bytes = file.size_bytes;
  entry.mtime_ns = file.mtime_ns;
  entry.inode = file.inode;
  return entry;
}

class HashingRun {
 public:
  HashingRun(std::span<QueuedOutcome> files, const RootOf& root_of,
             const KnownContents& known, const AnalyzeOptions& options,
             PictureDecoders& decoders, ResultSink& sink,
             AnalyzeObserver& observer, const std::atomic<bool>* stop)
      : files_(files),
        root_of_(root_of),
        known_(known),
        options_(options),
        decoders_(decoders),
        observer_(observer),
        stop_(stop),
        file_gate_(options.memory_limit_bytes / 2),
        decode_gate_(options.memory_limit_bytes / 2),
        sink_(sink) {}

  HashingResult run() {
    const auto count = static_cast<std::int64_t>(files_.size());
#pragma omp parallel num_threads(options_.workers)
    {
      PictureDecoder& decoder = decoders_.of(next_worker_++);
      StepClock clock;
#pragma omp for schedule(dynamic)
      for (std::int64_t file = 0; file < count; ++file) {
        if (!must_end())
          process(static_cast<std::size_t>(file), decoder, clock);
      }
      // All workers have ended here: the wait for the last one was idle.
      clock.enter(HashStep::idle);
      conclude(decoder, clock);
    }
    sink_.finish();
    if (!trouble_.empty()) {
      observer_.warned(
          "some photos were decoded without protection against crashes: no "
          "process for it: " +
          trouble_);
    }
    if (error_) std::rethrow_exception(error_);
    if (is_stopped()) throw Interrupted();
    std::ranges::sort(result_.pictures, {}, &Picture::digest);
    tell_passing_errors();
    return std::move(result_);
  }

 private:
  bool is_stopped() const { return stop_ != nullptr && *stop_; }

  bool must_end() const {
    return is_stopped() || sink_.failed() || broken_.load();
  }

  /// Runs in a parallel region: lets no exception out.
  void conclude(PictureDecoder& decoder, const StepClock& clock) noexcept try {
    const std::uint64_t decoder_memory_bytes = decoder.peak_memory_bytes();
    const std::lock_guard lock(mutex_);
    const StepClock::Seconds seconds = clock.seconds();
    for (std::size_t step = 0; step < kHashSteps; ++step) {
      result_.seconds[step] += seconds[step];
    }
    result_.decoder_memory_bytes += decoder_memory_bytes;
    std::string trouble = decoder.take_trouble();
    if (!trouble.empty()) trouble_ = std::move(trouble);
  } catch (const std::exception&) {  // a measure is missing, no more
  }

  /// Runs in a parallel region: lets no exception out.
  void process(std::size_t number, PictureDecoder& decoder,
               StepClock& clock) noexcept {
    try {
      const auto begin = clock.enter(HashStep::read);
      const StepClock::Seconds before = clock.seconds();
      read_ahead(number);
      QueuedOutcome& outcome = files_[number];
      const std::string& root = root_of_(outcome.file.source);
      try {
        read(outcome, root, decoder, clock);
      } catch (const std::bad_alloc&) {
        outcome.digest.reset();
        outcome.is_decoded = false;
        fail_file(outcome, Stage::read,
                  {ErrorCode::too_large, "not enough memory"});
      }
      decoder.trim();
      const std::chrono::duration<double> spent =
          clock.enter(HashStep::idle) - begin;
      const std::string path = absolute_path(root, outcome.file.path);
      FileDone done{path, outcome.file.size_bytes, spent.count(),
                    clock.seconds()};
      for (std::size_t step = 0; step < kHashSteps; ++step) {
        done.step_seconds[step] -= before[step];
      }
      observer_.file_done(done);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      broken_ = true;
    }
  }

  /// Lets the system fetch the files behind this one.
  void read_ahead(std::size_t number) {
    std::size_t end = number + 1;
    std::uint64_t bytes = 0;
    while (end < files_.size() && end <= number + kFilesAhead) {
      bytes += std::min(files_[end].file.size_bytes, PhotoFile::kMaxAheadBytes);
      if (bytes > kBytesAhead) break;
      ++end;
    }
    std::size_t next = number + 1;
    {
      const std::lock_guard lock(mutex_);
      next = std::max(next, ahead_);
      ahead_ = std::max(ahead_, end);
    }
    for (; next < end; ++next) {
      const QueuedFile& to_come = files_[next].file;
      const auto file =
          PhotoFile::open(root_of_(to_come.source), entry_of(to_come),
                          options_.scan.follow_links);
      if (file) file->read_ahead();
    }
  }

  static void fail_file(QueuedOutcome& outcome, Stage stage, Error error) {
    outcome.stage = stage;
    outcome.problem = std::move(error);
  }

  void read(QueuedOutcome& outcome, const std::string& root,
            PictureDecoder& decoder, StepClock& clock) {
    const FileEntry entry = entry_of(outcome.file);
    const auto file = PhotoFile::open(root, entry, options_.scan.follow_links);
    if (!file) return fail_file(outcome, Stage::read, file.error());

    std::array<std::byte, kHeadBytes> head;
    const auto head_size = file->read_head(head);
    if (!head_size) return fail_file(outcome, Stage::read, head_size.error());
    const Format format = recognise(std::span(head).first(*head_size));
    if (format == Format::unknown && !outcome.file.expected) {
      const NonPicture kind =
          recognise_non_picture(std::span(head).first(*head_size));
      // Named like a picture, it may be a damaged one.
      if (kind != NonPicture::other || extension_of(entry.path).empty()) {
        outcome.skipped = kind;
        return;
      }
    }
    if (const auto fits = check_size(entry); !fits) {
      const bool is_empty = fits.error().code == ErrorCode::not_a_picture;
      return fail_file(outcome, is_empty ? Stage::decode : Stage::read,
                       fits.error());
    }
    clock.enter(HashStep::memory_wait);
    const MemoryGate::Lease lease(file_gate_, entry.size_bytes);
    clock.enter(HashStep::read);
    const std::span<std::byte> bytes = decoder.room_for(entry.size_bytes);
    if (const auto done = file->read_all(bytes, stop_); !done) {
      return fail_file(outcome, Stage::read, done.error());
    }
    learn(outcome, entry, bytes, decoder, clock);
  }

  std::optional<Digest> held_before(const QueuedFile& file,
                                    const FileEntry& entry,
                                    const Digest& digest) const {
    if (!file.expected) return held_before_rot(known_.rotten, entry, digest);
    return digest == *file.expected ? std::nullopt : file.expected;
  }

  /// Digests and, if the content is new, decodes; hands both to the sink.
  void learn(QueuedOutcome& outcome, const FileEntry& entry,
             std::span<const std::byte> bytes, PictureDecoder& decoder,
             StepClock& clock) {
    Working working(&observer_);
    working.begin();
    clock.enter(HashStep::digest);
    const Digest digest = digest_of(bytes);
    CatalogBatch learned;
    const std::optional<Digest> before =
        held_before(outcome.file, entry, digest);
    learned.files.push_back({outcome.file.source,
                             {entry.path, entry.size_bytes, entry.mtime_ns,
                              entry.inode, digest, before}});
    count_bytes(bytes.size());
    const bool is_new = !before && claim(digest);
    if (is_new) {
      std::optional<MemoryGate::Lease> lease;
      DecodeLimits limits = options_.limits;
      limits.reserve = [&](std::uint64_t needed) {
        working.end();
        clock.enter(HashStep::memory_wait);
        lease.emplace(decode_gate_, needed);
        clock.enter(HashStep::decode);
        working.begin();
      };
      Look look = decoder.look(bytes.size(), limits, clock);
      lease.reset();
      if (look.sketch) learned.sketches.push_back({digest, *look.sketch});
      Picture picture{digest, std::move(look.info),
                      std::move(look.fingerprint)};
      if (is_lasting(picture.look)) learned.pictures.push_back(picture);
      const std::lock_guard lock(mutex_);
      result_.pictures.push_back(std::move(picture));
    }
    working.end();
    clock.enter(HashStep::catalog_wait);
    sink_.add(std::move(learned));
    if (before) return fail_file(outcome, Stage::read, bit_rot());
    outcome.digest = digest;
    outcome.is_decoded = is_new;
  }

  /// Of each file whose picture could not be decoded here and now.
  void tell_passing_errors() {
    if (std::ranges::all_of(result_.pictures, is_lasting, &Picture::look)) {
      return;
    }
    for (QueuedOutcome& outcome : files_) {
      if (!outcome.digest) continue;
      const auto picture = std::ranges::lower_bound(
          result_.pictures, *outcome.digest, {}, &Picture::digest);
      if (picture != result_.pictures.end() &&
          picture->digest == *outcome.digest && !is_lasting(picture->look)) {
        fail_file(outcome, Stage::decode, picture->look.error());
      }
    }
  }

  /// Whether nobody has decoded this content, or is about to.
  bool claim(const Digest& digest) {
    const auto known =
        std::ranges::lower_bound(known_.pictures, digest, {}, &Picture::digest);
    const bool is_known =
        known != known_.pictures.end() && known->digest == digest;
    const std::lock_guard lock(mutex_);
    return !is_known && known_.claimed.insert(digest).second;
  }

  void count_bytes(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    result_.bytes_read += bytes;
  }

  const std::span<QueuedOutcome> files_;
  const RootOf& root_of_;
  const KnownContents known_;  ///< `claimed` is guarded by `mutex_`
  const AnalyzeOptions& options_;
  PictureDecoders& decoders_;
  AnalyzeObserver& observer_;
  const std::atomic<bool>* const stop_;
  // Two gates, each of half the memory: whoever waits at the second one holds
  // only a place of the first, so those inside the second can always go on.
  MemoryGate file_gate_;
  MemoryGate decode_gate_;
  ResultSink& sink_;
  std::atomic<int> next_worker_ = 0;

  std::mutex mutex_;  ///< guards what follows; each outcome is one worker's
  std::size_t ahead_ = 0;  ///< behind the last file that was read ahead
  HashingResult result_;
  std::exception_ptr error_;
  std::string trouble_;  ///< of a worker that could not start a decoder
  std::atomic<bool> broken_ = false;
};

}  // namespace

bool is_unchanged(const FileEntry& entry, const FileRecord& record) {
  return entry.size_bytes == record.size_bytes &&
         entry.mtime_ns == record.mtime_ns && entry.inode == record.inode;
}

std::optional<Digest> held_before_rot(std::span<const FileRecord> rotten,
                                      const FileEntry& entry,
                                      const Digest& digest) {
  auto record =
      std::ranges::lower_bound(rotten, digest, {}, &FileRecord::digest);
  for (; record != rotten.end() && record->digest == digest; ++record) {
    if (entry.size_bytes == record->size_bytes &&
        entry.mtime_ns == record->mtime_ns) {
      return record->held_before;
    }
  }
  return std::nullopt;
}

bool is_lasting(const Result<Fingerprint>& look) {
  return look.has_value() || (look.error().code != ErrorCode::too_large &&
                              look.error().code != ErrorCode::timeout);
}

Error bit_rot() {
  return {ErrorCode::bit_rot,
          "its bytes changed, though size and time did not: restore it from a "
          "backup, or touch it to take it as it is"};
}

Result<void> check_size(const FileEntry& entry) {
  if (entry.size_bytes == 0) {
    return fail(ErrorCode::not_a_picture, "the file is empty");
  }
  if (entry.size_bytes > kMaxFileBytes) {
    return fail(ErrorCode::too_large, "the file is larger than " +
                                          std::to_string(kMaxFileBytes >> 20) +
                                          " MiB");
  }
  return {};
}

PictureDecoders decoders_for(const AnalyzeOptions& options,
                             const std::atomic<bool>* stop) {
  return {options.workers, options.decoder_command,
          options.file_timeout_seconds, stop};
}

std::vector<QueuedOutcome> outcomes_of(std::vector<QueuedFile> files) {
  std::vector<QueuedOutcome> outcomes;
  outcomes.reserve(files.size());
  for (QueuedFile& file : files) outcomes.push_back({std::move(file)});
  return outcomes;
}

void add_sorted(std::vector<Picture>& pictures, std::vector<Picture> fresh) {
  if (pictures.empty()) {
    pictures = std::move(fresh);
    return;
  }
  const auto middle = static_cast<std::ptrdiff_t>(pictures.size());
  std::ranges::move(fresh, std::back_inserter(pictures));
  std::ranges::inplace_merge(pictures, pictures.begin() + middle, {},
                             &Picture::digest);
}

HashingResult hash_files(std::span<QueuedOutcome> files, const RootOf& root_of,
                         const KnownContents& known,
                         const AnalyzeOptions& options,
                         PictureDecoders& decoders, ResultSink& sink,
                         AnalyzeObserver& observer,
                         const std::atomic<bool>* stop) {
  return HashingRun(files, root_of, known, options, decoders, sink, observer,
                    stop)
      .run();
}

}  // namespace vam
