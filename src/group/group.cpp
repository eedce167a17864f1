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
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "group/companions.hpp"
#include "group/diameter.hpp"
#include "group/keep_order.hpp"

namespace vam {
namespace {

constexpr std::uint32_t kUngrouped = std::numeric_limits<std::uint32_t>::max();

/// Whether one picture, which is smaller, is as large as what lies within the
/// borders of the other, to a fiftieth of its sides.
bool fits_within_borders(const Picture& inner, const Picture& outer,
                         Orientation transform) {
  if (!outer.look) return false;
  double width = inner.info.width;
  double height = inner.info.height;
  if (swaps_sides(transform)) std::swap(width, height);
  const double outer_width = outer.info.width;
  const double outer_height = outer.info.height;
  const Region& content = outer.look->content;
  const auto is_near = [](double side, double outer_side, int begin, int end) {
    return std::abs(side / outer_side - (end - begin) / 65535.0) < 0.02;
  };
  return width * height < outer_width * outer_height &&
         is_near(width, outer_width, content.left, content.right) &&
         is_near(height, outer_height, content.top, content.bottom);
}

bool has_strip(const Picture& picture) {
  return picture.look && !picture.look->content.is_whole();
}

class Grouper {
 public:
  Grouper(std::span<const Photo> photos, std::span<const Picture> pictures,
          MatchFinder& finder, const GroupRules& rules)
      : photos_(photos),
        pictures_(pictures),
        finder_(finder),
        rules_(rules),
        order_(photos, pictures, rules),
        companions_(photos, pictures, rules.bursts) {
    rank_photos();
    rank_pictures();
  }

  Grouping run(const std::function<void(std::size_t)>& on_progress) {
    star_of_.assign(pictures_.size(), kUngrouped);
    std::vector<std::uint32_t> batch;
    std::size_t batch_size = kFirstBatch;
    const std::size_t largest_batch =
        std::clamp(pictures_.size() / 16, kLargeBatch, kLargestBatch);
    for (std::size_t at = 0; at < ranked_pictures_.size();) {
      batch.clear();
      for (; at < ranked_pictures_.size() && batch.size() < batch_size; ++at) {
        const std::uint32_t picture = ranked_pictures_[at];
        if (star_of_[picture] == kUngrouped) batch.push_back(picture);
      }
      auto matches = finder_.find(batch);
      const std::size_t answered = matches.size();
      if (answered < batch.size()) at = rank_of_[batch[answered]];
      std::size_t taken = 0;
      for (std::size_t i = 0; i < answered; ++i) {
        if (star_of_[batch[i]] == kUngrouped) {
          settle(batch[i], matches[i]);
        } else {
          ++taken;
        }
      }
      if (on_progress) on_progress(at);
      // Finding the matches of a picture that an earlier one of the batch takes
      // is lost work, and so may be asking for more than is answered.
      batch_size =
          std::clamp(taken > answered / 4 ? answered / 8 : answered * 2,
                     kFirstBatch, largest_batch);
    }
    Grouping result;
    result.groups = make_groups();
    result.sets = make_sets();
    result.discarded = discarded_links();
    return result;
  }

 private:
  static constexpr std::size_t kFirstBatch = 16;
  static constexpr std::size_t kLargeBatch = 16'384;
  /// Of a million pictures: whatever is asked, all have to be looked through.
  static constexpr std::size_t kLargestBatch = 65'536;
  /// Keepers that a picture is compared with for matching their members.
  static constexpr int kMaxAsked = 4;
  /// Matches of a keeper with companions that are compared with those, too.
  static constexpr int kMaxDoubts = 250;

  void rank_photos() {
    ranked_.resize(photos_.size());
    std::iota(ranked_.begin(), ranked_.end(), 0U);
    std::ranges::sort(ranked_, [&](std::uint32_t a, std::uint32_t b) {
      return order_.is_better(a, b);
    });
  }

  /// Lists the photos of each picture, best first, and the pictures by their
  /// best photos.
  void rank_pictures() {
    photos_of_.resize(pictures_.size());
    for (const std::uint32_t photo : ranked_) {
      const std::uint32_t picture = photos_[photo].picture;
      if (photos_of_[picture].empty()) ranked_pictures_.push_back(picture);
      photos_of_[picture].push_back(photo);
    }
    rank_of_.resize(pictures_.size());
    for (std::uint32_t rank = 0; rank < ranked_pictures_.size(); ++rank) {
      rank_of_[ranked_pictures_[rank]] = rank;
    }
    evidence_.resize(pictures_.size());
  }

