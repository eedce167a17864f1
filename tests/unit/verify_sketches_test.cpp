// Verification by sketches, on drawn pictures and edits of them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "catch.hpp"
#include "drawings.hpp"
#include "vam/verify.hpp"

using namespace vam;

namespace {

/// Whole frames over each other, in all eight orientations, and nine windows
/// of 0.9 each way: the guesses that hashes lead to.
std::vector<Pose> guesses() {
  std::vector<Pose> poses;
  for (const Frame first : {Frame::whole, Frame::content}) {
    for (const Frame second : {Frame::whole, Frame::content}) {
      for (Orientation turn = 1; turn <= 8; ++turn) {
        poses.push_back({first, second, turn, {}});
      }
      for (int n = 0; n < 9; ++n) {
        const int column = n % 3;
        const int row = n / 3;
        const Window part{static_cast<float>(column) * 0.05F,
                          static_cast<float>(row) * 0.05F, 0.9F, 0.9F};
        poses.push_back({first, second, kUpright, part});
        poses.push_back({first,
                         second,
                         kUpright,
                         {-part.left / part.width, -part.top / part.height,
                          1 / part.width, 1 / part.height}});
      }
    }
  }
  return poses;
}

std::optional<Evidence> judge(const Known& a, const Known& b) {
  static const std::vector<Pose> poses = guesses();
  return verify(a.seen(), b.seen(), poses);
}

/// Judges a drawing and a copy of it.
std::optional<Evidence> judge(const Drawing& original, const Drawing& copy) {
  return judge(remember(original, 1), remember(copy, 2));
}

/// A re-encoded file differs by a little noise.
Drawing re_encoded(const Drawing& drawing) { return noisy(drawing, 4, 99); }

Drawing with_tones(const Drawing& drawing, double gain, double offset,
                   double gamma = 1) {
  return with_luma(drawing, [=](int luma, int, int) {
    return 255 * std::pow(luma / 255.0, gamma) * gain + offset;
  });
}

std::uint8_t set_of(Difference difference) {
  return static_cast<std::uint8_t>(difference);
}

constexpr std::uint64_t kScenes = 12;

}  // namespace

TEST_CASE("verify: a picture with itself is the same image, similarity 1") {
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    CAPTURE(seed);
    const Drawing scene = draw_scene(seed);
    const Known first = remember(scene, 1);
    REQUIRE(has_structure(first.sketch.whole));
    const auto evidence = judge(first, remember(scene, 2));
    REQUIRE(evidence);
    CHECK(evidence->match == MatchKind::same_image);
    CHECK(evidence->similarity > 0.999999);
    CHECK(evidence->transform == kUpright);
    CHECK(evidence->differences == 0);
    CHECK(evidence->distance == HashDistances{});
    CHECK(judge(first, first)->match == MatchKind::exact);
  }
}

TEST_CASE("verify: a resized or re-encoded picture is the same image") {
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    CAPTURE(seed);
    const Drawing scene = draw_scene(seed);
    for (const Drawing& copy :
         {re_encoded(scene), resized(scene, 96, 72), resized(scene, 200, 150),
          re_encoded(resized(scene, 64, 48))}) {
      const auto evidence = judge(scene, copy);
      REQUIRE(evidence);
      CHECK(evidence->match == MatchKind::same_image);
      CHECK(evidence->similarity > 0.97);
    }
  }
}

TEST_CASE("verify: every orientation is told, from both sides") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const Drawing scene = draw_scene(seed);
    for (Orientation turn = 1; turn <= 8; ++turn) {
      CAPTURE(seed, turn);
      const Known upright = remember(scene, 1);
      const Known copy = remember(turned(re_encoded(scene), turn), 2);
      const auto evidence = judge(upright, copy);
      REQUIRE(evidence);
      CHECK(evidence->match == MatchKind::same_image);
      CHECK(evidence->transform == inverse(turn));
      const auto back = judge(copy, upright);
      REQUIRE(back);
      CHECK(back->transform == turn);
    }
  }
}

