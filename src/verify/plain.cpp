// The plain hash rule: the named hashes of two pictures all lie near.
#include "vam/verify.hpp"

namespace vam {

std::string_view to_string(MatchKind kind) {
  switch (kind) {
    case MatchKind::exact:
      return "exact";
    case MatchKind::same_image:
      return "same-image";
    case MatchKind::similar:
      return "similar";
  }
  return "unknown";
}

std::string_view to_string(Difference difference) {
  switch (difference) {
    case Difference::crop:
      return "crop";
    case Difference::border:
      return "border";
    case Difference::tone:
      return "tone";
    case Difference::colour:
      return "colour";
    case Difference::detail:
      return "detail";
    case Difference::moment:
      return "moment";
  }
  return "unknown";
}

bool is_comparable(const Picture& picture) {
  return picture.look.has_value() && !is_low_detail(*picture.look);
}

std::optional<Evidence> verify(const Picture& a, const Picture& b,
                               const VerifyRule& rule) {
  if (a.digest == b.digest) return Evidence{};
  if (!is_comparable(a) || !is_comparable(b)) return std::nullopt;

  Evidence evidence;
  evidence.match = MatchKind::similar;
  evidence.distance = distances_between(a.look->hashes, b.look->hashes);
  int differing = 0;
  for (const HashKind method : rule.methods) {
    const int distance = evidence.distance[index_of(method)];
    if (distance > rule.max_distance) return std::nullopt;
    differing += distance;
  }
  const auto compared = kHashBits * static_cast<int>(rule.methods.size());
  evidence.similarity = 1.0 - static_cast<double>(differing) / compared;
  return evidence;
}

}  // namespace vam
