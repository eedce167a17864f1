#include "verify/pyramid.hpp"

#include "verify/lanes.hpp"

namespace vam {
namespace {

/// Means of 2 x 2 cells; exact, as long as the cells come from whole levels.
VAM_INLINE void halve(const float* in, int in_side, float* out) {
  for (int y = 0; y < in_side; y += 2) {
    for (int x = 0; x < in_side; x += 2 * kLanes) {
      const float* upper = in + line_at(y, in_side) + x;
      const float* lower = upper + in_side;
      std::array<Lanes, 2> sums;
#pragma GCC unroll 8
      for (std::size_t n = 0; n < sums.size(); ++n) {
        Lanes a;
        Lanes b;
        load(a, upper + n * kLanes);
        load(b, lower + n * kLanes);
        sums[n] = a + b;
      }
      const Lanes even =
          __builtin_shufflevector(sums[0], sums[1], 0, 2, 4, 6, 8, 10, 12, 14);
      const Lanes odd =
          __builtin_shufflevector(sums[0], sums[1], 1, 3, 5, 7, 9, 11, 13, 15);
      store(out, (even + odd) * 0.25F);
      out += kLanes;
    }
  }
}

VAM_INLINE void to_levels(const std::uint8_t* __restrict luma,
                          float* __restrict out) {
  for (std::size_t at = 0; at < kCellCount; ++at) out[at] = luma[at];
}

/// To levels, turned as turned() does.
VAM_INLINE void turn(const std::uint8_t* luma, Orientation transform,
                     Cells& out) {
  if (transform == kUpright) return to_levels(luma, out.data());
  alignas(32) Cells straight;
  to_levels(luma, straight.data());
  alignas(32) Cells swapped;
  if (swaps_sides(transform)) {
    transpose(kCells, swapped.data(),
              [&](int y, int x, Lanes& lanes) VAM_INLINED {
                load(lanes, straight.data() + line_at(y, kCells) + x);
              });
  }
  const Cells& from = swaps_sides(transform) ? swapped : straight;
  for (int y = 0; y < kCells; ++y) {
    const float* row =
        from.data() + line_at(flips(transform) ? kCells - 1 - y : y, kCells);
    float* to = out.data() + line_at(y, kCells);
    for (int x = 0; x < kCells; x += kLanes) {
      Lanes lanes;
      if (mirrors(transform)) {
        load(lanes, row + kCells - kLanes - x);
        lanes = __builtin_shufflevector(lanes, lanes, 7, 6, 5, 4, 3, 2, 1, 0);
      } else {
        load(lanes, row + x);
      }
      store(to + x, lanes);
    }
  }
}

VAM_FOR_EACH_CPU
void fill_pyramid(const std::uint8_t* luma, Orientation transform,
                  Pyramid& pyramid) {
  turn(luma, transform, pyramid.fine);
  halve(pyramid.fine.data(), 32, pyramid.middle.data());
  halve(pyramid.middle.data(), 16, pyramid.coarse.data());
}

}  // namespace

Pyramid::Pyramid(const Thumbnail& thumbnail, Orientation transform) {
  fill_pyramid(thumbnail.luma.data(), transform, *this);
}

}  // namespace vam