TEST_CASE("verify: other brightness, contrast or gamma is another tone") {
  struct Tones {
    double gain, offset, gamma;
  };
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    const Drawing scene = draw_scene(seed);
    for (const Tones& tones :
         {Tones{1, 20, 1}, Tones{1, -20, 1}, Tones{0.8, 0, 1},
          Tones{1.2, -20, 1}, Tones{1, 0, 0.8}, Tones{1, 0, 1.3}}) {
      CAPTURE(seed, tones.gain, tones.offset, tones.gamma);
      const auto evidence = judge(
          scene, with_tones(scene, tones.gain, tones.offset, tones.gamma));
      REQUIRE(evidence);
      CHECK(evidence->match == MatchKind::similar);
      CHECK(evidence->has(Difference::tone));
      CHECK_FALSE(evidence->has(Difference::crop));
      CHECK_FALSE(evidence->has(Difference::colour));
      CHECK(evidence->similarity > 0.97);
    }
  }
}

TEST_CASE("verify: another tint is another colour") {
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    CAPTURE(seed);
    const Drawing scene = draw_scene(seed);
    Drawing warm = scene;
    for (auto& level : warm.chroma.red.pixels) level += 8;
    Drawing grey = scene;
    std::ranges::fill(grey.chroma.blue.pixels, std::uint8_t{128});
    std::ranges::fill(grey.chroma.red.pixels, std::uint8_t{128});
    for (const Drawing& copy : {warm, grey}) {
      const auto evidence = judge(scene, copy);
      REQUIRE(evidence);
      CHECK(evidence->match == MatchKind::similar);
      CHECK(evidence->differences == set_of(Difference::colour));
    }
  }
}

TEST_CASE("verify: crops of 2 to 12 % are found at every corner") {
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    const Drawing scene = draw_scene(seed, 160, 120);
    for (const double part : {0.02, 0.05, 0.08, 0.12}) {
      for (const Margins& margins :
           {Margins{part, part, 0, 0}, Margins{0, part, part, 0},
            Margins{part, 0, 0, part}, Margins{0, 0, part, part},
            Margins{part / 2, part / 2, part / 2, part / 2}}) {
        CAPTURE(seed, part, margins.left, margins.top);
        const auto evidence = judge(scene, re_encoded(cropped(scene, margins)));
        REQUIRE(evidence);
        CHECK_FALSE(evidence->has(Difference::border));
        CHECK(evidence->similarity > 0.9);
        // Less than half a cell of the sketch may pass for the whole.
        if (part < 0.05) continue;
        CHECK(evidence->match == MatchKind::similar);
        CHECK(evidence->has(Difference::crop));
      }
    }
  }
}

TEST_CASE("verify: a border around the picture is found and said") {
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    const Drawing scene = draw_scene(seed);
    for (const double part : {0.02, 0.05, 0.1}) {
      for (const int grey : {0, 128, 255}) {
        CAPTURE(seed, part, grey);
        const auto evidence =
            judge(scene, bordered(scene, {part, part, part, part}, grey));
        REQUIRE(evidence);
        CHECK(evidence->match == MatchKind::similar);
        CHECK(evidence->similarity > 0.97);
        // Grey on grey may look like more of the picture.
        const bool is_said = evidence->has(Difference::border) ||
                             (grey == 128 && evidence->has(Difference::crop));
        CHECK(is_said);
      }
    }
  }
}

TEST_CASE("verify: a stamp in one place is a detail") {
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    CAPTURE(seed);
    const Drawing scene = draw_scene(seed);
    const Drawing stamped = with_luma(scene, [](int luma, int x, int y) {
      const bool is_ink = x >= 80 && x < 118 && y >= 76 && y < 90;
      return is_ink ? (x / 4 % 2 == 0 ? 255 : 0) : luma;
    });
    const auto evidence = judge(scene, stamped);
    REQUIRE(evidence);
    CHECK(evidence->match == MatchKind::similar);
    CHECK(evidence->has(Difference::detail));
    CHECK_FALSE(evidence->has(Difference::crop));
  }
}

