// Image alignment and comparison on 32 x 32 cells.
//
// Alignment is the inverse compositional variant of Lucas and Kanade's method
// (S. Baker, I. Matthews, "Lucas-Kanade 20 Years On", IJCV 56(3), 2004), from
// coarse to fine, for a window that moves and scales but keeps its shape.
// Brightness and contrast are made equal in every step.
//
// Comparison maps the tones of one picture to the other's by a parabola, which
// covers gain, offset and gamma, fitted by least squares to the best 88 % of
// the cells, so that a stamp or a retouch does not count. What remains after a
// blur is taken off both, their fine structure, is correlated: strangers share
// the bright sky above dark ground, hardly ever the structure. Noise is added
// to the energies, but not to the product, so that pictures without structure
// never reach the confidence that a match needs.
#include "verify/alignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "for_each_cpu.hpp"

// The inner loops are compiled for several instruction sets. Every sum is made
// of eight partial sums by the order of the source, so all give the same
// result.
#define VAM_INLINE __attribute__((always_inline)) inline

namespace vam {
namespace {

constexpr int kLanes = 8;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));

/// Crops of up to 12 % a side leave 0.76 of a side; a little more is tried.
constexpr float kMinScale = 0.70F;

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

VAM_INLINE void halve(const float* in, int in_side, float* out) {
  for (int y = 0; y < in_side; y += 2) {
    const float* upper = in + y * in_side;
    const float* lower = upper + in_side;
    for (int x = 0; x < in_side; x += 2) {
      *out++ = (upper[x] + upper[x + 1] + lower[x] + lower[x + 1]) * 0.25F;
    }
  }
}

/// Where the cells of a line fall on another line, and which of them do.
struct Places {
  std::array<int, kCells> index;
  std::array<float, kCells> fraction;
  alignas(32) std::array<float, kCells> inside;  ///< 1 or 0
};

VAM_INLINE void place(int side, float begin, float size, Places& places) {
  const auto cells = static_cast<float>(side);
  for (int i = 0; i < side; ++i) {
    const float at =
        (begin + size * (static_cast<float>(i) + 0.5F) / cells) * cells - 0.5F;
    const float last = cells - 1.0F;
    const auto n = static_cast<std::size_t>(i);
    // Half a cell of grace: the outermost cells still show most of theirs.
    places.inside[n] = at >= -0.5F && at <= last + 0.5F ? 1.0F : 0.0F;
    const float clamped = std::clamp(at, 0.0F, last);
    places.index[n] = std::min(static_cast<int>(clamped), side - 2);
    places.fraction[n] = clamped - static_cast<float>(places.index[n]);
  }
}

