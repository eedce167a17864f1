#include "search/pipeline.hpp"

#include <omp.h>

#include <exception>
#include <utility>

namespace vam {
namespace {

/// Tasks that may be begun before the first of them is handed over, for each
/// thread.
constexpr std::size_t kTasksPerThread = 1024;
/// Threads that wait for room are woken when so many tasks have made some, or
/// nothing is left to hand over.
constexpr std::size_t kHandedOverAtOnce = 64;
/// With more pairs waiting no further task is begun.
constexpr std::size_t kPairsHeld = std::size_t{1} << 16U;
/// A block ends with the task that fills it, or after so many. Only the pairs
/// decide, so blocks are the same whatever the threads did.
constexpr std::size_t kPairsPerBlock = std::size_t{1} << 12U;
constexpr std::size_t kTasksPerBlock = 4096;

}  // namespace

Pipeline::Pipeline(int threads, const SearchIndex::Sink& sink)
    : threads_(threads),
      sink_(sink),
      slots_(static_cast<std::size_t>(threads) * kTasksPerThread) {}

void Pipeline::run(std::size_t task_count, const Task& task) {
  task_count_ = task_count;
  begun_ = 0;
  handed_over_ = 0;
  std::exception_ptr failure;
#pragma omp parallel num_threads(threads_)
  try {
    if (omp_get_thread_num() == 0) {
      run_and_hand_over(task);
    } else {
      run_tasks(task);
    }
  } catch (...) {  // Exceptions may not leave the parallel region.
#pragma omp critical(vam_search_failure)
    failure = std::current_exception();
    stop();
  }
  if (failure) std::rethrow_exception(failure);
  if (tasks_in_block_ > 0) hand_over(block_);
}

bool Pipeline::may_begin() const {
  return begun_ < task_count_ && begun_ < handed_over_ + slots_.size() &&
         pairs_held_ < kPairsHeld;
}

/// Until none is left.
void Pipeline::run_tasks(const Task& task) {
  const auto is_over = [&] { return is_stopped_ || begun_ == task_count_; };
  Pairs unfiltered;
  Lock lock(mutex_);
  while (true) {
    may_begin_.wait(lock, [&] { return is_over() || may_begin(); });
    if (is_over()) return;
    run_next(task, unfiltered, lock);
  }
}

void Pipeline::run_and_hand_over(const Task& task) {
  Pairs unfiltered;
  Lock lock(mutex_);
  while (!is_stopped_ && handed_over_ < task_count_) {
    Slot& next = slot(handed_over_);
    if (next.is_done) {
      lock.unlock();
      add_to_block(next.pairs);
      lock.lock();
      release(next);
    } else if (may_begin()) {
      run_next(task, unfiltered, lock);
    } else {
      is_done_.wait(lock, [&] { return is_stopped_ || next.is_done; });
    }
  }
}

void Pipeline::run_next(const Task& task, Pairs& unfiltered, Lock& lock) {
  const std::size_t number = begun_++;
  if (begun_ == task_count_) may_begin_.notify_all();
  Slot& own = slot(number);
  if (!spare_.empty()) {
    own.pairs = std::move(spare_.back());
    spare_.pop_back();
  }
  lock.unlock();
  if (sink_.filter) {
    // What waits to be handed over takes no more memory than it needs.
    unfiltered.clear();
    task(number, unfiltered);
    sink_.filter(unfiltered);
    own.pairs.assign(unfiltered.begin(), unfiltered.end());
  } else {
    task(number, own.pairs);
  }
  lock.lock();
  own.is_done = true;
  pairs_held_ += own.pairs.size();
  if (number == handed_over_) is_done_.notify_one();
}

void Pipeline::release(Slot& done) {
  pairs_held_ -= done.pairs.size();
  done.pairs.clear();
  // Few large ones are enough; many would add up.
  const bool is_kept = done.pairs.capacity() <= kPairsPerBlock / 16 ||
                       spare_.size() < 2 * static_cast<std::size_t>(threads_);
  if (is_kept) spare_.push_back(std::move(done.pairs));
  done = {};
  ++handed_over_;
  const bool is_worth_waking =
      handed_over_ % kHandedOverAtOnce == 0 || !slot(handed_over_).is_done;
  if (is_worth_waking) may_begin_.notify_all();
}

/// No thread begins another task.
void Pipeline::stop() {
  const std::scoped_lock lock(mutex_);
  is_stopped_ = true;
  may_begin_.notify_all();
  is_done_.notify_all();
}

void Pipeline::add_to_block(const Pairs& pairs) {
  ++tasks_in_block_;
  if (block_.empty() && pairs.size() >= kPairsPerBlock) {
    hand_over(pairs);
    return;
  }
  block_.insert(block_.end(), pairs.begin(), pairs.end());
  const bool is_full =
      block_.size() >= kPairsPerBlock || tasks_in_block_ == kTasksPerBlock;
  if (is_full) hand_over(block_);
}

void Pipeline::hand_over(std::span<const CandidatePair> block) {
  sink_.take(block);
  block_.clear();
  tasks_in_block_ = 0;
}

}  // namespace vam
