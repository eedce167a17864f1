// The verdict over two sketches.
//
// Two pictures match when their fine structure agrees, wherever one lies on the
// other (alignment.hpp). They are the same image if, besides, nothing sets them
// apart that a new encoding or size would not: neither crop nor border, tone,
// colour or local change, nor that one camera took them at different moments.
// The thresholds were chosen on photos that differ from those of the accuracy
// tables in docs/accuracy.md, which tell what comes of them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "vam/verify.hpp"
#include "verify/alignment.hpp"
#include "verify/comparison.hpp"
#include "verify/pyramid.hpp"

namespace vam {
namespace {

/// Good enough not to look for a better alignment.
constexpr float kCertain = 0.985F;

constexpr float kMinOverlap = 0.55F;  // a crop of 12 % on every side
constexpr float kMinGain = 0.2F;

/// In sides of the frame: who begins so near to where an alignment ended comes
/// to that end again. By chance it may be a better one, so pairs that do not
/// match yet try nevertheless.
constexpr float kSameWay = 0.08F;
/// A fifth of a cell: who comes so near on the coarse levels comes to the same
/// end. It costs 6 of 12,214 matches of edited copies.
constexpr float kSameApproach = 0.006F;
/// A twentieth of a cell: what is seen there was compared already.
constexpr float kSamePlace = 0.0015F;

/// The shape of what a frame shows may differ by this factor more than the
/// window says: rounding to whole pixels, borders found a pixel off.
constexpr float kShapeTolerance = 0.06F;

constexpr float kWindowTolerance = 0.015F;
constexpr float kToneTolerance = 2.6F;    // levels
constexpr float kColourTolerance = 3.0F;  // levels
constexpr float kDetailTolerance = 5.0F;  // levels
/// Of the structure's rms: sharp edges move more between sizes.
constexpr float kDetailShare = 0.6F;

/// Where a point of the unit square goes when the picture is turned.
std::pair<float, float> turned_point(float x, float y, Orientation transform) {
  if (swaps_sides(transform)) std::swap(x, y);
  if (mirrors(transform)) x = 1 - x;
  if (flips(transform)) y = 1 - y;
  return {x, y};
}

const Thumbnail* frame_of(const Sketch& sketch, Frame frame) {
  if (frame == Frame::whole) return &sketch.whole;
  return sketch.content.get();
}

/// Width over height of what the frame shows.
float shape_of(const Picture& picture, Frame frame) {
  const auto side = [](std::uint32_t pixels) {
    return std::max(1.0F, static_cast<float>(pixels));
  };
  const float shape = side(picture.info.width) / side(picture.info.height);
  if (frame == Frame::whole) return shape;
  const Region& content = picture.look->content;
  return shape * static_cast<float>(content.right - content.left) /
         static_cast<float>(content.bottom - content.top);
}

bool is_whole(const Window& window) {
  return std::abs(window.left) <= kWindowTolerance &&
         std::abs(window.top) <= kWindowTolerance &&
         std::abs(window.width - 1) <= 2 * kWindowTolerance &&
         std::abs(window.height - 1) <= 2 * kWindowTolerance;
}

class Judge {
 public:
  Judge(const Seen& a, const Seen& b, Effort effort)
      : a_(a), b_(b), effort_(effort) {}

  void consider(const Pose& pose) {
    // What looks like a border in one file need not in another. So the whole
    // pictures come first; if they agree, there is no border to speak of.
    if ((pose.first == Frame::content || pose.second == Frame::content) &&
        !std::exchange(tried_whole_[pose.transform - kUpright], true)) {
      try_pose({Frame::whole, Frame::whole, pose.transform, {}}, false);
    }
    try_pose(pose, true);
  }

  Judgement judgement() const {
    Judgement judgement;
    judgement.compared = compared_ && (effort_ == Effort::fit ||
                                       best_.confidence >= kMatchConfidence);
    if (!judgement.compared) return judgement;
    judgement.pose = pose_;
    judgement.fit = best_;
    judgement.colour_shift = colour_shift();
    judgement.evidence = verdict(judgement.colour_shift);
    return judgement;
  }

