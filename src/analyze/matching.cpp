// Candidate search and verification.
#include "analyze/matching.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "analyze/candidates.hpp"
#include "analyze/different.hpp"
#include "analyze/shared_matching.hpp"
#include "analyze/sketch_shelf.hpp"
#include "analyze/stopwatch.hpp"
#include "analyze/working.hpp"

namespace vam {
namespace {

/// About so many candidates are held at once: find() answers for fewer pictures
/// where there are more. It would be lost work, too: a picture that matches
/// many takes them, and they are not asked any more.
constexpr std::size_t kFewCandidates = std::size_t{1} << 18;
/// Of many pictures that have few each.
constexpr std::size_t kManyCandidates = std::size_t{1} << 21;
constexpr std::size_t kFewOfEach = 128;

/// Ends a search.
struct TooMany {};

/// A frame that can be found.
struct FrameId {
  std::uint32_t picture;
  Frame frame;
};

/// A pose in which two frames have near hashes.
struct Candidate {
  std::uint32_t slot;     ///< which picture of the batch asks
  std::uint32_t picture;  ///< found
  std::uint8_t distance;
  Frame first;
  Frame second;
  Orientation turn;  ///< by which the first looks like the second
  /// Number of the window of the second that the first shows, kNoWindow, or
  /// behind that, that of the first that the second shows.
  std::uint8_t window;
};
constexpr std::uint8_t kNoWindow = kWindows;

Pose pose_of(const Candidate& candidate) {
  if (candidate.window < kNoWindow) {
    return covering(candidate.first, candidate.second,
                    window_of(candidate.window));
  }
  Pose pose{candidate.first, candidate.second, inverse(candidate.turn), {}};
  if (candidate.window > kNoWindow) {
    pose.window = window_of(candidate.window - kNoWindow - std::size_t{1});
  }
  return pose;
}

/// Calls work(i) for 0..count-1 with many threads; the first exception ends it.
template <class Work>
void for_each_parallel(std::size_t count, int threads,
                       AnalyzeObserver* observer, const Work& work) {
  std::exception_ptr error;
  std::mutex mutex;
#pragma omp parallel num_threads(threads)
  {
    Working working(observer);
    working.begin();
#pragma omp for schedule(dynamic) nowait
    for (std::size_t i = 0; i < count; ++i) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
      }
    }
  }
  if (error) std::rethrow_exception(error);
}

class SketchFinder : public MatchFinder {
 public:
  SketchFinder(const MatchInput& input, const SketchSearch& search)
      : input_(input), search_(search), shelf_(input, search_) {
    for (ShapeIndex& index : indexes_) index.frames = input.make_index();
    add_frames();
  }

  std::vector<std::vector<Match>> find(
      std::span<const std::uint32_t> pictures) override {
    pictures = pictures.first(std::min(pictures.size(), affordable_));
    while (true) {
      if (const auto candidates = find_candidates(pictures)) {
        expect(candidates->size(), pictures.size());
        return verify_all(pictures, *candidates);
      }
      pictures = pictures.first(pictures.size() / 2);
    }
  }

  std::optional<Evidence> confirm(std::uint32_t first, std::uint32_t second,
                                  Orientation transform) override {
    poll(input_.stop);
    const Stopwatch stopwatch(input_.verification);
    shelf_.fetch(std::array{first, second});
    if (shelf_.at(first) == nullptr || shelf_.at(second) == nullptr) {
      return std::nullopt;
    }
    count_pairs(1);
    return verify(seen(first), seen(second), all_poses(transform));
  }

  /// Of most frames.
  std::string description() const override {
    return std::ranges::max_element(indexes_, {}, &ShapeIndex::frame_count)
        ->frames->description();
  }

 private:
  static constexpr std::size_t kBlock = 4096;
  /// So many windows, or some more, are in one index.
  static constexpr std::size_t kWindowsAtOnce = std::size_t{1} << 20;
  /// So many nearest candidates are refused before the rest is given up.
  static constexpr int kMaxRefusals = 500;
  /// So many pairs of a picture are verified before more sketches are fetched.
  static constexpr std::size_t kPairsAtOnce = 512;

  Seen seen(std::uint32_t picture) const {
    return {input_.pictures[picture], *shelf_.at(picture)};
  }

