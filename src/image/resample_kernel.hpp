// The weighted sums of resampling, written once for all vector instructions.
// Has no include guard: resample.cpp includes it once for each, in a namespace
// of its own, after defining there
//   VAM_TARGET    the attribute that allows these instructions,
//   VAM_ON_LANES  the same for what is always inlined,
//   Vector        kLanes 16-bit numbers, or half as many of 32 bits,
// and on vectors
//   load(samples or numbers)  kLanes of either
//   all(number)               the same 32 bits everywhere
//   interleaved(a, b, half)   pairs of numbers of both: of the lower (0) or the
//                             upper (1) half of each 128 bits
//   add_products(sum, a, b)   adds the sums of the products of two numbers each
//   folded(sums)              a __m256i of the same total
//   levels_of(high, low)      sums with both halves of the weights, as levels
//   store(lower, upper, out)  levels of both interleaved halves, cut to 0..255
// Sums may wrap: what they add up to fits in 32 bits.

/// The total of each of four vectors.
VAM_ON_LANES inline __m128i totals_of(const Vector (&of)[kRowsAtOnce]) {
  const __m256i totals =
      _mm256_hadd_epi32(_mm256_hadd_epi32(folded(of[0]), folded(of[1])),
                        _mm256_hadd_epi32(folded(of[2]), folded(of[3])));
  return _mm_add_epi32(_mm256_castsi256_si128(totals),
                       _mm256_extracti128_si256(totals, 1));
}

/// The sums for one output pixel in each of some rows, which share the weights.
/// `in` holds as many rows of `stride` samples, and kPadding more behind them.
VAM_TARGET void weigh_along(const std::int16_t* in, std::ptrdiff_t stride,
                            const Tap& tap, const Weights& weights,
                            std::array<std::int32_t, kRowsAtOnce>& sums) {
  static_assert(kRowsAtOnce == 4 && kPadding % kLanes == 0);
  const std::int16_t* const samples = in + tap.first;
  const std::int16_t* const high = weights.high.data() + tap.place;
  const std::int16_t* const low = weights.low.data() + tap.place;
  Vector high_sums[] = {all(0), all(0), all(0), all(0)};
  Vector low_sums[] = {all(0), all(0), all(0), all(0)};
  for (int i = 0; i < tap.count; i += kLanes) {
    const Vector high_weights = load(high + i);
    const Vector low_weights = load(low + i);
#pragma GCC unroll 4
    for (int row = 0; row < kRowsAtOnce; ++row) {
      const Vector some = load(samples + row * stride + i);
      high_sums[row] = add_products(high_sums[row], some, high_weights);
      low_sums[row] = add_products(low_sums[row], some, low_weights);
    }
  }
  const __m128i all_sums = _mm_add_epi32(
      _mm_set1_epi32(kHalf),
      _mm_add_epi32(_mm_slli_epi32(totals_of(high_sums), kLowBits),
                    totals_of(low_sums)));
  std::memcpy(sums.data(), &all_sums, sizeof all_sums);
}

VAM_TARGET Image resize_along(const Image& image, int width) {
  const Weights& weights = weights_for(image.width, width);
  Image result(width, image.height);
  const auto stride = static_cast<std::size_t>(image.width);
  std::vector<std::int16_t> wide(stride * kRowsAtOnce + kPadding);
  for (int y = 0; y < image.height; y += kRowsAtOnce) {
    const int rows = std::min(kRowsAtOnce, image.height - y);
    std::copy_n(image.row(y), stride * static_cast<std::size_t>(rows),
                wide.begin());
    for (int x = 0; x < width; ++x) {
      std::array<std::int32_t, kRowsAtOnce> sums;
      weigh_along(wide.data(), image.width,
                  weights.taps[static_cast<std::size_t>(x)], weights, sums);
      for (int row = 0; row < rows; ++row) {
        result.row(y + row)[x] = rounded(sums[static_cast<std::size_t>(row)]);
      }
    }
  }
  return result;
}

/// One row of the result, of the rows below the tap. Two of them are multiplied
/// and added at once.
VAM_TARGET void weigh_down(const Image& image, const Weights& weights,
                           const Tap& tap, std::uint8_t* out) {
  const std::int16_t* const high = weights.high.data() + tap.place;
  const std::int16_t* const low = weights.low.data() + tap.place;
  for (int begin = 0; begin < image.width; begin += kLanes) {
    const int x = std::min(begin, image.width - kLanes);
    Vector high_sums[2] = {all(0), all(0)};
    Vector low_sums[2] = {all(kHalf), all(kHalf)};
    for (int i = 0; i < tap.count; i += 2) {
      const std::uint8_t* const upper = image.row(tap.first + i) + x;
      // Behind the last row there is a weight of zero.
      const bool is_last = i + 1 == tap.count;
      const Vector a = load(upper);
      const Vector b = load(is_last ? upper : upper + image.width);
      const Vector high_weights = all(pair_at(high + i));
      const Vector low_weights = all(pair_at(low + i));
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        const Vector pairs = interleaved(a, b, half);
        high_sums[half] = add_products(high_sums[half], pairs, high_weights);
        low_sums[half] = add_products(low_sums[half], pairs, low_weights);
      }
    }
    store(levels_of(high_sums[0], low_sums[0]),
          levels_of(high_sums[1], low_sums[1]), out + x);
  }
}

VAM_TARGET Image resize_down(const Image& image, int height) {
  const Weights& weights = weights_for(image.height, height);
  Image result(image.width, height);
  for (int y = 0; y < height; ++y) {
    weigh_down(image, weights, weights.taps[static_cast<std::size_t>(y)],
               result.row(y));
  }
  return result;
}
