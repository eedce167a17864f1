// Whether files are still what a plan or a journal says.
#pragma once

#include <atomic>
#include <cstdint>

#include "apply/place.hpp"
#include "vam/error.hpp"
#include "vam/photo.hpp"

namespace vam {

/// What is known of a file from before.
struct KnownFile {
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  Digest digest;
};

/// Size and time. `what` begins the message.
Result<void> check_status(const PlainFile& file, const KnownFile& known,
                          const std::string& what);

/// The bytes against their digest, and that nothing changed meanwhile. Throws
/// Interrupted soon after `stop` became true.
Result<void> check_digest(const PlainFile& file, const KnownFile& known,
                          const std::string& what,
                          const std::atomic<bool>* stop);

/// The bytes of two files against each other and, in the same reading, against
/// their digest; names which of the two changed.
Result<void> check_same_bytes(const PlainFile& file, const PlainFile& keeper,
                              const KnownFile& known,
                              const std::atomic<bool>* stop);

/// Copies all bytes to the file, from its beginning. Zero, or an errno.
int copy_bytes(const Descriptor& from, const Descriptor& to);

}  // namespace vam
