// The vocabulary of the catalog and of all that follows: what bytes show
// (Picture) and which files on disk hold them (Photo).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/decode.hpp"
#include "vam/error.hpp"
#include "vam/fingerprint.hpp"

namespace vam {

/// XXH3-128 of a file's bytes, in canonical (big-endian) order. Files with the
/// same digest are taken to be byte-identical.
struct Digest {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Digest&) const = default;
};

/// For hash maps: the digest's bits are already uniform.
struct DigestHash {
  std::size_t operator()(const Digest& digest) const;
};

Digest digest_of(std::span<const std::byte> bytes);

/// The same of bytes that come piece by piece.
class DigestStream {
 public:
  DigestStream();
  ~DigestStream();

  void add(std::span<const std::byte> bytes);
  /// Of all bytes until now.
  Digest digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 32 lower-case hexadecimal digits.
std::string to_hex(const Digest& digest);
/// Of such digits and no others.
std::optional<Digest> digest_from_hex(std::string_view hex);

/// UTC by RFC 3339 with nine digits of the second, whatever the locale.
std::string format_time(std::int64_t ns_since_1970);
/// Of what format_time() prints, and of nothing else.
std::optional<std::int64_t> parse_time(std::string_view text);

/// What the bytes of a file show: depends on nothing but the bytes and the
/// fingerprint method. The look is an error if they cannot be decoded.
struct Picture {
  Digest digest;
  PictureInfo info;
  Result<Fingerprint> look;
};

/// When a picture was taken, by the clock of its camera.
struct Moment {
  std::int64_t seconds = 0;  ///< since 1970, in the camera's time zone
  std::string fraction;      ///< digits of the second; may be empty

  auto operator<=>(const Moment&) const = default;
};

/// Of PictureInfo::taken_at, whose offset from UTC is left out: a camera that
/// is set to another one within seconds does not matter. None for what is no
/// moment.
std::optional<Moment> moment_of(std::string_view taken_at);

/// Whether the two are not the same moment. Fractions are compared as far as
/// both have digits.
bool differ(const Moment& a, const Moment& b);

/// Make and model, the same for one camera however a file spells them: some
/// leave the make out of the model, shorten it or write other capitals. Empty
/// if the file names neither.
std::string camera_of(const PhotoMetadata& metadata);

/// Whether one camera took the two at different moments, as far as they say.
bool are_different_shots(const PictureInfo& a, const PictureInfo& b);

/// Two contents that show different pictures, whatever they look like: the user
/// has said so. Unordered: the smaller digest stands first.
struct DifferentPair {
  Digest first;
  Digest second;
  auto operator<=>(const DifferentPair&) const = default;
};

/// The pair of two contents, in its order.
DifferentPair different_pair(const Digest& a, const Digest& b);

/// One bit for each kind, to make sets of them.
constexpr std::uint8_t bit_of(NonPicture kind) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
}

/// A file on disk, as found by this run, and what it holds.
struct Photo {
  std::string path;  ///< absolute, raw bytes
  std::vector<std::string> hard_links;
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  std::uint32_t picture = 0;  ///< index into the pictures of the run
  /// Set of NonPicture: what lies beside it and is named after it, as the film
  /// of a live photo and sidecars are.
  std::uint8_t companions = 0;
};

}  // namespace vam
