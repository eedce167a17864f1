#include "decode/ycc.hpp"

#include <cstring>

namespace vam {

void row_to_luma(std::span<const std::uint8_t> samples, unsigned channels,
                 std::span<std::uint8_t> luma) {
  const std::uint8_t* in = samples.data();
  switch (channels) {
    case 1:
      std::memcpy(luma.data(), in, luma.size());
      break;
    case 2:
      for (std::uint8_t& out : luma) {
        out = static_cast<std::uint8_t>(over_white(in[0], in[1]));
        in += 2;
      }
      break;
    case 3:
      for (std::uint8_t& out : luma) {
        out = luma_of(in[0], in[1], in[2]);
        in += 3;
      }
      break;
    default:
      for (std::uint8_t& out : luma) {
        out = luma_of(over_white(in[0], in[3]), over_white(in[1], in[3]),
                      over_white(in[2], in[3]));
        in += 4;
      }
  }
}

void row_to_ycc(std::span<const std::uint8_t> samples, unsigned channels,
                const YccRun& out) {
  if (channels < 3) {
    row_to_luma(samples, channels, out.luma);
    return;
  }
  const std::uint8_t* in = samples.data();
  std::uint8_t* luma = out.luma.data();
  std::uint8_t* blue = out.blue.data();
  std::uint8_t* red = out.red.data();
  const std::size_t count = out.luma.size();
  for (std::size_t x = 0; x < count; ++x, in += channels) {
    const Ycc colour = channels == 3 ? ycc_of(in[0], in[1], in[2])
                                     : ycc_of(over_white(in[0], in[3]),
                                              over_white(in[1], in[3]),
                                              over_white(in[2], in[3]));
    luma[x] = colour.luma;
    blue[x] = colour.blue;
    red[x] = colour.red;
  }
}

}  // namespace vam
