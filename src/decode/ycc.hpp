// From the colours of any file to the luma that is compared and the chroma
// beside it: YCbCr of JFIF, which is BT.601 in full range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vam {

/// One colour. 128 is no chroma.
struct Ycc {
  std::uint8_t luma = 0;
  std::uint8_t blue = 128;  ///< Cb
  std::uint8_t red = 128;   ///< Cr
};

/// ITU-R BT.601 luma in 16-bit fixed point, the same bits as libjpeg's and
/// Pillow's, so that a picture has one luma whatever file it is in.
constexpr std::uint8_t luma_of(unsigned red, unsigned green, unsigned blue) {
  return static_cast<std::uint8_t>(
      (red * 19595U + green * 38470U + blue * 7471U + 0x8000U) >> 16U);
}

/// A colour, 0..255 each, with its chroma (JFIF 1.02, rounded half down, so
/// that it ends at 255).
constexpr Ycc ycc_of(unsigned red, unsigned green, unsigned blue) {
  constexpr unsigned kZero = (128U << 16U) + 0x7FFFU;
  return {.luma = luma_of(red, green, blue),
          .blue = static_cast<std::uint8_t>(
              (kZero + (blue << 15U) - red * 11059U - green * 21709U) >> 16U),
          .red = static_cast<std::uint8_t>(
              (kZero + (red << 15U) - green * 27439U - blue * 5329U) >> 16U)};
}

inline constexpr Ycc kWhite{.luma = 255, .blue = 128, .red = 128};

/// A colour, or its luma, over white, 0..255 each.
constexpr std::uint8_t over_white(unsigned colour, unsigned alpha) {
  return static_cast<std::uint8_t>(
      (colour * alpha + 255U * (255U - alpha) + 127U) / 255U);
}

/// The same of its chroma.
constexpr std::uint8_t chroma_over_white(unsigned chroma, unsigned alpha) {
  return static_cast<std::uint8_t>(
      (chroma * alpha + 128U * (255U - alpha) + 127U) / 255U);
}

/// Whether the file of a picture has channels for colour.
enum class HasColour : std::uint8_t { no, yes };

/// Where in the picture a run of pixels lies: at x, x + step, ... of row y.
struct Place {
  std::uint32_t x = 0;
  std::uint32_t step = 1;
  std::uint32_t y = 0;
};

/// Pixels side by side, which lie elsewhere. Without chroma if the picture is
/// grey; else all three have the same size.
struct YccRun {
  std::span<std::uint8_t> luma;
  std::span<std::uint8_t> blue;
  std::span<std::uint8_t> red;

  std::size_t size() const { return luma.size(); }
  /// Not of a grey picture.
  void set(std::size_t x, const Ycc& colour) const {
    luma[x] = colour.luma;
    blue[x] = colour.blue;
    red[x] = colour.red;
  }
};

/// A row of white pixels to be written over.
class YccRow {
 public:
  YccRow() = default;
  YccRow(std::size_t size, HasColour has_colour)
      : luma_(size, kWhite.luma),
        chroma_(has_colour == HasColour::yes ? 2 * size : 0, kWhite.blue) {}

  static constexpr std::uint64_t kBytesPerPixel = 3;

  YccRun run() { return run(0, luma_.size()); }
  YccRun run(std::size_t first, std::size_t count) {
    const std::span luma(luma_);
    if (chroma_.empty()) {
      return {.luma = luma.subspan(first, count), .blue = {}, .red = {}};
    }
    const std::span chroma(chroma_);
    return {.luma = luma.subspan(first, count),
            .blue = chroma.subspan(first, count),
            .red = chroma.subspan(luma_.size() + first, count)};
  }

 private:
  std::vector<std::uint8_t> luma_;
  std::vector<std::uint8_t> chroma_;  ///< all of Cb, then all of Cr
};

/// Converts a row of 8-bit samples, interleaved: 1 channel is grey, 2 grey and
/// alpha, 3 RGB, 4 RGB and alpha (not premultiplied; shown over white).
/// `samples` holds channels * luma.size() of them. Of grey, only the luma is
/// written.
void row_to_ycc(std::span<const std::uint8_t> samples, unsigned channels,
                const YccRun& out);

}  // namespace vam
