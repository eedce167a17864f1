// Writes what a run found: as text for people, as JSON and CSV for programs.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <iosfwd>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/error.hpp"
#include "vam/group.hpp"
#include "vam/photo.hpp"

namespace vam {

/// The parts of a run whose cost is measured. The names are part of the report.
enum class RunStage : std::uint8_t {
  scan,    ///< listing the sources, and reading the catalog meanwhile
  hash,    ///< comparing both; reading and decoding the rest
  search,  ///< finding candidates, and grouping
  verify,  ///< comparing the candidates' sketches
};
inline constexpr std::size_t kRunStages = 4;

std::string_view to_string(RunStage stage);

/// What a stage took, and what it got through.
struct StageCost {
  double seconds = 0;
  double cpu_seconds = 0;        ///< of all threads together
  int workers = 1;               ///< threads that it may use
  std::uint64_t pictures = 0;    ///< or files that may be some
  std::uint64_t bytes_read = 0;  ///< of photos
  /// Of the process until then, and of its decoders while they run.
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t pairs = 0;  ///< of pictures that were compared
};

/// What a worker does while pictures are hashed. The names are part of the
/// report.
enum class HashStep : std::uint8_t {
  read,
  digest,
  decode,
  fingerprint,   ///< the hashes and the sketch
  memory_wait,   ///< until the others need less of it
  catalog_wait,  ///< until it has taken what it was given before
  idle,          ///< between files, and when there are none left
};
inline constexpr std::size_t kHashSteps = 7;

std::string_view to_string(HashStep step);

struct RunTimes {
  std::array<StageCost, kRunStages> stages{};        ///< indexed by RunStage
  std::array<double, kHashSteps> hashing_seconds{};  ///< sums of all workers
  double total_seconds = 0;

  const StageCost& operator[](RunStage stage) const {
    return stages[static_cast<std::size_t>(stage)];
  }
  StageCost& operator[](RunStage stage) {
    return stages[static_cast<std::size_t>(stage)];
  }
  double operator[](HashStep step) const {
    return hashing_seconds[static_cast<std::size_t>(step)];
  }
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
  RunTimes times;
  std::uint64_t peak_memory_bytes = 0;  ///< resident, with the decoders'
  int workers = 0;
};

inline constexpr std::uint64_t kAnySize =
    std::numeric_limits<std::uint64_t>::max();

/// What was asked for; the same settings over the same files give the same
/// groups.
struct Settings {
  bool detect_duplicates = false;
  bool show_discarded = false;  ///< list the links that were left out, too
  bool show_stats = false;      ///< tell what took how long, in text, too
  bool new_only = false;        ///< leave out what was reported before
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

/// A file beside a photo, and named after it.
struct CompanionFile {
  std::uint32_t photo = 0;  ///< index into the photos
  NonPicture kind = NonPicture::sidecar;
  std::string path;  ///< absolute, raw bytes
};

/// All that a report says; the writers only choose words.
struct Report {
  /// Whether it was asked for news, and there are none.
  bool is_old() const {
    return settings.new_only && grouping.groups.empty() && errors.empty();
  }