  template <class Work>
  void in_parallel(std::size_t count, const Work& work) const {
    for_each_parallel(count, search_.threads, input_.observer, work);
  }

  void advance() const {
    if (input_.observer != nullptr) input_.observer->advanced();
  }

  void count_pairs(std::size_t pairs) const {
    if (input_.verification != nullptr) input_.verification->pairs += pairs;
  }

  static std::size_t most_candidates(std::size_t pictures) {
    return std::clamp(pictures * kFewOfEach, kFewCandidates, kManyCandidates);
  }

  /// A search that ends with too many was for nothing: so many as these had are
  /// expected of the next pictures, too, and a few more.
  void expect(std::size_t candidates, std::size_t pictures) {
    const bool are_few = candidates * 4 / 3 < pictures * kFewOfEach;
    const std::size_t most = are_few ? kManyCandidates : kFewCandidates;
    affordable_ =
        std::max(pictures * (most * 3 / 4) / (candidates + 1), std::size_t{1});
  }

  HashKind searched_kind() const { return input_.rule.methods.front(); }

  Hash searched_hash(const HashSet& hashes) const {
    return hashes[index_of(searched_kind())];
  }

  /// Hashes and their ids, for an index.
  struct Points {
    std::vector<std::uint32_t> ids;
    std::vector<Hash> hashes;

    void add(std::size_t id, Hash hash) {
      ids.push_back(static_cast<std::uint32_t>(id));
      hashes.push_back(hash);
    }
  };

  /// What there is of one shape.
  struct ShapeIndex {
    std::unique_ptr<SearchIndex> frames;
    std::size_t frame_count = 0;
    /// In parts: a search takes as much memory again as what it looks through.
    std::vector<std::unique_ptr<SearchIndex>> windows;
  };

  /// Hands the frames of pictures that can match at all to the indexes.
  void add_frames() {
    std::vector<std::uint32_t> all;
    for (std::uint32_t picture = 0; picture < input_.pictures.size();
         ++picture) {
      if (input_.pictures[picture].look) all.push_back(picture);
    }
    // Most have one frame.
    frame_ids_.reserve(all.size());
    frame_keys_.reserve(all.size());
    for (std::size_t begin = 0; begin < all.size(); begin += kBlock) {
      poll(input_.stop);
      const auto block =
          std::span(all).subspan(begin, std::min(kBlock, all.size() - begin));
      std::array<Points, kShapes> frames;
      std::array<Points, kShapes> windows;
      const auto keys = make_keys(block);
      for (std::size_t n = 0; n < block.size(); ++n) {
        const Shape shape = shape_of(input_.pictures[block[n]], keys[n]);
        for (const FramedKeys& framed : keys[n]) {
          frames[static_cast<std::size_t>(shape)].add(
              frame_ids_.size(), searched_hash(framed.keys.upright));
          frame_ids_.push_back({block[n], framed.frame});
          frame_keys_.push_back(framed.keys);
          frame_shapes_.push_back(shape);
          for (const HashSet& window : framed.windows) {
            windows[static_cast<std::size_t>(shape)].add(window_keys_.size(),
                                                         searched_hash(window));
            window_keys_.push_back(window);
          }
        }
      }
      for (std::size_t shape = 0; shape < kShapes; ++shape) {
        add(frames[shape], windows[shape], indexes_[shape]);
      }
    }
  }

  /// Some frames and their windows.
  void add(const Points& frames, const Points& windows,
           ShapeIndex& index) const {
    if (frames.ids.empty()) return;
    index.frames->add(frames.ids, frames.hashes);
    index.frame_count += frames.ids.size();
    if (index.frame_count * kWindows > index.windows.size() * kWindowsAtOnce) {
      index.windows.push_back(input_.make_index());
    }
    index.windows.back()->add(windows.ids, windows.hashes);
  }

  /// Of the frames of each picture that can match at all.
  std::vector<std::vector<FramedKeys>> make_keys(
      std::span<const std::uint32_t> pictures) {
    shelf_.fetch(pictures);
    std::vector<std::vector<FramedKeys>> keys(pictures.size());
    in_parallel(pictures.size(), [&](std::size_t n) {
      poll(input_.stop);
      advance();
      const Sketch* sketch = shelf_.at(pictures[n]);
      if (sketch != nullptr) keys[n] = make_frame_keys(*sketch);
    });
    return keys;
  }

