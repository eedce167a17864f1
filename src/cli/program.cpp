// From the command line to an exit code: decides what runs on which catalog,
// and tells what came of it.
#include "cli/program.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/console.hpp"
#include "cli/exit.hpp"
#include "cli/hash_export.hpp"
#include "cli/help.hpp"
#include "cli/machine.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/pairs.hpp"
#include "cli/priority.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "report/words.hpp"
#include "vam/analyze.hpp"
#include "vam/catalog.hpp"

namespace vam {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInterrupted =
    "interrupted; what was finished is in the catalog";

constexpr std::uint64_t kMinMemoryLimit = std::uint64_t{64} << 20;

/// The only argument of the processes that decode for another one of this
/// program. Not for people: without that one there is nothing to do.
constexpr const char* kServeDecoding = "--serve-decoding";

/// Every picture takes and frees rasters of some hundred kilobytes. By default
/// glibc hands such memory back at once, to be mapped and zeroed again page by
/// page for the next picture, which all workers wait for in turn.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
#endif
}

/// Every worker holds a file open, and two descriptors of its decoder.
void allow_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

fs::path default_catalog() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && fs::path(data).is_absolute()) {
    return fs::path(data) / "vam";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    throw FatalError(
        "no place for the default catalog: set XDG_DATA_HOME or HOME, or name "
        "a catalog and give the photos with -s");
  }
  return fs::path(home) / ".local/share/vam";
}

/// Paths of photos are canonical, too. A folder that is not there would protect
/// nothing, and nobody would notice.
std::vector<std::string> reference_folders(const Options& options) {
  std::vector<std::string> folders;
  for (const std::string& path : options.grouping.references) {
    std::error_code error;
    const fs::path folder = fs::canonical(path, error);
    if (error || !fs::is_directory(folder, error)) {
      throw UsageError("--reference: " + path + " is not a folder");
    }
    folders.push_back(folder.native());
  }
  std::ranges::sort(folders);
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  return folders;
}

/// What the run works on.
struct Place {
  fs::path catalog;                  ///< or the address of one on a server
  std::vector<std::string> sources;  ///< empty: those the catalog knows
  std::vector<NamedSource> names;    ///< of some of these
  bool detect_duplicates = false;
  std::vector<std::string> references;  ///< canonical
};

bool names_catalog(const std::string& path) {
  return is_server_catalog(path) || is_catalog(path);
}

bool is_on_server(const Place& place) {
  return is_server_catalog(place.catalog.native());
}

/// As reports name it.
std::string name_of_catalog(const Place& place) {
  return is_on_server(place) ? place.catalog.native()
                             : canonical_path(place.catalog.native());
}

/// Takes the name off `archive=/mnt/photos`; only a server's catalog is seen
/// by machines that may have the photos elsewhere.
std::string take_name(const std::string& source, Place& place) {
  const std::size_t end = source.find('=');
  if (!is_on_server(place) || end == std::string::npos ||
      source.find('/') < end) {
    return canonical_path(source);
  }
  std::string name = source.substr(0, end);
  if (name.empty() || end + 1 == source.size()) {
    throw UsageError("--source: " + source + " is not NAME=FOLDER");
  }
  if (std::ranges::count(place.names, name, &NamedSource::name) > 0) {
    throw UsageError("--source: the name " + name + " is there twice");
  }
  std::string root = canonical_path(source.substr(end + 1));
  place.names.push_back({std::move(name), root});
  return root;
}

/// Tells `CATALOG -s SOURCE...`, `CATALOG` and `SOURCE...` apart.
Place place_of(const Options& options) {
  Place place;
  place.detect_duplicates = options.detect_duplicates;
  const std::vector<std::string>& paths = options.paths;
  std::vector<std::string> sources = options.sources;
  if (!sources.empty()) {
    place.catalog = paths.empty() ? default_catalog() : fs::path(paths[0]);
  } else if (paths.size() == 1 && names_catalog(paths[0])) {
    place.catalog = paths[0];
  } else {
    const auto catalog = std::ranges::find_if(paths, names_catalog);
    if (catalog != paths.end()) {
      throw UsageError(shown_address(*catalog) +
                       " is a catalog: give its sources with -s, or name it "
                       "alone");
    }
    place.catalog = default_catalog();
    place.detect_duplicates = true;
    sources = paths;
  }
  for (const std::string& source : sources) {
    place.sources.push_back(take_name(source, place));
  }
  place.references = reference_folders(options);
  return place;
}

