// What the options of vam-analyze mean.
#include "cli/options.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "cli/command_line.hpp"
#include "vam/report.hpp"

namespace vam {

namespace {

constexpr int kMaxWorkers = 1024;
constexpr int kMaxFileTimeout = 24 * 60 * 60;
constexpr int kMinLease = 2;
constexpr int kMaxLease = 86'400;
constexpr int kMaxWait = 7 * 24 * 60 * 60;

/// All options by name, without meaning.
struct AnalyzeLine : CommandLine {
  CLI::Option* source = add_list("-s,--source");
  CLI::Option* include = add_list("--include");
  CLI::Option* exclude = add_list("--exclude");
  CLI::Option* min_size = add_value("--min-size");
  CLI::Option* max_size = add_value("--max-size");
  CLI::Option* hidden = add_flag("--hidden");
  CLI::Option* follow_links = add_flag("-L,--follow-links");
  CLI::Option* one_file_system = add_flag("-x,--one-file-system");

  CLI::Option* detect_duplicates = add_flag("--detect-duplicates");
  CLI::Option* similarity_threshold = add_value("--similarity-threshold");
  CLI::Option* hash_methods = add_value("--hash-methods");
  CLI::Option* transforms = add_value("--transforms");
  CLI::Option* no_verify = add_flag("--no-verify");
  CLI::Option* bursts = add_value("--bursts");
  CLI::Option* keep = add_value("--keep");
  CLI::Option* reference = add_list("--reference");
  CLI::Option* reference_only = add_flag("--reference-only");

  CLI::Option* show_discarded = add_flag("--show-discarded");
  CLI::Option* mark_different = add_pairs("--mark-different");
  CLI::Option* unmark_different = add_pairs("--unmark-different");
  CLI::Option* ignore_pairs = add_list("--ignore-pairs");

  CLI::Option* explain = add_pairs("--explain");
  CLI::Option* export_hashes = add_value("--export-hashes");
  CLI::Option* like = add_list("--like")
                          ->expected(1, CLI::detail::expected_max_vector_size)
                          ->allow_extra_args(true);

  CLI::Option* format = add_value("-f,--format");
  CLI::Option* json = add_flag("--json");
  CLI::Option* print0 = add_flag("-0,--print0");
  CLI::Option* stats = add_flag("--stats");
  CLI::Option* output = add_value("-o,--output");
  CLI::Option* html = add_value("--html");
  CLI::Option* progress = add_value("--progress");
  CLI::Option* quiet = add_flag("-q,--quiet");
  CLI::Option* verbose = add_flag("-v,--verbose");
  CLI::Option* log_file = add_value("--log-file");
  CLI::Option* new_only = add_flag("--new-only");
  CLI::Option* exit_code = add_flag("--exit-code");
  CLI::Option* strict = add_flag("--strict");

  CLI::Option* recompute_hashes = add_flag("--recompute-hashes");
  CLI::Option* verify_digests = add_flag("--verify-digests");
  CLI::Option* prune = add_flag("--prune");
  CLI::Option* clear = add_flag("--clear");
  CLI::Option* repair = add_flag("--repair");
  CLI::Option* wait = add_value("--wait");
  CLI::Option* lease = add_value("--lease");

  CLI::Option* index = add_value("--index");
  CLI::Option* workers = add_value("-w,--workers,-t,--threads");
  CLI::Option* memory_limit = add_value("--memory-limit");
  CLI::Option* max_pixels = add_value("--max-pixels");
  CLI::Option* file_timeout = add_value("--file-timeout");
  CLI::Option* low_priority = add_flag("--low-priority");
};

std::vector<PathPair> pairs_of(const CLI::Option& option) {
  const std::vector<std::string> values = values_of(option);
  std::vector<PathPair> pairs;
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
    pairs.push_back({values[i], values[i + 1]});
  }
  return pairs;
}

void read_int(const CLI::Option& option, int min, int max, int& number) {
  const auto value = value_of(option);
  if (!value) return;
  const char* const end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number < min ||
      number > max) {
    refuse(option, *value + " is not in " + std::to_string(min) + ".." +
                       std::to_string(max));
  }
}

