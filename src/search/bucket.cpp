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

/// Partners that are copied, and listed, at a time.
constexpr std::uint32_t kChunk = 8;

/// Two rows, that of the first list in the upper half.
using RowPair = std::uint64_t;

/// Near pairs of rows, few enough to stay in the cache, on their way to a list.
/// There is always room for some more behind the end, so that they can be
/// written before it is known how many there are.
struct Found {
  static constexpr std::size_t kRoom = 256;
  static constexpr std::size_t kMost = kRoom + kChunk;

  const BucketLists& lists;
  Pairs& pairs;
  std::size_t count = 0;
  std::array<RowPair, kMost> near;

  Found(const BucketLists& of, Pairs& all) : lists(of), pairs(all) {}

  RowPair* end() { return near.data() + count; }
};

/// Rows of the second list with which some of the first are to be compared,
/// side by side wherever they came from, so that they are in the fastest cache
/// and fill vectors. There is room behind the end, where anything may be.
struct Partners {
  static constexpr std::uint32_t kRoom = 1024;
  /// So many are compared at a time at most.
  static constexpr std::uint32_t kMostAtOnce = 32;

  std::array<Hash, kRoom + kMostAtOnce> hashes;
  std::array<std::uint32_t, kRoom + kMostAtOnce> rows;

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

/// Whether near hashes that differ so are within reach in no earlier band.
[[gnu::always_inline]] inline bool counts(Hash difference,
                                          const NearRule& rule) {
  bool is_new = true;
  for (std::size_t n = 0; n < rule.earlier_count; ++n) {
    is_new &= std::popcount(difference & rule.bands[n]) > rule.reaches[n];
  }
  return is_new;
}

[[gnu::always_inline]] inline void list_by_one(
    RowPair row, const std::uint32_t* partner_rows, unsigned near,
    RowPair* pairs) {
  for (; near != 0; near &= near - 1, ++pairs) {
    *pairs = row | partner_rows[std::countr_zero(near)];
  }
}

/// Rows compared without vectors.
struct ScalarRows {
  static constexpr std::uint32_t kAtOnce = kChunk;
  static constexpr std::uint32_t kFewest = 1;
  using Laid = const Hash*;

  [[gnu::always_inline]] static Laid lay_out(const Partners& partners,
                                             std::uint32_t /*count*/) {
    return partners.hashes.data();
  }

  const Hash* rows;

  [[gnu::always_inline]] ScalarRows(const Hash* first, int /*radius*/)
      : rows(first) {}

  [[gnu::always_inline]] static bool may_be_near(Laid /*partners*/,
                                                 std::uint32_t /*at*/) {
    return true;
  }
  [[gnu::always_inline]] unsigned near(std::uint32_t n, Laid partners,
                                       std::uint32_t at, std::uint32_t lanes,
                                       const NearRule& rule) const {
    unsigned near = 0;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      const Hash difference = rows[n] ^ partners[at + lane];
      if (std::popcount(difference) > rule.radius) continue;
      near |= static_cast<unsigned>(counts(difference, rule)) << lane;
    }
    return near;
  }
  static constexpr auto list = list_by_one;
};

namespace portable {
using Rows = ScalarRows;
#define VAM_TARGET
#include "search/bucket_kernel.hpp"
#undef VAM_TARGET
bool is_supported() { return true; }
}  // namespace portable

#if defined(__x86_64__)
namespace popcnt {
using Rows = ScalarRows;
#define VAM_TARGET [[gnu::target("popcnt")]]
#include "search/bucket_kernel.hpp"
#undef VAM_TARGET
bool is_supported() { return __builtin_cpu_supports("popcnt") != 0; }
}  // namespace popcnt

namespace avx2 {
#define VAM_TARGET [[gnu::target("avx2,popcnt")]]
#define VAM_INLINED [[gnu::always_inline]] VAM_TARGET
constexpr std::size_t kNibbles = sizeof(Hash) * 2;

/// Of all bytes.
VAM_INLINED inline __m256i low_nibbles(__m256i bytes) {
  return _mm256_and_si256(bytes, _mm256_set1_epi8(0xF));
}
VAM_INLINED inline __m256i high_nibbles(__m256i bytes) {
  return low_nibbles(_mm256_srli_epi16(bytes, 4));
}

VAM_INLINED inline __m256i nibble_popcounts() {
  return _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
}

/// Hashes taken apart: of 32 of them all first nibbles, then all second ones.
struct Laid {
  struct Part {
    __m256i nibbles[kNibbles];
  };

  const Hash* hashes;
  Part parts[Partners::kRoom / Partners::kMostAtOnce + 1];

  VAM_INLINED Laid(const Partners& partners, std::uint32_t count)
      : hashes(partners.hashes.data()) {
    constexpr std::uint32_t kAtOnce = Partners::kMostAtOnce;
    for (std::uint32_t at = 0; at < count; at += kAtOnce) {
      take_apart(hashes + at, parts[at / kAtOnce]);
    }
  }

