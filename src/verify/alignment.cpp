// Image alignment on 32 x 32 cells.
//
// The inverse compositional variant of Lucas and Kanade's method (S. Baker,
// I. Matthews, "Lucas-Kanade 20 Years On", IJCV 56(3), 2004), from coarse to
// fine, for a window that moves and scales but keeps its shape. Brightness and
// contrast are made equal in every step.
#include "verify/alignment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "verify/lanes.hpp"

namespace vam {
namespace {

/// Crops of up to 12 % a side leave 0.76 of a side; a little more is tried.
constexpr float kMinScale = 0.70F;

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
  const int last = side - 1;
  alignas(32) std::array<float, kCells> runs;
  alignas(32) std::array<float, kCells> us;
  for (int x = 0; x < side; ++x) {
    const auto n = static_cast<std::size_t>(x);
    runs[n] = x > 0 && x < last ? scale / 2 : scale;
    us[n] = (static_cast<float>(x) + 0.5F) / scale - 0.5F;
  }
  std::array<float, kCells + 2> line;  // its ends are there twice
  for (int y = 0; y < side; ++y) {
    const float* row = cells + line_at(y, side);
    const float* above = y > 0 ? row - side : row;
    const float* below = y < last ? row + side : row;
    const auto row_n = static_cast<std::size_t>(y);
    line[0] = row[0];
    std::memcpy(line.data() + 1, row,
                sizeof(float) * static_cast<std::size_t>(side));
    line[static_cast<std::size_t>(side) + 1] = row[last];
    for (int x = 0; x < side; x += kLanes) {
      const auto column = static_cast<std::size_t>(x);
      Lanes left;
      Lanes right;
      Lanes upper;
      Lanes lower;
      Lanes run;
      Lanes u;
      load(left, line.data() + x);
      load(right, line.data() + x + 2);
      load(upper, above + x);
      load(lower, below + x);
      load(run, runs.data() + column);
      load(u, us.data() + column);
      const Lanes dx = (right - left) * run;
      const Lanes dy = (lower - upper) * runs[row_n];
      const auto cell = static_cast<std::size_t>(line_at(y, side) + x);
      store(slopes.of[0].data() + cell, dx * u + dy * us[row_n]);
      store(slopes.of[1].data() + cell, dx);
      store(slopes.of[2].data() + cell, dy);
    }
  }
}

/// How the first looks in a window, and how well the second fits there.
struct Placed {
  Window window;
  float correlation = -1;  ///< of the cells; -1 if they say nothing
  float gain;              ///< that makes the first as bright as the second
  float offset;
  Sample seen;
};

VAM_INLINE void lay_over(const float* first, const float* second, int side,
                         const Window& window, Placed& placed) {
  placed.window = window;
  placed.correlation = -1;
  if (!is_in_range(window)) return;
  take_sample(first, side, window, placed.seen);

  Lanes count{};
  Lanes a_sum{};
  Lanes b_sum{};
  Lanes aa_sum{};
  Lanes ab_sum{};
  Lanes bb_sum{};
  for_cells(side, placed.seen, [&](int at, const Lanes& weight) VAM_INLINED {
    Lanes a;
    Lanes b;
    load(a, placed.seen.cells.data() + at);
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

/// The products of the slopes, summed over the cells that lie on the first;
/// those of the last time if these are the same cells.
template <std::size_t kSize>
VAM_INLINE const std::array<float, 6>& slope_products(
    const Sample& seen, int side, Layer::Slopes<kSize>& slopes) {
  const auto is_same = [&](const Places& places,
                           const auto& counted) VAM_INLINED {
    return std::memcmp(places.inside.data(), counted.data(),
                       sizeof(float) * static_cast<std::size_t>(side)) == 0;
  };
  if (is_same(seen.columns, slopes.columns) &&
      is_same(seen.rows, slopes.rows)) {
    return slopes.products;
  }
  std::array<Lanes, 6> products{};
  for_cells(side, seen, [&](int at, const Lanes& weight) VAM_INLINED {
    Lanes s0;
    Lanes s1;
    Lanes s2;
    load(s0, slopes.of[0].data() + at);
    load(s1, slopes.of[1].data() + at);
    load(s2, slopes.of[2].data() + at);
    products[0] += weight * s0 * s0;
    products[1] += weight * s0 * s1;
    products[2] += weight * s0 * s2;
    products[3] += weight * s1 * s1;
    products[4] += weight * s1 * s2;
    products[5] += weight * s2 * s2;
  });
  for (std::size_t n = 0; n < products.size(); ++n) {
    slopes.products[n] = total(products[n]);
  }
  std::copy_n(seen.columns.inside.begin(), side, slopes.columns.begin());
  std::copy_n(seen.rows.inside.begin(), side, slopes.rows.begin());
  return slopes.products;
}

constexpr Window kNowhere = {0, 0, 0, 0};

/// Where the next step leads; out of range if the method fails.
template <std::size_t kSize>
VAM_INLINE Window next_window(const Placed& placed, const float* second,
                              int side, Layer::Slopes<kSize>& slopes) {
  std::array<Lanes, 3> errors{};
  for_cells(side, placed.seen, [&](int at, const Lanes& weight) VAM_INLINED {
    Lanes a;
    Lanes b;
    Lanes s0;
    Lanes s1;
    Lanes s2;
    load(a, placed.seen.cells.data() + at);
    load(b, second + at);
    load(s0, slopes.of[0].data() + at);
    load(s1, slopes.of[1].data() + at);
    load(s2, slopes.of[2].data() + at);
    const Lanes error = weight * (placed.gain * a + placed.offset - b);
    errors[0] += error * s0;
    errors[1] += error * s1;
    errors[2] += error * s2;
  });
  std::array<float, 6> m = slope_products(placed.seen, side, slopes);
  std::array<float, 3> b;
  std::array<float, 3> move;
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

/// Room for the best window on the way from the first guess, for the last one,
/// and for the next.
using Way = std::array<Placed, 3>;

/// When to look no further on a level.
struct Limits {
  int steps;
  float arrived;        ///< a shorter step, in cells, leads nowhere better
  float hopeless = -1;  ///< a lower correlation after the first step
};

/// In sides of the frame: what fits so near need not be compared.
constexpr float kSameGuess = 0.01F;

/// Looks on from where the coarser level ended; but where that level was misled
/// by a fine pattern, the first guess fits better on this one. It hardly ever
/// fits better than it did on a coarser one, so it is only looked at where the
/// other fits worse than that.
template <std::size_t kSize>
VAM_INLINE const Placed& refine(const float* first, const float* second,
                                int side, Layer::Slopes<kSize>& slopes,
                                Guess& guess, const Window& coarser,
                                const Limits& limits, Way& way) {
  Placed* best = &way[0];
  Placed* other = &way[1];
  lay_over(first, second, side, coarser, *best);
  if (are_near(coarser, guess.window, kSameGuess)) {
    guess.correlation = best->correlation;
  } else if (best->correlation < guess.correlation) {
    lay_over(first, second, side, guess.window, *other);
    guess.correlation = other->correlation;
    if (other->correlation >= best->correlation) std::swap(best, other);
  }
  find_slopes(second, side, slopes);
  Placed* last = best;
  Placed* next = other;
  Placed* spare = &way[2];
  for (int n = 0; n < limits.steps && last->correlation > -1; ++n) {
    const Window there = next_window(*last, second, side, slopes);
    const float arrived = limits.arrived / static_cast<float>(side);
    if (are_near(there, last->window, arrived)) break;
    lay_over(first, second, side, there, *next);
    if (last != best) spare = last;
    last = next;
    next = spare;
    if (last->correlation > best->correlation) {
      next = best;
      best = last;
    }
    if (best->correlation < limits.hopeless) break;
  }
  return *best;
}

/// Strangers end here: even on the middle level, copies agree better.
constexpr float kHopeless = 0.6F;
/// Most others end after the first step on the fine level. Of 40,000 copies
/// that had to be moved, the worst had reached 0.8 by then.
constexpr float kHopelessStep = 0.7F;

VAM_FOR_EACH_CPU
bool approach_on_coarse_levels(const Pyramid& first, Layer& second,
                               Guess& guess, Window& window) {
  const Pyramid& cells = second.cells;
  Way way;
  const Placed* found =
      &refine(first.coarse.data(), cells.coarse.data(), 8, second.coarse, guess,
              guess.window, {4, 0.1F}, way);
  const Window begin = found->correlation > 0 ? found->window : guess.window;
  found = &refine(first.middle.data(), cells.middle.data(), 16, second.middle,
                  guess, begin, {3, 0.05F}, way);
  window = found->window;
  return found->correlation >= kHopeless;
}

VAM_FOR_EACH_CPU
bool align_on_fine_level(const Pyramid& first, Layer& second, Effort effort,
                         Guess& guess, Window& window, Sample& seen) {
  const float hopeless = effort == Effort::verdict ? kHopelessStep : -1.0F;
  Way way;
  const Placed& found =
      refine(first.fine.data(), second.cells.fine.data(), 32, second.fine,
             guess, window, {5, 0.02F, hopeless}, way);
  window = found.window;
  if (found.correlation < std::max(kHopeless, hopeless)) return false;
  seen = found.seen;
  return true;
}

}  // namespace

bool approach(const Pyramid& first, Layer& second, Guess& guess,
              Window& window) {
  return is_in_range(guess.window) &&
         approach_on_coarse_levels(first, second, guess, window);
}

bool align(const Pyramid& first, Layer& second, Effort effort, Guess& guess,
           Window& window, Sample& seen) {
  return align_on_fine_level(first, second, effort, guess, window, seen);
}

}  // namespace vam
