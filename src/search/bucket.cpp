// The sorting into buckets, and the kernels that compare them, for each
// instruction set. Which one is used is decided at run time.
#include "search/bucket.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "search/key_maker.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vam {
namespace {

/// Hashes that are compared with another one at a time.
constexpr std::uint32_t kChunk = 8;
constexpr std::uint32_t kRowsAtOnce = 4;

/// Two rows, that of the first list in the upper half.
using RowPair = std::uint64_t;

/// Near pairs of rows, few enough to stay in the cache, on their way to a list.
/// There is always room for some more behind the end, so that they can be
/// written before it is known how many there are.
struct Found {
  static constexpr std::size_t kRoom = 256;
  static constexpr std::size_t kMost = kRoom + std::size_t{2} * kChunk;

  const BucketLists& lists;
  const PairFilter& filter;
  Pairs& pairs;
  std::size_t count = 0;
  std::array<RowPair, kMost> near;

  Found(const BucketLists& of, const PairFilter& wanted, Pairs& all)
      : lists(of), filter(wanted), pairs(all) {}

  RowPair* end() { return near.data() + count; }
};

/// Rows of the second list with which some of the first are to be compared,
/// side by side wherever they came from, so that they are in the fastest cache
/// and fill vectors. There is room for a chunk behind the end,
/// where anything may be.
struct Partners {
  static constexpr std::uint32_t kRoom = 1024;

  std::array<Hash, kRoom + kChunk> hashes;
  std::array<std::uint32_t, kRoom + kChunk> rows;

  /// Puts a chunk of rows at a place, however many there are to come.
  [[gnu::always_inline]] void put(std::uint32_t place, const Hash* all,
                                  std::uint32_t row) {
    using Rows =
        std::uint32_t __attribute__((vector_size(kChunk * sizeof row)));
    const Rows numbers = row + Rows{0, 1, 2, 3, 4, 5, 6, 7};
    std::memcpy(hashes.data() + place, all + row, kChunk * sizeof(Hash));
    std::memcpy(rows.data() + place, &numbers, sizeof numbers);
  }
};

/// Hashes side by side, without vectors.
struct ScalarChunk {
  const Hash* hashes;
  std::uint32_t count;

  [[gnu::always_inline]] ScalarChunk(const Hash* first, std::uint32_t size,
                                     int /*radius*/)
      : hashes(first), count(size) {}

  [[gnu::always_inline]] static bool may_be_near(const Hash* /*rows*/) {
    return true;
  }
  [[gnu::always_inline]] unsigned near(Hash hash, const NearRule& rule) const {
    unsigned near = 0;
    for (std::uint32_t lane = 0; lane < count; ++lane) {
      const Hash difference = hash ^ hashes[lane];
      if (std::popcount(difference) > rule.radius) continue;
      bool counts = true;
      for (std::size_t n = 0; n < rule.earlier_count; ++n) {
        counts &= std::popcount(difference & rule.bands[n]) > rule.reaches[n];
      }
      near |= static_cast<unsigned>(counts) << lane;
    }
    return near;
  }
  [[gnu::always_inline]] static void list(RowPair row,
                                          const std::uint32_t* partner_rows,
                                          unsigned near, RowPair* pairs) {
    for (; near != 0; near &= near - 1, ++pairs) {
      *pairs = row | partner_rows[std::countr_zero(near)];
    }
  }
};

namespace portable {
using Chunk = ScalarChunk;
#define VAM_TARGET
#include "search/bucket_kernel.hpp"
#undef VAM_TARGET
bool is_supported() { return true; }
}  // namespace portable

#if defined(__x86_64__)
namespace popcnt {
using Chunk = ScalarChunk;
#define VAM_TARGET [[gnu::target("popcnt")]]
#include "search/bucket_kernel.hpp"
#undef VAM_TARGET
bool is_supported() { return __builtin_cpu_supports("popcnt") != 0; }
}  // namespace popcnt

namespace avx512 {
#define VAM_TARGET [[gnu::target("avx512f,avx512vpopcntdq,popcnt")]]
#define VAM_INLINED [[gnu::always_inline]] VAM_TARGET
[[gnu::always_inline]] VAM_TARGET inline __m512i all(Hash hash) {
  return _mm512_set1_epi64(static_cast<long long>(hash));
}

// The plain intrinsics make g++ warn of what they leave undefined.
[[gnu::always_inline]] VAM_TARGET inline __m512i lesser(__m512i a, __m512i b) {
  return _mm512_maskz_min_epu64(0xFF, a, b);
}

struct Chunk {
  __m512i hashes;
  __m512i radius;
  __mmask8 lanes;

