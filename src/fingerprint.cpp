// Hashes, and whether they mean anything.
#include "vam/fingerprint.hpp"

#include <cstdlib>

namespace vam {
namespace {

/// Brightness steps of a re-encoded picture move by one or two levels.
constexpr int kClearStep = 3;

std::uint8_t count_clear_steps(const Image& cells) {
  int clear = 0;
  for (int y = 0; y < 8; ++y) {
    const std::uint8_t* row = cells.row(y);
    for (int x = 0; x < 8; ++x) {
      clear += std::abs(row[x + 1] - row[x]) >= kClearStep;
    }
  }
  return static_cast<std::uint8_t>(clear);
}

}  // namespace

Fingerprint make_fingerprint(const Image& upright) {
  return {compute_hashes(upright),
          count_clear_steps(resize_lanczos(upright, 9, 8))};
}

}  // namespace vam