/// Exchanges rows and columns of 8 x 8 cells, of lines `side` apart.
VAM_INLINE void transpose8(const float* in, int side, float* out) {
  std::array<Lanes, 8> a;
  std::array<Lanes, 8> b;
  for (std::size_t n = 0; n < 8; ++n) {
    load(a[n], in + static_cast<int>(n) * side);
  }
  for (std::size_t n = 0; n < 8; n += 2) {
    b[n] = __builtin_shufflevector(a[n], a[n + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    b[n + 1] =
        __builtin_shufflevector(a[n], a[n + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (std::size_t n = 0; n < 8; n += 4) {
    for (std::size_t i = 0; i < 2; ++i) {
      const Lanes& upper = b[n + i];
      const Lanes& lower = b[n + i + 2];
      a[n + 2 * i] =
          __builtin_shufflevector(upper, lower, 0, 1, 8, 9, 4, 5, 12, 13);
      a[n + 2 * i + 1] =
          __builtin_shufflevector(upper, lower, 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (std::size_t n = 0; n < 4; ++n) {
    const auto line = static_cast<int>(n);
    store(out + line * side,
          __builtin_shufflevector(a[n], a[n + 4], 0, 1, 2, 3, 8, 9, 10, 11));
    store(out + (line + 4) * side,
          __builtin_shufflevector(a[n], a[n + 4], 4, 5, 6, 7, 12, 13, 14, 15));
  }
}

VAM_INLINE void transpose(const float* in, int side, float* out) {
  for (int y = 0; y < side; y += 8) {
    for (int x = 0; x < side; x += 8) {
      transpose8(in + y * side + x, side, out + x * side + y);
    }
  }
}

/// Mixes the lines of `in` between which those of `out` fall.
VAM_INLINE void mix_lines(const float* in, int side, const Places& places,
                          float* out) {
  for (int y = 0; y < side; ++y) {
    const auto line = static_cast<std::size_t>(y);
    const float* upper = in + places.index[line] * side;
    const float* lower = upper + side;
    const float part = places.fraction[line];
    for (int x = 0; x < side; x += kLanes) {
      Lanes a;
      Lanes b;
      load(a, upper + x);
      load(b, lower + x);
      const Lanes mixed = a + part * (b - a);
      store(out + y * side + x, mixed);
    }
  }
}

/// Samples `side` x `side` cells of the window, bilinearly. Columns are mixed
/// as lines, for no instruction is good at mixing within one.
VAM_INLINE void sample(const float* cells, int side, const Window& window,
                       Places& columns, Places& rows, float* out) {
  place(side, window.left, window.width, columns);
  place(side, window.top, window.height, rows);
  alignas(32) Cells mixed;
  alignas(32) Cells turned;
  mix_lines(cells, side, rows, mixed.data());
  transpose(mixed.data(), side, turned.data());
  mix_lines(turned.data(), side, columns, mixed.data());
  transpose(mixed.data(), side, out);
}

/// Solves a symmetric 3 x 3 system by Cramer's rule. False if it is singular.
bool solve(const std::array<float, 6>& m, const std::array<float, 3>& b,
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

bool is_in_range(const Window& window) {
  const float larger = std::max(window.width, window.height);
  const float smaller = std::min(window.width, window.height);
  return smaller >= kMinScale && larger <= 1 / kMinScale &&
         std::abs(window.left + window.width / 2 - 0.5F) < 0.35F &&
         std::abs(window.top + window.height / 2 - 0.5F) < 0.35F;
}

template <std::size_t kSize>
VAM_INLINE void find_slopes(const float* cells, int side,
                            Layer::Slopes<kSize>& slopes) {
  if (slopes.are_known) return;
  slopes.are_known = true;
  const auto scale = static_cast<float>(side);
  for (int y = 0; y < side; ++y) {
    const float* row = cells + y * side;
    const float* above = y > 0 ? row - side : row;
    const float* below = y < side - 1 ? row + side : row;
    const float v = (static_cast<float>(y) + 0.5F) / scale - 0.5F;
    const float rise = y > 0 && y < side - 1 ? scale / 2 : scale;
    for (int x = 0; x < side; ++x) {
      const float u = (static_cast<float>(x) + 0.5F) / scale - 0.5F;
      const int left = std::max(x - 1, 0);
      const int right = std::min(x + 1, side - 1);
      const float run = scale / static_cast<float>(right - left);
      const float dx = (row[right] - row[left]) * run;
      const float dy = (below[x] - above[x]) * rise;
      const auto cell = static_cast<std::size_t>(y * side + x);
      slopes.of[0][cell] = dx * u + dy * v;
      slopes.of[1][cell] = dx;
      slopes.of[2][cell] = dy;
    }
  }
}

/// Calls visit(offset of the first of 8 cells, their weights) for all cells.
template <class Visit>
VAM_INLINE void for_cells(int side, const Places& columns, const Places& rows,
                          const Visit& visit) {
  for (int y = 0; y < side; ++y) {
    const float row = rows.inside[static_cast<std::size_t>(y)];
    if (row == 0) continue;
    for (int x = 0; x < side; x += kLanes) {
      Lanes weight;
      load(weight, columns.inside.data() + x);
      visit(y * side + x, weight);
    }
  }
}

/// How the first looks in a window, and how well the second fits there.
struct Placed {
  Window window;
  float correlation = -1;  ///< of the cells; -1 if they say nothing
  float gain;              ///< that makes the first as bright as the second
  float offset;
  Places columns;
  Places rows;
  alignas(32) Cells seen;
};

VAM_INLINE void lay_over(const float* first, const float* second, int side,
                         const Window& window, Placed& placed) {
  placed.window = window;
  placed.correlation = -1;
  if (!is_in_range(window)) return;
  sample(first, side, window, placed.columns, placed.rows, placed.seen.data());

  Lanes count{};
  Lanes a_sum{};
  Lanes b_sum{};
  Lanes aa_sum{};
  Lanes ab_sum{};
  Lanes bb_sum{};
  for_cells(side, placed.columns, placed.rows,
            [&](int at, const Lanes& weight) {
              Lanes a;
              Lanes b;
              load(a, placed.seen.data() + at);
              load(b, second + at);
              count += weight;
              a_sum += weight * a;
              b_sum += weight * b;
              aa_sum += weight * a * a;
              ab_sum += weight * a * b;
              bb_sum += weight * b * b;
            });
  const float cells = total(count);
  if (cells * 4 < static_cast<float>(side * side)) return;
  const float a_mean = total(a_sum) / cells;
  const float b_mean = total(b_sum) / cells;
  const float a_variance = total(aa_sum) / cells - a_mean * a_mean;
  const float b_variance = total(bb_sum) / cells - b_mean * b_mean;
  if (!(a_variance > 0.25F) || !(b_variance > 0.25F)) return;
  placed.correlation = (total(ab_sum) / cells - a_mean * b_mean) /
                       std::sqrt(a_variance * b_variance);
  placed.gain = std::sqrt(b_variance / a_variance);
  placed.offset = b_mean - placed.gain * a_mean;
}

constexpr Window kNowhere = {0, 0, 0, 0};

/// Where the next step leads; out of range if the method fails.
template <std::size_t kSize>
VAM_INLINE Window next_window(const Placed& placed, const float* second,
                              int side, const Layer::Slopes<kSize>& slopes) {
  std::array<Lanes, 6> products{};
  std::array<Lanes, 3> errors{};
  for_cells(
      side, placed.columns, placed.rows, [&](int at, const Lanes& weight) {
        Lanes a;
        Lanes b;
        Lanes s0;
        Lanes s1;
        Lanes s2;
        load(a, placed.seen.data() + at);
        load(b, second + at);
        load(s0, slopes.of[0].data() + at);
        load(s1, slopes.of[1].data() + at);
        load(s2, slopes.of[2].data() + at);
        const Lanes error = weight * (placed.gain * a + placed.offset - b);
        errors[0] += error * s0;
        errors[1] += error * s1;
        errors[2] += error * s2;
        products[0] += weight * s0 * s0;
        products[1] += weight * s0 * s1;
        products[2] += weight * s0 * s2;
        products[3] += weight * s1 * s1;
        products[4] += weight * s1 * s2;
        products[5] += weight * s2 * s2;
      });
  std::array<float, 6> m;
  std::array<float, 3> b;
  std::array<float, 3> move;
  std::transform(products.begin(), products.end(), m.begin(),
                 [](const Lanes& sum) { return total(sum); });
  std::transform(errors.begin(), errors.end(), b.begin(),
                 [](const Lanes& sum) { return total(sum); });
  // Damping (Levenberg): directions without structure do not run away.
  for (const std::size_t diagonal : {0U, 3U, 5U}) {
    m[diagonal] += 0.001F * m[diagonal] + 1.0F;
  }
  if (!solve(m, b, move)) return kNowhere;

  // The second was moved by u -> u + scale * (u - 1/2) + shift; the window is
  // moved by the inverse of that.
  const float scale = std::clamp(move[0], -0.12F, 0.12F);
  const float right = std::clamp(move[1], -0.1F, 0.1F);
  const float down = std::clamp(move[2], -0.1F, 0.1F);
  const Window& window = placed.window;
  return {window.left + window.width * (scale / 2 - right) / (1 + scale),
          window.top + window.height * (scale / 2 - down) / (1 + scale),
          window.width / (1 + scale), window.height / (1 + scale)};
}

/// The best window on the way from the first guess.
struct Found {
  Window window;
  float correlation = -1;
};

/// Looks on from where the coarser level ended; but where that level was misled
/// by a fine pattern, the first guess fits better on this one.
template <std::size_t kSize>
VAM_INLINE Found refine(const float* first, const float* second, int side,
                        Layer::Slopes<kSize>& slopes, const Window& guess,
                        const Window& coarser, int steps) {
  Placed at_guess;
  Placed at_coarser;
  Placed* placed = &at_guess;
  lay_over(first, second, side, guess, at_guess);
  if (coarser != guess) {
    lay_over(first, second, side, coarser, at_coarser);
    if (at_coarser.correlation > at_guess.correlation) placed = &at_coarser;
  }
  Found found{placed->window, placed->correlation};
  find_slopes(second, side, slopes);
  for (int n = 0; n < steps && placed->correlation > -1; ++n) {
    const Window next = next_window(*placed, second, side, slopes);
    lay_over(first, second, side, next, *placed);
    if (placed->correlation > found.correlation) {
      found = {next, placed->correlation};
    }
  }
  return found;
}

/// What noise is taken to add to structure, levels: JPEGs of quality 30 and
/// rounding move single cells by 0.7, of which so much is left.
constexpr float kNoise = 0.25F;
/// The worst cells, which the fit leaves out: a stamp, a date, a retouch.
constexpr float kIgnoredShare = 0.12F;
constexpr float kOutlierShare = 0.004F;

/// Rounded corners come with some formats and programs.
constexpr bool is_corner(std::size_t cell) {
  constexpr std::size_t kSize = 2;
  const std::size_t x = cell % kCells;
  const std::size_t y = cell / kCells;
  return (x < kSize || x >= kCells - kSize) &&
         (y < kSize || y >= kCells - kSize);
}

constexpr std::array<std::size_t, 16> corner_cells() {
  std::array<std::size_t, 16> cells{};
  std::size_t count = 0;
  for (std::size_t cell = 0; cell < kCellCount; ++cell) {
    if (is_corner(cell)) cells[count++] = cell;
  }
  return cells;
}

/// Differences of cells in eighths of a level, to be ranked.
class Ranking {
 public:
  /// Of the cells that are valid and no corners.
  VAM_INLINE Ranking(const Cells& differences, const Cells& valid) {
    using Ints = std::int32_t __attribute__((vector_size(sizeof(Lanes))));
    using Shorts = std::int16_t __attribute__((vector_size(sizeof(Lanes) / 2)));
    Lanes largest{};
    for (std::size_t at = 0; at < kCellCount; at += kLanes) {
      Lanes difference;
      Lanes weight;
      load(difference, differences.data() + at);
      load(weight, valid.data() + at);
      Lanes step = difference * kPerLevel;
      step = step < kMost ? step : Lanes{} + kMost;
      largest = largest < step ? step : largest;
      // Those that do not count are less than any.
      const Ints counted = weight != 0.0F;
      const auto steps = __builtin_convertvector(
          __builtin_convertvector(step, Ints) | ~counted, Shorts);
      std::memcpy(steps_.data() + at, &steps, sizeof steps);
    }
    static constexpr auto kCorners = corner_cells();
    for (const std::size_t corner : kCorners) steps_[corner] = -1;
    for (int lane = 0; lane < kLanes; ++lane) {
      largest_ = std::max(largest_, static_cast<int>(largest[lane]));
    }
  }

  /// The smallest difference that at most `allowed` cells exceed.
  VAM_INLINE float exceeded_by(int allowed) const {
    int low = 0;
    int high = largest_;
    while (low < high) {
      const int middle = (low + high + 1) / 2;
      if (count_from(middle) > allowed) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return static_cast<float>(low + 1) / kPerLevel;
  }

 private:
  static constexpr float kPerLevel = 8;
  static constexpr float kMost = 1023;
  static constexpr int kCounters = 16;
  using Counters = std::int16_t __attribute__((vector_size(2 * kCounters)));

  /// How many are at least so large.
  VAM_INLINE int count_from(int step) const {
    const Counters least = Counters{} + static_cast<std::int16_t>(step);
    Counters counts{};
    for (std::size_t at = 0; at < kCellCount; at += kCounters) {
      Counters steps;
      std::memcpy(&steps, steps_.data() + at, sizeof steps);
      counts -= steps >= least;
    }
    int count = 0;
    for (int lane = 0; lane < kCounters; ++lane) count += counts[lane];
    return count;
  }

  alignas(32) std::array<std::int16_t, kCellCount> steps_;
  int largest_ = 0;
};

/// A parabola over tones of -1..1, which leads to levels.
struct ToneCurve {
  float c0;
  float c1;
  float c2;
};

VAM_INLINE void to_tone(Lanes& tone) { tone = tone * (1 / 128.0F) - 1.0F; }

/// Least squares over weighted cells; the square term is held back a little,
/// for it is rarely needed and follows outliers.
VAM_INLINE ToneCurve fit_curve(const float* first, const float* second,
                               const float* weights) {
  std::array<Lanes, 5> powers{};
  std::array<Lanes, 3> products{};
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes x;
    Lanes y;
    Lanes term;
    load(x, first + at);
    load(y, second + at);
    load(term, weights + at);
    to_tone(x);
    for (std::size_t n = 0; n < powers.size(); ++n) {
      powers[n] += term;
      if (n < products.size()) products[n] += term * y;
      term *= x;
    }
  }
  std::array<float, 5> p;
  for (std::size_t n = 0; n < p.size(); ++n) p[n] = total(powers[n]);
  const float held = 0.02F * p[0];
  std::array<float, 3> c;
  if (!solve({p[0], p[1], p[2], p[2], p[3], p[4] + held},
             {total(products[0]), total(products[1]), total(products[2])}, c)) {
    return {p[0] > 0 ? total(products[0]) / p[0] : 0, 0, 0};
  }
  return {c[0], c[1], c[2]};
}

VAM_INLINE void apply_curve(const ToneCurve& curve, const float* in,
                            float* out) {
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes x;
    load(x, in + at);
    to_tone(x);
    const Lanes y = curve.c0 + x * (curve.c1 + x * curve.c2);
    store(out + at, y);
  }
}

constexpr std::array kBlur3 = {0.25F, 0.5F, 0.25F};
constexpr std::array kBlur5 = {0.0625F, 0.25F, 0.375F, 0.25F, 0.0625F};

/// Convolves rows and columns; the edges are repeated beyond the edges.
template <std::size_t kTaps>
VAM_INLINE void blur(const float* cells, const std::array<float, kTaps>& kernel,
                     float* out) {
  constexpr std::size_t kSide = kCells;
  constexpr std::size_t kEdge = kTaps / 2;
  alignas(32) std::array<float, (kSide + 2 * kEdge) * kSide> rows;
  std::array<float, kSide + 2 * kEdge> line;
  for (std::size_t y = 0; y < kSide; ++y) {
    const float* in = cells + y * kSide;
    std::copy_n(in, kSide, line.begin() + kEdge);
    std::fill_n(line.begin(), kEdge, in[0]);
    std::fill_n(line.end() - kEdge, kEdge, in[kSide - 1]);
    float* row = rows.data() + (y + kEdge) * kSide;
    for (std::size_t x = 0; x < kSide; ++x) {
      float sum = 0;
      for (std::size_t n = 0; n < kTaps; ++n) sum += kernel[n] * line[x + n];
      row[x] = sum;
    }
  }
  for (std::size_t y = 0; y < kEdge; ++y) {
    std::copy_n(rows.data() + kEdge * kSide, kSide, rows.data() + y * kSide);
    std::copy_n(rows.data() + (kSide + kEdge - 1) * kSide, kSide,
                rows.data() + (kSide + kEdge + y) * kSide);
  }
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes sum{};
    for (std::size_t n = 0; n < kTaps; ++n) {
      Lanes row;
      load(row, rows.data() + at + n * kSide);
      sum += kernel[n] * row;
    }
    store(out + at, sum);
  }
}

/// What a blur leaves and a wider one takes away: structure of two to four
/// cells. Finer one suffers from sampling, and differs between good copies.
VAM_INLINE void find_structure(const float* cells, float* out) {
  alignas(32) Cells fine;
  alignas(32) Cells wide;
  blur(cells, kBlur3, fine.data());
  blur(fine.data(), kBlur5, wide.data());
  for (std::size_t at = 0; at < kCellCount; ++at) out[at] = fine[at] - wide[at];
}

/// Strangers end here: even on the middle level, copies agree better.
constexpr float kHopeless = 0.6F;

VAM_FOR_EACH_CPU
bool align_at_all_levels(const Pyramid& first, Layer& second, Window& window) {
  const Window guess = window;
  const Pyramid& cells = second.cells;
  Found found = refine(first.coarse.data(), cells.coarse.data(), 8,
                       second.coarse, guess, guess, 4);
  found = refine(first.middle.data(), cells.middle.data(), 16, second.middle,
                 guess, found.correlation > 0 ? found.window : guess, 3);
  if (found.correlation < kHopeless) return false;
  found = refine(first.fine.data(), cells.fine.data(), 32, second.fine, guess,
                 found.window, 3);
  window = found.window;
  return found.correlation >= kHopeless;
}

VAM_FOR_EACH_CPU
Fit compare_cells(const float* first, Layer& layer, const Window& window) {
  const float* const second = layer.cells.fine.data();
  Places columns;
  Places rows;
  alignas(32) Cells seen;
  sample(first, kCells, window, columns, rows, seen.data());
  alignas(32) Cells valid{};
  float count = 0;
  for_cells(kCells, columns, rows, [&](int at, const Lanes& weight) {
    store(valid.data() + at, weight);
    count += total(weight);
  });
  Fit fit;
  fit.overlap = count / static_cast<float>(kCellCount);
  if (fit.overlap < 0.25F) return fit;

  alignas(32) Cells weights = valid;
  alignas(32) Cells mapped;
  ToneCurve curve = fit_curve(seen.data(), second, weights.data());
  for (int pass = 0; pass < 3; ++pass) {
    apply_curve(curve, seen.data(), mapped.data());
    alignas(32) Cells differences;
    for (std::size_t at = 0; at < kCellCount; ++at) {
      differences[at] = std::abs(mapped[at] - second[at]);
    }
    const Ranking ranking(differences, valid);
    const float limit = std::max(
        1.0F, ranking.exceeded_by(static_cast<int>(count * kIgnoredShare)));
    for (std::size_t at = 0; at < kCellCount; ++at) {
      weights[at] = differences[at] <= limit ? valid[at] : 0.0F;
    }
    if (pass < 2) {
      curve = fit_curve(seen.data(), second, weights.data());
    } else {
      fit.outlier =
          ranking.exceeded_by(static_cast<int>(count * kOutlierShare));
    }
  }
  fit.gain = curve.c1 / 128;

  alignas(32) Cells a_structure;
  find_structure(mapped.data(), a_structure.data());
  if (!layer.has_structure) find_structure(second, layer.structure.data());
  layer.has_structure = true;
  Lanes kept{};
  Lanes shift{};
  Lanes ab_sum{};
  Lanes aa_sum{};
  Lanes bb_sum{};
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes weight;
    Lanes a;
    Lanes b;
    Lanes from;
    Lanes to;
    load(weight, weights.data() + at);
    load(a, a_structure.data() + at);
    load(b, layer.structure.data() + at);
    load(from, seen.data() + at);
    load(to, mapped.data() + at);
    kept += weight;
    shift += weight * (to - from) * (to - from);
    ab_sum += weight * a * b;
    aa_sum += weight * a * a;
    bb_sum += weight * b * b;
  }
  const float cells = std::max(1.0F, total(kept));
  const float ab = total(ab_sum);
  const float aa = total(aa_sum);
  const float bb = total(bb_sum);
  const float a_noise = cells * kNoise * kNoise * fit.gain * fit.gain;
  const float b_noise = cells * kNoise * kNoise;
  fit.tone_shift = std::sqrt(total(shift) / cells);
  fit.structure = std::sqrt(bb / cells);
  fit.similarity = aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
  fit.confidence = ab / std::sqrt((aa + a_noise) * (bb + b_noise));
  return fit;
}

}  // namespace

Pyramid make_pyramid(const Thumbnail& thumbnail, Orientation transform) {
  Pyramid pyramid;
  if (transform == kUpright) {
    std::ranges::copy(thumbnail.luma, pyramid.fine.begin());
  } else {
    std::ranges::copy(turned(thumbnail.luma, kCells, transform),
                      pyramid.fine.begin());
  }
  halve(pyramid.fine.data(), 32, pyramid.middle.data());
  halve(pyramid.middle.data(), 16, pyramid.coarse.data());
  return pyramid;
}

bool align(const Pyramid& first, Layer& second, Window& window) {
  return is_in_range(window) && align_at_all_levels(first, second, window);
}

Fit compare(const Pyramid& first, Layer& second, const Window& window) {
  return compare_cells(first.fine.data(), second, window);
}

float colour_distance(const std::array<std::uint8_t, 64>& first,
                      const std::array<std::uint8_t, 64>& second,
                      const Window& window) {
  constexpr int kSide = Thumbnail::kColourSide;
  std::array<float, 64> cells;
  std::ranges::copy(first, cells.begin());
  Places columns;
  Places rows;
  std::array<float, 64> seen;
  sample(cells.data(), kSide, window, columns, rows, seen.data());
  float sum = 0;
  float count = 0;
  for (std::size_t cell = 0; cell < seen.size(); ++cell) {
    const float weight =
        columns.inside[cell % kSide] * rows.inside[cell / kSide];
    const float difference = seen[cell] - static_cast<float>(second[cell]);
    sum += weight * difference * difference;
    count += weight;
  }
  return count > 0 ? std::sqrt(sum / count) : 0;
}

}  // namespace vam