  VAM_INLINED static __m256i load(const Hash* first, const Hash* second) {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(first))),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(second)), 1);
  }

  /// A vector holds two hashes and, in its upper half, the two that come 16
  /// later. Bytes of two hashes become pairs; pairs of equal bytes are gathered
  /// by exchanging rows and columns of 8 x 8 pairs.
  VAM_INLINED static void take_apart(const Hash* first, Part& part) {
    const __m256i pairs = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
    __m256i a[8];
    __m256i b[8];
#pragma GCC unroll 8
    for (std::size_t n = 0; n < 8; ++n) {
      a[n] =
          _mm256_shuffle_epi8(load(first + 2 * n, first + 16 + 2 * n), pairs);
    }
#pragma GCC unroll 8
    for (std::size_t n = 0; n < 4; ++n) {
      b[2 * n] = _mm256_unpacklo_epi16(a[2 * n], a[2 * n + 1]);
      b[2 * n + 1] = _mm256_unpackhi_epi16(a[2 * n], a[2 * n + 1]);
    }
#pragma GCC unroll 8
    for (std::size_t n = 0; n < 8; n += 4) {
      for (std::size_t i = 0; i < 2; ++i) {
        a[n + 2 * i] = _mm256_unpacklo_epi32(b[n + i], b[n + i + 2]);
        a[n + 2 * i + 1] = _mm256_unpackhi_epi32(b[n + i], b[n + i + 2]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t n = 0; n < 4; ++n) {
      const __m256i bytes[] = {_mm256_unpacklo_epi64(a[n], a[n + 4]),
                               _mm256_unpackhi_epi64(a[n], a[n + 4])};
      for (std::size_t i = 0; i < 2; ++i) {
        part.nibbles[4 * n + 2 * i] = low_nibbles(bytes[i]);
        part.nibbles[4 * n + 2 * i + 1] = high_nibbles(bytes[i]);
      }
    }
  }
};

/// Distances are looked up by nibble and added up, for 32 hashes at a time
/// (F. Andre, A.-M. Kermarrec, N. Le Scouarnec, Cache locality is not enough:
/// high-performance nearest neighbor search with product quantization fast
/// scan, 2015).
struct Rows {
  static constexpr std::uint32_t kAtOnce = Partners::kMostAtOnce;
  static constexpr std::uint32_t kFewest = 32;

  VAM_INLINED static Laid lay_out(const Partners& partners,
                                  std::uint32_t count) {
    return {partners, count};
  }

  /// Of each nibble, by what the other one is.
  __m128i distances[kRowsAtOnce][kNibbles];
  const Hash* rows;
  __m256i too_far;
  std::array<std::uint32_t, kRowsAtOnce> near_bits;

  VAM_INLINED Rows(const Hash* first, int radius)
      : rows(first), too_far(_mm256_set1_epi8(static_cast<char>(radius + 1))) {
    const __m256i all = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    const __m256i popcounts = nibble_popcounts();
    for (std::size_t n = 0; n < kRowsAtOnce; ++n) {
      const __m256i bytes = _mm256_set1_epi64x(static_cast<long long>(rows[n]));
      const __m256i nibbles =
          _mm256_unpacklo_epi8(low_nibbles(bytes), high_nibbles(bytes));
      // Two at a time, one in each half.
      __m256i places =
          _mm256_inserti128_si256(_mm256_setzero_si256(), _mm_set1_epi8(1), 1);
#pragma GCC unroll 8
      for (std::size_t nibble = 0; nibble < kNibbles; nibble += 2) {
        const __m256i differences =
            _mm256_xor_si256(_mm256_shuffle_epi8(nibbles, places), all);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(&distances[n][nibble]),
                            _mm256_shuffle_epi8(popcounts, differences));
        places = _mm256_add_epi8(places, _mm256_set1_epi8(2));
      }
    }
  }

  VAM_INLINED bool may_be_near(const Laid& partners, std::uint32_t at) {
    const __m256i* const nibbles = partners.parts[at / kAtOnce].nibbles;
    __m256i sums[kRowsAtOnce]{};
#pragma GCC unroll 16
    for (std::size_t nibble = 0; nibble < kNibbles; ++nibble) {
#pragma GCC unroll 4
      for (std::size_t n = 0; n < kRowsAtOnce; ++n) {
        const __m256i table = _mm256_broadcastsi128_si256(distances[n][nibble]);
        sums[n] = _mm256_add_epi8(sums[n],
                                  _mm256_shuffle_epi8(table, nibbles[nibble]));
      }
    }
    std::uint32_t any = 0;
#pragma GCC unroll 4
    for (std::size_t n = 0; n < kRowsAtOnce; ++n) {
      near_bits[n] = static_cast<std::uint32_t>(
          _mm256_movemask_epi8(_mm256_cmpgt_epi8(too_far, sums[n])));
      any |= near_bits[n];
    }
    return any != 0;
  }
  /// Of each 64 bits (W. Mula, N. Kurz, D. Lemire, Faster Population Counts
  /// Using AVX2 Instructions, 2018).
  VAM_INLINED static __m256i bit_counts(__m256i bits) {
    const __m256i popcounts = nibble_popcounts();
    const __m256i low = _mm256_shuffle_epi8(popcounts, low_nibbles(bits));
    const __m256i high = _mm256_shuffle_epi8(popcounts, high_nibbles(bits));
    return _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
  }
  VAM_INLINED unsigned near(std::uint32_t n, const Laid& partners,
                            std::uint32_t at, std::uint32_t lanes,
                            const NearRule& rule) const {
    const unsigned near =
        (near_bits[n] >> (at % kAtOnce)) & (0xFFU >> (kChunk - lanes));
    if (near == 0) return 0;
    unsigned counting = 0;  // as counts() tells
    for (std::uint32_t half = 0; half < kChunk; half += kChunk / 2) {
      const __m256i difference = _mm256_xor_si256(
          _mm256_loadu_si256(
              reinterpret_cast<const __m256i*>(partners.hashes + at + half)),
          _mm256_set1_epi64x(static_cast<long long>(rows[n])));
      __m256i is_new = _mm256_set1_epi64x(-1);
      for (std::size_t band = 0; band < rule.earlier_count; ++band) {
        const __m256i part = _mm256_and_si256(
            difference,
            _mm256_set1_epi64x(static_cast<long long>(rule.bands[band])));
        is_new = _mm256_and_si256(
            is_new, _mm256_cmpgt_epi64(bit_counts(part),
                                       _mm256_set1_epi64x(rule.reaches[band])));
      }
      counting |=
          static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(is_new)))
          << half;
    }
    return near & counting;
  }
  static constexpr auto list = list_by_one;
};
#include "search/bucket_kernel.hpp"
#undef VAM_INLINED
#undef VAM_TARGET
bool is_supported() {
  return __builtin_cpu_supports("avx2") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
}
}  // namespace avx2

