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

}  // namespace

Result<std::vector<std::byte>> read_file(const std::string& path) {
  const auto entry = find_file(path);
  if (!entry) return tl::unexpected(entry.error());
  return read_entry(*entry);
}

KnownFiles::KnownFiles(Catalog& catalog) {
  for (const Source& source : catalog.sources()) {
    for (FileRecord& record : catalog.files(source.id)) {
      if (record.held_before) continue;  // of no use before it is restored
      std::string path = absolute_path(source.root, record.path);
      files_.push_back({std::move(path), std::move(record)});
    }
  }
  // Sources may overlap: the first one's word counts.
  std::ranges::stable_sort(files_, {}, &File::path);
  const auto again = std::unique(
      files_.begin(), files_.end(),
      [](const File& a, const File& b) { return a.path == b.path; });
  files_.erase(again, files_.end());
}

Result<Digest> KnownFiles::content_of(const std::string& path) const {
  const auto found = std::ranges::lower_bound(files_, path, {}, &File::path);
  const bool is_known = found != files_.end() && found->path == path;
  const auto entry = find_file(path);
  if (!entry) {
    if (is_known && entry.error().code == ErrorCode::missing) {
      return found->record.digest;
    }
    return tl::unexpected(entry.error());
  }
  if (is_known && is_unchanged(*entry, found->record)) {
    return found->record.digest;
  }
  return read_entry(*entry).map(
      [](const std::vector<std::byte>& bytes) { return digest_of(bytes); });
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
