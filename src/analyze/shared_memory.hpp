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

  /// Room for a file; what was in it before is lost. A process that has mapped
  /// it must not be asked any more once is_shared() has become false. Throws
  /// std::bad_alloc.
  std::span<std::byte> room_for(std::uint64_t bytes);

  /// Gives back what is more than most files need.
  void trim();

  /// Whether there is a descriptor, for another process to map. There is none
  /// before the first file, or where the system gives none.
  bool is_shared() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  std::uint64_t capacity_bytes() const { return mapped_.size(); }

 private:
  void unmap();
  bool resize(std::uint64_t bytes);

  int descriptor_ = -1;
  std::span<std::byte> mapped_;
};

}  // namespace vam
