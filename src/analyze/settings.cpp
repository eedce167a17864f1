#include "analyze/settings.hpp"

#include <string_view>

#include "vam/decode.hpp"
#include "vam/scan.hpp"

namespace vam {

Settings settings_of(const AnalyzeOptions& options) {
  Settings settings;
  settings.detect_duplicates = options.detect_duplicates;
  settings.verify = options.verify;
  settings.transforms = options.transforms;
  settings.similarity_threshold = options.rule.max_distance;
  settings.hash_methods = options.rule.methods;
  settings.grouping = options.grouping;
  settings.include = options.scan.include;
  settings.exclude = options.scan.exclude;
  settings.min_size_bytes = options.scan.min_size_bytes;
  settings.max_size_bytes = options.scan.max_size_bytes;
  settings.hidden = options.scan.hidden == HiddenFiles::include;
  settings.follow_links = options.scan.follow_links == FollowLinks::yes;
  settings.one_file_system = options.scan.one_file_system == OneFileSystem::yes;
  return settings;
}

ScanOptions scan_options_of(const AnalyzeOptions& options) {
  ScanOptions scan = options.scan;
  for (const std::string_view extension : picture_extensions()) {
    scan.extensions.emplace_back(extension);
  }
  for (const NonPicture kind : kNamedKinds) {
    if (kind != NonPicture::document) {
      scan.companion_groups.push_back(scan.skipped_extensions.size());
    }
    const auto extensions = extensions_of(kind);
    scan.skipped_extensions.emplace_back(extensions.begin(), extensions.end());
  }
  return scan;
}

std::uint8_t kinds_of(std::span<const Companion> companions) {
  unsigned kinds = 0;
  for (const Companion& companion : companions) {
    kinds |= bit_of(kNamedKinds.at(companion.group));
  }
  return static_cast<std::uint8_t>(kinds);
}

}  // namespace vam
