// Answers to questions about single files, as JSON.
#include <ostream>

#include "report/answers.hpp"
#include "report/escape.hpp"
#include "report/json_values.hpp"

namespace vam {

namespace {

constexpr double kDecimals = 10'000;

std::string_view name_of(Frame frame) {
  return frame == Frame::whole ? "whole" : "content";
}

template <class Answer>
Json head_of(std::string_view schema, const Answer& answer) {
  Json json;
  json["schema"] = schema;
  json["version"] = to_utf8(answer.version);
  add_bytes(json, "catalog", answer.catalog);
  add_comparison(json["settings"], answer.settings);
  return json;
}

Json problem_json(const Error& error) {
  return {{"code", to_string(error.code)}, {"message", to_utf8(error.message)}};
}

Json file_json(const ExplainedFile& file) {
  const Picture& picture = file.picture;
  Json json;
  add_bytes(json, "path", file.path);
  json["in_catalog"] = file.in_catalog;
  json["checksum"] = to_hex(picture.digest);
  json["format"] = to_string(picture.info.format);
  json["width"] = picture.info.width;
  json["height"] = picture.info.height;
  json["hashes"] = hashes_json(picture.look);
  json["has_structure"] = file.has_structure;
  json["error"] = picture.look ? Json() : problem_json(picture.look.error());
  json["keeper"] = Json();
  if (!file.keeper.empty()) add_bytes(json, "keeper", file.keeper);
  return json;
}

void add_pose(Json& json, const Pose& pose) {
  const auto number = [](float value) { return rounded(value, kDecimals); };
  json["first_frame"] = name_of(pose.first);
  json["second_frame"] = name_of(pose.second);
  json["transform"] = pose.transform;
  json["window"] = {{"left", number(pose.window.left)},
                    {"top", number(pose.window.top)},
                    {"width", number(pose.window.width)},
                    {"height", number(pose.window.height)}};
}

Json pose_json(const ExplainedPose& explained) {
  Json json;
  add_pose(json, explained.pose);
  json["distance"] = distances_json(explained.distance);
  return json;
}

Json alignment_json(const Judgement& judgement) {
  if (!judgement.compared) return {};
  const Fit& fit = judgement.fit;
  Json json;
  add_pose(json, judgement.pose);
  for (const auto& [name, value] :
       {std::pair("overlap", fit.overlap), std::pair("gain", fit.gain),
        std::pair("tone_shift", fit.tone_shift),
        std::pair("colour_shift", judgement.colour_shift),
        std::pair("structure", fit.structure),
        std::pair("outlier", fit.outlier),
        std::pair("similarity", fit.similarity),
        std::pair("confidence", fit.confidence),
        std::pair("confidence_needed", kMatchConfidence)}) {
    json[name] = rounded(value, kDecimals);
  }
  return json;
}

Json evidence_json(const std::optional<Evidence>& evidence) {
  if (!evidence) return {};
  Json json;
  json["match"] = to_string(evidence->match);
  add_evidence(json, *evidence);
  return json;
}

void write(const Json& json, std::ostream& out) {
  out << laid_out(json, Layout::pretty, 0) << '\n';
}

}  // namespace

void write_like_json(const LikeReport& report, std::ostream& out) {
  Json json = head_of("vam-analyze-like/1", report);
  json["queries"] = Json::array();
  for (const LikeAnswer& answer : report.answers) {
    Json& query = json["queries"].emplace_back();
    add_bytes(query, "path", answer.path);
    query["error"] = answer.problem ? problem_json(*answer.problem) : Json();
    query["matches"] = Json::array();
    for (const LikeMatch& found : answer.matches) {
      Json match;
      add_bytes(match, "path", found.path);
      match["is_there"] = found.is_there;
      match["match"] = to_string(found.evidence.match);
      add_evidence(match, found.evidence);
      query["matches"].push_back(std::move(match));
    }
  }
  write(json, out);
}

void write_explanation_json(const Explanation& told, std::ostream& out) {
  Json json = head_of("vam-analyze-explain/1", told);
  json["first"] = file_json(told.first);
  json["second"] = file_json(told.second);
  const auto& a = told.first.picture.look;
  const auto& b = told.second.picture.look;
  json["distance"] =
      a && b ? distances_json(distances_between(a->hashes, b->hashes)) : Json();
  json["marked_different"] = told.marked_different;
  json["candidates"] = Json::array();
  for (const ExplainedPose& pose : told.candidates) {
    json["candidates"].push_back(pose_json(pose));
  }
  json["nearest"] = told.nearest ? pose_json(*told.nearest) : Json();
  json["alignment"] = alignment_json(told.judgement);
  json["evidence"] = evidence_json(told.judgement.evidence);
  json["in_one_group"] = told.in_one_group;
  json["reason"] = to_string(told.reason);
  json["message"] = sentence_of(told);
  write(json, out);
}

}  // namespace vam
