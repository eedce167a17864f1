// Which names the user wants to be looked at.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scan/glob.hpp"
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

 private:
  std::vector<Glob> include_;
  std::vector<Glob> exclude_;
  std::set<std::string, std::less<>> extensions_;
  HiddenFiles hidden_;
};

}  // namespace vam
