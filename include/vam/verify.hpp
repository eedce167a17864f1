// Judges a candidate pair: the same picture or not, and with what evidence.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "vam/photo.hpp"

namespace vam {

/// How a file relates to another one, weakest first. The names are part of
/// the report.
enum class MatchKind : std::uint8_t {
  similar = 0,     ///< looks alike, or edited; may be another picture
  same_image = 1,  ///< the same picture in another file
  exact = 2,       ///< the same bytes
};

std::string_view to_string(MatchKind kind);

/// What keeps a similar picture from being the same image. Bits of a set.
enum class Difference : std::uint8_t {
  crop = 1,    ///< one shows only a part of the other
  border = 2,  ///< a uniform border surrounds one of them
  tone = 4,    ///< brighter, darker, other contrast
  colour = 8,
  detail = 16,  ///< in places: a stamp, a retouch, or another picture
  moment = 32,  ///< one camera took them at different moments
};
inline constexpr std::array kDifferences = {
    Difference::crop,   Difference::border, Difference::tone,
    Difference::colour, Difference::detail, Difference::moment};

std::string_view to_string(Difference difference);

struct Evidence {
  MatchKind match = MatchKind::exact;
  HashDistances distance{};  ///< of the pictures as they are
  /// Correlation of fine structure, 0..1; 1 for the same bytes. Under the
  /// plain rule the share of equal bits.
  double similarity = 1.0;
  /// How the second picture, as seen upright, has to be turned to look like
  /// the first.
  Orientation transform = kUpright;
  std::uint8_t differences = 0;  ///< set of Difference

  bool has(Difference difference) const {
    return (differences & static_cast<std::uint8_t>(difference)) != 0;
  }
};

/// The same evidence, seen from the second picture.
Evidence reversed(Evidence evidence);

/// Which hashes are compared, and how far apart they may be.
struct VerifyRule {
  std::vector<HashKind> methods;  ///< at least one, in the order of HashKind
  int max_distance = 0;           ///< bits, 0..64
};

/// The plain hash rule: every named hash is within the distance.
inline VerifyRule plain_rule() {
  return {{HashKind::dhash, HashKind::ahash}, 5};
}

/// For candidates that are verified: the first named hash is within the
/// distance, and one of the others, if there are any, within two bits less.
inline VerifyRule candidate_rule() {
  return {{HashKind::dhash, HashKind::ahash, HashKind::whash}, 12};
}

/// Whether a picture may be compared by its look at all: decoded, and with
/// enough detail for its hashes to mean something.
bool is_comparable(const Picture& picture);

/// Judges two pictures by the plain rule. Symmetric. Pictures that are not
/// comparable only match when their bytes are the same.
std::optional<Evidence> verify(const Picture& a, const Picture& b,
                               const VerifyRule& rule);

/// How copies may be turned.
enum class Transforms : std::uint8_t {
  none,    ///< not at all
  mirror,  ///< left and right exchanged
  all,     ///< the eight orientations of EXIF
};

struct TransformChoice {
  Transforms transforms;
  std::string_view name;  ///< as given to --transforms, and in reports
};

/// All, in the order of their values.
inline constexpr std::array<TransformChoice, 3> kTransformChoices = {{
    {Transforms::none, "none"},
    {Transforms::mirror, "mirror"},
    {Transforms::all, "all"},
}};

/// One of the thumbnails of a sketch.
enum class Frame : std::uint8_t { whole = 0, content = 1 };

/// An axis-aligned part of a frame, in units of its sides. It may reach over
/// the frame's edges.
struct Window {
  float left = 0;
  float top = 0;
  float width = 1;
  float height = 1;

  bool operator==(const Window&) const = default;
};

/// A guess at how two pictures lie over each other: frame `second`, turned by
/// `transform`, covers `window` of frame `first`.
struct Pose {
  Frame first = Frame::whole;
  Frame second = Frame::whole;
  Orientation transform = kUpright;
  Window window = {};
};

/// The same pose, seen from the second picture.
Pose reversed(const Pose& pose);

/// How two frames compare over the cells of the second that lie on the first.
struct Fit {
  float overlap = 0;     ///< share of the second's cells that count, 0..1
  float gain = 0;        ///< contrast of the second over that of the first
  float tone_shift = 0;  ///< rms by which tones had to be mapped, levels
  float structure = 0;   ///< rms of the second's fine structure, levels
  float similarity = 0;  ///< correlation of fine structure, -1..1
  float confidence = 0;  ///< the same, with noise counted as a difference
  /// Residual that 4 cells exceed, corners aside, levels.
  float outlier = 0;
};

/// Pictures match from this confidence on. Nearly all copies reach it, crops
/// included; of strangers those do that look alike in all but details.
/// docs/accuracy.md tells what comes of it.
inline constexpr float kMatchConfidence = 0.935F;
/// Below this, structure does not suffice to call two pictures the same.
inline constexpr float kSameConfidence = 0.95F;

/// No pose is tried in which a frame's width and height, relative to each
/// other, would have to change by this factor or more.
inline constexpr float kMaxStretch = 1.25F * 1.25F;

/// Whether a frame has enough fine structure for verify() to match it with
/// anything: not flat, dark, blown out, out of focus.
bool has_structure(const Thumbnail& frame);

/// A picture and its sketch, which belongs to its fingerprint.
struct Seen {
  const Picture& picture;
  const Sketch& sketch;
};

/// What a verdict rests on.
struct Judgement {
  /// False: no pose was likely enough, or the bytes are the same.
  bool compared = false;
  Pose pose;  ///< the best, refined; only if `compared`, as the next two
  Fit fit;    ///< of the picture with fewer pixels, laid over the other one
  float colour_shift = 0;            ///< rms of the worse chroma plane, levels
  std::optional<Evidence> evidence;  ///< none: they do not match
};

/// Judges two pictures by their sketches, trying the poses and refining each.
/// Pure. Symmetric: exchanging the pictures and inverting the poses gives the
/// same verdict. Pictures without a look only match if their bytes are the
/// same.
Judgement judge(const Seen& a, const Seen& b, std::span<const Pose> poses);

/// The evidence of judge().
std::optional<Evidence> verify(const Seen& a, const Seen& b,
                               std::span<const Pose> poses);

}  // namespace vam
