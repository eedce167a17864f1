// Thumbnails ready to be laid over each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "vam/fingerprint.hpp"
#include "vam/verify.hpp"

namespace vam {

inline constexpr int kCells = Thumbnail::kSide;
inline constexpr std::size_t kCellCount = std::size_t{kCells} * kCells;

/// Where a line of a square of cells begins.
constexpr std::ptrdiff_t line_at(int line, int side) {
  return std::ptrdiff_t{line} * side;
}

/// Luma in levels, rows from the top.
using Cells = std::array<float, kCellCount>;

/// A frame ready to be compared: turned, with coarser versions of itself.
struct Pyramid {
  Pyramid(const Thumbnail& thumbnail, Orientation transform);

  alignas(32) Cells fine;                     ///< 32 x 32
  alignas(32) std::array<float, 256> middle;  ///< 16 x 16
  alignas(32) std::array<float, 64> coarse;   ///< 8 x 8
};

/// A frame to be laid over others, and what is the same wherever it lies: made
/// when it is first needed, kept for the next pose.
struct Layer {
  /// How the cells of one level change when the frame is scaled about its
  /// centre, moved to the right, moved down; in levels per side of the frame.
  template <std::size_t kSize>
  struct Slopes {
    alignas(32) std::array<std::array<float, kSize>, 3> of;
    bool are_known = false;
    /// Of each two, summed over the cells of these columns and rows, 1 or 0.
    std::array<float, 6> products;
    std::array<float, kCells> columns{};
    std::array<float, kCells> rows{};
  };

  Layer(const Thumbnail& thumbnail, Orientation transform)
      : cells(thumbnail, transform) {}

  Pyramid cells;
  Slopes<1024> fine;
  Slopes<256> middle;
  Slopes<64> coarse;
  alignas(32) Cells structure;
  bool has_structure = false;
};

/// What is wanted of a pose: only whether and how well the frames match, so
/// that it is given up where they will not, or how they compare in any case.
enum class Effort : bool { verdict, fit };

/// What a thumbnail's luma or chroma plane of side x side cells looks like when
/// its picture is turned. `Plane` is one of Thumbnail's arrays.
template <class Plane>
Plane turned(const Plane& plane, int side, Orientation transform) {
  const bool mirror = mirrors(transform);
  const bool flip = flips(transform);
  Plane result;
  for (int y = 0; y < side; ++y) {
    const int from_y = flip ? side - 1 - y : y;
    for (int x = 0; x < side; ++x) {
      const int from_x = mirror ? side - 1 - x : x;
      const std::ptrdiff_t from = swaps_sides(transform)
                                      ? line_at(from_x, side) + from_y
                                      : line_at(from_y, side) + from_x;
      result[static_cast<std::size_t>(line_at(y, side) + x)] =
          plane[static_cast<std::size_t>(from)];
    }
  }
  return result;
}

}  // namespace vam
