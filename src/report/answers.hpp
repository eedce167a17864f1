// The two ways to write an answer to a question about single files.
#pragma once

#include <iosfwd>
#include <string>

#include "vam/report.hpp"

namespace vam {

void write_like_text(const LikeReport& report, std::ostream& out);
void write_like_json(const LikeReport& report, std::ostream& out);
void write_explanation_text(const Explanation& explanation, std::ostream& out);
void write_explanation_json(const Explanation& explanation, std::ostream& out);

/// The reason in a sentence.
std::string sentence_of(const Explanation& explanation);

}  // namespace vam
