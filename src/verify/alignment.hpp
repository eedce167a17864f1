// Lays one frame over another: where.
#pragma once

#include <cmath>

#include "verify/lanes.hpp"
#include "verify/pyramid.hpp"

namespace vam {

/// Whether no side of one is further from that of the other.
inline bool are_near(const Window& a, const Window& b, float distance) {
  const auto is_near = [&](float x, float y) {
    return std::abs(x - y) <= distance;
  };
  return is_near(a.left, b.left) && is_near(a.top, b.top) &&
         is_near(a.left + a.width, b.left + b.width) &&
         is_near(a.top + a.height, b.top + b.height);
}

/// Moves and scales the window until `second` in it looks most like `first`
/// there. Keeps the window's shape. False if they look alike nowhere within the
/// range in which pictures count as crops; else `seen` is what the first shows
/// in the window.
bool align(const Pyramid& first, Layer& second, Effort effort, Window& window,
           Sample& seen);

}  // namespace vam
