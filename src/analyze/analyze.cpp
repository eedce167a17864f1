// The whole run: the only place that knows the order of the stages.
#include "vam/analyze.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "analyze/hashing.hpp"
#include "analyze/matching.hpp"
#include "analyze/settings.hpp"
#include "analyze/shared_hashing.hpp"
#include "analyze/stopwatch.hpp"
#include "vam/group.hpp"
#include "vam/search.hpp"

namespace vam {
namespace {

/// Linux counts into ru_maxrss what the process held that started this one,
/// up to its exec(); VmHWM begins anew there.
std::uint64_t peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// A folder of this run, and what the catalog knows of it.
struct RunSource {
  std::string root;
  SourceId id = 0;
  bool present = false;
};

/// A scanned file on its way through the stages.
struct RunFile {
  std::optional<Digest> digest;  ///< known from the catalog, or read now
  bool unchanged = false;        ///< as it was; not to be read, unless...
  std::optional<Digest> expected = {};  ///< ...it should still hold this
  bool rotten = false;   ///< known to hold something else than it should
  bool settled = false;  ///< what came of it is known
};

class Run {
 public:
  Run(Catalog& catalog, const AnalyzeOptions& options,
      AnalyzeObserver& observer, const std::atomic<bool>* stop)
      : catalog_(catalog), options_(options), observer_(observer), stop_(stop) {
    report_.version = VAM_VERSION;
    report_.settings = settings_of(options);
    report_.stats.workers = options.workers;
  }

  /// The pipeline, and what it took.
  Report run() {
    StageCost whole;
    {
      const Stopwatch stopwatch(&whole);
      run_stages();
    }
    report_.stats.times.total_seconds = whole.seconds;
    report_.stats.peak_memory_bytes = std::max(
        peak_memory_bytes(), cost_of(RunStage::hash).peak_memory_bytes);
    return std::move(report_);
  }

 private:
  /// A line per stage.
  void run_stages() {
    choose_sources();
    timed(RunStage::scan, 1, [&] { scan_sources(); });
    timed(RunStage::hash, options_.workers, [&] {
      hash_what_is_new();
      if (catalog_.is_shared()) hash_what_is_left();
    });
    cost_of(RunStage::hash).bytes_read = report_.stats.bytes_read;
    cost_of(RunStage::hash).peak_memory_bytes += decoder_memory_bytes_;
    collect_photos();
    if (options_.detect_duplicates) {
      timed(RunStage::search, options_.workers, [&] { find_groups(); });
      split_search();
    }
    std::ranges::sort(report_.errors, {}, &FileProblem::path);
  }

  StageCost& cost_of(RunStage stage) { return report_.stats.times[stage]; }

  void timed(RunStage stage, int workers, const std::function<void()>& work) {
    StageCost& cost = cost_of(stage);
    cost.workers = workers;
    {
      const Stopwatch stopwatch(&cost);
      work();
    }
    cost.peak_memory_bytes = peak_memory_bytes();
  }

  /// Verification takes turns with the search, within whose time it was.
  void split_search() {
    StageCost& search = cost_of(RunStage::search);
    StageCost& verify = cost_of(RunStage::verify);
    search.seconds = std::max(0.0, search.seconds - verify.seconds);
    search.cpu_seconds = std::max(0.0, search.cpu_seconds - verify.cpu_seconds);
    search.pictures = report_.pictures.size();
    verify.workers = search.workers;
    verify.peak_memory_bytes = search.peak_memory_bytes;
  }

  void choose_sources() {
    for (const Source& source : catalog_.sources()) {
      if (source.root.empty()) {
        if (!options_.sources.empty()) continue;
        throw FatalError("where the source " + source.name +
                         " lies on this machine is not known: give -s " +
                         source.name + "=FOLDER");
      }
      if (options_.sources.empty() ||
          std::ranges::count(options_.sources, source.root) > 0) {
        sources_.push_back({source.root, source.id, false});
      }
    }
    for (const std::string& root : options_.sources) {
      if (std::ranges::count(sources_, root, &RunSource::root) == 0) {
        sources_.push_back({root, 0, false});
      }
    }
    // The same report whatever the order of -s.
    std::ranges::sort(sources_, {}, &RunSource::root);
    for (const RunSource& source : sources_) {
      report_.settings.sources.push_back(source.root);
    }
  }

