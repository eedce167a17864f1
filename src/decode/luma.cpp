// From the colours of any file to the luma that is compared.
#include "decode/luma.hpp"

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

}  // namespace vam
