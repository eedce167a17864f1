// From pictures to verified matches: candidate search and verification.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analyze/frame_keys.hpp"
#include "vam/analyze.hpp"
#include "vam/catalog.hpp"
#include "vam/error.hpp"
#include "vam/group.hpp"
#include "vam/photo.hpp"
#include "vam/search.hpp"
#include "vam/verify.hpp"

namespace vam {

/// Throws Interrupted once this, which may be null, is true.
inline void poll(const std::atomic<bool>* stop) {
  if (stop != nullptr && *stop) throw Interrupted();
}

/// What all finders work on; must outlive them.
struct MatchInput {
  std::span<const Picture> pictures;
  const VerifyRule& rule;
  std::function<std::unique_ptr<SearchIndex>()> make_index;
  const std::atomic<bool>* stop = nullptr;  ///< may be null
  StageCost* verification = nullptr;  ///< told what that takes; may be null
  /// Told of each picture whose frames are known, and of each whose candidates
  /// are verified; may be null.
  AnalyzeObserver* observer = nullptr;
};

/// Finds what the plain rule accepts.
std::unique_ptr<MatchFinder> make_plain_finder(const MatchInput& input);

/// The sketches of pictures with these digests, in this order.
using SketchSource =
    std::function<std::vector<std::optional<Sketch>>(std::span<const Digest>)>;

/// A crop has the hashes of a window of its original, so one of the two finds
/// the other. Where not all pictures are asked for, each has to find both.
enum class Ways : bool { one, both };

struct SketchSearch {
  SketchSource sketches;
  Transforms transforms = Transforms::all;
  int threads = 1;
  std::uint64_t memory_bytes = 0;  ///< for sketches; the source has them all
  Ways ways = Ways::one;
};

/// Finds candidates by hash and verifies them by their sketches.
std::unique_ptr<MatchFinder> make_sketch_finder(const MatchInput& input,
                                                const SketchSearch& search);

/// The finder that the options ask for, which keeps apart what the catalog has
/// marked as different. With a queue, it shares its work with all processes of
/// the catalog; without one it is for this process alone, as questions are,
/// which never write.
std::unique_ptr<MatchFinder> make_finder(const MatchInput& input,
                                         SketchSource sketches, Ways ways,
                                         const AnalyzeOptions& options,
                                         Catalog& catalog,
                                         WorkQueue* queue = nullptr);

}  // namespace vam
