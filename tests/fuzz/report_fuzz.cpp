// Fuzz target: whatever names and metadata hold, JSON stays valid and can be
// turned back into the bytes, no line of text has what a terminal obeys, and no
// cell of CSV is a formula.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/must.hpp"
#include "report/escape.hpp"
#include "vam/report.hpp"

namespace {

using namespace vam;

/// A keeper, a copy that is none by its look, an error and settings that all
/// hold the string, or a part of it.
Report report_of(const std::string& text) {
  Report report;
  report.version = "1";
  report.timestamp = "2024-05-06T07:08:09Z";
  report.command = {"vam-analyze", text};
  report.catalog = text;
  report.settings.detect_duplicates = true;
  report.settings.show_discarded = true;
  report.settings.show_stats = true;
  report.settings.sources = {text};
  report.settings.include = {text};
  report.settings.exclude = {text};
  report.settings.grouping.references = {text};
  report.settings.hash_methods = {HashKind::dhash};
  for (int i = 0; i < 3; ++i) {
    Picture picture;
    picture.info = {Format::jpeg, 4000, 3000, 6, text, {text, text, text}};
    picture.look = Fingerprint{};
    report.pictures.push_back(picture);
    Photo photo;
    photo.path = text + std::to_string(i);
    photo.hard_links = {text};
    photo.picture = static_cast<std::uint32_t>(i);
    report.photos.push_back(photo);
  }
  Group group;
  group.id = "0011223344556677";
  group.keep_reason = "more pixels";
  group.members = {{0, {}}, {1, {MatchKind::same_image, {1, 2, 3}, 0.9}}};
  report.grouping.groups = {group};
  report.grouping.discarded = {{0, 2, {MatchKind::similar, {1, 2, 3}, 0.9}}};
  report.errors = {{text, Stage::read, {ErrorCode::corrupt, text}}};
  return report;
}

std::string written(const Report& report, std::string_view format) {
  std::ostringstream out;
  find_report_writer(format)->write(report, {}, out);
  return out.str();
}

std::string from_base64(const std::string& text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const std::size_t digit = kDigits.find(c);
    must(digit != std::string_view::npos, "base64");
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

/// The bytes that stand under this key.
std::string bytes_in(const nlohmann::json& object, const std::string& key) {
  const auto exact = object.find(key + "_bytes");
  if (exact != object.end()) return from_base64(exact->get<std::string>());
  return object.at(key).get<std::string>();
}

void check_json(const Report& report) {
  const auto json = nlohmann::json::parse(written(report, "json"));
  const auto& files = json.at("groups").at(0).at("files");
  must(bytes_in(files.at(0), "path") == report.photos[0].path, "a path");
  must(bytes_in(files.at(1), "path") == report.photos[1].path, "a path");
  must(bytes_in(json.at("errors").at(0), "path") == report.errors[0].path,
       "the path of an error");
  must(bytes_in(json, "catalog") == report.catalog, "a catalog");
  std::istringstream lines(written(report, "jsonl"));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    must(nlohmann::json::accept(line), "a line of JSON");
  }
  must(count > 1, "lines of JSON");
}

/// What a terminal obeys, hides or draws elsewhere.
bool is_harmless(const CodePoint& point) {
  const char32_t c = point.value;
  return point.valid && c >= 0x20 && !(c >= 0x7F && c < 0xA0) &&
         !(c >= 0x200B && c <= 0x200F) && !(c >= 0x2028 && c <= 0x202E) &&
         !(c >= 0x2066 && c <= 0x2069) && c != 0xFEFF;
}

void check_terminal(std::string_view text, std::string_view allowed) {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const bool is_allowed =
        point.length == 1 && allowed.find(text[0]) != std::string_view::npos;
    must(is_allowed || is_harmless(point), "nothing that a terminal obeys");
    text.remove_prefix(point.length);
  }
}

/// RFC 4180, strictly.
std::vector<std::vector<std::string>> rows_of(std::string_view csv) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    std::string& cell = rows.back().back();
    const bool next_is_quote = i + 1 < csv.size() && csv[i + 1] == '"';
    if (quoted && csv[i] == '"' && next_is_quote) {
      cell += csv[++i];
    } else if (csv[i] == '"') {
      must(quoted || cell.empty(), "a quote at the begin of a cell");
      quoted = !quoted;
    } else if (quoted) {
      cell += csv[i];
    } else if (csv[i] == ',') {
      rows.back().emplace_back();
    } else if (csv[i] == '\r') {
      must(i + 1 < csv.size() && csv[i + 1] == '\n', "CR LF");
      rows.push_back({""});
      ++i;
    } else {
      must(csv[i] != '\n', "no bare LF");
      cell += csv[i];
    }
  }
  must(!quoted, "an end of the last cell");
  must(rows.back() == std::vector<std::string>{""}, "an end of the last line");
  rows.pop_back();
  return rows;
}

void check_csv(const Report& report) {
  const std::string csv = written(report, "csv");
  must(is_utf8(csv), "UTF-8");
  const auto rows = rows_of(csv);
  must(rows.size() == 3, "a header and two files");
  for (const auto& row : rows) {
    must(row.size() == rows[0].size(), "as many cells as names");
    for (const std::string& cell : row) {
      must(cell.empty() || std::string_view("=+-@\t\r\n").find(cell[0]) ==
                               std::string_view::npos,
           "no formula");
    }
  }
}

/// The copy, without the keeper; nothing for what no file system has.
void check_print0(const Report& report) {
  const std::string& path = report.photos[1].path;
  const bool may_exist = path.find('\0') == std::string::npos;
  must(written(report, "print0") == (may_exist ? path + '\0' : ""), "a path");
}

/// The keeper, the copy and an empty line, or nothing.
void check_fdupes(const Report& report) {
  std::string lines;
  for (std::size_t i = 0; i < 2; ++i) lines += report.photos[i].path + '\n';
  const std::string text = written(report, "fdupes");
  must(text.empty() || text == lines + '\n', "two paths");
  must(text.empty() || std::ranges::count(text, '\n') == 3, "three lines");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_terminal(escape_for_terminal(text), "");
  must(is_utf8(text) == (to_utf8(text) == text), "UTF-8 that stays");
  must(from_base64(to_base64(text)) == text, "base64 and back");
  const Report report = report_of(text);
  check_json(report);
  check_terminal(written(report, "text"), "\n");
  check_csv(report);
  check_print0(report);
  check_fdupes(report);
  return 0;
}
