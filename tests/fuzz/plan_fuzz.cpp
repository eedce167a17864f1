// Fuzz target: a plan is refused or makes sense: all of its paths lie in its
// sources, none is there twice, and whatever may go leaves a file that stays. A
// journal is refused or has its actions in order.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "apply/fields.hpp"
#include "apply/journal.hpp"
#include "fuzz/must.hpp"
#include "vam/apply.hpp"

namespace {

using namespace vam;

void check_paths(const Plan& plan) {
  std::set<std::string_view> paths;
  for (const PlanGroup& group : plan.groups) {
    must(!group.files.empty(), "a group has files");
    for (const PlanFile& file : group.files) {
      must(is_plain_path(file.path), "paths are plain");
      must(paths.insert(file.path).second, "no path is there twice");
      bool is_in_source = false;
      for (const std::string& source : plan.sources) {
        is_in_source = is_in_source || lies_in(file.path, source);
      }
      must(is_in_source, "paths lie in a source");
    }
  }
}

void check_steps(const Plan& plan, const MatchChoice& matches) {
  const PlanSteps found = steps_of(plan, matches);
  std::set<const PlanFile*> gone;
  for (const PlanStep& step : found.steps) {
    if (step.objection.empty()) gone.insert(step.file);
  }
  for (const PlanStep& step : found.steps) {
    if (!step.objection.empty()) continue;
    must(step.keeper != nullptr, "something stays");
    must(gone.count(step.keeper) == 0, "what stays does not go");
    must(!step.file->is_reference && !step.file->has_own_companions &&
             step.file->set.empty(),
         "it is not to be kept");
    must(matches.has(step.match), "this match was asked for");
    must(!step.same_bytes() || step.file->digest == step.keeper->digest,
         "the same bytes have the same digest");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Plan plan = parse_plan(text);
    check_paths(plan);
    check_steps(plan, {true, true, true});
    check_steps(plan, {true, true, false});
    check_steps(plan, {true, false, false});
  } catch (const FatalError&) {
  }
  try {
    const JournalContent content = parse_journal(text);
    must(content.whole_bytes <= text.size(), "it ends within the text");
    std::uint64_t number = 0;
    for (const JournalEntry& entry : content.entries) {
      must(entry.action.number == ++number, "actions are counted");
      must(is_plain_path(entry.action.path) && is_plain_path(entry.action.to),
           "paths are plain");
    }
  } catch (const FatalError&) {
  }
  return 0;
}
