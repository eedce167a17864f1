// Turns verified pairs into duplicate groups with a keeper each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vam/photo.hpp"
#include "vam/verify.hpp"

namespace vam {

/// Two pictures that verify() found to match; indices into the pictures. A link
/// stands for all pictures with the same named hashes as its two: thousands of
/// equal looks need no link among them.
struct Link {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
};

struct GroupMember {
  std::uint32_t photo = 0;  ///< index into the photos
  Evidence evidence;        ///< against the keeper
  /// The first member with the same bytes, if this is not it: its photo. All
  /// files of which this is set can go, and no byte is lost.
  std::optional<std::uint32_t> copy_of = {};
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

struct Grouping {
  std::vector<Group> groups;  ///< sorted by the keeper's path
  /// Pairs of linked pictures that ended up in different groups, or outside.
  std::uint64_t discarded_links = 0;
};

/// Groups photos: those with the same bytes or, if comparable, the same named
/// hashes always, and others by the links.
///
/// The best photo of all (more pixels, then better format, larger file, older,
/// shorter path, path bytewise) becomes a keeper and takes every photo linked
/// to it; then the best of the rest, and so on. Pure; the result depends on
/// neither the order of photos nor that of links.
Grouping group(std::span<const Photo> photos, std::span<const Picture> pictures,
               std::span<const Link> links, const VerifyRule& rule);

}  // namespace vam
