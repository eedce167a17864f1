#include "analyze/known_files.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "analyze/hashing.hpp"
#include "vam/analyze.hpp"
#include "vam/scan.hpp"

namespace vam {
namespace {

Result<std::vector<std::byte>> read_entry(const FileEntry& entry) {
  if (const auto fits = check_size(entry); !fits) {
    return tl::unexpected(fits.error());
  }
  const auto file = PhotoFile::open("/", entry, FollowLinks::yes);
  if (!file) return tl::unexpected(file.error());
  std::vector<std::byte> bytes;
  try {
    bytes.resize(entry.size_bytes);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::too_large, "does not fit into memory");
  }
  if (const auto done = file->read_all(bytes); !done) {
    return tl::unexpected(done.error());
  }
  return bytes;
}

Result<Digest> read_content(const FileEntry& entry) {
  return read_entry(entry).map(
      [](const std::vector<std::byte>& bytes) { return digest_of(bytes); });
}

/// Null if there is none.
const KnownFiles::File* find_path(std::span<const KnownFiles::File> files,
                                  const std::string& path) {
  const auto found =
      std::ranges::lower_bound(files, path, {}, &KnownFiles::File::path);
  return found != files.end() && found->path == path ? &*found : nullptr;
}

}  // namespace

Result<std::vector<std::byte>> read_file(const std::string& path) {
  const auto entry = find_file(path);
  if (!entry) return tl::unexpected(entry.error());
  return read_entry(*entry);
}

KnownFiles::KnownFiles(Catalog& catalog)
    : rotten_by_content_(catalog.rotten_files()) {
  for (const Source& source : catalog.sources()) {
    if (source.root.empty()) continue;
    for (FileRecord& record : catalog.files(source.id)) {
      std::string path = absolute_path(source.root, record.path);
      auto& files = record.held_before ? rotten_ : files_;
      files.push_back({std::move(path), std::move(record)});
    }
  }
  std::ranges::stable_sort(rotten_, {}, &File::path);
  // Sources may overlap: the first one's word counts.
  std::ranges::stable_sort(files_, {}, &File::path);
  const auto again = std::unique(
      files_.begin(), files_.end(),
      [](const File& a, const File& b) { return a.path == b.path; });
  files_.erase(again, files_.end());
}

Result<Digest> KnownFiles::content_of(const std::string& path) const {
  const File* const known = find_path(files_, path);
  const auto entry = find_file(path);
  if (!entry) {
    if (known != nullptr && entry.error().code == ErrorCode::missing) {
      return known->record.digest;
    }
    return tl::unexpected(entry.error());
  }
  const File* const rotten = find_path(rotten_, path);
  if (rotten != nullptr && is_unchanged(*entry, rotten->record)) {
    auto content = read_content(*entry);
    if (content && *content != rotten->record.held_before) {
      return tl::unexpected(bit_rot());
    }
    return content;
  }
  if (known != nullptr && is_unchanged(*entry, known->record)) {
    return known->record.digest;
  }
  auto content = read_content(*entry);
  if (content && held_before_rot(rotten_by_content_, *entry, *content)) {
    return tl::unexpected(bit_rot());
  }
  return content;
}

std::vector<Result<Digest>> contents_of(Catalog& catalog,
                                        std::span<const std::string> paths) {
  const KnownFiles known(catalog);
  std::vector<Result<Digest>> contents;
  contents.reserve(paths.size());
  for (const std::string& path : paths) {
    contents.push_back(known.content_of(path));
  }
  return contents;
}

}  // namespace vam
