// Collects, while a JPEG is decoded, what its luma tells of the quantisers that
// it was saved with.
#pragma once

#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <cstdint>

#include "decode/dc_histogram.hpp"
#include "decode/jpeg_dc.hpp"
#include "vam/decode.hpp"
#include "vam/image.hpp"

namespace vam {

enum class KeptCoefficients : std::uint8_t { all, only_dc };

class LumaTraces {
 public:
  /// A block of quantised coefficients, DCTSIZE2 of them, of which all are kept
  /// or only the first. Their order is that of the file.
  void add(const JCOEF* block, KeptCoefficients kept, int dc_step);

  void add(const DcPlane& plane);

  /// Of all that was added.
  DcSteps steps() const;

  /// With those of blocks that lie elsewhere than the file's own, as they do
  /// after turning; from the decoded luma in full size, as it is stored.
  DcSteps steps_with_turned(const Image& luma) const;

 private:
  int dc_step_ = 0;
  DcHistogram means_;
};

}  // namespace vam