/// The power of two of a suffix, or nothing if there is no such suffix.
std::optional<int> shift_of(std::string_view suffix) {
  std::string unit(suffix);
  std::transform(unit.begin(), unit.end(), unit.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (unit.empty() || unit == "B") return 0;
  const auto power = std::string_view("KMGT").find(unit.front());
  if (power == std::string_view::npos) return std::nullopt;
  const std::string_view rest = std::string_view(unit).substr(1);
  if (!rest.empty() && rest != "B" && rest != "IB") return std::nullopt;
  return 10 * (static_cast<int>(power) + 1);
}

void read_size(const CLI::Option& option, std::uint64_t& size_bytes) {
  const auto value = value_of(option);
  if (!value) return;
  const char* const end = value->data() + value->size();
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(value->data(), end, number);
  if (parsed.ec == std::errc::result_out_of_range) {
    refuse(option, *value + " is too large");
  }
  const auto shift = shift_of(
      std::string_view(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)));
  if (parsed.ec != std::errc() || !shift) {
    refuse(option, *value + " is not a size such as 4096, 16K or 2GiB");
  }
  if (number > std::numeric_limits<std::uint64_t>::max() >> *shift) {
    refuse(option, *value + " is too large");
  }
  size_bytes = number << *shift;
}

/// A number of things, or of millions of them.
void read_count(const CLI::Option& option, std::uint64_t& count) {
  const auto value = value_of(option);
  if (!value) return;
  const bool millions = value->back() == 'M' || value->back() == 'm';
  const char* const end = value->data() + value->size() - (millions ? 1 : 0);
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(value->data(), end, number);
  constexpr std::uint64_t kMax = std::uint64_t{1} << 40;
  const std::uint64_t unit = millions ? 1'000'000 : 1;
  if (parsed.ec != std::errc() || parsed.ptr != end || number == 0 ||
      number > kMax / unit) {
    refuse(option, *value + " is not a number such as 2000000 or 200M");
  }
  count = number * unit;
}

/// The row of a table with this name, or null.
template <class Row>
const Row* find_by_name(std::span<const Row> table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Row::name);
  return found == table.end() ? nullptr : &*found;
}

void read_hash_methods(const CLI::Option& option,
                       std::vector<HashKind>& kinds) {
  const auto value = value_of(option);
  if (!value) return;
  kinds.clear();
  for (std::size_t begin = 0; begin <= value->size();) {
    const std::size_t end = std::min(value->find(',', begin), value->size());
    const std::string name = value->substr(begin, end - begin);
    const auto kind = hash_kind_of(name);
    if (!kind) {
      refuse(option, "\"" + name + "\" is none of " + names_of(hash_methods()));
    }
    if (std::find(kinds.begin(), kinds.end(), *kind) != kinds.end()) {
      refuse(option, name + " is there twice");
    }
    kinds.push_back(*kind);
    begin = end + 1;
  }
  // The order has no meaning, so it gets none in reports either.
  std::sort(kinds.begin(), kinds.end());
}

/// Splits "a,b\,c" at the commas that no backslash quotes. The backslashes
/// stay: a glob unquotes for itself.
std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == ',') {
      parts.emplace_back();
      continue;
    }
    parts.back() += list[i];
    if (list[i] == '\\' && i + 1 < list.size()) parts.back() += list[++i];
  }
  return parts;
}

/// Refuses a glob of --keep that matches folders only, which no photo is.
[[noreturn]] void refuse_folders(const CLI::Option& option,
                                 const std::string& glob) {
  const bool is_name = glob.size() > 1 && glob.find('/') + 1 == glob.size();
  refuse(option, "path:" + glob + " matches no file; for those below: path:" +
                     (is_name ? "**/" : "") + glob + "**");
}

void read_keep(const CLI::Option& option, KeepRules& rules) {
  const auto value = value_of(option);
  if (!value) return;
  rules.clear();
  for (const std::string& part : split_list(*value)) {
    const std::string name = part.substr(0, part.find(':'));
    const auto* method = find_by_name(keep_methods(), name);
    const bool takes_glob = method != nullptr && method->by == KeepBy::path;
    if (method == nullptr || (!takes_glob && name != part)) {
      refuse(option, '"' + part + "\" is none of " + names_of(keep_methods()));
    }
    KeepRule rule{method->by, {}};
    if (takes_glob) {
      rule.glob = part.substr(std::min(name.size() + 1, part.size()));
      if (rule.glob.empty()) refuse(option, "path needs a glob: path:GLOB");
      if (rule.glob.ends_with('/')) refuse_folders(option, rule.glob);
    }
    if (std::find(rules.begin(), rules.end(), rule) != rules.end()) {
      refuse(option, part + " is there twice");
    }
    rules.push_back(std::move(rule));
  }
}

void read_bursts(const CLI::Option& option, Bursts& bursts) {
  const auto name = value_of(option);
  if (!name) return;
  const auto* choice =
      find_by_name(std::span<const BurstChoice>(kBurstChoices), *name);
  if (choice == nullptr) {
    refuse(option, *name + " is none of " + names_of(kBurstChoices));
  }
  bursts = choice->bursts;
}

