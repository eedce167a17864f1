// Resampling of rasters.
//
// Lanczos resampling is a weighted mean of the source pixels around the place
// where an output pixel's centre falls. The kernel L(x) = sinc(x) sinc(x / 3)
// is cut off at |x| = 3; when the picture shrinks by a factor s, the kernel is
// stretched by s, so that every source pixel counts. It is separable, so one
// pass over columns and one over rows do. (Turkowski, "Filters for Common
// Resampling Tasks", 1990. Fixed-point width and order of the passes are
// Pillow's, since the hashes are defined by its result.)
#include "image/resample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "for_each_cpu.hpp"
#include "vam/image.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vam {
namespace {

constexpr int kFractionBits = 22;
/// Weights are also kept in two halves, weight = high * 2^11 + low, since
/// processors multiply and add pairs of 16-bit numbers at least twice as fast
/// as 32-bit ones. The sum is the same.
constexpr int kLowBits = 11;
constexpr int kPadding = 32;
constexpr double kSupport = 3.0;

/// The Lanczos kernel sinc(x) * sinc(x / kSupport) at places that are equally
/// far apart. Of 16 of them only the first costs a sine and a cosine: those of
/// the others follow by sin(a + b) = sin(a) cos(b) + cos(a) sin(b).
class LanczosRow {
 public:
  explicit LanczosRow(double step) : step_(step) {
    for (std::size_t n = 0; n < kBlock; ++n) {
      const double angle = kAngle * step * static_cast<double>(n);
      sines_[n] = std::sin(angle);
      cosines_[n] = std::cos(angle);
    }
  }

  /// Values at x, x + step, x + 2 * step, ...
  void fill(double x, std::vector<double>& values) const {
    for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
      const auto block = values_from(x + step_ * static_cast<double>(begin));
      std::copy_n(block.begin(), std::min(kBlock, values.size() - begin),
                  values.begin() + static_cast<std::ptrdiff_t>(begin));
    }
  }

 private:
  static constexpr std::size_t kBlock = 16;
  /// Of x, in radians: of the wider sine.
  static constexpr double kAngle = std::numbers::pi / kSupport;
  using Block = std::array<double, kBlock>;

  Block values_from(double x) const {
    const double sine = std::sin(kAngle * x);
    const double cosine = std::cos(kAngle * x);
    Block values;
    for (std::size_t n = 0; n < kBlock; ++n) {
      const double angle = kAngle * (x + step_ * static_cast<double>(n));
      values[n] = value(angle, sine * cosines_[n] + cosine * sines_[n]);
    }
    return values;
  }

  /// By sin(3a) = 3 sin(a) - 4 sin(a)^3.
  static double value(double angle, double sine) {
    static_assert(kSupport == 3.0);
    constexpr double kNearZero = 1e-8;  // where it is 1, to 16 digits
    constexpr double kEnd = std::numbers::pi;
    const double square = sine * sine;
    const double value = (3 - 4 * square) * square / (kSupport * angle * angle);
    const double cut = angle >= -kEnd && angle < kEnd ? value : 0.0;
    return std::abs(angle) < kNearZero ? 1.0 : cut;
  }

  double step_;
  Block sines_;
  Block cosines_;
};

/// The source pixels that make one output pixel, and their weights.
struct Tap {
  int first;
  int count;
  std::size_t place;  ///< of its weights, in both lists
};

struct Weights {
  std::vector<Tap> taps;
  // Zeros follow the weights of a tap up to a multiple of kPadding.
  std::vector<std::int16_t> high;  ///< weight >> kLowBits
  std::vector<std::int16_t> low;   ///< the bits below
};

/// The weights in fixed point, so that they add up to 1, in halves.
VAM_FOR_EACH_CPU
void fix_weights(std::span<const double> exact, double sum, std::int16_t* high,
                 std::int16_t* low) {
  for (std::size_t n = 0; n < exact.size(); ++n) {
    const double fixed = exact[n] * (1.0 / sum) * (1 << kFractionBits);
    const auto weight =
        static_cast<std::int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    high[n] = static_cast<std::int16_t>(weight >> kLowBits);
    low[n] = static_cast<std::int16_t>(weight & ((1 << kLowBits) - 1));
  }
}

Weights make_weights(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double stretch = std::max(scale, 1.0);
  const double support = kSupport * stretch;
  const LanczosRow lanczos(1.0 / stretch);
  Weights weights;
  weights.taps.reserve(static_cast<std::size_t>(out_size));
  std::vector<double> exact;
  for (int out = 0; out < out_size; ++out) {
    const double center = (out + 0.5) * scale;
    const double begin = center - support + 0.5;
    const double end = center + support + 0.5;
    const int first = std::max(0, static_cast<int>(begin));
    const int last = std::min(in_size, static_cast<int>(end));
    exact.resize(static_cast<std::size_t>(last - first));
    lanczos.fill((first - center + 0.5) * (1.0 / stretch), exact);
    const double sum = std::accumulate(exact.begin(), exact.end(), 0.0);
    const std::size_t place = weights.high.size();
    weights.taps.push_back({first, last - first, place});
    const std::size_t padded =
        place + (exact.size() + kPadding - 1) / kPadding * kPadding;
    weights.high.resize(padded);
    weights.low.resize(padded);
    fix_weights(exact, sum, &weights.high[place], &weights.low[place]);
  }
  return weights;
}

