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

  /// For another process to map; made with the first file. At least 0.
  int descriptor() const { return descriptor_; }
  std::uint64_t capacity_bytes() const { return mapped_.size(); }

 private:
  void unmap();

  int descriptor_ = -1;
  std::span<std::byte> mapped_;
};

}  // namespace vam