TEST_CASE("verify: shots of different moments are not the same image") {
  const Drawing scene = draw_scene(1);
  const auto shot = [](const Drawing& drawing, std::uint64_t number,
                       const char* taken_at, const char* model) {
    Known known = remember(drawing, number);
    known.picture.info.taken_at = taken_at;
    known.picture.info.metadata.camera_model = model;
    return known;
  };
  const auto is_same = [&](const char* taken_at, const char* other,
                           const char* model = "Camera") {
    const auto evidence = judge(shot(scene, 1, taken_at, "Camera"),
                                shot(re_encoded(scene), 2, other, model));
    REQUIRE(evidence);
    const bool same = evidence->match == MatchKind::same_image;
    CHECK(evidence->differences == (same ? 0 : set_of(Difference::moment)));
    return same;
  };
  CHECK_FALSE(is_same("2024-05-06T07:08:09", "2024-05-06T07:08:15"));
  CHECK_FALSE(is_same("2024-05-06T07:08:09.10", "2024-05-06T07:08:09.15"));
  CHECK(is_same("2024-05-06T07:08:09.10", "2024-05-06T07:08:09.10"));
  CHECK(is_same("2024-05-06T07:08:09.10", "2024-05-06T07:08:09"));
  CHECK(is_same("2024-05-06T07:08:09+02:00", "2024-05-06T07:08:09"));
  CHECK(is_same("2024-05-06T07:08:09", ""));
  CHECK(is_same("2024-05-06T07:08:09", "2024-05-06T07:08:15", "Other"));
  CHECK(is_same("2024-05-06T07:08:09", "2024-05-06T07:08:15", ""));
  // Nothing but the time was changed.
  CHECK(judge(shot(scene, 1, "2024-05-06T07:08:09", "Camera"),
              shot(scene, 2, "2024-05-06T07:08:15", "Camera"))
            ->match == MatchKind::same_image);
}

TEST_CASE("verify: similarity falls while noise grows") {
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    const Known scene = remember(draw_scene(seed), 1);
    double last = 1.0;
    bool is_refused = false;
    for (int amplitude = 10; amplitude <= 640; amplitude *= 2) {
      CAPTURE(seed, amplitude);
      const auto evidence =
          judge(scene, remember(noisy(draw_scene(seed), amplitude, 7), 2));
      CHECK_FALSE((is_refused && evidence.has_value()));
      is_refused = !evidence;
      if (!evidence) continue;
      CHECK(evidence->similarity <= last);
      last = evidence->similarity;
    }
    CHECK(is_refused);
  }
}

TEST_CASE("verify: strangers are refused") {
  std::vector<Known> scenes;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    scenes.push_back(remember(draw_scene(seed, 64, 48), seed));
  }
  for (std::size_t a = 0; a < scenes.size(); ++a) {
    for (std::size_t b = a + 1; b < scenes.size(); ++b) {
      CAPTURE(a, b);
      CHECK_FALSE(judge(scenes[a], scenes[b]));
    }
  }
}

