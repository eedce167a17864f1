// Lays one frame over another: where.
#pragma once

#include "verify/lanes.hpp"
#include "verify/pyramid.hpp"

namespace vam {

/// Moves and scales the window until `second` in it looks most like `first`
/// there. Keeps the window's shape. False if they look alike nowhere within the
/// range in which pictures count as crops; else `seen` is what the first shows
/// in the window.
bool align(const Pyramid& first, Layer& second, Effort effort, Window& window,
           Sample& seen);

}  // namespace vam
