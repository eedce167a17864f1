// Walks one source folder.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scan/descriptor.hpp"
#include "scan/name_filter.hpp"
#include "vam/error.hpp"
#include "vam/scan.hpp"

namespace vam {

/// How a name leads to its file, best first.
enum class Route : std::uint8_t { direct, through_linked_folder, is_link };

/// What a FileEntry does not say about the name that was found.
struct Sighting {
  std::size_t file = 0;    ///< index into the files
  std::size_t folder = 0;  ///< index into the folders
  NodeId id;
  Route route = Route::direct;
  bool has_hard_links = false;
};

/// A file of another extension.
struct SkippedFile {
  NodeId id;
  std::size_t group = 0;  ///< see NameFilter::skipped_group()

  auto operator<=>(const SkippedFile&) const = default;
};

/// All that the walks found, names of the same file still apart.
struct Findings {
  std::vector<FileEntry> files;
  std::vector<Sighting> sightings;  ///< of the files, in the same order
  std::vector<NodeId> folders;      ///< that were listed
  std::vector<SkippedFile> skipped;
  std::vector<std::vector<Companion>> companions{1};  ///< see ScanResult
  std::vector<FileProblem> problems;
};

/// What the caller of scan() wants to be asked and told meanwhile.
class Watch {
 public:
  Watch(const std::atomic<bool>* stop,
        const std::function<void(std::uint64_t)>& on_progress)
      : stop_(stop), on_progress_(on_progress) {}

  void check_stop() const {
    if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) {
      throw Interrupted();
    }
  }
  void count_file() {
    if (++seen_ % kStep == 0) tell();
  }
  void tell() const {
    if (on_progress_) on_progress_(seen_);
  }

 private:
  static constexpr std::uint64_t kStep = 256;

  const std::atomic<bool>* stop_;
  const std::function<void(std::uint64_t)>& on_progress_;
  std::uint64_t seen_ = 0;
};

/// Adds what is found below the root, which is number `source`. Returns
/// whether the root is a folder that could be read.
bool walk(const std::string& root, std::uint32_t source,
          const ScanOptions& options, const NameFilter& filter, Watch& watch,
          Findings& findings);

}  // namespace vam
