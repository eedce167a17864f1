// Decodes camera RAW with LibRaw: the JPEG that the camera has put beside the
// sensor data if it shows the whole picture in a useful size, which is what
// people know the photo as and costs a twentieth; else the sensor data in half
// size.
//
// LibRaw goes on when data are missing and counts that as "data errors"; here
// they end the decode.
#include <libraw/libraw.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decode/boxes.hpp"
#include "decode/decoders.hpp"
#include "decode/exif.hpp"
#include "decode/picture_reducer.hpp"
#include "decode/tiff_tags.hpp"
#include "decode/xmp.hpp"
#include "decode/ycc.hpp"

namespace vam {
namespace {

/// Short side of a preview that is good enough.
constexpr std::uint32_t kMinPreviewSide = 512;
/// By how much its shape may differ: cameras cut some sensor rows off.
constexpr double kMaxShapeDifference = 0.04;

/// LibRaw keeps turns as bits: 1 mirrors, 2 turns upside down, 4 exchanges the
/// sides.
constexpr std::array<Orientation, 8> kOrientations = {1, 2, 4, 3, 5, 8, 6, 7};

/// "YYYY-MM-DDThh:mm:ss" of what LibRaw has made a time_t of as if it were
/// local time.
std::string local_time(std::time_t time) {
  std::tm parts{};
  if (time <= 0 || localtime_r(&time, &parts) == nullptr) return {};
  std::array<char, 32> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return size == 19 ? std::string(text.data(), size) : std::string();
}

/// Of a char array that LibRaw has filled, perhaps to its last byte.
template <std::size_t size>
std::string text_of(const char (&text)[size]) {
  return exif_text({text, size});
}

ExifAngle angle_of(const float (&parts)[3], const char& reference) {
  return {{&reference, 1}, {parts[0], parts[1], parts[2]}};
}

/// What LibRaw has found in the formats that are not built like TIFF.
PhotoMetadata metadata_of(const libraw_data_t& raw) {
  const libraw_gps_info_t& gps = raw.other.parsed_gps;
  PhotoMetadata metadata;
  metadata.camera_make = text_of(raw.idata.make);
  metadata.camera_model = text_of(raw.idata.model);
  metadata.software = text_of(raw.idata.software);
  if (raw.idata.xmpdata != nullptr) {
    metadata.rating = xmp_rating(
        std::as_bytes(std::span(raw.idata.xmpdata, raw.idata.xmplen)));
  }
  if (gps.gpsparsed != 0) {
    metadata.gps = exif_position(angle_of(gps.latitude, gps.latref),
                                 angle_of(gps.longitude, gps.longref));
  }
  return metadata;
}

/// Of a CR3; LibRaw 0.20 does not look for it.
constexpr std::string_view kXmpBox{
    "uuid\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC", 20};

bool is_cr3(std::span<const std::byte> file) {
  constexpr std::string_view kMark = "ftypcrx ";
  return file.size() >= 4 + kMark.size() &&
         std::memcmp(file.data() + 4, kMark.data(), kMark.size()) == 0;
}

double long_by_short(std::uint32_t width, std::uint32_t height) {
  return static_cast<double>(std::max(width, height)) / std::min(width, height);
}

class RawReader {
 public:
  RawReader(std::span<const std::byte> file, const DecodeLimits& limits)
      : file_(file), limits_(limits) {}
  RawReader(const RawReader&) = delete;
  RawReader& operator=(const RawReader&) = delete;
  ~RawReader() = default;

  Result<Decoded> decode();

 private:
  static void on_data_error(void* self, const char*, int offset);