  /// A frame of one of the pictures that ask.
  struct Asking {
    std::uint32_t slot;
    std::uint32_t frame_id;
  };

  /// How a frame is looked for: turned, or a window of it. Queries are numbered
  /// by frame, then way.
  static constexpr std::size_t kWaysToAsk = kOrientations + kWindows;

  bool is_asked(std::size_t way) const {
    if (way >= kOrientations) return search_.ways == Ways::both;
    return is_searched(static_cast<Orientation>(kUpright + way),
                       search_.transforms);
  }

  /// Of the frame as it is looked for.
  Shape shape_asked(std::size_t frame_id, std::size_t way) const {
    const Shape shape = frame_shapes_[frame_id];
    return way < kOrientations
               ? turned(shape, static_cast<Orientation>(kUpright + way))
               : shape;
  }

  HashSet key_of(std::size_t frame_id, std::size_t way) const {
    if (way < kOrientations) {
      return frame_keys_[frame_id].turned(
          static_cast<Orientation>(kUpright + way));
    }
    return window_keys_[frame_id * kWindows + way - kOrientations];
  }

  std::vector<Asking> frames_of(std::span<const std::uint32_t> pictures) const {
    std::vector<Asking> asking;
    for (std::uint32_t slot = 0; slot < pictures.size(); ++slot) {
      auto frame = std::ranges::lower_bound(frame_ids_, pictures[slot], {},
                                            &FrameId::picture);
      for (; frame != frame_ids_.end() && frame->picture == pictures[slot];
           ++frame) {
        asking.push_back(
            {slot, static_cast<std::uint32_t>(frame - frame_ids_.begin())});
      }
    }
    return asking;
  }

  /// What a query may find.
  struct Found {
    const FrameId& frame;
    const HashSet& key;
    std::uint8_t window;  ///< of the frame, or kNoWindow
  };

  Candidate candidate_of(const CandidatePair& pair, const Asking& asking,
                         const Found& found) const {
    const std::size_t way = pair.second % kWaysToAsk;
    Candidate candidate{asking.slot,
                        found.frame.picture,
                        static_cast<std::uint8_t>(pair.distance),
                        frame_ids_[asking.frame_id].frame,
                        found.frame.frame,
                        kUpright,
                        found.window};
    if (way < kOrientations) {
      candidate.turn = static_cast<Orientation>(kUpright + way);
    } else {
      candidate.window =
          static_cast<std::uint8_t>(kNoWindow + 1 + way - kOrientations);
    }
    return candidate;
  }

  /// Takes out pairs of a picture with itself, and those that no other hash
  /// confirms. Keys lie anywhere in some hundred megabytes, so many are fetched
  /// at a time.
  template <class FoundBy>
  void keep_confirmed(std::vector<CandidatePair>& pairs,
                      std::span<const Asking> asking,
                      std::span<const std::uint32_t> pictures,
                      const FoundBy& found_by) const {
    constexpr std::size_t kAtOnce = 256;
    std::size_t kept = 0;
    for (std::size_t begin = 0; begin < pairs.size(); begin += kAtOnce) {
      const auto some = std::span(pairs).subspan(
          begin, std::min(kAtOnce, pairs.size() - begin));
      for (const CandidatePair& pair : some) {
        const Asking& query = asking[pair.second / kWaysToAsk];
        __builtin_prefetch(&frame_keys_[query.frame_id]);
        __builtin_prefetch(&found_by(pair.first).key);
      }
      for (const CandidatePair& pair : some) {
        const Asking& query = asking[pair.second / kWaysToAsk];
        const HashSet key = key_of(query.frame_id, pair.second % kWaysToAsk);
        const Found found = found_by(pair.first);
        if (found.frame.picture != pictures[query.slot] &&
            is_confirmed(key, found.key, input_.rule)) {
          pairs[kept++] = pair;
        }
      }
    }
    pairs.resize(kept);
  }

