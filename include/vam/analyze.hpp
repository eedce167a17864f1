// The whole run, from source folders to a report.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/catalog.hpp"
#include "vam/decode.hpp"
#include "vam/error.hpp"
#include "vam/group.hpp"
#include "vam/report.hpp"
#include "vam/scan.hpp"
#include "vam/search.hpp"
#include "vam/verify.hpp"

namespace vam {

struct AnalyzeOptions {
  /// Absolute, canonical roots of this run; empty: all that the catalog knows.
  std::vector<std::string> sources;
  ScanOptions scan;
  DecodeLimits limits;
  bool verify = true;                  ///< false: the plain hash rule decides
  VerifyRule rule = candidate_rule();  ///< of candidates, or the plain one
  Transforms transforms = Transforms::all;
  bool detect_duplicates = false;
  GroupRules grouping;
  bool recompute_hashes = false;  ///< read and decode unchanged files too
  /// Read unchanged files too, and compare their bytes with what they held.
  bool verify_digests = false;
  /// Forget everything first, once it is sure that there is a source to read.
  bool clear = false;
  bool prune = false;  ///< forget files and sources that are gone
  int workers = 1;     ///< at least 1
  /// A command that calls serve_decoding(). Files are decoded in processes of
  /// it, one for each worker: a decoder that crashes or never ends costs one
  /// file. Empty: in this process, with no limit on time.
  std::vector<std::string> decoder_command = {};
  std::uint32_t file_timeout_seconds = 30;   ///< of a CPU, to decode; 0: none
  IndexKind index = IndexKind::auto_choice;  ///< never changes what is found
  /// All that files and rasters in flight may hold together, bytes; half of it
  /// is for sketches while pictures are compared, 256 MiB at most. Hashes,
  /// their indexes and matches come on top.
  std::uint64_t memory_limit_bytes = std::uint64_t{1} << 30;
};

/// What a stage is going to do.
struct StagePlan {
  std::string_view name;    ///< "hashing"; a literal
  std::string_view unit;    ///< what is counted: "files"; a literal
  std::uint64_t total = 0;  ///< of these; 0: not known
  std::uint64_t bytes = 0;  ///< of all these files; 0: not known
  int workers = 1;
};

/// A file that was read, or could not be.
struct FileDone {
  const std::string& path;
  std::uint64_t size_bytes = 0;
  double seconds = 0;
  std::array<double, kHashSteps> step_seconds{};  ///< of these; 0: not known
};

/// Told how the run goes. Where it says so, by many threads at once, else by
/// the calling thread only.
class AnalyzeObserver {
 public:
  virtual ~AnalyzeObserver() = default;
  virtual void stage_started(const StagePlan& /*plan*/) {}
  /// So many are done now.
  virtual void progressed(std::uint64_t /*done*/) {}
  /// One more is done. By many threads.
  virtual void advanced() {}
  /// One more is done, a file. By many threads.
  virtual void file_done(const FileDone& /*file*/) {}
  /// So many workers more, or fewer, compute and do not wait. By many threads.
  virtual void workers_changed(int /*change*/) {}
  virtual void stage_ended() {}
  /// A fact worth a line under -v.
  virtual void note(const std::string& /*text*/) {}
  /// Something that the user should know, although the run goes on.
  virtual void warned(const std::string& /*text*/) {}
};

/// Runs all stages. Everything learned is in the catalog even if this throws:
/// FatalError when the run cannot go on, Interrupted soon after `stop` became
/// true (`stop` may be null). Timestamp and command are the caller's to fill.
Report analyze(Catalog& catalog, const AnalyzeOptions& options,
               AnalyzeObserver& observer, const std::atomic<bool>* stop);

/// Decodes for a run in another process, until that has ended; the channel to
/// it is standard input, standard output the memory of the files. Returns an
/// exit status. What a decoder dies of, this process dies of, too.
int serve_decoding();

/// Makes the thumbnails that the page of this report lacks, each from a photo
/// that still holds what the report says; a picture of which there is none gets
/// none. Throws FatalError if the page cannot be written, and Interrupted.
void make_thumbnails(const Report& report, PageFolder& page,
                     const AnalyzeOptions& options, AnalyzeObserver& observer,
                     const std::atomic<bool>* stop);

/// Leaves in a report what has not been reported: groups that are no part of
/// one that has been, by the contents of their files and how many have each,
/// and problems. Sets and discarded links are left out. Looks whether files are
/// there, and returns what has been reported once this is.
Reported keep_news(Report& report, const Reported& reported);

// Questions about single files, given by absolute paths. They know what the
// catalog knows, read what it does not know (any more), and never write. Errors
// are those of analyze(); the catalog's folder is the caller's to fill in.

/// What the catalog holds of the same pictures as these files.
LikeReport find_like(Catalog& catalog, const AnalyzeOptions& options,
                     std::span<const std::string> paths,
                     AnalyzeObserver& observer, const std::atomic<bool>* stop);

/// Why two files are in one group, or are not, among all files of the catalog
/// that are still there. Takes as long as a search for duplicates. FatalError
/// if one cannot be read.
Explanation explain(Catalog& catalog, const AnalyzeOptions& options,
                    const std::string& first, const std::string& second,
                    AnalyzeObserver& observer, const std::atomic<bool>* stop);

/// What these files (absolute paths) hold, in their order: known from the
/// catalog for one that is as it was, or is gone; else read now. Adds nothing
/// to the catalog.
std::vector<Result<Digest>> contents_of(Catalog& catalog,
                                        std::span<const std::string> paths);

}  // namespace vam
