#include "catalog/overlap.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vam {
namespace {

std::string with_slash(const std::string& root) {
  return root.ends_with('/') ? root : root + '/';
}

std::optional<std::string> exchange_prefix(const std::string& path,
                                           const std::string& from,
                                           const std::string& to) {
  if (path.size() <= from.size() || !path.starts_with(from)) {
    return std::nullopt;
  }
  return to + path.substr(from.size());
}

bool is_same_file(const FileRecord& a, const FileRecord& b) {
  return a.size_bytes == b.size_bytes && a.mtime_ns == b.mtime_ns &&
         a.inode == b.inode;
}

}  // namespace

std::vector<Overlap> overlaps_of(SourceId source,
                                 std::span<const Source> sources) {
  std::vector<Overlap> overlaps;
  const auto found = std::ranges::find(sources, source, &Source::id);
  if (found == sources.end()) return overlaps;
  const std::string here = with_slash(found->root);
  for (const Source& other : sources) {
    const std::string there = with_slash(other.root);
    if (there.size() > here.size() && there.starts_with(here)) {
      overlaps.push_back({other.id, there.substr(here.size()), {}});
    } else if (here.size() > there.size() && here.starts_with(there)) {
      overlaps.push_back({other.id, {}, here.substr(there.size())});
    }
  }
  return overlaps;
}

std::optional<std::string> path_there(const Overlap& overlap,
                                      const std::string& path_here) {
  return exchange_prefix(path_here, overlap.prefix_here, overlap.prefix_there);
}

std::optional<std::string> path_here(const Overlap& overlap,
                                     const std::string& path_there) {
  return exchange_prefix(path_there, overlap.prefix_there, overlap.prefix_here);
}

std::vector<FileRecord> merge_records(std::vector<FileRecord> own,
                                      std::vector<FileRecord> of_others) {
  if (of_others.empty()) return own;
  own.insert(own.end(), std::make_move_iterator(of_others.begin()),
             std::make_move_iterator(of_others.end()));
  std::ranges::stable_sort(own, {}, &FileRecord::path);
  std::vector<FileRecord> merged;
  merged.reserve(own.size());
  for (FileRecord& record : own) {
    if (merged.empty() || merged.back().path != record.path) {
      merged.push_back(std::move(record));
    } else if (!merged.back().held_before && record.held_before &&
               is_same_file(merged.back(), record)) {
      merged.back() = std::move(record);
    }
  }
  return merged;
}

}  // namespace vam
