// Decodes WebP with libwebp. The demuxer finds the first frame and notices
// files that end early; the frame is reduced by libwebp itself while it is
// decoded, unless it has to be blended or is only a part of its canvas.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>
#include <new>
#include <string>
#include <utility>

#include "decode/decoders.hpp"
#include "decode/exif.hpp"
#include "decode/picture_reducer.hpp"
#include "decode/xmp.hpp"
#include "decode/ycc.hpp"

namespace vam {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};

/// The first frame, or the only one.
struct Frame {
  WebPData data{};  ///< inside the file
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool has_alpha = false;
  bool lossless = false;
};

/// How libwebp decodes a frame, and the raster that it allocates for it.
class FrameDecoder {
 public:
  FrameDecoder() {
    // It fails for a header and a library that do not match; then every
    // decode fails as well.
    ready_ = WebPInitDecoderConfig(&config_) != 0;
  }
  FrameDecoder(const FrameDecoder&) = delete;
  FrameDecoder& operator=(const FrameDecoder&) = delete;
  ~FrameDecoder() { WebPFreeDecBuffer(&config_.output); }

  void set_alpha(bool has_alpha) {
    channels_ = has_alpha ? 4 : 3;
    config_.output.colorspace = has_alpha ? MODE_RGBA : MODE_RGB;
  }
  void set_size(std::uint32_t width, std::uint32_t height) {
    config_.options.use_scaling = 1;
    config_.options.scaled_width = static_cast<int>(width);
    config_.options.scaled_height = static_cast<int>(height);
  }
  VP8StatusCode decode(const WebPData& data) {
    if (!ready_) return VP8_STATUS_INVALID_PARAM;
    return WebPDecode(data.bytes, data.size, &config_);
  }
  void read_row(std::uint32_t y, const YccRun& out) const {
    const WebPRGBABuffer& raster = config_.output.u.RGBA;
    row_to_ycc(
        {raster.rgba + std::size_t{y} * static_cast<std::size_t>(raster.stride),
         out.size() * channels_},
        channels_, out);
  }

 private:
  WebPDecoderConfig config_{};
  bool ready_ = false;
  unsigned channels_ = 3;
};

tl::unexpected<Error> failure(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      throw std::bad_alloc();
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return fail(ErrorCode::truncated, "the data end before the picture does");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return fail(ErrorCode::unsupported, "a kind of WebP that libwebp lacks");
    default:
      return fail(ErrorCode::corrupt, "the coded pixels are damaged");
  }
}

class WebpReader {
 public:
  WebpReader(std::span<const std::byte> file, const DecodeLimits& limits)
      : file_(file), limits_(limits) {}

  Result<Decoded> decode();

 private:
  Result<void> open();
  Result<void> find_frame();
  Result<void> check_limits();
  bool is_reduced_by_libwebp() const;
  std::uint64_t memory_needed() const;
  Result<PictureReducer> read_reduced() const;
  Result<PictureReducer> read_on_canvas() const;
  std::span<const std::byte> chunk(const char* name) const;

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer_;
  std::uint32_t width_ = 0;  ///< of the canvas
  std::uint32_t height_ = 0;
  std::uint32_t factor_ = 1;
  Frame frame_;
};

