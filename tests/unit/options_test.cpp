#include "cli/options.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "catch.hpp"
#include "cli/help.hpp"

using namespace vam;

namespace {

using Strings = std::vector<std::string>;

Options parsed(const Strings& arguments) {
  std::vector<const char*> argv = {"vam-analyze"};
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  const int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  return parse_options(argc, argv.data());
}

/// The arguments behind a catalog.
Options with(Strings arguments) {
  arguments.insert(arguments.begin(), "catalog");
  return parsed(arguments);
}

/// What parse_options() says against these arguments.
std::string refusal(const Strings& arguments) {
  try {
    parsed(arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_with(Strings arguments) {
  arguments.insert(arguments.begin(), "catalog");
  return refusal(arguments);
}

}  // namespace

TEST_CASE("options: defaults") {
  const Options options = parsed({"photos"});
  CHECK(options.action == Action::analyze);
  CHECK(options.paths == Strings{"photos"});
  CHECK(options.sources.empty());
  CHECK_FALSE(options.detect_duplicates);
  CHECK(options.verify);
  CHECK(options.transforms == Transforms::all);
  CHECK_FALSE(options.similarity_threshold.has_value());
  CHECK(options.hash_methods.empty());
  CHECK(options.include.empty());
  CHECK(options.exclude.empty());
  CHECK(options.min_size_bytes == 0);
  CHECK(options.max_size_bytes == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(options.hidden);
  CHECK_FALSE(options.follow_links);
  CHECK_FALSE(options.one_file_system);
  CHECK_FALSE(options.recompute_hashes);
  CHECK_FALSE(options.verify_digests);
  CHECK_FALSE(options.prune);
  CHECK_FALSE(options.clear);
  CHECK_FALSE(options.repair);
  CHECK(options.format == "text");
  CHECK(options.output_file.empty());
  CHECK_FALSE(options.strict);
  CHECK_FALSE(options.exit_code);
  CHECK(options.progress == Progress::automatic);
  CHECK_FALSE(options.quiet);
  CHECK(options.verbosity == 0);
  CHECK(options.log_file.empty());
  CHECK(options.workers == 0);
  CHECK(options.memory_limit_bytes == 0);
}

TEST_CASE("options: paths are any bytes and any number") {
  const Strings paths = {"a",     "[2020]",   "[a,b]", "{}",   "%%",
                         "++",    "x=y",      "-",     "/tmp", "a b",
                         "a,b\n", "\xff\xfe", "\"q\"", "it's", "#x"};
  CHECK(parsed(paths).paths == paths);
}

TEST_CASE("options: behind -- everything is a path") {
  CHECK(parsed({"a", "--", "-q", "--help", "--", "--x=", "-5"}).paths ==
        Strings{"a", "-q", "--help", "--", "--x=", "-5"});
  CHECK(parsed({"-q", "--", "-q"}).quiet);
}

TEST_CASE("options: wrong numbers of paths") {
  CHECK(refusal({}) == "no CATALOG and no SOURCE given; see --help");
  CHECK(refusal({"--json"}) != "accepted");
  CHECK(refusal({"a", "b", "-s", "c"}) ==
        "b: with --source, the only other path is the catalog; see --help");
  CHECK(refusal({""}) == "a path is empty; see --help");
  CHECK(parsed({"-s", "a"}).paths.empty());
}

TEST_CASE("options: an empty argv is wrong usage") {
  const char* const none[] = {nullptr};
  CHECK_THROWS_AS(parse_options(0, none), UsageError);
}

TEST_CASE("options: --source is repeatable and takes one value each") {
  CHECK(with({"-s", "a", "--source", "b", "--source=c", "-sd"}).sources ==
        Strings{"a", "b", "c", "d"});
  const Options options = parsed({"-s", "a", "catalog"});
  CHECK(options.sources == Strings{"a"});
  CHECK(options.paths == Strings{"catalog"});
  const Strings odd = {"-dir", "[a,b]", "{}", "%%", "\xff", "--", "--help"};
  Strings arguments;
  for (const std::string& path : odd) {
    arguments.push_back("-s");
    arguments.push_back(path);
  }
  CHECK(parsed(arguments).sources == odd);
  CHECK(refusal_with({"-s"}) == "--source: the value is missing; see --help");
  CHECK(refusal_with({"-s", ""}) == "--source: the value is empty; see --help");
  CHECK(refusal({"--source=", "catalog"}) ==
        "--source: the value is missing; see --help");
}

TEST_CASE("options: --detect-duplicates") {
  CHECK(with({"--detect-duplicates"}).detect_duplicates);
}

TEST_CASE("options: --similarity-threshold") {
  CHECK(with({"--similarity-threshold", "0"}).similarity_threshold == 0);
  CHECK(with({"--similarity-threshold=64"}).similarity_threshold == 64);
  CHECK(with({"--similarity-threshold=010"}).similarity_threshold == 10);
  CHECK(refusal_with({"--similarity-threshold", "70"}) ==
        "--similarity-threshold: 70 is not in 0..64; see --help");
  for (const std::string value :
       {"65", "-1", "5.5", "five", "5x", " 5", "+5", "0x5", "99999999999999"}) {
    CAPTURE(value);
    CHECK(refusal_with({"--similarity-threshold", value}) ==
          "--similarity-threshold: " + value + " is not in 0..64; see --help");
  }
}

TEST_CASE("options: --no-verify and --transforms") {
  CHECK_FALSE(with({"--no-verify"}).verify);
  CHECK(with({"--transforms", "none"}).transforms == Transforms::none);
  CHECK(with({"--transforms=mirror"}).transforms == Transforms::mirror);
  CHECK(with({"--transforms=all"}).transforms == Transforms::all);
  CHECK(refusal_with({"--transforms", "some"}) ==
        "--transforms: some is none of none, mirror, all; see --help");
  CHECK(refusal_with({"--transforms", "all", "--no-verify"}) ==
        "--transforms: contradicts --no-verify; see --help");
}

TEST_CASE("options: --keep") {
  using enum KeepBy;
  CHECK(with({}).grouping.keep == default_keep_rules());
  CHECK(with({"--keep", "oldest"}).grouping.keep == KeepRules{{oldest}});
  CHECK(with({"--keep=newest,path:**/a:b/*,format,path:x\\,y,path:\\"})
            .grouping.keep == KeepRules{{newest},
                                        {path, "**/a:b/*"},
                                        {format},
                                        {path, "x\\,y"},
                                        {path, "\\"}});
  const std::string names =
      " is none of resolution, metadata, generation, companions, format, size, "
      "oldest, newest, path, reference; see --help";
  CHECK(refusal_with({"--keep", "best"}) == "--keep: \"best\"" + names);
  CHECK(refusal_with({"--keep", "size,"}) == "--keep: \"\"" + names);
  CHECK(refusal_with({"--keep", "size:x"}) == "--keep: \"size:x\"" + names);
  CHECK(refusal_with({"--keep", "size,oldest,size"}) ==
        "--keep: size is there twice; see --help");
  CHECK(refusal_with({"--keep", "path:a,path:a"}) ==
        "--keep: path:a is there twice; see --help");
  for (const char* list : {"path", "path:"}) {
    CHECK(refusal_with({"--keep", list}) ==
          "--keep: path needs a glob: path:GLOB; see --help");
  }
  CHECK(refusal_with({"--keep", "size,path:Originals/"}) ==
        "--keep: path:Originals/ matches no file; for those below: "
        "path:**/Originals/**; see --help");
  CHECK(refusal_with({"--keep", "path:/home/ana/"}) ==
        "--keep: path:/home/ana/ matches no file; for those below: "
        "path:/home/ana/**; see --help");
  CHECK(refusal_with({"--keep", "path:/"}) ==
        "--keep: path:/ matches no file; for those below: path:/**; see "
        "--help");
}

TEST_CASE("options: --bursts") {
  CHECK(with({}).grouping.bursts == Bursts::report);
  for (const BurstChoice& choice : kBurstChoices) {
    const std::string name(choice.name);
    CHECK(with({"--bursts", name}).grouping.bursts == choice.bursts);
  }
  CHECK(refusal_with({"--bursts", "keep"}) ==
        "--bursts: keep is none of report, ignore, as-similar; see --help");
}

TEST_CASE("options: --reference and --reference-only") {
  const GroupRules rules =
      with({"--reference", "a", "--reference=b", "--reference-only"}).grouping;
  CHECK(rules.references == Strings{"a", "b"});
  CHECK(rules.reference_only);
  CHECK(rules.keep == default_keep_rules());
  CHECK(with({"--reference=a", "--keep", "size,reference"}).grouping.keep ==
        KeepRules{{KeepBy::size}, {KeepBy::reference}});
  CHECK_FALSE(with({}).grouping.reference_only);
  CHECK(refusal_with({"--reference", ""}) ==
        "--reference: the value is empty; see --help");
  CHECK(refusal_with({"--reference-only"}) ==
        "--reference-only: there is no --reference; see --help");
  CHECK(refusal_with({"--keep", "reference"}) ==
        "--keep: reference: there is no --reference; see --help");
}

TEST_CASE("options: --hash-methods") {
  using enum HashKind;
  CHECK(with({"--hash-methods", "whash"}).hash_methods == std::vector{whash});
  CHECK(with({"--hash-methods=whash,dhash,ahash"}).hash_methods ==
        std::vector{dhash, ahash, whash});
  CHECK(refusal_with({"--hash-methods", "phash"}) ==
        "--hash-methods: \"phash\" is none of dhash, ahash, whash; see --help");
  CHECK(refusal_with({"--hash-methods", "dhash,dhash"}) ==
        "--hash-methods: dhash is there twice; see --help");
  for (const std::string value :
       {"", ",", "dhash,", ",dhash", "dhash,,ahash", "dhash, ahash", "DHASH"}) {
    CAPTURE(value);
    CHECK(refusal_with({"--hash-methods", value}) != "accepted");
  }
}

TEST_CASE("options: --index") {
  CHECK(with({}).index == IndexKind::auto_choice);
  CHECK(with({"--index", "auto"}).index == IndexKind::auto_choice);
  CHECK(with({"--index", "flat"}).index == IndexKind::flat);
  CHECK(with({"--index=scan"}).index == IndexKind::scan);
  CHECK(with({"--index", "flat", "--index", "bands"}).index ==
        IndexKind::bands);
  CHECK(refusal_with({"--index", "mih"}) ==
        "--index: mih is none of auto, flat, scan, bands; see --help");
  CHECK(refusal_with({"--index"}) ==
        "--index: the value is missing; see --help");
}

TEST_CASE("options: --include and --exclude") {
  const Options options = with({"--include", "*.jpg", "--exclude", "[ab],*",
                                "--include=a b", "--exclude", "**/x"});
  CHECK(options.include == Strings{"*.jpg", "a b"});
  CHECK(options.exclude == Strings{"[ab],*", "**/x"});
  CHECK(refusal_with({"--include", ""}) != "accepted");
  CHECK(refusal_with({"--exclude"}) ==
        "--exclude: the value is missing; see --help");
}

TEST_CASE("options: --min-size and --max-size") {
  const Options options = with({"--min-size", "16K", "--max-size=2GiB"});
  CHECK(options.min_size_bytes == 16 * 1024);
  CHECK(options.max_size_bytes == std::uint64_t{2} << 30);
  CHECK(with({"--min-size", "4", "--max-size", "4"}).max_size_bytes == 4);
  CHECK(refusal_with({"--min-size", "2K", "--max-size", "1K"}) ==
        "--min-size: is larger than --max-size; see --help");
}

TEST_CASE("options: sizes have suffixes and limits") {
  const auto size = [](const std::string& value) {
    return with({"--min-size", value}).min_size_bytes;
  };
  CHECK(size("0") == 0);
  CHECK(size("512") == 512);
  CHECK(size("512B") == 512);
  for (const std::string suffix : {"k", "K", "KB", "kb", "KiB", "kib"}) {
    CAPTURE(suffix);
    CHECK(size("3" + suffix) == 3 * 1024);
  }
  CHECK(size("3M") == 3 << 20);
  CHECK(size("3G") == std::uint64_t{3} << 30);
  CHECK(size("3TiB") == std::uint64_t{3} << 40);
  CHECK(size("18446744073709551615") ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(size("16777215T") == std::uint64_t{16777215} << 40);
  CHECK(refusal_with({"--min-size", "16777216T"}) ==
        "--min-size: 16777216T is too large; see --help");
  CHECK(refusal_with({"--min-size", "18446744073709551616"}) ==
        "--min-size: 18446744073709551616 is too large; see --help");
  for (const std::string value : {"-1", "+1", "1.5M", "K", "1KK", "1 K", "1P",
                                  "1i", "1BB", "1iB", "0x10", " 1", "1\xff"}) {
    CAPTURE(value);
    CHECK(refusal_with({"--min-size", value}) ==
          "--min-size: " + value +
              " is not a size such as 4096, 16K or 2GiB; see --help");
  }
}

TEST_CASE("options: --mark-different and --ignore-pairs") {
  const Options options =
      with({"--mark-different", "a", "-b", "--mark-different", "c", "a",
            "--ignore-pairs", "x", "--ignore-pairs", "y"});
  CHECK(options.paths == Strings{"catalog"});
  CHECK((options.mark_different ==
         std::vector<PathPair>{{"a", "-b"}, {"c", "a"}}));
  CHECK(options.ignore_pairs == Strings{"x", "y"});
  CHECK(refusal_with({"--mark-different", "a"}) ==
        "--mark-different: the value is missing; see --help");
  CHECK(refusal_with({"--mark-different", "a", ""}) ==
        "--mark-different: the value is empty; see --help");
  CHECK((with({"--unmark-different", "a", "b"}).unmark_different ==
         std::vector<PathPair>{{"a", "b"}}));
  CHECK(refusal_with({"--unmark-different", "a"}) ==
        "--unmark-different: the value is missing; see --help");
  CHECK(refusal_with({"--ignore-pairs"}) ==
        "--ignore-pairs: the value is missing; see --help");
}

TEST_CASE("options: --hidden, --follow-links, --one-file-system") {
  CHECK(with({"--hidden"}).hidden);
  CHECK(with({"-L"}).follow_links);
  CHECK(with({"--follow-links"}).follow_links);
  CHECK(with({"-x"}).one_file_system);
  CHECK(with({"--one-file-system"}).one_file_system);
  const Options both = with({"-Lx"});
  CHECK(both.follow_links);
  CHECK(both.one_file_system);
}

TEST_CASE("options: --format and its short forms") {
  CHECK(with({"-f", "csv"}).format == "csv");
  CHECK(with({"-fjsonl"}).format == "jsonl");
  CHECK(with({"--format=text"}).format == "text");
  CHECK(with({"-f", "fdupes"}).format == "fdupes");
  CHECK(with({"--json"}).format == "json");
  CHECK(with({"-0"}).format == "print0");
  CHECK(with({"--print0"}).format == "print0");
  CHECK(with({"-f", "csv", "-f", "json"}).format == "json");
  CHECK(with({"--json", "-f", "json"}).format == "json");
  CHECK(refusal_with({"-f", "xml"}) ==
        "--format: xml is none of text, json, jsonl, csv, fdupes, print0; see "
        "--help");
  CHECK(refusal_with({"--json", "-f", "csv"}) ==
        "--json: contradicts --format; see --help");
  CHECK(refusal_with({"-0", "-f", "text"}) ==
        "--print0: contradicts --format; see --help");
  CHECK(refusal_with({"-0", "--json"}) ==
        "--print0: contradicts --json; see --help");
}

TEST_CASE("options: --show-discarded") {
  CHECK(with({"--show-discarded"}).show_discarded);
  CHECK(with({"--show-discarded", "-f", "jsonl"}).show_discarded);
  CHECK(refusal_with({"--show-discarded", "-0"}) ==
        "--show-discarded: there is no place for it in print0; see --help");
  CHECK(refusal_with({"-f", "csv", "--show-discarded"}) ==
        "--show-discarded: there is no place for it in csv; see --help");
  CHECK(refusal_with({"-f", "fdupes", "--show-discarded"}) ==
        "--show-discarded: there is no place for it in fdupes; see --help");
}

TEST_CASE("options: --stats") {
  CHECK_FALSE(with({}).show_stats);
  CHECK(with({"--stats"}).show_stats);
  CHECK(with({"--stats", "--json"}).show_stats);
  CHECK(refusal_with({"--stats", "-0"}) ==
        "--stats: there is no place for it in print0; see --help");
  CHECK(refusal_with({"-f", "csv", "--stats"}) ==
        "--stats: there is no place for it in csv; see --help");
}

TEST_CASE("options: --explain and --like") {
  const Options explain = with({"--explain", "a", "-b", "--json"});
  CHECK(explain.action == Action::explain);
  CHECK((explain.explain == PathPair{"a", "-b"}));
  CHECK(explain.paths == Strings{"catalog"});
  CHECK(parsed({"--explain", "a", "b"}).paths.empty());
  const Options like = with({"--like", "a", "b", "--json", "--like", "c"});
  CHECK(like.action == Action::like);
  CHECK(like.like == Strings{"a", "b", "c"});
  CHECK(like.paths == Strings{"catalog"});
  CHECK(parsed({"--like", "a", "--", "c"}).paths == Strings{"c"});

  CHECK(refusal_with({"--like"}) == "--like: the value is missing; see --help");
  CHECK(refusal_with({"--explain", "a"}) ==
        "--explain: the value is missing; see --help");
  CHECK(refusal_with({"--explain", "a", "b", "c"}) ==
        "c: the only path here is the catalog; see --help");
  CHECK(refusal_with({"--explain", "a", "b", "--explain", "c", "d"}) ==
        "--explain: is there twice; see --help");
  CHECK(refusal_with({"--explain", "a", "b", "--like", "c"}) ==
        "--explain: contradicts --like; see --help");
  CHECK(refusal_with({"--explain", "a", "b", "--exit-code"}) ==
        "--explain: contradicts --exit-code; see --help");
  CHECK(refusal_with({"--like", "a", "-0"}) ==
        "--like: is not answered in print0; see --help");
  for (const Strings& other :
       {Strings{"--source", "s"}, Strings{"--include", "x"},
        Strings{"--detect-duplicates"}, Strings{"--clear"}, Strings{"--prune"},
        Strings{"--repair"}, Strings{"--ignore-pairs", "x"},
        Strings{"--mark-different", "a", "b"},
        Strings{"--unmark-different", "a", "b"}, Strings{"--show-discarded"},
        Strings{"--stats"}, Strings{"--html", "page"}, Strings{"--hidden"},
        Strings{"--new-only"}, Strings{"--max-size", "1"}}) {
    CAPTURE(other);
    Strings arguments = {"--like", "a"};
    arguments.insert(arguments.end(), other.begin(), other.end());
    CHECK(refusal_with(arguments) ==
          "--like: contradicts " + other[0] + "; see --help");
  }
}

TEST_CASE("options: what needs a search for duplicates is remembered") {
  CHECK(with({"--stats", "--mark-different", "a", "b", "--json"})
            .detection_option.empty());
  CHECK(with({"--keep", "size", "--bursts", "ignore"}).detection_option ==
        "--bursts");
  for (const Strings& one :
       {Strings{"--similarity-threshold", "3"},
        Strings{"--hash-methods", "dhash"}, Strings{"--transforms", "none"},
        Strings{"--no-verify"}, Strings{"--bursts", "ignore"},
        Strings{"--keep", "size"}, Strings{"--reference", "r"},
        Strings{"--show-discarded"}, Strings{"--exit-code"},
        Strings{"--new-only"}, Strings{"--index", "flat"}}) {
    CHECK(with(one).detection_option == one[0]);
  }
}

TEST_CASE("options: --output and --log-file") {
  CHECK(with({"-o", "out.json"}).output_file == "out.json");
  CHECK(with({"--output=\xff"}).output_file == "\xff");
  CHECK(with({"-o", "a", "-o", "b"}).output_file == "b");
  CHECK(refusal_with({"-o", ""}) == "--output: the value is empty; see --help");
  CHECK(with({"--log-file", "log"}).log_file == "log");
  CHECK(refusal_with({"--log-file"}) ==
        "--log-file: the value is missing; see --help");
}

TEST_CASE("options: --html") {
  CHECK(with({}).html_folder.empty());
  CHECK(with({"--html", "page", "--html=-x"}).html_folder == "-x");
  CHECK(refusal_with({"--html", ""}) ==
        "--html: the value is empty; see --help");
}

TEST_CASE("options: --progress") {
  CHECK(with({"--progress", "auto"}).progress == Progress::automatic);
  CHECK(with({"--progress", "always"}).progress == Progress::always);
  CHECK(with({"--progress=never"}).progress == Progress::never);
  CHECK(refusal_with({"--progress", "yes"}) ==
        "--progress: yes is none of auto, always, never; see --help");
}

TEST_CASE("options: --quiet and --verbose") {
  CHECK(with({"-q"}).quiet);
  CHECK(with({"--quiet"}).quiet);
  CHECK(with({"-v"}).verbosity == 1);
  CHECK(with({"-vv", "--verbose"}).verbosity == 3);
  CHECK(refusal_with({"-q", "-v"}) ==
        "--quiet: contradicts --verbose; see --help");
}

TEST_CASE("options: --strict and --exit-code") {
  CHECK(with({"--strict"}).strict);
  CHECK(with({"--exit-code"}).exit_code);
}

TEST_CASE("options: --new-only") {
  CHECK_FALSE(with({}).new_only);
  CHECK(with({"--new-only", "--html", "page"}).new_only);
  CHECK(refusal_with({"--new-only", "--show-discarded"}) ==
        "--new-only: contradicts --show-discarded; see --help");
}

TEST_CASE("options: --wait") {
  CHECK_FALSE(with({}).wait_seconds.has_value());
  CHECK(with({"--wait", "0"}).wait_seconds == 0);
  CHECK(with({"--wait=3600", "--like", "a"}).wait_seconds == 3600);
  CHECK(refusal_with({"--wait", "1h"}) ==
        "--wait: 1h is not in 0..604800; see --help");
}

TEST_CASE("options: --export-hashes") {
  const Options options = with({"--export-hashes", "a.csv"});
  CHECK(options.action == Action::export_hashes);
  CHECK(options.hash_file == "a.csv");
  CHECK(refusal_with({"--export-hashes", "a", "--like", "b"}) ==
        "--export-hashes: contradicts --like; see --help");
  CHECK(refusal_with({"--export-hashes", "a", "--prune"}) ==
        "--export-hashes: contradicts --prune; see --help");
}

TEST_CASE("options: --lease") {
  CHECK(with({}).lease_seconds == 60);
  CHECK(with({"--lease", "2"}).lease_seconds == 2);
  CHECK(refusal_with({"--lease", "1"}) ==
        "--lease: 1 is not in 2..86400; see --help");
}

TEST_CASE("options: --low-priority") {
  CHECK_FALSE(with({}).low_priority);
  CHECK(with({"--low-priority"}).low_priority);
  CHECK(with({"--low-priority", "--explain", "a", "b"}).low_priority);
}

TEST_CASE("options: what to do with the catalog") {
  CHECK(with({"--recompute-hashes"}).recompute_hashes);
  CHECK(with({"--verify-digests"}).verify_digests);
  CHECK(refusal_with({"--verify-digests", "--clear"}) ==
        "--clear: contradicts --verify-digests; see --help");
  CHECK(with({"--prune"}).prune);
  CHECK(with({"--clear"}).clear);
  CHECK(with({"--repair"}).repair);
}

TEST_CASE("options: --workers and its other names") {
  for (const std::string name : {"-w", "--workers", "-t", "--threads"}) {
    CAPTURE(name);
    CHECK(with({name, "8"}).workers == 8);
  }
  CHECK(with({"-w0"}).workers == 0);
  CHECK(with({"-w", "1024"}).workers == 1024);
  CHECK(refusal_with({"-t", "1025"}) ==
        "--workers: 1025 is not in 0..1024; see --help");
  CHECK(refusal_with({"-w", "-1"}) ==
        "--workers: -1 is not in 0..1024; see --help");
}

TEST_CASE("options: --memory-limit") {
  CHECK(with({"--memory-limit", "512M"}).memory_limit_bytes == 512 << 20);
  CHECK(with({"--memory-limit=0"}).memory_limit_bytes == 0);
  CHECK(refusal_with({"--memory-limit", "much"}) != "accepted");
}

TEST_CASE("options: --max-pixels") {
  CHECK(with({}).max_pixels == 1 << 29);
  CHECK(with({"--max-pixels", "1"}).max_pixels == 1);
  CHECK(with({"--max-pixels", "200M"}).max_pixels == 200'000'000);
  CHECK(with({"--max-pixels=1099511627776"}).max_pixels == 1ULL << 40);
  for (const char* const wrong :
       {"0", "M", "-1", "1K", "1.5M", "2000000M", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK(refusal_with({"--max-pixels", wrong}) ==
          "--max-pixels: " + std::string(wrong) +
              " is not a number such as 2000000 or 200M; see --help");
  }
}

TEST_CASE("options: --file-timeout") {
  CHECK(with({}).file_timeout == 30);
  CHECK(with({"--file-timeout", "0"}).file_timeout == 0);
  CHECK(with({"--file-timeout=86400"}).file_timeout == 86400);
  CHECK(refusal_with({"--file-timeout", "30s"}) ==
        "--file-timeout: 30s is not in 0..86400; see --help");
}

TEST_CASE("options: --help and --version win over what else is wrong") {
  CHECK(parsed({"--help"}).action == Action::print_help);
  CHECK(parsed({"-h"}).action == Action::print_help);
  CHECK(parsed({"--version"}).action == Action::print_version);
  CHECK(parsed({"--version", "-h", "--bogus", "-w", "x"}).action ==
        Action::print_help);
}

TEST_CASE("options: what is no option is named") {
  CHECK(refusal_with({"--bogus"}) == "--bogus: unknown option; see --help");
  CHECK(refusal_with({"--bogus=1"}) == "--bogus=1: unknown option; see --help");
  CHECK(refusal_with({"-5"}) == "-5: unknown option; see --help");
  CHECK(refusal_with({"-!"}) == "-!: unknown option; see --help");
  CHECK(refusal_with({"-\xff"}) == "-\xff: unknown option; see --help");
  CHECK(refusal_with({"-qZ"}) == "-Z: unknown option; see --help");
  CHECK(refusal_with({"--detect"}) == "--detect: unknown option; see --help");
  CHECK(refusal_with({"--hidden=no"}) ==
        "--hidden: takes no value; see --help");
}

TEST_CASE("options: the help text names all options and no others") {
  std::set<std::string> named;
  std::istringstream words{std::string(kHelpText)};
  for (std::string word; words >> word;) {
    word.erase(0, word.find_first_not_of('('));
    word.erase(word.find_last_not_of(",;:.)") + 1);
    if (word.find_first_not_of('-') == std::string::npos) continue;
    if (word.front() == '-') named.insert(word);
  }
  const Strings known = option_names();
  CHECK(named == std::set<std::string>(known.begin(), known.end()));
}

TEST_CASE("options: the help text fits a terminal of 80 columns") {
  REQUIRE(kHelpText.ends_with('\n'));
  std::istringstream lines{std::string(kHelpText)};
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
    CHECK((line.empty() || line.back() != ' '));
    CHECK(std::all_of(line.begin(), line.end(),
                      [](char c) { return c >= ' ' && c <= '~'; }));
  }
}
