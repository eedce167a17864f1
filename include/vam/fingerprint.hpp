// All that is remembered of a picture's look.
#pragma once

#include <bit>
#include <cstdint>

#include "vam/hash.hpp"
#include "vam/image.hpp"

namespace vam {

/// The version of everything that makes a fingerprint: reduced decoding,
/// resampling, hashes and the detail measure. Raise it when any of them
/// changes its result; fingerprints of different versions are never compared.
inline constexpr int kFingerprintMethod = 1;

struct Fingerprint {
  HashSet hashes{};
  /// How many of the 64 brightness steps between neighbouring cells of a 9x8
  /// reduction are clearly above noise. Below `kMinDetail` the bits of the
  /// hashes are nearly random or all equal and say nothing about the picture.
  std::uint8_t detail = 0;

  bool operator==(const Fingerprint&) const = default;
};

/// Fewer clear steps than this: a flat, dark, blown-out or empty picture.
inline constexpr int kMinDetail = 16;

/// Fewer dHash bits than this that differ from all others: a gradient, which
/// has clear steps, but the same everywhere.
inline constexpr int kMinVariedBits = 4;

/// Whether too many other pictures would have nearly the same hashes by chance.
constexpr bool is_low_detail(const Fingerprint& fingerprint) {
  const int ones = std::popcount(fingerprint.hashes[index_of(HashKind::dhash)]);
  return fingerprint.detail < kMinDetail || ones < kMinVariedBits ||
         ones > kHashBits - kMinVariedBits;
}

Fingerprint make_fingerprint(const Image& upright);

}  // namespace vam