  VAM_INLINED Chunk(const Hash* first, std::uint32_t size, int most)
      : radius(_mm512_set1_epi64(most)),
        lanes(static_cast<__mmask8>(0xFFU >> (kChunk - size))) {
    hashes = _mm512_maskz_loadu_epi64(lanes, first);
  }

  VAM_INLINED __m512i distance(Hash hash) const {
    return _mm512_popcnt_epi64(_mm512_xor_si512(hashes, all(hash)));
  }
  VAM_INLINED bool may_be_near(const Hash* rows) const {
    static_assert(kRowsAtOnce == 4);
    const __m512i least = lesser(lesser(distance(rows[0]), distance(rows[1])),
                                 lesser(distance(rows[2]), distance(rows[3])));
    return _mm512_cmple_epi64_mask(least, radius) != 0;
  }
  VAM_INLINED unsigned near(Hash hash, const NearRule& rule) const {
    const __m512i difference = _mm512_xor_si512(hashes, all(hash));
    __mmask8 near = _mm512_mask_cmple_epi64_mask(
        lanes, _mm512_popcnt_epi64(difference), radius);
    for (std::size_t n = 0; n < rule.earlier_count; ++n) {
      const __m512i band = _mm512_and_si512(difference, all(rule.bands[n]));
      near = _mm512_mask_cmpgt_epi64_mask(near, _mm512_popcnt_epi64(band),
                                          _mm512_set1_epi64(rule.reaches[n]));
    }
    return near;
  }
  /// Without branches, which nobody can predict.
  VAM_INLINED static void list(RowPair row, const std::uint32_t* partner_rows,
                               unsigned near, RowPair* pairs) {
    const __m512i partners = _mm512_maskz_cvtepu32_epi64(
        0xFF,
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(partner_rows)));
    const __m512i all_pairs = _mm512_or_si512(partners, all(row));
    _mm512_storeu_si512(pairs, _mm512_maskz_compress_epi64(
                                   static_cast<__mmask8>(near), all_pairs));
  }
};
#include "search/bucket_kernel.hpp"
#undef VAM_INLINED
#undef VAM_TARGET
bool is_supported() {
  return __builtin_cpu_supports("avx512f") != 0 &&
         __builtin_cpu_supports("avx512vpopcntdq") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
}
}  // namespace avx512
#endif

}  // namespace

KeyedPoints::KeyedPoints(const Points& points, Hash band)
    : hashes(std::make_unique_for_overwrite<Hash[]>(points.size() + kChunk)),
      ids(std::make_unique_for_overwrite<std::uint32_t[]>(points.size())),
      begins((std::size_t{1} << std::popcount(band)) + 1) {
  std::fill_n(hashes.get() + points.size(), kChunk, Hash{0});
  const KeyMaker key_of(band, kHashBits);
  for (const Hash hash : points.hashes) ++begins[key_of(hash) + 1];
  for (std::size_t key = 1; key < begins.size(); ++key) {
    begins[key] += begins[key - 1];
  }
  std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
  for (std::size_t point = 0; point < points.size(); ++point) {
    const std::uint32_t row = next[key_of(points.hashes[point])]++;
    hashes[row] = points.hashes[point];
    ids[row] = points.ids[point];
  }
}

std::span<const BucketKernel> bucket_kernels() {
  static constexpr BucketKernel kKernels[] = {
#if defined(__x86_64__)
    {"AVX-512", avx512::is_supported, avx512::compare},
    {"POPCNT", popcnt::is_supported, popcnt::compare},
#endif
    {"portable code", portable::is_supported, portable::compare},
  };
  return kKernels;
}

namespace {

const BucketKernel*& kernel_in_use() {
  static const BucketKernel* kernel = &*std::ranges::find_if(
      bucket_kernels(),
      [](const BucketKernel& candidate) { return candidate.is_supported(); });
  return kernel;
}

}  // namespace

const BucketKernel& bucket_kernel() { return *kernel_in_use(); }

void use_bucket_kernel(const BucketKernel& kernel) {
  kernel_in_use() = &kernel;
}

}  // namespace vam