TEST_CASE("verify: what is given up early would not have matched") {
  const std::vector<Pose> poses = guesses();
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) {
    const Known scene = remember(draw_scene(seed), 1);
    for (const double cut : {0.0, 0.05, 0.11}) {
      for (const int amplitude : {0, 40, 80, 160}) {
        for (const std::uint64_t drawn : {seed, seed + 100}) {
          CAPTURE(seed, cut, amplitude, drawn);
          const Known other = remember(
              noisy(cropped(draw_scene(drawn), {cut, 0, 0, cut}), amplitude, 7),
              2);
          const Judgement judgement =
              vam::judge(scene.seen(), other.seen(), poses);
          // Without evidence, the fit is that of poses tried to the end.
          CHECK(judgement.evidence.has_value() ==
                (judgement.fit.confidence >= kMatchConfidence));
          refused += !judgement.evidence;
        }
      }
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("verify: does not depend on which picture is the first") {
  // Pairs of all sorts: copies, edited, turned, resized, and strangers.
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const auto turn = static_cast<Orientation>(1 + random_at(seed, 1) % 8);
    const Drawing scene = draw_scene(seed % 20, 96, 72);
    Drawing copy =
        random_at(seed, 2) % 4 == 0 ? draw_scene(seed + 50, 96, 72) : scene;
    if (random_at(seed, 3) % 2 == 0) copy = resized(copy, 120, 90);
    if (random_at(seed, 4) % 2 == 0) copy = cropped(copy, {0.05, 0, 0, 0.05});
    if (random_at(seed, 5) % 2 == 0) copy = with_tones(copy, 0.9, 15);
    if (random_at(seed, 6) % 3 == 0) copy = bordered(copy, {.1, .1, .1, .1}, 0);
    const Known a = remember(scene, 2 * seed);
    const Known b = remember(turned(noisy(copy, 10, seed), turn), 2 * seed + 1);
    std::vector<Pose> there;
    std::vector<Pose> back;
    for (const Frame first : {Frame::whole, Frame::content}) {
      for (const Frame second : {Frame::whole, Frame::content}) {
        there.push_back({first, second, inverse(turn), {}});
        back.push_back({second, first, turn, {}});
      }
    }
    const auto forward = verify(a.seen(), b.seen(), there);
    const auto backward = verify(b.seen(), a.seen(), back);
    REQUIRE(forward.has_value() == backward.has_value());
    if (!forward) continue;
    CHECK(forward->match == backward->match);
    CHECK(forward->similarity == backward->similarity);
    CHECK(forward->distance == backward->distance);
    CHECK(forward->differences == backward->differences);
    CHECK(forward->transform == inverse(turn));
    CHECK(backward->transform == turn);
  }
}

TEST_CASE("verify: pictures without structure match nothing") {
  const auto drawn = [](const auto& luma_at) {
    return with_luma(draw_scene(1, 64, 48),
                     [&](int, int x, int y) { return luma_at(x, y); });
  };
  const Drawing flat = drawn([](int, int) { return 200; });
  const Drawing gradient = drawn([](int x, int y) { return 2 * x + y; });
  const Drawing night = noisy(drawn([](int, int) { return 4; }), 3, 5);
  const Drawing page = noisy(drawn([](int, int) { return 250; }), 2, 5);
  for (const Drawing& drawing : {flat, gradient, night, page}) {
    const Known first = remember(drawing, 1);
    CHECK_FALSE(has_structure(first.sketch.whole));
    CHECK_FALSE(judge(first, remember(re_encoded(drawing), 2)));
    // The bytes still count.
    CHECK(judge(first, first)->match == MatchKind::exact);
  }
  CHECK(has_structure(remember(draw_scene(1, 64, 48), 1).sketch.whole));
}

TEST_CASE("verify: undecodable pictures have no look to compare") {
  const Known whole = remember(draw_scene(1), 1);
  Known broken = remember(draw_scene(1), 2);
  broken.picture.look = fail(ErrorCode::truncated, "ends early");
  CHECK_FALSE(judge(whole, broken));
  CHECK_FALSE(judge(broken, whole));
  CHECK(judge(broken, broken)->match == MatchKind::exact);
}

TEST_CASE("verify: without a pose there is no match") {
  const Known first = remember(draw_scene(1), 1);
  const Known second = remember(draw_scene(1), 2);
  CHECK_FALSE(verify(first.seen(), second.seen(), std::vector<Pose>{}));
  // A frame that is not there.
  const Known stranger = remember(draw_scene(2), 3);
  const Pose pose{Frame::content, Frame::content, kUpright, {}};
  CHECK_FALSE(verify(first.seen(), stranger.seen(), std::vector{pose}));
}

TEST_CASE("verify: windows of any kind do no harm") {
  const Known first = remember(draw_scene(1), 1);
  const Known second = remember(draw_scene(2), 2);
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Window& window :
       {Window{0, 0, 0, 0}, Window{0, 0, -1, 1}, Window{5, 5, 1, 1},
        Window{-1e30F, 1e30F, 1e30F, 1e30F}, Window{inf, 0, 1, 1},
        Window{0, nan, 1, 1}, Window{0, 0, nan, 1}, Window{0, 0, 1, inf}}) {
    const std::vector poses = {Pose{Frame::whole, Frame::whole, 1, window}};
    CHECK_FALSE(verify(first.seen(), second.seen(), poses));
    CHECK_FALSE(verify(second.seen(), first.seen(), poses));
  }
}
