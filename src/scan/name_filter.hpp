// Which names the user wants to be looked at.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vam/glob.hpp"
#include "vam/scan.hpp"

namespace vam {

/// Paths are below the source.
class NameFilter {
 public:
  explicit NameFilter(const ScanOptions& options);

  bool is_hidden(std::string_view name) const;
  bool takes_folder(std::string_view path) const;
  bool takes_file(std::string_view path) const;
  bool takes_extension(std::string_view name) const;
  /// The group of extensions that a skipped file belongs to; how many there
  /// are if to none.
  std::size_t skipped_group(std::string_view name) const;
  /// Whether files of this group are companions of photos.
  bool holds_companions(std::size_t group) const;

 private:
  std::vector<Glob> include_;
  std::vector<Glob> exclude_;
  std::set<std::string, std::less<>> extensions_;
  std::map<std::string, std::size_t, std::less<>> skipped_groups_;
  std::size_t no_group_;
  std::vector<std::size_t> companion_groups_;
  HiddenFiles hidden_;
};

}  // namespace vam
