// Bounds what all workers together hold in memory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace vam {

/// Thread-safe. A request larger than the whole budget is let in alone rather
/// than never.
class MemoryGate {
 public:
  explicit MemoryGate(std::uint64_t budget_bytes) : budget_(budget_bytes) {}

  /// Holds its bytes until it goes out of scope.
  class Lease {
   public:
    Lease(MemoryGate& gate, std::uint64_t bytes) : gate_(gate), bytes_(bytes) {
      gate_.acquire(bytes_);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { gate_.release(bytes_); }

   private:
    MemoryGate& gate_;
    std::uint64_t bytes_;
  };

 private:
  void acquire(std::uint64_t bytes) {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [&] {
      return used_ == 0 || (used_ <= budget_ && bytes <= budget_ - used_);
    });
    used_ += bytes;
  }

  void release(std::uint64_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      used_ -= bytes;
    }
    released_.notify_all();
  }

  const std::uint64_t budget_;
  std::uint64_t used_ = 0;
  std::mutex mutex_;
  std::condition_variable released_;
};

}  // namespace vam
