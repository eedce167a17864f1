// The hashes by which candidates are found: of a frame as it is, turned, and of
// windows of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "vam/fingerprint.hpp"
#include "vam/verify.hpp"

namespace vam {

inline constexpr std::size_t kOrientations = 8;
inline constexpr std::size_t kWindows = 9;

/// The hashes of a thumbnail; near, but not equal to those of the picture.
struct FrameKeys {
  std::array<HashSet, kOrientations> turned;  ///< by orientation - 1
  std::array<HashSet, kWindows> windows;      ///< of parts of 0.9 x 0.9
};

/// Which of the keys are wanted: those by which a frame is found (as it is, and
/// its windows), those by which it looks for others (turned), or all.
enum class KeyUse : std::uint8_t { found, asking, all };

/// What is not wanted is left 0.
FrameKeys make_frame_keys(const Thumbnail& thumbnail, KeyUse use = KeyUse::all);

/// The keys of one frame of a sketch.
struct FramedKeys {
  Frame frame;
  FrameKeys keys;
};

/// Of the frames that can match at all.
std::vector<FramedKeys> make_frame_keys(const Sketch& sketch,
                                        KeyUse use = KeyUse::all);

/// Which part of a frame window number 0..8 is.
Window window_of(std::size_t number);

}  // namespace vam
