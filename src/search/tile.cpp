// The kernels of the scan, for each instruction set. Which one is used is
// decided at run time, so one program runs on every machine.
#include "search/tile.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vam {
namespace {

namespace portable {
/// SSE2, which all x86-64 has, or what else the compiler makes of it.
using Vector [[gnu::vector_size(16)]] = std::uint64_t;
#define VAM_TARGET
[[gnu::always_inline]] inline Vector majority(Vector a, Vector b, Vector c) {
  return (a & b) | (c & (a ^ b));
}
[[gnu::always_inline]] inline bool any(Vector a) { return (a[0] | a[1]) != 0; }
#include "search/tile_kernel.hpp"
#undef VAM_TARGET
bool is_supported() { return true; }
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
using Vector [[gnu::vector_size(32)]] = std::uint64_t;
#define VAM_TARGET [[gnu::target("avx2")]]
[[gnu::always_inline]] VAM_TARGET inline Vector majority(Vector a, Vector b,
                                                         Vector c) {
  return (a & b) | (c & (a ^ b));
}
[[gnu::always_inline]] VAM_TARGET inline bool any(Vector a) {
  const auto bits = reinterpret_cast<__m256i>(a);
  return _mm256_testz_si256(bits, bits) == 0;
}
#include "search/tile_kernel.hpp"
#undef VAM_TARGET
bool is_supported() { return __builtin_cpu_supports("avx2") != 0; }
}  // namespace avx2

namespace avx512 {
using Vector [[gnu::vector_size(64)]] = std::uint64_t;
#define VAM_TARGET [[gnu::target("avx512f")]]
[[gnu::always_inline]] VAM_TARGET inline Vector majority(Vector a, Vector b,
                                                         Vector c) {
  // The truth table of the majority; compilers do not find it by themselves.
  return reinterpret_cast<Vector>(_mm512_ternarylogic_epi64(
      reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b),
      reinterpret_cast<__m512i>(c), 0xE8));
}
[[gnu::always_inline]] VAM_TARGET inline bool any(Vector a) {
  const auto bits = reinterpret_cast<__m512i>(a);
  return _mm512_test_epi64_mask(bits, bits) != 0;
}
#include "search/tile_kernel.hpp"
#undef VAM_TARGET
bool is_supported() { return __builtin_cpu_supports("avx512f") != 0; }
}  // namespace avx512
#endif

}  // namespace

std::span<const TileKernel> tile_kernels() {
  static constexpr TileKernel kKernels[] = {
#if defined(__x86_64__)
    {"AVX-512", avx512::is_supported, avx512::prepare, avx512::compare},
    {"AVX2", avx2::is_supported, avx2::prepare, avx2::compare},
#endif
    {"portable code", portable::is_supported, portable::prepare,
     portable::compare},
  };
  return kKernels;
}

namespace {

const TileKernel*& kernel_in_use() {
  static const TileKernel* kernel = &*std::ranges::find_if(
      tile_kernels(),
      [](const TileKernel& candidate) { return candidate.is_supported(); });
  return kernel;
}

}  // namespace

const TileKernel& tile_kernel() { return *kernel_in_use(); }

void use_tile_kernel(const TileKernel& kernel) { kernel_in_use() = &kernel; }

}  // namespace vam
