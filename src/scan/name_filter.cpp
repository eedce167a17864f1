#include "scan/name_filter.hpp"

#include <algorithm>

namespace vam {
namespace {

bool any_matches(const std::vector<Glob>& globs, std::string_view path,
                 bool is_folder) {
  return std::ranges::any_of(
      globs, [&](const Glob& glob) { return glob.matches(path, is_folder); });
}

}  // namespace

std::string extension_of(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  name.remove_prefix(std::min(name.find_first_not_of('.'), name.size()));
  name = name.substr(0, name.find_last_not_of(". ") + 1);
  const std::size_t dot = name.rfind('.');
  std::string extension;
  if (dot != std::string_view::npos) extension = name.substr(dot + 1);
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return extension;
}

NameFilter::NameFilter(const ScanOptions& options)
    : include_(options.include.begin(), options.include.end()),
      exclude_(options.exclude.begin(), options.exclude.end()),
      extensions_(options.extensions.begin(), options.extensions.end()),
      no_group_(options.skipped_extensions.size()),
      companion_groups_(options.companion_groups),
      hidden_(options.hidden) {
  for (std::size_t group = 0; group < no_group_; ++group) {
    for (const std::string& extension : options.skipped_extensions[group]) {
      skipped_groups_.emplace(extension, group);
    }
  }
}

bool NameFilter::is_hidden(std::string_view name) const {
  return hidden_ == HiddenFiles::skip &&
         (name.starts_with('.') || name == "@eaDir");
}

bool NameFilter::takes_folder(std::string_view path) const {
  return !any_matches(exclude_, path, true);
}

bool NameFilter::takes_file(std::string_view path) const {
  return !any_matches(exclude_, path, false) &&
         (include_.empty() || any_matches(include_, path, false));
}

bool NameFilter::takes_extension(std::string_view name) const {
  return extensions_.contains(extension_of(name));
}

std::size_t NameFilter::skipped_group(std::string_view name) const {
  const auto found = skipped_groups_.find(extension_of(name));
  return found == skipped_groups_.end() ? no_group_ : found->second;
}

bool NameFilter::holds_companions(std::size_t group) const {
  return std::ranges::find(companion_groups_, group) != companion_groups_.end();
}

}  // namespace vam
