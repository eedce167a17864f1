// What makes two pictures a candidate pair, and the poses it suggests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyze/frame_keys.hpp"
#include "vam/fingerprint.hpp"
#include "vam/verify.hpp"

namespace vam {

bool is_searched(Orientation turn, Transforms transforms);

/// How wide the frames of a picture are beside their height. One that is wide
/// never lies on one that is tall: verify() tries no pose that stretches a
/// frame so much. Within a border there is another shape: a picture that has
/// one is neither.
enum class Shape : std::uint8_t { wide, tall, other };
inline constexpr std::size_t kShapes = 3;

Shape shape_of(const Picture& picture, const std::vector<FramedKeys>& frames);
Shape turned(Shape shape, Orientation turn);
bool may_match(Shape a, Shape b);

/// Whether one of the other named hashes is near, too, if there are any.
bool is_confirmed(const HashSet& a, const HashSet& b, const VerifyRule& rule);

/// The pose in which a frame covers this part of the other one.
Pose covering(Frame first, Frame second, const Window& part_of_second);

/// All poses in which a picture may lie on another one that is turned so.
std::vector<Pose> all_poses(Orientation transform);

/// How far the keys of two pictures are apart in one pose.
struct KeyedPose {
  Pose pose;
  HashDistances distance;
  bool is_candidate;  ///< near enough by the rule
};

/// In all poses that a search looks at, whichever of the two it is for, nearest
/// first. Empty if one has no structure.
std::vector<KeyedPose> compare_keys(const Sketch& a, const Sketch& b,
                                    const VerifyRule& rule,
                                    Transforms transforms);

}  // namespace vam