 private:
  std::optional<Evidence> verdict(float colour_shift) const {
    if (best_.confidence < kMatchConfidence) return std::nullopt;
    Evidence evidence;
    evidence.distance =
        distances_between(a_.picture.look->hashes, b_.picture.look->hashes);
    evidence.transform = pose_.transform;
    evidence.similarity =
        std::clamp(static_cast<double>(best_.similarity), 0.0, 1.0);
    const auto note = [&](bool is_there, Difference difference) {
      if (is_there) {
        evidence.differences |= static_cast<std::uint8_t>(difference);
      }
    };
    note(!is_whole(pose_.window), Difference::crop);
    note(pose_.first == Frame::content || pose_.second == Frame::content,
         Difference::border);
    note(best_.tone_shift > kToneTolerance, Difference::tone);
    note(colour_shift > kColourTolerance, Difference::colour);
    note(best_.outlier > kDetailTolerance + kDetailShare * best_.structure,
         Difference::detail);
    note(are_other_shots(), Difference::moment);
    const bool is_same =
        evidence.differences == 0 && best_.confidence >= kSameConfidence;
    evidence.match = is_same ? MatchKind::same_image : MatchKind::similar;
    return evidence;
  }

  /// What moved between two shots may be too small to be seen. But where
  /// nothing at all differs, somebody has set the time right.
  bool are_other_shots() const {
    return are_different_shots(a_.picture.info, b_.picture.info) &&
           a_.sketch != b_.sketch;
  }

  void try_pose(const Pose& pose, bool may_move) {
    if (best_.confidence >= kCertain) return;
    const Thumbnail* first = frame_of(a_.sketch, pose.first);
    const Thumbnail* second = frame_of(b_.sketch, pose.second);
    if (first == nullptr || second == nullptr) return;
    const float a_shape = shape_of(a_.picture, pose.first);
    float b_shape = shape_of(b_.picture, pose.second);
    if (swaps_sides(pose.transform)) b_shape = 1 / b_shape;
    // A window of the wrong shape would stretch the second over the first.
    Pose fitting = pose;
    const float stretch =
        b_shape / a_shape * pose.window.height / pose.window.width;
    if (!(stretch > 1 / kMaxStretch && stretch < kMaxStretch)) return;
    const float side = std::sqrt(stretch);

    const Pyramid& below = pyramid_of(pose.first, *first);
    Layer& above = layer_of(pose.second, *second, pose.transform);
    if (is_whole(pose.window) && std::abs(stretch - 1) < kShapeTolerance) {
      keep_better(pose, compare(below, above, pose.window, effort_));
      if (best_.confidence >= kCertain) return;
    }
    if (!may_move) return;
    Window& window = fitting.window;
    window.left += window.width * (1 - side) / 2;
    window.top += window.height * (1 - 1 / side) / 2;
    window.width *= side;
    window.height /= side;
    if (best_.confidence >= kMatchConfidence &&
        is_near_one_of(ends_, fitting, kSameWay)) {
      return;
    }
    Guess guess{window};
    if (!approach(below, above, guess, window) ||
        is_near_one_of(approached_, fitting, kSameApproach)) {
      return;
    }
    approached_.push_back(fitting);
    Sample seen;
    if (!align(below, above, effort_, guess, window, seen) ||
        is_near_one_of(ends_, fitting, kSamePlace)) {
      return;
    }
    ends_.push_back(fitting);
    keep_better(fitting, compare(seen, above, effort_));
  }

  /// Whether one of these lays the same frames so near.
  static bool is_near_one_of(const std::pmr::vector<Pose>& others,
                             const Pose& pose, float distance) {
    return std::ranges::any_of(others, [&](const Pose& other) {
      return other.first == pose.first && other.second == pose.second &&
             other.transform == pose.transform &&
             are_near(other.window, pose.window, distance);
    });
  }

  const Pyramid& pyramid_of(Frame frame, const Thumbnail& thumbnail) {
    Pyramid*& pyramid = pyramids_[static_cast<std::size_t>(frame)];
    if (pyramid == nullptr) {
      pyramid = allocator_.new_object<Pyramid>(thumbnail, kUpright);
    }
    return *pyramid;
  }

  Layer& layer_of(Frame frame, const Thumbnail& thumbnail,
                  Orientation transform) {
    Layer*& layer = layers_[static_cast<std::size_t>(frame)]
                           [static_cast<std::size_t>(transform - kUpright)];
    if (layer == nullptr) {
      layer = allocator_.new_object<Layer>(thumbnail, transform);
    }
    return *layer;
  }

