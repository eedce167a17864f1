#include "search/band_plan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace vam {
namespace {

/// More keys than these are never cheaper than a scan.
constexpr double kMaxKeys = 5000;
constexpr int kMaxExtraBands = 6;
constexpr std::size_t kSampleSize = 4096;
/// Below this share of ones (or zeros), a bit says too little.
constexpr double kMinVariation = 1.0 / 32;

double binomial(int n, int k) {
  double result = 1;
  for (int i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return std::round(result);
}

}  // namespace

/// Neighbouring bits of a hash of a picture tend to be equal, so a band takes
/// its bits from all over the picture: bit (x, y) goes to band (x + 3y) mod
/// `count`. Bands are of equal size, to one bit, so the last bits of a large
/// band go to the next one.
std::vector<Hash> make_bands(Hash bits, int count) {
  std::vector<int> order;
  for (int bit = 0; bit < kHashBits; ++bit) {
    if ((bits >> bit & 1U) != 0) order.push_back(bit);
  }
  const auto band_of = [count](int bit) {
    const int place = kHashBits - 1 - bit;  // the top left one comes first
    return (place % 8 + 3 * (place / 8)) % count;
  };
  std::ranges::stable_sort(order, {}, band_of);
  std::vector<Hash> bands(static_cast<std::size_t>(count));
  for (std::size_t n = 0; n < order.size(); ++n) {
    bands[n * bands.size() / order.size()] |= Hash{1} << order[n];
  }
  return bands;
}

std::size_t BandPlan::key_count() const {
  return static_cast<std::size_t>(
      binomial(static_cast<int>(bands.size()), clean));
}

BitProfile profile_of(const Join& join) {
  std::array<double, kHashBits> ones{};
  double total = 0;
  const auto look_at = [&](std::span<const Hash> hashes) {
    const std::size_t step = hashes.size() / kSampleSize + 1;
    for (std::size_t n = 0; n < hashes.size(); n += step, ++total) {
      for (std::size_t bit = 0; bit < kHashBits; ++bit) {
        ones[bit] += static_cast<double>(hashes[n] >> bit & 1U);
      }
    }
  };
  look_at(join.first.hashes);
  if (!join.is_self) look_at(join.second.hashes);
  BitProfile profile{0, 0};
  for (std::size_t bit = 0; bit < kHashBits; ++bit) {
    const double share = ones[bit] / std::max(total, 1.0);
    if (std::min(share, 1 - share) < kMinVariation) continue;
    profile.varying |= Hash{1} << bit;
    profile.entropy -= std::log2(share * share + (1 - share) * (1 - share));
  }
  profile.entropy /= std::max(1, std::popcount(profile.varying));
  return profile;
}

BandPlan plan_bands(const Join& join, int radius, const BitProfile& profile) {
  const auto points = static_cast<double>(join.point_count());
  const double pair_count = join.pair_count();
  const int bits = std::popcount(profile.varying);
  BandPlan best;
  best.cost = pair_count * kCosts.scan_pair;
  int best_count = 0;
  for (int count = radius + 1; count <= std::min(bits, radius + kMaxExtraBands);
       ++count) {
    const int clean = count - radius;
    const double keys = binomial(count, clean);
    if (keys > kMaxKeys) break;
    const int key_bits = bits * clean / count;
    const KeyWidth width = KeyWidth::of(join.point_count(), key_bits);
    const double same_key = std::exp2(
        -profile.entropy * (width.partition_bits + width.bucket_bits));
    const double cost = keys * (points * kCosts.band_item +
                                pair_count * same_key * kCosts.band_pair);
    if (cost < best.cost) {
      best.cost = cost;
      best.clean = clean;
      best_count = count;
    }
  }
  if (best_count > 0) best.bands = make_bands(profile.varying, best_count);
  return best;
}

std::string describe(const BandPlan& plan) {
  if (plan.bands.empty()) {
    return std::string("a scan of all pairs with ") + scan_instructions();
  }
  return "a join by bands (" + std::to_string(plan.key_count()) + " keys of " +
         std::to_string(plan.clean) + " out of " +
         std::to_string(plan.bands.size()) + ")";
}

KeyWidth KeyWidth::of(std::size_t point_count, int key_bits) {
  // Partitions of about 2,000 points stay in the cache; 2^11 of them are as
  // many as can be written at a time without missing it. Beyond 16 keys for a
  // point, more bits make no smaller buckets.
  constexpr int kPartitionLog = 11;
  constexpr int kMaxPartitionBits = 11;
  constexpr int kMaxBucketBits = 13;
  const auto count_log = static_cast<int>(std::bit_width(point_count));
  const int useful_bits = std::min(key_bits, count_log + 4);
  KeyWidth width{};
  width.partition_bits = std::clamp(count_log - kPartitionLog, 0,
                                    std::min(useful_bits, kMaxPartitionBits));
  width.bucket_bits =
      std::min(useful_bits - width.partition_bits, kMaxBucketBits);
  return width;
}

}  // namespace vam
