#include "vam/report.hpp"

#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "catch.hpp"
#include "report/escape.hpp"
#include "report/words.hpp"
#include "report/writers.hpp"

using namespace vam;
using Json = nlohmann::ordered_json;

namespace {

std::string written(const Report& report, std::string_view format,
                    const ReportStyle& style = {}) {
  const ReportWriter* writer = find_report_writer(format);
  REQUIRE(writer != nullptr);
  std::ostringstream out;
  writer->write(report, style, out);
  return out.str();
}

Json parsed(const Report& report) {
  return Json::parse(written(report, "json"));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Report empty_report() {
  Report report;
  report.version = "1.2.3";
  report.timestamp = "2024-05-06T07:08:09Z";
  report.command = {"vam-analyze", "/photos"};
  report.catalog = "/catalog";
  report.settings.detect_duplicates = true;
  report.settings.similarity_threshold = 5;
  report.settings.hash_methods = {HashKind::dhash, HashKind::ahash};
  report.settings.sources = {"/photos"};
  return report;
}

/// Adds a picture and a photo of it; returns the photo's index.
std::uint32_t add_photo(Report& report, const std::string& path,
                        std::uint64_t size_bytes, Result<Fingerprint> look) {
  Picture picture;
  picture.digest = digest_of(std::as_bytes(std::span(path)));
  picture.look = std::move(look);
  if (picture.look) {
    picture.info = {
        Format::jpeg,
        4000,
        3000,
        6,
        "2019-08-07T10:11:12",
        {"Make", "Model", "Software", GeoPosition{-33.8567994, 151.2}, 3}};
  }
  report.pictures.push_back(picture);
  Photo photo;
  photo.path = path;
  photo.size_bytes = size_bytes;
  photo.mtime_ns = 1'600'000'000'123'456'789;
  photo.picture = static_cast<std::uint32_t>(report.pictures.size() - 1);
  report.photos.push_back(photo);
  return static_cast<std::uint32_t>(report.photos.size() - 1);
}

constexpr HashSet kHashes = {0x0123456789abcdef, 0xff, 0};

/// A group with a keeper, an exact copy, a same-image copy and a look-alike.
Report full_report() {
  Report report = empty_report();
  const Fingerprint look{kHashes, 60};
  Group group;
  group.id = "00112233445566ff";
  group.kind = MatchKind::similar;
  group.diameter = 7;
  group.keep_reason = "more pixels";
  group.members = {
      {add_photo(report, "/photos/a.jpg", 4'089'446, look), {}},
      {add_photo(report, "/photos/b.jpg", 4'089'446, look), {}},
      {add_photo(report, "/photos/c.jpg", 2048, look),
       {MatchKind::same_image, {1, 2, 3}, 0.97654321}},
      {add_photo(report, "/photos/d.jpg", 1, look),
       {MatchKind::similar, {5, 4, 30}, 0.9}},
  };
  group.members[3].evidence.transform = 6;
  group.members[3].evidence.differences =
      static_cast<std::uint8_t>(Difference::crop) |
      static_cast<std::uint8_t>(Difference::detail);
  report.photos[1].hard_links = {"/photos/link1.jpg", "/photos/link2.jpg"};
  report.grouping.groups.push_back(group);
  report.grouping.discarded.resize(3);
  report.errors = {{"/photos/x.jpg",
                    Stage::decode,
                    {ErrorCode::truncated, "the data end in row 17"}}};
  report.stats.files_seen = 12'345;
  report.stats.files_hashed = 300;
  report.stats.files_unchanged = 12'000;
  report.stats.files_failed = 5;
  report.stats.files_skipped = 40;
  report.stats.skipped_by_kind = {30, 1, 0, 9};
  report.stats.unreadable_formats = {{Format::heif, 2, "VAM_HEIF"},
                                     {Format::psd, 1}};
  report.stats.pictures_decoded = 290;
  report.stats.bytes_read = 1'288'490'189;
  report.stats.hard_links = 2;
  report.stats.times[RunStage::scan].seconds = 0.1;
  report.stats.times[RunStage::hash].seconds = 2.34567;
  report.stats.times[RunStage::search].seconds = 0.5;
  report.stats.times[RunStage::verify].seconds = 0.25;
  report.stats.times.total_seconds = 3.5;
  report.stats.peak_memory_bytes = 123'456'789;
  report.stats.workers = 8;
  return report;
}

/// Two broken files with the same bytes: a group without a look.
Report broken_pair_report() {
  Report report = empty_report();
  Group group;
  group.id = "0";
  const Error error{ErrorCode::truncated, "short"};
  group.members = {
      {add_photo(report, "/a", 10, tl::unexpected<Error>(error)), {}},
      {add_photo(report, "/b", 10, tl::unexpected<Error>(error)), {}}};
  report.grouping.groups.push_back(group);
  return report;
}

/// Strings that a file system, an EXIF header or a command line may hold.
const std::vector<std::string>& hostile_strings() {
  static const std::vector<std::string> kStrings = {
      "",
      "/new\nline\rtab\t",
      "/esc\x1b[2J\x07\x7f",
      "/nul" + std::string(1, '\0') + "tail",
      "/quote\"and\\slash",
      "/\xff\xfe",
      "/lone surrogate \xed\xa0\x80",
      "/overlong \xc0\xaf \xe0\x80\xaf",
      "/too high \xf4\x90\x80\x80",
      "/cut \xe2\x82",
      "/c1 \xc2\x9b[31m",
      "/bidi \xe2\x80\xae gpj.exe",
      "/separators \xe2\x80\xa8\xe2\x80\xa9",
      "=cmd|' /C calc'!A0",
      "/\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
  };
  return kStrings;
}

Report hostile_report() {
  Report report = full_report();
  report.version = report.timestamp = "\xff\n";
  report.command = report.settings.sources = hostile_strings();
  report.catalog = "/\xff";
  report.grouping.groups.clear();
  report.errors.clear();
  for (const std::string& text : hostile_strings()) {
    Group group = full_report().grouping.groups.front();
    group.id = group.keep_reason = text;
    report.grouping.groups.push_back(group);
    report.errors.push_back({text, Stage::read, {ErrorCode::unreadable, text}});
  }
  for (std::size_t i = 0; i < report.pictures.size(); ++i) {
    report.pictures[i].info.taken_at = hostile_strings()[i + 1];
    report.pictures[i].info.metadata.camera_make = hostile_strings()[i + 1];
  }
  // One photo for each string, so that every path is hostile.
  for (std::size_t i = 0; i < hostile_strings().size(); ++i) {
    Photo photo = report.photos.front();
    photo.path = hostile_strings()[i];
    photo.hard_links = {hostile_strings()[i]};
    report.photos.push_back(photo);
    const auto index = static_cast<std::uint32_t>(report.photos.size() - 1);
    for (GroupMember& member : report.grouping.groups[i].members) {
      member.photo = index;
    }
  }
  return report;
}

void collect_keys(const Json& json, std::set<std::string>& keys) {
  for (const auto& [key, value] : json.items()) {
    if (json.is_object()) keys.insert(key);
    if (value.is_structured()) collect_keys(value, keys);
  }
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("report: formats are found by name") {
  Keys names;
  for (const ReportWriter& writer : report_writers()) {
    names.emplace_back(writer.name);
    CHECK(find_report_writer(writer.name) == &writer);
  }
  CHECK(names == Keys{"text", "json", "jsonl", "csv", "fdupes", "print0"});
  CHECK(find_report_writer("xml") == nullptr);
  CHECK(find_report_writer("") == nullptr);
}

TEST_CASE("report: totals count all but the keepers as redundant") {
  const GroupTotals totals = totals_of(full_report());
  CHECK(totals.groups == 1);
  CHECK(totals.files == 4);
  CHECK(totals.redundant_files == 3);
  CHECK(totals.redundant_bytes == 4'089'446 + 2048 + 1);
  CHECK(totals_of(empty_report()).groups == 0);
}

TEST_CASE("report: reference files are never redundant") {
  Report report = full_report();
  report.grouping.groups[0].members[1].is_reference = true;
  report.grouping.groups[0].members[2].is_reference = true;
  CHECK(totals_of(report).redundant_files == 1);
  CHECK(totals_of(report).redundant_bytes == 1);
  CHECK(written(report, "print0").empty());
  const Json files = parsed(report)["groups"][0]["files"];
  CHECK(files[1]["is_reference"] == true);
  CHECK_FALSE(files[0].contains("is_reference"));
  const std::string text = written(report, "text");
  CHECK(contains(text, "Similar: 4 files, up to 1 byte could be freed\n"));
  CHECK(contains(text, "  reference   /photos/b.jpg\n"));
  CHECK(contains(lines_of(written(report, "csv")).at(2),
                 ",more pixels,true,false,0\r"));
}

TEST_CASE("report: files with companions of their own are never redundant") {
  Report report = full_report();
  report.grouping.groups[0].members[1].has_own_companions = true;
  report.companions = {{1, NonPicture::video, "/photos/b.mov"},
                       {2, NonPicture::sidecar, "/photos/c.\xff"},
                       {2, NonPicture::sidecar, "/photos/c.xmp"}};
  CHECK(totals_of(report).redundant_files == 2);
  CHECK(written(report, "print0") == std::string("/photos/c.jpg\0", 14));
  const Json files = parsed(report)["groups"][0]["files"];
  CHECK_FALSE(files[0].contains("companions"));
  CHECK_FALSE(files[0].contains("has_own_companions"));
  CHECK(files[1]["has_own_companions"] == true);
  CHECK(files[1]["companions"].dump() ==
        R"([{"path":"/photos/b.mov","kind":"video"}])");
  CHECK(files[2]["companions"].size() == 2);
  CHECK(files[2]["companions"][0].contains("path_bytes"));
  const std::string text = written(report, "text");
  CHECK(contains(text, "  keep, too   /photos/b.jpg\n"));
  CHECK(contains(text, "\n              video: /photos/b.mov\n"));
  const auto rows = lines_of(written(report, "csv"));
  CHECK(contains(rows.at(2), ",false,true,1\r"));
  CHECK(contains(rows.at(3), ",false,false,2\r"));

  report.grouping.sets = {{SetKind::raw_jpeg, {0, 1}}};
  CHECK(parsed(report)["sets"][0]["files"][1]["companions"].size() == 1);
  CHECK(contains(written(report, "text"),
                 "\n              video: /photos/b.mov"
                 "\n\n"));
}

TEST_CASE("report: sets are listed apart from the groups") {
  Report report = full_report();
  report.grouping.sets = {{SetKind::raw_jpeg, {0, 1}},
                          {SetKind::burst, {2, 3}}};
  const Json json = parsed(report);
  CHECK(json["stats"]["set_count"] == 2);
  REQUIRE(json["sets"].size() == 2);
  CHECK(json["sets"][0]["kind"] == "raw+jpeg");
  CHECK(json["sets"][1]["kind"] == "burst");
  CHECK(keys_of(json["sets"][1]["files"][0]) ==
        Keys{"path", "size", "mtime", "width", "height", "format",
             "orientation", "taken_at", "camera_make", "camera_model",
             "software", "gps", "rating", "checksum"});
  CHECK(json["sets"][1]["files"][1]["path"] == "/photos/d.jpg");
  const std::vector<std::string> lines = lines_of(written(report, "jsonl"));
  CHECK(Json::parse(lines.at(2))["type"] == "set");
  CHECK(Json::parse(lines.at(2))["files"] == json["sets"][0]["files"]);
  const std::string text = written(report, "text");
  CHECK(contains(text, "\nRAW and JPEG: 2 files, not copies of each other\n"));
  CHECK(contains(text, "\nBurst: 2 files, not copies of each other\n"));
  CHECK(contains(text, "\nSets "));
  CHECK(totals_of(report).files == 4);
}

TEST_CASE("report: JSON has the fields of its schema, in order") {
  const Json json = parsed(full_report());
  CHECK(keys_of(json) == Keys{"schema", "version", "timestamp", "command",
                              "catalog", "settings", "stats", "groups", "sets",
                              "errors"});
  CHECK(keys_of(json["settings"]) ==
        Keys{"detect_duplicates", "verify", "transforms",
             "similarity_threshold", "hash_methods", "keep", "reference",
             "reference_only", "bursts", "sources", "include", "exclude",
             "min_size", "max_size", "hidden", "follow_links",
             "one_file_system", "new_only"});
  CHECK(json["settings"]["max_size"].is_null());
  CHECK(keys_of(json["stats"]) ==
        Keys{"files_seen", "files_hashed", "files_unchanged", "files_failed",
             "files_skipped", "files_skipped_by_kind", "unreadable_formats",
             "pictures_decoded", "bytes_read", "hard_links", "group_count",
             "total_file_count", "redundant_file_count", "redundant_file_size",
             "discarded_links", "set_count", "timings"});
  CHECK(keys_of(json["stats"]["timings"]) ==
        Keys{"workers", "scan_seconds", "hash_seconds", "search_seconds",
             "total_seconds", "peak_memory_bytes", "stages", "hashing",
             "bottleneck"});
  const Json& group = json["groups"][0];
  CHECK(keys_of(group) ==
        Keys{"id", "kind", "diameter", "keep", "keep_reason", "files"});
  CHECK(keys_of(group["files"][0]) ==
        Keys{"path",        "size",         "mtime",       "width",
             "height",      "format",       "orientation", "taken_at",
             "camera_make", "camera_model", "software",    "gps",
             "rating",      "checksum",     "is_keeper",   "match",
             "hashes",      "distance",     "similarity",  "transform",
             "differences"});
  CHECK(keys_of(json["errors"][0]) == Keys{"path", "stage", "code", "message"});
}

TEST_CASE("report: JSON says what the run found") {
  const Report report = full_report();
  const Json json = parsed(report);
  CHECK(json["schema"] == "vam-analyze/1");
  CHECK(json["version"] == "1.2.3");
  CHECK(json["command"] == Json({"vam-analyze", "/photos"}));
  CHECK(json["settings"]["hash_methods"] == Json({"dhash", "ahash"}));
  CHECK(json["stats"]["files_seen"] == 12'345);
  CHECK(json["stats"]["files_skipped_by_kind"].dump() ==
        R"({"video":30,"document":1,"sidecar":0,"other":9})");
  CHECK(json["stats"]["unreadable_formats"] ==
        Json::array({{{"format", "heif"}, {"files", 2}, {"option", "VAM_HEIF"}},
                     {{"format", "psd"}, {"files", 1}, {"option", nullptr}}}));
  CHECK(json["stats"]["redundant_file_count"] == 3);
  CHECK(json["stats"]["redundant_file_size"] == 4'091'495);
  CHECK(json["stats"]["discarded_links"] == 3);
  CHECK(json["stats"]["timings"]["hash_seconds"] == 2.346);
  CHECK(json["stats"]["timings"]["search_seconds"] == 0.75);
  CHECK(json["stats"]["timings"]["workers"] == 8);

  const Json& group = json["groups"][0];
  CHECK(group["id"] == "00112233445566ff");
  CHECK(group["kind"] == "similar");
  CHECK(group["diameter"] == 7);
  CHECK(group["keep"] == "/photos/a.jpg");
  CHECK(group["keep_reason"] == "more pixels");
  REQUIRE(group["files"].size() == 4);
  const Json& keeper = group["files"][0];
  CHECK(keeper["path"] == "/photos/a.jpg");
  CHECK(keeper["size"] == 4'089'446);
  CHECK(keeper["mtime"] == "2020-09-13T12:26:40.123456789Z");
  CHECK(keeper["width"] == 4000);
  CHECK(keeper["height"] == 3000);
  CHECK(keeper["format"] == "jpeg");
  CHECK(keeper["orientation"] == 6);
  CHECK(keeper["taken_at"] == "2019-08-07T10:11:12");
  CHECK(keeper["camera_make"] == "Make");
  CHECK(keeper["camera_model"] == "Model");
  CHECK(keeper["software"] == "Software");
  CHECK(keeper["gps"].dump() ==
        R"({"latitude":-33.8567994,"longitude":151.2})");
  CHECK(keeper["rating"] == 3);
  CHECK(keeper["checksum"] == to_hex(report.pictures[0].digest));
  CHECK(keeper["is_keeper"] == true);
  CHECK(keeper["match"] == "exact");
  CHECK(keeper["similarity"] == 1.0);
  CHECK(keeper["hashes"] == Json({{"dhash", "0123456789abcdef"},
                                  {"ahash", "00000000000000ff"},
                                  {"whash", "0000000000000000"}}));
  const Json& copy = group["files"][2];
  CHECK(copy["is_keeper"] == false);
  CHECK(copy["match"] == "same-image");
  CHECK(copy["distance"] == Json({{"dhash", 1}, {"ahash", 2}, {"whash", 3}}));
  CHECK(copy["similarity"].dump() == "0.9765");
  CHECK(group["files"][3]["match"] == "similar");
  CHECK(group["files"][1]["hard_links"] ==
        Json::array({{{"path", "/photos/link1.jpg"}},
                     {{"path", "/photos/link2.jpg"}}}));
  CHECK(json["errors"] ==
        Json::array({{{"path", "/photos/x.jpg"},
                      {"stage", "decode"},
                      {"code", "truncated"},
                      {"message", "the data end in row 17"}}}));
}

TEST_CASE("report: the keeper is exact whatever its evidence says") {
  Report report = full_report();
  report.grouping.groups[0].members[0].evidence = {
      MatchKind::similar, {9, 9, 9}, 0.5};
  const Json file = parsed(report)["groups"][0]["files"][0];
  CHECK(file["match"] == "exact");
  CHECK(file["distance"]["dhash"] == 0);
  CHECK(file["similarity"] == 1.0);
}

TEST_CASE("report: JSON of a broken picture has nulls, not guesses") {
  const Json file = parsed(broken_pair_report())["groups"][0]["files"][1];
  CHECK(file["hashes"] ==
        Json({{"dhash", nullptr}, {"ahash", nullptr}, {"whash", nullptr}}));
  CHECK(file["width"].is_null());
  CHECK(file["height"].is_null());
  CHECK(file["taken_at"].is_null());
  for (const char* name :
       {"camera_make", "camera_model", "software", "gps", "rating"}) {
    CHECK(file[name].is_null());
  }
  CHECK(file["format"] == "unknown");
  CHECK(file["match"] == "exact");
}

TEST_CASE("report: empty lists are empty arrays") {
  const Json json = parsed(empty_report());
  CHECK(json["groups"] == Json::array());
  CHECK(json["errors"] == Json::array());
  Report nothing;
  CHECK(parsed(nothing)["settings"]["sources"] == Json::array());
  CHECK(parsed(nothing)["settings"]["hash_methods"] == Json::array());
  CHECK(parsed(nothing)["command"] == Json::array());
}

TEST_CASE("report: streamed JSON is laid out as one dump would be") {
  for (const Report& report : {full_report(), empty_report(),
                               broken_pair_report(), hostile_report()}) {
    const std::string text = written(report, "json");
    CHECK(text == escape_in_json(Json::parse(text).dump(2)) + "\n");
    for (const std::string& line : lines_of(written(report, "jsonl"))) {
      CHECK(line == escape_in_json(Json::parse(line).dump()));
    }
  }
}

TEST_CASE("report: paths that are not UTF-8 come with their bytes") {
  Report report = full_report();
  report.photos[0].path = "/p/\xff.jpg";
  report.photos[1].hard_links = {"/\xfe"};
  report.settings.sources = {"/ok", "/\xff"};
  report.errors[0].path = "/e\xff";
  const Json json = parsed(report);
  const Json& group = json["groups"][0];
  CHECK(group["keep"] == "/p/\xef\xbf\xbd.jpg");
  CHECK(group["keep_bytes"] == to_base64("/p/\xff.jpg"));
  CHECK(group["files"][0]["path"] == "/p/\xef\xbf\xbd.jpg");
  CHECK(group["files"][0]["path_bytes"] == to_base64("/p/\xff.jpg"));
  CHECK_FALSE(group["files"][1].contains("path_bytes"));
  CHECK(group["files"][1]["hard_links"][0]["path_bytes"] == to_base64("/\xfe"));
  CHECK(json["settings"]["sources_bytes"] ==
        Json({to_base64("/ok"), to_base64("/\xff")}));
  CHECK(json["errors"][0]["path_bytes"] == to_base64("/e\xff"));
  CHECK_FALSE(json.contains("catalog_bytes"));
  CHECK_FALSE(json.contains("command_bytes"));
}

TEST_CASE("report: no string breaks a format") {
  const Report report = hostile_report();
  const Json json = parsed(report);
  CHECK(json["groups"].size() == hostile_strings().size());
  CHECK(json["catalog_bytes"] == to_base64("/\xff"));
  for (std::size_t i = 0; i < hostile_strings().size(); ++i) {
    const std::string& raw = hostile_strings()[i];
    const Json& file = json["groups"][i]["files"][0];
    CHECK(file["path"] == to_utf8(raw));
    CHECK(file.contains("path_bytes") == !is_utf8(raw));
    CHECK(json["errors"][i]["message"] == to_utf8(raw));
  }
  CHECK(is_utf8(written(report, "json")));
  CHECK(is_utf8(written(report, "jsonl")));
  CHECK(is_utf8(written(report, "csv")));
}

TEST_CASE("report: no string makes a terminal obey in any format") {
  const Report report = hostile_report();
  for (const ReportWriter& writer : report_writers()) {
    CAPTURE(writer.name);
    std::string text = written(report, writer.name, {.is_for_terminal = true});
    if (writer.name == "print0") std::ranges::replace(text, '\0', '\n');
    CHECK(is_utf8(text));
    for (const std::string& line : lines_of(text)) {
      const bool ends_in_cr = writer.name == "csv" && line.ends_with('\r');
      for (const char c : line.substr(0, line.size() - ends_in_cr)) {
        CHECK(static_cast<unsigned char>(c) >= 0x20);
        CHECK(c != '\x7f');
      }
      CHECK_FALSE(contains(line, "\xe2\x80\xae"));
      CHECK_FALSE(contains(line, "\xc2\x9b"));
    }
  }
}

TEST_CASE("report: scripts get names as they are") {
  const Report report = hostile_report();
  for (const std::string_view format : {"csv", "fdupes", "print0"}) {
    CHECK(contains(written(report, format), "\x1b"));
  }
}

TEST_CASE("report: numbers that JSON cannot say do not break it") {
  Report report = full_report();
  report.grouping.groups[0].members[1].evidence.similarity =
      std::numeric_limits<double>::quiet_NaN();
  report.stats.times[RunStage::scan].seconds =
      std::numeric_limits<double>::infinity();
  const Json json = parsed(report);
  CHECK(json["groups"][0]["files"][1]["similarity"] == 0.0);
  CHECK(json["stats"]["timings"]["scan_seconds"] == 0.0);
  CHECK_FALSE(contains(written(report, "csv"), "nan"));
}

TEST_CASE("report: equal runs differ in timestamp, command, timings only") {
  const Report one = full_report();
  Report other = one;
  other.timestamp = "2030-01-01T00:00:00Z";
  other.command = {"other"};
  other.stats.times.stages.fill({9, 9, 9, 9, 9, 9});
  other.stats.times.hashing_seconds.fill(9);
  other.stats.times.total_seconds = 9;
  other.stats.workers = 1;
  other.stats.peak_memory_bytes = 1;
  const auto without = [](Json json) {
    json.erase("timestamp");
    json.erase("command");
    json["stats"].erase("timings");
    return json.dump();
  };
  CHECK(without(parsed(one)) == without(parsed(other)));
  CHECK(written(one, "text") == written(other, "text"));
  CHECK(written(one, "csv") == written(other, "csv"));
}

TEST_CASE("report: every JSON field is described in the documentation") {
  std::ifstream in(std::string(VAM_DOCS_DIR) + "/report.md");
  const std::string docs{std::istreambuf_iterator<char>(in), {}};
  REQUIRE_FALSE(docs.empty());
  std::set<std::string> keys;
  collect_keys(parsed(full_report()), keys);
  collect_keys(parsed(hostile_report()), keys);
  for (const std::string& line : lines_of(written(full_report(), "jsonl"))) {
    collect_keys(Json::parse(line), keys);
  }
  CHECK(keys.count("path_bytes") == 1);
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(contains(docs, '`' + key + '`'));
  }
}

TEST_CASE("report: jsonl has a typed object on every line") {
  const Report report = full_report();
  const Keys lines = lines_of(written(report, "jsonl"));
  REQUIRE(lines.size() == 3);
  const Json whole = parsed(report);
  Json header = Json::parse(lines[0]);
  CHECK(header["type"] == "header");
  CHECK(header["schema"] == whole["schema"]);
  CHECK(header["stats"] == whole["stats"]);
  CHECK_FALSE(header.contains("groups"));
  Json group = Json::parse(lines[1]);
  CHECK(group["type"] == "group");
  group.erase("type");
  CHECK(group == whole["groups"][0]);
  Json error = Json::parse(lines[2]);
  CHECK(error["type"] == "error");
  error.erase("type");
  CHECK(error == whole["errors"][0]);
}

TEST_CASE("report: links left out are listed if asked for") {
  Report report = full_report();
  Evidence evidence;
  evidence.match = MatchKind::similar;
  evidence.similarity = 0.95;
  evidence.transform = 6;
  report.grouping.discarded = {{1, 3, evidence}};
  CHECK_FALSE(parsed(report).contains("discarded"));
  CHECK_FALSE(contains(written(report, "jsonl"), "\"discarded\","));
  CHECK_FALSE(contains(written(report, "text"), "left out:"));

  report.settings.show_discarded = true;
  const Json json = parsed(report);
  REQUIRE(json["discarded"].size() == 1);
  const Json& link = json["discarded"][0];
  CHECK(link["first"] == "/photos/b.jpg");
  CHECK(link["second"] == "/photos/d.jpg");
  CHECK(link["match"] == "similar");
  CHECK(link["similarity"] == 0.95);
  CHECK(link["transform"] == 6);
  CHECK(link["differences"].empty());
  CHECK(contains(written(report, "jsonl"),
                 R"({"type":"discarded","first":"/photos/b.jpg",)"));
  CHECK(contains(written(report, "text"),
                 "1 link left out:\n"
                 "  similar     /photos/b.jpg\n"
                 "              /photos/d.jpg\n"));
}

TEST_CASE("report: csv has one row for each file") {
  const Report report = full_report();
  const std::string csv = written(report, "csv");
  const std::string checksum = to_hex(report.pictures[2].digest);
  CHECK(csv.substr(0, csv.find("\r\n")) ==
        "group,kind,is_keeper,match,path,size,width,height,format,mtime,"
        "taken_at,dhash_distance,ahash_distance,whash_distance,similarity,"
        "checksum,keep_reason,is_reference,has_own_companions,companions");
  CHECK(contains(csv,
                 "\r\n00112233445566ff,similar,false,same-image,/photos/c.jpg,"
                 "2048,4000,3000,jpeg,2020-09-13T12:26:40.123456789Z,"
                 "2019-08-07T10:11:12,1,2,3,0.9765," +
                     checksum + ",more pixels,false,false,0\r\n"));
  CHECK(lines_of(csv).size() == 5);
  CHECK(lines_of(written(empty_report(), "csv")).size() == 1);
  CHECK(
      contains(written(broken_pair_report(), "csv"), ",/b,10,,,unknown,2020-"));
}

TEST_CASE("report: print0 lists sure copies only") {
  Report report = full_report();
  report.photos[1].path = "/raw \n\xff";
  CHECK(written(report, "print0") ==
        std::string("/raw \n\xff\0/photos/c.jpg\0", 22));
  CHECK(written(empty_report(), "print0").empty());
}

TEST_CASE("report: byte copies of a similar file are sure copies of it") {
  Report report = broken_pair_report();
  report.grouping.groups[0].members[1].evidence.match = MatchKind::similar;
  CHECK(written(report, "print0").empty());
  report.grouping.groups[0].members[1].copy_of = 0;
  CHECK(written(report, "print0") == std::string("/b\0", 3));
  CHECK(contains(written(report, "text"), "same bytes as /a"));
  CHECK(parsed(report)["groups"][0]["files"][1]["copy_of"] == "/a");
}

TEST_CASE("report: fdupes has the sure copies below what stays") {
  Report report = full_report();
  CHECK(written(report, "fdupes") ==
        "/photos/a.jpg\n" + report.photos[1].path + "\n/photos/c.jpg\n\n");
  SECTION("not those of a name with a line end") {
    report.photos[1].path = "/raw\n/photos/b.jpg";
    CHECK(written(report, "fdupes") == "/photos/a.jpg\n/photos/c.jpg\n\n");
  }
  SECTION("nor below one") {
    report.photos[0].path = "/photos/a.jpg\n";
    CHECK(written(report, "fdupes").empty());
  }
  SECTION("nor by half a name") {
    report.photos[1].path = std::string("/photos\0/x", 10);
    CHECK(written(report, "fdupes") == "/photos/a.jpg\n/photos/c.jpg\n\n");
  }
  CHECK(written(empty_report(), "fdupes").empty());
}

TEST_CASE("report: fdupes has a copy of a similar file below that") {
  Report report = broken_pair_report();
  Group& group = report.grouping.groups[0];
  group.members[1].evidence.match = MatchKind::similar;
  CHECK(written(report, "fdupes").empty());
  group.members.push_back(group.members[1]);
  report.photos.push_back(report.photos[1]);
  report.photos.back().path = "/c";
  group.members[2].photo = static_cast<std::uint32_t>(report.photos.size() - 1);
  group.members[2].copy_of = group.members[1].photo;
  CHECK(written(report, "fdupes") == "/b\n/c\n\n");
}

TEST_CASE("report: print0 never cuts a path") {
  Report report = full_report();
  report.photos[1].path = std::string("/photos\0/x", 10);
  report.photos[2].path = "";
  CHECK(written(report, "print0").empty());
}

TEST_CASE("report: text shows groups, problems and a summary") {
  CHECK(written(full_report(), "text") ==
        R"(Similar: 4 files, up to 3.9 MiB could be freed
  keep        /photos/a.jpg
              jpeg, 4000 x 3000, 3.9 MiB; more pixels
  exact       /photos/b.jpg
              jpeg, 4000 x 3000, 3.9 MiB; same bytes
              hard link: /photos/link1.jpg
              hard link: /photos/link2.jpg
  same-image  /photos/c.jpg
              jpeg, 4000 x 3000, 2.0 KiB; 97.6 % alike, dhash 1, ahash 2
  similar     /photos/d.jpg
              jpeg, 4000 x 3000, 1 byte; 90.0 % alike, dhash 5, ahash 4; crop, detail; on its side

1 problem:
  /photos/x.jpg
      decode: truncated: the data end in row 17

Files seen        12,345
  hashed             300  1.2 GiB read
  unchanged       12,000
  failed               5  3 in formats that this build cannot read: HEIF (-D VAM_HEIF=ON), PSD
  skipped             40  30 videos, 1 document, 9 other
Hard links             2  further names of these files
Duplicate groups       1
  sure copies          2  3.9 MiB could be freed
  similar              1  1 byte; look before you delete
Links left out         3  matches between different groups
)");
}

TEST_CASE("report: text of broken copies says so") {
  const std::string text = written(broken_pair_report(), "text");
  CHECK(contains(text, "Same bytes: 2 files, 10 bytes could be freed\n"));
  CHECK(contains(text, "unknown, 10 bytes, cannot be decoded; same bytes\n"));
}

TEST_CASE("report: text tells no duplicates from none looked for") {
  Report report = empty_report();
  CHECK(contains(written(report, "text"), "No duplicates found.\n"));
  report.settings.detect_duplicates = false;
  const std::string text = written(report, "text");
  CHECK_FALSE(contains(text, "No duplicates"));
  CHECK_FALSE(contains(text, "Duplicate groups"));
  CHECK(contains(text, "--detect-duplicates"));
}

TEST_CASE("report: text names at most 20 problems") {
  Report report = full_report();
  report.errors.assign(1234, report.errors.front());
  const std::string text = written(report, "text");
  CHECK(contains(text, "1,234 problems:\n"));
  CHECK(contains(text, "  and 1,214 more; see --format json\n"));
  report.errors.resize(20);
  CHECK_FALSE(contains(written(report, "text"), " more; see"));
}

TEST_CASE("report: text is coloured only when asked to") {
  const Report report = full_report();
  CHECK_FALSE(contains(written(report, "text"), "\x1b"));
  const std::string text = written(report, "text", {.colour = true});
  CHECK(contains(text, "\x1b[1m/photos/a.jpg\x1b[0m\n"));
  CHECK(contains(text, "  exact       /photos/b.jpg\n"));
  CHECK_FALSE(contains(written(report, "json", {.colour = true}), "\x1b"));
  CHECK_FALSE(contains(written(report, "csv", {.colour = true}), "\x1b"));
}

TEST_CASE("report: text rounds sizes to the unit that people use") {
  const auto shown = [](std::uint64_t bytes) {
    Report report = empty_report();
    report.stats.bytes_read = bytes;
    const std::string text = written(report, "text");
    const auto begin = text.find("hashed");
    const auto line = text.substr(begin, text.find('\n', begin) - begin);
    return line.substr(line.find("0  ") + 3);
  };
  CHECK(shown(1) == "1 byte read");
  CHECK(shown(1023) == "1,023 bytes read");
  CHECK(shown(1024) == "1.0 KiB read");
  CHECK(shown(1024 * 1024 - 1) == "1.0 MiB read");
  CHECK(shown(3 * 1024 * 1024 / 2) == "1.5 MiB read");
  CHECK(shown(std::numeric_limits<std::uint64_t>::max()) == "16.0 EiB read");
}

TEST_CASE("report: numbers for people") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'234'567) == "1,234,567");
  CHECK(counted(1, "file") == "1 file");
  CHECK(fixed(1.75, 1) == "1.8");
  CHECK(fixed(std::numeric_limits<double>::infinity(), 1) == "?");
  CHECK(fixed(std::numeric_limits<double>::max(), 2).size() == 312);
  CHECK(padded("ab", 4) == "ab  ");
  CHECK(padded("abc", 2) == "abc");
}

TEST_CASE("report: writers stop when the stream fails") {
  const Report report = full_report();
  for (const ReportWriter& writer : report_writers()) {
    std::ostringstream out;
    out.setstate(std::ios::badbit);
    writer.write(report, {}, out);
    CHECK(out.str().empty());
  }
}
