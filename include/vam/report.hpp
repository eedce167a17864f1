// Writes what a run found: as text for people, as JSON and CSV for programs.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/error.hpp"
#include "vam/group.hpp"
#include "vam/photo.hpp"

namespace vam {

struct StageTimes {
  double scan_seconds = 0;
  double hash_seconds = 0;
  double search_seconds = 0;  ///< search, verification and grouping
  double total_seconds = 0;
};

/// A format that files of this run have and this program cannot read.
struct UnreadableFormat {
  Format format = Format::unknown;
  std::uint64_t files = 0;
  /// Of CMake, for a program that can; empty if none can.
  std::string option = {};
};

struct Stats {
  /// seen = hashed + unchanged + failed + skipped, always.
  std::uint64_t files_seen = 0;
  std::uint64_t files_hashed = 0;     ///< read in this run
  std::uint64_t files_unchanged = 0;  ///< known from the catalog, not read
  std::uint64_t files_failed = 0;     ///< each has an entry in the errors
  std::uint64_t files_skipped = 0;    ///< not pictures
  /// The same by what they are, indexed by NonPicture.
  std::array<std::uint64_t, kNonPictureKinds> skipped_by_kind{};
  std::vector<UnreadableFormat> unreadable_formats;  ///< by name; they failed
  std::uint64_t pictures_decoded = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t hard_links = 0;  ///< further names of files seen
  StageTimes times;
  std::uint64_t peak_memory_bytes = 0;  ///< resident, whole process
  int workers = 0;
};

inline constexpr std::uint64_t kAnySize =
    std::numeric_limits<std::uint64_t>::max();

/// What was asked for; the same settings over the same files give the same
/// groups.
struct Settings {
  bool detect_duplicates = false;
  bool show_discarded = false;  ///< list the links that were left out, too
  bool verify = true;
  Transforms transforms = Transforms::all;
  int similarity_threshold = 0;
  std::vector<HashKind> hash_methods;
  GroupRules grouping = {};
  std::vector<std::string> sources;       ///< absolute roots, raw bytes
  std::vector<std::string> include = {};  ///< globs, raw bytes
  std::vector<std::string> exclude = {};
  std::uint64_t min_size_bytes = 0;
  std::uint64_t max_size_bytes = kAnySize;
  bool hidden = false;
  bool follow_links = false;
  bool one_file_system = false;
};

/// All that a report says; the writers only choose words.
struct Report {
  std::string version;
  std::string timestamp;             ///< UTC, RFC 3339
  std::vector<std::string> command;  ///< raw bytes, as given
  std::string catalog;               ///< folder, raw bytes
  Settings settings;
  Stats stats;
  std::vector<Photo> photos;      ///< that groups point into
  std::vector<Picture> pictures;  ///< that photos point into
  Grouping grouping;
  std::vector<FileProblem> errors;  ///< sorted by path
};

/// What the groups add up to.
struct GroupTotals {
  std::uint64_t groups = 0;
  std::uint64_t files = 0;
  std::uint64_t redundant_files = 0;  ///< all but keepers and reference files
  std::uint64_t redundant_bytes = 0;
};
GroupTotals totals_of(const Report& report);

struct ReportStyle {
  bool colour = false;  ///< ANSI colours, for a terminal
};

struct ReportWriter {
  std::string_view name;  ///< as given to --format
  void (*write)(const Report& report, const ReportStyle& style,
                std::ostream& out);
};

/// All formats: text, json, jsonl, csv, print0. Writers never throw for what
/// is in the report, whatever bytes its strings hold.
std::span<const ReportWriter> report_writers();

/// Null if there is no such format.
const ReportWriter* find_report_writer(std::string_view name);

}  // namespace vam