  void scan_sources() {
    observer_.stage_started({"scanning", "files"});
    // Meanwhile another thread reads the catalog, which nobody else needs now.
    // One that is shared changes until the work is.
    auto known = std::async([this] {
      return catalog_.is_shared() ? std::vector<Picture>() : known_pictures();
    });
    scan_ = scan(report_.settings.sources, scan_options_of(options_), stop_,
                 [&](std::uint64_t seen) { observer_.progressed(seen); });
    pictures_ = known.get();
    observer_.stage_ended();

    report_.errors = std::move(scan_.problems);
    bool any_present = sources_.empty();
    for (std::size_t n = 0; n < sources_.size(); ++n) {
      sources_[n].present = scan_.source_present[n];
      any_present = any_present || sources_[n].present;
    }
    if (!any_present) {
      throw FatalError("no source can be read: " + report_.errors.front().path +
                       ": " + report_.errors.front().error.message);
    }
    if (options_.clear) {
      catalog_.clear();
      for (RunSource& source : sources_) source.id = 0;
    }
    for (RunSource& source : sources_) {
      if (source.present && source.id == 0) {
        source.id = catalog_.add_source(source.root);
      }
    }
    std::uint64_t unnamed = scan_.skipped_count;
    for (std::size_t n = 0; n < kNamedKinds.size(); ++n) {
      count_skipped(kNamedKinds[n], scan_.skipped_in_group[n]);
      unnamed -= scan_.skipped_in_group[n];
    }
    count_skipped(NonPicture::other, unnamed);
    report_.stats.files_seen = scan_.skipped_count + scan_.files.size();
    cost_of(RunStage::scan).pictures = scan_.files.size();
  }

  /// What need not be decoded.
  std::vector<Picture> known_pictures() {
    if (options_.recompute_hashes || options_.clear) return {};
    std::vector<Picture> pictures = catalog_.pictures();
    // What another build could not read, this one may.
    std::erase_if(pictures, [](const Picture& picture) {
      return !picture.look &&
             picture.look.error().code == ErrorCode::unsupported &&
             is_supported(picture.info.format);
    });
    return pictures;
  }

  void count_skipped(NonPicture kind, std::uint64_t files) {
    report_.stats.files_skipped += files;
    report_.stats.skipped_by_kind[static_cast<std::size_t>(kind)] += files;
  }

  /// Finds what the catalog knows of the scanned files, and which catalogued
  /// files were not found. Both lists are sorted by path.
  void recall() {
    std::size_t recalled = 0;
    files_.assign(scan_.files.size(), {});
    gone_.assign(sources_.size(), {});
    std::size_t file = 0;
    for (std::uint32_t source = 0; source < sources_.size(); ++source) {
      if (!sources_[source].present) continue;
      for (FileRecord& record : catalog_.files(sources_[source].id)) {
        while (file < files_.size() && comes_before(file, source, record)) {
          ++file;
        }
        if (file < files_.size() && scan_.files[file].source == source &&
            scan_.files[file].path == record.path) {
          if (recall_file(file, record)) ++recalled;
        } else if (options_.prune) {
          gone_[source].push_back(std::move(record.path));
        }
      }
    }
    // Any of the others may be a rotten one under a new name; pruning forgets
    // the old one.
    if (recalled < files_.size()) rotten_ = catalog_.rotten_files();
  }

  /// Reads what is new together with all processes that do the same, and learns
  /// what all of them know.
  void hash_what_is_new() {
    const StagePlan plan = join_work();
    const bool is_shared = catalog_.is_shared();
    if (!is_shared) forget_gone_files();
    observer_.stage_started(plan);
    ClaimedDigests claimed;
    HashingResult hashed =
        hash_together(catalog_, root_of(), {pictures_, rotten_, claimed},
                      options_, observer_, stop_);
    observer_.stage_ended();
    add_costs(hashed);
    if (is_shared) {
      pictures_ = catalog_.pictures();
      recall();
    } else {
      forget_unused_pictures();
    }
    settle_job(catalog_.work_queue().result());
    report_.stats.pictures_decoded += hashed.pictures.size();
    add_sorted(pictures_, std::move(hashed.pictures));
  }

  /// Recalls what is known, and asks for what is to be read, unless others have
  /// done so. How much of it is left for this process, nobody knows then.
  StagePlan join_work() {
    const bool is_shared = catalog_.is_shared();
    StagePlan plan{"hashing", "files", 0, 0, options_.workers};
    std::vector<SourceId> present;
    for (const RunSource& source : sources_) {
      if (source.present) present.push_back(source.id);
    }
    std::ranges::sort(present);
    // To ask libraries what they are takes some memory.
    const std::string decoders = is_shared ? decoder_versions() : std::string();
    catalog_.work_queue().join(job_key(options_, present), decoders, [&] {
      if (is_shared) pictures_ = known_pictures();
      recall();
      std::vector<QueuedFile> files = files_to_read();
      if (!is_shared) {
        plan.total = files.size();
        plan.bytes = bytes_of(files);
      }
      return files;
    });
    if (is_shared) {
      if (pictures_.empty()) pictures_ = known_pictures();
      rotten_ = catalog_.rotten_files();
    }
    return plan;
  }

