// Star-shaped groups around the photos most worth keeping.
//
// Similarity is no equivalence: A may be near B and B near C while A and C are
// strangers, so following links (union-find) chains strangers together, and
// asking for links between all members (cliques) tears families apart. A star
// needs one link from every member to the keeper, which is what a user who
// deletes the others relies on. Taking keepers in the order of worth makes the
// result a function of the photos alone.
#include "vam/group.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <tuple>

namespace vam {
namespace {

constexpr std::uint32_t kUngrouped = std::numeric_limits<std::uint32_t>::max();

/// Sensor data before lossless files before lossy ones before 256 colours.
int format_rank(Format format) {
  switch (format) {
    case Format::raw:
      return 4;
    case Format::tiff:
    case Format::psd:
    case Format::png:
    case Format::bmp:
      return 3;
    case Format::jpeg:
    case Format::heif:
    case Format::avif:
    case Format::webp:
    case Format::jxl:
    case Format::jp2:
      return 2;
    case Format::gif:
      return 1;
    case Format::unknown:
      break;
  }
  return 0;
}

class Grouper {
 public:
  Grouper(std::span<const Photo> photos, std::span<const Picture> pictures,
          std::span<const Link> links, const VerifyRule& rule)
      : photos_(photos), pictures_(pictures), rule_(rule) {
    rank_photos();
    tell_looks_apart();
    collect_photos_of_looks();
    collect_neighbours(links);
  }

  Grouping run(std::span<const Link> links) {
    star_of_.assign(look_count_, kUngrouped);
    Grouping result;
    std::uint32_t stars = 0;
    for (const std::uint32_t photo : ranked_) {
      const std::uint32_t center = look_of(photo);
      if (star_of_[center] != kUngrouped) continue;
      const auto members = take_star(center, stars++);
      if (members.size() >= 2) result.groups.push_back(make_group(members));
    }
    for (const auto& [first, second] : links) {
      const std::uint32_t a = look_of_[first];
      const std::uint32_t b = look_of_[second];
      if (star_of_[a] != star_of_[b]) {
        result.discarded_links +=
            std::uint64_t{pictures_with_[a]} * pictures_with_[b];
      }
    }
    std::ranges::sort(result.groups, {}, [&](const Group& group) {
      return std::string_view(photos_[group.keeper()].path);
    });
    return result;
  }

 private:
  std::uint64_t pixels(const Photo& photo) const {
    const PictureInfo& info = pictures_[photo.picture].info;
    return std::uint64_t{info.width} * info.height;
  }
  int format_rank_of(const Photo& photo) const {
    return format_rank(pictures_[photo.picture].info.format);
  }

  bool is_better(const Photo& a, const Photo& b) const {
    const auto worth = [&](const Photo& more, const Photo& less) {
      // Larger is better on the left side, smaller on the right.
      return std::tuple(pixels(more), format_rank_of(more), more.size_bytes,
                        less.mtime_ns, less.path.size(),
                        std::string_view(less.path));
    };
    return worth(a, b) > worth(b, a);
  }

  void rank_photos() {
    ranked_.resize(photos_.size());
    std::iota(ranked_.begin(), ranked_.end(), 0U);
    std::ranges::sort(ranked_, [&](std::uint32_t a, std::uint32_t b) {
      return is_better(photos_[a], photos_[b]);
    });
  }

  /// Numbers the looks: comparable pictures of equal named hashes share one.
  void tell_looks_apart() {
    look_of_.resize(pictures_.size());
    std::map<HashSet, std::uint32_t> known;
    for (std::size_t picture = 0; picture < pictures_.size(); ++picture) {
      std::uint32_t look = look_count_;
      if (is_comparable(pictures_[picture])) {
        look = known
                   .try_emplace(named_hashes(*pictures_[picture].look, rule_),
                                look)
                   .first->second;
      }
      look_of_[picture] = look;
      look_count_ = std::max(look_count_, look + 1);
    }
  }

  std::uint32_t look_of(std::uint32_t photo) const {
    return look_of_[photos_[photo].picture];
  }

  /// Best photo first, since `ranked_` is.
  void collect_photos_of_looks() {
    photos_of_.resize(look_count_);
    for (const std::uint32_t photo : ranked_) {
      photos_of_[look_of(photo)].push_back(photo);
    }
    pictures_with_.resize(look_count_);
    for (const std::uint32_t look : look_of_) ++pictures_with_[look];
  }