  void keep_better(const Pose& pose, const Fit& fit) {
    if (fit.overlap < kMinOverlap || fit.gain < kMinGain ||
        fit.gain > 1 / kMinGain || fit.confidence <= best_.confidence) {
      return;
    }
    best_ = fit;
    pose_ = pose;
    compared_ = true;
  }

  float colour_shift() const {
    const Thumbnail& first = *frame_of(a_.sketch, pose_.first);
    const Thumbnail& second = *frame_of(b_.sketch, pose_.second);
    constexpr int kSide = Thumbnail::kColourSide;
    const auto shift = [&](const auto& below, const auto& above) {
      return colour_distance(below, turned(above, kSide, pose_.transform),
                             pose_.window);
    };
    return std::max(shift(first.blue, second.blue),
                    shift(first.red, second.red));
  }

  const Seen& a_;
  const Seen& b_;
  const Effort effort_;
  // Most pairs need one pyramid and one layer.
  static_assert(std::is_trivially_destructible_v<Pyramid> &&
                std::is_trivially_destructible_v<Layer>);
  std::array<std::byte, sizeof(Pyramid) + sizeof(Layer) + 4096> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::polymorphic_allocator<> allocator_{&memory_};
  // Poses share what they can: by frame of the first picture; by frame of the
  // second and transform; by transform.
  std::array<Pyramid*, 2> pyramids_{};
  std::array<std::array<Layer*, 8>, 2> layers_{};
  std::pmr::vector<Pose> approached_{&memory_};  ///< by coarse levels
  std::pmr::vector<Pose> ends_{&memory_};        ///< of alignments
  std::array<bool, 8> tried_whole_{};
  bool compared_ = false;
  Fit best_;
  Pose pose_;
};

/// Which of two pictures is the first does not depend on who asks.
bool is_in_order(const Picture& a, const Picture& b) {
  const auto key = [](const Picture& picture) {
    return std::tuple(std::uint64_t{picture.info.width} * picture.info.height,
                      picture.digest);
  };
  return key(a) >= key(b);
}

Judgement judge_with(Effort effort, const Seen& a, const Seen& b,
                     std::span<const Pose> poses) {
  Judgement judgement;
  if (a.picture.digest == b.picture.digest) judgement.evidence = Evidence{};
  if (judgement.evidence || !a.picture.look || !b.picture.look) {
    return judgement;
  }
  if (is_in_order(a.picture, b.picture)) {
    Judge ordered(a, b, effort);
    for (const Pose& pose : poses) ordered.consider(pose);
    return ordered.judgement();
  }
  Judge ordered(b, a, effort);
  for (const Pose& pose : poses) ordered.consider(reversed(pose));
  judgement = ordered.judgement();
  judgement.pose = reversed(judgement.pose);
  if (judgement.evidence) {
    judgement.evidence = reversed(*judgement.evidence);
  }
  return judgement;
}

}  // namespace

bool has_structure(const Thumbnail& frame) {
  Layer layer(frame, kUpright);
  return compare(layer.cells, layer, {}, Effort::verdict).confidence >=
         kMatchConfidence;
}

Pose reversed(const Pose& pose) {
  const Window& w = pose.window;
  const Orientation back = inverse(pose.transform);
  // The first in units of the turned second, then turned back.
  const auto [x0, y0] =
      turned_point(-w.left / w.width, -w.top / w.height, back);
  const auto [x1, y1] =
      turned_point((1 - w.left) / w.width, (1 - w.top) / w.height, back);
  return {pose.second,
          pose.first,
          back,
          {std::min(x0, x1), std::min(y0, y1), std::abs(x1 - x0),
           std::abs(y1 - y0)}};
}

Evidence reversed(Evidence evidence) {
  evidence.transform = inverse(evidence.transform);
  return evidence;
}

Judgement judge(const Seen& a, const Seen& b, std::span<const Pose> poses) {
  Judgement judgement = judge_with(Effort::verdict, a, b, poses);
  if (judgement.evidence) return judgement;
  judgement = judge_with(Effort::fit, a, b, poses);
  judgement.evidence.reset();
  return judgement;
}

std::optional<Evidence> verify(const Seen& a, const Seen& b,
                               std::span<const Pose> poses) {
  return judge_with(Effort::verdict, a, b, poses).evidence;
}

}  // namespace vam
