// Decodes PNG with libpng, row by row, into a picture that is reduced by
// averaging while it is read: neither a huge picture nor an interlaced one is
// ever held whole.
//
// libpng reports errors by longjmp. Every call that can fail goes through
// PngReader::attempt(), which holds the only setjmp; the steps it runs keep
// nothing with a destructor in their frames.
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "decode/boxes.hpp"
#include "decode/decoders.hpp"
#include "decode/exif.hpp"
#include "decode/picture_reducer.hpp"
#include "decode/xmp.hpp"
#include "decode/ycc.hpp"

namespace vam {
namespace {

/// No chunk that is read here, pixels apart, needs more: palettes have 768
/// bytes, and EXIF is read up to 64 KiB.
constexpr png_alloc_size_t kMaxChunkBytes = png_alloc_size_t{1} << 20U;

constexpr std::array<png_byte, 5> kExifChunk = {'e', 'X', 'I', 'f', '\0'};

/// The XMP packet of a file, not compressed, as it should be (ISO
/// 16684-3, 1.1). libpng would read all texts into memory first.
std::span<const std::byte> xmp_in(std::span<const std::byte> file) {
  constexpr std::string_view kKeyword{"XML:com.adobe.xmp\0\0\0", 20};
  constexpr std::size_t kFrame = 12;  // of a chunk: length, name, checksum
  std::string_view left(reinterpret_cast<const char*>(file.data()),
                        file.size());
  left.remove_prefix(std::min<std::size_t>(left.size(), 8));
  while (left.size() >= kFrame) {
    const std::size_t size = big_endian_at(file.last(left.size()), 0);
    if (size > left.size() - kFrame) break;
    const std::string_view chunk = left.substr(8, size);
    if (left.substr(4, 4) == "iTXt" && chunk.starts_with(kKeyword)) {
      // Language and translated keyword should be empty.
      const std::size_t language = chunk.find('\0', kKeyword.size());
      const std::size_t keyword = chunk.find('\0', language + 1);
      if (std::max(language, keyword) == std::string_view::npos) return {};
      return std::as_bytes(std::span(chunk.substr(keyword + 1)));
    }
    left.remove_prefix(kFrame + size);
  }
  return {};
}

class PngReader {
 public:
  PngReader(std::span<const std::byte> file, const DecodeLimits& limits)
      : file_(file), limits_(limits) {}
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  Result<Decoded> decode();

 private:
  // The steps, each a run of libpng calls.
  static void read_header(PngReader& self);
  static void start(PngReader& self);
  static void read_rows(PngReader& self);
  static void finish(PngReader& self);

  // What libpng calls.
  [[noreturn]] static void on_error(png_structp png, png_const_charp message);
  static void on_warning(png_structp, png_const_charp) {}
  static void on_read(png_structp png, png_bytep out, std::size_t count);
  static png_voidp on_allocate(png_structp png, png_alloc_size_t size);
  static void on_free(png_structp, png_voidp block) { std::free(block); }

  bool attempt(void (*step)(PngReader&));
  tl::unexpected<Error> failure() const;
  std::uint64_t memory_needed() const;
  void read_row(int pass, std::uint32_t y);
  PictureInfo describe() const;

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf escape_{};
  std::array<char, 128> message_{};
  std::size_t position_ = 0;
  bool ended_ = false;  ///< libpng asked for more than the file holds
  bool out_of_memory_ = false;
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  std::uint32_t factor_ = 1;
  bool interlaced_ = false;
  std::uint32_t channels_ = 0;
  std::vector<std::uint8_t> row_;
  YccRow ycc_;
  PictureReducer reducer_;
};

bool PngReader::attempt(void (*step)(PngReader&)) {
  if (setjmp(escape_) != 0) return false;
  step(*this);
  return true;
}

void PngReader::on_error(png_structp png, png_const_charp message) {
  auto& self = *static_cast<PngReader*>(png_get_error_ptr(png));
  std::snprintf(self.message_.data(), self.message_.size(), "%s", message);
  std::longjmp(self.escape_, 1);
}

void PngReader::on_read(png_structp png, png_bytep out, std::size_t count) {
  auto& self = *static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > self.file_.size() - self.position_) {
    self.ended_ = true;
    png_error(png, "the data end before the picture does");
  }
  std::memcpy(out, self.file_.data() + self.position_, count);
  self.position_ += count;
}

png_voidp PngReader::on_allocate(png_structp png, png_alloc_size_t size) {
  auto& self = *static_cast<PngReader*>(png_get_mem_ptr(png));
  void* block = std::malloc(size);
  if (block == nullptr) self.out_of_memory_ = true;
  return block;
}

tl::unexpected<Error> PngReader::failure() const {
  if (out_of_memory_) {
    return fail(ErrorCode::too_large, "not enough memory for this picture");
  }
  return fail(ended_ ? ErrorCode::truncated : ErrorCode::corrupt,
              message_.data());
}

/// Everything but pixels, palette, transparency and EXIF is skipped unread:
/// texts and colour profiles may inflate to gigabytes. Broken checksums of
/// chunks that are not critical are libpng's to ignore, which it does.
void PngReader::read_header(PngReader& self) {
  png_structp png = self.png_;
  png_set_read_fn(png, &self, on_read);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  // As an "unknown" chunk it is read in one go and obeys the limits.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, kExifChunk.data(),
                              1);
  png_set_chunk_malloc_max(png, kMaxChunkBytes);
  png_set_chunk_cache_max(png, 8);
  // decode() has its own limits, with better messages.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info(png, self.info_);
}