/// Making weights may take as long as using them, and a folder of photos has
/// few sizes: every thread remembers the last ones.
const Weights& weights_for(int in_size, int out_size) {
  struct Entry {
    int in_size = 0;
    int out_size = 0;
    Weights weights;
  };
  static constexpr std::size_t kRemembered = 24;
  thread_local std::array<Entry, kRemembered> entries;
  thread_local std::size_t oldest = 0;
  thread_local Entry large;  // only until the next one
  for (const Entry& entry : entries) {
    if (entry.in_size == in_size && entry.out_size == out_size) {
      return entry.weights;
    }
  }
  constexpr int kLargeSize = 8192;
  Entry* entry = &large;
  if (in_size <= kLargeSize) {
    entry = &entries[std::exchange(oldest, (oldest + 1) % kRemembered)];
  }
  entry->in_size = 0;  // should make_weights() throw
  entry->weights = make_weights(in_size, out_size);
  entry->in_size = in_size;
  entry->out_size = out_size;
  return entry->weights;
}

constexpr std::int32_t kHalf = 1 << (kFractionBits - 1);

std::uint8_t rounded(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

namespace portable {

/// As many products of a weight's half and a sample as 32 bits hold for sure.
constexpr int kSafeCount = 4096;

/// Sums along a row; `in` goes on for kPadding samples behind the row.
void weigh_along(const std::int16_t* in, const Weights& weights,
                 std::uint8_t* out) {
  for (const Tap& tap : weights.taps) {
    const std::int16_t* const samples = in + tap.first;
    const std::int16_t* const high = weights.high.data() + tap.place;
    const std::int16_t* const low = weights.low.data() + tap.place;
    const int count = (tap.count + kPadding - 1) / kPadding * kPadding;
    std::int64_t sum = kHalf;
    for (int begin = 0; begin < count; begin += kSafeCount) {
      const int end = std::min(begin + kSafeCount, count);
      std::int32_t high_sum = 0;
      std::int32_t low_sum = 0;
      for (int i = begin; i < end; ++i) {
        high_sum += samples[i] * high[i];
        low_sum += samples[i] * low[i];
      }
      sum += std::int64_t{high_sum} * (1 << kLowBits) + low_sum;
    }
    *out++ = rounded(static_cast<std::int32_t>(sum));
  }
}

Image resize_along(const Image& image, int width) {
  const Weights& weights = weights_for(image.width, width);
  Image result(width, image.height);
  std::vector<std::int16_t> wide(static_cast<std::size_t>(image.width) +
                                 kPadding);
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(image.row(y), image.width, wide.begin());
    weigh_along(wide.data(), weights, result.row(y));
  }
  return result;
}

void add_weighted(std::int32_t* sums, const std::uint8_t* in,
                  std::int32_t weight, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += in[i] * weight;
}

Image resize_down(const Image& image, int height) {
  const Weights& weights = weights_for(image.height, height);
  Image result(image.width, height);
  std::vector<std::int32_t> sums(static_cast<std::size_t>(image.width));
  for (int y = 0; y < height; ++y) {
    const Tap& tap = weights.taps[static_cast<std::size_t>(y)];
    std::ranges::fill(sums, kHalf);
    for (int i = 0; i < tap.count; ++i) {
      const std::size_t n = tap.place + static_cast<std::size_t>(i);
      add_weighted(sums.data(), image.row(tap.first + i),
                   weights.high[n] * (1 << kLowBits) + weights.low[n],
                   sums.size());
    }
    std::ranges::transform(sums, result.row(y), rounded);
  }
  return result;
}

bool is_supported() { return true; }

}  // namespace portable

#if defined(__x86_64__)
/// Rows that are weighed along at once.
constexpr int kRowsAtOnce = 4;

#define VAM_ON_LANES [[gnu::always_inline]] VAM_TARGET

/// The bits of two numbers.
inline std::int32_t pair_at(const std::int16_t* numbers) {
  std::int32_t pair;
  std::memcpy(&pair, numbers, sizeof pair);
  return pair;
}

