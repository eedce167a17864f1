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

/// A strict order of photos, for either choice of borders. All values but the
/// pixels with borders are taken from them beforehand: 8 bytes per photo and
/// rule.
class KeepOrder {
 public:
  /// What is spanned must outlive this.
  KeepOrder(std::span<const Photo> photos, std::span<const Picture> pictures,
            const GroupRules& rules);

  /// Below a reference folder. By index into the photos, like the others.
  bool is_reference(std::uint32_t photo) const { return is_reference_[photo]; }

  bool is_better(std::uint32_t a, std::uint32_t b,
                 Borders borders = Borders::left_out) const;

  /// If there is a rule for that.
  bool has_more_metadata(std::uint32_t a, std::uint32_t b) const;

  /// The rule that tells the better photo from the other one, in words.
  std::string reason(std::uint32_t better, std::uint32_t other,
                     Borders borders = Borders::left_out) const;

 private:
  void fill_column(std::size_t rule);
  bool has_look(std::uint32_t photo) const {
    return pictures_[photos_[photo].picture].look.has_value();
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
