#include "scan/companion_names.hpp"

#include <dirent.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "scan/descriptor.hpp"
#include "scan/name_filter.hpp"

namespace vam {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Without the last extension.
std::string_view stem_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == 0 ? name : name.substr(0, dot);
}

/// Apple's edits of img_1 are called img_e1.aae and img_o1.aae.
bool is_edit(std::string_view stem) {
  return stem.size() > 5 && stem.starts_with("img_") &&
         (stem[4] == 'e' || stem[4] == 'o') && stem[5] >= '0' && stem[5] <= '9';
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

struct CloseStream {
  void operator()(DIR* stream) const { closedir(stream); }
};

/// The names of files in a folder by its path; none if it cannot be listed.
std::vector<std::string> names_in(const std::string& folder) {
  Descriptor descriptor = open_folder(folder);
  std::vector<std::string> names;
  if (!descriptor) return names;
  const std::unique_ptr<DIR, CloseStream> stream(fdopendir(descriptor.get()));
  if (!stream) return names;
  descriptor.release();
  while (const dirent* entry = readdir(stream.get())) {
    if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) {
      names.emplace_back(entry->d_name);
    }
  }
  return names;
}

}  // namespace

void CompanionNames::add(std::string_view name, std::size_t group) {
  std::string stem = lower_case(stem_of(name));
  if (is_edit(stem) && extension_of(name) == "aae") {
    add("img_" + stem.substr(5), name, group);
  }
  add(std::move(stem), name, group);
}

void CompanionNames::add(std::string photo, std::string_view name,
                         std::size_t group) {
  names_.push_back({std::move(photo), std::string(name), group});
  is_sorted_ = false;
}

std::vector<Companion> CompanionNames::of(std::string_view photo_path) {
  if (!is_sorted_) std::ranges::sort(names_);
  is_sorted_ = true;
  const std::string_view name = name_of(photo_path);
  const std::string_view folder =
      photo_path.substr(0, photo_path.size() - name.size());
  std::vector<Companion> companions;
  const std::string photo = lower_case(name);
  append(photo, folder, companions);
  const std::string stem(stem_of(photo));
  if (stem != photo) append(stem, folder, companions);
  std::ranges::sort(companions);
  return companions;
}

void CompanionNames::append(const std::string& photo, std::string_view folder,
                            std::vector<Companion>& companions) const {
  for (auto named = std::ranges::lower_bound(names_, photo, {}, &Named::photo);
       named != names_.end() && named->photo == photo; ++named) {
    companions.push_back({std::string(folder) + named->name, named->group});
  }
}

std::vector<std::vector<Companion>> find_companions(
    std::span<const std::string> paths, const ScanOptions& options) {
  const NameFilter filter(options);
  std::map<std::string_view, std::vector<std::size_t>> photos_in;
  for (std::size_t n = 0; n < paths.size(); ++n) {
    const std::string_view path = paths[n];
    photos_in[path.substr(0, path.rfind('/') + 1)].push_back(n);
  }
  std::vector<std::vector<Companion>> companions(paths.size());
  for (const auto& [folder, photos] : photos_in) {
    CompanionNames names;
    for (const std::string& name : names_in(std::string(folder))) {
      const std::size_t group = filter.skipped_group(name);
      if (!filter.is_hidden(name) && filter.holds_companions(group)) {
        names.add(name, group);
      }
    }
    if (names.empty()) continue;
    for (const std::size_t photo : photos) {
      companions[photo] = names.of(paths[photo]);
    }
  }
  return companions;
}

}  // namespace vam
