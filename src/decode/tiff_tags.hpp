// The directories of a TIFF, and of the camera RAW formats that are built like
// one: which pictures there are, before a library is asked to read any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vam/decode.hpp"

namespace vam {

/// What a directory says about one picture.
struct TiffPage {
  std::uint64_t offset = 0;  ///< of the directory
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  std::uint64_t kind = 0;  ///< NewSubfileType: bits, see is_reduced()
  std::uint64_t photometric = 0;
  bool is_sub_page = false;     ///< of another picture: a SubIFD
  bool data_end_early = false;  ///< strips or tiles lie behind the file's end

  bool is_reduced() const { return (kind & 1U) != 0; }
  bool is_mask() const { return (kind & 4U) != 0; }
  std::uint64_t pixels() const { return width * height; }
};

struct TiffTags {
  std::vector<TiffPage> pages;  ///< the chain's, each with its SubIFDs behind
  std::string taken_at;         ///< as PictureInfo::taken_at
  PhotoMetadata metadata;       ///< each from the first page that says it
  std::span<const std::byte>
      xmp;  ///< the first page's that has it, in the file
  bool is_dng = false;
  bool is_cut = false;  ///< the chain leads behind the end of the file

  /// Whether a camera wrote it: unprocessed sensor data in a TIFF.
  bool is_raw() const;
};

/// Reads the directories; nothing if this does not begin like a TIFF. Chains
/// that are broken, too long or run in circles end where they do so. The magic
/// number does not matter: some RAW formats have their own. Only the first
/// `max_directories` are looked at; scanned books have hundreds of pages, and
/// of more nobody asks for the largest.
std::optional<TiffTags> read_tiff_tags(std::span<const std::byte> file,
                                       std::size_t max_directories = 4096);

}  // namespace vam
