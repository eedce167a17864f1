// Turning and resampling of rasters.
//
// Lanczos resampling is a weighted mean of the source pixels around the place
// where an output pixel's centre falls. The kernel L(x) = sinc(x) sinc(x / 3)
// is cut off at |x| = 3; when the picture shrinks by a factor s, the kernel is
// stretched by s, so that every source pixel counts. It is separable, so one
// pass over columns and one over rows do. (Turkowski, "Filters for Common
// Resampling Tasks", 1990. Fixed-point width and order of the passes are
// Pillow's, since the hashes are defined by its result.)
#include "vam/image.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <utility>
#include <vector>

#include "for_each_cpu.hpp"

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
constexpr int kPadding = 16;
constexpr double kSupport = 3.0;

/// sinc(x) * sinc(x / kSupport), by sin(3a) = 3 sin(a) - 4 sin(a)^3.
double lanczos(double x) {
  if (x == 0.0) return 1.0;
  if (x < -kSupport || x >= kSupport) return 0.0;
  static_assert(kSupport == 3.0);
  const double angle = x * (std::numbers::pi / kSupport);
  const double sine = std::sin(angle);
  return (3 - 4 * sine * sine) * sine * sine / (kSupport * angle * angle);
}

/// The source pixels that make one output pixel, and their weights.
struct Tap {
  int first;
  int count;
  std::size_t weights;  ///< offset into Kernel::weights
};

struct Kernel {
  std::vector<Tap> taps;
  /// As the next two: zeros follow the weights of a tap up to a multiple of
  /// kPadding.
  std::vector<std::int32_t> weights;
  std::vector<std::int16_t> high;  ///< weight >> kLowBits
  std::vector<std::int16_t> low;   ///< the bits below
};

Kernel make_kernel(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double stretch = std::max(scale, 1.0);
  const double support = kSupport * stretch;
  Kernel kernel;
  kernel.taps.reserve(static_cast<std::size_t>(out_size));
  std::vector<double> exact;
  for (int out = 0; out < out_size; ++out) {
    const double center = (out + 0.5) * scale;
    const double begin = center - support + 0.5;
    const double end = center + support + 0.5;
    const int first = std::max(0, static_cast<int>(begin));
    const int last = std::min(in_size, static_cast<int>(end));
    exact.clear();
    double sum = 0.0;
    for (int in = first; in < last; ++in) {
      exact.push_back(lanczos((in - center + 0.5) * (1.0 / stretch)));
      sum += exact.back();
    }
    kernel.taps.push_back({first, last - first, kernel.weights.size()});
    for (const double weight : exact) {
      const double fixed = weight * (1.0 / sum) * (1 << kFractionBits);
      const auto rounded =
          static_cast<std::int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
      kernel.weights.push_back(rounded);
      kernel.high.push_back(static_cast<std::int16_t>(rounded >> kLowBits));
      kernel.low.push_back(
          static_cast<std::int16_t>(rounded & ((1 << kLowBits) - 1)));
    }
    const std::size_t padded =
        (kernel.weights.size() + kPadding - 1) / kPadding * kPadding;
    kernel.weights.resize(padded);
    kernel.high.resize(padded);
    kernel.low.resize(padded);
  }
  return kernel;
}

/// Kernels cost a sine per weight, and a folder of photos has few sizes: every
/// thread remembers the last ones.
const Kernel& kernel_for(int in_size, int out_size) {
  struct Entry {
    int in_size = 0;
    int out_size = 0;
    Kernel kernel;
  };
  static constexpr std::size_t kRemembered = 12;
  thread_local std::array<Entry, kRemembered> entries;
  thread_local std::size_t oldest = 0;
  thread_local Entry large;  // only until the next one
  for (const Entry& entry : entries) {
    if (entry.in_size == in_size && entry.out_size == out_size) {
      return entry.kernel;
    }
  }
  constexpr int kLargeSize = 8192;
  Entry* entry = &large;
  if (in_size <= kLargeSize) {
    entry = &entries[std::exchange(oldest, (oldest + 1) % kRemembered)];
  }
  entry->in_size = 0;  // should make_kernel() throw
  entry->kernel = make_kernel(in_size, out_size);
  entry->in_size = in_size;
  entry->out_size = out_size;
  return entry->kernel;
}

