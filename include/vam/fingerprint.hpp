// All that is remembered of a picture's look.
#pragma once

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

constexpr bool is_low_detail(const Fingerprint& fingerprint) {
  return fingerprint.detail < kMinDetail;
}

Fingerprint make_fingerprint(const Image& upright);

}  // namespace vam