namespace avx2 {
#define VAM_TARGET [[gnu::target("avx2")]]
using Vector = __m256i;
constexpr int kLanes = 16;

VAM_ON_LANES inline Vector load(const std::uint8_t* samples) {
  return _mm256_cvtepu8_epi16(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(samples)));
}
VAM_ON_LANES inline Vector load(const std::int16_t* numbers) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers));
}
VAM_ON_LANES inline Vector all(std::int32_t number) {
  return _mm256_set1_epi32(number);
}
VAM_ON_LANES inline Vector interleaved(Vector a, Vector b, int half) {
  return half == 0 ? _mm256_unpacklo_epi16(a, b) : _mm256_unpackhi_epi16(a, b);
}
VAM_ON_LANES inline Vector add_products(Vector sum, Vector a, Vector b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}
VAM_ON_LANES inline __m256i folded(Vector sums) { return sums; }
VAM_ON_LANES inline Vector levels_of(Vector high_sum, Vector low_sum) {
  const Vector sum =
      _mm256_add_epi32(_mm256_slli_epi32(high_sum, kLowBits), low_sum);
  return _mm256_srai_epi32(sum, kFractionBits);
}
VAM_ON_LANES inline void store(Vector levels, Vector other_levels,
                               std::uint8_t* out) {
  const Vector words = _mm256_packs_epi32(levels, other_levels);
  const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words),
                                         _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
}
#include "image/resample_kernel.hpp"
#undef VAM_TARGET
bool is_supported() { return __builtin_cpu_supports("avx2") != 0; }
}  // namespace avx2

namespace avx512 {
#define VAM_TARGET [[gnu::target("avx512bw,avx512vnni")]]
using Vector = __m512i;
constexpr int kLanes = 32;
// The plain intrinsics make g++ warn of what they leave undefined.
constexpr __mmask8 kAllQuads = 0xFF;
constexpr __mmask16 kAllPairs = 0xFFFF;
constexpr __mmask32 kAll = 0xFFFFFFFF;

VAM_ON_LANES inline Vector load(const std::uint8_t* samples) {
  return _mm512_maskz_cvtepu8_epi16(
      kAll, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(samples)));
}
VAM_ON_LANES inline Vector load(const std::int16_t* numbers) {
  return _mm512_loadu_si512(numbers);
}
VAM_ON_LANES inline Vector all(std::int32_t number) {
  return _mm512_set1_epi32(number);
}
VAM_ON_LANES inline Vector interleaved(Vector a, Vector b, int half) {
  return half == 0 ? _mm512_unpacklo_epi16(a, b) : _mm512_unpackhi_epi16(a, b);
}
VAM_ON_LANES inline Vector add_products(Vector sum, Vector a, Vector b) {
  return _mm512_dpwssd_epi32(sum, a, b);
}
VAM_ON_LANES inline __m256i folded(Vector sums) {
  return _mm256_add_epi32(_mm512_maskz_extracti64x4_epi64(kAllQuads, sums, 0),
                          _mm512_maskz_extracti64x4_epi64(kAllQuads, sums, 1));
}
VAM_ON_LANES inline Vector levels_of(Vector high_sum, Vector low_sum) {
  const Vector shifted = _mm512_maskz_slli_epi32(kAllPairs, high_sum, kLowBits);
  return _mm512_maskz_srai_epi32(kAllPairs, _mm512_add_epi32(shifted, low_sum),
                                 kFractionBits);
}
VAM_ON_LANES inline void store(Vector levels, Vector other_levels,
                               std::uint8_t* out) {
  const Vector words = _mm512_packs_epi32(levels, other_levels);
  const Vector not_negative = _mm512_max_epi16(words, _mm512_setzero_si512());
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                      _mm512_maskz_cvtusepi16_epi8(kAll, not_negative));
}
#include "image/resample_kernel.hpp"
#undef VAM_TARGET
bool is_supported() {
  return __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0;
}
}  // namespace avx512
#undef VAM_ON_LANES
#endif

Image resize_width(const Image& image, int width,
                   const ResampleKernel& kernel) {
  // A few long sums are fast along the row. Many short ones are not: then each
  // weight serves a whole column at once, which lies along memory when the
  // picture is turned.
  constexpr int kShortStretch = 11;
  const bool is_turned = image.width < std::int64_t{width} * kShortStretch &&
                         image.height >= kernel.least_width;
  return is_turned ? transposed(kernel.resize_down(transposed(image), width))
                   : kernel.resize_along(image, width);
}

Image resize_height(const Image& image, int height,
                    const ResampleKernel& kernel) {
  return image.width >= kernel.least_width
             ? kernel.resize_down(image, height)
             : transposed(kernel.resize_along(transposed(image), height));
}

}  // namespace

std::span<const ResampleKernel> resample_kernels() {
  static constexpr ResampleKernel kKernels[] = {
#if defined(__x86_64__)
    {"AVX-512", avx512::is_supported, avx512::resize_along, avx512::resize_down,
     avx512::kLanes},
    {"AVX2", avx2::is_supported, avx2::resize_along, avx2::resize_down,
     avx2::kLanes},
#endif
    {"portable code", portable::is_supported, portable::resize_along,
     portable::resize_down, 1},
  };
  return kKernels;
}

Image resize_lanczos(const Image& image, int width, int height,
                     const ResampleKernel& kernel) {
  const Image narrow =
      image.width == width ? image : resize_width(image, width, kernel);
  return narrow.height == height ? narrow
                                 : resize_height(narrow, height, kernel);
}

Image resize_lanczos(const Image& image, int width, int height) {
  static const ResampleKernel& fastest = *std::ranges::find_if(
      resample_kernels(),
      [](const ResampleKernel& kernel) { return kernel.is_supported(); });
  return resize_lanczos(image, width, height, fastest);
}

}  // namespace vam
