// All that is remembered of a picture's look.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "vam/hash.hpp"
#include "vam/image.hpp"

namespace vam {

/// The version of everything that makes a fingerprint: reduced decoding,
/// resampling, hashes, the detail measure and sketches. Raise it when any of
/// them changes its result; fingerprints of different versions are never
/// compared.
inline constexpr int kFingerprintMethod = 2;

/// A part of a picture: edges in 1/65535 of its width and height.
/// left < right, top < bottom.
struct Region {
  std::uint16_t left = 0;
  std::uint16_t top = 0;
  std::uint16_t right = 65535;
  std::uint16_t bottom = 65535;

  bool is_whole() const { return *this == Region{}; }
  bool operator==(const Region&) const = default;
};

struct Fingerprint {
  HashSet hashes{};
  /// How many of the 64 brightness steps between neighbouring cells of a 9x8
  /// reduction are clearly above noise. Below `kMinDetail` the bits of the
  /// hashes are nearly random or all equal and say nothing about the picture.
  std::uint8_t detail = 0;
  /// What lies within a uniform border; the whole if there is none.
  Region content = {};

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

Fingerprint make_fingerprint(const Reductions& upright);

/// A picture, or a part of it, stretched to a small square.
struct Thumbnail {
  static constexpr int kSide = 32;       ///< cells of luma
  static constexpr int kColourSide = 8;  ///< cells of Cb and Cr

  std::array<std::uint8_t, std::size_t{kSide} * kSide> luma{};
  /// Mean Cb and Cr, 128 being no colour.
  std::array<std::uint8_t, std::size_t{kColourSide} * kColourSide> blue{};
  std::array<std::uint8_t, std::size_t{kColourSide} * kColourSide> red{};

  bool operator==(const Thumbnail&) const = default;
};

/// What verify() compares: the picture seen upright and, if a border surrounds
/// it, what lies within.
struct Sketch {
  Thumbnail whole;
  /// Null for the many that have no border, so that they need half the memory.
  /// Copies of a sketch share it.
  std::shared_ptr<const Thumbnail> content = nullptr;

  bool operator==(const Sketch& other) const {
    return whole == other.whole && !content == !other.content &&
           (!content || *content == *other.content);
  }
};

/// `content` is that of the fingerprint.
Sketch make_sketch(const Reductions& upright, const Chroma& chroma,
                   const Region& content);

}  // namespace vam