void read_grouping(const AnalyzeLine& line, GroupRules& rules) {
  read_bursts(*line.bursts, rules.bursts);
  read_keep(*line.keep, rules.keep);
  rules.references = values_of(*line.reference);
  rules.reference_only = !!*line.reference_only;
  if (!rules.references.empty()) return;
  if (rules.reference_only) {
    refuse(*line.reference_only, "there is no --reference");
  }
  if (std::ranges::count(rules.keep, KeepBy::reference, &KeepRule::by) > 0) {
    refuse(*line.keep, "reference: there is no --reference");
  }
}

void read_format(const AnalyzeLine& line, std::string& format) {
  // The option that chose the format so far.
  const CLI::Option* chosen_by = nullptr;
  const auto choose = [&](const CLI::Option& option, const std::string& name) {
    if (chosen_by != nullptr && format != name) {
      refuse(option, "contradicts " + chosen_by->get_name());
    }
    chosen_by = &option;
    format = name;
  };
  if (const auto name = value_of(*line.format)) {
    if (find_report_writer(*name) == nullptr) {
      refuse(*line.format, *name + " is none of " + names_of(report_writers()));
    }
    choose(*line.format, *name);
  }
  if (*line.json) choose(*line.json, "json");
  if (*line.print0) choose(*line.print0, "print0");
}

void read_progress(const CLI::Option& option, Progress& progress) {
  const auto value = value_of(option);
  if (!value) return;
  if (*value == "auto") {
    progress = Progress::automatic;
  } else if (*value == "always") {
    progress = Progress::always;
  } else if (*value == "never") {
    progress = Progress::never;
  } else {
    refuse(option, *value + " is none of auto, always, never");
  }
}

void read_transforms(const AnalyzeLine& line, Transforms& transforms) {
  const auto name = value_of(*line.transforms);
  if (!name) return;
  if (*line.no_verify) refuse(*line.transforms, "contradicts --no-verify");
  const auto* choice =
      find_by_name(std::span<const TransformChoice>(kTransformChoices), *name);
  if (choice == nullptr) {
    refuse(*line.transforms,
           *name + " is none of " + names_of(kTransformChoices));
  }
  transforms = choice->transforms;
}

void read_index(const CLI::Option& option, IndexKind& index) {
  const auto name = value_of(option);
  if (!name) return;
  const auto kind = index_kind_of(*name);
  if (!kind) refuse(option, *name + " is none of " + names_of(index_methods()));
  index = *kind;
}

void read_flags(const AnalyzeLine& line, Options& options) {
  options.detect_duplicates = !!*line.detect_duplicates;
  options.verify = !*line.no_verify;
  options.show_discarded = !!*line.show_discarded;
  options.show_stats = !!*line.stats;
  options.hidden = !!*line.hidden;
  options.follow_links = !!*line.follow_links;
  options.one_file_system = !!*line.one_file_system;
  options.recompute_hashes = !!*line.recompute_hashes;
  options.verify_digests = !!*line.verify_digests;
  options.prune = !!*line.prune;
  options.clear = !!*line.clear;
  if (options.clear && options.verify_digests) {
    refuse(*line.clear, "contradicts --verify-digests");
  }
  options.repair = !!*line.repair;
  options.low_priority = !!*line.low_priority;
  options.new_only = !!*line.new_only;
  if (options.new_only && options.show_discarded) {
    refuse(*line.new_only, "contradicts --show-discarded");
  }
  options.strict = !!*line.strict;
  options.exit_code = !!*line.exit_code;
  options.quiet = !!*line.quiet;
  options.verbosity = static_cast<int>(line.verbose->count());
  if (options.quiet && options.verbosity > 0) {
    refuse(*line.quiet, "contradicts --verbose");
  }
}

void read_values(const AnalyzeLine& line, Options& options) {
  options.sources = values_of(*line.source);
  options.include = values_of(*line.include);
  options.exclude = values_of(*line.exclude);
  read_size(*line.min_size, options.min_size_bytes);
  read_size(*line.max_size, options.max_size_bytes);
  if (options.min_size_bytes > options.max_size_bytes) {
    refuse(*line.min_size, "is larger than --max-size");
  }
  if (*line.similarity_threshold) {
    read_int(*line.similarity_threshold, 0, kHashBits,
             options.similarity_threshold.emplace());
  }
  read_transforms(line, options.transforms);
  options.mark_different = pairs_of(*line.mark_different);
  options.unmark_different = pairs_of(*line.unmark_different);
  options.ignore_pairs = values_of(*line.ignore_pairs);
  read_hash_methods(*line.hash_methods, options.hash_methods);
  read_grouping(line, options.grouping);
  read_format(line, options.format);
  for (const CLI::Option* option : {line.show_discarded, line.stats}) {
    if (*option && lists_copies_only(options.format)) {
      refuse(*option, "there is no place for it in " + options.format);
    }
  }
  options.output_file = value_of(*line.output).value_or("");
  options.html_folder = value_of(*line.html).value_or("");
  read_progress(*line.progress, options.progress);
  options.log_file = value_of(*line.log_file).value_or("");
  read_index(*line.index, options.index);
  read_int(*line.workers, 0, kMaxWorkers, options.workers);
  read_size(*line.memory_limit, options.memory_limit_bytes);
  read_count(*line.max_pixels, options.max_pixels);
  read_int(*line.file_timeout, 0, kMaxFileTimeout, options.file_timeout);
  if (*line.wait)
    read_int(*line.wait, 0, kMaxWait, options.wait_seconds.emplace());
  read_int(*line.lease, kMinLease, kMaxLease, options.lease_seconds);
}

