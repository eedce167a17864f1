// Which files of a folder belong to which photos, by their names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vam/scan.hpp"

namespace vam {

/// The names of companions in one folder.
class CompanionNames {
 public:
  void clear() { names_.clear(); }
  bool empty() const { return names_.empty(); }

  /// `group` is that of ScanOptions::skipped_extensions.
  void add(std::string_view name, std::size_t group);

  /// Those of the photo with this path, in its folder; sorted.
  std::vector<Companion> of(std::string_view photo_path);

 private:
  struct Named {
    std::string photo;  ///< its name or stem, in lower case
    std::string name;
    std::size_t group;

    auto operator<=>(const Named&) const = default;
  };

  void add(std::string photo, std::string_view name, std::size_t group);
  void append(const std::string& photo, std::string_view folder,
              std::vector<Companion>& companions) const;

  std::vector<Named> names_;
  bool is_sorted_ = true;
};

}  // namespace vam
