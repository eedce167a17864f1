#include "decode/dc_histogram.hpp"

#include <cmath>
#include <initializer_list>
#include <limits>
#include <random>

#include "catch.hpp"
#include "vam/decode.hpp"

using namespace vam;

namespace {

/// A coefficient as it is after quantisation with a step.
int quantised(double coefficient, int step) {
  return step * static_cast<int>(std::lround(coefficient / step));
}

/// Of so many blocks, quantised with these steps, one after the other.
DcHistogram histogram_of(int blocks, std::initializer_list<int> steps,
                         double deviation = 300, double mean = -50,
                         unsigned seed = 7) {
  std::mt19937 random(seed);
  std::normal_distribution<double> coefficients(mean, deviation);
  DcHistogram histogram;
  for (int i = 0; i < blocks; ++i) {
    double value = coefficients(random);
    for (const int step : steps) value = quantised(value, step);
    histogram.add(static_cast<int>(std::lround(value)));
  }
  return histogram;
}

std::uint64_t bits(std::initializer_list<unsigned> steps) {
  std::uint64_t set = 0;
  for (const unsigned step : steps) set |= std::uint64_t{1} << step;
  return set;
}

}  // namespace

TEST_CASE("dc_histogram: what was quantised once has no coarser step") {
  const int step = GENERATE(1, 2, 3, 5, 8, 16, 40);
  CHECK(histogram_of(20'000, {step}).coarser_steps(step) == 0);
  CHECK(histogram_of(20'000, {}).coarser_steps(0) == 0);
}

TEST_CASE("dc_histogram: of a step and its divisors the step is told") {
  const unsigned step = GENERATE(2U, 3U, 8U, 9U, 16U, 32U, 63U);
  CAPTURE(step);
  const int first = static_cast<int>(step);
  CHECK(histogram_of(20'000, {first}).coarser_steps(0) == bits({step}));
  CHECK(histogram_of(20'000, {first, 1}).coarser_steps(1) == bits({step}));
}

TEST_CASE("dc_histogram: a coarser step is seen through a finer one") {
  const auto coarser_of = [](int first, int second) {
    return histogram_of(20'000, {first, second}).coarser_steps(second);
  };
  CHECK(coarser_of(3, 1) == bits({3}));
  CHECK(coarser_of(5, 3) == bits({5}));
  CHECK(coarser_of(6, 2) == bits({6}));
  CHECK(coarser_of(8, 5) == bits({8}));
  CHECK(coarser_of(8, 6) == bits({8}));
  CHECK(coarser_of(6, 5) == bits({6}));
  CHECK(coarser_of(16, 6) == bits({16}));
  CHECK(coarser_of(5, 4) == bits({5}));
  // The same comb.
  CHECK(coarser_of(6, 4) == bits({6, 12}));
}

TEST_CASE("dc_histogram: steps whose multiples seldom meet are not told") {
  // 143 is less than half the deviation, and so is 182 of a larger one.
  CHECK(histogram_of(20'000, {13, 11}).coarser_steps(11) == bits({13}));
  CHECK(histogram_of(20'000, {14, 13}).coarser_steps(13) == 0);
  CHECK(histogram_of(20'000, {14, 13}, 400).coarser_steps(13) == bits({14}));
  CHECK(histogram_of(20'000, {13, 11}, 250).coarser_steps(11) == 0);
}

TEST_CASE("dc_histogram: of several quantisations the clearest is told") {
  CHECK(histogram_of(20'000, {9, 8, 2}).coarser_steps(2) == bits({8}));
  CHECK(histogram_of(20'000, {8, 5, 2}).coarser_steps(2) == bits({5, 10}));
  CHECK(histogram_of(20'000, {16, 8, 3}).coarser_steps(3) == bits({16}));
}

TEST_CASE("dc_histogram: part of the coefficients on a comb is enough") {
  const auto with_part = [](int step, int on_comb) {
    DcHistogram histogram = histogram_of(on_comb, {step, 1});
    std::mt19937 random(8);
    std::normal_distribution<double> coefficients(0, 300);
    for (int i = on_comb; i < 20'000; ++i) {
      histogram.add(quantised(coefficients(random), 1));
    }
    return histogram.coarser_steps(1);
  };
  CHECK(with_part(9, 5'000) == bits({9}));
  CHECK(with_part(9, 1'500) == 0);
}

TEST_CASE("dc_histogram: a comb that is worn down may be two") {
  // A fifth of the coefficients: the comb of 6 and then 2 is four times that
  // of 3 and then 2, and has its shape.
  DcHistogram histogram = histogram_of(5'000, {6, 2});
  std::mt19937 random(8);
  std::normal_distribution<double> coefficients(0, 300);
  for (int i = 0; i < 20'000; ++i) {
    histogram.add(quantised(coefficients(random), 2));
  }
  CHECK(histogram.coarser_steps(2) == bits({3, 6}));
}

TEST_CASE("dc_histogram: few or similar blocks tell nothing") {
  CHECK(histogram_of(1000, {8, 1}).coarser_steps(1) == bits({8}));
  CHECK(histogram_of(99, {8, 1}).coarser_steps(1) == 0);
  // Around a multiple of many numbers.
  CHECK(histogram_of(20'000, {}, 5, 0).coarser_steps(0) == 0);
  CHECK(histogram_of(20'000, {}, 5, 840).coarser_steps(0) == 0);
  CHECK(histogram_of(20'000, {8}, 30, 840).coarser_steps(8) == 0);
  for (unsigned seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    CHECK(histogram_of(120, {}, 300, 0, seed).coarser_steps(0) == 0);
  }
  DcHistogram few;
  for (int i = 0; i < 5'000; ++i) few.add(i % 5 * 400 - 800);
  CHECK(few.coarser_steps(1) == 0);
}

TEST_CASE("dc_histogram: flat areas are no comb") {
  DcHistogram histogram = histogram_of(5000, {1});
  // More of one value than of all others.
  for (int i = 0; i < 20'000; ++i) histogram.add(-240);
  CHECK(histogram.coarser_steps(1) == 0);
  // Nor are white and black ones.
  for (int i = 0; i < 20'000; ++i) histogram.add(i % 2 == 0 ? 1016 : -1024);
  CHECK(histogram.coarser_steps(1) == 0);
}

TEST_CASE("dc_histogram: values that no picture has are left out") {
  using Limits = std::numeric_limits<int>;
  DcHistogram histogram = histogram_of(1000, {8, 1});
  for (const int value : {Limits::min(), Limits::max(), -1001, 1001}) {
    for (int i = 0; i < 5000; ++i) histogram.add(value);
  }
  CHECK(histogram.coarser_steps(1) == bits({8}));
  CHECK(histogram.coarser_steps(32'767) == 0);
}