  RootOf root_of() const {
    return [this](SourceId id) -> const std::string& {
      const auto found = std::ranges::find(sources_, id, &RunSource::id);
      if (found == sources_.end()) {
        throw FatalError("the catalog hands out files of an unknown source");
      }
      return found->root;
    };
  }

  std::vector<QueuedFile> files_to_read() const {
    std::vector<QueuedFile> queued;
    for (std::size_t file = 0; file < files_.size(); ++file) {
      if (!is_to_be_read(files_[file])) continue;
      const FileEntry& entry = scan_.files[file];
      queued.push_back({sources_[entry.source].id, entry.path, entry.size_bytes,
                        entry.mtime_ns, entry.inode, files_[file].expected});
    }
    return queued;
  }

  /// Takes over what came of the files of a job. Those of which nothing came,
  /// or that have changed since, are still to be read.
  void settle_job(JobResult result) {
    report_.stats.bytes_read += result.bytes_read;
    const JobOutcomes outcomes(std::move(result.outcomes));
    const bool is_shared = catalog_.is_shared();
    if (is_shared) add_undecoded(outcomes);
    std::unordered_set<Digest, DigestHash> decoded;
    for (std::size_t file = 0; file < files_.size(); ++file) {
      const FileEntry& entry = scan_.files[file];
      const RunSource& source = sources_[entry.source];
      const QueuedOutcome* const outcome = outcomes.of(source.id, entry);
      if (!is_shared) {
        if (outcome != nullptr) settle(file, *outcome);
      } else if (outcome != nullptr && is_final(*outcome)) {
        if (outcome->is_decoded) decoded.insert(*outcome->digest);
        files_[file].unchanged = outcome->file.expected &&
                                 !outcome->is_decoded &&
                                 !options_.recompute_hashes;
        settle(file, *outcome);
      } else if (outcome != nullptr || options_.recompute_hashes) {
        files_[file].unchanged = false;
        files_[file].digest.reset();
      }
      if (files_[file].rotten && !files_[file].settled &&
          !is_to_be_read(files_[file])) {
        add_failure(absolute_path(source.root, entry.path), Stage::read,
                    bit_rot());
      }
    }
    report_.stats.pictures_decoded += decoded.size();
  }

  /// Pictures that others could not decode, either.
  void add_undecoded(const JobOutcomes& outcomes) {
    std::vector<Picture> undecoded = outcomes.undecoded();
    std::erase_if(undecoded, [&](const Picture& picture) {
      return find(pictures_, picture.digest) != pictures_.end();
    });
    add_sorted(pictures_, std::move(undecoded));
  }

  /// Not if its picture is gone, or the machine that tried could not get at the
  /// file: this one looks for itself.
  bool is_final(const QueuedOutcome& outcome) {
    return outcome.digest ? find(pictures_, *outcome.digest) != pictures_.end()
                          : !was_out_of_reach(outcome);
  }

  bool comes_before(std::size_t file, std::uint32_t source,
                    const FileRecord& record) const {
    const FileEntry& entry = scan_.files[file];
    return entry.source != source ? entry.source < source
                                  : entry.path < record.path;
  }

  /// False if the file is another one by now.
  bool recall_file(std::size_t index, const FileRecord& record) {
    const FileEntry& entry = scan_.files[index];
    RunFile& file = files_[index];
    if (!is_unchanged(entry, record)) return false;
    file.rotten = record.held_before.has_value();
    const Digest& held = record.held_before.value_or(record.digest);
    file.unchanged = find(pictures_, held) != pictures_.end();
    if (options_.verify_digests) {
      file.expected = held;
    } else if (record.held_before) {
      file.unchanged = true;
    } else if (file.unchanged) {
      file.digest = held;
    }
    return true;
  }

  /// The end if the content has not been looked at.
  static std::vector<Picture>::iterator find(std::vector<Picture>& pictures,
                                             const Digest& digest) {
    const auto found =
        std::ranges::lower_bound(pictures, digest, {}, &Picture::digest);
    return found != pictures.end() && found->digest == digest ? found
                                                              : pictures.end();
  }