constexpr std::int32_t kHalf = 1 << (kFractionBits - 1);

std::uint8_t rounded(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

/// As many products of a weight's half and a sample as 32 bits hold for sure.
constexpr int kSafeCount = 4096;

/// Sums along a row; `in` goes on for kPadding samples behind the row.
VAM_FOR_EACH_CPU
void weigh_along(const std::int16_t* in, const Kernel& kernel,
                 std::uint8_t* out) {
  for (const Tap& tap : kernel.taps) {
    const std::int16_t* const samples = in + tap.first;
    const std::int16_t* const high = kernel.high.data() + tap.weights;
    const std::int16_t* const low = kernel.low.data() + tap.weights;
    const int count = (tap.count + kPadding - 1) / kPadding * kPadding;
    std::int64_t sum = kHalf;
    for (int begin = 0; begin < count; begin += kSafeCount) {
      const int end = std::min(begin + kSafeCount, count);
      std::int32_t high_sum = 0;
      std::int32_t low_sum = 0;
      for (int block = begin; block < end; block += kPadding) {
        for (int i = block; i < block + kPadding; ++i) {
          high_sum += samples[i] * high[i];
          low_sum += samples[i] * low[i];
        }
      }
      sum += std::int64_t{high_sum} * (1 << kLowBits) + low_sum;
    }
    *out++ = rounded(static_cast<std::int32_t>(sum));
  }
}

VAM_FOR_EACH_CPU
void add_weighted(std::int32_t* sums, const std::uint8_t* in,
                  std::int32_t weight, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += in[i] * weight;
}

/// One row of the result from the rows below `in`.
using WeighDown = void (*)(const Image& image, const Kernel& kernel,
                           const Tap& tap, std::uint8_t* out);

void weigh_down_portable(const Image& image, const Kernel& kernel,
                         const Tap& tap, std::uint8_t* out) {
  thread_local std::vector<std::int32_t> sums;
  sums.assign(static_cast<std::size_t>(image.width), kHalf);
  for (int i = 0; i < tap.count; ++i) {
    const std::size_t weight = tap.weights + static_cast<std::size_t>(i);
    add_weighted(sums.data(), image.row(tap.first + i), kernel.weights[weight],
                 sums.size());
  }
  std::ranges::transform(sums, out, rounded);
}

#if defined(__x86_64__)
/// 16 samples as 16-bit numbers.
[[gnu::always_inline, gnu::target("avx2")]] inline __m256i load_samples(
    const std::uint8_t* in) {
  return _mm256_cvtepu8_epi16(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(in)));
}

/// Halves of the weights of two rows, for every column.
[[gnu::always_inline, gnu::target("avx2")]] inline __m256i load_pair(
    const std::int16_t* weights) {
  std::int32_t pair;
  std::memcpy(&pair, weights, sizeof pair);
  return _mm256_set1_epi32(pair);
}

/// Sums of the products with the halves of the weights, as levels.
[[gnu::always_inline, gnu::target("avx2")]] inline __m256i levels_of(
    __m256i high_sum, __m256i low_sum) {
  const __m256i sum =
      _mm256_add_epi32(_mm256_slli_epi32(high_sum, kLowBits), low_sum);
  return _mm256_srai_epi32(sum, kFractionBits);
}

