// Which of two photos is more worth keeping.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vam/group.hpp"

namespace vam {

/// What the rules look at.
struct KeepSubject {
  const Photo& photo;
  const Picture& picture;
  bool is_reference;
};

/// Whether the pixels of a border count, if a picture seems to have one.
enum class Borders : std::uint8_t { left_out, counted };

/// Whether a picture looks as if it had been saved from another one, or from
/// one that was quantised like it: it has the same sides, traces of that one's
/// step, and a finer step itself or none.
bool was_saved_from(const Picture& later, const Picture& earlier);

/// A strict order of photos, for either choice of borders. All values but the
/// pixels with borders are taken from them beforehand: 8 bytes per photo and
/// rule. The rule `generation` takes no part in it, as it tells nothing of one
/// photo alone.
class KeepOrder {
 public:
  /// What is spanned must outlive this.
  KeepOrder(std::span<const Photo> photos, std::span<const Picture> pictures,
            const GroupRules& rules);

  /// Below a reference folder. By index into the photos, like the others.
  bool is_reference(std::uint32_t photo) const { return is_reference_[photo]; }

  bool is_better(std::uint32_t a, std::uint32_t b,
                 Borders borders = Borders::left_out) const;

  /// Whether the second one was saved from the first one, and neither rule
  /// before `generation` prefers the second. Not without that rule. Of photos
  /// that match; a partial order of them only.
  bool is_earlier_generation(std::uint32_t first, std::uint32_t second) const;

  /// If there is a rule for that.
  bool has_more_metadata(std::uint32_t a, std::uint32_t b) const;

  /// The rule that tells the better photo from the other one, in words. One
  /// that is not better is the earlier generation, if by way of a third one.
  std::string reason(std::uint32_t better, std::uint32_t other,
                     Borders borders = Borders::left_out) const;

 private:
  void fill_column(std::size_t rule);
  const Picture& picture_of(std::uint32_t photo) const {
    return pictures_[photos_[photo].picture];
  }
  bool has_look(std::uint32_t photo) const {
    return picture_of(photo).look.has_value();
  }
  std::int64_t worth(std::uint32_t photo, std::size_t rule,
                     Borders borders) const;

  std::span<const Photo> photos_;
  std::span<const Picture> pictures_;
  std::vector<bool> is_reference_;
  std::vector<KeepRule> rules_;
  std::vector<std::int64_t> worth_;  ///< by photo, then by rule
};

}  // namespace vam
