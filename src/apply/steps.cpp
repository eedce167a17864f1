// Decides by a plan which files may go, and which stay for them.
#include <algorithm>
#include <span>
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
    for (const PlanFile& file : std::span(group.files).subspan(1)) {
      if (file.is_reference || file.has_own_companions) continue;
      if (matches_.has(file.match)) {
        add(file, keeper, file.match);
        continue;
      }
      const PlanFile* copied = staying_copy(group, file);
      if (copied != nullptr && matches_.has(MatchKind::exact)) {
        add(file, *copied, MatchKind::exact);
      } else {
        ++found_.not_asked;
      }
    }
  }

  /// The file that stays for these bytes, if the plan names one that has them
  /// and does not go itself.
  const PlanFile* staying_copy(const PlanGroup& group,
                               const PlanFile& file) const {
    const auto copied =
        std::ranges::find(group.files, file.copy_of, &PlanFile::path);
    const bool stays =
        copied != group.files.end() && &*copied != &file &&
        copied->copy_of.empty() &&
        (!matches_.has(copied->match) || copied->is_reference ||
         copied->has_own_companions || &*copied == &group.files.front());
    return stays ? &*copied : nullptr;
  }

  /// Of the page: what was chosen to go, for the best of those that stay.
  void add_chosen(const PlanGroup& group) {
    for (const PlanFile& file : group.files) {
      if (file.choice != Choice::remove) continue;
      const PlanFile* survivor = survivor_of(group, file);
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

  /// The bytes themselves, else the keeper, else what was chosen to stay, else
  /// what is most like it. What was said to be no duplicate stays for nothing
  /// but its own bytes.
  static const PlanFile* survivor_of(const PlanGroup& group,
                                     const PlanFile& gone) {
    const PlanFile* best = nullptr;
    int best_rank = 0;
    for (const PlanFile& file : group.files) {
      if (file.choice == Choice::remove) continue;
      const bool differs =
          std::ranges::any_of(group.files, [&](const PlanFile& other) {
            return other.choice == Choice::different &&
                   other.digest == file.digest;
          });
      int rank = 1 + static_cast<int>(file.match);
      if (file.choice == Choice::keep) rank = 5;
      if (&file == &group.files.front()) rank = 6;
      if (differs) rank = 0;
      if (file.digest == gone.digest) rank = 7;
      if (rank <= best_rank) continue;
      best = &file;
      best_rank = rank;
    }
    return best;
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
