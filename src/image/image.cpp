// Turning of rasters, and keeping of what they are reduced to.
#include "vam/image.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

namespace vam {
namespace {

/// Transposes 8x8 bytes in registers; byte by byte takes many times as long.
void transpose_block(const std::uint8_t* in, int in_stride, std::uint8_t* out,
                     int out_stride) {
  using Bytes = std::uint8_t __attribute__((vector_size(16)));
  using Words = std::uint64_t __attribute__((vector_size(16)));
  Bytes a[8];
  Bytes b[4];
#pragma GCC unroll 8
  for (Bytes& row : a) {
    std::uint64_t bytes;
    std::memcpy(&bytes, in, sizeof bytes);
    row = reinterpret_cast<Bytes>(Words{bytes, 0});
    in += in_stride;
  }
  // Bytes of two rows become pairs, pairs of four rows quadruples, and those
  // of eight rows columns.
#pragma GCC unroll 8
  for (std::size_t n = 0; n < 4; ++n) {
    b[n] = __builtin_shufflevector(a[2 * n], a[2 * n + 1], 0, 16, 1, 17, 2, 18,
                                   3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  }
#pragma GCC unroll 8
  for (std::size_t n = 0; n < 4; n += 2) {
    a[n] = __builtin_shufflevector(b[n], b[n + 1], 0, 1, 16, 17, 2, 3, 18, 19,
                                   4, 5, 20, 21, 6, 7, 22, 23);
    a[n + 1] = __builtin_shufflevector(b[n], b[n + 1], 8, 9, 24, 25, 10, 11, 26,
                                       27, 12, 13, 28, 29, 14, 15, 30, 31);
  }
#pragma GCC unroll 8
  for (std::size_t n = 0; n < 2; ++n) {
    b[2 * n] = __builtin_shufflevector(a[n], a[n + 2], 0, 1, 2, 3, 16, 17, 18,
                                       19, 4, 5, 6, 7, 20, 21, 22, 23);
    b[2 * n + 1] =
        __builtin_shufflevector(a[n], a[n + 2], 8, 9, 10, 11, 24, 25, 26, 27,
                                12, 13, 14, 15, 28, 29, 30, 31);
  }
#pragma GCC unroll 8
  for (const Bytes& columns : b) {
    const auto two = reinterpret_cast<Words>(columns);
    for (const std::uint64_t bytes : {two[0], two[1]}) {
      std::memcpy(out, &bytes, sizeof bytes);
      out += out_stride;
    }
  }
}

void transpose_bytes(const Image& in, Image& out, int left, int top, int right,
                     int bottom) {
  for (int x = left; x < right; ++x) {
    for (int y = top; y < bottom; ++y) out.row(x)[y] = in.row(y)[x];
  }
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

Image transposed(const Image& image) {
  constexpr int kSide = 8;
  // Narrow strips, so that the cache lines of the columns are used while they
  // last.
  constexpr int kStrip = 64;
  Image result(image.height, image.width);
  for (int top = 0; top < image.height; top += kStrip) {
    const int bottom = std::min(top + kStrip, image.height);
    int x = 0;
    for (; x + kSide <= image.width; x += kSide) {
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
