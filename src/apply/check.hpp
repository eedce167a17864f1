// Whether files are still what a plan or a journal says.
#pragma once

#include <atomic>
#include <cstdint>

#include "apply/place.hpp"
#include "vam/apply.hpp"
#include "vam/error.hpp"
#include "vam/photo.hpp"

namespace vam {

/// What is known of a file from before.
struct KnownFile {
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  Digest digest;
};

/// Before the action.
KnownFile known_of(const JournalAction& action);

/// Size and time. `what` begins the message.
Result<void> check_status(const PlainFile& file, const KnownFile& known,
                          const std::string& what);

/// The bytes against their digest, and that nothing changed meanwhile. Throws
/// Interrupted soon after `stop` became true.
Result<void> check_digest(const PlainFile& file, const KnownFile& known,
                          const std::string& what,
                          const std::atomic<bool>* stop);

/// Size and bytes: the time may be another one.
Result<void> check_bytes_alone(const PlainFile& file, KnownFile known,
                               const std::string& what,
                               const std::atomic<bool>* stop);

/// Whether these can be one file, also by two mounts that each number it in
/// their own way (unions of disks, a share that is mounted twice).
bool may_be_one_file(const struct stat& a, const struct stat& b);

/// The bytes of two files against each other and, in the same reading, against
/// their digest; names which of the two changed.
Result<void> check_same_bytes(const PlainFile& file, const PlainFile& keeper,
                              const KnownFile& known,
                              const std::atomic<bool>* stop);

/// Copies all bytes to the file, from its beginning. Zero, or an errno.
int copy_bytes(const Descriptor& from, const Descriptor& to);

}  // namespace vam