/// 16 columns at a time, of which two rows are multiplied and added at once.
[[gnu::target("avx2")]] void weigh_down_avx2(const Image& image,
                                             const Kernel& kernel,
                                             const Tap& tap,
                                             std::uint8_t* out) {
  constexpr int kColumns = 16;
  if (image.width < kColumns) {
    return weigh_down_portable(image, kernel, tap, out);
  }
  const std::int16_t* const high = kernel.high.data() + tap.weights;
  const std::int16_t* const low = kernel.low.data() + tap.weights;
  for (int begin = 0; begin < image.width; begin += kColumns) {
    const int x = std::min(begin, image.width - kColumns);
    // Columns 0-3 and 8-11, as unpacking takes them; then 4-7 and 12-15.
    __m256i high_sum = _mm256_setzero_si256();
    __m256i low_sum = _mm256_set1_epi32(kHalf);
    __m256i other_high_sum = high_sum;
    __m256i other_low_sum = low_sum;
    for (int i = 0; i < tap.count; i += 2) {
      const std::uint8_t* const upper = image.row(tap.first + i) + x;
      // Behind the last row there is a weight of zero.
      const bool is_last = i + 1 == tap.count;
      const __m256i a = load_samples(upper);
      const __m256i b = load_samples(is_last ? upper : upper + image.width);
      const __m256i pairs = _mm256_unpacklo_epi16(a, b);
      const __m256i other_pairs = _mm256_unpackhi_epi16(a, b);
      const __m256i high_pair = load_pair(high + i);
      const __m256i low_pair = load_pair(low + i);
      high_sum =
          _mm256_add_epi32(high_sum, _mm256_madd_epi16(pairs, high_pair));
      low_sum = _mm256_add_epi32(low_sum, _mm256_madd_epi16(pairs, low_pair));
      other_high_sum = _mm256_add_epi32(
          other_high_sum, _mm256_madd_epi16(other_pairs, high_pair));
      other_low_sum = _mm256_add_epi32(
          other_low_sum, _mm256_madd_epi16(other_pairs, low_pair));
    }
    const __m256i words = _mm256_packs_epi32(
        levels_of(high_sum, low_sum), levels_of(other_high_sum, other_low_sum));
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words),
                                           _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + x), bytes);
  }
}
#endif

WeighDown best_weigh_down() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return weigh_down_avx2;
#endif
  return weigh_down_portable;
}

Image resize_height(const Image& image, int height) {
  static const WeighDown weigh_down = best_weigh_down();
  const Kernel& kernel = kernel_for(image.height, height);
  Image result(image.width, height);
  for (int y = 0; y < height; ++y) {
    weigh_down(image, kernel, kernel.taps[static_cast<std::size_t>(y)],
               result.row(y));
  }
  return result;
}

/// Exchanges the lower-left and the upper-right quarter of every square of
/// 2 * kRows x 2 * kRows bytes. Rows lie in words, columns from the low byte.
template <std::size_t kRows>
void exchange_quarters(std::array<std::uint64_t, 8>& rows,
                       std::uint64_t low_columns) {
  for (std::size_t y = 0; y < rows.size(); ++y) {
    if ((y & kRows) != 0) continue;
    std::uint64_t& upper = rows[y];
    std::uint64_t& lower = rows[y + kRows];
    const std::uint64_t differing =
        (upper >> (8 * kRows) ^ lower) & low_columns;
    upper ^= differing << (8 * kRows);
    lower ^= differing;
  }
}

/// Transposes 8x8 bytes in registers; byte by byte takes four times as long.
void transpose_block(const std::uint8_t* in, int in_stride, std::uint8_t* out,
                     int out_stride) {
  std::array<std::uint64_t, 8> rows;
  for (std::uint64_t& row : rows) {
    std::memcpy(&row, in, sizeof row);
    in += in_stride;
  }
  exchange_quarters<1>(rows, 0x00FF00FF00FF00FF);
  exchange_quarters<2>(rows, 0x0000FFFF0000FFFF);
  exchange_quarters<4>(rows, 0x00000000FFFFFFFF);
  for (const std::uint64_t row : rows) {
    std::memcpy(out, &row, sizeof row);
    out += out_stride;
  }
}

