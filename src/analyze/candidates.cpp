#include "analyze/candidates.hpp"

#include <algorithm>
#include <cstddef>

#include "for_each_cpu.hpp"

namespace vam {

bool is_searched(Orientation turn, Transforms transforms) {
  return turn == kUpright || transforms == Transforms::all ||
         (transforms == Transforms::mirror && turn == 2);
}

Shape shape_of(const Picture& picture, const std::vector<FramedKeys>& frames) {
  if (frames.size() != 1 || frames[0].frame != Frame::whole) {
    return Shape::other;
  }
  // A wide frame and a tall one are further apart than kWide squared.
  constexpr double kWide = 1.26;
  static_assert(kWide * kWide > kMaxStretch);
  const double width = picture.info.width;
  const double height = picture.info.height;
  if (width > kWide * height) return Shape::wide;
  return height > kWide * width ? Shape::tall : Shape::other;
}

Shape turned(Shape shape, Orientation turn) {
  if (!swaps_sides(turn) || shape == Shape::other) return shape;
  return shape == Shape::wide ? Shape::tall : Shape::wide;
}

bool may_match(Shape a, Shape b) {
  return a == b || a == Shape::other || b == Shape::other;
}

VAM_FOR_EACH_CPU
bool is_confirmed(const HashSet& a, const HashSet& b, const VerifyRule& rule) {
  const int distance = std::max(0, rule.max_distance - 2);
  return rule.methods.size() == 1 ||
         std::any_of(
             rule.methods.begin() + 1, rule.methods.end(), [&](HashKind kind) {
               return hamming_distance(a[index_of(kind)], b[index_of(kind)]) <=
                      distance;
             });
}

Pose covering(Frame first, Frame second, const Window& part) {
  // The second in units of the first.
  return {first,
          second,
          kUpright,
          {-part.left / part.width, -part.top / part.height, 1 / part.width,
           1 / part.height}};
}

std::vector<Pose> all_poses(Orientation transform) {
  std::vector<Pose> poses;
  for (const Frame first : {Frame::whole, Frame::content}) {
    for (const Frame second : {Frame::whole, Frame::content}) {
      poses.push_back({first, second, transform, {}});
      for (std::size_t n = 0; n < kWindows; ++n) {
        const Window part = window_of(n);
        poses.push_back({first, second, transform, part});
        Pose covered = covering(first, second, part);
        covered.transform = transform;
        poses.push_back(covered);
      }
    }
  }
  return poses;
}

namespace {

/// In the poses in which `asking` is looked for.
void add_poses(const std::vector<FramedKeys>& asking,
               const std::vector<FramedKeys>& others, const VerifyRule& rule,
               Transforms transforms, std::vector<KeyedPose>& poses) {
  const auto add = [&](const Pose& pose, const HashSet& a, const HashSet& b) {
    const HashDistances distance = distances_between(a, b);
    const bool is_near =
        distance[index_of(rule.methods.front())] <= rule.max_distance;
    poses.push_back({pose, distance, is_near && is_confirmed(a, b, rule)});
  };
  for (const FramedKeys& first : asking) {
    for (const FramedKeys& second : others) {
      const HashSet& upright = second.keys.upright;
      for (std::size_t n = 0; n < kOrientations; ++n) {
        const auto turn = static_cast<Orientation>(kUpright + n);
        if (!is_searched(turn, transforms)) continue;
        add({first.frame, second.frame, inverse(turn), {}},
            first.keys.turned(turn), upright);
      }
      for (std::size_t n = 0; n < kWindows; ++n) {
        add(covering(first.frame, second.frame, window_of(n)),
            first.keys.upright, second.windows[n]);
      }
    }
  }
}

}  // namespace

std::vector<KeyedPose> compare_keys(const Sketch& a, const Sketch& b,
                                    const VerifyRule& rule,
                                    Transforms transforms) {
  const auto a_keys = make_frame_keys(a);
  const auto b_keys = make_frame_keys(b);
  std::vector<KeyedPose> poses;
  add_poses(b_keys, a_keys, rule, transforms, poses);
  for (KeyedPose& keyed : poses) keyed.pose = reversed(keyed.pose);
  add_poses(a_keys, b_keys, rule, transforms, poses);
  std::ranges::stable_sort(poses, {}, [&](const KeyedPose& keyed) {
    return keyed.distance[index_of(rule.methods.front())];
  });
  return poses;
}

}  // namespace vam