  bool is_keeper(std::uint32_t picture) const {
    return star_of_[picture] == picture;
  }

  struct Place {
    std::uint32_t keeper;
    Evidence evidence;
  };

  /// The best keeper that the picture matches.
  std::optional<Place> find_keeper(std::uint32_t picture,
                                   const std::vector<Match>& matches) {
    std::vector<const Match*> by_keeper;
    for (const Match& match : matches) {
      if (star_of_[match.picture] != kUngrouped) by_keeper.push_back(&match);
    }
    std::ranges::sort(by_keeper, {}, [&](const Match* match) {
      const std::uint32_t keeper = star_of_[match->picture];
      return std::tuple(!is_keeper(match->picture), rank_of_[keeper],
                        rank_of_[match->picture]);
    });
    std::uint32_t last = kUngrouped;
    int asked = 0;
    for (const Match* match : by_keeper) {
      const std::uint32_t keeper = star_of_[match->picture];
      if (holds_companion(keeper, picture)) continue;
      if (is_keeper(match->picture)) {
        return Place{keeper, reversed(match->evidence)};
      }
      if (keeper == last) continue;
      last = keeper;
      if (asked++ == kMaxAsked) break;
      // From this picture to the member that it matches, and on to its keeper.
      const Orientation transform =
          composed(inverse(match->evidence.transform),
                   evidence_[match->picture].transform);
      const auto evidence = finder_.confirm(keeper, picture, transform);
      if (evidence && !companions_.are(keeper, picture, *evidence)) {
        return Place{keeper, *evidence};
      }
    }
    return std::nullopt;
  }

  static auto strength_of(const Evidence& evidence) {
    return std::tuple(evidence.match, evidence.similarity);
  }

  /// Between equal matches, that of the better picture.
  bool is_stronger(const Match& a, const Match& b) const {
    const auto strength = strength_of(a.evidence);
    const auto other = strength_of(b.evidence);
    return strength != other ? strength > other
                             : rank_of_[a.picture] < rank_of_[b.picture];
  }

  /// Takes the companions of a picture out of its matches and returns them.
  std::vector<Match> remove_companions(std::uint32_t picture,
                                       std::vector<Match>& matches) {
    std::vector<Match> removed;
    if (companions_.family_of(picture) == 0) return removed;
    std::erase_if(matches, [&](const Match& match) {
      if (!companions_.are(picture, match.picture, match.evidence)) {
        return false;
      }
      removed.push_back(match);
      if (companions_.is_burst(picture, match.picture)) {
        burst_links_.emplace_back(picture, match.picture);
      }
      return true;
    });
    return removed;
  }

  /// Of companions that match the same picture, only the best match counts.
  /// Takes the others out of the matches and appends them to `removed`.
  void remove_outdone(std::vector<Match>& matches,
                      std::vector<Match>& removed) const {
    std::map<std::uint32_t, Match> best;  // by family
    for (const Match& match : matches) {
      const std::uint32_t family = companions_.family_of(match.picture);
      if (family == 0) continue;
      Match& other = best.try_emplace(family, match).first->second;
      if (is_stronger(match, other)) other = match;
    }
    if (best.empty()) return;
    std::erase_if(matches, [&](const Match& match) {
      const auto other = best.find(companions_.family_of(match.picture));
      if (other == best.end() ||
          !companions_.may_be(other->second.picture, match.picture)) {
        return false;
      }
      removed.push_back(match);
      return true;
    });
  }

  void take(std::uint32_t picture, const Place& place) {
    star_of_[picture] = place.keeper;
    evidence_[picture] = place.evidence;
    const std::uint32_t family = companions_.family_of(picture);
    if (family != 0 && family != companions_.family_of(place.keeper)) {
      std::uint32_t& held =
          held_.try_emplace({place.keeper, family}, picture).first->second;
      if (rank_of_[picture] < rank_of_[held]) held = picture;
    }
  }

  /// Whether a keeper that is no companion itself has taken one of this
  /// picture.
  bool holds_companion(std::uint32_t keeper, std::uint32_t picture) const {
    const auto held = held_.find({keeper, companions_.family_of(picture)});
    return held != held_.end() && companions_.may_be(held->second, picture);
  }

