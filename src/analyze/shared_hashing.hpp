// Hashing that all processes of a catalog share, each with a pool of workers.
#pragma once

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "analyze/hashing.hpp"
#include "vam/catalog.hpp"

namespace vam {

/// The same for runs that are to share one job: of these sources, with options
/// under which the same files are read in the same way.
Digest job_key(const AnalyzeOptions& options,
               std::span<const SourceId> sources);

/// Takes chunks of the job that was joined, and hashes them as hash_files()
/// does, until no process has any left. What was learned is in the catalog when
/// this returns or throws FatalError or Interrupted: of a catalog that is
/// shared, with the chunk; of another one as hashing goes on, within a second.
/// Outcomes are in the result of the queue. Pictures are in what this returns
/// if the catalog is not shared; else others may have decoded some.
HashingResult hash_together(Catalog& catalog, const RootOf& root_of,
                            const KnownContents& known,
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

/// Names all that may let another build decode to other pixels.
std::string decoder_versions();

}  // namespace vam
