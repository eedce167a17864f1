// Memory for one file, that a decoder process can see, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vam {

/// Keeps what it has for the next file. Owns its descriptor and mapping.
/// Neither copied nor moved; for one thread.
class SharedMemory {
 public:
  SharedMemory() = default;
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();

  /// Room for a file; what was in it before is lost. Throws std::bad_alloc.
  std::span<std::byte> room_for(std::uint64_t bytes);

  /// Gives back what is more than most files need.
  void trim();

  /// Whether others see the room that there is now. Not before the first file,
  /// nor where the system gives no such memory, as for a file too large for
  /// `ulimit -f`: they must not be asked to look at that.
  bool is_shared() const { return is_shared_; }
  /// For another process to map; always the same one, once there is one.
  int descriptor() const { return descriptor_; }
  std::uint64_t capacity_bytes() const { return mapped_.size(); }

 private:
  void unmap();
  bool resize(std::uint64_t bytes);

  int descriptor_ = -1;
  bool is_shared_ = false;
  std::span<std::byte> mapped_;
};

}  // namespace vam
