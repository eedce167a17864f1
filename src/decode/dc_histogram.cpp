#include "decode/dc_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

namespace vam {
namespace {

/// How far the coefficients have to be on the way from what chance makes of
/// them, 0, to what quantising them before would have, 1. Of 264 photos three
/// are told to have been saved with another step before.
constexpr double kLeast = 0.1;
/// So many standard errors more.
constexpr double kErrors = 3;
/// A step that is as clear as this, beside the clearest one, may be it.
constexpr double kAsClear = 0.95;
/// As far as for the clearest step, but for this: half of the multiples of a
/// step are multiples of twice it.
constexpr double kOfClearest = 0.7;
/// A step that goes as far as one of its divisors, but for this, explains it.
constexpr double kOfDivisor = 0.9;

constexpr double kFewest = 100;            // coefficients
constexpr std::size_t kFewestValues = 16;  // different ones

/// What quantising with one step and then another makes of coefficients: how
/// many are which multiple of the second step, over a period of both, if the
/// sum is 1. A tie goes both ways.
std::vector<double> comb_of(int first, int second) {
  const int period = std::lcm(first, second) / second;
  const int teeth = std::lcm(first, second) / first;
  std::vector<double> comb(static_cast<std::size_t>(period));
  for (int tooth = 0; tooth < teeth; ++tooth) {
    for (const int half : {second, second - 1}) {
      const int multiple = (tooth * first + half / 2) / second % period;
      comb[static_cast<std::size_t>(multiple)] += 0.5 / teeth;
    }
  }
  return comb;
}

/// Coefficients that are multiples of a step.
struct Coefficients {
  int step = 1;
  /// Of 0, of the step and its negative, of twice that... A comb is the same on
  /// both sides of 0.
  std::vector<std::uint32_t> counts = {};
  double number = 0;
  double deviation = 0;  ///< from their mean
};

/// Of counts of values around 0, the middle one. None if there are too few.
std::optional<Coefficients> multiples_of(
    int step, std::span<const std::uint32_t> counts) {
  const auto number =
      std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const auto values =
      counts.size() -
      static_cast<std::size_t>(std::ranges::count(counts, std::uint32_t{0}));
  if (values < kFewestValues) return std::nullopt;
  // A flat area is one value, and on some comb.
  const auto most = static_cast<std::uint32_t>(3 * number / values);
  const auto middle = static_cast<int>(counts.size() / 2);
  const int end = middle / step;
  Coefficients all{.step = step};
  all.counts.resize(static_cast<std::size_t>(end) + 1);
  double sum = 0;
  double squares = 0;
  for (int n = -end; n <= end; ++n) {
    const double value = n * step;
    const std::uint32_t count =
        std::min(counts[static_cast<std::size_t>(middle + n * step)], most);
    all.counts[static_cast<std::size_t>(std::abs(n))] += count;
    all.number += count;
    sum += count * value;
    squares += count * value * value;
  }
  if (all.number < kFewest) return std::nullopt;
  const double mean = sum / all.number;
  all.deviation = std::sqrt(squares / all.number - mean * mean);
  return all;
}

/// How many there are of each remainder. A period is kMaxCoarserStep at most.
std::array<std::uint32_t, kMaxCoarserStep> folded(
    std::span<const std::uint32_t> counts, std::size_t period) {
  std::array<std::uint32_t, kMaxCoarserStep> remainders{};
  while (!counts.empty()) {
    const auto row = counts.first(std::min(period, counts.size()));
    for (std::size_t i = 0; i < row.size(); ++i) remainders[i] += row[i];
    counts = counts.subspan(row.size());
  }
  return remainders;
}

/// How far they are on the way that kLeast is on, and by chance alone.
struct Score {
  double value = 0;
  double error = 1;

  double clearness() const { return value / error; }
};

/// Of having been quantised with a coarser step before.
Score score(const Coefficients& coefficients, int coarser) {
  // Where multiples of both seldom meet, chance depends on where the
  // coefficients are.
  if (2 * std::lcm(coarser, coefficients.step) > coefficients.deviation) {
    return {};
  }
  const std::vector<double> comb = comb_of(coarser, coefficients.step);
  const auto remainders = folded(coefficients.counts, comb.size());
  // A matched filter: its weights have a mean of 0.
  const auto period = static_cast<double>(comb.size());
  double found = 0;
  double expected = 0;  // and period times the mean square of the weights
  for (std::size_t i = 0; i < comb.size(); ++i) {
    const double weight = comb[i] - 1 / period;
    found += remainders[i] * weight;
    expected += comb[i] * weight;
  }
  found /= coefficients.number;
  const double error = 1 / std::sqrt(expected * period * coefficients.number);
  // More than expected comes from another comb. As there are fewer teeth than
  // multiples, the comb is never flat.
  return {1 - std::abs(1 - found / expected), error};
}

}  // namespace

std::uint64_t DcHistogram::coarser_steps(int step) const {
  const auto coefficients = multiples_of(std::max(step, 1), counts_);
  if (!coefficients) return 0;
  std::vector<Score> scores(kMaxCoarserStep + 1);
  double clearest = 0;
  for (int coarser = std::max(step + 1, 2); coarser <= kMaxCoarserStep;
       ++coarser) {
    Score& one = scores[static_cast<std::size_t>(coarser)];
    one = score(*coefficients, coarser);
    clearest = std::max(clearest, one.clearness());
  }
  double least = 1;
  for (const Score& one : scores) {
    if (one.clearness() >= kAsClear * clearest) {
      least = std::min(least, one.value);
    }
  }
  std::uint64_t steps = 0;
  for (std::size_t coarser = 2; coarser < scores.size(); ++coarser) {
    const Score& one = scores[coarser];
    bool is_told = one.value >= kOfClearest * least &&
                   one.value >= kLeast + kErrors * one.error;
    for (std::size_t n = 2 * coarser; n < scores.size(); n += coarser) {
      is_told = is_told && scores[n].value < kOfDivisor * one.value;
    }
    if (is_told) steps |= std::uint64_t{1} << coarser;
  }
  return steps;
}

}  // namespace vam
