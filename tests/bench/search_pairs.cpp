// Times the search stage on distinct made-up hashes.
//
// Usage: search_pairs INDEX uniform|skewed COUNT RADIUS THREADS [INSTRUCTIONS]
// INSTRUCTIONS, such as AVX2 or POPCNT: what is used instead of the best there
// is.
// Prints {"index": ..., "seconds": ..., "pairs": ..., "checksum": ...,
// "peak_bytes": ...}; the checksum is the same for the same pairs in any order.
#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "numbers.hpp"
#include "search/bucket.hpp"
#include "search/tile.hpp"
#include "vam/search.hpp"

namespace {

/// Every 16th value is the one before with three bits turned, so that there is
/// something to find.
vam::Hash uniform_hash(std::uint64_t n) {
  return n % 16 == 0 ? mixed(n - 1) ^ 0x10010001U : mixed(n);
}

/// Every eighth hash gathers around a few centres, the first of which has half
/// of them, the second a quarter, and so on: pictures of one kind. They differ
/// from their centre in one of eight bits; those of every other centre have any
/// bits in the lower half: a sky over changing ground. The others are uniform.
vam::Hash skewed_hash(std::uint64_t n) {
  if (n % 8 != 5) return uniform_hash(n);
  const auto kind = static_cast<std::uint64_t>(
      std::countr_zero(mixed(~n) | std::uint64_t{1} << 63U));
  const vam::Hash noise = mixed(n) & mixed(n + (std::uint64_t{1} << 40U)) &
                          mixed(n + (std::uint64_t{1} << 41U));
  const vam::Hash ground =
      kind % 2 == 0 ? 0 : mixed(n + (std::uint64_t{1} << 42U)) & 0xFFFFFFFFU;
  return mixed(kind) ^ noise ^ ground;
}

std::vector<vam::Hash> distinct_hashes(bool skewed, std::size_t count) {
  std::vector<vam::Hash> hashes;
  hashes.reserve(count + count / 8);
  for (std::uint64_t n = 1; hashes.size() < count;) {
    for (std::size_t more = count - hashes.size(); more > 0; --more, ++n) {
      hashes.push_back(skewed ? skewed_hash(n) : uniform_hash(n));
    }
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  }
  return hashes;
}

/// Whether this machine has such instructions, for any of the indexes.
bool use_instructions(const std::string& name) {
  bool is_used = false;
  for (const vam::TileKernel& kernel : vam::tile_kernels()) {
    if (name != kernel.name || !kernel.is_supported()) continue;
    vam::use_tile_kernel(kernel);
    is_used = true;
  }
  for (const vam::BucketKernel& kernel : vam::bucket_kernels()) {
    if (name != kernel.name || !kernel.is_supported()) continue;
    vam::use_bucket_kernel(kernel);
    is_used = true;
  }
  return is_used;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool is_complete = arguments.size() == 5 || arguments.size() == 6;
  const std::string distribution = is_complete ? arguments[1] : "";
  const auto kind = vam::index_kind_of(is_complete ? arguments[0] : "");
  const int count = is_complete ? number(argv[3]) : 0;
  const int threads = is_complete ? number(argv[5]) : 0;
  if (!kind || (distribution != "uniform" && distribution != "skewed") ||
      count < 1 || threads < 1 ||
      (arguments.size() == 6 && !use_instructions(arguments[5]))) {
    std::cerr << "usage: search_pairs INDEX uniform|skewed COUNT RADIUS THREADS"
                 " [INSTRUCTIONS]\n";
    return 1;
  }
  const std::vector<vam::Hash> hashes = distinct_hashes(
      distribution == "skewed", static_cast<std::size_t>(count));
  std::vector<std::uint32_t> ids(hashes.size());
  std::iota(ids.begin(), ids.end(), 0U);

  std::uint64_t pairs = 0;
  std::uint64_t checksum = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto index = vam::make_index(*kind, threads);
  index->add(ids, hashes);
  index->search(number(argv[4]),
                {[&](std::span<const vam::CandidatePair> block) {
                  pairs += block.size();
                  for (const vam::CandidatePair& pair : block) {
                    const std::uint64_t both =
                        std::uint64_t{pair.first} << 32U | pair.second;
                    checksum += mixed(both ^ pair.distance);
                  }
                }});
  const std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - begin;
  std::cout << "{\"index\": \"" << index->description()
            << "\", \"seconds\": " << spent.count() << ", \"pairs\": " << pairs
            << ", \"checksum\": " << checksum
            << ", \"peak_bytes\": " << peak_bytes() << "}\n";
}
