// Hashing that many processes share, each with a pool of workers.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "analyze/hashing.hpp"
#include "vam/catalog.hpp"

namespace vam {

/// The root of a source on this machine; it must outlive the call.
using RootOf = std::function<const std::string&(SourceId)>;

/// The same for runs that are to share one job: of these sources, with options
/// under which the same files are read in the same way.
Digest job_key(const AnalyzeOptions& options,
               std::span<const SourceId> sources);

/// Takes chunks of the job that was joined, and hashes them as hash_files()
/// does, until no process has any left. What was learned is in the catalog when
/// this returns or throws FatalError or Interrupted. Outcomes and pictures in
/// the result are left out; those of all processes are in queue.result().
HashingResult hash_together(WorkQueue& queue, Catalog& catalog,
                            const RootOf& root_of,
                            std::span<const Picture> known,
                            const AnalyzeOptions& options,
                            AnalyzeObserver& observer,
                            const std::atomic<bool>* stop);

/// What came of the files of a job, to be asked for each.
class JobOutcomes {
 public:
  explicit JobOutcomes(std::vector<QueuedOutcome> outcomes);

  /// Of this file, if it is as it was when it was read; else null.
  const QueuedOutcome* of(SourceId source, const FileEntry& entry) const;
  /// Pictures that the catalog does not keep, as their errors may pass; sorted
  /// by digest.
  std::vector<Picture> undecoded() const;

 private:
  std::vector<QueuedOutcome> outcomes_;  ///< by source and path
};

/// Whether the machine that tried could not get at the file.
bool was_out_of_reach(const QueuedOutcome& outcome);

/// The same outcome, of a file below this root.
FileOutcome outcome_at(const std::string& root, const QueuedOutcome& outcome);

/// Names all that may let another build decode to other pixels.
std::string decoder_versions();

}  // namespace vam
