// All sources, one after the other; then every file once.
#include "vam/scan.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

#include "scan/name_filter.hpp"
#include "scan/walk.hpp"

namespace vam {
namespace {

/// Files whose path is cleared are dropped in the end.
void drop(Findings& findings, const Sighting& sighting) {
  findings.files[sighting.file].path.clear();
}

/// Which of several sightings of a file is reported: the first one.
auto rank_of(const Findings& findings, const Sighting& sighting) {
  const FileEntry& file = findings.files[sighting.file];
  return std::tie(sighting.route, file.source, file.path);
}

/// The folders that were listed more than once, sorted.
std::vector<NodeId> repeated_folders(const Findings& findings) {
  std::vector<NodeId> folders = findings.folders;
  std::ranges::sort(folders);
  std::vector<NodeId> repeated;
  for (std::size_t i = 1; i < folders.size(); ++i) {
    if (folders[i] == folders[i - 1]) repeated.push_back(folders[i]);
  }
  return repeated;
}

/// Leaves one path for every name. A name is an entry in a folder; sources
/// that overlap, mounts and links lead to the same one by several paths. The
/// file behind it is not asked: it may have been replaced in between.
void drop_repeated_names(Findings& findings) {
  const std::vector<NodeId> repeated = repeated_folders(findings);
  if (repeated.empty()) return;
  std::vector<Sighting> suspects;
  for (const Sighting& sighting : findings.sightings) {
    const NodeId& folder = findings.folders[sighting.folder];
    if (std::ranges::binary_search(repeated, folder)) {
      suspects.push_back(sighting);
    }
  }
  const auto name_of = [&](const Sighting& sighting) {
    const std::string_view path = findings.files[sighting.file].path;
    return std::pair(findings.folders[sighting.folder],
                     path.substr(path.rfind('/') + 1));
  };
  std::ranges::sort(suspects, [&](const Sighting& a, const Sighting& b) {
    return std::pair(name_of(a), rank_of(findings, a)) <
           std::pair(name_of(b), rank_of(findings, b));
  });
  for (std::size_t i = 0, end = 0; i < suspects.size(); i = end) {
    end = i + 1;
    while (end < suspects.size() &&
           name_of(suspects[end]) == name_of(suspects[i])) {
      drop(findings, suspects[end++]);
    }
  }
  std::erase_if(findings.sightings, [&](const Sighting& sighting) {
    return findings.files[sighting.file].path.empty();
  });
}

/// What lies beside one name of a file belongs to it by every name.
void join_companions(Findings& findings, const Sighting& first,
                     const Sighting& other) {
  const std::uint32_t more = findings.files[other.file].companions;
  std::uint32_t& own = findings.files[first.file].companions;
  if (own == 0 || more == 0) {
    own += more;
    return;
  }
  auto& joined = findings.companions[own];
  std::ranges::copy(findings.companions[more], std::back_inserter(joined));
  std::ranges::sort(joined);
  joined.erase(std::unique(joined.begin(), joined.end()), joined.end());
}

/// Keeps the first of several names of a file. The others are hard links,
/// unless they are symbolic links or mounts.
void keep_first(std::span<const std::string> roots, Findings& findings,
                std::span<const Sighting> names) {
  const Sighting& first = names.front();
  std::vector<std::string> hard_links;
  for (const Sighting& other : names.subspan(1)) {
    join_companions(findings, first, other);
    if (first.has_hard_links && other.route != Route::is_link) {
      const FileEntry& file = findings.files[other.file];
      hard_links.push_back(absolute_path(roots[file.source], file.path));
    }
    drop(findings, other);
  }
  std::ranges::sort(hard_links);
  findings.files[first.file].hard_links = std::move(hard_links);
}

/// Leaves one name of every file. Some file systems, of networks above all,
/// give several files one inode number: names of one file have one size and
/// time.
void merge_hard_links(std::span<const std::string> roots, Findings& findings) {
  auto& sightings = findings.sightings;
  const auto node_of = [&](const Sighting& sighting) {
    const FileEntry& file = findings.files[sighting.file];
    return std::tie(sighting.id, file.size_bytes, file.mtime_ns);
  };
  std::ranges::sort(sightings, [&](const Sighting& a, const Sighting& b) {
    if (a.id != b.id) return a.id < b.id;  // mostly: no need to look further
    if (node_of(a) != node_of(b)) return node_of(a) < node_of(b);
    return rank_of(findings, a) < rank_of(findings, b);
  });
  for (std::size_t i = 0, end = 0; i < sightings.size(); i = end) {
    end = i + 1;
    while (end < sightings.size() &&
           node_of(sightings[end]) == node_of(sightings[i])) {
      ++end;
    }
    if (end - i == 1) continue;
    keep_first(roots, findings, std::span(sightings).subspan(i, end - i));
  }
}

/// Files of other extensions, each once, whatever names it has; one that is
/// taken by another name does not count. Of names in several groups, the first
/// group counts.
void count_skipped(Findings& findings, ScanResult& result) {
  auto& skipped = findings.skipped;
  std::ranges::sort(skipped);
  const auto same_file = [](const SkippedFile& a, const SkippedFile& b) {
    return a.id == b.id;
  };
  skipped.erase(std::unique(skipped.begin(), skipped.end(), same_file),
                skipped.end());
  std::vector<bool> is_taken(skipped.size());
  for (const Sighting& sighting : findings.sightings) {
    const auto found =
        std::ranges::lower_bound(skipped, sighting.id, {}, &SkippedFile::id);
    if (found != skipped.end() && found->id == sighting.id) {
      is_taken[static_cast<std::size_t>(found - skipped.begin())] = true;
    }
  }
  for (std::size_t n = 0; n < skipped.size(); ++n) {
    const SkippedFile& file = skipped[n];
    if (is_taken[n]) continue;
    ++result.skipped_count;
    if (file.group < result.skipped_in_group.size()) {
      ++result.skipped_in_group[file.group];
    }
  }
}

}  // namespace

std::string absolute_path(const std::string& root, const std::string& path) {
  return root.ends_with('/') ? root + path : root + '/' + path;
}

ScanResult scan(std::span<const std::string> roots, const ScanOptions& options,
                const std::atomic<bool>* stop,
                const std::function<void(std::uint64_t)>& on_progress) {
  const NameFilter filter(options);
  Watch watch(stop, on_progress);
  Findings findings;
  ScanResult result;
  for (std::uint32_t source = 0; source < roots.size(); ++source) {
    result.source_present.push_back(
        walk(roots[source], source, options, filter, watch, findings));
  }
  watch.tell();
  result.skipped_in_group.resize(options.skipped_extensions.size());
  count_skipped(findings, result);
  drop_repeated_names(findings);
  merge_hard_links(roots, findings);
  result.files = std::move(findings.files);
  result.companions = std::move(findings.companions);
  std::erase_if(result.files,
                [](const FileEntry& file) { return file.path.empty(); });
  const auto place_of = [](const FileEntry& file) {
    return std::tie(file.source, file.path);
  };
  // As a rule they are, and even to sort them again takes its time.
  if (!std::ranges::is_sorted(result.files, {}, place_of)) {
    std::ranges::sort(result.files, {}, place_of);
  }
  // Overlapping roots meet the same problem twice.
  result.problems = std::move(findings.problems);
  const auto what = [](const FileProblem& problem) {
    return std::tie(problem.path, problem.error.code, problem.error.message);
  };
  std::ranges::sort(result.problems, {}, what);
  const auto same = [&](const FileProblem& a, const FileProblem& b) {
    return what(a) == what(b);
  };
  auto& problems = result.problems;
  problems.erase(std::unique(problems.begin(), problems.end(), same),
                 problems.end());
  return result;
}

}  // namespace vam