/// All kinds of pixels become 8-bit grey, grey + alpha, RGB or RGBA.
void PngReader::start(PngReader& self) {
  png_set_expand(self.png_);
  png_set_scale_16(self.png_);
  png_read_update_info(self.png_, self.info_);
}

/// Without png_set_interlace_handling(), libpng hands out the rows of the
/// seven small pictures of Adam7 as they are stored. Every pixel comes once.
void PngReader::read_rows(PngReader& self) {
  const int passes = self.interlaced_ ? PNG_INTERLACE_ADAM7_PASSES : 1;
  for (int pass = 0; pass < passes; ++pass) {
    std::uint32_t rows = self.height_;
    if (self.interlaced_) {
      const bool empty = PNG_PASS_COLS(self.width_, pass) == 0;
      rows = empty ? 0 : PNG_PASS_ROWS(self.height_, pass);
    }
    for (std::uint32_t y = 0; y < rows; ++y) self.read_row(pass, y);
  }
}

void PngReader::read_row(int pass, std::uint32_t y) {
  png_read_row(png_, row_.data(), nullptr);
  if (!interlaced_) {
    row_to_ycc(row_, channels_, ycc_.run());
    reducer_.add(ycc_.run(), {.y = y});
    return;
  }
  const auto count = static_cast<std::uint32_t>(PNG_PASS_COLS(width_, pass));
  const auto first = static_cast<std::uint32_t>(PNG_PASS_START_COL(pass));
  const YccRun run = ycc_.run(0, count);
  row_to_ycc(row_, channels_, run);
  reducer_.add(run, {.x = first,
                     .step = 1U << PNG_PASS_COL_SHIFT(pass),
                     .y = PNG_ROW_FROM_PASS_ROW(y, pass)});
}

/// Reads on to the last chunk, so that a missing end is noticed; EXIF may
/// stand behind the pixels.
void PngReader::finish(PngReader& self) { png_read_end(self.png_, self.info_); }

/// An upper bound on what the decode takes, but for small change.
std::uint64_t PngReader::memory_needed() const {
  // libpng holds three rows of up to 8 bytes a pixel, and here are two more.
  return std::uint64_t{width_} * (3 * 8 + 4 + YccRow::kBytesPerPixel) +
         PictureReducer::memory_needed(width_, height_, factor_, interlaced_);
}

PictureInfo PngReader::describe() const {
  PictureInfo info;
  info.format = Format::png;
  info.width = width_;
  info.height = height_;
  png_unknown_chunkp chunks = nullptr;
  if (png_get_unknown_chunks(png_, info_, &chunks) > 0) {
    ExifFacts facts =
        read_bare_exif(std::as_bytes(std::span(chunks->data, chunks->size)));
    info.orientation = facts.orientation;
    info.taken_at = std::move(facts.taken_at);
    info.metadata = std::move(facts.metadata);
  }
  if (!info.metadata.rating) info.metadata.rating = xmp_rating(xmp_in(file_));
  if (swaps_sides(info.orientation)) std::swap(info.width, info.height);
  return info;
}

Result<Decoded> PngReader::decode() {
  png_ = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, this, on_error,
                                  on_warning, this, on_allocate, on_free);
  if (png_ != nullptr) info_ = png_create_info_struct(png_);
  if (info_ == nullptr) throw std::bad_alloc();
  if (!attempt(read_header)) return failure();

  width_ = png_get_image_width(png_, info_);
  height_ = png_get_image_height(png_, info_);
  factor_ = box_factor(width_, height_);
  interlaced_ = png_get_interlace_type(png_, info_) == PNG_INTERLACE_ADAM7;
  if (auto admitted = admit(width_, height_, memory_needed(), limits_);
      !admitted) {
    return tl::unexpected(std::move(admitted.error()));
  }

  if (!attempt(start)) return failure();
  channels_ = png_get_channels(png_, info_);
  row_.resize(png_get_rowbytes(png_, info_));
  const HasColour has_colour = channels_ < 3 ? HasColour::no : HasColour::yes;
  ycc_ = YccRow(width_, has_colour);
  reducer_ = PictureReducer(width_, height_, factor_, interlaced_, has_colour);
  if (!attempt(read_rows) || !attempt(finish)) return failure();

  Decoded decoded;
  decoded.info = describe();
  std::move(reducer_).finish(decoded);
  return decoded;
}

}  // namespace

Result<Decoded> decode_png(std::span<const std::byte> file,
                           const DecodeLimits& limits) {
  return PngReader(file, limits).decode();
}

}  // namespace vam
