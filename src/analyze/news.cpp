// What is new in a report.
//
// A group is known if all its files, by their contents, were in one group that
// was reported: a file that went away, or was moved or renamed, is no news; one
// more copy is, and so is a picture that joined. For that, what was reported is
// remembered with its files. One that is gone is forgotten, or the same content
// that comes again would be no news. But what this run did not look at, such as
// a drive that is not plugged in, is no more gone than before, and is not what
// this run found elsewhere.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vam/analyze.hpp"

namespace vam {
namespace {

using Files = std::vector<ReportedFile>;
using Contents = std::vector<Digest>;  ///< sorted; equal ones count

Contents contents_of(const Files& files) {
  Contents contents;
  for (const ReportedFile& file : files) contents.push_back(file.digest);
  std::ranges::sort(contents);
  return contents;
}

/// Tells whether one of some groups has all of another one.
class KnownGroups {
 public:
  explicit KnownGroups(const std::vector<Files>& groups) {
    for (const Files& files : groups) {
      groups_.push_back(contents_of(files));
      const Contents& contents = groups_.back();
      for (std::size_t i = 0; i < contents.size(); ++i) {
        if (i > 0 && contents[i] == contents[i - 1]) continue;
        groups_with_[contents[i]].push_back(groups_.size() - 1);
      }
    }
  }

  bool hold(const Files& files) const {
    const Contents contents = contents_of(files);
    const auto with_first = groups_with_.find(contents.front());
    if (with_first == groups_with_.end()) return false;
    return std::ranges::any_of(with_first->second, [&](std::size_t group) {
      return std::ranges::includes(groups_[group], contents);
    });
  }

 private:
  std::vector<Contents> groups_;
  std::unordered_map<Digest, std::vector<std::size_t>, DigestHash> groups_with_;
};

bool is_below(std::string_view path, std::string_view root) {
  if (root.ends_with('/')) root.remove_suffix(1);
  return path.starts_with(root) &&
         (path.size() == root.size() || path[root.size()] == '/');
}

/// What this run saw of the files.
class View {
 public:
  explicit View(const Report& report) : report_(report) {
    for (std::uint32_t n = 0; n < report.photos.size(); ++n) {
      photo_at_.emplace(report.photos[n].path, n);
      photos_with_[digest_of_photo(n)].push_back(n);
    }
    for (const std::string& root : report.settings.sources) {
      roots_.push_back({root, has_photos(root)});
    }
  }

  ReportedFile file(std::uint32_t photo) const {
    return {report_.photos[photo].path, digest_of_photo(photo)};
  }

  /// Whether this run looked for a problem in vain.
  bool is_solved(std::string_view path) const {
    if (!looked_at(path)) return false;
    if (photo_at_.contains(path)) return true;
    struct stat status {};
    return is_missing(path, status) || S_ISDIR(status.st_mode);
  }

  /// Those of a group that this run has found.
  Files found(const Files& files) const {
    Files found;
    for (const ReportedFile& file : files) {
      if (photo_at_.contains(file.path)) found.push_back(file);
    }
    return found;
  }

  /// Forgets the files of a group that are gone. One of the same content that
  /// is new in its place has been moved there.
  Files still_there(const Files& files) const {
    Files kept;
    Contents gone;
    std::set<std::string_view> paths;
    for (const ReportedFile& file : files) {
      if (is_gone(file)) {
        gone.push_back(file.digest);
      } else if (paths.insert(file.path).second) {
        kept.push_back(file);
      }
    }
    std::unordered_map<Digest, std::size_t, DigestHash> tried;
    for (const Digest& digest : gone) {
      const auto with = photos_with_.find(digest);
      if (with == photos_with_.end()) continue;
      for (std::size_t& n = tried[digest]; n < with->second.size();) {
        const std::uint32_t photo = with->second[n++];
        if (!paths.insert(report_.photos[photo].path).second) continue;
        kept.push_back(file(photo));
        break;
      }
    }
    return kept;
  }

