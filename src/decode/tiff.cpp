// Decodes TIFF with libtiff: row by row, or block by block where it is tiled
// or its colours lie in separate planes, into a picture that is reduced by
// averaging while it is read.
//
// libtiff reports lost picture data in three ways: by a failing call, by an
// error message from a call that succeeds, and (in its fax and JPEG codecs) by
// a warning. All three end the decode.
//
// Two readers do the work. Plain pixels of any depth are read as they are
// stored. For the rest (YCbCr, CIELab, LogLuv, old-style JPEG), libtiff makes
// 8-bit RGBA.
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/decoders.hpp"
#include "decode/picture_reducer.hpp"
#include "decode/tiff_samples.hpp"
#include "decode/tiff_tags.hpp"
#include "decode/xmp.hpp"
#include "decode/ycc.hpp"

namespace vam {
namespace {

/// More would be measurements, not colours.
constexpr unsigned kMaxSamples = 32;

/// The limit on pixels is one on work, too. This much of it can be stored for
/// each of them: four samples of 32 bits.
constexpr double kMaxBytesPerPixel = 16;

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const {
    TIFFOpenOptionsFree(options);
  }
};

/// How the pixels are got.
enum class Access : std::uint8_t {
  rows,    ///< chunky strips, a row at a time
  blocks,  ///< whole tiles, or whole strips of each plane
  rgba,    ///< tiles or strips as libtiff's RGBA
};

struct Block {
  std::uint32_t x;
  std::uint32_t y;
  std::uint32_t width;
  std::uint32_t height;
};

class TiffReader {
 public:
  TiffReader(std::span<const std::byte> file, const DecodeLimits& limits)
      : file_(file), limits_(limits) {}
  TiffReader(const TiffReader&) = delete;
  TiffReader& operator=(const TiffReader&) = delete;
  ~TiffReader() = default;

  Result<Decoded> decode();

 private:
  // What libtiff calls.
  static TiffReader& self_of(void* self) {
    return *static_cast<TiffReader*>(self);
  }
  static int on_error(TIFF* tiff, void* self, const char* module,
                      const char* format, va_list values);
  static int on_warning(TIFF* tiff, void* self, const char* module,
                        const char* format, va_list values);
  static tmsize_t on_read(thandle_t self, void* out, tmsize_t count);
  static tmsize_t on_write(thandle_t, void*, tmsize_t) { return -1; }
  static toff_t on_seek(thandle_t self, toff_t offset, int whence);
  static int on_close(thandle_t) { return 0; }
  static toff_t on_size(thandle_t self) { return self_of(self).file_.size(); }

  bool open(std::uint64_t directory);
  tl::unexpected<Error> failure() const;
  bool has_failed() const { return message_[0] != '\0'; }
  std::optional<Error> refusal(std::uint64_t width, std::uint64_t height) const;

  template <class T>
  T field(std::uint32_t tag) const;
  std::optional<Error> read_layout();
  bool choose_colour();
  void find_alpha();
  bool read_palette();
  void choose_access();
  std::uint64_t memory_needed() const;
  double bytes_to_decode() const;

  bool read_pixels();
  bool load(const Block& block);
  bool load_planes(const Block& block);
  bool load_rgba(const Block& block);
  void add_rows(const Block& block);

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  std::uint64_t position_ = 0;
  bool ended_ = false;  ///< libtiff asked for more than the file holds
  std::array<char, 256> message_{};
  std::unique_ptr<TIFF, CloseTiff> tiff_;

  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  std::uint32_t factor_ = 1;
  unsigned compression_ = COMPRESSION_NONE;
  unsigned photometric_ = PHOTOMETRIC_MINISBLACK;
  bool planar_ = false;
  bool tiled_ = false;
  TiffLayout layout_;

