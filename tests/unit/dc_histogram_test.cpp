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
                         double deviation = 300, double mean = -50) {
  std::mt19937 random(7);
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

TEST_CASE("dc_histogram: multiples of a step are those of its divisors, too") {
  CHECK(histogram_of(20'000, {16}).coarser_steps(0) == bits({2, 4, 8, 16}));
  CHECK(histogram_of(20'000, {9, 1}).coarser_steps(1) == bits({3, 9}));
  CHECK(histogram_of(20'000, {32, 1}).coarser_steps(1) ==
        bits({2, 4, 8, 16, 32}));
  CHECK((histogram_of(20'000, {63, 1}).coarser_steps(1) & bits({63, 50})) ==
        bits({63}));
}

TEST_CASE("dc_histogram: a coarser step is seen through a finer one") {
  const auto coarser_of = [](int first, int second) {
    return histogram_of(20'000, {first, second}).coarser_steps(second);
  };
  CHECK(coarser_of(3, 1) == bits({3}));
  CHECK(coarser_of(5, 3) == bits({5}));
  CHECK(coarser_of(8, 5) == bits({8}));
  CHECK(coarser_of(8, 6) == bits({8}));
  CHECK(coarser_of(6, 5) == bits({6}));
  CHECK(coarser_of(16, 6) == bits({8, 16}));
  // A weaker comb of twice the step is the same comb.
  CHECK(coarser_of(6, 4) == bits({6, 12}));
  CHECK(coarser_of(5, 4) == bits({5}));
  // They seldom meet.
  CHECK(coarser_of(20, 19) == 0);
  CHECK(coarser_of(3, 8) == 0);
}

TEST_CASE("dc_histogram: few or similar blocks tell nothing") {
  CHECK(histogram_of(1000, {8, 1}).coarser_steps(1) == bits({2, 4, 8}));
  CHECK(histogram_of(99, {8, 1}).coarser_steps(1) == 0);
  // Around a multiple of many numbers.
  CHECK(histogram_of(20'000, {}, 5, 0).coarser_steps(0) == 0);
  CHECK(histogram_of(20'000, {}, 5, 840).coarser_steps(0) == 0);
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
  CHECK(histogram.coarser_steps(1) == bits({2, 4, 8}));
  CHECK(histogram.coarser_steps(32'767) == 0);
}
