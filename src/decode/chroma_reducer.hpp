// Reduces the colour of a picture to two small planes while its pixels arrive.
// The planes divide the picture into cells of equal size, whatever number of
// pixels it has: each is the mean of what lies in it, with its part of the
// pixels that reach over its edges. So the same cell shows the same place in
// every copy of a picture.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/ycc.hpp"
#include "vam/image.hpp"

namespace vam {

class ChromaReducer {
 public:
  /// The length of a picture in one direction, and of the samples that come,
  /// in pixels. The last sample may reach over the edge of the picture.
  struct Side {
    std::uint32_t picture = 1;
    std::uint32_t sample = 1;
  };

  /// Of a grey picture: has no planes.
  ChromaReducer() = default;
  ChromaReducer(Side width, Side height);

  /// What a reducer takes, and its result while it is turned upright, bytes.
  static std::uint64_t memory_needed();

  /// Adds chroma samples, which may come in any order, but every one only
  /// once. What lies outside the picture is ignored. Does not throw.
  void add(std::span<const std::uint8_t> blue,
           std::span<const std::uint8_t> red, Place place);

  Chroma finish() &&;

 private:
  static constexpr std::size_t kMaxCells = 32;  ///< in each direction

  /// One direction. All lengths are in units that divide both a sample and a
  /// cell: the picture has `cells` units per pixel.
  struct Axis {
    std::size_t cells = 0;
    std::uint64_t cell = 1;
    std::uint64_t sample = 1;

    Axis() = default;
    explicit Axis(Side side);
    std::uint64_t end() const { return cells * cell; }
  };
  using Row = std::array<std::uint64_t, kMaxCells>;

  void add_row(std::size_t y, std::uint64_t weight, const Row& blue,
               const Row& red);

  Axis x_;
  Axis y_;
  /// Of cells, row by row: samples times the area inside, in units. 64 bits
  /// are enough for any area that can be read in a lifetime.
  std::vector<std::uint64_t> blue_;
  std::vector<std::uint64_t> red_;
};

}  // namespace vam