  Access access_ = Access::rows;
  std::uint32_t block_width_ = 0;
  std::uint32_t block_height_ = 0;
  std::uint64_t row_bytes_ = 0;    ///< of a block, and of one plane
  std::uint64_t block_bytes_ = 0;  ///< of one plane
  std::vector<std::uint8_t> stored_;
  std::vector<std::uint32_t> rgba_;
  std::vector<std::uint8_t> samples_;
  YccRow row_;
  PictureReducer reducer_;
};

int TiffReader::on_error(TIFF*, void* user, const char*, const char* format,
                         va_list values) {
  TiffReader& self = self_of(user);
  if (self.has_failed()) return 1;  // what follows is a consequence
  std::vsnprintf(self.message_.data(), self.message_.size(), format, values);
  if (!self.has_failed()) self.message_[0] = '?';
  std::ranges::replace(self.message_, '\n', ' ');
  return 1;
}

/// Most warnings are about tags. These codecs, though, go on without data.
int TiffReader::on_warning(TIFF* tiff, void* user, const char* module,
                           const char* format, va_list values) {
  static constexpr std::array kLosses = {std::string_view("Premature"),
                                         std::string_view("lack of data"),
                                         std::string_view("Corrupt JPEG data")};
  std::array<char, 256> text{};
  va_list copy;
  va_copy(copy, values);
  std::vsnprintf(text.data(), text.size(), format, copy);
  va_end(copy);
  const std::string_view message(text.data());
  if (std::ranges::any_of(kLosses, [&](std::string_view loss) {
        return message.find(loss) != std::string_view::npos;
      })) {
    on_error(tiff, user, module, format, values);
  }
  return 1;
}

tmsize_t TiffReader::on_read(thandle_t handle, void* out, tmsize_t count) {
  TiffReader& self = self_of(handle);
  const std::uint64_t left = self.position_ < self.file_.size()
                                 ? self.file_.size() - self.position_
                                 : 0;
  const auto wanted = static_cast<std::uint64_t>(std::max<tmsize_t>(count, 0));
  const std::uint64_t size = std::min(wanted, left);
  if (size < wanted) self.ended_ = true;
  if (size > 0) std::memcpy(out, self.file_.data() + self.position_, size);
  self.position_ += size;
  return static_cast<tmsize_t>(size);
}

toff_t TiffReader::on_seek(thandle_t handle, toff_t offset, int whence) {
  TiffReader& self = self_of(handle);
  if (whence == SEEK_CUR) offset += self.position_;
  if (whence == SEEK_END) offset += self.file_.size();
  return self.position_ = offset;
}

/// Without mapping (m), and only as far as the header (h): which directory is
/// the right one has been found out before.
bool TiffReader::open(std::uint64_t directory) {
  const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(
      TIFFOpenOptionsAlloc());
  if (!options) throw std::bad_alloc();
  constexpr std::uint64_t kMost = std::numeric_limits<tmsize_t>::max();
  TIFFOpenOptionsSetMaxSingleMemAlloc(
      options.get(), static_cast<tmsize_t>(std::clamp<std::uint64_t>(
                         limits_.max_memory_bytes, 1, kMost)));
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, this);
  tiff_.reset(TIFFClientOpenExt("picture", "rmh", this, on_read, on_write,
                                on_seek, on_close, on_size, nullptr, nullptr,
                                options.get()));
  if (!tiff_ || TIFFSetSubDirectory(tiff_.get(), directory) == 0) return false;
  message_[0] = '\0';  // about some tag that does not matter
  ended_ = false;
  return true;
}

tl::unexpected<Error> TiffReader::failure() const {
  const std::string_view message(message_.data());
  const auto says = [&](std::string_view words) {
    return message.find(words) != std::string_view::npos;
  };
  if (says("exceed") && says("limit")) {
    return fail(ErrorCode::too_large, std::string(message));
  }
  if (says("not configured") || says("not implemented") ||
      says("Unknown compression") || says("not supported")) {
    return fail(ErrorCode::unsupported, std::string(message));
  }
  if (ended_ || says("Read error") || says("Not enough data") ||
      says("Premature") || says("lack of data") || says("not enough data")) {
    return fail(ErrorCode::truncated, "the data end before the picture does");
  }
  return fail(ErrorCode::corrupt,
              has_failed() ? std::string(message) : "not readable");
}

