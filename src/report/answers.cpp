// Answers to questions about single files, for people.
#include "report/answers.hpp"

#include <cmath>
#include <cstddef>
#include <ostream>
#include <utility>

#include "report/escape.hpp"
#include "report/words.hpp"
#include "report/writers.hpp"

namespace vam {

namespace {

void write_labelled(std::string_view label, const std::string& text,
                    std::ostream& out) {
  constexpr std::size_t kLabelWidth = 14;
  out << padded("  " + std::string(label), kLabelWidth) << text << '\n';
}

std::string decimals(float value, int digits = 2) {
  if (std::abs(value) < 0.005F) value = 0;  // never "-0.00"
  return fixed(value, digits);
}

std::string distances_of(const HashDistances& distances) {
  std::string text;
  for (const HashMethod& method : hash_methods()) {
    if (!text.empty()) text += ", ";
    text += std::string(method.name) + ' ' +
            std::to_string(distances[index_of(method.kind)]);
  }
  return text;
}

std::string problem_of(const Error& error) {
  return std::string(to_string(error.code)) + ": " +
         escape_for_terminal(error.message);
}

/// "B without its border on A, turned by orientation 6, from 0.05 0.05, size
/// 0.90 0.90".
std::string pose_of(const Pose& pose) {
  const auto of = [](Frame frame) {
    return frame == Frame::whole ? "" : " without its border";
  };
  std::string text =
      std::string("B") + of(pose.second) + " on A" + of(pose.first);
  if (pose.transform != kUpright) {
    text += ", turned by orientation " + std::to_string(pose.transform);
  }
  const Window& window = pose.window;
  if (window == Window{}) return text;
  return text + ", from " + decimals(window.left) + ' ' + decimals(window.top) +
         ", size " + decimals(window.width) + ' ' + decimals(window.height);
}

void write_file(std::string_view label, const ExplainedFile& file,
                std::ostream& out) {
  const Picture& picture = file.picture;
  out << label << ' ' << escape_for_terminal(file.path) << '\n';
  write_labelled("",
                 std::string(to_string(picture.info.format)) + ", " +
                     std::to_string(picture.info.width) + " x " +
                     std::to_string(picture.info.height) +
                     (file.in_catalog ? "" : "; not in the catalog"),
                 out);
  if (!picture.look) {
    write_labelled("", problem_of(picture.look.error()), out);
    return;
  }
  std::string hashes;
  for (const HashMethod& method : hash_methods()) {
    if (!hashes.empty()) hashes += ", ";
    hashes += std::string(method.name) + ' ' +
              to_hex(picture.look->hashes[index_of(method.kind)]);
  }
  write_labelled("", hashes, out);
  if (!file.has_structure) {
    write_labelled("", "too little detail to be recognised", out);
  }
}

void write_fit(const Judgement& judgement, std::ostream& out) {
  const Fit& fit = judgement.fit;
  write_labelled("alignment", pose_of(judgement.pose), out);
  write_labelled("fit",
                 "overlap " + decimals(fit.overlap) + ", gain " +
                     decimals(fit.gain) + ", tone shift " +
                     decimals(fit.tone_shift) + ", colour shift " +
                     decimals(judgement.colour_shift),
                 out);
  write_labelled("",
                 "structure " + decimals(fit.structure) + ", outlier " +
                     decimals(fit.outlier) + ", similarity " +
                     decimals(fit.similarity, 4),
                 out);
  write_labelled("confidence",
                 decimals(fit.confidence, 4) + "; a match needs " +
                     decimals(kMatchConfidence, 4),
                 out);
}

void write_comparison(const Explanation& told, std::ostream& out) {
  const auto& a = told.first.picture.look;
  const auto& b = told.second.picture.look;
  const Settings& settings = told.settings;
  if (!a || !b || told.reason == Reason::same_bytes) return;
  out << "Comparison\n";
  write_labelled("distance",
                 distances_of(distances_between(a->hashes, b->hashes)), out);
  if (settings.verify && told.nearest) {
    write_labelled("candidate",
                   told.candidates.empty()
                       ? "in no pose; the first hash may be " +
                             std::to_string(settings.similarity_threshold) +
                             " bits off, one of the others two less"
                       : "in " + std::to_string(told.candidates.size()) +
                             (told.candidates.size() == 1 ? " pose" : " poses"),
                   out);
    write_labelled("nearest", distances_of(told.nearest->distance), out);
    write_labelled("", pose_of(told.nearest->pose), out);
  }
  if (told.judgement.compared) write_fit(told.judgement, out);
  if (const auto& evidence = told.judgement.evidence) {
    write_labelled(
        to_string(evidence->match),
        evidence_in_words(*evidence, settings.verify, settings.hash_methods),
        out);
  }
}

}  // namespace

std::string sentence_of(const Explanation& told) {
  switch (told.reason) {
    case Reason::same_bytes:
      return "They hold the same bytes.";
    case Reason::match:
      return "They match, and one of them is the keeper of the group.";
    case Reason::through_keeper:
      return "Both match the keeper of the group.";
    case Reason::unreadable:
      return "One of them cannot be decoded, and they do not hold the same "
             "bytes.";
    case Reason::marked_different:
      return "They were marked as different pictures.";
    case Reason::no_structure:
      return "One of them has too little detail to be recognised, and they do "
             "not hold the same bytes.";
    case Reason::not_a_candidate:
      return "Their hashes are too far apart.";
    case Reason::refused:
      return told.judgement.compared
                 ? "Verification refused them: confidence " +
                       decimals(told.judgement.fit.confidence, 4) +
                       " is below " + decimals(kMatchConfidence, 4) + '.'
                 : "Verification refused them: they can be aligned in no pose.";
    case Reason::in_one_set:
      return "They match, but are frames of one burst, or a RAW file and its "
             "JPEG.";
    case Reason::other_keeper:
      return "They match, but at least one of them belongs to another keeper.";
  }
  return "";
}

void write_explanation_text(const Explanation& told, std::ostream& out) {
  write_file("A", told.first, out);
  write_file("B", told.second, out);
  write_comparison(told, out);
  out << (told.in_one_group ? "In one group: " : "Not in one group: ")
      << sentence_of(told) << '\n';
  for (const auto& [label, file] : {std::pair("keeper of A", &told.first),
                                    std::pair("keeper of B", &told.second)}) {
    if (file->keeper.empty()) continue;
    out << "  " << label << "  " << escape_for_terminal(file->keeper) << '\n';
  }
}

void write_like_text(const LikeReport& report, std::ostream& out) {
  for (const LikeAnswer& answer : report.answers) {
    out << escape_for_terminal(answer.path) << '\n';
    if (answer.problem) {
      write_labelled("problem", problem_of(*answer.problem), out);
    }
    if (answer.matches.empty() && !answer.problem) {
      write_labelled("", "nothing in the catalog is the same picture", out);
    }
    for (const LikeMatch& match : answer.matches) {
      if (!out) return;
      const Evidence& evidence = match.evidence;
      write_labelled(to_string(evidence.match),
                     escape_for_terminal(match.path) +
                         (match.is_there ? "" : " (no longer there)"),
                     out);
      write_labelled("",
                     evidence.match == MatchKind::exact
                         ? "same bytes"
                         : evidence_in_words(evidence, report.settings.verify,
                                             report.settings.hash_methods),
                     out);
    }
  }
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::same_bytes:
      return "same-bytes";
    case Reason::match:
      return "match";
    case Reason::through_keeper:
      return "through-keeper";
    case Reason::unreadable:
      return "unreadable";
    case Reason::marked_different:
      return "marked-different";
    case Reason::no_structure:
      return "no-structure";
    case Reason::not_a_candidate:
      return "not-a-candidate";
    case Reason::refused:
      return "refused";
    case Reason::in_one_set:
      return "in-one-set";
    case Reason::other_keeper:
      return "other-keeper";
  }
  return "unknown";
}

void write_like(const LikeReport& report, AnswerFormat format,
                std::ostream& out) {
  (format == AnswerFormat::json ? write_like_json : write_like_text)(report,
                                                                     out);
}

void write_explanation(const Explanation& explanation, AnswerFormat format,
                       std::ostream& out) {
  (format == AnswerFormat::json ? write_explanation_json
                                : write_explanation_text)(explanation, out);
}

}  // namespace vam
