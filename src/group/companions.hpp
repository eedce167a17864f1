// Pictures that look alike and are no copies of each other: the frames of a
// burst or bracket, and a RAW file and the JPEG that the camera wrote with it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vam/group.hpp"

namespace vam {

/// When a picture was taken, by the clock of its camera.
struct Moment {
  std::int64_t seconds = 0;  ///< since 1970, in the camera's time zone
  std::string fraction;      ///< digits of the second; may be empty

  auto operator<=>(const Moment&) const = default;
};

/// Of PictureInfo::taken_at, whose offset from UTC is left out: a camera that
/// is set to another one within seconds does not matter. None for what is no
/// moment.
std::optional<Moment> moment_of(std::string_view taken_at);

/// Whether both say when they were taken, and it was not at the same time.
/// Fractions are compared as far as both have digits.
bool differ(const Moment& a, const Moment& b);

class Companions {
 public:
  /// What is spanned must outlive this.
  Companions(std::span<const Photo> photos, std::span<const Picture> pictures,
             Bursts bursts);

  /// Companions have the same family, which others may have, too. None: 0.
  std::uint32_t family_of(std::uint32_t picture) const {
    return family_[picture];
  }

  /// Whether two pictures are no copies of each other, unless they have the
  /// same look.
  bool may_be(std::uint32_t a, std::uint32_t b) const;

  /// Whether two pictures that match are no copies of each other.
  bool are(std::uint32_t a, std::uint32_t b, const Evidence& evidence) const;

  /// Whether they are frames of one burst.
  bool is_burst(std::uint32_t a, std::uint32_t b) const;

  /// The RAW files with a JPEG or HEIC of the same folder, stem and moment; by
  /// path.
  const std::vector<PhotoSet>& raw_sets() const { return raw_sets_; }

 private:
  void find_bursts();
  void find_raw_pairs();
  bool is_raw_pair(std::uint32_t a, std::uint32_t b) const;

  std::span<const Photo> photos_;
  std::span<const Picture> pictures_;
  std::vector<std::uint32_t> family_;  ///< by picture
  std::vector<std::uint32_t> burst_;   ///< by picture; 0: none
  /// RAW picture and its JPEG, sorted.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> raw_pairs_;
  std::vector<PhotoSet> raw_sets_;
};

}  // namespace vam