  /// Whether a match of a keeper rather is a copy of one of its companions.
  bool is_of_companion(const Match& match, std::vector<Match>& companions) {
    const auto& look = pictures_[match.picture].look;
    const auto distance = [&](const Match& companion) {
      const auto& other = pictures_[companion.picture].look;
      if (!look || !other) return kHashBits;
      const std::size_t dhash = index_of(HashKind::dhash);
      return hamming_distance(look->hashes[dhash], other->hashes[dhash]);
    };
    const auto asked =
        std::min<std::size_t>(companions.size(), std::size_t{kMaxAsked});
    std::ranges::partial_sort(
        companions, companions.begin() + static_cast<std::ptrdiff_t>(asked), {},
        [&](const Match& companion) {
          return std::pair(distance(companion), rank_of_[companion.picture]);
        });
    for (std::size_t n = 0; n < asked; ++n) {
      // From the picture to the keeper that both match, and on to the
      // companion.
      const Orientation transform = composed(
          match.evidence.transform, inverse(companions[n].evidence.transform));
      const auto evidence =
          companions_.may_be(companions[n].picture, match.picture)
              ? std::nullopt
              : finder_.confirm(companions[n].picture, match.picture,
                                transform);
      if (evidence && strength_of(*evidence) > strength_of(match.evidence)) {
        return true;
      }
    }
    return false;
  }

  /// Gives a picture its place: with the best keeper that it matches, or in a
  /// star of its own with all that match it and are free.
  void settle(std::uint32_t picture, std::vector<Match>& matches) {
    auto companions = remove_companions(picture, matches);
    remove_outdone(matches, companions);
    const auto place = find_keeper(picture, matches);
    if (place) take(picture, *place);
    // The better ones first: it may be too many to doubt them all.
    std::ranges::sort(matches, {}, [&](const Match& match) {
      return rank_of_[match.picture];
    });
    std::vector<Match> members;
    int doubts = companions.empty() ? kMaxDoubts : 0;
    for (const Match& match : matches) {
      const std::uint32_t star = star_of_[match.picture];
      if (star == kUngrouped && !place) {
        if (doubts < kMaxDoubts) {
          ++doubts;
          if (is_of_companion(match, companions)) continue;
        }
        members.push_back(match);
      } else if (star != kUngrouped && star != star_of_[picture]) {
        discard(picture, match);
      }
    }
    if (!place) make_star(picture, members);
  }

  /// Makes a picture a keeper with these members; or one of them that is the
  /// better picture, with those that match that one, too. Of companions there
  /// is one at most.
  void make_star(std::uint32_t picture, const std::vector<Match>& members) {
    const Match* better = nullptr;
    for (const Match& member : members) {
      if (borders_between(picture, member.picture, member.evidence) ==
              Borders::counted &&
          is_better(member.picture, better ? better->picture : picture,
                    Borders::counted)) {
        better = &member;
      }
    }
    // What that was saved from, and what that one was.
    while (const Match* earlier =
               earliest(members, better ? better->picture : picture)) {
      better = earlier;
    }
    if (better == nullptr) {
      take(picture, {picture, {}});
      for (const Match& member : members) {
        take(member.picture, {picture, member.evidence});
      }
      return;
    }
    const std::uint32_t keeper = better->picture;
    take(keeper, {keeper, {}});
    take(picture, {keeper, reversed(better->evidence)});
    for (const Match& member : members) {
      if (member.picture == keeper) continue;
      const auto evidence =
          finder_.confirm(keeper, member.picture,
                          composed(member.evidence.transform,
                                   inverse(better->evidence.transform)));
      if (evidence) {
        take(member.picture, {keeper, *evidence});
      } else {
        discard(picture, member);  // unless it finds its place here
      }
    }
  }

  /// Of the members that a picture was saved from that with the coarsest step,
  /// which tells most; of several, the best. Null if there is none.
  const Match* earliest(const std::vector<Match>& members,
                        std::uint32_t picture) const {
    const Match* earliest = nullptr;
    const auto step_of = [&](const Match& match) {
      return pictures_[match.picture].info.dc_steps.own;
    };
    for (const Match& member : members) {
      if (order_.is_earlier_generation(photos_of_[member.picture].front(),
                                       photos_of_[picture].front()) &&
          (earliest == nullptr || step_of(member) > step_of(*earliest))) {
        earliest = &member;
      }
    }
    return earliest;
  }

  /// Where two pictures are the same image, what looks like a border belongs to
  /// it if both have such a strip, however much of it was found in either, or
  /// if the one that would be better says more of where it comes from. Unless
  /// one is as much larger as a border would make it.
  Borders borders_between(std::uint32_t worse, std::uint32_t better,
                          const Evidence& evidence) const {
    const Picture& a = pictures_[worse];
    const Picture& b = pictures_[better];
    const bool belong_to_it =
        evidence.match == MatchKind::same_image &&
        ((has_strip(a) && has_strip(b)) ||
         order_.has_more_metadata(photos_of_[better].front(),
                                  photos_of_[worse].front())) &&
        !fits_within_borders(a, b, evidence.transform) &&
        !fits_within_borders(b, a, evidence.transform);
    return belong_to_it ? Borders::counted : Borders::left_out;
  }