  void collect_neighbours(std::span<const Link> links) {
    neighbours_.resize(look_count_);
    for (const auto& [first, second] : links) {
      neighbours_[look_of_[first]].push_back(look_of_[second]);
      neighbours_[look_of_[second]].push_back(look_of_[first]);
    }
  }

  /// Marks the center and all free neighbours as this star's; returns their
  /// photos, the keeper first, the others by path.
  std::vector<std::uint32_t> take_star(std::uint32_t center,
                                       std::uint32_t star) {
    std::vector<std::uint32_t> members = photos_of_[center];
    star_of_[center] = star;
    for (const std::uint32_t neighbour : neighbours_[center]) {
      if (star_of_[neighbour] != kUngrouped) continue;
      star_of_[neighbour] = star;
      members.insert(members.end(), photos_of_[neighbour].begin(),
                     photos_of_[neighbour].end());
    }
    std::sort(members.begin() + 1, members.end(),
              [&](std::uint32_t a, std::uint32_t b) {
                return photos_[a].path < photos_[b].path;
              });
    return members;
  }

  Group make_group(const std::vector<std::uint32_t>& members) const {
    Group group;
    const Picture& keeper = pictures_[photos_[members.front()].picture];
    std::map<Digest, std::uint32_t> first_with;
    for (const std::uint32_t photo : members) {
      const Picture& picture = pictures_[photos_[photo].picture];
      GroupMember member{photo, *verify(keeper, picture, rule_), {}};
      const auto [first, is_first] =
          first_with.try_emplace(picture.digest, photo);
      if (!is_first) member.copy_of = first->second;
      group.kind = std::min(group.kind, member.evidence.match);
      group.members.push_back(std::move(member));
    }
    group.id = id_of(members);
    group.diameter = diameter_of(members);
    group.keep_reason = reason_for(members);
    return group;
  }

  std::string id_of(const std::vector<std::uint32_t>& members) const {
    std::vector<Digest> digests;
    for (const std::uint32_t photo : members) {
      digests.push_back(pictures_[photos_[photo].picture].digest);
    }
    std::ranges::sort(digests);
    return to_hex(digest_of(std::as_bytes(std::span(digests)))).substr(0, 16);
  }

  int diameter_of(const std::vector<std::uint32_t>& members) const {
    std::vector<Hash> hashes;
    for (const std::uint32_t photo : members) {
      const auto& look = pictures_[photos_[photo].picture].look;
      if (look) hashes.push_back(look->hashes[index_of(HashKind::dhash)]);
    }
    std::ranges::sort(hashes);
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    int diameter = 0;
    for (std::size_t a = 0; a < hashes.size(); ++a) {
      for (std::size_t b = a + 1; b < hashes.size(); ++b) {
        diameter = std::max(diameter, hamming_distance(hashes[a], hashes[b]));
      }
    }
    return diameter;
  }

  /// The first rule that tells the keeper from the next best member.
  std::string reason_for(const std::vector<std::uint32_t>& members) const {
    const Photo& keeper = photos_[members.front()];
    const Photo& next =
        photos_[*std::min_element(members.begin() + 1, members.end(),
                                  [&](std::uint32_t a, std::uint32_t b) {
                                    return is_better(photos_[a], photos_[b]);
                                  })];
    if (pixels(keeper) != pixels(next)) return "largest picture";
    if (format_rank_of(keeper) != format_rank_of(next)) return "best format";
    if (keeper.size_bytes != next.size_bytes) return "largest file";
    if (keeper.mtime_ns != next.mtime_ns) return "oldest file";
    if (keeper.path.size() != next.path.size()) return "shortest path";
    return "first path";
  }

  std::span<const Photo> photos_;
  std::span<const Picture> pictures_;
  const VerifyRule& rule_;
  std::vector<std::uint32_t> ranked_;   ///< photos, best first
  std::vector<std::uint32_t> look_of_;  ///< by picture
  std::uint32_t look_count_ = 0;
  std::vector<std::uint32_t> pictures_with_;            ///< by look: how many
  std::vector<std::vector<std::uint32_t>> photos_of_;   ///< by look
  std::vector<std::vector<std::uint32_t>> neighbours_;  ///< by look
  std::vector<std::uint32_t> star_of_;                  ///< by look
};

}  // namespace

Grouping group(std::span<const Photo> photos, std::span<const Picture> pictures,
               std::span<const Link> links, const VerifyRule& rule) {
  return Grouper(photos, pictures, links, rule).run(links);
}

}  // namespace vam