  static bool is_gone(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) != 0 &&
           (errno == ENOENT || errno == ENOTDIR);
  }

  /// Forgets files and sources that are really gone, if it is to; one that was
  /// merely left out of this run (excluded, unreadable) stays.
  void forget_gone_files() {
    if (!options_.prune) return;
    for (std::size_t source = 0; source < sources_.size(); ++source) {
      const RunSource& run_source = sources_[source];
      if (!run_source.present) {
        // What is not on this machine may be on others.
        if (run_source.id != 0 && !catalog_.is_shared() &&
            is_gone(run_source.root)) {
          catalog_.remove_source(run_source.id);
        }
        continue;
      }
      std::erase_if(gone_[source], [&](const std::string& path) {
        return !is_gone(absolute_path(run_source.root, path));
      });
      catalog_.remove_files(run_source.id, gone_[source]);
    }
  }

  static bool is_to_be_read(const RunFile& file) {
    return !file.settled && (!file.unchanged || file.expected);
  }

  /// After hashing: a moved file brings back a picture without a file.
  void forget_unused_pictures() {
    if (options_.prune) catalog_.remove_unused_pictures();
  }

  /// Reads the files of which nothing came while others took part: maybe they
  /// could not get at them, or have lost what they learned.
  void hash_what_is_left() {
    forget_gone_files();
    std::vector<QueuedFile> files = files_to_read();
    const StagePlan plan{"hashing", "files", files.size(), bytes_of(files),
                         options_.workers};
    std::vector<QueuedOutcome> outcomes = outcomes_of(std::move(files));
    HashingResult hashed;
    if (!outcomes.empty()) {
      observer_.stage_started(plan);
      CatalogWriter writer(catalog_);
      ClaimedDigests claimed;
      PictureDecoders decoders = decoders_for(options_, stop_);
      hashed = hash_files(outcomes, root_of(), {pictures_, rotten_, claimed},
                          options_, decoders, writer, observer_, stop_);
      observer_.stage_ended();
    }
    forget_unused_pictures();
    add_costs(hashed);
    report_.stats.bytes_read += hashed.bytes_read;
    report_.stats.pictures_decoded += hashed.pictures.size();
    auto outcome = outcomes.begin();
    for (std::size_t file = 0; file < files_.size(); ++file) {
      if (is_to_be_read(files_[file])) settle(file, *outcome++);
    }
    add_sorted(pictures_, std::move(hashed.pictures));
  }

  void add_costs(const HashingResult& hashed) {
    decoder_memory_bytes_ =
        std::max(decoder_memory_bytes_, hashed.decoder_memory_bytes);
    for (std::size_t step = 0; step < kHashSteps; ++step) {
      report_.stats.times.hashing_seconds[step] += hashed.seconds[step];
    }
  }

  /// What came of a file is known.
  void settle(std::size_t index, const QueuedOutcome& outcome) {
    RunFile& file = files_[index];
    file.settled = true;
    file.digest = outcome.digest;
    if (outcome.digest) ++cost_of(RunStage::hash).pictures;
    if (outcome.skipped) count_skipped(*outcome.skipped, 1);
    // That of a picture is told with all files that show it.
    if (!outcome.problem || outcome.digest) return;
    const FileEntry& entry = scan_.files[index];
    const RunSource& source = sources_[entry.source];
    // A file that should hold what it held, but cannot be read any more, must
    // not count as unchanged in the next run, which does not look. One that is
    // known to be rotten does not.
    if (file.expected && !file.rotten &&
        outcome.problem->code == ErrorCode::unreadable) {
      catalog_.remove_files(source.id, std::array{entry.path});
    }
    add_failure(absolute_path(source.root, entry.path),
                outcome.stage.value_or(Stage::read), *outcome.problem);
  }

  static std::uint64_t bytes_of(std::span<const QueuedFile> files) {
    std::uint64_t bytes = 0;
    for (const QueuedFile& file : files) bytes += file.size_bytes;
    return bytes;
  }

