// Tasks that run on many threads and yet hand over their pairs in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "search/join.hpp"

namespace vam {

/// Runs tasks and hands over what they find, in the order of the tasks, while
/// further tasks run. Threads run ahead of the one that hands over, but not
/// far, and wait for no other. What they find is filtered by the thread that
/// found it. About 65,000 pairs are held at a time, and what the running tasks
/// find: one is to find half a million at most, or what one row has.
class Pipeline {
 public:
  /// Appends what it finds to an empty list.
  using Task = std::function<void(std::size_t task, Pairs&)>;

  /// The sink is called by the thread that calls run(). It outlives this.
  Pipeline(int threads, const SearchIndex::Sink& sink);

  /// Runs task(0), task(1), ... What a task or the sink throws ends it all.
  void run(std::size_t task_count, const Task& task);

 private:
  /// What a task found.
  struct Slot {
    Pairs pairs;
    bool is_done = false;
  };
  using Lock = std::unique_lock<std::mutex>;

  Slot& slot(std::size_t task) { return slots_[task % slots_.size()]; }
  bool may_begin() const;
  void run_tasks(const Task& task);
  void run_and_hand_over(const Task& task);
  /// `unfiltered` is a list to work with, of the thread.
  void run_next(const Task& task, Pairs& unfiltered, Lock& lock);
  void release(Slot& done);
  void stop();
  void add_to_block(const Pairs& pairs);
  void hand_over(std::span<const CandidatePair> block);

  const int threads_;
  const SearchIndex::Sink& sink_;
  Pairs block_;
  std::size_t tasks_in_block_ = 0;

  std::mutex mutex_;  ///< of all below
  std::condition_variable may_begin_;
  std::condition_variable is_done_;
  std::vector<Slot> slots_;
  std::vector<Pairs> spare_;  ///< memory; what was used last comes first
  std::size_t task_count_ = 0;
  std::size_t begun_ = 0;
  std::size_t handed_over_ = 0;
  std::size_t pairs_held_ = 0;  ///< of tasks that are done
  bool is_stopped_ = false;
};

}  // namespace vam
