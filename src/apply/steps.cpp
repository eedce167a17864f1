// Decides by a plan which files may go, and which stay for them.
#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "vam/apply.hpp"

namespace vam {
namespace {

/// Why the plan itself forbids that this file goes; empty if it does not.
std::string objection_to(const PlanFile& file) {
  if (file.is_reference) return "it is a reference file";
  if (file.has_own_companions) return "its keeper has no such companions";
  if (file.has_companions) {
    return "a film or sidecar belongs to it, which nobody compared";
  }
  if (!file.set.empty()) return "it is part of a set: " + file.set;
  if (!file.hard_links.empty()) return "it has further names (hard links)";
  return {};
}

/// Of two files that match the keeper so.
MatchKind weaker(MatchKind a, MatchKind b) { return std::min(a, b); }

/// What plan and digests say must be the same.
void check_step(PlanStep& step) {
  const bool same = step.file->digest == step.keeper->digest &&
                    step.file->size_bytes == step.keeper->size_bytes;
  if (same) step.match = MatchKind::exact;
  if (step.match == MatchKind::exact && !same) {
    step.objection = "the plan contradicts itself about its bytes";
  }
}

/// Who stays for the files of a group that were chosen to go: the bytes
/// themselves, else the keeper, else what was chosen to stay, else what is most
/// like it. What was said to be no duplicate stays for nothing but its own
/// bytes.
class Survivors {
 public:
  explicit Survivors(const PlanGroup& group) {
    std::unordered_set<Digest, DigestHash> different;
    for (const PlanFile& file : group.files) {
      if (file.choice == Choice::different) different.insert(file.digest);
    }
    int best_rank = 0;
    for (const PlanFile& file : group.files) {
      if (file.choice == Choice::remove) continue;
      by_digest_.emplace(file.digest, &file);
      if (different.contains(file.digest)) continue;
      int rank = 1 + static_cast<int>(file.match);
      if (file.choice == Choice::keep) rank = 5;
      if (&file == &group.files.front()) rank = 6;
      if (rank <= best_rank) continue;
      best_ = &file;
      best_rank = rank;
    }
  }

  /// Null: nobody.
  const PlanFile* of(const PlanFile& gone) const {
    const auto same = by_digest_.find(gone.digest);
    return same == by_digest_.end() ? best_ : same->second;
  }

 private:
  std::unordered_map<Digest, const PlanFile*, DigestHash> by_digest_;
  const PlanFile* best_ = nullptr;
};

class StepFinder {
 public:
  StepFinder(const Plan& plan, const MatchChoice& matches)
      : plan_(plan), matches_(matches) {}

  PlanSteps find() {
    for (const PlanGroup& group : plan_.groups) {
      if (plan_.is_chosen) {
        add_chosen(group);
      } else {
        add_redundant(group);
      }
    }
    return std::move(found_);
  }

 private:
  void add(const PlanFile& file, const PlanFile& keeper, MatchKind match) {
    PlanStep step{&file, &keeper, match, objection_to(file)};
    if (step.objection.empty()) check_step(step);
    found_.steps.push_back(std::move(step));
  }

  /// Of a report: the keeper stays for what matches it, another file for what
  /// has its bytes.
  void add_redundant(const PlanGroup& group) {
    const PlanFile& keeper = group.files.front();
    std::unordered_map<std::string_view, const PlanFile*> by_path;
    for (const PlanFile& file : group.files) by_path.emplace(file.path, &file);
    for (const PlanFile& file : std::span(group.files).subspan(1)) {
      if (file.is_reference || file.has_own_companions) continue;
      if (matches_.has(file.match)) {
        add(file, keeper, file.match);
        continue;
      }
      const auto found = by_path.find(file.copy_of);
      const PlanFile* copied = found == by_path.end() ? nullptr : found->second;
      if (copied != nullptr && !stays(group, *copied)) copied = nullptr;
      if (copied != nullptr && matches_.has(MatchKind::exact)) {
        add(file, *copied, MatchKind::exact);
      } else {
        ++found_.not_asked;
      }
    }
  }

  /// Whether a file, of which others may be byte copies, does not go itself.
  bool stays(const PlanGroup& group, const PlanFile& file) const {
    return file.copy_of.empty() &&
           (!matches_.has(file.match) || file.is_reference ||
            file.has_own_companions || &file == &group.files.front());
  }

  /// Of the page: what was chosen to go, for the best of those that stay.
  void add_chosen(const PlanGroup& group) {
    const Survivors survivors(group);
    for (const PlanFile& file : group.files) {
      if (file.choice != Choice::remove) continue;
      const PlanFile* survivor = survivors.of(file);
      if (survivor == nullptr) {
        found_.steps.push_back(
            {&file, nullptr, file.match, "it would be the last copy"});
        continue;
      }
      const MatchKind match = file.digest == survivor->digest
                                  ? MatchKind::exact
                                  : weaker(file.match, survivor->match);
      if (matches_.has(match)) {
        add(file, *survivor, match);
      } else {
        ++found_.not_asked;
      }
    }
  }

  const Plan& plan_;
  const MatchChoice& matches_;
  PlanSteps found_;
};

}  // namespace

bool MatchChoice::has(MatchKind match) const {
  switch (match) {
    case MatchKind::exact:
      return exact;
    case MatchKind::same_image:
      return same_image;
    case MatchKind::similar:
      return similar;
  }
  return false;
}

PlanSteps steps_of(const Plan& plan, const MatchChoice& matches) {
  return StepFinder(plan, matches).find();
}

}  // namespace vam
