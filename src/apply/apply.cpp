// Looks at each file and its keeper, and does with it what was asked for.
#include "vam/apply.hpp"

#include <sys/file.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "apply/actions.hpp"
#include "apply/check.hpp"
#include "apply/journal.hpp"
#include "vam/decode.hpp"
#include "vam/scan.hpp"

namespace vam {
namespace {

/// 16 hexadecimal digits that no other run has.
std::string new_run_name() {
  std::array<unsigned char, 8> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) !=
      static_cast<ssize_t>(bytes.size())) {
    throw FatalError("the system gives no random numbers");
  }
  std::string name;
  for (const unsigned char byte : bytes) {
    name += "0123456789abcdef"[byte >> 4];
    name += "0123456789abcdef"[byte & 15];
  }
  return name;
}

/// As analyze() looks for them.
ScanOptions companion_options() {
  ScanOptions options;
  for (const NonPicture kind : {NonPicture::video, NonPicture::sidecar}) {
    const auto extensions = extensions_of(kind);
    options.companion_groups.push_back(options.skipped_extensions.size());
    options.skipped_extensions.emplace_back(extensions.begin(),
                                            extensions.end());
  }
  return options;
}

KnownFile known(const PlanFile& file) {
  return {file.size_bytes, file.mtime_ns, file.digest};
}

