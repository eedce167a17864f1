// The data of the page, as a script: pages that are opened from disk may not
// read other files.
#include <array>
#include <unordered_map>

#include "report/html/page.hpp"
#include "report/json_values.hpp"
#include "report/writers.hpp"

namespace vam {
namespace {

constexpr std::string_view kSchema = "vam-analyze-page/1";

/// Strings are the only place for a '<', and to be escaped in.
std::string script_text(const Json& json) {
  const std::string text =
      json.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// The entry of the JSON report without what the page does not show, and with
/// what a browser cannot find out.
Json page_file_json(const GroupFile& file, bool has_thumbnail) {
  Json json = file_json(file);
  json.erase("hashes");
  json.erase("orientation");
  for (auto member = json.begin(); member != json.end();) {
    const bool is_empty = member->is_null() || *member == Json(false) ||
                          (member->is_array() && member->empty());
    member = is_empty ? json.erase(member) : ++member;
  }
  json["url"] = file_url(file.photo.path);
  if (has_thumbnail) json["thumbnail"] = thumbnail_name(file.picture.digest);
  if (file.is_redundant()) json["redundant"] = true;
  if (is_sure_copy(file)) json["sure"] = true;
  return json;
}

/// By photo.
using SetKinds = std::unordered_map<std::uint32_t, SetKind>;

Json group_json(const Report& report, const Group& group, const SetKinds& sets,
                const std::function<bool(const Digest&)>& has_thumbnail) {
  Json json;
  json["id"] = group.id;
  json["kind"] = to_string(group.kind);
  json["diameter"] = group.diameter;
  json["keep_reason"] = group.keep_reason;
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    const GroupFile file = file_of(report, group, i);
    Json entry = page_file_json(file, has_thumbnail(file.picture.digest));
    const auto set = sets.find(group.members[i].photo);
    if (set != sets.end()) entry["set"] = to_string(set->second);
    json["files"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace

std::string thumbnail_name(const Digest& digest) {
  // The number is that of how they are made. Hidden: a later scan of a folder
  // with a page in it must not take them for photos.
  return ".thumbs/" + to_hex(digest) + "-1.jpg";
}

std::string file_url(std::string_view path) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_.~";
  std::string url = "file://";
  for (const char c : path) {
    if (kPlain.find(c) != std::string_view::npos) {
      url += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      url += '%';
      url += "0123456789ABCDEF"[byte >> 4];
      url += "0123456789ABCDEF"[byte & 15];
    }
  }
  return url;
}

void write_page_data(const Report& report,
                     const std::function<bool(const Digest&)>& has_thumbnail,
                     const std::function<void(std::string_view)>& write) {
  Json head;
  head["schema"] = kSchema;
  head["version"] = report.version;
  head["timestamp"] = report.timestamp;
  add_bytes(head, "catalog", report.catalog);
  add_bytes(head, "sources", report.settings.sources);
  add_bytes(head, "reference", report.settings.grouping.references);
  head["files_seen"] = report.stats.files_seen;
  std::string text = script_text(head);
  text.pop_back();  // goes on with the groups
  write("// " + std::string(kPageMark) +
        ": what it shows\n'use strict';\nwindow.vamReport = " + text +
        ",\"groups\":[");
  SetKinds sets;
  for (const PhotoSet& set : report.grouping.sets) {
    for (const std::uint32_t photo : set.photos) sets[photo] = set.kind;
  }
  std::string_view separator = "\n";
  for (const Group& group : report.grouping.groups) {
    text = separator;
    text += script_text(group_json(report, group, sets, has_thumbnail));
    write(text);
    separator = ",\n";
  }
  write("\n]};\n");
}

}  // namespace vam
