// Eight numbers at a time, and frames sampled by them.
//
// The loops here are compiled for several instruction sets, within functions
// that are VAM_FOR_EACH_CPU. Every sum is made of eight partial sums by the
// order of the source, so all give the same result. Rounds are short, so loops
// over all cells are unrolled.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "for_each_cpu.hpp"
#include "verify/pyramid.hpp"

namespace vam {

inline constexpr int kLanes = 8;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = std::int32_t __attribute__((vector_size(sizeof(Lanes))));

VAM_INLINE void load(Lanes& lanes, const float* from) {
  std::memcpy(&lanes, from, sizeof lanes);
}

VAM_INLINE void store(float* to, const Lanes& lanes) {
  std::memcpy(to, &lanes, sizeof lanes);
}

VAM_INLINE float total(const Lanes& lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

/// Where the cells of a line fall on another line, and which of them do.
struct Places {
  alignas(32) std::array<std::int32_t, kCells> index;
  alignas(32) std::array<float, kCells> fraction;
  alignas(32) std::array<float, kCells> inside;  ///< 1 or 0
};

VAM_INLINE void place(int side, float begin, float size, Places& places) {
  const auto cells = static_cast<float>(side);
  const float last = cells - 1.0F;
  Lanes middle = {0.5F, 1.5F, 2.5F, 3.5F, 4.5F, 5.5F, 6.5F, 7.5F};
  for (int i = 0; i < side; i += kLanes) {
    const Lanes at = (begin + size * middle / cells) * cells - 0.5F;
    middle += static_cast<float>(kLanes);
    // Half a cell of grace: the outermost cells still show most of theirs.
    const Lanes zero{};
    const Lanes one = zero + 1.0F;
    const Lanes inside = at < -0.5F ? zero : at > last + 0.5F ? zero : one;
    const Lanes clamped = at < 0.0F ? zero : at > last ? zero + last : at;
    Ints index = __builtin_convertvector(clamped, Ints);
    index = index > side - 2 ? Ints{} + (side - 2) : index;
    const auto n = static_cast<std::size_t>(i);
    std::memcpy(places.index.data() + n, &index, sizeof index);
    store(places.fraction.data() + n,
          clamped - __builtin_convertvector(index, Lanes));
    store(places.inside.data() + n, inside);
  }
}

/// Exchanges rows and columns of 8 x 8 cells.
VAM_INLINE void transpose8(std::array<Lanes, 8>& a) {
  std::array<Lanes, 8> b;
#pragma GCC unroll 8
  for (std::size_t n = 0; n < 8; n += 2) {
    b[n] = __builtin_shufflevector(a[n], a[n + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    b[n + 1] =
        __builtin_shufflevector(a[n], a[n + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  std::array<Lanes, 8> c;
#pragma GCC unroll 8
  for (std::size_t n = 0; n < 8; n += 4) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 2; ++i) {
      const Lanes& upper = b[n + i];
      const Lanes& lower = b[n + i + 2];
      c[n + 2 * i] =
          __builtin_shufflevector(upper, lower, 0, 1, 8, 9, 4, 5, 12, 13);
      c[n + 2 * i + 1] =
          __builtin_shufflevector(upper, lower, 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
#pragma GCC unroll 8
  for (std::size_t n = 0; n < 4; ++n) {
    a[n] = __builtin_shufflevector(c[n], c[n + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    a[n + 4] =
        __builtin_shufflevector(c[n], c[n + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// Calls line(y, x, lanes) for the cells of every 8 x 8 block of `in`, and
/// exchanges rows and columns of what that makes.
template <class Line>
VAM_INLINE void transpose(int side, float* out, const Line& line) {
  for (int y = 0; y < side; y += kLanes) {
    for (int x = 0; x < side; x += kLanes) {
      std::array<Lanes, 8> block;
#pragma GCC unroll 8
      for (int n = 0; n < kLanes; ++n) {
        line(y + n, x, block[static_cast<std::size_t>(n)]);
      }
      transpose8(block);
#pragma GCC unroll 8
      for (int n = 0; n < kLanes; ++n) {
        store(out + line_at(x + n, side) + y,
              block[static_cast<std::size_t>(n)]);
      }
    }
  }
}

/// Mixes the lines of `in` between which those of `out` fall, and exchanges
/// rows and columns.
VAM_INLINE void mix_lines(const float* in, int side, const Places& places,
                          float* out) {
  transpose(side, out, [&](int y, int x, Lanes& mixed) VAM_INLINED {
    const auto line = static_cast<std::size_t>(y);
    const float* upper = in + line_at(places.index[line], side) + x;
    Lanes a;
    Lanes b;
    load(a, upper);
    load(b, upper + side);
    mixed = a + places.fraction[line] * (b - a);
  });
}

/// What a frame shows in a window of it.
struct Sample {
  Places columns;
  Places rows;
  alignas(32) Cells cells;
};

/// Samples `side` x `side` cells of the window, bilinearly. Columns are mixed
/// as lines, for no instruction is good at mixing within one.
VAM_INLINE void take_sample(const float* cells, int side, const Window& window,
                            Sample& sample) {
  place(side, window.left, window.width, sample.columns);
  place(side, window.top, window.height, sample.rows);
  if (window == Window{}) {  // every cell falls on itself
    std::memcpy(sample.cells.data(), cells,
                sizeof(float) * static_cast<std::size_t>(side * side));
    return;
  }
  alignas(32) Cells turned;
  mix_lines(cells, side, sample.rows, turned.data());
  mix_lines(turned.data(), side, sample.columns, sample.cells.data());
}

/// Calls visit(offset of the first of 8 cells, their weights) for all cells.
template <class Visit>
VAM_INLINE void for_cells(int side, const Sample& sample, const Visit& visit) {
  for (int y = 0; y < side; ++y) {
    const float row = sample.rows.inside[static_cast<std::size_t>(y)];
    if (row == 0) continue;
#pragma GCC unroll 4
    for (int x = 0; x < side; x += kLanes) {
      Lanes weight;
      load(weight, sample.columns.inside.data() + x);
      visit(y * side + x, weight);
    }
  }
}

/// Solves a symmetric 3 x 3 system by Cramer's rule. False if it is singular.
inline bool solve(const std::array<float, 6>& m, const std::array<float, 3>& b,
                  std::array<float, 3>& x) {
  // m = (00, 01, 02, 11, 12, 22)
  const float c00 = m[3] * m[5] - m[4] * m[4];
  const float c01 = m[2] * m[4] - m[1] * m[5];
  const float c02 = m[1] * m[4] - m[2] * m[3];
  const float determinant = m[0] * c00 + m[1] * c01 + m[2] * c02;
  if (!(std::abs(determinant) > 1e-6F * m[0] * m[3] * m[5])) return false;
  const float c11 = m[0] * m[5] - m[2] * m[2];
  const float c12 = m[1] * m[2] - m[0] * m[4];
  const float c22 = m[0] * m[3] - m[1] * m[1];
  x = {(c00 * b[0] + c01 * b[1] + c02 * b[2]) / determinant,
       (c01 * b[0] + c11 * b[1] + c12 * b[2]) / determinant,
       (c02 * b[0] + c12 * b[1] + c22 * b[2]) / determinant};
  return true;
}

}  // namespace vam
