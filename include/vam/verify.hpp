// Judges a candidate pair: the same picture or not, and with what evidence.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "vam/photo.hpp"

namespace vam {

/// How a file relates to another one, weakest first. The names are part of
/// the report.
enum class MatchKind : std::uint8_t {
  similar = 0,     ///< looks alike; may be another picture
  same_image = 1,  ///< the same picture in another file
  exact = 2,       ///< the same bytes
};

std::string_view to_string(MatchKind kind);

struct Evidence {
  MatchKind match = MatchKind::exact;
  std::array<int, kHashKinds> distance{};  ///< bits, by HashKind
  double similarity = 1.0;                 ///< 0..1; 1 for the same bytes
};

/// The plain hash rule: every named hash is within the distance.
struct VerifyRule {
  std::vector<HashKind> methods = {HashKind::dhash, HashKind::ahash};
  int max_distance = 5;  ///< bits, 0..64
};

/// Whether a picture may be compared by its look at all: decoded, and with
/// enough detail for its hashes to mean something.
bool is_comparable(const Picture& picture);

/// What the rule looks at: the named hashes, 0 for the others. Comparable
/// pictures with the same always match.
HashSet named_hashes(const Fingerprint& fingerprint, const VerifyRule& rule);

/// Judges two pictures. Symmetric. Pictures that are not comparable only match
/// when their bytes are the same. Similarity is the share of equal bits over
/// the named hashes.
std::optional<Evidence> verify(const Picture& a, const Picture& b,
                               const VerifyRule& rule);

}  // namespace vam
