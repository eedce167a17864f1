#include "group/diameter.hpp"

#include <algorithm>
#include <cstddef>
#include <random>

#include "catch.hpp"

using namespace vam;

namespace {

int by_all_pairs(const std::vector<Hash>& hashes) {
  int diameter = 0;
  for (const Hash a : hashes) {
    for (const Hash b : hashes) {
      diameter = std::max(diameter, hamming_distance(a, b));
    }
  }
  return diameter;
}

}  // namespace

TEST_CASE("diameter: is that of all pairs") {
  CHECK(diameter_of({}) == 0);
  CHECK(diameter_of({5}) == 0);
  CHECK(diameter_of({5, 5, 5}) == 0);
  CHECK(diameter_of({0, ~Hash{0}}) == 64);
  CHECK(diameter_of({1, 3, ~Hash{0}, ~Hash{1}}) == 64);
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    // Some near a hash, some near its complement, some anywhere.
    std::vector<Hash> hashes(1 + random() % 60);
    const Hash centre = random();
    for (Hash& hash : hashes) {
      hash = random() % 8 == 0 ? random() : centre;
      if (round % 3 == 0 && random() % 4 == 0) hash = ~hash;
      for (std::size_t bits = random() % 9; bits > 0; --bits) {
        hash ^= Hash{1} << random() % 64;
      }
    }
    CHECK(diameter_of(hashes) == by_all_pairs(hashes));
  }
}
