// All thumbnails of a page, in parallel.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "analyze/decoder_process.hpp"
#include "analyze/hashing.hpp"
#include "analyze/memory_gate.hpp"
#include "analyze/stopwatch.hpp"
#include "analyze/thumbnail.hpp"
#include "analyze/working.hpp"
#include "vam/analyze.hpp"
#include "vam/scan.hpp"

namespace vam {
namespace {

/// A content without a thumbnail, and the photos that hold it.
struct Task {
  const Picture* picture;
  std::vector<const Photo*> photos;
};

/// By digest, those of which a group holds photos and which can be decoded.
std::vector<Task> tasks_of(const Report& report, const PageFolder& page) {
  std::vector<Task> tasks(report.pictures.size());
  for (const Group& group : report.grouping.groups) {
    for (const GroupMember& member : group.members) {
      const Photo& photo = report.photos[member.photo];
      const Picture& picture = report.pictures[photo.picture];
      if (!picture.look) continue;
      tasks[photo.picture].picture = &picture;
      tasks[photo.picture].photos.push_back(&photo);
    }
  }
  std::erase_if(tasks, [&](const Task& task) {
    return task.photos.empty() || page.has_thumbnail(task.picture->digest);
  });
  return tasks;
}

class ThumbnailRun {
 public:
  ThumbnailRun(const Report& report, PageFolder& page,
               const AnalyzeOptions& options, AnalyzeObserver& observer,
               const std::atomic<bool>* stop)
      : tasks_(tasks_of(report, page)),
        page_(page),
        options_(options),
        observer_(observer),
        stop_(stop),
        file_gate_(options.memory_limit_bytes / 2),
        decode_gate_(options.memory_limit_bytes / 2) {}

  void run() {
    observer_.stage_started(
        {"making thumbnails", "pictures", tasks_.size(), 0, options_.workers});
    StageCost cost;
    {
      const Stopwatch stopwatch(&cost);
      const auto count = static_cast<std::int64_t>(tasks_.size());
#pragma omp parallel num_threads(options_.workers)
      {
        PictureDecoder decoder(options_.decoder_command,
                               options_.file_timeout_seconds, stop_);
#pragma omp for schedule(dynamic)
        for (std::int64_t task = 0; task < count; ++task) {
          if (!must_end()) {
            process(tasks_[static_cast<std::size_t>(task)], decoder);
          }
        }
      }
    }
    observer_.stage_ended();
    if (error_) std::rethrow_exception(error_);
    if (is_stopped()) throw Interrupted();
    observer_.note("made " + std::to_string(made_) + " of " +
                   std::to_string(tasks_.size()) + " missing thumbnails in " +
                   std::to_string(std::lround(cost.seconds * 1000)) + " ms");
  }

 private:
  bool is_stopped() const { return stop_ != nullptr && *stop_; }
  bool must_end() const { return is_stopped() || broken_; }

  /// Runs in a parallel region: lets no exception out.
  void process(const Task& task, PictureDecoder& decoder) noexcept {
    try {
      const auto begin = std::chrono::steady_clock::now();
      try {
        if (make(task, decoder)) ++made_;
      } catch (const std::bad_alloc&) {
        // Then the page shows this one without.
      }
      decoder.trim();
      const std::chrono::duration<double> spent =
          std::chrono::steady_clock::now() - begin;
      const Photo& photo = *task.photos.front();
      observer_.file_done({photo.path, photo.size_bytes, spent.count(), {}});
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      broken_ = true;
    }
  }

  /// From the first photo that still holds the content.
  bool make(const Task& task, PictureDecoder& decoder) {
    for (const Photo* photo : task.photos) {
      const auto entry = find_file(photo->path);
      if (!entry || !check_size(*entry)) continue;
      const auto file = PhotoFile::open("/", *entry, FollowLinks::yes);
      if (!file) continue;
      const MemoryGate::Lease lease(file_gate_, entry->size_bytes);
      const auto bytes = decoder.room_for(entry->size_bytes);
      if (!file->read_all(bytes)) continue;
      Working working(&observer_);
      working.begin();
      if (digest_of(bytes) != task.picture->digest) continue;
      auto jpeg = thumbnail_as_stored(bytes, task.picture->info);
      if (jpeg.empty()) jpeg = decode(bytes.size(), decoder, working);
      if (!jpeg.empty()) page_.add_thumbnail(task.picture->digest, jpeg);
      return !jpeg.empty();
    }
    return false;
  }

  /// A thumbnail of the file that is in the decoder's room; empty if there can
  /// be none.
  std::vector<std::byte> decode(std::uint64_t bytes, PictureDecoder& decoder,
                                Working& working) {
    std::optional<MemoryGate::Lease> decode_lease;
    DecodeLimits limits = options_.limits;
    limits.reserve = [&](std::uint64_t needed) {
      working.end();
      decode_lease.emplace(decode_gate_, needed);
      working.begin();
    };
    StepClock unread;
    return decoder.look(bytes, limits, unread, LookFor::thumbnail).thumbnail;
  }

  const std::vector<Task> tasks_;
  PageFolder& page_;
  const AnalyzeOptions& options_;
  AnalyzeObserver& observer_;
  const std::atomic<bool>* const stop_;
  // As while hashing: who waits at the second gate holds a place of the first.
  MemoryGate file_gate_;
  MemoryGate decode_gate_;
  std::atomic<std::uint64_t> made_ = 0;
  std::atomic<bool> broken_ = false;
  std::mutex mutex_;  ///< guards what follows
  std::exception_ptr error_;
};

}  // namespace

void make_thumbnails(const Report& report, PageFolder& page,
                     const AnalyzeOptions& options, AnalyzeObserver& observer,
                     const std::atomic<bool>* stop) {
  ThumbnailRun(report, page, options, observer, stop).run();
}

}  // namespace vam
