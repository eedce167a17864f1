#include "search/join.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

namespace vam {
namespace {

/// Tasks that threads run before they wait for each other, and the pairs held
/// until then, after which no further task is begun.
constexpr std::size_t kTasksPerRound = 4096;
constexpr std::size_t kPairsPerRound = std::size_t{1} << 17U;
/// A block ends with the task that fills it, or after so many tasks.
constexpr std::size_t kPairsPerBlock = std::size_t{1} << 16U;
constexpr std::size_t kTasksPerBlock = 4096;

/// Gathers the pairs of tasks into blocks. Only the pairs decide where a block
/// ends, so blocks are the same whatever the threads did.
class BlockMaker {
 public:
  explicit BlockMaker(const SearchIndex::Sink& sink) : sink_(sink) {}

  void add(std::span<const CandidatePair> pairs) {
    ++tasks_;
    const bool is_block = block_.empty() && pairs.size() >= kPairsPerBlock;
    if (is_block) {
      hand_over(pairs);
      return;
    }
    block_.insert(block_.end(), pairs.begin(), pairs.end());
    if (block_.size() >= kPairsPerBlock || tasks_ == kTasksPerBlock) flush();
  }

  void flush() {
    if (tasks_ > 0) hand_over(block_);
  }

 private:
  void hand_over(std::span<const CandidatePair> block) {
    sink_(block);
    block_.clear();
    tasks_ = 0;
  }

  const SearchIndex::Sink& sink_;
  Pairs block_;
  std::size_t tasks_ = 0;  ///< in the block
};

/// Some tasks and what they found. Each thread appends to a list of its own,
/// which keeps its memory for the next round.
class Round {
 public:
  explicit Round(int threads) : found_(static_cast<std::size_t>(threads)) {}

  void begin(std::size_t first_task, std::size_t task_count) {
    for (Pairs& pairs : found_) pairs.clear();
    parts_.resize(task_count);
    first_task_ = first_task;
    begun_ = 0;
    held_ = 0;
  }

  /// Many threads at once. Returns when enough is found or nothing is left.
  void run(const std::function<void(std::size_t task, Pairs&)>& task) {
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    Pairs& pairs = found_[thread];
    while (held_ < kPairsPerRound) {
      const std::size_t n = begun_++;
      if (n >= parts_.size()) break;
      const std::size_t before = pairs.size();
      task(first_task_ + n, pairs);
      parts_[n] = {thread, before, pairs.size() - before};
      held_ += parts_[n].count;
    }
  }

  /// No thread begins another task.
  void stop() { held_ = kPairsPerRound; }

  std::size_t done() const {
    return std::min<std::size_t>(begun_, parts_.size());
  }

  void add_to(BlockMaker& blocks) const {
    for (const Part& part : std::span(parts_).first(done())) {
      blocks.add(
          std::span(found_[part.thread]).subspan(part.begin, part.count));
    }
  }

 private:
  /// What a task found.
  struct Part {
    std::size_t thread;
    std::size_t begin;
    std::size_t count;
  };

  std::vector<Pairs> found_;  ///< by thread
  std::vector<Part> parts_;   ///< by task
  std::size_t first_task_ = 0;
  std::atomic<std::size_t> begun_ = 0;
  std::atomic<std::size_t> held_ = 0;
};

}  // namespace

void PointList::add(std::span<const std::uint32_t> more_ids,
                    std::span<const Hash> more_hashes) {
  ids.insert(ids.end(), more_ids.begin(), more_ids.end());
  hashes.insert(hashes.end(), more_hashes.begin(), more_hashes.end());
}

void run_in_order(std::size_t task_count, int threads,
                  const std::function<void(std::size_t task, Pairs&)>& task,
                  const SearchIndex::Sink& sink) {
  BlockMaker blocks(sink);
  Round first(threads);
  Round second(threads);
  Round* now = &first;
  Round* last = &second;
  for (std::size_t begin = 0; begin < task_count; begin += last->done()) {
    now->begin(begin, std::min(kTasksPerRound, task_count - begin));
    std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
    try {
      // The thread that called hands over what the last round found, while the
      // others begin.
      if (omp_get_thread_num() == 0) last->add_to(blocks);
      now->run(task);
    } catch (...) {  // Exceptions may not leave the parallel region.
#pragma omp critical(vam_search_failure)
      failure = std::current_exception();
      now->stop();
    }
    if (failure) std::rethrow_exception(failure);
    std::swap(now, last);
  }
  last->add_to(blocks);
  blocks.flush();
}

}  // namespace vam
