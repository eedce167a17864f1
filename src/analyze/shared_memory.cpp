// Memory for one file, that a decoder process can see, too.
#include "analyze/shared_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <new>

namespace vam {
namespace {

constexpr std::uint64_t kMinBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kKeptBytes = std::uint64_t{32} << 20;

}  // namespace

SharedMemory::~SharedMemory() {
  unmap();
  if (descriptor_ >= 0) close(descriptor_);
}

void SharedMemory::unmap() {
  if (!mapped_.empty()) munmap(mapped_.data(), mapped_.size());
  mapped_ = {};
}

bool SharedMemory::resize(std::uint64_t bytes) {
  if (descriptor_ < 0) descriptor_ = memfd_create("vam-analyze", MFD_CLOEXEC);
  return descriptor_ >= 0 &&
         ftruncate(descriptor_, static_cast<off_t>(bytes)) == 0;
}

std::span<std::byte> SharedMemory::room_for(std::uint64_t bytes) {
  if (!mapped_.empty() && bytes <= mapped_.size()) return mapped_.first(bytes);
  unmap();
  // Rounded up, so that hardly any file makes it grow again.
  const std::uint64_t capacity = std::bit_ceil(std::max(bytes, kMinBytes));
  is_shared_ = resize(capacity);
  void* const address = mmap(nullptr, capacity, PROT_READ | PROT_WRITE,
                             MAP_SHARED | (is_shared_ ? 0 : MAP_ANONYMOUS),
                             is_shared_ ? descriptor_ : -1, 0);
  if (address == MAP_FAILED) throw std::bad_alloc();
  mapped_ = {static_cast<std::byte*>(address), capacity};
  return mapped_.first(bytes);
}

void SharedMemory::trim() {
  if (mapped_.size() <= kKeptBytes) return;
  unmap();
  // Whoever has it mapped, too, keeps nothing of it. If this fails, the next
  // file finds room that is there already.
  [[maybe_unused]] const int error =
      is_shared() ? ftruncate(descriptor_, 0) : 0;
}

}  // namespace vam