  std::string version;
  std::string timestamp;             ///< UTC, RFC 3339
  std::vector<std::string> command;  ///< raw bytes, as given
  std::string catalog;               ///< folder, raw bytes
  Settings settings;
  Stats stats;
  std::vector<Photo> photos;      ///< that groups point into
  std::vector<Picture> pictures;  ///< that photos point into
  /// Sorted by photo, then by path.
  std::vector<CompanionFile> companions = {};
  Grouping grouping;
  std::vector<FileProblem> errors;  ///< sorted by path
};

/// A file of the catalog that shows the same picture as the one asked about.
struct LikeMatch {
  std::string path;      ///< absolute, raw bytes
  Evidence evidence;     ///< against the file asked about
  bool is_there = true;  ///< still, under this path
};

/// What was found for one file.
struct LikeAnswer {
  std::string path;                ///< absolute, raw bytes
  std::optional<Error> problem;    ///< why it cannot be read or decoded
  std::vector<LikeMatch> matches;  ///< best first, then by path
};

struct LikeReport {
  std::string version;
  std::string catalog;  ///< folder, raw bytes
  Settings settings;
  std::vector<LikeAnswer> answers;  ///< as asked
};

/// Why two files are in one group, or are not. The names are part of the
/// report.
enum class Reason : std::uint8_t {
  same_bytes,        ///< in one group
  match,             ///< in one group: one of them is the keeper
  through_keeper,    ///< in one group: both match its keeper
  unreadable,        ///< one cannot be decoded
  marked_different,  ///< by the user
  no_structure,      ///< one has nothing that could be recognised
  not_a_candidate,   ///< their hashes are too far apart
  refused,           ///< candidates that verification refused
  in_one_set,        ///< they match, but belong together otherwise: a burst
  other_keeper,      ///< they match, but one belongs to a better keeper
};

std::string_view to_string(Reason reason);

struct ExplainedFile {
  std::string path;  ///< absolute, raw bytes
  bool in_catalog = false;
  Picture picture;
  bool has_structure = false;  ///< enough of it to be matched by its look
  std::string keeper = {};     ///< of its group; empty if it is in none
};

/// How far the hashes of two pictures are apart in one pose.
struct ExplainedPose {
  Pose pose;
  HashDistances distance{};
};

struct Explanation {
  std::string version;
  std::string catalog;  ///< folder, raw bytes
  Settings settings;
  ExplainedFile first;
  ExplainedFile second;
  bool marked_different = false;
  /// In which the pair is a candidate, nearest first; empty without
  /// verification.
  std::vector<ExplainedPose> candidates;
  std::optional<ExplainedPose> nearest;  ///< candidate or not
  /// Of the candidates; if there are none, of poses around the nearest, whose
  /// evidence counts for nothing.
  Judgement judgement;
  bool in_one_group = false;
  Reason reason = Reason::not_a_candidate;
};

/// What the groups add up to.
struct GroupTotals {
  std::uint64_t groups = 0;
  std::uint64_t files = 0;
  std::uint64_t redundant_files = 0;  ///< all but those to be kept
  std::uint64_t redundant_bytes = 0;
};
GroupTotals totals_of(const Report& report);

/// Of the time that a stage's workers had, the share in which they had a CPU, 0
/// to 1; 0 if nothing was measured.
double utilisation(const StageCost& cost);

/// What would have to be faster for the run to be.
enum class Limit : std::uint8_t {
  cpu,     ///< the workers compute
  thread,  ///< a part that only one thread works on, or other programs
  disk,    ///< photos and folders are waited for
  memory,
  catalog,
  files,  ///< too few for all workers
};

std::string_view to_string(Limit limit);

struct Bottleneck {
  RunStage stage = RunStage::scan;  ///< the longest one
  double share = 0;                 ///< of the whole run, 0 to 1
  /// What the workers mostly do in it; only while they hash.
  std::optional<HashStep> step;
  /// Of the workers' time: that of the step or, without one, the utilisation.
  double busy = 0;
  Limit limit = Limit::cpu;
};

/// Nothing for a run that is too short to tell.
std::optional<Bottleneck> bottleneck_of(const RunTimes& times);

struct ReportStyle {
  bool colour = false;  ///< ANSI colours, for a terminal
  /// What names would make a terminal do is made visible in formats that give
  /// them as they are, too.
  bool is_for_terminal = false;
};

struct ReportWriter {
  std::string_view name;  ///< as given to --format
  void (*write)(const Report& report, const ReportStyle& style,
                std::ostream& out);
};

/// All formats: text, json, jsonl, csv, print0. Writers never throw for what
/// is in the report, whatever bytes its strings hold.
std::span<const ReportWriter> report_writers();

/// For people, or as JSON (schemas `vam-analyze-like/1` and
/// `vam-analyze-explain/1`).
enum class AnswerFormat : std::uint8_t { text, json };

void write_like(const LikeReport& report, AnswerFormat format,
                std::ostream& out);
void write_explanation(const Explanation& explanation, AnswerFormat format,
                       std::ostream& out);

/// A folder that shows a report in a browser: index.html, what belongs to it,
/// and a thumbnail of each picture that is in a group.
///
/// What cannot be written is a FatalError. Nothing is written outside the
/// folder, whatever links are in it, and no file is replaced that is no part of
/// a page.
class PageFolder {
 public:
  /// Opens the folder for this process alone; makes it if it is missing.
  /// Refuses one that is not empty and holds no page, and one that lies in a
  /// source (absolute, canonical): there are only photos.
  PageFolder(const std::string& folder, std::span<const std::string> sources);
  ~PageFolder();

  /// What to open, absolute.
  std::string index_file() const;

  // These two may be called by many threads at once, each with other digests.
  bool has_thumbnail(const Digest& digest) const;
  void add_thumbnail(const Digest& digest, std::span<const std::byte> jpeg);

  /// Writes the page, in which pictures without a thumbnail have none. Throws
  /// Interrupted soon after `stop` is set, and leaves the page that was there.
  void write(const Report& report, const std::atomic<bool>* stop = nullptr);

 private:
  struct Place;
  std::unique_ptr<Place> place_;
};

/// Null if there is no such format.
const ReportWriter* find_report_writer(std::string_view name);

}  // namespace vam
