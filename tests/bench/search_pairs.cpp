// Times the search stage on distinct random hashes.
//
// Usage: search_pairs COUNT THREADS
// Prints {"index": ..., "seconds": ..., "pairs": ...}.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <span>
#include <vector>

#include "vam/search.hpp"

namespace {

constexpr int kRadius = 5;

/// SplitMix64 (G. Steele et al., 2014): a bijection, so distinct counters make
/// distinct hashes. Every 16th value is the one before with three bits turned,
/// so that there is something to find.
std::vector<vam::Hash> distinct_hashes(std::uint32_t count) {
  std::vector<vam::Hash> hashes;
  hashes.reserve(count);
  for (std::uint64_t n = 1; hashes.size() < count; ++n) {
    if (n % 16 == 0) {
      hashes.push_back(hashes.back() ^ 0x10010001U);
      continue;
    }
    std::uint64_t hash = n * 0x9E3779B97F4A7C15U;
    hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9U;
    hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBU;
    hashes.push_back(hash ^ (hash >> 31));
  }
  return hashes;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc == 3 ? std::atoi(argv[1]) : 0;
  const int threads = argc == 3 ? std::atoi(argv[2]) : 0;
  if (count < 1 || threads < 1) {
    std::cerr << "usage: search_pairs COUNT THREADS\n";
    return 1;
  }
  const std::vector<vam::Hash> hashes =
      distinct_hashes(static_cast<std::uint32_t>(count));
  std::vector<std::uint32_t> ids(hashes.size());
  std::iota(ids.begin(), ids.end(), 0U);

  std::uint64_t pairs = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto index = vam::make_index(vam::IndexKind::flat, threads);
  index->add(ids, hashes);
  index->search(kRadius, [&](std::span<const vam::CandidatePair> block) {
    pairs += block.size();
  });
  const std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - begin;
  std::cout << "{\"index\": \"" << index->description()
            << "\", \"seconds\": " << spent.count() << ", \"pairs\": " << pairs
            << "}\n";
}