  /// By the best photo of each.
  bool is_better(std::uint32_t a, std::uint32_t b, Borders borders) const {
    return order_.is_better(photos_of_[a].front(), photos_of_[b].front(),
                            borders);
  }

  void discard(std::uint32_t picture, const Match& match) {
    const std::uint32_t asked = photos_of_[picture].front();
    const std::uint32_t found = photos_of_[match.picture].front();
    discarded_.push_back(
        rank_of_[picture] < rank_of_[match.picture]
            ? DiscardedLink{asked, found, match.evidence}
            : DiscardedLink{found, asked, reversed(match.evidence)});
  }

  /// Sorted, and each once.
  std::vector<DiscardedLink> discarded_links() {
    const auto star_of = [&](std::uint32_t photo) {
      return star_of_[photos_[photo].picture];
    };
    const auto paths_of = [&](const DiscardedLink& link) {
      return std::pair<std::string_view, std::string_view>(
          photos_[link.first].path, photos_[link.second].path);
    };
    std::erase_if(discarded_, [&](const DiscardedLink& link) {
      return star_of(link.first) == star_of(link.second);
    });
    std::ranges::stable_sort(discarded_, {}, paths_of);
    const auto again =
        std::unique(discarded_.begin(), discarded_.end(),
                    [&](const DiscardedLink& a, const DiscardedLink& b) {
                      return paths_of(a) == paths_of(b);
                    });
    discarded_.erase(again, discarded_.end());
    return std::move(discarded_);
  }

  auto path_of() const {
    return [this](std::uint32_t photo) {
      return std::string_view(photos_[photo].path);
    };
  }

  std::vector<Group> make_groups() const {
    std::vector<std::vector<std::uint32_t>> members_of(pictures_.size());
    // Keepers come first in their groups.
    for (const bool keepers : {true, false}) {
      for (const std::uint32_t picture : ranked_pictures_) {
        if (is_keeper(picture) != keepers) continue;
        auto& members = members_of[star_of_[picture]];
        members.insert(members.end(), photos_of_[picture].begin(),
                       photos_of_[picture].end());
      }
    }
    std::vector<Group> groups;
    for (auto& members : members_of) {
      if (members.size() < 2) continue;
      std::ranges::sort(members.begin() + 1, members.end(), {}, path_of());
      if (rules_.reference_only &&
          std::ranges::none_of(members, [&](std::uint32_t photo) {
            return order_.is_reference(photo);
          })) {
        continue;
      }
      groups.push_back(make_group(members));
    }
    std::ranges::sort(groups, {}, [&](const Group& group) {
      return std::string_view(photos_[group.keeper()].path);
    });
    return groups;
  }

  /// The sets of RAW and JPEG, and the bursts: keepers whose groups hold frames
  /// that look alike.
  std::vector<PhotoSet> make_sets() const {
    std::vector<PhotoSet> sets = companions_.raw_sets();
    if (rules_.bursts == Bursts::report) {
      for (const auto& keepers : linked_keepers()) {
        PhotoSet set{SetKind::burst, {}};
        for (const std::uint32_t keeper : keepers) {
          set.photos.push_back(photos_of_[keeper].front());
        }
        std::ranges::sort(set.photos, {}, path_of());
        sets.push_back(std::move(set));
      }
    }
    std::ranges::sort(sets, {}, [&](const PhotoSet& set) {
      return std::pair(path_of()(set.photos.front()), set.kind);
    });
    return sets;
  }

  /// What the links between frames of bursts connect, each frame standing for
  /// its keeper. Chains do no harm here: nobody deletes a frame for its set.
  std::vector<std::vector<std::uint32_t>> linked_keepers() const {
    std::map<std::uint32_t, std::uint32_t> parent;
    const auto root_of = [&](std::uint32_t keeper) {
      parent.try_emplace(keeper, keeper);
      while (parent[keeper] != keeper) {
        keeper = parent[keeper] = parent[parent[keeper]];
      }
      return keeper;
    };
    for (const auto& [a, b] : burst_links_) {
      parent[root_of(star_of_[a])] = root_of(star_of_[b]);
    }
    std::map<std::uint32_t, std::vector<std::uint32_t>> keepers_of;
    for (const auto& entry : parent) {
      keepers_of[root_of(entry.first)].push_back(entry.first);
    }
    std::vector<std::vector<std::uint32_t>> linked;
    for (auto& entry : keepers_of) {
      if (entry.second.size() > 1) linked.push_back(std::move(entry.second));
    }
    return linked;
  }

