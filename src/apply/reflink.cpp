// A copy shares the space of its keeper, and stays a file of its own.
//
// That is asked of the kernel as FIDEDUPERANGE and not as FICLONE: it locks
// both files, compares the bytes itself and shares only those that agree. So
// nothing that is written meanwhile can be lost, no other file is ever under
// the name, and inode, time, owner, permissions and attributes stay what they
// were. FICLONE would put the keeper's bytes over whatever is there.
//
// Undoing it puts a copy of the bytes in the place of the file.
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <utility>

#include "apply/actions.hpp"
#include "apply/check.hpp"
#include "apply/replacement.hpp"

namespace vam {
namespace {

constexpr std::uint32_t kBcachefsMagic = 0xCA451A4E;

/// Those whose kernel compares the bytes. Some network file systems let the
/// server share without that: NFS and SMB until 6.7.
constexpr std::array<std::uint32_t, 4> kComparing = {
    BTRFS_SUPER_MAGIC, XFS_SUPER_MAGIC, kBcachefsMagic, OCFS2_SUPER_MAGIC};

/// What btrfs does in one step.
constexpr std::uint64_t kPieceBytes = std::uint64_t{16} << 20;

bool is_compared(const Descriptor& file) {
  struct statfs status {};
  return fstatfs(file.get(), &status) == 0 &&
         std::ranges::find(kComparing, static_cast<std::uint32_t>(
                                           status.f_type)) != kComparing.end();
}

bool is_writable(const Descriptor& folder) {
  return faccessat(folder.get(), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

tl::unexpected<Error> fail_to_share(int error) {
  switch (error) {
    case EOPNOTSUPP:
    case ENOTTY:
    case EINVAL:
      return fail(ErrorCode::unreadable,
                  "its file system cannot share bytes between these files");
    case EXDEV:
      return fail(ErrorCode::unreadable,
                  "it is on another file system than its keeper");
    default:
      return fail_with(error, "its bytes cannot be shared");
  }
}

/// Shares bytes from `at` on, as many as are done in one step. To ask for none
/// tells of another file system or a lack of rights, not whether this one was
/// made with reflinks.
Result<std::uint64_t> share(const CheckedPair& pair, std::uint64_t at,
                            std::uint64_t bytes) {
  // The structure ends with an array, here of one.
  alignas(file_dedupe_range)
      std::array<std::byte,
                 sizeof(file_dedupe_range) + sizeof(file_dedupe_range_info)>
          room{};
  auto* const range = reinterpret_cast<file_dedupe_range*>(room.data());
  range->src_offset = at;
  range->src_length = bytes;
  range->dest_count = 1;
  range->info[0].dest_fd = pair.file.content.get();
  range->info[0].dest_offset = at;
  if (ioctl(pair.keeper.content.get(), FIDEDUPERANGE, range) != 0) {
    return fail_to_share(errno);
  }
  if (range->info[0].status == FILE_DEDUPE_RANGE_DIFFERS) {
    return fail(ErrorCode::changed, "it or its keeper changed just now");
  }
  if (range->info[0].status < 0) return fail_to_share(-range->info[0].status);
  return range->info[0].bytes_deduped;
}

class Reflink final : public ActionMethod {
 public:
  explicit Reflink(std::string run) : run_(std::move(run)) {}

  Result<void> prepare(const CheckedPair& pair,
                       JournalAction& action) override {
    if (!can_be_made(pair.file.status)) {
      return fail(ErrorCode::unreadable,
                  "it belongs to somebody else: it could not be undone");
    }
    if (!can_have_attributes_of(pair.file.content)) {
      return fail(ErrorCode::unreadable,
                  "it has security attributes: it could not be undone");
    }
    if (!is_writable(pair.file.folder)) {
      return fail(ErrorCode::unreadable,
                  "its folder may not be written to: it could not be undone");
    }
    if (!is_compared(pair.file.content)) {
      return fail(ErrorCode::unreadable,
                  "its file system is not btrfs, XFS, bcachefs or OCFS2");
    }
    if (auto can = share(pair, 0, 0); !can) return tl::unexpected(can.error());
    action.to = path_in_between(action.path, run_, action.number);
    return {};
  }

  Result<void> perform(const CheckedPair& pair,
                       const JournalAction& action) override {
    is_partly_done_ = false;
    if (!is_unchanged(pair.file)) {
      return fail(ErrorCode::changed, "it changed just now");
    }
    if (!is_unchanged(pair.keeper)) {
      return fail(ErrorCode::changed, "its keeper changed just now");
    }
    for (std::uint64_t at = 0; at < action.size_bytes;) {
      const auto shared =
          share(pair, at, std::min(kPieceBytes, action.size_bytes - at));
      if (!shared) return tl::unexpected(shared.error());
      if (*shared == 0) return fail_to_share(EOPNOTSUPP);
      at += *shared;
      is_partly_done_ = true;
    }
    if (fsync(pair.file.content.get()) != 0) {
      return fail_with(errno, "it cannot be brought to the disk");
    }
    return {};
  }

  bool is_partly_done() const override { return is_partly_done_; }

 private:
  std::string run_;
  bool is_partly_done_ = false;
};

std::string copy_path(const JournalAction& action) {
  return action.to + ".undo";
}

}  // namespace

Result<UndoLook> look_at_reflinked(const JournalAction& action,
                                   const std::atomic<bool>* stop) {
  const auto file = open_plain_file(action.path);
  if (!file) return tl::unexpected(file.error());
  const KnownFile known = known_of(action);
  auto same = check_bytes_alone(*file, known, "it", stop);
  if (!same) return tl::unexpected(same.error());
  if (file->status.st_ino == action.inode) {
    if (file->status.st_nlink > 1) {
      return fail(ErrorCode::changed, "it has further names now (hard links)");
    }
    return UndoLook{UndoState::put_back, file->status};
  }
  // A copy has its place already. What it was may hold what somebody saved.
  const std::string path = copy_path(action);
  if (!status_at(file->folder, name_of(path))) return UndoLook{};
  const auto old = open_plain_file(path);
  if (!old || !check_bytes_alone(*old, known, "it", stop)) {
    return fail(ErrorCode::changed, "another version of it is " + path);
  }
  return UndoLook{UndoState::tidy, {}};
}

Result<void> put_back_reflinked(const JournalAction& action,
                                const UndoLook& look) {
  const auto file = open_plain_file(action.path);
  if (!file) return tl::unexpected(file.error());
  const std::string path = copy_path(action);
  if (look.state != UndoState::put_back) {
    if (look.state == UndoState::tidy) {
      remove_name(file->folder, name_of(path));
    } else {
      sync_folder(file->folder);
    }
    return {};
  }
  if (!is_as_it_was(file->status, look.file)) {
    return fail(ErrorCode::changed, "it changed just now");
  }
  // A copy that did not get its place.
  if (status_at(file->folder, name_of(path))) {
    remove_name(file->folder, name_of(path));
  }
  // Its time may be a new one, and is its own.
  return replace_by_copy(
      *file, path,
      {action.size_bytes, mtime_ns_of(file->status), action.digest});
}

std::unique_ptr<ActionMethod> make_reflink(const std::string& run) {
  return std::make_unique<Reflink>(run);
}

}  // namespace vam
