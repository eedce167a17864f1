// Reads the DC coefficients of a JPEG, which are its picture at 1/8 scale, and
// little else: about twice as fast as libjpeg-turbo decodes at that scale.
//
// It is for the files that cameras write: sequential Huffman coding, 8 bits,
// all components in one scan, restart markers or not. Whatever is different,
// and whatever is wrong with the data, is left to libjpeg: the reader then
// returns nothing, and never says why. So it needs to be sure of its result,
// but not to have an opinion on damaged files.
#pragma once

#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "vam/image.hpp"

namespace vam {

/// The DC coefficients of one component, a value per 8x8 block.
struct DcPlane {
  int width = 0;      ///< blocks that show a part of the picture
  int height = 0;     ///< blocks
  int stride = 0;     ///< values from row to row; what is behind width is the
                      ///< encoder's padding, as are rows behind height
  int quantiser = 0;  ///< 1..32767; the DC coefficient is value * quantiser
  std::vector<std::int16_t> values;

  const std::int16_t* row(int y) const {
    return values.data() +
           static_cast<std::size_t>(y) * static_cast<std::size_t>(stride);
  }
};

/// How the data are cut while they are read. The result never depends on it:
/// small pieces are for tests, that small files reach what lies between them.
struct DcChunks {
  static constexpr std::size_t kMinBytes = 1024;
  static constexpr std::size_t kMaxBytes = 32768;

  std::size_t bytes = kMaxBytes;  ///< looked at together, kMinBytes..kMaxBytes
  /// As many are read from two places at once, 64 or more. The halves must be
  /// worth the blocks that it takes until the second place is of use.
  std::size_t bytes_for_two = 4096;
};

/// How many bytes the planes of such a file take.
std::uint64_t dc_memory_needed(const jpeg_decompress_struct& jpeg);

/// The planes of all components, in the order of the frame header. Equal to
/// what jpeg_read_coefficients() gives, if that had nothing to complain of and
/// the end marker follows the last block; otherwise, and for all files that are
/// not of the kind above, nothing.
///
/// Called after jpeg_read_header() on a file in memory (jpeg_mem_src); changes
/// nothing there, so that libjpeg can go on. Thread-safe. May throw
/// std::bad_alloc.
std::optional<std::vector<DcPlane>> read_jpeg_dc(
    const jpeg_decompress_struct& jpeg, const DcChunks& chunks = {});

/// The samples at 1/8 scale, equal to libjpeg's, which takes the mean of each
/// block. Nothing if there are values that no encoder makes.
std::optional<Image> samples_of(const DcPlane& plane);

}  // namespace vam
