// The command line as a plain struct. Nothing is done with it yet, but to see
// that it can be meant.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cli/usage_error.hpp"
#include "vam/decode.hpp"
#include "vam/group.hpp"
#include "vam/hash.hpp"
#include "vam/search.hpp"
#include "vam/verify.hpp"

namespace vam {

enum class Action {
  analyze,
  explain,
  like,
  export_hashes,
  print_help,
  print_version
};

enum class Progress { automatic, always, never };

/// Two paths, raw bytes, as given.
struct PathPair {
  std::string first;
  std::string second;
  bool operator==(const PathPair&) const = default;
};

/// Strings are raw bytes, as given.
struct Options {
  Action action = Action::analyze;

  /// CATALOG or SOURCEs: at most one, CATALOG, if `sources` is not empty or
  /// there is a question, else at least one.
  std::vector<std::string> paths;
  std::vector<std::string> sources;  ///< of --source

  bool detect_duplicates = false;
  /// The first option that means nothing where no duplicates are looked for;
  /// empty: there is none.
  std::string detection_option;
  bool verify = true;
  Transforms transforms = Transforms::all;
  std::optional<int> similarity_threshold;  ///< bits, 0..64
  std::vector<HashKind> hash_methods;       ///< empty: as verify says
  GroupRules grouping;                      ///< references as given

  PathPair explain;               ///< of Action::explain
  std::vector<std::string> like;  ///< of Action::like
  std::string hash_file;          ///< of Action::export_hashes

  bool show_discarded = false;
  bool show_stats = false;
  std::vector<PathPair> mark_different;
  std::vector<PathPair> unmark_different;
  std::vector<std::string> ignore_pairs;  ///< files

  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::uint64_t min_size_bytes = 0;
  std::uint64_t max_size_bytes = std::numeric_limits<std::uint64_t>::max();
  bool hidden = false;
  bool follow_links = false;
  bool one_file_system = false;

  bool recompute_hashes = false;
  bool verify_digests = false;
  bool prune = false;
  bool clear = false;
  bool repair = false;

  std::string format = "text";  ///< the name of a report writer
  std::string output_file;      ///< empty: standard output
  std::string html_folder;      ///< empty: no page
  bool new_only = false;
  bool strict = false;
  bool exit_code = false;

  Progress progress = Progress::automatic;
  bool quiet = false;
  int verbosity = 0;     ///< how often -v was given
  std::string log_file;  ///< empty: none

  IndexKind index = IndexKind::auto_choice;
  std::optional<int> wait_seconds;  ///< for another run; none: until it ends
  int lease_seconds = 60;           ///< of work from a server's catalog
  bool low_priority = false;

  int workers = 0;                       ///< 0: as many as CPUs allowed
  std::uint64_t memory_limit_bytes = 0;  ///< 0: by what the machine offers
  std::uint64_t max_pixels = DecodeLimits().max_pixels;
  int file_timeout = 30;  ///< seconds of a CPU; 0: none
};

/// argv[0] is skipped. Throws UsageError.
Options parse_options(int argc, const char* const* argv);

/// Whether this value of --format has room for copies only, not for problems,
/// left-out links or times.
bool lists_copies_only(const std::string& format);

/// All names that parse_options() knows, with their dashes.
std::vector<std::string> option_names();

}  // namespace vam