  /// None if there are too many to hold; never for a single picture.
  std::optional<std::vector<Candidate>> find_candidates(
      std::span<const std::uint32_t> pictures) {
    const std::vector<Asking> asking = frames_of(pictures);
    // By the shape of what is to be found.
    std::array<Points, kShapes> queries;
    std::array<Points, kShapes> upright;
    for (std::size_t n = 0; n < asking.size(); ++n) {
      for (std::size_t way = 0; way < kWaysToAsk; ++way) {
        if (!is_asked(way)) continue;
        const Shape shape = shape_asked(asking[n].frame_id, way);
        const std::size_t id = n * kWaysToAsk + way;
        const Hash hash = searched_hash(key_of(asking[n].frame_id, way));
        for (std::size_t other = 0; other < kShapes; ++other) {
          if (indexes_[other].frame_count == 0 ||
              !may_match(shape, static_cast<Shape>(other))) {
            continue;
          }
          queries[other].add(id, hash);
          if (way == 0) upright[other].add(id, hash);
        }
      }
    }

    std::vector<Candidate> candidates;
    const auto sink_of = [&](const auto& found_by) -> SearchIndex::Sink {
      return {[&, found_by](std::span<const CandidatePair> block) {
                poll(input_.stop);
                for (const CandidatePair& pair : block) {
                  candidates.push_back(
                      candidate_of(pair, asking[pair.second / kWaysToAsk],
                                   found_by(pair.first)));
                }
                if (candidates.size() > most_candidates(pictures.size()) &&
                    pictures.size() > 1) {
                  throw TooMany();
                }
              },
              [&, found_by](std::vector<CandidatePair>& pairs) {
                poll(input_.stop);
                keep_confirmed(pairs, asking, pictures, found_by);
              }};
    };
    Working working(input_.observer, search_.threads);
    working.begin();
    try {
      const SearchIndex::Sink frames_sink = sink_of([&](std::uint32_t id) {
        return Found{frame_ids_[id], frame_keys_[id].upright, kNoWindow};
      });
      const SearchIndex::Sink windows_sink = sink_of([&](std::uint32_t id) {
        return Found{frame_ids_[id / kWindows], window_keys_[id],
                     static_cast<std::uint8_t>(id % kWindows)};
      });
      const int radius = input_.rule.max_distance;
      for (std::size_t shape = 0; shape < kShapes; ++shape) {
        const auto& [ids, hashes] = queries[shape];
        indexes_[shape].frames->match(ids, hashes, radius, frames_sink);
        for (const auto& windows : indexes_[shape].windows) {
          windows->match(upright[shape].ids, upright[shape].hashes, radius,
                         windows_sink);
        }
      }
    } catch (const TooMany&) {
      return std::nullopt;
    }
    working.end();
    std::ranges::sort(candidates, {}, [](const Candidate& candidate) {
      return std::tuple(candidate.slot, candidate.picture, candidate.distance,
                        candidate.turn, candidate.window, candidate.first,
                        candidate.second);
    });
    return candidates;
  }

  /// The candidates of one pair, nearest pose first.
  using Poses = std::span<const Candidate>;

  /// The pairs of a picture that asks, nearest first, and what came of them.
  struct Asked {
    std::vector<Poses> pairs;
    std::vector<Match> matches;
    int refusals = 0;

    /// The pairs from this one on that are verified next; none at the end.
    std::span<const Poses> block(std::size_t begin) const {
      if (refusals == kMaxRefusals || begin >= pairs.size()) return {};
      return std::span(pairs).subspan(
          begin, std::min(kPairsAtOnce, pairs.size() - begin));
    }
  };

  static std::vector<Asked> pairs_of(std::size_t pictures,
                                     const std::vector<Candidate>& candidates) {
    std::vector<Asked> asked(pictures);
    for (std::size_t begin = 0; begin < candidates.size();) {
      std::size_t end = begin;
      while (end < candidates.size() &&
             candidates[end].slot == candidates[begin].slot &&
             candidates[end].picture == candidates[begin].picture) {
        ++end;
      }
      asked[candidates[begin].slot].pairs.push_back(
          std::span(candidates).subspan(begin, end - begin));
      begin = end;
    }
    for (Asked& one : asked) {
      std::ranges::stable_sort(one.pairs, {}, [](const Poses& poses) {
        return poses.front().distance;
      });
    }
    return asked;
  }