/// The demuxer walks over all chunks, without looking into later frames.
Result<void> WebpReader::open() {
  const WebPData data{reinterpret_cast<const std::uint8_t*>(file_.data()),
                      file_.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  demuxer_.reset(WebPDemuxPartial(&data, &state));
  if (state == WEBP_DEMUX_PARSE_ERROR) {
    return fail(ErrorCode::corrupt, "the chunks of the file are damaged");
  }
  if (state != WEBP_DEMUX_DONE) {
    return fail(ErrorCode::truncated, "the file ends before its chunks do");
  }
  if (!demuxer_) throw std::bad_alloc();
  width_ = WebPDemuxGetI(demuxer_.get(), WEBP_FF_CANVAS_WIDTH);
  height_ = WebPDemuxGetI(demuxer_.get(), WEBP_FF_CANVAS_HEIGHT);
  return {};
}

Result<void> WebpReader::find_frame() {
  WebPIterator found{};
  if (WebPDemuxGetFrame(demuxer_.get(), 1, &found) == 0) {
    return fail(ErrorCode::corrupt, "no picture is in the file");
  }
  frame_ = {.data = found.fragment,
            .x = static_cast<std::uint32_t>(found.x_offset),
            .y = static_cast<std::uint32_t>(found.y_offset),
            .width = static_cast<std::uint32_t>(found.width),
            .height = static_cast<std::uint32_t>(found.height)};
  WebPDemuxReleaseIterator(&found);

  WebPBitstreamFeatures features{};
  const VP8StatusCode status =
      WebPGetFeatures(frame_.data.bytes, frame_.data.size, &features);
  if (status != VP8_STATUS_OK) return failure(status);
  if (frame_.width == 0 || frame_.height == 0 ||
      features.width != found.width || features.height != found.height ||
      std::uint64_t{frame_.x} + frame_.width > width_ ||
      std::uint64_t{frame_.y} + frame_.height > height_) {
    return fail(ErrorCode::corrupt, "the sizes in the file do not agree");
  }
  frame_.has_alpha = features.has_alpha != 0;
  frame_.lossless = features.format == 2;
  return {};
}

Result<void> WebpReader::check_limits() {
  factor_ = box_factor(width_, height_);
  return admit(width_, height_, memory_needed(), limits_);
}

/// libwebp averages boxes as BoxReducer does, before it converts YUV to RGB.
/// Alpha has to be blended before it is averaged.
bool WebpReader::is_reduced_by_libwebp() const {
  return factor_ > 1 && !frame_.has_alpha && frame_.width == width_ &&
         frame_.height == height_;
}

/// An upper bound on what the decode takes, but for small change and the code
/// tables of lossless pictures, whose number only their data tell.
std::uint64_t WebpReader::memory_needed() const {
  const auto pixels = std::uint64_t{frame_.width} * frame_.height;
  std::uint64_t bytes = std::uint64_t{width_} * 128;  // some rows
  // Lossless pixels are held as ARGB, with the images that steer them at up
  // to a quarter of the size; so may be the alpha plane of lossy ones.
  if (frame_.lossless) bytes += pixels * 5;
  if (frame_.has_alpha && !frame_.lossless) bytes += pixels * 6;
  if (!is_reduced_by_libwebp()) bytes += pixels * (frame_.has_alpha ? 4 : 3);
  // The reduced picture, in colour too if libwebp makes it.
  return bytes +
         5 * PictureReducer::memory_needed(width_, height_, factor_, false);
}

Result<PictureReducer> WebpReader::read_reduced() const {
  const std::uint32_t width = (width_ - 1) / factor_ + 1;
  const std::uint32_t height = (height_ - 1) / factor_ + 1;
  FrameDecoder decoder;
  decoder.set_alpha(false);
  decoder.set_size(width, height);
  const VP8StatusCode status = decoder.decode(frame_.data);
  if (status != VP8_STATUS_OK) return failure(status);
  YccRow row(width, HasColour::yes);
  PictureReducer reducer(width, height, 1, false, HasColour::yes,
                         PictureReducer::Size::reduced);
  for (std::uint32_t y = 0; y < height; ++y) {
    decoder.read_row(y, row.run());
    reducer.add(row.run(), {.y = y});
  }
  return reducer;
}

/// What the first frame of an animation leaves of the canvas is white.
Result<PictureReducer> WebpReader::read_on_canvas() const {
  FrameDecoder decoder;
  decoder.set_alpha(frame_.has_alpha);
  const VP8StatusCode status = decoder.decode(frame_.data);
  if (status != VP8_STATUS_OK) return failure(status);
  YccRow white(width_, HasColour::yes);
  YccRow row(width_, HasColour::yes);
  PictureReducer reducer(width_, height_, factor_, false, HasColour::yes);
  for (std::uint32_t y = 0; y < height_; ++y) {
    const bool in_frame = y >= frame_.y && y - frame_.y < frame_.height;
    if (in_frame) {
      decoder.read_row(y - frame_.y, row.run(frame_.x, frame_.width));
    }
    reducer.add(in_frame ? row.run() : white.run(), {.y = y});
  }
  return reducer;
}

/// The first one of this name, inside the file; empty if there is none.
std::span<const std::byte> WebpReader::chunk(const char* name) const {
  WebPChunkIterator found{};
  if (WebPDemuxGetChunk(demuxer_.get(), name, 1, &found) == 0) return {};
  const auto chunk =
      std::as_bytes(std::span(found.chunk.bytes, found.chunk.size));
  WebPDemuxReleaseChunkIterator(&found);
  return chunk;
}

Result<Decoded> WebpReader::decode() {
  for (const auto step : {&WebpReader::open, &WebpReader::find_frame,
                          &WebpReader::check_limits}) {
    if (const auto done = (this->*step)(); !done) {
      return tl::unexpected(done.error());
    }
  }
  Result<PictureReducer> reducer =
      is_reduced_by_libwebp() ? read_reduced() : read_on_canvas();
  if (!reducer) return tl::unexpected(reducer.error());

  Decoded decoded;
  decoded.info.format = Format::webp;
  decoded.info.width = width_;
  decoded.info.height = height_;
  ExifFacts facts = read_bare_exif(chunk("EXIF"));
  decoded.info.orientation = facts.orientation;
  decoded.info.taken_at = std::move(facts.taken_at);
  decoded.info.metadata = std::move(facts.metadata);
  if (!decoded.info.metadata.rating) {
    decoded.info.metadata.rating = xmp_rating(chunk("XMP "));
  }
  if (swaps_sides(facts.orientation)) {
    std::swap(decoded.info.width, decoded.info.height);
  }
  std::move(*reducer).finish(decoded);
  return decoded;
}

}  // namespace

Result<Decoded> decode_webp(std::span<const std::byte> file,
                            const DecodeLimits& limits) {
  return WebpReader(file, limits).decode();
}

}  // namespace vam
