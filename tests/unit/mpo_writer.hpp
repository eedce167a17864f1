// Writes JPEGs that hold several pictures, with an index of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What the index calls a picture (CIPA DC-007, 5.2.3.3.1).
inline constexpr std::uint32_t kMpoUndefined = 0;  ///< of gain maps
inline constexpr std::uint32_t kMpoThumbnail = 0x010002;
inline constexpr std::uint32_t kMpoStereo = 0x020002;
inline constexpr std::uint32_t kMpoPrimary = 0x030000;

struct MpoPicture {
  std::uint32_t kind = kMpoPrimary;
  std::string file = {};  ///< of the first one, a JPEG
};

/// What the index says beside the truth.
struct MpoOptions {
  bool big_endian = false;
  std::uint32_t shift = 0;  ///< added to the place of every picture
};

std::string write_mpo(const std::vector<MpoPicture>& pictures,
                      const MpoOptions& options = {});