std::optional<Error> TiffReader::refusal(std::uint64_t width,
                                         std::uint64_t height) const {
  // Both have 32 bits.
  if (width * height <= limits_.max_pixels && width <= 0x7FFFFFFF &&
      height <= 0x7FFFFFFF) {
    return std::nullopt;
  }
  return Error{ErrorCode::too_large, "declares " + std::to_string(width) + "x" +
                                         std::to_string(height) + " pixels"};
}

template <class T>
T TiffReader::field(std::uint32_t tag) const {
  T value{};
  TIFFGetFieldDefaulted(tiff_.get(), tag, &value);
  return value;
}

/// Whether the colours are such as to_ycc() knows.
bool TiffReader::choose_colour() {
  switch (photometric_) {
    case PHOTOMETRIC_MINISBLACK:
      layout_.colour = TiffColour::grey;
      return true;
    case PHOTOMETRIC_MINISWHITE:
      layout_.colour = TiffColour::inverted_grey;
      return true;
    case PHOTOMETRIC_RGB:
      layout_.colour = TiffColour::rgb;
      return true;
    case PHOTOMETRIC_PALETTE:
      layout_.colour = TiffColour::palette;
      return read_palette();
    case PHOTOMETRIC_SEPARATED:
      layout_.colour = TiffColour::cmyk;
      return field<std::uint16_t>(TIFFTAG_INKSET) == INKSET_CMYK;
    case PHOTOMETRIC_YCBCR:
      // libjpeg makes RGB of it.
      layout_.colour = TiffColour::rgb;
      return compression_ == COMPRESSION_JPEG && !planar_ &&
             layout_.bits == 8 && layout_.samples == 3 &&
             TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE,
                          JPEGCOLORMODE_RGB) != 0;
    default:
      return false;
  }
}

