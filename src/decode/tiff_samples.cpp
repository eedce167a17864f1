// The pixels of a TIFF: samples of many sizes and kinds to 8 bits, and those
// to luma and chroma.
#include "decode/tiff_samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace vam {
namespace {

template <class T>
T load(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// 0 to 1 as 0 to 255; what is no number is black.
std::uint8_t from_real(double value) {
  if (!(value > 0)) return 0;
  const double rounded = std::min(value, 1.0) * 255 + 0.5;
  return static_cast<std::uint8_t>(rounded);
}

/// IEEE 754 binary16.
double from_half(unsigned half) {
  const int exponent = static_cast<int>(half >> 10U & 0x1FU);
  const double fraction = half & 0x3FFU;
  if (exponent == 31)
    return fraction > 0 ? std::nan("") : (half >> 15U ? 0 : 1);
  const double size = exponent == 0
                          ? std::ldexp(fraction, -24)
                          : std::ldexp(fraction + 1024, exponent - 25);
  return half >> 15U != 0 ? -size : size;
}

template <class Convert>
void for_samples(const std::uint8_t* in, std::size_t bytes, std::size_t count,
                 std::uint8_t* out, std::size_t stride, Convert convert) {
  for (std::size_t i = 0; i < count; ++i, in += bytes, out += stride) {
    *out = convert(in);
  }
}

void unpack_reals(unsigned bits, const std::uint8_t* in, std::size_t count,
                  std::uint8_t* out, std::size_t stride) {
  if (bits == 16) {
    for_samples(in, 2, count, out, stride, [](const std::uint8_t* at) {
      return from_real(from_half(load<std::uint16_t>(at)));
    });
  } else if (bits == 32) {
    for_samples(in, 4, count, out, stride, [](const std::uint8_t* at) {
      return from_real(static_cast<double>(load<float>(at)));
    });
  } else {
    for_samples(in, 8, count, out, stride, [](const std::uint8_t* at) {
      return from_real(load<double>(at));
    });
  }
}

/// Samples of 1 to 16 bits without gaps.
void unpack_bits(const TiffLayout& layout, const std::uint8_t* in,
                 std::size_t count, std::uint8_t* out, std::size_t stride) {
  const unsigned bits = layout.bits;
  const unsigned max = (1U << bits) - 1;
  const unsigned flip =
      layout.kind == SampleKind::signed_int ? 1U << (bits - 1) : 0;
  const bool as_is = layout.colour == TiffColour::palette;
  unsigned held = 0;
  unsigned held_bits = 0;
  for (std::size_t i = 0; i < count; ++i, out += stride) {
    while (held_bits < bits) {
      held = (held & 0xFFFFU) << 8U | *in++;
      held_bits += 8;
    }
    held_bits -= bits;
    const unsigned value = (held >> held_bits & max) ^ flip;
    // NOLINTNEXTLINE(clang-analyzer-core.*): there is at least one bit.
    const unsigned level = (value * 255 + max / 2) / max;
    *out = static_cast<std::uint8_t>(as_is ? value : level);
  }
}

/// What remains of a colour under black ink.
constexpr unsigned without_ink(unsigned ink, unsigned black) {
  return ((255 - ink) * (255 - black) + 127) / 255;
}

/// What alpha makes of a channel.
std::uint8_t over_white(const TiffLayout& layout, unsigned colour,
                        unsigned alpha) {
  return layout.alpha == TiffAlpha::premultiplied
             ? static_cast<std::uint8_t>(std::min(255U, colour + 255U - alpha))
             : vam::over_white(colour, alpha);
}

Ycc colour_at(const TiffLayout& layout, const std::uint8_t* in) {
  const bool is_opaque = layout.alpha == TiffAlpha::none;
  const unsigned alpha = is_opaque ? 255U : in[layout.alpha_sample];
  const auto shown = [&](unsigned colour) {
    return over_white(layout, colour, alpha);
  };
  switch (layout.colour) {
    case TiffColour::rgb:
      return ycc_of(shown(in[0]), shown(in[1]), shown(in[2]));
    case TiffColour::cmyk:
      return ycc_of(shown(without_ink(in[0], in[3])),
                    shown(without_ink(in[1], in[3])),
                    shown(without_ink(in[2], in[3])));
    case TiffColour::palette: {
      const Ycc& colour = layout.palette[in[0]];
      return {.luma = shown(colour.luma),
              .blue = chroma_over_white(colour.blue, alpha),
              .red = chroma_over_white(colour.red, alpha)};
    }
    case TiffColour::inverted_grey:
      return {.luma = shown(255U - in[0])};
    default:
      return {.luma = shown(in[0])};
  }
}

}  // namespace

unsigned TiffLayout::colours() const {
  switch (colour) {
    case TiffColour::rgb:
      return 3;
    case TiffColour::cmyk:
      return 4;
    default:
      return 1;
  }
}

HasColour TiffLayout::has_colour() const {
  return colour == TiffColour::grey || colour == TiffColour::inverted_grey
             ? HasColour::no
             : HasColour::yes;
}

bool TiffLayout::is_known() const {
  if (colour == TiffColour::palette) {
    return kind == SampleKind::unsigned_int && bits >= 1 && bits <= 8;
  }
  if (kind == SampleKind::real) return bits == 16 || bits == 32 || bits == 64;
  return (bits >= 1 && bits <= 16) || bits == 32;
}

void unpack(const TiffLayout& layout, std::span<const std::uint8_t> stored,
            std::size_t count, std::uint8_t* out, std::size_t stride) {
  const std::uint8_t* in = stored.data();
  if (layout.kind == SampleKind::real) {
    unpack_reals(layout.bits, in, count, out, stride);
    return;
  }
  const bool is_signed = layout.kind == SampleKind::signed_int;
  if (layout.bits == 8) {
    const unsigned flip = is_signed ? 0x80 : 0;
    for_samples(in, 1, count, out, stride, [flip](const std::uint8_t* at) {
      return static_cast<std::uint8_t>(*at ^ flip);
    });
  } else if (layout.bits == 16) {
    const unsigned flip = is_signed ? 0x8000 : 0;
    for_samples(in, 2, count, out, stride, [flip](const std::uint8_t* at) {
      const unsigned value = load<std::uint16_t>(at) ^ flip;
      return static_cast<std::uint8_t>((value * 255 + 32895) >> 16U);
    });
  } else if (layout.bits == 32) {
    const unsigned flip = is_signed ? 0x80 : 0;
    for_samples(in, 4, count, out, stride, [flip](const std::uint8_t* at) {
      return static_cast<std::uint8_t>(load<std::uint32_t>(at) >> 24U ^ flip);
    });
  } else {
    unpack_bits(layout, in, count, out, stride);
  }
}

void to_ycc(const TiffLayout& layout, std::span<const std::uint8_t> samples,
            const YccRun& out) {
  const bool is_plain =
      layout.alpha == TiffAlpha::none && layout.samples == layout.colours();
  if (is_plain &&
      (layout.colour == TiffColour::grey || layout.colour == TiffColour::rgb)) {
    row_to_ycc(samples, layout.samples, out);
    return;
  }
  const bool has_colour = layout.has_colour() == HasColour::yes;
  const std::uint8_t* in = samples.data();
  for (std::size_t x = 0; x < out.size(); ++x) {
    const Ycc colour = colour_at(layout, in);
    if (has_colour) {
      out.set(x, colour);
    } else {
      out.luma[x] = colour.luma;
    }
    in += layout.samples;
  }
}

}  // namespace vam
