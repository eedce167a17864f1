// Content digests, and what files say of their shot.
#include "vam/photo.hpp"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>

namespace vam {
namespace {

/// Reads `length` digits.
std::optional<int> number_at(std::string_view text, std::size_t begin,
                             std::size_t length) {
  if (text.size() < begin + length) return std::nullopt;
  const char* const first = text.data() + begin;
  int number = 0;
  const auto parsed = std::from_chars(first, first + length, number);
  if (parsed.ec != std::errc() || parsed.ptr != first + length || number < 0) {
    return std::nullopt;
  }
  return number;
}

std::string in_lower_case(std::string text) {
  for (char& letter : text) {
    if (letter < 'A' || letter > 'Z') continue;
    letter = static_cast<char>(letter + ('a' - 'A'));
  }
  return text;
}

}  // namespace

Digest digest_of(std::span<const std::byte> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  Digest digest;
  static_assert(sizeof canonical.digest == sizeof digest.bytes);
  std::memcpy(digest.bytes.data(), canonical.digest, digest.bytes.size());
  return digest;
}

DifferentPair different_pair(const Digest& a, const Digest& b) {
  return {std::min(a, b), std::max(a, b)};
}

std::string to_hex(const Digest& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.bytes.size());
  for (const std::uint8_t byte : digest.bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::size_t DigestHash::operator()(const Digest& digest) const {
  std::size_t value = 0;
  std::memcpy(&value, digest.bytes.data(), sizeof value);
  return value;
}

std::optional<Moment> moment_of(std::string_view taken_at) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (taken_at.size() < kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] != 'd' && kForm[i] != taken_at[i]) return std::nullopt;
  }
  const auto year = number_at(taken_at, 0, 4);
  const auto month = number_at(taken_at, 5, 2);
  const auto day = number_at(taken_at, 8, 2);
  const auto hour = number_at(taken_at, 11, 2);
  const auto minute = number_at(taken_at, 14, 2);
  const auto second = number_at(taken_at, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) {
    return std::nullopt;
  }
  const auto date = std::chrono::year(*year) / *month / *day;
  if (!date.ok()) return std::nullopt;
  Moment moment;
  moment.seconds =
      std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} *
          86'400 +
      *hour * 3600 + *minute * 60 + *second;
  taken_at.remove_prefix(kForm.size());
  if (taken_at.starts_with('.')) {
    taken_at.remove_prefix(1);
    const auto end = taken_at.find_first_not_of("0123456789");
    moment.fraction = taken_at.substr(0, end);
  }
  return moment;
}

bool differ(const Moment& a, const Moment& b) {
  const std::size_t digits = std::min(a.fraction.size(), b.fraction.size());
  return a.seconds != b.seconds ||
         a.fraction.compare(0, digits, b.fraction, 0, digits) != 0;
}

std::string camera_of(const PhotoMetadata& metadata) {
  // "NIKON CORPORATION" is "Nikon" elsewhere.
  std::string make = in_lower_case(metadata.camera_make);
  make.resize(std::min(make.find(' '), make.size()));
  std::string model = in_lower_case(metadata.camera_model);
  const bool names_make = make.empty() || model.starts_with(make + ' ');
  return names_make ? model : make + ' ' + model;
}

bool are_different_shots(const PictureInfo& a, const PictureInfo& b) {
  const auto moment = moment_of(a.taken_at);
  const auto other = moment_of(b.taken_at);
  if (!moment || !other || !differ(*moment, *other)) return false;
  const std::string camera = camera_of(a.metadata);
  return !camera.empty() && camera == camera_of(b.metadata);
}

}  // namespace vam