/// The values have 16 bits, but old programs wrote 8.
bool TiffReader::read_palette() {
  std::array<std::uint16_t*, 3> colours{};
  if (layout_.bits > 8 ||
      TIFFGetField(tiff_.get(), TIFFTAG_COLORMAP, &colours[0], &colours[1],
                   &colours[2]) == 0) {
    return false;
  }
  const std::size_t size = std::size_t{1} << layout_.bits;
  unsigned shift = 0;
  for (const std::uint16_t* colour : colours) {
    if (std::any_of(colour, colour + size, [](auto c) { return c > 255; })) {
      shift = 8;
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    const auto part = [&](std::size_t which) {
      return static_cast<unsigned>(colours[which][i]) >> shift;
    };
    layout_.palette[i] = ycc_of(part(0), part(1), part(2));
  }
  return true;
}

/// The first sample behind the colours that says it is one. Those that do not
/// say what they are may be masks of selections.
void TiffReader::find_alpha() {
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(tiff_.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds);
  for (unsigned i = 0; i < count && kinds != nullptr; ++i) {
    if (kinds[i] != EXTRASAMPLE_ASSOCALPHA &&
        kinds[i] != EXTRASAMPLE_UNASSALPHA) {
      continue;
    }
    layout_.alpha_sample = layout_.samples - count + i;
    if (count > layout_.samples || layout_.alpha_sample < layout_.colours()) {
      return;
    }
    layout_.alpha = kinds[i] == EXTRASAMPLE_ASSOCALPHA
                        ? TiffAlpha::premultiplied
                        : TiffAlpha::straight;
    return;
  }
}

std::optional<Error> TiffReader::read_layout() {
  width_ = field<std::uint32_t>(TIFFTAG_IMAGEWIDTH);
  height_ = field<std::uint32_t>(TIFFTAG_IMAGELENGTH);
  if (width_ == 0 || height_ == 0) {
    return Error{ErrorCode::corrupt, "has no size"};
  }
  if (auto too_large = refusal(width_, height_)) return too_large;
  compression_ = field<std::uint16_t>(TIFFTAG_COMPRESSION);
  // The JBIG library believes sizes inside the data, and aborts the program
  // if it gets no memory for them.
  if (compression_ == COMPRESSION_JBIG ||
      TIFFIsCODECConfigured(static_cast<std::uint16_t>(compression_)) == 0) {
    return Error{ErrorCode::unsupported,
                 "TIFF compression " + std::to_string(compression_)};
  }
  std::uint16_t photometric = 0;
  if (TIFFGetField(tiff_.get(), TIFFTAG_PHOTOMETRIC, &photometric) != 0) {
    photometric_ = photometric;
  }
  planar_ = field<std::uint16_t>(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
  tiled_ = TIFFIsTiled(tiff_.get()) != 0;
  layout_.bits = field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE);
  layout_.samples = field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL);
  if (layout_.samples == 0 || layout_.samples > kMaxSamples) {
    return Error{ErrorCode::unsupported,
                 std::to_string(layout_.samples) + " samples for each pixel"};
  }
  const auto kind = field<std::uint16_t>(TIFFTAG_SAMPLEFORMAT);
  const bool is_number =
      kind != SAMPLEFORMAT_COMPLEXINT && kind != SAMPLEFORMAT_COMPLEXIEEEFP;
  layout_.kind = kind == SAMPLEFORMAT_IEEEFP ? SampleKind::real
                 : kind == SAMPLEFORMAT_INT  ? SampleKind::signed_int
                                             : SampleKind::unsigned_int;
  const bool is_plain = choose_colour() && is_number && layout_.is_known() &&
                        layout_.samples >= layout_.colours();
  if (is_plain) find_alpha();
  access_ = !is_plain           ? Access::rgba
            : tiled_ || planar_ ? Access::blocks
                                : Access::rows;
  std::array<char, 1024> reason{};
  if (!is_plain && TIFFRGBAImageOK(tiff_.get(), reason.data()) == 0) {
    return Error{ErrorCode::unsupported, reason.data()};
  }
  return std::nullopt;
}

void TiffReader::choose_access() {
  TIFF* tiff = tiff_.get();
  if (tiled_) {
    block_width_ = field<std::uint32_t>(TIFFTAG_TILEWIDTH);
    block_height_ = field<std::uint32_t>(TIFFTAG_TILELENGTH);
    row_bytes_ = TIFFTileRowSize64(tiff);
    block_bytes_ = TIFFTileSize64(tiff);
    return;
  }
  block_width_ = width_;
  block_height_ = std::min(height_, field<std::uint32_t>(TIFFTAG_ROWSPERSTRIP));
  row_bytes_ = TIFFScanlineSize64(tiff);
  block_bytes_ = TIFFStripSize64(tiff);
  if (access_ == Access::rows) {
    block_height_ = 1;
    block_bytes_ = row_bytes_;
  }
}

/// An upper bound on what the decode takes, but for small change.
std::uint64_t TiffReader::memory_needed() const {
  const std::uint64_t planes = planar_ ? layout_.samples : 1;
  std::uint64_t bytes =
      planes * block_bytes_ +
      std::min<std::uint64_t>(file_.size(), block_bytes_) +  // compressed
      std::uint64_t{block_width_} * (layout_.samples + YccRow::kBytesPerPixel) +
      16 * std::uint64_t{tiled_ ? TIFFNumberOfTiles(tiff_.get())
                                : TIFFNumberOfStrips(tiff_.get())} +
      PictureReducer::memory_needed(width_, height_, factor_, tiled_);
  if (access_ == Access::rgba) {
    bytes += std::uint64_t{block_width_} * block_height_ * 4;
  }
  return bytes;
}

