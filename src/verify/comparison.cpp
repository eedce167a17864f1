// Image comparison on 32 x 32 cells.
//
// The tones of one picture are mapped to the other's by a parabola, which
// covers gain, offset and gamma, fitted by least squares to the best 88 % of
// the cells, so that a stamp or a retouch does not count. What remains after a
// blur is taken off both, their fine structure, is correlated: strangers share
// the bright sky above dark ground, hardly ever the structure. Noise is added
// to the energies, but not to the product, so that pictures without structure
// never reach the confidence that a match needs.
#include "verify/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "verify/lanes.hpp"

namespace vam {
namespace {

/// What noise is taken to add to structure, levels: JPEGs of quality 30 and
/// rounding move single cells by 0.7, of which so much is left.
constexpr float kNoise = 0.25F;
/// The worst cells, which the fit leaves out: a stamp, a date, a retouch.
constexpr float kIgnoredShare = 0.12F;
constexpr float kOutlierShare = 0.004F;
/// Smaller differences are never left out; eighths of a level.
constexpr int kLeastLimit = 8;
/// Once more, each time without the worst cells of the time before, or until
/// those stay as bad as they were.
constexpr int kMostFits = 3;

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
  static constexpr float kPerLevel = 8;

  /// Of all cells but the corners; negative ones are less than any.
  VAM_INLINE explicit Ranking(const Cells& differences) {
    using Shorts = std::int16_t __attribute__((vector_size(sizeof(Lanes) / 2)));
#pragma GCC unroll 4
    for (std::size_t at = 0; at < kCellCount; at += kLanes) {
      Lanes step;
      load(step, differences.data() + at);
      step *= kPerLevel;
      step = step < 1.0F * kMost ? step : Lanes{} + 1.0F * kMost;
      const auto steps =
          __builtin_convertvector(__builtin_convertvector(step, Ints), Shorts);
      std::memcpy(steps_.data() + at, &steps, sizeof steps);
    }
    static constexpr auto kCorners = corner_cells();
    for (const std::size_t corner : kCorners) steps_[corner] = -1;
    for (std::size_t at = 0; at < kCellCount; at += kNarrowed) {
      Counters steps;
      std::memcpy(&steps, steps_.data() + at, sizeof steps);
      steps = steps < 0 ? Counters{} : steps;
      steps = steps > kMostSmall ? Counters{} + kMostSmall : steps;
      const auto small = __builtin_convertvector(steps - kSmallBias, Narrowed);
      std::memcpy(small_steps_.data() + at, &small, sizeof small);
    }
  }

  /// The smallest difference that at most `allowed` cells exceed, but no less
  /// than `least`; in eighths of a level, from 1 on. A good `guess` makes it
  /// quicker.
  VAM_INLINE int exceeded_by(int allowed, int least, int guess) const {
    int low = least - 1;  // too many reach it, or it is out of the question
    int high = kMost + 1;
    std::array<int, 3> steps = {guess - 2, guess, guess + 3};
    while (high - low > 1) {
      for (int& step : steps) step = std::clamp(step, low + 1, high - 1);
      const std::array<int, 3> counts = steps.back() <= kMostSmall
                                            ? small_counts_from(steps)
                                            : counts_from(steps);
#pragma GCC unroll 8
      for (std::size_t n = 0; n < steps.size(); ++n) {
        if (counts[n] > allowed) {
          low = std::max(low, steps[n]);
        } else {
          high = std::min(high, steps[n]);
        }
      }
      const int width = high - low;
      // Small ones are likely at first.
      steps = width > 64 ? std::array{low + 8, low + 24, low + 64}
                         : std::array{low + std::max(1, width / 4),
                                      low + width / 2, low + width * 3 / 4};
    }
    return high;
  }

 private:
  static constexpr int kMost = 1023;
  using Counters = std::int16_t __attribute__((vector_size(2 * 16)));
  /// What fits into 8 bits, less what makes it signed, for which processors
  /// have comparisons.
  static constexpr int kMostSmall = 255;
  static constexpr int kSmallBias = 128;
  static constexpr std::size_t kNarrowed = sizeof(Counters) / 2;
  using Narrowed = std::int8_t __attribute__((vector_size(kNarrowed)));
  using Small = std::int8_t __attribute__((vector_size(2 * kNarrowed)));

  VAM_INLINE static int sum(Counters& counts) {
    counts += __builtin_shufflevector(counts, counts, 8, 9, 10, 11, 12, 13, 14,
                                      15, 0, 1, 2, 3, 4, 5, 6, 7);
    counts += __builtin_shufflevector(counts, counts, 4, 5, 6, 7, 0, 1, 2, 3,
                                      12, 13, 14, 15, 8, 9, 10, 11);
    return counts[0] + counts[1] + counts[2] + counts[3];
  }