/// Only the paths tell whether duplicates are looked for after all: see Place.
void read_detection_option(const AnalyzeLine& line, Options& options) {
  for (const CLI::Option* option :
       {line.similarity_threshold, line.hash_methods, line.transforms,
        line.no_verify, line.bursts, line.keep, line.reference,
        line.reference_only, line.show_discarded, line.new_only, line.exit_code,
        line.html, line.index}) {
    if (*option && options.detection_option.empty()) {
      options.detection_option = option->get_name();
    }
  }
}

/// Questions read no sources and write no catalog: what is about those makes no
/// sense with them.
void read_question(const AnalyzeLine& line, Options& options) {
  const auto pairs = pairs_of(*line.explain);
  options.like = values_of(*line.like);
  options.hash_file = value_of(*line.export_hashes).value_or("");
  const bool is_export = !options.hash_file.empty();
  if (pairs.empty() && options.like.empty() && !is_export) return;
  const CLI::Option& question = is_export        ? *line.export_hashes
                                : !pairs.empty() ? *line.explain
                                                 : *line.like;
  if (pairs.size() > 1) refuse(question, "is there twice");
  for (const CLI::Option* other : {line.source,
                                   line.include,
                                   line.exclude,
                                   line.min_size,
                                   line.max_size,
                                   line.hidden,
                                   line.follow_links,
                                   line.one_file_system,
                                   line.detect_duplicates,
                                   line.mark_different,
                                   line.unmark_different,
                                   line.ignore_pairs,
                                   line.show_discarded,
                                   line.stats,
                                   line.html,
                                   line.new_only,
                                   line.reference_only,
                                   line.recompute_hashes,
                                   line.verify_digests,
                                   line.prune,
                                   line.clear,
                                   line.repair}) {
    if (*other) refuse(question, "contradicts " + other->get_name());
  }
  if (options.format != "text" && options.format != "json") {
    refuse(question, "is not answered in " + options.format);
  }
  if (is_export) {
    for (const CLI::Option* other :
         {line.explain, line.like, line.format, line.json, line.output,
          line.keep, line.reference, line.bursts, line.exit_code,
          line.strict}) {
      if (*other) refuse(question, "contradicts " + other->get_name());
    }
    options.action = Action::export_hashes;
    return;
  }
  if (!pairs.empty()) {
    if (*line.like) refuse(question, "contradicts --like");
    for (const CLI::Option* other : {line.exit_code, line.strict}) {
      if (*other) refuse(question, "contradicts " + other->get_name());
    }
    options.action = Action::explain;
    options.explain = pairs.front();
  } else {
    for (const CLI::Option* other : {line.keep, line.reference, line.bursts}) {
      if (*other) refuse(question, "contradicts " + other->get_name());
    }
    options.action = Action::like;
  }
}

void check_paths(const Options& options) {
  for (const std::string& path : options.paths) {
    if (path.empty()) refuse("a path is empty");
  }
  if (options.action != Action::analyze) {
    if (options.paths.size() > 1) {
      refuse(options.paths[1] + ": the only path here is the catalog");
    }
    return;
  }
  if (options.paths.empty() && options.sources.empty()) {
    refuse("no CATALOG and no SOURCE given");
  }
  if (options.paths.size() > 1 && !options.sources.empty()) {
    refuse(options.paths[1] +
           ": with --source, the only other path is the catalog");
  }
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  AnalyzeLine line;
  Options options;
  options.paths = line.split(argc, argv);
  if (*line.help || *line.version) {
    options.action = *line.help ? Action::print_help : Action::print_version;
    return options;
  }
  read_flags(line, options);
  read_values(line, options);
  read_detection_option(line, options);
  read_question(line, options);
  check_paths(options);
  return options;
}

bool lists_copies_only(const std::string& format) {
  return format == "csv" || format == "fdupes" || format == "print0";
}

std::vector<std::string> option_names() { return AnalyzeLine().names(); }

}  // namespace vam