/// With what lies in tiles beyond the edges.
double TiffReader::bytes_to_decode() const {
  const std::uint64_t across = (width_ - 1) / block_width_ + 1;
  const std::uint64_t down = (height_ - 1) / block_height_ + 1;
  return static_cast<double>(across * down) *
         static_cast<double>(block_bytes_) * (planar_ ? layout_.samples : 1);
}

/// Tiles and strips of all planes, one behind the other.
bool TiffReader::load_planes(const Block& block) {
  TIFF* tiff = tiff_.get();
  const unsigned planes = planar_ ? layout_.samples : 1;
  for (unsigned i = 0; i < planes; ++i) {
    const auto plane = static_cast<std::uint16_t>(i);
    std::uint8_t* out = stored_.data() + i * block_bytes_;
    const std::uint64_t bytes =
        tiled_ ? block_bytes_ : block.height * row_bytes_;
    const auto size = static_cast<tmsize_t>(bytes);
    const tmsize_t got =
        tiled_ ? TIFFReadEncodedTile(
                     tiff, TIFFComputeTile(tiff, block.x, block.y, 0, plane),
                     out, size)
               : TIFFReadEncodedStrip(
                     tiff, TIFFComputeStrip(tiff, block.y, plane), out, size);
    if (got != size) return false;
  }
  return true;
}

/// The orientation is applied later, to a smaller picture.
bool TiffReader::load_rgba(const Block& block) {
  std::array<char, 1024> reason{};
  TIFFRGBAImage image;
  if (TIFFRGBAImageBegin(&image, tiff_.get(), 1, reason.data()) == 0) {
    return false;
  }
  image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
  image.row_offset = static_cast<int>(block.y);
  image.col_offset = static_cast<int>(block.x);
  const int done =
      TIFFRGBAImageGet(&image, rgba_.data(), block.width, block.height);
  TIFFRGBAImageEnd(&image);
  return done != 0;
}

bool TiffReader::load(const Block& block) {
  switch (access_) {
    case Access::rows:
      return TIFFReadScanline(tiff_.get(), stored_.data(), block.y) == 1;
    case Access::blocks:
      return load_planes(block);
    default:
      return load_rgba(block);
  }
}

void TiffReader::add_rows(const Block& block) {
  const std::size_t planes = planar_ ? layout_.samples : 1;
  const std::size_t samples_in_plane = layout_.samples / planes;
  const bool as_stored = planes == 1 && layout_.bits == 8 &&
                         layout_.kind == SampleKind::unsigned_int;
  const YccRun run = row_.run(0, block.width);
  for (std::uint32_t row = 0; row < block.height; ++row) {
    std::span<const std::uint8_t> samples(samples_);
    if (access_ == Access::rgba) {
      std::uint8_t* out = samples_.data();
      for (std::uint32_t x = 0; x < block.width; ++x, out += 4) {
        const std::uint32_t pixel = rgba_[std::size_t{row} * block.width + x];
        out[0] = static_cast<std::uint8_t>(TIFFGetR(pixel));
        out[1] = static_cast<std::uint8_t>(TIFFGetG(pixel));
        out[2] = static_cast<std::uint8_t>(TIFFGetB(pixel));
        out[3] = static_cast<std::uint8_t>(TIFFGetA(pixel));
      }
    } else {
      for (std::size_t i = 0; i < planes; ++i) {
        const std::span<const std::uint8_t> stored(
            stored_.data() + i * block_bytes_ + row * row_bytes_, row_bytes_);
        if (as_stored) {
          samples = stored;
        } else {
          unpack(layout_, stored, block.width * samples_in_plane,
                 samples_.data() + i, planes);
        }
      }
    }
    to_ycc(layout_, samples, run);
    reducer_.add(run, {.x = block.x, .step = 1, .y = block.y + row});
  }
}

bool TiffReader::read_pixels() {
  for (std::uint32_t y = 0; y < height_;) {
    const std::uint32_t height = std::min(block_height_, height_ - y);
    for (std::uint32_t x = 0; x < width_;) {
      const std::uint32_t width = std::min(block_width_, width_ - x);
      const Block block{.x = x, .y = y, .width = width, .height = height};
      if (!load(block) || has_failed()) return false;
      add_rows(block);
      x += width;
    }
    y += height;
  }
  return true;
}