namespace avx512 {
#define VAM_TARGET [[gnu::target("avx512f,avx512vpopcntdq,popcnt")]]
#define VAM_INLINED [[gnu::always_inline]] VAM_TARGET
VAM_INLINED inline __m512i all(Hash hash) {
  return _mm512_set1_epi64(static_cast<long long>(hash));
}

// The plain intrinsics make g++ warn of what they leave undefined.
VAM_INLINED inline __m512i lesser(__m512i a, __m512i b) {
  return _mm512_maskz_min_epu64(0xFF, a, b);
}

struct Rows {
  static constexpr std::uint32_t kAtOnce = kChunk;
  static constexpr std::uint32_t kFewest = 1;
  using Laid = const Hash*;

  VAM_INLINED static Laid lay_out(const Partners& partners,
                                  std::uint32_t /*count*/) {
    return partners.hashes.data();
  }

  __m512i rows[kRowsAtOnce];
  __m512i radius;

  VAM_INLINED Rows(const Hash* first, int most)
      : radius(_mm512_set1_epi64(most)) {
#pragma GCC unroll 4
    for (std::size_t n = 0; n < kRowsAtOnce; ++n) rows[n] = all(first[n]);
  }

  VAM_INLINED __m512i difference(std::size_t n, Laid partners,
                                 std::uint32_t at) const {
    return _mm512_xor_si512(_mm512_loadu_si512(partners + at), rows[n]);
  }
  VAM_INLINED __m512i distance(std::size_t n, Laid partners,
                               std::uint32_t at) const {
    return _mm512_popcnt_epi64(difference(n, partners, at));
  }
  VAM_INLINED bool may_be_near(Laid partners, std::uint32_t at) const {
    static_assert(kRowsAtOnce == 4);
    const __m512i least =
        lesser(lesser(distance(0, partners, at), distance(1, partners, at)),
               lesser(distance(2, partners, at), distance(3, partners, at)));
    return _mm512_cmple_epi64_mask(least, radius) != 0;
  }
  VAM_INLINED unsigned near(std::uint32_t n, Laid partners, std::uint32_t at,
                            std::uint32_t lanes, const NearRule& rule) const {
    const __m512i bits = difference(n, partners, at);
    __mmask8 near = _mm512_mask_cmple_epi64_mask(
        static_cast<__mmask8>(0xFFU >> (kChunk - lanes)),
        _mm512_popcnt_epi64(bits), radius);
    for (std::size_t band = 0; band < rule.earlier_count; ++band) {
      const __m512i part = _mm512_and_si512(bits, all(rule.bands[band]));
      near =
          _mm512_mask_cmpgt_epi64_mask(near, _mm512_popcnt_epi64(part),
                                       _mm512_set1_epi64(rule.reaches[band]));
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
    {"AVX2", avx2::is_supported, avx2::compare},
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
