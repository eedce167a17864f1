// Hashes of a thumbnail's windows, by sums over its cells.
//
// Cropping moves hash bits fast: after cutting off a tenth, a third of the bits
// are others. Looking for the hashes of nine windows of 0.9 x 0.9, too, finds
// crops of up to 15 % of a side with as few false candidates as whole pictures.
//
// Where parts do not end between cells, lengths are counted in fractions of a
// cell that make them whole numbers. Sums then are whole numbers below 2^24,
// which floats hold exactly: however a frame is turned, the sums are the same,
// and so its turned hashes follow from those of the upright one. Eight lines
// go side by side.
#include "analyze/frame_keys.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "for_each_cpu.hpp"

namespace vam {
namespace {

constexpr std::size_t kSide = Thumbnail::kSide;
constexpr std::size_t kLines = 8;  ///< of a hash
constexpr std::size_t kWindowsAcross = 3;

/// One number for each of eight lines.
using Lanes = float __attribute__((vector_size(kLines * sizeof(float))));
using Counts = std::int32_t __attribute__((vector_size(sizeof(Lanes))));

/// A part of a line of cells: how much of each it covers.
struct Part {
  static constexpr std::size_t kMostCells = 5;
  std::size_t first;
  std::array<float, kMostCells> shares;  ///< in units
};

/// Equal parts of a line from `begin` on; `unit` units are a cell.
template <std::size_t kParts>
constexpr std::array<Part, kParts> parts_of(int unit, int begin, int length) {
  std::array<Part, kParts> parts{};
  for (std::size_t n = 0; n < kParts; ++n) {
    const int from = begin + static_cast<int>(n) * length;
    const int to = from + length;
    int uncovered = length;
    Part& part = parts[n];
    part.first = std::min(static_cast<std::size_t>(from / unit),
                          kSide - Part::kMostCells);
    for (std::size_t cell = 0; cell < Part::kMostCells; ++cell) {
      const int cell_from = static_cast<int>(part.first + cell) * unit;
      const int covered =
          std::min(to, cell_from + unit) - std::max(from, cell_from);
      part.shares[cell] = static_cast<float>(std::max(covered, 0));
      uncovered -= std::max(covered, 0);
    }
    if (uncovered != 0) throw std::logic_error("too few cells");
  }
  return parts;
}

/// How a line is cut for hashes, which have 8 x 8 parts, and dHash 9 x 8.
struct Cuts {
  std::array<Part, 8> eighths;
  std::array<Part, 9> ninths;
};

constexpr Cuts kWhole{parts_of<8>(1, 0, 4), parts_of<9>(9, 0, 32)};

// Fifths of a cell. Windows are 0.9 of a side long and begin 0.05 apart.
constexpr int kFifths = 5;
constexpr int kWindowLength = 144;
constexpr int kWindowStep = 8;

constexpr Cuts window_cuts(int number) {
  const int begin = number * kWindowStep;
  return {parts_of<8>(kFifths, begin, kWindowLength / 8),
          parts_of<9>(kFifths, begin, kWindowLength / 9)};
}
constexpr std::array<Cuts, kWindowsAcross> kWindowCuts = {
    window_cuts(0), window_cuts(1), window_cuts(2)};

/// Of a part of a window, which is larger than those of a whole frame.
constexpr std::int32_t kMostSum =
    255 * (kWindowLength / 8) * (kWindowLength / 8);

using Cells = std::array<float, kSide * kSide>;

/// Eight rows of parts, by the column of cells.
using Rows = std::array<Lanes, kSide>;

VAM_INLINE void sum_rows(const Cells& cells, const std::array<Part, 8>& parts,
                         Rows& rows) {
  for (std::size_t n = 0; n < kLines; ++n) {
    const float* const line = cells.data() + parts[n].first * kSide;
    for (std::size_t x = 0; x < kSide; ++x) {
      float sum = 0;
      for (std::size_t cell = 0; cell < Part::kMostCells; ++cell) {
        sum += parts[n].shares[cell] * line[cell * kSide + x];
      }
      rows[x][n] = sum;
    }
  }
}

VAM_INLINE void sum_columns(const Rows& rows, const Part& part, Lanes& sums) {
  sums = Lanes{};
  for (std::size_t cell = 0; cell < Part::kMostCells; ++cell) {
    sums += part.shares[cell] * rows[part.first + cell];
  }
}

/// Eight bits of each row.
VAM_INLINE Hash packed(const Counts& rows) {
  Hash hash = 0;
  for (std::size_t y = 0; y < kLines; ++y) {
    hash = hash << 8U | static_cast<std::uint32_t>(rows[y]);
  }
  return hash;
}

VAM_INLINE Slopes slopes_of(const Rows& rows,
                            const std::array<Part, 9>& parts) {
  Counts rising{};
  Counts falling{};
  Lanes left;
  sum_columns(rows, parts[0], left);
  for (std::size_t n = 1; n < parts.size(); ++n) {
    Lanes right;
    sum_columns(rows, parts[n], right);
    rising += rising - (left < right);  // true is -1
    falling += falling - (left > right);
    left = right;
  }
  return {packed(rising), packed(falling)};
}

using Parts = std::array<Lanes, 8>;

VAM_INLINE Hash brighter_than(const Parts& parts, float limit) {
  Counts brighter{};
  for (const Lanes& column : parts) brighter += brighter - (column > limit);
  return packed(brighter);
}

VAM_INLINE float mean_of(const Parts& parts) {
  Lanes sums{};
  for (const Lanes& column : parts) sums += column;
  float sum = 0;
  for (std::size_t y = 0; y < kLines; ++y) sum += sums[y];
  return sum / 64;
}

/// The lower one of the two in the middle: no part lies between them.
VAM_INLINE float median_of(const Parts& parts) {
  std::int32_t below = -1;  // fewer than half of the parts reach up to here
  std::int32_t median = kMostSum;
  while (median - below > 1) {
    const std::int32_t middle = (below + median) / 2;
    const auto limit = static_cast<float>(middle);
    Counts counts{};
    for (const Lanes& column : parts) counts -= column <= limit;
    std::int32_t count = 0;
    for (std::size_t y = 0; y < kLines; ++y) count += counts[y];
    (count < 32 ? below : median) = middle;
  }
  return static_cast<float>(median);
}

VAM_INLINE void make_hashes(const Rows& rows, const Cuts& columns,
                            HashSet& hashes) {
  hashes[index_of(HashKind::dhash)] = slopes_of(rows, columns.ninths).rising;
  Parts parts;
  for (std::size_t x = 0; x < parts.size(); ++x) {
    sum_columns(rows, columns.eighths[x], parts[x]);
  }
  hashes[index_of(HashKind::ahash)] = brighter_than(parts, mean_of(parts));
  hashes[index_of(HashKind::whash)] = brighter_than(parts, median_of(parts));
}

VAM_FOR_EACH_CPU
void make_keys(const Cells& cells, const Cells& exchanged, FrameKeys& keys,
               WindowKeys& windows) {
  Rows rows;
  sum_rows(exchanged, kWhole.eighths, rows);
  keys.down = slopes_of(rows, kWhole.ninths);
  sum_rows(cells, kWhole.eighths, rows);
  keys.across = slopes_of(rows, kWhole.ninths);
  make_hashes(rows, kWhole, keys.upright);
  for (std::size_t y = 0; y < kWindowsAcross; ++y) {
    sum_rows(cells, kWindowCuts[y].eighths, rows);
    for (std::size_t x = 0; x < kWindowsAcross; ++x) {
      make_hashes(rows, kWindowCuts[x], windows[y * kWindowsAcross + x]);
    }
  }
}

/// Exchanges rows and columns of 8 x 8 bits (H. S. Warren, Hacker's Delight,
/// 2nd edition, section 7-3).
Hash transposed(Hash hash) {
  const auto swap = [&](int distance, Hash mask) {
    const Hash change = (hash >> distance ^ hash) & mask;
    hash ^= change ^ change << distance;
  };
  swap(7, 0x00AA00AA00AA00AA);
  swap(14, 0x0000CCCC0000CCCC);
  swap(28, 0x00000000F0F0F0F0);
  return hash;
}

/// Exchanges left and right.
Hash mirrored(Hash hash) {
  const auto swap = [&](int distance, Hash mask) {
    hash = (hash >> distance & mask) | (hash & mask) << distance;
  };
  swap(1, 0x5555555555555555);
  swap(2, 0x3333333333333333);
  swap(4, 0x0F0F0F0F0F0F0F0F);
  return hash;
}

/// Exchanges top and bottom.
Hash flipped(Hash hash) { return __builtin_bswap64(hash); }

}  // namespace

HashSet FrameKeys::turned(Orientation turn) const {
  const Slopes& slopes = swaps_sides(turn) ? down : across;
  HashSet hashes = upright;
  if (swaps_sides(turn)) {
    for (Hash& hash : hashes) hash = transposed(hash);
  }
  // What rises falls when seen from the other side.
  hashes[index_of(HashKind::dhash)] =
      mirrors(turn) ? slopes.falling : slopes.rising;
  for (Hash& hash : hashes) {
    if (mirrors(turn)) hash = mirrored(hash);
    if (flips(turn)) hash = flipped(hash);
  }
  return hashes;
}

Window window_of(std::size_t number) {
  constexpr float kSideLength = kFifths * kSide;
  constexpr float kStep = kWindowStep / kSideLength;
  constexpr float kSize = kWindowLength / kSideLength;
  const std::size_t row = number / kWindowsAcross;
  return {static_cast<float>(number % kWindowsAcross) * kStep,
          static_cast<float>(row) * kStep, kSize, kSize};
}

FramedKeys make_frame_keys(const Thumbnail& thumbnail, Frame frame) {
  Cells cells;
  Cells exchanged;  // rows and columns
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = 0; x < kSide; ++x) {
      const auto cell = static_cast<float>(thumbnail.luma[y * kSide + x]);
      cells[y * kSide + x] = cell;
      exchanged[x * kSide + y] = cell;
    }
  }
  FramedKeys framed{frame, {}, {}};
  make_keys(cells, exchanged, framed.keys, framed.windows);
  return framed;
}

std::vector<FramedKeys> make_frame_keys(const Sketch& sketch) {
  std::vector<FramedKeys> all;
  const auto add = [&](const Thumbnail& thumbnail, Frame frame) {
    if (has_structure(thumbnail)) {
      all.push_back(make_frame_keys(thumbnail, frame));
    }
  };
  add(sketch.whole, Frame::whole);
  if (sketch.content) add(*sketch.content, Frame::content);
  return all;
}

}  // namespace vam