  /// Turns the files whose content is known into photos, and counts them.
  void collect_photos() {
    constexpr std::uint32_t kUnused = ~std::uint32_t{0};
    std::vector<std::uint32_t> place(pictures_.size(), kUnused);
    report_.pictures.reserve(pictures_.size());
    report_.photos.reserve(files_.size());
    for (std::size_t file = 0; file < files_.size(); ++file) {
      if (!files_[file].digest) continue;
      FileEntry& entry = scan_.files[file];
      Photo photo{absolute_path(sources_[entry.source].root, entry.path),
                  std::move(entry.hard_links),
                  entry.size_bytes,
                  entry.mtime_ns,
                  0,
                  0};
      report_.stats.hard_links += photo.hard_links.size();
      const auto found = find(pictures_, *files_[file].digest);
      if (found == pictures_.end()) {
        // A copy of a file whose worker ran out of memory.
        add_failure(photo.path, Stage::decode,
                    {ErrorCode::too_large, "not enough memory"});
        continue;
      }
      auto& index = place[static_cast<std::size_t>(found - pictures_.begin())];
      if (index == kUnused) {
        index = static_cast<std::uint32_t>(report_.pictures.size());
        // Leaves behind the digest, by which copies are told.
        report_.pictures.push_back(std::move(*found));
      }
      const Picture& picture = report_.pictures[index];
      if (!picture.look) {
        add_failure(photo.path, Stage::decode, picture.look.error());
        if (picture.look.error().code == ErrorCode::unsupported) {
          count_unreadable(picture.info.format);
        }
      } else if (files_[file].unchanged) {
        ++report_.stats.files_unchanged;
      } else {
        ++report_.stats.files_hashed;
      }
      photo.picture = index;
      add_companions(scan_.companions[entry.companions], photo);
      report_.photos.push_back(std::move(photo));
    }
    // The search may need their room, which an empty list would not give back.
    pictures_ = std::vector<Picture>();
    files_ = std::vector<RunFile>();
    scan_ = ScanResult();
    std::ranges::sort(report_.stats.unreadable_formats, {},
                      [](const UnreadableFormat& unreadable) {
                        return to_string(unreadable.format);
                      });
  }

  /// Of the photo that comes next.
  void add_companions(std::span<const Companion> companions, Photo& photo) {
    photo.companions = kinds_of(companions);
    const auto number = static_cast<std::uint32_t>(report_.photos.size());
    for (const Companion& companion : companions) {
      report_.companions.push_back(
          {number, kNamedKinds.at(companion.group), companion.path});
    }
  }

  /// Unless it is only this file's kind of the format that cannot be read.
  void count_unreadable(Format format) {
    if (is_supported(format)) return;
    auto& counted = report_.stats.unreadable_formats;
    auto found = std::ranges::find(counted, format, &UnreadableFormat::format);
    if (found == counted.end()) {
      found = counted.insert(found, {format});
      for (const FormatSupport& support : format_support()) {
        if (support.format == format) found->option = support.option;
      }
    }
    ++found->files;
  }

  void add_failure(const std::string& path, Stage stage, const Error& error) {
    report_.errors.push_back({path, stage, error});
    ++report_.stats.files_failed;
  }

  void find_groups() {
    StagePlan plan{"searching", "pictures", report_.pictures.size(), 0,
                   options_.workers};
    observer_.stage_started(plan);
    const MatchInput input{
        report_.pictures,
        options_.rule,
        [&] { return make_index(options_.index, options_.workers); },
        stop_,
        &cost_of(RunStage::verify),
        &observer_};
    const auto finder = make_finder(
        input, [&](auto digests) { return catalog_.sketches(digests); },
        Ways::one, options_, catalog_, &catalog_.work_queue());
    observer_.stage_ended();
    if (options_.verify) plan.name = "verifying";
    observer_.stage_started(plan);
    report_.grouping =
        group(report_.photos, report_.pictures, *finder, options_.grouping,
              [&](std::size_t done) { observer_.progressed(done); });
    observer_.note("searched with " + finder->description() + ", " +
                   std::to_string(options_.workers) + " threads");
    observer_.stage_ended();
  }

  Catalog& catalog_;
  const AnalyzeOptions& options_;
  AnalyzeObserver& observer_;
  const std::atomic<bool>* const stop_;

  std::vector<RunSource> sources_;
  ScanResult scan_;
  std::vector<RunFile> files_;                  ///< one per scanned file
  std::vector<std::vector<std::string>> gone_;  ///< by source, for pruning
  std::vector<FileRecord> rotten_;          ///< known as such, sorted by digest
  std::vector<Picture> pictures_;           ///< all known, sorted by digest
  std::uint64_t decoder_memory_bytes_ = 0;  ///< of all their processes
  Report report_;
};

}  // namespace

Report analyze(Catalog& catalog, const AnalyzeOptions& options,
               AnalyzeObserver& observer, const std::atomic<bool>* stop) {
  return Run(catalog, options, observer, stop).run();
}

}  // namespace vam
