#include "catch.hpp"
#include "pictures.hpp"
#include "scene.hpp"
#include "vam/verify.hpp"

using namespace vam;
using Catch::Matchers::WithinAbs;

namespace {

/// A scene, and what is remembered of it.
struct Remembered {
  Picture picture;
  Sketch sketch;

  Seen seen() const { return {picture, sketch}; }
};

/// What lies between these columns of a scene of 256 x 256.
Remembered remembered(std::uint8_t number, std::uint64_t seed, int left = 0,
                      int right = 256) {
  const auto pattern = scene_pattern(seed);
  Image image(right - left, 256);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const auto colour = pattern(left + x, y, 256, 256);
      image.row(y)[x] = static_cast<std::uint8_t>(colour.green);
    }
  }
  Remembered result{make_picture(number, 0), {}};
  result.picture.info.width = static_cast<std::uint32_t>(image.width);
  result.picture.info.height = static_cast<std::uint32_t>(image.height);
  result.picture.look = make_fingerprint(image);
  result.sketch = make_sketch(image, {}, result.picture.look->content);
  return result;
}

}  // namespace

TEST_CASE("judge: gives the pose and the fit behind the evidence") {
  const Remembered all = remembered(1, 1);
  const Remembered part = remembered(2, 1, 26, 256);
  const Pose guess{Frame::whole, Frame::whole, kUpright, {0.1F, 0, 0.9F, 1}};
  const Judgement judgement =
      judge(all.seen(), part.seen(), std::vector{guess});
  REQUIRE(judgement.compared);
  REQUIRE(judgement.evidence);
  CHECK(judgement.evidence->has(Difference::crop));
  CHECK(judgement.fit.confidence >= kMatchConfidence);
  CHECK_THAT(judgement.pose.window.left, WithinAbs(0.1, 0.02));
  CHECK_THAT(judgement.pose.window.width, WithinAbs(0.9, 0.02));

  const Judgement back =
      judge(part.seen(), all.seen(), std::vector{reversed(guess)});
  REQUIRE(back.evidence);
  CHECK(back.fit.confidence == judgement.fit.confidence);
  CHECK_THAT(back.pose.window.width, WithinAbs(1 / 0.9, 0.03));
}

TEST_CASE("judge: tells how far strangers are from a match") {
  const Judgement judgement = judge(
      remembered(1, 1).seen(), remembered(2, 2).seen(), std::vector{Pose{}});
  CHECK_FALSE(judgement.evidence);
  CHECK(judgement.fit.confidence < kMatchConfidence);
}

TEST_CASE("judge: has nothing to compare without poses or looks") {
  const Remembered all = remembered(1, 1);
  CHECK_FALSE(judge(all.seen(), remembered(2, 1).seen(), {}).compared);
  Remembered broken = remembered(3, 1);
  broken.picture.look = fail(ErrorCode::corrupt, "bad");
  const std::vector poses = {Pose{}};
  CHECK_FALSE(judge(all.seen(), broken.seen(), poses).compared);
  CHECK(judge(broken.seen(), broken.seen(), poses).evidence->match ==
        MatchKind::exact);
}

TEST_CASE("judge: a pose seen from the other side twice is the same") {
  const Pose pose{Frame::whole, Frame::content, 6, {0.1F, 0.05F, 0.8F, 0.9F}};
  const Pose twice = reversed(reversed(pose));
  CHECK(twice.first == pose.first);
  CHECK(twice.second == pose.second);
  CHECK(twice.transform == pose.transform);
  CHECK_THAT(twice.window.left, WithinAbs(pose.window.left, 1e-5));
  CHECK_THAT(twice.window.top, WithinAbs(pose.window.top, 1e-5));
  CHECK_THAT(twice.window.width, WithinAbs(pose.window.width, 1e-5));
  CHECK_THAT(twice.window.height, WithinAbs(pose.window.height, 1e-5));
}
