// Pairs of photos that the user calls different: from arguments and files into
// the catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/console.hpp"
#include "cli/options.hpp"
#include "vam/catalog.hpp"

namespace vam {

/// Two paths on every line, separated by a tab; empty lines do not count. If
/// there is a NUL in it, every path is ended by one instead, and each two are a
/// pair. Throws FatalError, which calls the file `name`, if a pair is not one.
std::vector<PathPair> parse_pairs(std::string_view text,
                                  const std::string& name);

/// Forgets what --unmark-different names, then remembers what --mark-different
/// and --ignore-pairs do. A pair of a file that cannot be used is a FatalError,
/// before anything is changed; one of --ignore-pairs is warned of and left out.
void change_marks(Catalog& catalog, const Options& options, Console& console);

/// Without symbolic links, `.` and `..`; a path that does not exist is only
/// made absolute, so that it can be named as missing.
std::string canonical_path(const std::string& path);

}  // namespace vam
