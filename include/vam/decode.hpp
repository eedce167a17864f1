// Turns the bytes of a picture file into a small upright luma raster, and still
// smaller ones of its colour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vam/error.hpp"
#include "vam/image.hpp"

namespace vam {

/// Picture formats that are recognised by their leading bytes. Persisted by
/// name: never rename one.
enum class Format : std::uint8_t {
  unknown,
  jpeg,
  png,
  gif,
  webp,
  tiff,
  bmp,
  heif,
  avif,
  jxl,
  jp2,
  psd,
  raw,
};

std::string_view to_string(Format format);
Format format_of(std::string_view name);  ///< unknown for any other name

/// How many leading bytes recognise() wants to see.
inline constexpr std::size_t kHeadBytes = 64;

/// Recognises a format by the first bytes of a file, whatever its name.
Format recognise(std::span<const std::byte> head);

/// The format of a whole file. Unlike recognise() it tells camera RAW that is
/// built like TIFF from other TIFF.
Format recognise_file(std::span<const std::byte> file);

/// A format that this program can be built to decode.
struct FormatSupport {
  Format format = Format::unknown;
  std::string_view library;  ///< what decodes it; empty: nothing but this code
  std::string_view option;   ///< of CMake; empty: always built in
  bool is_built = false;     ///< into this program
  std::string version = {};  ///< of the library; empty: there is none
  /// What the library in turn has it decoded by, with versions; empty: nothing,
  /// or it does not tell.
  std::string codecs = {};
};

/// All of them, in the order in which they are tried.
std::vector<FormatSupport> format_support();

/// Whether this build can decode the format.
bool is_supported(Format format);

/// Lower-case extensions, without dot, of files worth looking at; "" stands
/// for names without extension. Cameras, phones and photo tools write these.
std::span<const std::string_view> picture_extensions();

/// What lies among photos and is none. To be shown and stored by name only.
enum class NonPicture : std::uint8_t { video, document, sidecar, other };
inline constexpr std::size_t kNonPictureKinds = 4;

std::string_view to_string(NonPicture kind);

/// Tells what a file is that recognise() does not know, by its first bytes.
/// `other` if they are of none of the kinds, as those of a damaged picture.
NonPicture recognise_non_picture(std::span<const std::byte> head);

/// Lower-case extensions, without dot, that files of this kind usually have;
/// none of them is a picture's. None for `other`.
std::span<const std::string_view> extensions_of(NonPicture kind);

/// Checked after the header and before any allocation.
struct DecodeLimits {
  std::uint64_t max_side = std::uint64_t{1} << 18;          ///< pixels
  std::uint64_t max_pixels = std::uint64_t{1} << 29;        ///< declared size
  std::uint64_t max_memory_bytes = std::uint64_t{1} << 29;  ///< one decode
  /// If set, told what the decode is about to allocate; may wait until
  /// there is room for it.
  std::function<void(std::uint64_t bytes)> reserve = {};
};

/// A place on the earth, WGS 84, in degrees rounded to seven decimals (1 cm).
struct GeoPosition {
  double latitude = 0;   ///< -90 to 90, north is positive
  double longitude = 0;  ///< -180 to 180, east is positive

  bool operator==(const GeoPosition&) const = default;
};

inline constexpr std::size_t kMaxMetadataText = 128;  ///< bytes

/// Version of what is read into PhotoMetadata and DcSteps. To be raised with
/// any change that lets the same file give other metadata; what the catalog
/// holds of another version is read again.
inline constexpr int kMetadataVersion = 3;

/// What a file says about how its picture came about. Texts are printable
/// ASCII, which is all that EXIF allows ('?' stands for anything else), without
/// blanks at either end, and of kMaxMetadataText bytes at most; empty if the
/// file does not say.
struct PhotoMetadata {
  std::string camera_make = {};
  std::string camera_model = {};
  std::string software = {};  ///< of the camera, or what wrote the file last
  std::optional<GeoPosition> gps = {};
  /// Stars, 0 to 5; 0 says "not rated", or rejected.
  std::optional<int> rating = {};

  bool operator==(const PhotoMetadata&) const = default;
};

/// The largest of DcSteps::coarser. IJG's quality 10 has 80, 25 has 32, 95 has
/// 2.
inline constexpr int kMaxCoarserStep = 63;

/// By which steps the DC coefficients of a picture's luma, the means of its 8x8
/// blocks, were quantised when it was saved as a JPEG.
struct DcSteps {
  std::uint16_t own = 0;  ///< of the file; 0 if it is no JPEG of luma
  /// Bit n is set if the coefficients lie as if they had been quantised with a
  /// step of n before, which is more than `own`, and 2 or more.
  std::uint64_t coarser = 0;

  bool operator==(const DcSteps&) const = default;
};

/// What a file says about its picture.
struct PictureInfo {
  Format format = Format::unknown;
  std::uint32_t width = 0;   ///< pixels, as displayed (after orientation)
  std::uint32_t height = 0;  ///< pixels, as displayed
  Orientation orientation = kUpright;  ///< as stored in the file, 1..8
  /// EXIF DateTimeOriginal, "YYYY-MM-DDThh:mm:ss[.fraction][+hh:mm]"; empty if
  /// the file does not say.
  std::string taken_at;
  PhotoMetadata metadata = {};
  /// What the picture itself tells, if it is decoded in full size, as all
  /// JPEGs are as far as this goes.
  DcSteps dc_steps = {};

  bool operator==(const PictureInfo&) const = default;
};

struct Decoded {
  PictureInfo info;
  Image image;  ///< upright, reduced to a short side of 256 px or more where
                ///< the picture has that many
  /// Upright, 15 to 32 px a side where the file has that many samples of
  /// colour. Of every file that has colour channels, even if it shows only
  /// grey; and as seen, like the image.
  Chroma chroma;
};

/// Decodes a whole file. Thread-safe; keeps nothing between calls but tables
/// that each thread may use again, and that change no result. A picture
/// that is truncated, corrupt, unsupported or over a limit is an error, never
/// a partial raster, but a JPEG that lacks nothing but its end marker is whole.
/// Alpha is shown over white, CMYK as its naive RGB. Throws nothing.
Result<Decoded> decode(std::span<const std::byte> file,
                       const DecodeLimits& limits = {});

inline constexpr int kJpegQuality = 82;  ///< of libjpeg's 1..100

/// The way back, for thumbnails: a baseline JPEG of these rasters, which are
/// upright, with the colour at half the size. Chroma of any size is stretched
/// to that; none gives a grey picture. The luma is at least 1 x 1 and at most
/// 65,500 a side. The same bytes for the same rasters. Throws bad_alloc only.
std::vector<std::byte> encode_jpeg(const Image& luma, const Chroma& chroma);

inline constexpr std::size_t kMaxBareJpegBytes = std::size_t{64} << 10;

/// The picture of a JPEG that decode() takes, unchanged, without all metadata
/// and what follows it: to be shown as it is. Empty if that is not this large,
/// or not 8-bit Huffman coded in one or three channels, takes more than
/// kMaxBareJpegBytes, or anything about the file is unusual. Throws bad_alloc
/// only.
std::vector<std::byte> bare_jpeg(std::span<const std::byte> file,
                                 std::uint32_t width, std::uint32_t height);

}  // namespace vam