/// Locks it. False if another program has; not all file systems can.
bool lock(const PlainFile& file, int how) {
  return flock(file.content.get(), how | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

class Run {
 public:
  Run(const Plan& plan, const ApplyOptions& options, ApplyObserver& observer,
      ApplyTotals& totals, const std::atomic<bool>* stop)
      : options_(options),
        observer_(observer),
        totals_(totals),
        stop_(stop),
        action_(make_action(options, plan, new_run_name())) {}

  void apply(const PlanSteps& steps) {
    for (std::size_t i = 0; i < steps.steps.size(); ++i) {
      if (stop_ != nullptr && *stop_) throw Interrupted();
      if (i % kLookAhead == 0) {
        find_companions_of(std::span(steps.steps).subspan(i));
      }
      const PlanStep& step = steps.steps[i];
      const Result<void> done =
          apply(step, !companions_[i % kLookAhead].empty());
      if (done) {
        ++totals_.files;
        totals_.bytes += step.file->size_bytes;
      } else {
        ++totals_.refused;
      }
      observer_.file_done(step, done ? std::string() : done.error().message);
    }
  }

 private:
  using FileId = std::pair<dev_t, ino_t>;

  /// Folders are listed once for so many files.
  static constexpr std::size_t kLookAhead = 64;

  /// Of the next ones. Some may have come since the report was made, or since
  /// this run began.
  void find_companions_of(std::span<const PlanStep> steps) {
    std::vector<std::string> paths;
    for (const PlanStep& step : steps.first(std::min(steps.size(), kLookAhead)))
      paths.push_back(step.file->path);
    companions_ = find_companions(paths, companion_options());
  }

  Result<void> apply(const PlanStep& step, bool has_companions) {
    if (!step.objection.empty()) {
      return fail(ErrorCode::unreadable, step.objection);
    }
    // Whoever writes to the link would write to the keeper.
    if (options_.action == FileAction::hardlink && step.keeper->is_reference) {
      return fail(ErrorCode::unreadable, "its keeper is a reference file");
    }
    if (has_companions) {
      return fail(ErrorCode::changed,
                  "a film or sidecar belongs to it, which nobody compared");
    }
    auto pair = open_pair(step);
    if (!pair) return tl::unexpected(pair.error());
    JournalAction action = describe(step, pair->file);
    if (auto ready = action_->prepare(*pair, action); !ready) return ready;
    if (auto same = check_bytes(step, *pair); !same) return same;
    if (options_.act == Act::really) {
      if (auto done = perform(*pair, action); !done) return done;
    }
    kept_.insert({pair->keeper.status.st_dev, pair->keeper.status.st_ino});
    return {};
  }

  Result<CheckedPair> open_pair(const PlanStep& step) const {
    auto file = open_plain_file(step.file->path);
    if (!file) return tl::unexpected(file.error());
    auto keeper = open_plain_file(step.keeper->path);
    if (!keeper) {
      return fail(keeper.error().code, "its keeper: " + keeper.error().message);
    }
    if (may_be_one_file(file->status, keeper->status)) {
      return fail(ErrorCode::unreadable,
                  "it may be its keeper by another name");
    }
    if (file->status.st_nlink > 1) {
      return fail(ErrorCode::unreadable, "it has further names (hard links)");
    }
    if (kept_.contains({file->status.st_dev, file->status.st_ino})) {
      return fail(ErrorCode::unreadable, "it was to stay for another one");
    }
    if (auto same = check_status(*file, known(*step.file), "it"); !same) {
      return tl::unexpected(same.error());
    }
    if (auto same = check_status(*keeper, known(*step.keeper), "its keeper");
        !same) {
      return tl::unexpected(same.error());
    }
    // Two runs must not take a file and its keeper from each other.
    if (!lock(*file, LOCK_EX) || !lock(*keeper, LOCK_SH)) {
      return fail(ErrorCode::unreadable, "another program is at work with it");
    }
    return CheckedPair{std::move(*file), std::move(*keeper)};
  }

  Result<void> check_bytes(const PlanStep& step,
                           const CheckedPair& pair) const {
    if (step.same_bytes()) {
      return check_same_bytes(pair.file, pair.keeper, known(*step.file), stop_);
    }
    auto same = check_digest(pair.file, known(*step.file), "it", stop_);
    if (!same) return same;
    return check_digest(pair.keeper, known(*step.keeper), "its keeper", stop_);
  }

  JournalAction describe(const PlanStep& step, const PlainFile& file) const {
    JournalAction action;
    action.number = begun_ + 1;
    action.action = options_.action;
    action.path = step.file->path;
    action.keep = step.keeper->path;
    action.size_bytes = step.file->size_bytes;
    action.mtime_ns = step.file->mtime_ns;
    action.digest = step.file->digest;
    action.inode = file.status.st_ino;
    return action;
  }

  Result<void> perform(const CheckedPair& pair, const JournalAction& action) {
    if (!journal_) {
      journal_.emplace(
          Journal::create(options_.journal, options_.version, options_.action));
      observer_.journal_made(options_.journal);
    }
    journal_->begin(action);
    ++begun_;
    auto done = action_->perform(pair, action);
    if (done) {
      journal_->note(action.number, "done");
    } else if (!action_->is_partly_done()) {
      journal_->note_failure(action.number, done.error().message);
    }
    return done;
  }

  const ApplyOptions& options_;
  ApplyObserver& observer_;
  ApplyTotals& totals_;
  const std::atomic<bool>* stop_;
  std::unique_ptr<ActionMethod> action_;
  std::optional<Journal> journal_;
  std::uint64_t begun_ = 0;
  std::vector<std::vector<Companion>> companions_;
  /// Whatever their names are: files for which others went.
  std::set<FileId> kept_;
};

}  // namespace

std::unique_ptr<ActionMethod> make_action(const ApplyOptions& options,
                                          const Plan& plan,
                                          const std::string& run) {
  switch (options.action) {
    case FileAction::move:
      return make_move(options, plan);
    case FileAction::trash:
      return make_trash(options);
    case FileAction::hardlink:
      return make_hardlink(run);
    case FileAction::reflink:
      return make_reflink(run);
  }
  throw FatalError("no such action");
}

void apply(const Plan& plan, const PlanSteps& steps,
           const ApplyOptions& options, ApplyObserver& observer,
           ApplyTotals& totals, const std::atomic<bool>* stop) {
  Run(plan, options, observer, totals, stop).apply(steps);
}

}  // namespace vam
