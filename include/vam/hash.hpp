// Perceptual hashes: 64 bits that stay nearly the same while a picture is
// re-encoded or resized. Defined as in Python's `imagehash`, bit order
// included, so that hexadecimal values can be exchanged with it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vam/image.hpp"

namespace vam {

/// The first comparison (top left) is the most significant bit, then row by
/// row.
using Hash = std::uint64_t;
inline constexpr int kHashBits = 64;

/// Persisted in catalogs: never change the meaning of an existing value.
enum class HashKind : std::uint8_t { dhash = 0, ahash = 1, whash = 2 };
inline constexpr std::size_t kHashKinds = 3;

/// One hash of every kind, indexed by HashKind.
using HashSet = std::array<Hash, kHashKinds>;

struct HashMethod {
  HashKind kind;
  std::string_view name;  ///< as in options, reports and the catalog
  Hash (*compute)(const Reductions& upright);
};

/// All kinds, in the order of their numbers.
std::span<const HashMethod, kHashKinds> hash_methods();

std::optional<HashKind> hash_kind_of(std::string_view name);

/// Computes every kind. The raster is upright and at least 1 x 1.
HashSet compute_hashes(const Reductions& upright);

/// The number of bits that differ, 0..64.
constexpr int hamming_distance(Hash a, Hash b) { return std::popcount(a ^ b); }

/// By HashKind, bits.
using HashDistances = std::array<int, kHashKinds>;

constexpr HashDistances distances_between(const HashSet& a, const HashSet& b) {
  HashDistances distances{};
  for (std::size_t kind = 0; kind < kHashKinds; ++kind) {
    distances[kind] = hamming_distance(a[kind], b[kind]);
  }
  return distances;
}

constexpr std::size_t index_of(HashKind kind) {
  return static_cast<std::size_t>(kind);
}

/// 16 lower-case hexadecimal digits.
std::string to_hex(Hash hash);

}  // namespace vam
