// Content digests, and what files say of their shot.
#include "vam/photo.hpp"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <new>

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

Digest canonical(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  Digest digest;
  static_assert(sizeof canonical.digest == sizeof digest.bytes);
  std::memcpy(digest.bytes.data(), canonical.digest, digest.bytes.size());
  return digest;
}

}  // namespace

Digest digest_of(std::span<const std::byte> bytes) {
  return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

struct DigestStream::State {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> xxh3{
      XXH3_createState(), XXH3_freeState};
};

DigestStream::DigestStream() : state_(std::make_unique<State>()) {
  if (!state_->xxh3) throw std::bad_alloc();
  XXH3_128bits_reset(state_->xxh3.get());
}

DigestStream::~DigestStream() = default;

void DigestStream::add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_->xxh3.get(), bytes.data(), bytes.size());
}

Digest DigestStream::digest() const {
  return canonical(XXH3_128bits_digest(state_->xxh3.get()));
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

std::optional<Digest> digest_from_hex(std::string_view hex) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  Digest digest;
  if (hex.size() != 2 * digest.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const std::size_t high = kDigits.find(hex[2 * i]);
    const std::size_t low = kDigits.find(hex[2 * i + 1]);
    if (high == kDigits.npos || low == kDigits.npos) return std::nullopt;
    digest.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

std::string format_time(std::int64_t ns_since_1970) {
  // Splitting off the second first keeps the least value from overflowing.
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t fraction = ns_since_1970 % kSecond;
  std::chrono::sys_seconds second{
      std::chrono::seconds(ns_since_1970 / kSecond)};
  if (fraction < 0) {
    fraction += kSecond;
    second -= std::chrono::seconds(1);
  }
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  // 64 bits of nanoseconds reach from 1677 to 2262.
  char text[64];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(fraction));
  return text;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto moment = moment_of(text);
  constexpr std::size_t kFraction = 20;  // where it begins
  constexpr std::size_t kDigits = 9;
  const auto fraction = number_at(text, kFraction, kDigits);
  if (!moment || !fraction) return std::nullopt;
  // Before 1970 the fraction brings back into range what the second leaves.
  const std::int64_t second = moment->seconds + (moment->seconds < 0 ? 1 : 0);
  std::int64_t ns = *fraction;
  if (moment->seconds < 0) ns -= 1'000'000'000;
  std::int64_t whole = 0;
  if (__builtin_mul_overflow(second, std::int64_t{1'000'000'000}, &whole) ||
      __builtin_add_overflow(whole, ns, &ns) || format_time(ns) != text) {
    return std::nullopt;
  }
  return ns;
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
      (std::int64_t{*hour} * 60 + *minute) * 60 + *second;
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
