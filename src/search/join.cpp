#include "search/join.hpp"

#include <algorithm>
#include <atomic>
#include <exception>

namespace vam {
namespace {

/// Tasks that threads run before they wait for each other, and the pairs held
/// until then, after which no further task is begun.
constexpr std::size_t kTasksPerRound = 4096;
constexpr std::size_t kPairsPerRound = std::size_t{1} << 20U;
/// A block ends with the task that fills it, or after so many tasks.
constexpr std::size_t kPairsPerBlock = std::size_t{1} << 16U;
constexpr std::size_t kTasksPerBlock = 4096;

/// Gathers the pairs of tasks into blocks. Only the pairs decide where a block
/// ends, so blocks are the same whatever the threads did.
class BlockMaker {
 public:
  explicit BlockMaker(const SearchIndex::Sink& sink) : sink_(sink) {}

  void add(Pairs& pairs) {
    if (block_.empty()) {
      block_.swap(pairs);
    } else {
      block_.insert(block_.end(), pairs.begin(), pairs.end());
    }
    pairs.clear();
    ++tasks_;
    if (block_.size() >= kPairsPerBlock || tasks_ == kTasksPerBlock) flush();
  }

  void flush() {
    if (tasks_ == 0) return;
    sink_(block_);
    block_ = {};
    tasks_ = 0;
  }

 private:
  const SearchIndex::Sink& sink_;
  Pairs block_;
  std::size_t tasks_ = 0;  ///< in the block
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
  std::vector<Pairs> found(std::min(task_count, kTasksPerRound));
  BlockMaker blocks(sink);
  for (std::size_t begin = 0; begin < task_count;) {
    const std::size_t count = std::min(found.size(), task_count - begin);
    std::atomic<std::size_t> begun = 0;
    std::atomic<std::size_t> held = 0;
    std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
    while (held < kPairsPerRound) {
      const std::size_t n = begun++;
      if (n >= count) break;
      try {
        task(begin + n, found[n]);
        held += found[n].size();
      } catch (...) {  // Exceptions may not leave the parallel region.
#pragma omp critical(vam_search_failure)
        failure = std::current_exception();
        held = kPairsPerRound;
      }
    }
    if (failure) std::rethrow_exception(failure);
    const std::size_t done = std::min<std::size_t>(begun, count);
    for (Pairs& pairs : std::span(found).first(done)) blocks.add(pairs);
    begin += done;
  }
  blocks.flush();
}

}  // namespace vam