/// The largest picture. Smaller versions of it and masks only count if there
/// is nothing else.
const TiffPage* largest_page(const TiffTags& tags) {
  const TiffPage* largest = nullptr;
  const auto rank = [](const TiffPage& page) {
    return std::pair(!page.is_reduced() && !page.is_mask(), page.pixels());
  };
  for (const TiffPage& page : tags.pages) {
    if (page.pixels() == 0) continue;
    if (largest == nullptr || rank(page) > rank(*largest)) largest = &page;
  }
  return largest;
}

Result<Decoded> TiffReader::decode() {
  const std::optional<TiffTags> tags = read_tiff_tags(file_);
  if (!tags || tags->is_cut) {
    return fail(ErrorCode::truncated, "the data end before the picture does");
  }
  const TiffPage* page = largest_page(*tags);
  if (page == nullptr) return fail(ErrorCode::corrupt, "holds no picture");
  if (auto too_large = refusal(page->width, page->height)) {
    return tl::unexpected(*too_large);
  }
  if (!open(page->offset)) return failure();
  if (auto error = read_layout()) return tl::unexpected(*error);
  factor_ = box_factor(width_, height_);
  choose_access();
  if (block_width_ == 0 || block_height_ == 0 || row_bytes_ == 0 ||
      block_bytes_ == 0) {
    return fail(ErrorCode::corrupt, "has strips or tiles without size");
  }
  if (bytes_to_decode() >
      static_cast<double>(limits_.max_pixels) * kMaxBytesPerPixel) {
    return fail(ErrorCode::too_large, "its tiles are larger than the picture");
  }
  if (auto admitted = admit(width_, height_,
                            std::max(block_bytes_, memory_needed()), limits_);
      !admitted) {
    return tl::unexpected(std::move(admitted.error()));
  }

  if (access_ == Access::rgba) {
    layout_ = {.samples = 4,
               .colour = TiffColour::rgb,
               .alpha = TiffAlpha::premultiplied,
               .alpha_sample = 3};
    rgba_.resize(std::size_t{block_width_} * block_height_);
  } else {
    const std::uint64_t bits = std::uint64_t{block_width_} * layout_.bits *
                               (planar_ ? 1 : layout_.samples);
    if (row_bytes_ < (bits + 7) / 8 ||
        block_bytes_ / block_height_ < row_bytes_) {
      return fail(ErrorCode::corrupt, "its rows contradict its samples");
    }
    stored_.resize(block_bytes_ * (planar_ ? layout_.samples : 1));
  }
  samples_.resize(std::size_t{block_width_} * layout_.samples);
  row_ = YccRow(block_width_, layout_.has_colour());
  reducer_ =
      PictureReducer(width_, height_, factor_, tiled_, layout_.has_colour());
  if (!read_pixels()) return failure();

  Decoded decoded;
  decoded.info.format = Format::tiff;
  decoded.info.width = width_;
  decoded.info.height = height_;
  const auto orientation = field<std::uint16_t>(TIFFTAG_ORIENTATION);
  if (orientation >= 1 && orientation <= 8) {
    decoded.info.orientation = static_cast<Orientation>(orientation);
  }
  if (swaps_sides(decoded.info.orientation)) {
    std::swap(decoded.info.width, decoded.info.height);
  }
  decoded.info.taken_at = tags->taken_at;
  decoded.info.metadata = tags->metadata;
  if (!decoded.info.metadata.rating) {
    decoded.info.metadata.rating = xmp_rating(tags->xmp);
  }
  std::move(reducer_).finish(decoded);
  return decoded;
}

}  // namespace

Result<Decoded> decode_tiff(std::span<const std::byte> file,
                            const DecodeLimits& limits) {
  return TiffReader(file, limits).decode();
}

}  // namespace vam
