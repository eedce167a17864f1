// Which of two photos is more worth keeping.
#pragma once

#include <compare>
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

/// What two photos are to each other, as far as that changes what they are
/// worth.
enum class Relation : std::uint8_t {
  none,      ///< what seems to be a border does not count
  versions,  ///< of one image: borders count, and so does what was saved first
};

/// Whether a picture has as many pixels as another one and traces of its
/// compression, so that it was saved from it, or from what that one was.
bool was_saved_from(const Picture& later, const Picture& earlier);

/// A strict order of photos without relation; of versions of one image, what
/// tells two of them apart. Most values are taken from them beforehand: 8 bytes
/// per photo and rule.
class KeepOrder {
 public:
  /// What is spanned must outlive this.
  KeepOrder(std::span<const Photo> photos, std::span<const Picture> pictures,
            const GroupRules& rules);

  /// Below a reference folder. By index into the photos, like the others.
  bool is_reference(std::uint32_t photo) const { return is_reference_[photo]; }

  bool is_better(std::uint32_t a, std::uint32_t b,
                 Relation relation = Relation::none) const;

  /// If there is a rule for that.
  bool has_more_metadata(std::uint32_t a, std::uint32_t b) const;

  /// The rule that tells the better photo from the other one, in words.
  std::string reason(std::uint32_t better, std::uint32_t other,
                     Relation relation = Relation::none) const;

 private:
  void fill_column(std::size_t rule);
  const Picture& picture_of(std::uint32_t photo) const {
    return pictures_[photos_[photo].picture];
  }
  bool has_look(std::uint32_t photo) const {
    return picture_of(photo).look.has_value();
  }
  /// By one rule; the better one is greater.
  std::strong_ordering compare(std::uint32_t a, std::uint32_t b,
                               std::size_t rule, Relation relation) const;

  std::span<const Photo> photos_;
  std::span<const Picture> pictures_;
  std::vector<bool> is_reference_;
  std::vector<KeepRule> rules_;
  std::vector<std::int64_t> worth_;  ///< by photo, then by rule
};

}  // namespace vam
