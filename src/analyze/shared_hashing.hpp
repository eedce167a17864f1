// Hashing that many processes share, each with a pool of workers.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string>

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

/// Names all that may let another build decode to other pixels.
std::string decoder_versions();

}  // namespace vam