void transpose_bytes(const Image& in, Image& out, int left, int top, int right,
                     int bottom) {
  for (int x = left; x < right; ++x) {
    for (int y = top; y < bottom; ++y) out.row(x)[y] = in.row(y)[x];
  }
}

Image transposed(const Image& image) {
  constexpr int kSide = std::endian::native == std::endian::little ? 8 : 0;
  // Narrow strips, so that the cache lines of the columns are used while they
  // last.
  constexpr int kStrip = 64;
  Image result(image.height, image.width);
  for (int top = 0; top < image.height; top += kStrip) {
    const int bottom = std::min(top + kStrip, image.height);
    int x = 0;
    for (; kSide > 0 && x + kSide <= image.width; x += kSide) {
      int y = top;
      for (; y + kSide <= bottom; y += kSide) {
        transpose_block(image.row(y) + x, image.width, result.row(x) + y,
                        result.width);
      }
      transpose_bytes(image, result, x, y, x + kSide, bottom);
    }
    transpose_bytes(image, result, x, top, image.width, bottom);
  }
  return result;
}

Image resize_width(const Image& image, int width) {
  // A few long sums are fast along the row. Many short ones are not: then each
  // weight serves a whole column at once, which lies along memory when the
  // picture is turned.
  constexpr int kLongSum = 64;
  const Kernel& kernel = kernel_for(image.width, width);
  if (kernel.taps[kernel.taps.size() / 2].count < kLongSum) {
    return transposed(resize_height(transposed(image), width));
  }
  Image result(width, image.height);
  std::vector<std::int16_t> wide(static_cast<std::size_t>(image.width) +
                                 kPadding);
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(image.row(y), image.width, wide.begin());
    weigh_along(wide.data(), kernel, result.row(y));
  }
  return result;
}

void mirror_rows(Image& image) {
  for (int y = 0; y < image.height; ++y) {
    std::reverse(image.row(y), image.row(y) + image.width);
  }
}

void flip_rows(Image& image) {
  for (int top = 0, bottom = image.height - 1; top < bottom; ++top, --bottom) {
    std::swap_ranges(image.row(top), image.row(top) + image.width,
                     image.row(bottom));
  }
}

}  // namespace

Image oriented(Image image, Orientation orientation) {
  if (swaps_sides(orientation)) image = transposed(image);
  switch (orientation) {
    case 2:  // mirrored left to right
    case 6:  // to be turned a quarter clockwise: transposed, then mirrored
      mirror_rows(image);
      break;
    case 3:  // upside down
    case 7:  // mirrored about the other diagonal
      mirror_rows(image);
      flip_rows(image);
      break;
    case 4:  // mirrored top to bottom
    case 8:  // to be turned a quarter anticlockwise
      flip_rows(image);
      break;
    default:  // 1 is upright, 5 mirrored about the diagonal: done
      break;
  }
  return image;
}

Chroma oriented(Chroma chroma, Orientation orientation) {
  return {.blue = oriented(std::move(chroma.blue), orientation),
          .red = oriented(std::move(chroma.red), orientation)};
}

Image resize_lanczos(const Image& image, int width, int height) {
  const Image narrow =
      image.width == width ? image : resize_width(image, width);
  return narrow.height == height ? narrow : resize_height(narrow, height);
}

const Image& Reductions::to(int width, int height) const {
  for (const Image& image : made_) {
    if (image.width == width && image.height == height) return image;
  }
  return made_.emplace_back(resize_lanczos(upright_, width, height));
}

const Image& Reductions::square() const {
  const auto short_side =
      static_cast<unsigned>(std::min(upright_.width, upright_.height));
  const int side = std::max(8, static_cast<int>(std::bit_floor(short_side)));
  return to(side, side);
}

}  // namespace vam