  Group make_group(const std::vector<std::uint32_t>& members) const {
    Group group;
    const std::uint32_t keeper = photos_[members.front()].picture;
    const auto has_own_companions = [&](std::uint32_t photo) {
      return (photos_[photo].companions &
              ~photos_[members.front()].companions) != 0;
    };
    const auto is_kept = [&](std::uint32_t photo) {
      return photo == members.front() || order_.is_reference(photo) ||
             has_own_companions(photo);
    };
    std::map<Digest, std::uint32_t> stays;
    for (const std::uint32_t photo : members) {
      if (is_kept(photo)) stays.try_emplace(digest_of_photo(photo), photo);
    }
    for (const std::uint32_t photo : members) {
      const std::uint32_t picture = photos_[photo].picture;
      GroupMember member{photo,
                         picture == keeper ? Evidence{} : evidence_[picture],
                         {},
                         order_.is_reference(photo),
                         has_own_companions(photo)};
      const auto [first, is_first] =
          stays.try_emplace(digest_of_photo(photo), photo);
      if (!is_first && !is_kept(photo)) member.copy_of = first->second;
      group.kind = std::min(group.kind, member.evidence.match);
      group.members.push_back(member);
    }
    group.id = id_of(members);
    group.diameter = diameter_of(dhashes_of(members));
    group.keep_reason = reason_for(members);
    return group;
  }

  const Digest& digest_of_photo(std::uint32_t photo) const {
    return pictures_[photos_[photo].picture].digest;
  }

  std::string id_of(const std::vector<std::uint32_t>& members) const {
    std::vector<Digest> digests;
    digests.reserve(members.size());
    for (const std::uint32_t photo : members) {
      digests.push_back(digest_of_photo(photo));
    }
    std::ranges::sort(digests);
    return to_hex(digest_of(std::as_bytes(std::span(digests)))).substr(0, 16);
  }

  std::vector<Hash> dhashes_of(
      const std::vector<std::uint32_t>& members) const {
    std::vector<Hash> hashes;
    for (const std::uint32_t photo : members) {
      const auto& look = pictures_[photos_[photo].picture].look;
      if (look) hashes.push_back(look->hashes[index_of(HashKind::dhash)]);
    }
    return hashes;
  }

  /// The first rule that tells the keeper from the next best member.
  std::string reason_for(const std::vector<std::uint32_t>& members) const {
    const std::uint32_t next =
        *std::min_element(members.begin() + 1, members.end(),
                          [&](std::uint32_t a, std::uint32_t b) {
                            return order_.is_better(a, b);
                          });
    const std::uint32_t keeper = photos_[members.front()].picture;
    const std::uint32_t other = photos_[next].picture;
    Borders borders = borders_between(other, keeper, evidence_[other]);
    // Who joined later may be the better one if borders count.
    if (!order_.is_better(members.front(), next, borders)) {
      borders = Borders::left_out;
    }
    return order_.reason(members.front(), next, borders);
  }

  std::span<const Photo> photos_;
  std::span<const Picture> pictures_;
  MatchFinder& finder_;
  const GroupRules& rules_;
  const KeepOrder order_;
  const Companions companions_;
  std::vector<std::uint32_t> ranked_;                  ///< photos, best first
  std::vector<std::uint32_t> ranked_pictures_;         ///< best first
  std::vector<std::uint32_t> rank_of_;                 ///< by picture
  std::vector<std::vector<std::uint32_t>> photos_of_;  ///< by picture
  std::vector<std::uint32_t> star_of_;  ///< by picture: its keeper's picture
  std::vector<Evidence> evidence_;      ///< by picture: against its keeper
  /// By keeper and family: the best member of it.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> held_;
  std::vector<DiscardedLink> discarded_;
  /// Frames that look alike: who was asked, and who was found.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> burst_links_;
};

}  // namespace

std::string_view to_string(SetKind kind) {
  return kind == SetKind::burst ? "burst" : "raw+jpeg";
}

Grouping group(std::span<const Photo> photos, std::span<const Picture> pictures,
               MatchFinder& finder, const GroupRules& rules,
               const std::function<void(std::size_t)>& on_progress) {
  return Grouper(photos, pictures, finder, rules).run(on_progress);
}

}  // namespace vam
