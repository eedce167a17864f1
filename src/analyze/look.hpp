// What the bytes of a file show: decoded, reduced to what is remembered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analyze/stopwatch.hpp"
#include "vam/decode.hpp"
#include "vam/fingerprint.hpp"

namespace vam {

/// What is made of a picture.
enum class LookFor : std::uint8_t { fingerprint, thumbnail };

struct Look {
  PictureInfo info;  ///< of a picture that cannot be decoded, the format
  Result<Fingerprint> fingerprint;
  std::optional<Sketch> sketch;  ///< of every picture with a fingerprint
  /// A JPEG, if that was looked for; fingerprint and sketch then say nothing
  /// but that the picture can be decoded.
  std::vector<std::byte> thumbnail = {};
};

/// Decodes a whole file and makes of it what is looked for. The clock is told
/// the steps.
Look look_at(std::span<const std::byte> file, const DecodeLimits& limits,
             StepClock& clock, LookFor look_for = LookFor::fingerprint);

}  // namespace vam