  VAM_INLINE static int sum(const Small& counts) {
    std::array<Narrowed, 2> halves;
    std::memcpy(halves.data(), &counts, sizeof counts);
    Counters wide = __builtin_convertvector(halves[0], Counters) +
                    __builtin_convertvector(halves[1], Counters);
    return sum(wide);
  }

  /// How many are at least so large, which is 1 or more.
  VAM_INLINE std::array<int, 3> counts_from(
      const std::array<int, 3>& steps) const {
    std::array<Counters, 3> below;
    std::array<Counters, 3> counts{};
#pragma GCC unroll 8
    for (std::size_t n = 0; n < steps.size(); ++n) {
      // Compilers fill 32-bit lanes with less ado than 16-bit ones.
      const int less = steps[n] - 1;
      const Ints pairs = Ints{} + (less << 16 | less);
      std::memcpy(&below[n], &pairs, sizeof pairs);
    }
#pragma GCC unroll 2
    for (std::size_t at = 0; at < kCellCount;
         at += sizeof(Counters) / sizeof(std::int16_t)) {
      Counters cells;
      std::memcpy(&cells, steps_.data() + at, sizeof cells);
#pragma GCC unroll 8
      for (std::size_t n = 0; n < steps.size(); ++n) {
        counts[n] -= cells > below[n];
      }
    }
    return {sum(counts[0]), sum(counts[1]), sum(counts[2])};
  }

  /// The same for what fits into 8 bits. No lane counts further than 32.
  VAM_INLINE std::array<int, 3> small_counts_from(
      const std::array<int, 3>& steps) const {
    std::array<Small, 3> below;
    std::array<Small, 3> counts{};
#pragma GCC unroll 8
    for (std::size_t n = 0; n < steps.size(); ++n) {
      const auto less =
          static_cast<std::uint8_t>(steps[n] - 1 - kSmallBias) * 0x01010101U;
      const Ints fours = Ints{} + static_cast<std::int32_t>(less);
      std::memcpy(&below[n], &fours, sizeof fours);
    }
#pragma GCC unroll 2
    for (std::size_t at = 0; at < kCellCount; at += sizeof(Small)) {
      Small cells;
      std::memcpy(&cells, small_steps_.data() + at, sizeof cells);
#pragma GCC unroll 8
      for (std::size_t n = 0; n < steps.size(); ++n) {
        counts[n] -= cells > below[n];
      }
    }
    return {sum(counts[0]), sum(counts[1]), sum(counts[2])};
  }

