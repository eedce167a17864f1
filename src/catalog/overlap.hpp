// Sources that lie within each other, by their roots: each leads to the files
// of the inner one, by paths of its own.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vam/catalog.hpp"

namespace vam {

/// Another source that leads to files of this one. Of `prefix_here` and
/// `prefix_there` one is empty, the other one ends in '/'.
struct Overlap {
  SourceId other = 0;
  std::string prefix_here;   ///< of the paths here that lead to such files
  std::string prefix_there;  ///< of the paths there
};

/// None if the source is not among these.
std::vector<Overlap> overlaps_of(SourceId source,
                                 std::span<const Source> sources);

/// The path there of a file that has this one here; none if the other source
/// does not lead to it.
std::optional<std::string> path_there(const Overlap& overlap,
                                      const std::string& path_here);
/// The reverse.
std::optional<std::string> path_here(const Overlap& overlap,
                                     const std::string& path_there);

/// One record for each path, sorted, of a source's own and of what others know
/// of its files. Its own counts, but for bit rot that another one
/// knows of: that of a file which is the same by size, time and inode.
std::vector<FileRecord> merge_records(std::vector<FileRecord> own,
                                      std::vector<FileRecord> of_others);

}  // namespace vam