  std::optional<Error> open();
  tl::unexpected<Error> failure(int code) const;
  bool ends_early() const;
  PictureInfo describe() const;
  bool decode_preview(Decoded& raw);
  Result<PictureReducer> develop();
  PictureReducer read_developed();

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  std::unique_ptr<LibRaw> raw_;  ///< too large for a stack
  std::optional<TiffTags> tags_;
  bool ended_ = false;  ///< LibRaw missed data at the end of the file
  bool broken_ = false;
  bool gives_up_ = false;  ///< ends LibRaw's work at the first damage
};

void RawReader::on_data_error(void* user, const char*, int offset) {
  auto& self = *static_cast<RawReader*>(user);
  self.broken_ = true;
  if (offset < 0) self.ended_ = true;
  if (self.gives_up_) throw LIBRAW_EXCEPTION_IO_CORRUPT;
}

tl::unexpected<Error> RawReader::failure(int code) const {
  if (ended_ || code == LIBRAW_IO_ERROR || code == LIBRAW_INPUT_CLOSED) {
    return fail(ErrorCode::truncated, "the data end before the picture does");
  }
  if (code > 0) return fail(ErrorCode::corrupt, std::strerror(code));
  switch (code) {
    case LIBRAW_SUCCESS:
      return fail(ErrorCode::corrupt, "the sensor data are damaged");
    case LIBRAW_UNSUFFICIENT_MEMORY:
    case LIBRAW_MEMPOOL_OVERFLOW:
    case LIBRAW_TOO_BIG:
      return fail(ErrorCode::too_large, LibRaw::strerror(code));
    case LIBRAW_FILE_UNSUPPORTED:
    case LIBRAW_NOT_IMPLEMENTED:
      return fail(ErrorCode::unsupported, LibRaw::strerror(code));
    default:
      return fail(ErrorCode::corrupt, LibRaw::strerror(code));
  }
}

/// Whether the sensor data, or another picture, are cut off. A preview stands
/// in front of them and would be whole.
bool RawReader::ends_early() const {
  // Of a RAF, LibRaw does not tell how long they are.
  static constexpr std::string_view kRaf = "FUJIFILMCCD-RAW";
  static constexpr std::size_t kRafSensor = 100;
  if (file_.size() >= kRafSensor + 8 &&
      std::memcmp(file_.data(), kRaf.data(), kRaf.size()) == 0 &&
      std::uint64_t{big_endian_at(file_, kRafSensor)} +
              big_endian_at(file_, kRafSensor + 4) >
          file_.size()) {
    return true;
  }
  if (tags_ && std::ranges::any_of(tags_->pages, &TiffPage::data_end_early)) {
    return true;
  }
  const auto& data = raw_->get_internal_data_pointer()->unpacker_data;
  const auto size = static_cast<std::int64_t>(file_.size());
  return data.data_offset >= size ||
         std::int64_t{data.data_size} > size - data.data_offset;
}

std::optional<Error> RawReader::open() {
  raw_ = std::make_unique<LibRaw>(LIBRAW_OPIONS_NO_MEMERR_CALLBACK |
                                  LIBRAW_OPIONS_NO_DATAERR_CALLBACK);
  raw_->set_dataerror_handler(on_data_error, this);
  libraw_output_params_t& params = raw_->imgdata.params;
  params.max_raw_memory_mb = static_cast<unsigned>(std::clamp<std::uint64_t>(
      limits_.max_memory_bytes >> 20U, 1, 0x7FFFFFFF));
  params.half_size = 1;
  params.use_camera_wb = 1;
  params.output_bps = 8;
  const int code = raw_->open_buffer(const_cast<std::byte*>(file_.data()),
                                     file_.size());  // it only reads
  if (code != LIBRAW_SUCCESS) return failure(code).value();
  broken_ = ended_ = false;  // so far, about tags only

  const libraw_image_sizes_t& sizes = raw_->imgdata.sizes;
  if (sizes.width == 0 || sizes.height == 0) {
    return Error{ErrorCode::corrupt, "has no size"};
  }
  const auto stored = std::uint64_t{sizes.raw_width} * sizes.raw_height;
  const auto shown = std::uint64_t{sizes.width} * sizes.height;
  if (std::max(stored, shown) > limits_.max_pixels) {
    return Error{ErrorCode::too_large,
                 "declares " + std::to_string(sizes.width) + "x" +
                     std::to_string(sizes.height) + " pixels"};
  }
  if (ends_early()) {
    return Error{ErrorCode::truncated, "the data end before the picture does"};
  }
  return std::nullopt;
}

PictureInfo RawReader::describe() const {
  const libraw_image_sizes_t& sizes = raw_->imgdata.sizes;
  PictureInfo info;
  info.format = Format::raw;
  info.width = sizes.width;
  info.height = sizes.height;
  info.orientation = kOrientations[static_cast<unsigned>(sizes.flip) & 7U];
  if (tags_) {
    info.taken_at = tags_->taken_at;
    info.metadata = tags_->metadata;
    if (!info.metadata.rating) info.metadata.rating = xmp_rating(tags_->xmp);
  } else {
    info.metadata.rating = xmp_rating(box_content(file_, kXmpBox));
  }
  return info;
}

/// Takes the preview, upright, if there is a good one; raw.info is as stored
/// and becomes complete. A preview is stored as the sensor data are, and turned
/// by the same tag; but if it has an orientation of its own, or stands where
/// the sensor lies, it is right as it is.
bool RawReader::decode_preview(Decoded& raw) {
  const libraw_thumbnail_t& preview = raw_->imgdata.thumbnail;
  if (preview.tlength == 0 || preview.tlength > file_.size()) return false;
  if (raw_->unpack_thumb() != LIBRAW_SUCCESS ||
      preview.tformat != LIBRAW_THUMBNAIL_JPEG || preview.thumb == nullptr) {
    return false;
  }
  Result<Decoded> decoded = decode_jpeg(
      std::as_bytes(std::span(preview.thumb, preview.tlength)), limits_);
  if (!decoded) return false;
  PictureInfo& info = raw.info;
  const PictureInfo& shown = decoded->info;
  const double shape = long_by_short(info.width, info.height);
  if (std::min(shown.width, shown.height) < kMinPreviewSide ||
      std::abs(long_by_short(shown.width, shown.height) - shape) >
          shape * kMaxShapeDifference) {
    return false;
  }
  if (info.taken_at.empty()) info.taken_at = shown.taken_at;
  fill_missing(info.metadata, shown.metadata);
  const bool is_upright =
      shown.orientation != kUpright ||
      (swaps_sides(info.orientation) && info.width != info.height &&
       (shown.width > shown.height) != (info.width > info.height));
  const Orientation turn = is_upright ? kUpright : info.orientation;
  raw.image = oriented(std::move(decoded->image), turn);
  raw.chroma = oriented(std::move(decoded->chroma), turn);
  return true;
}

PictureReducer RawReader::read_developed() {
  int width = 0;
  int height = 0;
  int colours = 0;
  int bits = 0;
  raw_->get_mem_image_format(&width, &height, &colours, &bits);
  const auto columns = static_cast<std::uint32_t>(width);
  const auto rows = static_cast<std::uint32_t>(height);
  const auto channels = static_cast<unsigned>(colours);
  std::vector<std::uint8_t> samples(std::size_t{columns} * rows * channels);
  raw_->copy_mem_image(samples.data(), width * colours, 0);
  const HasColour has_colour = channels < 3 ? HasColour::no : HasColour::yes;
  YccRow row(columns, has_colour);
  PictureReducer reducer(columns, rows, box_factor(columns, rows), false,
                         has_colour, PictureReducer::Size::reduced);
  for (std::uint32_t y = 0; y < rows; ++y) {
    const std::size_t row_size = std::size_t{columns} * channels;
    row_to_ycc(std::span(samples).subspan(y * row_size, row_size), channels,
               row.run());
    reducer.add(row.run(), {.y = y});
  }
  return reducer;
}

/// The sensor data in half size, as stored: not turned.
Result<PictureReducer> RawReader::develop() {
  const libraw_image_sizes_t& sizes = raw_->imgdata.sizes;
  // The sensor data (of up to 4 colours), four colours of 16 bits for each
  // pixel of the half, and 8-bit RGB of it.
  const std::uint64_t raw_pixels =
      std::uint64_t{sizes.raw_width} * sizes.raw_height;
  const std::uint64_t bytes =
      raw_pixels * (raw_->imgdata.idata.filters != 0 ? 2 : 8) +
      std::uint64_t{sizes.width} * sizes.height * (8 + 3) /
          (raw_->imgdata.idata.filters != 0 ? 4 : 1);
  if (auto admitted = admit(sizes.raw_width, sizes.raw_height, bytes, limits_);
      !admitted) {
    return tl::unexpected(std::move(admitted.error()));
  }
  // LibRaw 0.20 would decode a CR3 by a header that it could not read, and
  // crash.
  gives_up_ = is_cr3(file_);
  int code = raw_->unpack();
  if (gives_up_ && broken_) code = LIBRAW_SUCCESS;  // the damage tells
  if (code != LIBRAW_SUCCESS || broken_ || ended_) return failure(code);
  raw_->imgdata.params.user_flip = 0;
  code = raw_->dcraw_process();
  if (code != LIBRAW_SUCCESS) return failure(code);
  int width = 0;
  int height = 0;
  int colours = 0;
  int bits = 0;
  raw_->get_mem_image_format(&width, &height, &colours, &bits);
  if (width <= 0 || height <= 0 || bits != 8 ||
      (colours != 1 && colours != 3)) {
    return fail(ErrorCode::unsupported, "develops into no RGB");
  }
  return read_developed();
}

Result<Decoded> RawReader::decode() {
  tags_ = read_tiff_tags(file_);
  if (auto error = open()) return tl::unexpected(*error);
  Decoded decoded;
  decoded.info = describe();
  if (!decode_preview(decoded)) {
    broken_ = ended_ = false;  // about the preview
    Result<PictureReducer> reducer = develop();
    if (!reducer) return tl::unexpected(reducer.error());
    std::move(*reducer).finish(decoded);
  }
  if (decoded.info.taken_at.empty()) {
    decoded.info.taken_at = local_time(raw_->imgdata.other.timestamp);
  }
  fill_missing(decoded.info.metadata, metadata_of(raw_->imgdata));
  if (swaps_sides(decoded.info.orientation)) {
    std::swap(decoded.info.width, decoded.info.height);
  }
  return decoded;
}

}  // namespace

Result<Decoded> decode_raw(std::span<const std::byte> file,
                           const DecodeLimits& limits) {
  try {
    return RawReader(file, limits).decode();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {  // LibRaw's exceptions are numbers
    return fail(ErrorCode::corrupt, "LibRaw gave up");
  }
}

}  // namespace vam
