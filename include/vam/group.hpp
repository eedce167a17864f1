// Turns verified pairs into duplicate groups with a keeper each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/photo.hpp"
#include "vam/verify.hpp"

namespace vam {

/// A picture that matches another one.
struct Match {
  std::uint32_t picture = 0;  ///< index into the pictures
  Evidence evidence;          ///< of the match, the other picture being first
};

/// Finds and verifies the matches of single pictures.
class MatchFinder {
 public:
  virtual ~MatchFinder() = default;

  /// For each of these pictures the matches that are found from its side,
  /// sorted by picture. There may be more: of a picture and a crop of it, maybe
  /// one finds the other only, and where hundreds of strangers have nearer
  /// hashes than a copy, the copy is given up.
  ///
  /// Where that would be too many at once, for the first of them only, at least
  /// one if there are any. Most pictures of a large family are never asked for:
  /// the one that is kept answers for them. Throws Interrupted, or what the
  /// catalog throws.
  virtual std::vector<std::vector<Match>> find(
      std::span<const std::uint32_t> pictures) = 0;

  /// Whether two pictures match of which nothing is known but that both match a
  /// third, and how the second is likely to be turned.
  virtual std::optional<Evidence> confirm(std::uint32_t first,
                                          std::uint32_t second,
                                          Orientation transform) = 0;

  /// How the search was done, for people; once it is done.
  virtual std::string description() const = 0;
};

struct GroupMember {
  std::uint32_t photo = 0;  ///< index into the photos
  Evidence evidence;        ///< against the keeper
  /// The member that stays for these bytes, if this is not it: its photo. That
  /// is the keeper, or the first that is always kept, or the first one at all.
  /// All files of which this is set can go, and no byte is lost.
  std::optional<std::uint32_t> copy_of = {};
  /// Below a reference folder, by one of its names: always kept.
  bool is_reference = false;
  /// Of a kind that the keeper has none of: always kept, too, for nothing in
  /// the group could take its place.
  bool has_own_companions = false;
};

/// A star: every member matches the keeper itself, not just a neighbour.
struct Group {
  std::string id;  ///< 16 hex digits, the same while the members' bytes are
  MatchKind kind = MatchKind::exact;  ///< the weakest match in it
  int diameter = 0;  ///< largest dHash distance between two members, bits
  std::string keep_reason;
  std::vector<GroupMember> members;  ///< keeper first, then by path

  std::uint32_t keeper() const { return members.front().photo; }
};

/// A match that no group holds: each of the two is in another one. The better
/// photo of the two stands first.
struct DiscardedLink {
  std::uint32_t first = 0;   ///< a photo
  std::uint32_t second = 0;  ///< a photo
  Evidence evidence;
};

/// What photos that belong together are, if no copies of each other. The names
/// are part of the report.
enum class SetKind : std::uint8_t {
  raw_jpeg,  ///< a RAW file and the JPEG or HEIC that was written with it
  burst,     ///< frames of a burst or bracket
};

std::string_view to_string(SetKind kind);

/// Photos that belong together and are no copies of each other. Copies of each
/// may be in groups, of which it is the keeper or, in a set of RAW and JPEG,
/// any member.
struct PhotoSet {
  SetKind kind = SetKind::burst;
  std::vector<std::uint32_t> photos;  ///< by path, at least two
};

struct Grouping {
  std::vector<Group> groups;   ///< sorted by the keeper's path
  std::vector<PhotoSet> sets;  ///< sorted by the first path, then by kind
  std::vector<DiscardedLink> discarded;  ///< sorted by both paths
};

/// A rule by which one photo is more worth keeping than another.
enum class KeepBy : std::uint8_t {
  resolution,  ///< more pixels, borders left out; see group()
  metadata,    ///< more of: when it was taken, make and model of the camera
  generation,  ///< the one that the other was saved from, as far as its luma
               ///< still tells; see group()
  companions,  ///< a film beside it, then a sidecar
  format,      ///< RAW, then lossless, then lossy, then GIF
  size,        ///< the larger file
  oldest,      ///< the one that was modified first
  newest,      ///< the one that was modified last
  path,        ///< the one whose absolute path or name matches a glob
  reference,   ///< the one below a reference folder
};

struct KeepSubject;

struct KeepMethod {
  KeepBy by;
  std::string_view name;    ///< as given to --keep, and in reports
  std::string_view reason;  ///< why the keeper is kept, for people
  /// Larger is better. Null for `path`, which depends on its glob, and for
  /// `generation`, which depends on the other photo.
  std::int64_t (*worth)(const KeepSubject& subject);
};

/// All, in the order of KeepBy.
std::span<const KeepMethod> keep_methods();

struct KeepRule {
  KeepBy by = KeepBy::resolution;
  std::string glob = {};  ///< of `path`, see glob.hpp: of the absolute path
                          ///< without its first '/'

