// Compares two frames that lie over each other: how well.
#pragma once

#include <array>
#include <cstdint>

#include "verify/lanes.hpp"
#include "verify/pyramid.hpp"

namespace vam {

/// `seen`: what another frame shows where `second` lies. The confidence is 0 if
/// this is given up.
Fit compare(const Sample& seen, Layer& second, Effort effort);
Fit compare(const Pyramid& first, Layer& second, const Window& window,
            Effort effort);

/// Rms difference of a chroma plane of `second`, laid over `first`, levels.
float colour_distance(const std::array<std::uint8_t, 64>& first,
                      const std::array<std::uint8_t, 64>& second,
                      const Window& window);

}  // namespace vam
