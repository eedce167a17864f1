// Pictures as values, for tests that need no pixels.
#pragma once

#include <cstdint>
#include <string>

#include "vam/photo.hpp"

/// A digest of its own for every number.
inline vam::Digest digest_number(std::uint8_t number) {
  vam::Digest digest;
  digest.bytes.fill(number);
  return digest;
}

/// A well-detailed 100x100 JPEG whose hashes differ by these bits from those of
/// all others made here.
inline vam::Picture make_picture(std::uint8_t number, vam::Hash dhash,
                                 vam::Hash ahash = 0, vam::Hash whash = 0) {
  constexpr vam::Hash kBase = 0x5a5a5a5a5a5a5a5a;
  return {digest_number(number),
          {vam::Format::jpeg, 100, 100, vam::kUpright, ""},
          vam::Fingerprint{{dhash ^ kBase, ahash, whash}, 64}};
}

inline vam::Photo make_photo(std::string path, std::uint32_t picture) {
  return {std::move(path), {}, 1000, 0, picture};
}
