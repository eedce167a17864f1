// Holds the reader of DC coefficients against libjpeg.
#pragma once

#include <cstddef>
#include <span>

#include "decode/jpeg_dc.hpp"

enum class DcOutcome {
  no_picture,   ///< libjpeg refuses the header, or it declares too much
  left_alone,   ///< the reader returns nothing
  agrees,       ///< the reader and libjpeg see the same, without a warning
  too_lenient,  ///< the reader takes what libjpeg warns of
  differs,
};

/// Compares the coefficients of all components and, where libjpeg decodes to
/// grey at 1/8 scale without looking at colour, the samples.
DcOutcome check_dc(std::span<const std::byte> file,
                   const vam::DcChunks& chunks = {});
