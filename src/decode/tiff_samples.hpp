// The pixels of a TIFF: samples of many sizes and kinds to 8 bits, and those
// to luma and chroma.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "decode/ycc.hpp"

namespace vam {

enum class SampleKind : std::uint8_t { unsigned_int, signed_int, real };
enum class TiffColour : std::uint8_t {
  grey,
  inverted_grey,
  palette,
  rgb,
  cmyk
};
enum class TiffAlpha : std::uint8_t { none, straight, premultiplied };

struct TiffLayout {
  SampleKind kind = SampleKind::unsigned_int;
  unsigned bits = 8;     ///< of a sample
  unsigned samples = 1;  ///< of a pixel, stored
  TiffColour colour = TiffColour::grey;
  TiffAlpha alpha = TiffAlpha::none;
  unsigned alpha_sample = 0;  ///< which of the samples is alpha
  std::array<Ycc, 256> palette{};

  /// Samples that make the colour.
  unsigned colours() const;
  HasColour has_colour() const;
  /// Whether unpack() knows these samples.
  bool is_known() const;
};

/// Makes 8-bit samples of `count` stored ones, and puts them `stride` apart.
/// Integers are scaled, signed ones from their lowest to their highest value;
/// of real numbers, 0 to 1 is black to white. Palette indices stay as they
/// are. Stored samples of fewer than 8 bits, or of odd sizes, follow without
/// gaps from the highest bit on; others have the byte order of the machine.
void unpack(const TiffLayout& layout, std::span<const std::uint8_t> stored,
            std::size_t count, std::uint8_t* out, std::size_t stride);

/// Luma and, if it has colour, chroma over white of 8-bit samples:
/// layout.samples for each pixel.
void to_ycc(const TiffLayout& layout, std::span<const std::uint8_t> samples,
            const YccRun& out);

}  // namespace vam
