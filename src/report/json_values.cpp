#include "report/json_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "report/escape.hpp"

namespace vam {

namespace {

constexpr int kIndent = 2;

}  // namespace

std::string line(Layout layout, int depth) {
  if (layout == Layout::compact) return {};
  return '\n' + std::string(static_cast<std::size_t>(kIndent * depth), ' ');
}

std::string laid_out(const Json& value, Layout layout, int depth) {
  std::string text =
      escape_in_json(value.dump(layout == Layout::pretty ? kIndent : -1, ' ',
                                false, Json::error_handler_t::replace));
  if (layout == Layout::compact || depth == 0) return text;
  std::string indented;
  indented.reserve(text.size() * 2);
  for (const char c : text) {
    // In strings they are escaped, so every line end is one of the layout.
    if (c == '\n') {
      indented += line(layout, depth);
    } else {
      indented += c;
    }
  }
  return indented;
}

double rounded(double value, double steps) {
  return std::isfinite(value) ? std::round(value * steps) / steps : 0.0;
}

void add_bytes(Json& object, const std::string& key, const std::string& bytes) {
  object[key] = to_utf8(bytes);
  if (!is_utf8(bytes)) object[key + "_bytes"] = to_base64(bytes);
}

void add_bytes(Json& object, const std::string& key,
               const std::vector<std::string>& strings) {
  Json readable = Json::array();
  Json exact = Json::array();
  for (const std::string& bytes : strings) {
    readable.push_back(to_utf8(bytes));
    exact.push_back(to_base64(bytes));
  }
  object[key] = std::move(readable);
  if (!std::all_of(strings.begin(), strings.end(), is_utf8)) {
    object[key + "_bytes"] = std::move(exact);
  }
}

void add_comparison(Json& object, const Settings& settings) {
  object["verify"] = settings.verify;
  object["transforms"] =
      kTransformChoices[static_cast<std::size_t>(settings.transforms)].name;
  object["similarity_threshold"] = settings.similarity_threshold;
  object["hash_methods"] = Json::array();
  for (const HashKind kind : settings.hash_methods) {
    object["hash_methods"].push_back(hash_methods()[index_of(kind)].name);
  }
}

Json hashes_json(const Result<Fingerprint>& look) {
  Json json;
  for (const HashMethod& method : hash_methods()) {
    json[std::string(method.name)] =
        look ? Json(to_hex(look->hashes[index_of(method.kind)])) : Json();
  }
  return json;
}

Json distances_json(const HashDistances& distances) {
  Json json;
  for (const HashMethod& method : hash_methods()) {
    json[std::string(method.name)] = distances[index_of(method.kind)];
  }
  return json;
}

void add_evidence(Json& object, const Evidence& evidence) {
  object["distance"] = distances_json(evidence.distance);
  object["similarity"] = rounded(evidence.similarity, 10'000);
  object["transform"] = evidence.transform;
  object["differences"] = Json::array();
  for (const Difference difference : kDifferences) {
    if (evidence.has(difference)) {
      object["differences"].push_back(to_string(difference));
    }
  }
}

}  // namespace vam
