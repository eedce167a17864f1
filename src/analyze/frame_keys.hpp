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

/// Where brightness rises or falls along 8 rows of 9 parts, as in dHash.
struct Slopes {
  Hash rising;
  Hash falling;
};

/// The hashes of a frame; near, but not equal to those of the picture.
struct FrameKeys {
  HashSet upright;
  Slopes across;
  Slopes down;  ///< of the frame with rows and columns exchanged

  /// The hashes of the frame turned so.
  HashSet turned(Orientation turn) const;
};

/// Those of parts of 0.9 x 0.9.
using WindowKeys = std::array<HashSet, kWindows>;

/// The keys of one frame of a sketch.
struct FramedKeys {
  Frame frame;
  FrameKeys keys;
  WindowKeys windows;
};

FramedKeys make_frame_keys(const Thumbnail& thumbnail,
                           Frame frame = Frame::whole);

/// Of the frames that can match at all.
std::vector<FramedKeys> make_frame_keys(const Sketch& sketch);

/// Which part of a frame window number 0..8 is.
Window window_of(std::size_t number);

}  // namespace vam