std::string utc_now() {
  const std::time_t now =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

Verbosity verbosity_of(const Options& options) {
  if (options.quiet) return Verbosity::quiet;
  if (options.verbosity == 0) return Verbosity::normal;
  return options.verbosity == 1 ? Verbosity::verbose : Verbosity::debug;
}

ShowProgress show_progress(const Options& options) {
  const char* const terminal = std::getenv("TERM");
  const bool is_dumb =
      terminal != nullptr && std::string_view(terminal) == "dumb";
  const bool by_itself = options.progress == Progress::automatic &&
                         !options.quiet && !is_dumb &&
                         isatty(STDERR_FILENO) != 0;
  return ShowProgress{by_itself || options.progress == Progress::always};
}

int choose_workers(const Options& options, Console& console) {
  const CpuCount cpus = count_cpus();
  const int workers = options.workers > 0 ? options.workers : cpus.allowed;
  const std::string reason =
      options.workers > 0
          ? "as asked"
          : counted(static_cast<std::uint64_t>(cpus.allowed), "CPU") +
                " allowed" +
                (cpus.limited_by.empty() ? "" : " by " + cpus.limited_by);
  console.note("hashing with " +
               counted(static_cast<std::uint64_t>(workers), "worker") + ": " +
               reason + ", " + std::to_string(cpus.in_machine) +
               " in the machine");
  return workers;
}

std::uint64_t choose_memory(const Options& options, Console& console) {
  const std::uint64_t available = available_memory();
  const bool asked = options.memory_limit_bytes > 0;
  const std::uint64_t bytes = asked ? options.memory_limit_bytes
                                    : std::max(kMinMemoryLimit, available / 2);
  console.note("files in work hold at most " + std::to_string(bytes >> 20) +
               " MiB: " + (asked ? "as asked, " : "half of ") +
               std::to_string(available >> 20) + " MiB available");
  return bytes;
}

AnalyzeOptions analyze_options(const Options& options, const Place& place,
                               Console& console) {
  AnalyzeOptions result;
  result.sources = place.sources;
  result.scan.include = options.include;
  result.scan.exclude = options.exclude;
  result.scan.min_size_bytes = options.min_size_bytes;
  result.scan.max_size_bytes = options.max_size_bytes;
  result.scan.hidden = HiddenFiles{options.hidden};
  result.scan.follow_links = FollowLinks{options.follow_links};
  result.scan.one_file_system = OneFileSystem{options.one_file_system};
  result.verify = options.verify;
  result.transforms = options.transforms;
  result.rule = options.verify ? candidate_rule() : plain_rule();
  if (!options.hash_methods.empty()) result.rule.methods = options.hash_methods;
  if (options.similarity_threshold) {
    result.rule.max_distance = *options.similarity_threshold;
  }
  result.detect_duplicates = place.detect_duplicates;
  result.grouping = options.grouping;
  result.grouping.references = place.references;
  result.recompute_hashes = options.recompute_hashes;
  result.verify_digests = options.verify_digests;
  result.clear = options.clear;
  result.prune = options.prune;
  result.index = options.index;
  result.workers = choose_workers(options, console);
  result.limits.max_pixels = options.max_pixels;
  result.decoder_command = {"/proc/self/exe", kServeDecoding};
  result.file_timeout_seconds =
      static_cast<std::uint32_t>(options.file_timeout);
  result.memory_limit_bytes = choose_memory(options, console);
  return result;
}

void repair(const fs::path& folder, const CatalogAccess& access,
            Console& console) {
  const RepairResult result = repair_catalog(folder, access);
  console.message("repaired " + folder.native() + ": kept " +
                  counted(result.files_kept, "file") + " and " +
                  counted(result.pictures_kept, "picture") +
                  "; the old database is " + result.damaged_copy.native());
}

CatalogAccess catalog_access(const Options& options, const Place& place,
                             Console& console) {
  CatalogAccess access;
  if (options.wait_seconds) {
    access.patience = std::chrono::seconds(*options.wait_seconds);
  }
  access.lease = std::chrono::seconds(options.lease_seconds);
  access.stop = &stop_requested;
  access.on_wait = [&] {
    console.message("another vam-analyze is using " + place.catalog.native() +
                    ": waiting for it to end");
  };
  return access;
}

std::unique_ptr<Catalog> open(const Place& place, const CatalogAccess& access) {
  return is_on_server(place)
             ? open_server_catalog(place.catalog.native(), place.names, access)
             : open_catalog(place.catalog, access);
}

/// The roots that the run will scan.
std::vector<std::string> sources_of(const Place& place, Catalog& catalog) {
  std::vector<std::string> roots = place.sources;
  for (const Source& source : catalog.sources()) {
    if (!source.root.empty()) roots.push_back(source.root);
  }
  return roots;
}

Report analyze_place(const Options& options, const Place& place,
                     Catalog& catalog, Console& console) {
  std::optional<PageFolder> page;
  if (!options.html_folder.empty()) {
    page.emplace(options.html_folder, sources_of(place, catalog));
  }
  change_marks(catalog, options, console);
  const std::string timestamp = utc_now();
  const AnalyzeOptions asked = analyze_options(options, place, console);
  Report report = analyze(catalog, asked, console, &stop_requested);
  report.timestamp = timestamp;
  report.catalog = name_of_catalog(place);
  if (page) {
    make_thumbnails(report, *page, asked, console, &stop_requested);
    page->write(report, &stop_requested);
    console.message("the page is " + page->index_file());
  }
  return report;
}

OutputEnd write_report(const Report& report, const Options& options,
                       Output& output) {
  const char* no_color = std::getenv("NO_COLOR");
  ReportStyle style;
  style.is_for_terminal = output.is_terminal();
  style.colour =
      style.is_for_terminal && (no_color == nullptr || *no_color == '\0');
  find_report_writer(options.format)->write(report, style, output.stream());
  return output.finish();
}

ExitCode analyze_and_report(const Options& options,
                            std::vector<std::string> command,
                            Console& console) {
  const Place place = place_of(options);
  if (!options.detection_option.empty() && !place.detect_duplicates) {
    throw UsageError(options.detection_option +
                     ": needs --detect-duplicates; see --help");
  }
  Output output(options.output_file, &stop_requested);
  const CatalogAccess access = catalog_access(options, place, console);
  if (options.repair && is_on_server(place)) {
    throw UsageError(
        "--repair: is for catalogs in folders; a server repairs "
        "its own");
  }
  if (options.repair) repair(place.catalog, access, console);
  auto catalog = open(place, access);
  Report report = analyze_place(options, place, *catalog, console);
  report.command = std::move(command);
  report.settings.show_discarded = options.show_discarded;
  report.settings.show_stats = options.show_stats;
  if (options.new_only) {
    // The catalog is kept until it knows: no other run shall tell it again.
    const Reported before = catalog->reported();
    const Reported now = keep_news(report, before);
    // A reader that left early (`| head`) may not have seen it all.
    if (write_report(report, options, output) == OutputEnd::complete &&
        now != before) {
      catalog->set_reported(now);
    }
  } else {
    catalog.reset();
    write_report(report, options, output);
  }

  const std::size_t problems = report.errors.size();
  if (problems > 0) {
    const std::string these = problems == 1 ? "it" : "them";
    console.warning(counted(problems, "problem") + " with files or folders; " +
                    (lists_copies_only(options.format)
                         ? "--format text or json names " + these
                         : "the report names " + these));
  }
  if (options.strict && problems > 0) return ExitCode::files_failed;
  if (options.exit_code && !report.grouping.groups.empty()) {
    return ExitCode::duplicates;
  }
  return ExitCode::done;
}

/// Takes the catalog of a question, which must be there: nothing is made to
/// answer it.
fs::path catalog_of(const Options& options) {
  fs::path catalog =
      options.paths.empty() ? default_catalog() : fs::path(options.paths[0]);
  if (!names_catalog(catalog.native())) {
    throw FatalError("there is no catalog in " + catalog.native() +
                     ": scan the photos first, or name another one");
  }
  return catalog;
}

ExitCode code_of(const LikeReport& report, const Options& options,
                 Console& console) {
  bool any_problem = false;
  bool any_match = false;
  for (const LikeAnswer& like : report.answers) {
    any_match = any_match || !like.matches.empty();
    if (!like.problem) continue;
    any_problem = true;
    console.warning(like.path + ": " + like.problem->message);
  }
  if (options.strict && any_problem) return ExitCode::files_failed;
  return options.exit_code && any_match ? ExitCode::duplicates : ExitCode::done;
}

ExitCode export_catalog(const Options& options, Console& console) {
  Place place;
  place.catalog = catalog_of(options);
  const auto catalog = open(place, catalog_access(options, place, console));
  const HashExport exported =
      export_hashes(*catalog, options.hash_file, &stop_requested);
  console.message("exported the hashes of " + counted(exported.files, "file") +
                  " with " + counted(exported.pictures, "content") + " to " +
                  options.hash_file);
  return ExitCode::done;
}

ExitCode answer(const Options& options, Console& console) {
  Place place;
  place.catalog = catalog_of(options);
  place.references = reference_folders(options);
  Output output(options.output_file, &stop_requested);
  const AnswerFormat format =
      options.format == "json" ? AnswerFormat::json : AnswerFormat::text;
  const auto catalog = open(place, catalog_access(options, place, console));
  const AnalyzeOptions asked = analyze_options(options, place, console);
  ExitCode code = ExitCode::done;
  if (options.action == Action::explain) {
    Explanation explanation = explain(
        *catalog, asked, canonical_path(options.explain.first),
        canonical_path(options.explain.second), console, &stop_requested);
    explanation.catalog = name_of_catalog(place);
    write_explanation(explanation, format, output.stream());
  } else {
    std::vector<std::string> paths;
    for (const std::string& path : options.like) {
      paths.push_back(canonical_path(path));
    }
    LikeReport report =
        find_like(*catalog, asked, paths, console, &stop_requested);
    report.catalog = name_of_catalog(place);
    write_like(report, format, output.stream());
    code = code_of(report, options, console);
  }
  output.finish();
  return code;
}

ExitCode run(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  if (options.action == Action::print_help) {
    print(kHelpText);
    return ExitCode::done;
  }
  if (options.action == Action::print_version) {
    print(version_text());
    return ExitCode::done;
  }
  Console console(verbosity_of(options), show_progress(options),
                  options.log_file, &stop_requested);
  try {
    if (options.low_priority) {
      const std::string refused = lower_priority();
      if (!refused.empty()) {
        console.warning("cannot lower the priority " + refused);
      }
    }
    if (options.action == Action::export_hashes) {
      return export_catalog(options, console);
    }
    if (options.action != Action::analyze) return answer(options, console);
    return analyze_and_report(options, {argv, argv + argc}, console);
  } catch (const Interrupted&) {
    console.message(kInterrupted);
    return ExitCode::interrupted;
  } catch (const FatalError& error) {
    console.error(error.what());
    return ExitCode::failed;
  }
}

}  // namespace

int run_program(int argc, char** argv) {
  occupy_standard_descriptors();
  keep_freed_memory();
  if (argc == 2 && std::string_view(argv[1]) == kServeDecoding) {
    return serve_decoding();
  }
  install_signal_handlers();
  allow_open_files();
  const ExitCode code =
      run_to_exit({"vam-analyze", kInterrupted,
                   "not enough memory; try fewer sources at a time"},
                  [&] { return run(argc, argv); });
  return static_cast<int>(code);
}

}  // namespace vam
