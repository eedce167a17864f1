// The files that a catalog knows, and single files as they are now: for
// questions about them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "vam/catalog.hpp"
#include "vam/error.hpp"

namespace vam {

/// The bytes of a file that is looked at on its own. The path is absolute.
Result<std::vector<std::byte>> read_file(const std::string& path);

class KnownFiles {
 public:
  struct File {
    std::string path;  ///< absolute, raw bytes
    FileRecord record;
  };

  explicit KnownFiles(Catalog& catalog);

  /// Sorted by path, each once.
  std::span<const File> all() const { return files_; }

  /// What a file holds: known if it is as it was, or is gone; else read now. An
  /// error if it was found to be rotten, perhaps under another name, and has
  /// not been restored.
  Result<Digest> content_of(const std::string& path) const;

 private:
  std::vector<File> files_;
  std::vector<File> rotten_;  ///< sorted by path
  std::vector<FileRecord> rotten_by_content_;
};

}  // namespace vam