 private:
  struct Root {
    std::string_view path;
    bool has_photos = false;
  };

  const Digest& digest_of_photo(std::uint32_t photo) const {
    return report_.pictures[report_.photos[photo].picture].digest;
  }

  /// A folder to which a drive belongs is there and empty without it.
  bool has_photos(std::string_view root) const {
    return std::ranges::any_of(report_.photos, [&](const Photo& photo) {
      return is_below(photo.path, root);
    });
  }

  /// Whether this run would have seen what is there. A source may be the place
  /// of a drive in another one.
  bool looked_at(std::string_view path) const {
    Root innermost;
    for (const Root& root : roots_) {
      if (root.path.size() > innermost.path.size() &&
          is_below(path, root.path)) {
        innermost = root;
      }
    }
    return innermost.has_photos;
  }

  static bool is_missing(std::string_view path, struct stat& status) {
    return lstat(std::string(path).c_str(), &status) != 0 &&
           (errno == ENOENT || errno == ENOTDIR);
  }

  bool is_gone(const ReportedFile& file) const {
    const auto photo = photo_at_.find(file.path);
    if (photo != photo_at_.end()) {
      return digest_of_photo(photo->second) != file.digest;
    }
    struct stat status {};
    return looked_at(file.path) && is_missing(file.path, status);
  }

  const Report& report_;
  std::unordered_map<std::string_view, std::uint32_t> photo_at_;
  std::unordered_map<Digest, std::vector<std::uint32_t>, DigestHash>
      photos_with_;
  std::vector<Root> roots_;
};

Reported reported_by(const Report& report, const View& view) {
  Reported now;
  for (const Group& group : report.grouping.groups) {
    Files& files = now.groups.emplace_back();
    for (const GroupMember& member : group.members) {
      files.push_back(view.file(member.photo));
    }
  }
  for (const FileProblem& problem : report.errors) {
    now.problems.push_back({problem.path, problem.error.code});
  }
  return now;
}

void keep_new_problems(Report& report, const Reported& reported,
                       const View& view, Reported& now) {
  using Problem = std::pair<std::string_view, ErrorCode>;
  std::set<Problem> current;
  for (const FileProblem& problem : report.errors) {
    current.emplace(problem.path, problem.error.code);
  }
  std::set<Problem> known;
  for (const ReportedProblem& problem : reported.problems) {
    known.emplace(problem.path, problem.code);
    if (!view.is_solved(problem.path) &&
        !current.contains({problem.path, problem.code})) {
      now.problems.push_back(problem);
    }
  }
  std::erase_if(report.errors, [&](const FileProblem& problem) {
    return known.contains({problem.path, problem.error.code});
  });
}

}  // namespace

Reported keep_news(Report& report, const Reported& reported) {
  const View view(report);
  std::vector<Files> before;
  std::vector<Files> found;
  for (const Files& files : reported.groups) {
    Files kept = view.still_there(files);
    if (kept.size() < 2) continue;
    found.push_back(view.found(kept));
    before.push_back(std::move(kept));
  }
  Reported now = reported_by(report, view);
  const KnownGroups known(found);
  const KnownGroups current(now.groups);
  std::vector<Group> fresh;
  for (std::size_t n = 0; n < now.groups.size(); ++n) {
    if (!known.hold(now.groups[n])) {
      fresh.push_back(std::move(report.grouping.groups[n]));
    }
  }
  report.grouping.groups = std::move(fresh);
  report.grouping.sets.clear();
  report.grouping.discarded.clear();
  report.settings.new_only = true;
  // Such as those of another run, with other options or other sources.
  for (std::size_t n = 0; n < before.size(); ++n) {
    if (found[n].size() < before[n].size() || !current.hold(before[n])) {
      now.groups.push_back(std::move(before[n]));
    }
  }
  keep_new_problems(report, reported, view, now);
  return now;
}

}  // namespace vam
