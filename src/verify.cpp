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

bool is_comparable(const Picture& picture) {
  return picture.look.has_value() && !is_low_detail(*picture.look);
}

HashSet named_hashes(const Fingerprint& fingerprint, const VerifyRule& rule) {
  HashSet named{};
  for (const HashKind method : rule.methods) {
    named[index_of(method)] = fingerprint.hashes[index_of(method)];
  }
  return named;
}

std::optional<Evidence> verify(const Picture& a, const Picture& b,
                               const VerifyRule& rule) {
  if (a.digest == b.digest) return Evidence{};
  if (!is_comparable(a) || !is_comparable(b)) return std::nullopt;

  Evidence evidence{MatchKind::similar, {}, 1.0};
  for (std::size_t kind = 0; kind < kHashKinds; ++kind) {
    evidence.distance[kind] =
        hamming_distance(a.look->hashes[kind], b.look->hashes[kind]);
  }
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