  std::vector<std::vector<Match>> verify_all(
      std::span<const std::uint32_t> pictures,
      const std::vector<Candidate>& candidates) {
    const Stopwatch stopwatch(input_.verification);
    std::vector<Asked> asked = pairs_of(pictures.size(), candidates);
    for (std::size_t begin = 0; begin < pictures.size();) {
      // As many pictures at once as the shelf has room for their candidates.
      std::size_t end = begin;
      for (std::size_t room = 0;
           end < pictures.size() && room < shelf_.capacity(); ++end) {
        room += 1 + asked[end].block(0).size();
      }
      verify_blocks(pictures.subspan(begin, end - begin),
                    std::span(asked).subspan(begin, end - begin));
      begin = end;
    }
    std::vector<std::vector<Match>> matches;
    for (Asked& one : asked) {
      count_pairs(one.matches.size() + static_cast<std::size_t>(one.refusals));
      std::ranges::sort(one.matches, {}, &Match::picture);
      matches.push_back(std::move(one.matches));
    }
    return matches;
  }

  /// Takes the nearest pairs of each picture first: most may never be needed.
  void verify_blocks(std::span<const std::uint32_t> pictures,
                     std::span<Asked> asked) {
    for (std::size_t begin = 0;; begin += kPairsAtOnce) {
      std::vector<std::uint32_t> needed;
      for (std::size_t n = 0; n < pictures.size(); ++n) {
        const auto block = asked[n].block(begin);
        if (!block.empty()) needed.push_back(pictures[n]);
        for (const Poses& poses : block) {
          needed.push_back(poses.front().picture);
        }
      }
      if (needed.empty()) return;
      std::ranges::sort(needed);
      needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
      shelf_.fetch(needed);
      in_parallel(pictures.size(), [&](std::size_t n) {
        verify_block(pictures[n], asked[n].block(begin), asked[n]);
        if (begin == 0) advance();
      });
    }
  }

  void verify_block(std::uint32_t picture, std::span<const Poses> block,
                    Asked& asked) const {
    for (const Poses& candidates : block) {
      poll(input_.stop);
      if (asked.refusals == kMaxRefusals) break;
      const std::uint32_t other = candidates.front().picture;
      std::vector<Pose> poses;
      for (const Candidate& candidate : candidates) {
        poses.push_back(pose_of(candidate));
      }
      const bool are_known =
          shelf_.at(picture) != nullptr && shelf_.at(other) != nullptr;
      const auto evidence =
          are_known ? verify(seen(picture), seen(other), poses) : std::nullopt;
      if (evidence) {
        asked.matches.push_back({other, *evidence});
      } else {
        ++asked.refusals;
      }
    }
  }

  const MatchInput input_;
  const SketchSearch search_;
  SketchShelf shelf_;
  /// Pictures that are likely to have no more candidates than can be held.
  std::size_t affordable_ = std::numeric_limits<std::size_t>::max();
  std::array<ShapeIndex, kShapes> indexes_;
  std::vector<FrameId> frame_ids_;     ///< by id of a frame, and by picture
  std::vector<FrameKeys> frame_keys_;  ///< by id of a frame
  std::vector<Shape> frame_shapes_;    ///< the same
  /// By id of a window. Millions: a vector would take up to twice the memory.
  std::deque<HashSet> window_keys_;
};

}  // namespace

std::unique_ptr<MatchFinder> make_sketch_finder(const MatchInput& input,
                                                const SketchSearch& search) {
  return std::make_unique<SketchFinder>(input, search);
}

/// A million pictures have four times as much. What is not at hand is read from
/// the catalog again, of which the system holds what it has room for.
constexpr std::uint64_t kMostSketchBytes = std::uint64_t{256} << 20;

std::unique_ptr<MatchFinder> make_finder(const MatchInput& input,
                                         SketchSource sketches, Ways ways,
                                         const AnalyzeOptions& options,
                                         Catalog& catalog, WorkQueue* queue) {
  auto finder =
      options.verify
          ? make_sketch_finder(
                input,
                {std::move(sketches), options.transforms, options.workers,
                 std::min(options.memory_limit_bytes / 2, kMostSketchBytes),
                 ways})
          : make_plain_finder(input);
  if (queue != nullptr) {
    const bool is_shared = catalog.is_shared();
    finder = make_shared_finder(
        std::move(finder), queue->search(),
        is_shared ? Company::possible : Company::none,
        // Takes some time, of a million pictures, to be compared with none.
        is_shared ? search_key(input, ways, options) : Digest{}, input);
  }
  return without_different(std::move(finder), input.pictures,
                           catalog.different_pairs());
}

}  // namespace vam