  alignas(32) std::array<std::int16_t, kCellCount> steps_;
  alignas(32) std::array<std::int8_t, kCellCount> small_steps_;
};

/// A parabola over tones of -1..1, which leads to levels.
struct ToneCurve {
  float c0;
  float c1;
  float c2;
};

/// Least squares over weighted cells; the square term is held back a little,
/// for it is rarely needed and follows outliers. weigh(at, lanes) tells what
/// the 8 cells from `at` on weigh.
template <class Weigh>
VAM_INLINE ToneCurve fit_curve(const float* tones, const float* second,
                               const Weigh& weigh) {
  std::array<Lanes, 5> powers{};
  std::array<Lanes, 3> products{};
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes x;
    Lanes y;
    Lanes term;
    load(x, tones + at);
    load(y, second + at);
    weigh(at, term);
#pragma GCC unroll 8
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

/// Times 4 and 16, so that some of the products need not be worked out; powers
/// of two change no digit.
constexpr std::array kBlur3 = {1.0F, 2.0F, 1.0F};
constexpr std::array kBlur5 = {1.0F, 4.0F, 6.0F, 4.0F, 1.0F};
/// By the rows and columns of each.
constexpr float kBlur3Scale = 4 * 4;
constexpr float kBlur5Scale = 16 * 16;

/// The 8 cells of a row from x + kShift on; its ends are repeated.
template <int kShift>
VAM_INLINE void load_shifted(Lanes& lanes, const float* row, int x) {
  if (x + kShift >= 0 && x + kShift + kLanes <= kCells) {
    load(lanes, row + x + kShift);
    return;
  }
  load(lanes, row + x);
  if constexpr (kShift == -2) {
    lanes = __builtin_shufflevector(lanes, lanes, 0, 0, 0, 1, 2, 3, 4, 5);
  } else if constexpr (kShift == -1) {
    lanes = __builtin_shufflevector(lanes, lanes, 0, 0, 1, 2, 3, 4, 5, 6);
  } else if constexpr (kShift == 1) {
    lanes = __builtin_shufflevector(lanes, lanes, 1, 2, 3, 4, 5, 6, 7, 7);
  } else {
    static_assert(kShift == 0 || kShift == 2);
    lanes = __builtin_shufflevector(lanes, lanes, 2, 3, 4, 5, 6, 7, 7, 7);
  }
}

/// Convolves rows and columns; the edges are repeated beyond the edges.
template <std::size_t kTaps>
VAM_INLINE void blur(const float* cells, const std::array<float, kTaps>& kernel,
                     float* out) {
  constexpr int kEdge = kTaps / 2;
  alignas(32) std::array<float, std::size_t{kCells + 2 * kEdge} * kCells> rows;
  for (int y = 0; y < kCells; ++y) {
    const float* in = cells + line_at(y, kCells);
#pragma GCC unroll 8
    for (int x = 0; x < kCells; x += kLanes) {
      Lanes sum;
      load_shifted<-kEdge>(sum, in, x);
      sum *= kernel[0];
      [&]<std::size_t... kTap>(std::index_sequence<kTap...>) VAM_INLINED {
        Lanes lanes;
        ((load_shifted<static_cast<int>(kTap) + 1 - kEdge>(lanes, in, x),
          sum += kernel[kTap + 1] * lanes),
         ...);
      }
      (std::make_index_sequence<kTaps - 1>{});
      store(rows.data() + line_at(y + kEdge, kCells) + x, sum);
    }
  }
  for (int y = 0; y < kEdge; ++y) {
    const float* const begin = rows.data() + line_at(kEdge, kCells);
    const float* const end = rows.data() + line_at(kCells + kEdge, kCells);
    std::copy_n(begin, kCells, rows.data() + line_at(y, kCells));
    std::copy_n(end - kCells, kCells,
                rows.data() + line_at(kCells + kEdge + y, kCells));
  }
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes row;
    load(row, rows.data() + at);
    Lanes sum = kernel[0] * row;
#pragma GCC unroll 8
    for (std::size_t tap = 1; tap < kTaps; ++tap) {
      load(row, rows.data() + at + tap * kCells);
      sum += kernel[tap] * row;
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
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes a;
    Lanes b;
    load(a, fine.data() + at);
    load(b, wide.data() + at);
    store(out + at, (kBlur5Scale * a - b) * (1 / (kBlur3Scale * kBlur5Scale)));
  }
}

/// Sums over the cells that count of two frames' fine structure.
struct Energies {
  float ab;
  float aa;
  float bb;
};

template <class Weigh>
VAM_INLINE Energies energies_of(const Cells& mapped, Layer& layer,
                                const Weigh& weigh) {
  alignas(32) Cells structure;
  find_structure(mapped.data(), structure.data());
  if (!layer.has_structure) {
    find_structure(layer.cells.fine.data(), layer.structure.data());
    layer.has_structure = true;
  }
  Lanes ab{};
  Lanes aa{};
  Lanes bb{};
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes weight;
    Lanes a;
    Lanes b;
    weigh(at, weight);
    load(a, structure.data() + at);
    load(b, layer.structure.data() + at);
    ab += weight * a * b;
    aa += weight * a * a;
    bb += weight * b * b;
  }
  return {total(ab), total(aa), total(bb)};
}

float correlation_of(const Energies& sums) {
  return sums.aa > 0 && sums.bb > 0 ? sums.ab / std::sqrt(sums.aa * sums.bb)
                                    : 0;
}

/// What the first fit of tones leaves tells of the last one. If it leaves more
/// than so many levels, and the structure correlates less than this, there will
/// be no match: of 128,000 fits that left more than 2 levels and led to one,
/// the worst correlated by 0.90.
constexpr float kGoodFit = 2;
constexpr float kHopelessStructure = 0.88F;

VAM_FOR_EACH_CPU
Fit compare_cells(const Sample& seen, Layer& layer, Effort effort) {
  const float* const second = layer.cells.fine.data();
  const float* const first = seen.cells.data();
  alignas(32) Cells valid{};
  for_cells(kCells, seen, [&](int at, const Lanes& weight) VAM_INLINED {
    store(valid.data() + at, weight);
  });
  const auto inside = [](const Places& places) {
    return std::accumulate(places.inside.begin(), places.inside.end(), 0.0F);
  };
  const float count = inside(seen.columns) * inside(seen.rows);
  Fit fit;
  fit.overlap = count / static_cast<float>(kCellCount);
  if (fit.overlap < 0.25F) return fit;

  alignas(32) Cells tones;
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes tone;
    load(tone, first + at);
    store(tones.data() + at, tone * (1 / 128.0F) - 1.0F);
  }
  ToneCurve curve = fit_curve(tones.data(), second,
                              [&](std::size_t at, Lanes& weight) VAM_INLINED {
                                load(weight, valid.data() + at);
                              });
  alignas(32) Cells mapped;
  alignas(32) Cells differences;  // negative where the first has no cell
  float limit = 0;
  int worst = kLeastLimit;
  const auto weigh = [&](std::size_t at, Lanes& weight) VAM_INLINED {
    Lanes difference;
    load(difference, differences.data() + at);
    const Lanes zero{};
    const Lanes one = zero + 1.0F;
    weight = difference >= 0.0F ? (difference <= limit ? one : zero) : zero;
  };
  for (int pass = 0;; ++pass) {
    if (pass > 0) curve = fit_curve(tones.data(), second, weigh);
#pragma GCC unroll 4
    for (std::size_t at = 0; at < kCellCount; at += kLanes) {
      Lanes x;
      Lanes y;
      Lanes weight;
      load(x, tones.data() + at);
      load(y, second + at);
      load(weight, valid.data() + at);
      const Lanes to = curve.c0 + x * (curve.c1 + x * curve.c2);
      store(mapped.data() + at, to);
      const Lanes difference = to - y;
      const Lanes size = difference < 0.0F ? -difference : difference;
      store(differences.data() + at, weight == 0.0F ? Lanes{} - 1.0F : size);
    }
    const Ranking ranking(differences);
    const int before = worst;
    worst = ranking.exceeded_by(static_cast<int>(count * kIgnoredShare),
                                kLeastLimit, worst);
    limit = static_cast<float>(worst) / Ranking::kPerLevel;
    if (pass == 0) {
      if (effort == Effort::verdict && limit > kGoodFit &&
          correlation_of(energies_of(mapped, layer, weigh)) <
              kHopelessStructure) {
        return fit;
      }
    } else if (pass == kMostFits - 1 || worst == before) {
      const int outlier = ranking.exceeded_by(
          static_cast<int>(count * kOutlierShare), 1, 2 * worst);
      fit.outlier = static_cast<float>(outlier) / Ranking::kPerLevel;
      break;
    }
  }
  fit.gain = curve.c1 / 128;

