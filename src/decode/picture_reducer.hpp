// Reduces a picture while its pixels arrive: its luma by a whole factor, its
// chroma to what ChromaReducer makes of it. And looks out for traces of JPEG.
#pragma once

#include <cstdint>

#include "decode/block_means.hpp"
#include "decode/box_reducer.hpp"
#include "decode/chroma_reducer.hpp"
#include "decode/ycc.hpp"
#include "vam/decode.hpp"

namespace vam {

class PictureReducer {
 public:
  enum class Size : std::uint8_t { full, reduced };  ///< of what arrives

  PictureReducer() = default;
  /// `any_order` is BoxReducer's.
  PictureReducer(std::uint32_t width, std::uint32_t height,
                 std::uint32_t factor, bool any_order, HasColour has_colour,
                 Size size = Size::full)
      : luma_(width, height, factor, any_order) {
    if (size == Size::full) {
      blocks_ = BlockMeans(width, height, BlockMeans::Grids::all);
    }
    if (has_colour == HasColour::yes)
      chroma_ = ChromaReducer({width}, {height});
  }

  /// What a reducer takes, and its result while it is turned upright, bytes.
  static std::uint64_t memory_needed(std::uint32_t width, std::uint32_t height,
                                     std::uint32_t factor, bool any_order) {
    return BoxReducer::memory_needed(width, height, factor, any_order) +
           BlockMeans::memory_needed(width, height) +
           ChromaReducer::memory_needed();
  }

  /// Every pixel of the picture has to come exactly once, with chroma unless
  /// the picture is grey. Does not throw.
  void add(const YccRun& run, Place place) {
    luma_.add(run.luma, place);
    blocks_.add(run.luma, place);
    if (!run.blue.empty()) chroma_.add(run.blue, run.red, place);
  }

  /// Hands over the picture, turned upright by decoded.info.orientation, and
  /// the quantiser steps that its blocks tell of in full size.
  void finish(Decoded& decoded) && {
    decoded.info.dc_steps.coarser = blocks_.coarser_steps();
    const Orientation orientation = decoded.info.orientation;
    decoded.image = oriented(std::move(luma_).finish(), orientation);
    decoded.chroma = oriented(std::move(chroma_).finish(), orientation);
  }

 private:
  BoxReducer luma_;
  BlockMeans blocks_;
  ChromaReducer chroma_;
};

}  // namespace vam
