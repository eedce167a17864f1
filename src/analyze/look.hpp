// What the bytes of a file show: decoded, reduced to what is remembered.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "analyze/stopwatch.hpp"
#include "vam/decode.hpp"
#include "vam/fingerprint.hpp"

namespace vam {

struct Look {
  PictureInfo info;  ///< of a picture that cannot be decoded, the format
  Result<Fingerprint> fingerprint;
  std::optional<Sketch> sketch;  ///< of every picture with a fingerprint
};

/// Decodes a whole file and takes its fingerprint. The clock is told the steps.
Look look_at(std::span<const std::byte> file, const DecodeLimits& limits,
             StepClock& clock);

}  // namespace vam
