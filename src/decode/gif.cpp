// Decodes GIF with giflib: the first frame, row by row, on its canvas. What
// stands behind the first frame is not read, so that a long animation costs as
// much as a still picture.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "decode/decoders.hpp"
#include "decode/picture_reducer.hpp"
#include "decode/ycc.hpp"

namespace vam {
namespace {

class GifReader {
 public:
  GifReader(std::span<const std::byte> file, const DecodeLimits& limits)
      : file_(file), limits_(limits) {}
  GifReader(const GifReader&) = delete;
  GifReader& operator=(const GifReader&) = delete;
  ~GifReader() {
    if (gif_ != nullptr) DGifCloseFile(gif_, nullptr);
  }

  Result<Decoded> decode();

 private:
  static int on_read(GifFileType* gif, GifByteType* out, int count);

  Result<void> open();
  Result<void> find_frame();
  Result<void> check_frame();
  Result<void> check_limits();
  Result<void> read_colours();
  Result<void> read_rows();

  tl::unexpected<Error> failure(int code) const;
  bool read_extension();
  std::uint64_t memory_needed() const;
  bool read_row(std::uint32_t y);

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  GifFileType* gif_ = nullptr;
  std::size_t position_ = 0;
  bool ended_ = false;  ///< giflib asked for more than the file holds
  int transparent_ = NO_TRANSPARENT_COLOR;
  std::uint32_t width_ = 0;  ///< of the canvas
  std::uint32_t height_ = 0;
  std::uint32_t factor_ = 1;
  std::uint32_t left_ = 0;  ///< of the frame
  std::uint32_t top_ = 0;
  std::uint32_t frame_width_ = 0;
  std::uint32_t frame_height_ = 0;
  std::array<Ycc, 256> palette_{};
  std::vector<GifPixelType> indices_;  ///< of one row of the frame
  YccRow row_;                         ///< of the canvas
  PictureReducer reducer_;
};

int GifReader::on_read(GifFileType* gif, GifByteType* out, int count) {
  auto& self = *static_cast<GifReader*>(gif->UserData);
  const std::size_t left = self.file_.size() - self.position_;
  const std::size_t size = std::min(static_cast<std::size_t>(count), left);
  if (size < static_cast<std::size_t>(count)) {
    self.ended_ = true;
    // giflib believes some counts without looking at how many have come.
    std::memset(out, 0, static_cast<std::size_t>(count));
  }
  std::memcpy(out, self.file_.data() + self.position_, size);
  self.position_ += size;
  return static_cast<int>(size);
}

tl::unexpected<Error> GifReader::failure(int code) const {
  if (code == D_GIF_ERR_NOT_ENOUGH_MEM) throw std::bad_alloc();
  if (ended_ || code == D_GIF_ERR_EOF_TOO_SOON) {
    return fail(ErrorCode::truncated, "the data end before the picture does");
  }
  const char* reason = GifErrorString(code);
  return fail(ErrorCode::corrupt, reason == nullptr ? "damaged data" : reason);
}

Result<void> GifReader::open() {
  int code = 0;
  gif_ = DGifOpen(this, on_read, &code);
  if (gif_ == nullptr) return failure(code);
  return {};
}

/// Of several graphics control extensions the last one before a frame counts.
bool GifReader::read_extension() {
  int code = 0;
  GifByteType* block = nullptr;
  if (DGifGetExtension(gif_, &code, &block) == GIF_ERROR) return false;
  while (block != nullptr) {
    GraphicsControlBlock control{};
    if (code == GRAPHICS_EXT_FUNC_CODE &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      transparent_ = control.TransparentColor;
    }
    if (DGifGetExtensionNext(gif_, &block) == GIF_ERROR) return false;
  }
  return true;
}

Result<void> GifReader::find_frame() {
  for (;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(gif_, &type) == GIF_ERROR) {
      return failure(gif_->Error);
    }
    switch (type) {
      case EXTENSION_RECORD_TYPE:
        if (!read_extension()) return failure(gif_->Error);
        break;
      case IMAGE_DESC_RECORD_TYPE:
        if (DGifGetImageDesc(gif_) == GIF_ERROR) return failure(gif_->Error);
        return {};
      default:
        return fail(ErrorCode::corrupt, "no picture is in the file");
    }
  }
}

/// A frame that reaches over the edge of its canvas is cut there. Files that
/// leave the size of the canvas open mean that of the frame.
Result<void> GifReader::check_frame() {
  const GifImageDesc& frame = gif_->Image;
  constexpr GifWord kMaxSide = 0xFFFF;
  for (const GifWord number : {gif_->SWidth, gif_->SHeight, frame.Left,
                               frame.Top, frame.Width, frame.Height}) {
    if (number < 0 || number > kMaxSide) {
      return fail(ErrorCode::corrupt, "a size is out of range");
    }
  }
  left_ = static_cast<std::uint32_t>(frame.Left);
  top_ = static_cast<std::uint32_t>(frame.Top);
  frame_width_ = static_cast<std::uint32_t>(frame.Width);
  frame_height_ = static_cast<std::uint32_t>(frame.Height);
  width_ = static_cast<std::uint32_t>(gif_->SWidth);
  height_ = static_cast<std::uint32_t>(gif_->SHeight);
  if (width_ == 0 || height_ == 0) {
    width_ = left_ + frame_width_;
    height_ = top_ + frame_height_;
  }
  if (frame_width_ == 0 || frame_height_ == 0 || left_ >= width_ ||
      top_ >= height_) {
    return fail(ErrorCode::corrupt, "nothing of the frame is on the canvas");
  }
  return {};
}

/// An upper bound on what the decode takes, but for small change.
std::uint64_t GifReader::memory_needed() const {
  // giflib's decoder has tables of 50 kB.
  return 65536 + std::uint64_t{frame_width_} + YccRow::kBytesPerPixel * width_ +
         PictureReducer::memory_needed(width_, height_, factor_, true);
}

Result<void> GifReader::check_limits() {
  factor_ = box_factor(width_, height_);
  // Both sides have 16 bits.
  return admit(std::max(width_, frame_width_), std::max(height_, frame_height_),
               memory_needed(), limits_);
}

/// Indices behind the end of the palette are black.
Result<void> GifReader::read_colours() {
  const ColorMapObject* map =
      gif_->Image.ColorMap != nullptr ? gif_->Image.ColorMap : gif_->SColorMap;
  if (map == nullptr || map->Colors == nullptr) {
    return fail(ErrorCode::corrupt, "the picture has no colours");
  }
  const auto count =
      std::min(static_cast<std::size_t>(map->ColorCount), palette_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const GifColorType& colour = map->Colors[i];
    palette_[i] = ycc_of(colour.Red, colour.Green, colour.Blue);
  }
  if (transparent_ >= 0) {
    palette_[static_cast<std::uint8_t>(transparent_)] = kWhite;
  }
  return {};
}

/// The next row of the frame, which is row y of the canvas.
bool GifReader::read_row(std::uint32_t y) {
  if (DGifGetLine(gif_, indices_.data(), static_cast<int>(indices_.size())) ==
      GIF_ERROR) {
    return false;
  }
  if (y >= height_) return true;
  const std::uint32_t count = std::min(frame_width_, width_ - left_);
  const YccRun out = row_.run(left_, count);
  for (std::uint32_t x = 0; x < count; ++x) {
    out.set(x, palette_[indices_[x]]);
  }
  reducer_.add(row_.run(), {.y = y});
  return true;
}

/// After the last row, giflib has read the end of the frame's data, too.
Result<void> GifReader::read_rows() {
  struct Pass {
    std::uint32_t first;
    std::uint32_t step;
  };
  static constexpr std::array<Pass, 4> kInterlaced = {
      {{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  static constexpr std::array<Pass, 1> kPlain = {{{0, 1}}};
  const bool interlaced = gif_->Image.Interlace;
  indices_.resize(frame_width_);
  row_ = YccRow(width_, HasColour::yes);
  reducer_ = PictureReducer(width_, height_, factor_, true, HasColour::yes);
  for (std::uint32_t y = 0; y < height_; ++y) {
    if (y < top_ || y - top_ >= frame_height_) {
      reducer_.add(row_.run(), {.y = y});
    }
  }
  for (const Pass& pass : interlaced ? std::span<const Pass>(kInterlaced)
                                     : std::span<const Pass>(kPlain)) {
    for (std::uint32_t y = pass.first; y < frame_height_; y += pass.step) {
      if (!read_row(top_ + y)) return failure(gif_->Error);
    }
  }
  return {};
}

Result<Decoded> GifReader::decode() {
  for (const auto step : {&GifReader::open, &GifReader::find_frame,
                          &GifReader::check_frame, &GifReader::check_limits,
                          &GifReader::read_colours, &GifReader::read_rows}) {
    if (const auto done = (this->*step)(); !done) {
      return tl::unexpected(done.error());
    }
  }
  Decoded decoded;
  decoded.info.format = Format::gif;
  decoded.info.width = width_;
  decoded.info.height = height_;
  std::move(reducer_).finish(decoded);
  return decoded;
}

}  // namespace

Result<Decoded> decode_gif(std::span<const std::byte> file,
                           const DecodeLimits& limits) {
  return GifReader(file, limits).decode();
}

}  // namespace vam