  Lanes kept{};
  Lanes shift{};
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kCellCount; at += kLanes) {
    Lanes weight;
    Lanes from;
    Lanes to;
    weigh(at, weight);
    load(from, first + at);
    load(to, mapped.data() + at);
    kept += weight;
    shift += weight * (to - from) * (to - from);
  }
  const float cells = std::max(1.0F, total(kept));
  const Energies sums = energies_of(mapped, layer, weigh);
  const float a_noise = cells * kNoise * kNoise * fit.gain * fit.gain;
  const float b_noise = cells * kNoise * kNoise;
  fit.tone_shift = std::sqrt(total(shift) / cells);
  fit.structure = std::sqrt(sums.bb / cells);
  fit.similarity = correlation_of(sums);
  fit.confidence =
      sums.ab / std::sqrt((sums.aa + a_noise) * (sums.bb + b_noise));
  return fit;
}

VAM_FOR_EACH_CPU
void sample_cells(const float* cells, const Window& window, Sample& seen) {
  take_sample(cells, kCells, window, seen);
}

VAM_FOR_EACH_CPU
float distance_of(const float* first, const float* second,
                  const Window& window) {
  constexpr int kSide = Thumbnail::kColourSide;
  Sample seen;
  take_sample(first, kSide, window, seen);
  Lanes sum{};
  Lanes count{};
  for_cells(kSide, seen, [&](int at, const Lanes& weight) VAM_INLINED {
    Lanes a;
    Lanes b;
    load(a, seen.cells.data() + at);
    load(b, second + at);
    sum += weight * (a - b) * (a - b);
    count += weight;
  });
  const float cells = total(count);
  return cells > 0 ? std::sqrt(total(sum) / cells) : 0;
}

}  // namespace

Fit compare(const Sample& seen, Layer& second, Effort effort) {
  return compare_cells(seen, second, effort);
}

Fit compare(const Pyramid& first, Layer& second, const Window& window,
            Effort effort) {
  Sample seen;
  sample_cells(first.fine.data(), window, seen);
  return compare_cells(seen, second, effort);
}

float colour_distance(const std::array<std::uint8_t, 64>& first,
                      const std::array<std::uint8_t, 64>& second,
                      const Window& window) {
  alignas(32) std::array<float, 64> a;
  alignas(32) std::array<float, 64> b;
  std::ranges::copy(first, a.begin());
  std::ranges::copy(second, b.begin());
  return distance_of(a.data(), b.data(), window);
}

}  // namespace vam