  bool operator==(const KeepRule&) const = default;
};

/// As given to --keep: "size", "path:*.cr2".
std::string to_string(const KeepRule& rule);

/// The first rule that tells two photos apart decides.
using KeepRules = std::vector<KeepRule>;

/// More pixels come first, since a smaller copy has lost most. A re-encoded
/// copy may well be larger than its original, but seldom with what the camera
/// wrote. If both have that, traces of the original's compression tell them
/// apart, as far as there are any. A film beside a copy makes it no better, and
/// stays with it anyway. And copying a file changes its time, so that age comes
/// last.
inline KeepRules default_keep_rules() {
  return {{KeepBy::resolution}, {KeepBy::metadata}, {KeepBy::generation},
          {KeepBy::format},     {KeepBy::size},     {KeepBy::companions},
          {KeepBy::oldest}};
}

/// What becomes of the frames of a burst that look alike.
enum class Bursts : std::uint8_t {
  report,      ///< they are a set
  ignore,      ///< they are not mentioned
  as_similar,  ///< they are grouped as if they were copies
};

struct BurstChoice {
  Bursts bursts;
  std::string_view name;  ///< as given to --bursts, and in reports
};

/// All, in the order of their values.
inline constexpr std::array<BurstChoice, 3> kBurstChoices = {{
    {Bursts::report, "report"},
    {Bursts::ignore, "ignore"},
    {Bursts::as_similar, "as-similar"},
}};

/// What the user wants of groups.
struct GroupRules {
  KeepRules keep = default_keep_rules();
  /// Folders whose files are always kept: absolute, canonical, raw bytes.
  /// Unless `keep` says otherwise, one of them is the keeper before all others.
  std::vector<std::string> references = {};
  /// Only groups with a reference file.
  bool reference_only = false;
  Bursts bursts = Bursts::report;
};

/// Groups photos: those with the same bytes always, others by their matches.
/// Each picture has a photo.
///
/// The best photo of all (one that can be decoded, then by the rules, then by
/// shorter path, then by path bytewise) becomes a keeper and takes every photo
/// that matches it; then the best of the rest, and so on. One that turns out to
/// match a better keeper, maybe asked about because it matches a member of its
/// group, joins that one.
///
/// What looks like a border makes a photo less worth at first. But if the best
/// photo finds another file of the same image that would be better with borders
/// counted, and both have such a strip or that one has more metadata, that one
/// becomes the keeper and takes what matches it, too; unless it is as much
/// larger as a border would make it.
///
/// So does a file that matches the best photo, or that one, and that it was
/// saved from: as many pixels either way, and DC coefficients that look as if
/// they had been quantised with that file's step before (DcSteps); and what
/// that file was saved from. If one of the rules is `generation`, and none
/// before it says otherwise.
///
/// Pictures that match and yet are no copies of each other are kept apart: a
/// RAW file and the JPEG of the same folder, stem and moment; and the frames of
/// a burst, which one camera took at different moments with gaps of 5 seconds
/// at most (runs of more than 200 are none). What matches several of them goes
/// with the one that it matches best.
///
/// The result depends on neither the order of photos nor on how many pictures
/// `finder` is asked for, or answers, at once. `on_progress` may be empty; it
/// is told how many pictures have been dealt with.
Grouping group(std::span<const Photo> photos, std::span<const Picture> pictures,
               MatchFinder& finder, const GroupRules& rules = {},
               const std::function<void(std::size_t)>& on_progress = {});

}  // namespace vam
