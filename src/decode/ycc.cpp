#include "decode/ycc.hpp"

#include <cstring>

namespace vam {

void row_to_ycc(std::span<const std::uint8_t> samples, unsigned channels,
                const YccRun& out) {
  const std::uint8_t* in = samples.data();
  switch (channels) {
    case 1:
      std::memcpy(out.luma.data(), in, out.size());
      break;
    case 2:
      for (std::uint8_t& luma : out.luma) {
        luma = over_white(in[0], in[1]);
        in += 2;
      }
      break;
    case 3:
      for (std::size_t x = 0; x < out.size(); ++x) {
        out.set(x, ycc_of(in[0], in[1], in[2]));
        in += 3;
      }
      break;
    default:
      for (std::size_t x = 0; x < out.size(); ++x) {
        out.set(x, ycc_of(over_white(in[0], in[3]), over_white(in[1], in[3]),
                          over_white(in[2], in[3])));
        in += 4;
      }
  }
}

}  // namespace vam
