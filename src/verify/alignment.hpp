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

/// Where an alignment begins, and what approach() tells align() of that.
struct Guess {
  Window window;
  /// Of the cells there, when it was looked at last; 1: it never was.
  float correlation = 1;
};

/// Moves and scales a window until `second` in it looks most like `first`
/// there, as far as that can be told on coarse versions of both. Keeps the
/// shape of the guess, where it begins. False if they look alike nowhere within
/// the range in which pictures count as crops.
bool approach(const Pyramid& first, Layer& second, Guess& guess,
              Window& window);

/// The same on the cells themselves, from the window where the approach ended,
/// or from the guess. If they look alike there, `seen` is what the first shows
/// in the window.
bool align(const Pyramid& first, Layer& second, Effort effort, Guess& guess,
           Window& window, Sample& seen);

}  // namespace vam
