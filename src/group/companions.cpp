// Companions by what files say of camera and time, and by their names.
//
// A picture that looks like another one is no copy of it if the camera took it
// at another moment: editors change pixels, but keep what the camera wrote of
// the time. So files of the same moment may be copies, and those that do not
// say when they were taken, too. Bursts are runs of moments with short gaps.
#include "group/companions.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <string>
#include <tuple>

namespace vam {
namespace {

/// Between two shots: cameras write whole seconds, and a bracket of a night
/// takes some.
constexpr std::int64_t kMaxGapSeconds = 5;

/// Longer runs are time-lapses and films, in which every frame would have to be
/// compared with every other one.
constexpr int kMaxFrames = 200;

std::string_view stem_of(std::string_view path) {
  const auto name = path.find_last_of('/') + 1;  // 0 if there is none
  const auto dot = path.find_last_of('.');
  return dot == std::string_view::npos || dot <= name ? path
                                                      : path.substr(0, dot);
}

}  // namespace

Companions::Companions(std::span<const Photo> photos,
                       std::span<const Picture> pictures, Bursts bursts)
    : photos_(photos), pictures_(pictures), burst_(pictures.size()) {
  if (bursts != Bursts::as_similar) find_bursts();
  family_ = burst_;
  find_raw_pairs();
}

void Companions::find_bursts() {
  struct Shot {
    std::uint32_t camera;
    Moment moment;
    std::uint32_t picture;
  };
  std::map<std::string, std::uint32_t> cameras;
  std::vector<Shot> shots;
  for (std::uint32_t n = 0; n < pictures_.size(); ++n) {
    const PictureInfo& info = pictures_[n].info;
    auto moment = moment_of(info.taken_at);
    std::string camera = camera_of(info.metadata);
    if (!pictures_[n].look || !moment || camera.empty()) continue;
    const auto number = static_cast<std::uint32_t>(cameras.size());
    const auto known = cameras.try_emplace(std::move(camera), number).first;
    shots.push_back({known->second, std::move(*moment), n});
  }
  std::ranges::sort(shots, [](const Shot& a, const Shot& b) {
    return std::tie(a.camera, a.moment) < std::tie(b.camera, b.moment);
  });

  std::uint32_t bursts = 0;
  for (std::size_t begin = 0; begin < shots.size();) {
    std::size_t end = begin + 1;
    int moments = 1;
    for (; end < shots.size(); ++end) {
      const Shot& last = shots[end - 1];
      const Shot& next = shots[end];
      if (last.camera != next.camera ||
          next.moment.seconds - last.moment.seconds > kMaxGapSeconds) {
        break;
      }
      moments += differ(last.moment, next.moment);
    }
    if (moments > 1 && moments <= kMaxFrames) {
      ++bursts;
      for (std::size_t n = begin; n < end; ++n) {
        burst_[shots[n].picture] = bursts;
      }
    }
    begin = end;
  }
}

void Companions::find_raw_pairs() {
  using Named = std::pair<std::string_view, std::uint32_t>;  // stem and photo
  std::vector<Named> raws;
  for (std::uint32_t photo = 0; photo < photos_.size(); ++photo) {
    if (pictures_[photos_[photo].picture].info.format == Format::raw) {
      raws.emplace_back(stem_of(photos_[photo].path), photo);
    }
  }
  std::ranges::sort(raws);

  const auto taken_at = [&](std::uint32_t photo) {
    return moment_of(pictures_[photos_[photo].picture].info.taken_at);
  };
  std::vector<std::pair<std::string_view, std::uint32_t>> members;
  for (std::uint32_t photo = 0; photo < photos_.size(); ++photo) {
    const Format format = pictures_[photos_[photo].picture].info.format;
    if (format != Format::jpeg && format != Format::heif) continue;
    const std::string_view stem = stem_of(photos_[photo].path);
    const auto moment = taken_at(photo);
    for (auto raw = std::ranges::lower_bound(raws, stem, {}, &Named::first);
         raw != raws.end() && raw->first == stem; ++raw) {
      const auto raw_moment = taken_at(raw->second);
      if (moment && raw_moment && differ(*moment, *raw_moment)) continue;
      members.emplace_back(stem, photo);
      members.push_back(*raw);
      raw_pairs_.emplace_back(photos_[raw->second].picture,
                              photos_[photo].picture);
    }
  }
  std::ranges::sort(raw_pairs_);

  std::ranges::sort(members, {}, [&](const Named& member) {
    return std::tuple(member.first,
                      std::string_view(photos_[member.second].path));
  });
  members.erase(std::unique(members.begin(), members.end()), members.end());
  for (std::size_t n = 0; n < members.size(); ++n) {
    if (n == 0 || members[n].first != members[n - 1].first) {
      raw_sets_.push_back({SetKind::raw_jpeg, {}});
    }
    raw_sets_.back().photos.push_back(members[n].second);
  }

  join_families();
}

void Companions::join_families() {
  // Each set has a family of its own at first, behind those of the bursts, of
  // which there are fewer than pictures.
  const std::size_t bursts = pictures_.size();
  std::vector<std::uint32_t> same_as(bursts + raw_sets_.size());
  std::iota(same_as.begin(), same_as.end(), 0U);
  const auto root_of = [&](std::uint32_t family) {
    while (same_as[family] != family) {
      family = same_as[family] = same_as[same_as[family]];
    }
    return family;
  };
  for (std::size_t n = 0; n < raw_sets_.size(); ++n) {
    const auto own = static_cast<std::uint32_t>(bursts + n);
    for (const std::uint32_t photo : raw_sets_[n].photos) {
      std::uint32_t& family = family_[photos_[photo].picture];
      if (family == 0) family = own;
      same_as[root_of(family)] = root_of(own);
    }
  }
  for (std::uint32_t& family : family_) family = root_of(family);
  // Two bursts of one shooting, of the RAW files and of the JPEG files, which
  // name the camera differently.
  for (std::uint32_t& burst : burst_) burst = root_of(burst);
}

bool Companions::is_raw_pair(std::uint32_t a, std::uint32_t b) const {
  return std::ranges::binary_search(raw_pairs_, std::pair(a, b)) ||
         std::ranges::binary_search(raw_pairs_, std::pair(b, a));
}

bool Companions::is_burst(std::uint32_t a, std::uint32_t b) const {
  if (burst_[a] == 0 || burst_[a] != burst_[b]) return false;
  return differ(*moment_of(pictures_[a].info.taken_at),
                *moment_of(pictures_[b].info.taken_at));
}

bool Companions::may_be(std::uint32_t a, std::uint32_t b) const {
  return is_burst(a, b) || is_raw_pair(a, b);
}

bool Companions::are(std::uint32_t a, std::uint32_t b,
                     const Evidence& evidence) const {
  if (is_raw_pair(a, b)) return true;
  if (!is_burst(a, b)) return false;
  // Of shots that only a trained eye tells apart, one is not to be deleted for
  // the other. But where nothing at all differs, somebody set the time right.
  return evidence.match == MatchKind::similar ||
         *pictures_[a].look != *pictures_[b].look;
}

}  // namespace vam
