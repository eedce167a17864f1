// The JSON report (schema `vam-analyze/1`) and its line-by-line form.
//
// Only one file's entry is in memory at a time: a report may be larger than
// what is left of the machine. So the objects that hold a long list are written
// open, then the list, then the end.
#include <algorithm>
#include <ostream>

#include "report/escape.hpp"
#include "report/json_values.hpp"
#include "report/writers.hpp"

namespace vam {

namespace {

constexpr std::string_view kSchema = "vam-analyze/1";

/// Writes an object that has members already and gets lists next.
void open_object(const Json& head, Layout layout, int depth,
                 std::ostream& out) {
  std::string text = laid_out(head, layout, depth);
  text.pop_back();
  while (text.back() == ' ' || text.back() == '\n') text.pop_back();
  out << text;
}

void close_object(Layout layout, int depth, std::ostream& out) {
  out << line(layout, depth) << '}';
}

/// Writes one more member of an open object at this depth: a list.
template <class WriteItem>
void write_list(std::string_view name, std::size_t size, Layout layout,
                int depth, std::ostream& out, const WriteItem& write_item) {
  out << ',' << line(layout, depth + 1) << '"' << name << '"'
      << (layout == Layout::pretty ? ": [" : ":[");
  for (std::size_t i = 0; i < size && out; ++i) {
    if (i > 0) out << ',';
    out << line(layout, depth + 2);
    write_item(i);
  }
  if (size > 0) out << line(layout, depth + 1);
  out << ']';
}

void add_grouping(Json& json, const GroupRules& rules) {
  std::vector<std::string> keep;
  for (const KeepRule& rule : rules.keep) keep.push_back(to_string(rule));
  add_bytes(json, "keep", keep);
  add_bytes(json, "reference", rules.references);
  json["reference_only"] = rules.reference_only;
  json["bursts"] = kBurstChoices[static_cast<std::size_t>(rules.bursts)].name;
}

Json settings_json(const Settings& settings) {
  Json json;
  json["detect_duplicates"] = settings.detect_duplicates;
  add_comparison(json, settings);
  add_grouping(json, settings.grouping);
  add_bytes(json, "sources", settings.sources);
  add_bytes(json, "include", settings.include);
  add_bytes(json, "exclude", settings.exclude);
  json["min_size"] = settings.min_size_bytes;
  json["max_size"] = settings.max_size_bytes == kAnySize
                         ? Json()
                         : Json(settings.max_size_bytes);
  json["hidden"] = settings.hidden;
  json["follow_links"] = settings.follow_links;
  json["one_file_system"] = settings.one_file_system;
  json["new_only"] = settings.new_only;
  return json;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(to_utf8(text));
}

constexpr double kMilliseconds = 1000;
constexpr double kShares = 10'000;

/// Null if nothing was done, or no time measured.
Json rate_json(std::uint64_t count, const StageCost& cost) {
  const double rate = per_second(count, cost);
  return rate > 0 ? Json(rounded(rate, 10)) : Json();
}

Json stage_json(RunStage stage, const StageCost& cost) {
  Json json;
  json["name"] = to_string(stage);
  json["seconds"] = rounded(cost.seconds, kMilliseconds);
  json["cpu_seconds"] = rounded(cost.cpu_seconds, kMilliseconds);
  json["workers"] = cost.workers;
  json["utilisation"] = rounded(utilisation(cost), kShares);
  json["pictures_per_second"] = rate_json(cost.pictures, cost);
  json["pairs_per_second"] = rate_json(cost.pairs, cost);
  json["bytes_per_second"] = rate_json(cost.bytes_read, cost);
  json["peak_memory_bytes"] = cost.peak_memory_bytes;
  return json;
}

Json bottleneck_json(const RunTimes& times) {
  const auto bottleneck = bottleneck_of(times);
  if (!bottleneck) return Json();
  Json json;
  json["stage"] = to_string(bottleneck->stage);
  json["share"] = rounded(bottleneck->share, kShares);
  json["step"] = bottleneck->step ? Json(to_string(*bottleneck->step)) : Json();
  json["busy"] = rounded(bottleneck->busy, kShares);
  json["limit"] = to_string(bottleneck->limit);
  return json;
}

/// What differs between equal runs.
Json timings_json(const Report& report) {
  const Stats& stats = report.stats;
  const RunTimes& times = stats.times;
  const auto seconds = [&](RunStage stage) { return times[stage].seconds; };
  Json json;
  json["workers"] = stats.workers;
  json["scan_seconds"] = rounded(seconds(RunStage::scan), kMilliseconds);
  json["hash_seconds"] = rounded(seconds(RunStage::hash), kMilliseconds);
  json["search_seconds"] = rounded(
      seconds(RunStage::search) + seconds(RunStage::verify), kMilliseconds);
  json["total_seconds"] = rounded(times.total_seconds, kMilliseconds);
  json["peak_memory_bytes"] = stats.peak_memory_bytes;
  json["stages"] = Json::array();
  for (const RunStage stage : stages_of(report.settings)) {
    json["stages"].push_back(stage_json(stage, times[stage]));
  }
  for (std::size_t n = 0; n < kHashSteps; ++n) {
    const auto step = static_cast<HashStep>(n);
    json["hashing"][std::string(to_string(step)) + "_seconds"] =
        rounded(times[step], kMilliseconds);
  }
  json["bottleneck"] = bottleneck_json(times);
  return json;
}

Json stats_json(const Report& report) {
  const Stats& stats = report.stats;
  const GroupTotals totals = totals_of(report);
  Json json;
  json["files_seen"] = stats.files_seen;
  json["files_hashed"] = stats.files_hashed;
  json["files_unchanged"] = stats.files_unchanged;
  json["files_failed"] = stats.files_failed;
  json["files_skipped"] = stats.files_skipped;
  for (std::size_t kind = 0; kind < kNonPictureKinds; ++kind) {
    json["files_skipped_by_kind"]
        [std::string(to_string(static_cast<NonPicture>(kind)))] =
            stats.skipped_by_kind[kind];
  }
  json["unreadable_formats"] = Json::array();
  for (const UnreadableFormat& unreadable : stats.unreadable_formats) {
    json["unreadable_formats"].push_back(
        {{"format", to_string(unreadable.format)},
         {"files", unreadable.files},
         {"option", text_or_null(unreadable.option)}});
  }
  json["pictures_decoded"] = stats.pictures_decoded;
  json["bytes_read"] = stats.bytes_read;
  json["hard_links"] = stats.hard_links;
  json["group_count"] = totals.groups;
  json["total_file_count"] = totals.files;
  json["redundant_file_count"] = totals.redundant_files;
  json["redundant_file_size"] = totals.redundant_bytes;
  json["discarded_links"] = report.grouping.discarded.size();
  json["set_count"] = report.grouping.sets.size();
  json["timings"] = timings_json(report);
  return json;
}

void add_header(Json& json, const Report& report) {
  json["schema"] = kSchema;
  json["version"] = to_utf8(report.version);
  json["timestamp"] = to_utf8(report.timestamp);
  add_bytes(json, "command", report.command);
  add_bytes(json, "catalog", report.catalog);
  json["settings"] = settings_json(report.settings);
  json["stats"] = stats_json(report);
}

Json pixels(std::uint32_t side) { return side == 0 ? Json() : Json(side); }

void add_metadata(Json& json, const PhotoMetadata& metadata) {
  json["camera_make"] = text_or_null(metadata.camera_make);
  json["camera_model"] = text_or_null(metadata.camera_model);
  json["software"] = text_or_null(metadata.software);
  json["gps"] = Json();
  if (metadata.gps) {
    json["gps"] = {{"latitude", metadata.gps->latitude},
                   {"longitude", metadata.gps->longitude}};
  }
  json["rating"] = metadata.rating ? Json(*metadata.rating) : Json();
}

void add_companions(Json& json, std::span<const CompanionFile> companions) {
  for (const CompanionFile& companion : companions) {
    Json file;
    add_bytes(file, "path", companion.path);
    file["kind"] = to_string(companion.kind);
    json["companions"].push_back(std::move(file));
  }
}

/// What is known of a file by itself.
Json photo_json(const Photo& photo, const Picture& picture) {
  const PictureInfo& info = picture.info;
  Json json;
  add_bytes(json, "path", photo.path);
  json["size"] = photo.size_bytes;
  json["mtime"] = format_time(photo.mtime_ns);
  json["width"] = pixels(info.width);
  json["height"] = pixels(info.height);
  json["format"] = to_string(info.format);
  json["orientation"] = info.orientation;
  json["taken_at"] = text_or_null(info.taken_at);
  add_metadata(json, info.metadata);
  json["checksum"] = to_hex(picture.digest);
  return json;
}

void write_group(Json head, const Report& report, const Group& group,
                 Layout layout, int depth, std::ostream& out) {
  head["id"] = to_utf8(group.id);
  head["kind"] = to_string(group.kind);
  head["diameter"] = group.diameter;
  add_bytes(head, "keep", file_of(report, group, 0).photo.path);
  head["keep_reason"] = to_utf8(group.keep_reason);
  open_object(head, layout, depth, out);
  write_list("files", group.members.size(), layout, depth, out,
             [&](std::size_t i) {
               const Json file = file_json(file_of(report, group, i));
               out << laid_out(file, layout, depth + 2);
             });
  close_object(layout, depth, out);
}

void write_set(Json head, const Report& report, const PhotoSet& set,
               Layout layout, int depth, std::ostream& out) {
  head["kind"] = to_string(set.kind);
  open_object(head, layout, depth, out);
  write_list("files", set.photos.size(), layout, depth, out,
             [&](std::size_t i) {
               const Photo& photo = report.photos[set.photos[i]];
               Json file = photo_json(photo, report.pictures[photo.picture]);
               add_companions(file, companions_of(report, set.photos[i]));
               out << laid_out(file, layout, depth + 2);
             });
  close_object(layout, depth, out);
}

Json discarded_json(const Report& report, const DiscardedLink& link) {
  Json json;
  add_bytes(json, "first", report.photos[link.first].path);
  add_bytes(json, "second", report.photos[link.second].path);
  json["match"] = to_string(link.evidence.match);
  add_evidence(json, link.evidence);
  return json;
}

void add_problem(Json& json, const FileProblem& problem) {
  add_bytes(json, "path", problem.path);
  json["stage"] = to_string(problem.stage);
  json["code"] = to_string(problem.error.code);
  json["message"] = to_utf8(problem.error.message);
}

Json typed(std::string_view type) { return Json{{"type", type}}; }

}  // namespace

Json file_json(const GroupFile& file) {
  Json json = photo_json(file.photo, file.picture);
  json["is_keeper"] = file.is_keeper;
  if (file.is_reference) json["is_reference"] = true;
  if (file.has_own_companions) json["has_own_companions"] = true;
  json["match"] = to_string(file.evidence.match);
  if (file.copy_of != nullptr) add_bytes(json, "copy_of", file.copy_of->path);
  json["hashes"] = hashes_json(file.picture.look);
  add_evidence(json, file.evidence);
  for (const std::string& name : file.photo.hard_links) {
    Json link;
    add_bytes(link, "path", name);
    json["hard_links"].push_back(std::move(link));
  }
  add_companions(json, file.companions);
  return json;
}

void write_json(const Report& report, const ReportStyle& /*style*/,
                std::ostream& out) {
  constexpr Layout kLayout = Layout::pretty;
  const std::vector<Group>& groups = report.grouping.groups;
  Json head;
  add_header(head, report);
  open_object(head, kLayout, 0, out);
  write_list("groups", groups.size(), kLayout, 0, out, [&](std::size_t i) {
    write_group(Json::object(), report, groups[i], kLayout, 2, out);
  });
  const std::vector<PhotoSet>& sets = report.grouping.sets;
  write_list("sets", sets.size(), kLayout, 0, out, [&](std::size_t i) {
    write_set(Json::object(), report, sets[i], kLayout, 2, out);
  });
  if (report.settings.show_discarded) {
    const auto& discarded = report.grouping.discarded;
    write_list(
        "discarded", discarded.size(), kLayout, 0, out, [&](std::size_t i) {
          out << laid_out(discarded_json(report, discarded[i]), kLayout, 2);
        });
  }
  write_list("errors", report.errors.size(), kLayout, 0, out,
             [&](std::size_t i) {
               Json problem;
               add_problem(problem, report.errors[i]);
               out << laid_out(problem, kLayout, 2);
             });
  close_object(kLayout, 0, out);
  out << '\n';
}

void write_jsonl(const Report& report, const ReportStyle& /*style*/,
                 std::ostream& out) {
  Json header = typed("header");
  add_header(header, report);
  out << laid_out(header, Layout::compact, 0) << '\n';
  for (const Group& group : report.grouping.groups) {
    if (!out) return;
    write_group(typed("group"), report, group, Layout::compact, 0, out);
    out << '\n';
  }
  for (const PhotoSet& set : report.grouping.sets) {
    if (!out) return;
    write_set(typed("set"), report, set, Layout::compact, 0, out);
    out << '\n';
  }
  for (const DiscardedLink& link : report.grouping.discarded) {
    if (!out || !report.settings.show_discarded) break;
    Json discarded = typed("discarded");
    discarded.update(discarded_json(report, link));
    out << laid_out(discarded, Layout::compact, 0) << '\n';
  }
  for (const FileProblem& error : report.errors) {
    if (!out) return;
    Json problem = typed("error");
    add_problem(problem, error);
    out << laid_out(problem, Layout::compact, 0) << '\n';
  }
}

}  // namespace vam
