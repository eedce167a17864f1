// Tells from the DC coefficients of a picture's luma, the means of its 8x8
// blocks, whether it was saved as a JPEG before, with a coarser quantiser than
// it has now: then some multiples of its step occur more often than others.
//
// After Lukas and Fridrich, "Estimation of Primary Quantization Matrix in
// Double Compressed JPEG Images", DFRWS 2003, and Popescu and Farid,
// "Statistical Tools for Digital Forensics", IH 2004, who look for the combs
// that a first quantisation leaves in the histograms of coefficients. Here a
// matched filter looks for the comb of every step, which depends on nothing but
// that step and the later one.
#pragma once

#include <array>
#include <cstdint>

#include "vam/decode.hpp"

namespace vam {

/// So many blocks tell enough, but for the last row of them.
inline constexpr int kEnoughBlocks = 1 << 15;

class DcHistogram {
 public:
  /// A DC coefficient: 8 times the mean of a block, less 128. Those of blocks
  /// that are nearly black or white say nothing, and are left out. Blocks
  /// whose rows or columns are alike should not be added: see BlockMeans.
  void add(int coefficient) {
    const unsigned value = static_cast<unsigned>(coefficient) + kEnd;
    if (value < counts_.size()) ++counts_[value];
  }

  /// The same of blocks one after the other of which only the mean is known.
  /// Those like a neighbour may be of one colour, and are left out; so is the
  /// last one.
  void add_if_unlike_neighbours(int coefficient) {
    if (coefficient == last_) {
      last_is_alone_ = false;
      return;
    }
    if (last_is_alone_) add(last_);
    last_ = coefficient;
    last_is_alone_ = true;
  }

  /// Bit n is set if the coefficients lie as if `step`, which they have been
  /// quantised with, had been n before; of n above `step`, up to
  /// kMaxCoarserStep. With a step of 0 they have not been quantised. Of a step
  /// and its divisors it is the step. Several, where the combs of several are
  /// about as clear. None if there are too few coefficients, or too much alike,
  /// to tell, or if the multiples of both steps seldom meet.
  std::uint64_t coarser_steps(int step) const;

 private:
  static constexpr int kEnd = 1000;  ///< of 1024, black and white

  std::array<std::uint32_t, 2 * kEnd + 1> counts_{};
  int last_ = 0;
  bool last_is_alone_ = false;
};

}  // namespace vam
