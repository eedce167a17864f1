// Pictures that look alike and are no copies of each other: the frames of a
// burst or bracket, and a RAW file and the JPEG that the camera wrote with it.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "vam/group.hpp"

namespace vam {

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
  /// Gives the photos of each RAW set one family.
  void join_families();
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
