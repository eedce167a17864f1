// Decodes BMP, the format of Windows and OS/2: a header of one of many sizes,
// perhaps colour masks or a palette, and rows that mostly come from the bottom
// up. Rows are used where they lie in the file; only those that are run-length
// coded (RLE) are unpacked, one at a time.
#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "decode/decoders.hpp"
#include "decode/picture_reducer.hpp"
#include "decode/ycc.hpp"

namespace vam {
namespace {

constexpr std::size_t kFileHeader = 14;

/// What a row of pixels is made of; the numbers are those of the files.
enum class Compression : std::uint32_t {
  none = 0,
  rle8 = 1,
  rle4 = 2,
  bitfields = 3,  // Huffman in OS/2 headers
  jpeg = 4,       // RLE24 in OS/2 headers
  png = 5,
  alpha_bitfields = 6,
};

/// Which bits of a pixel a colour takes, and what their values show.
class Channel {
 public:
  Channel() = default;
  explicit Channel(std::uint32_t mask) : mask_(mask) {
    if (mask == 0) return;
    // Of more than eight bits, the highest eight count.
    shift_ = std::max(std::countr_zero(mask),
                      static_cast<int>(std::bit_width(mask)) - 8);
    const std::uint32_t largest = mask >> shift_;
    for (std::uint32_t i = 0; i <= largest; ++i) {
      shown_[i] = static_cast<std::uint8_t>((i * 255 + largest / 2) / largest);
    }
  }
  std::uint32_t mask() const { return mask_; }
  unsigned of(std::uint32_t pixel) const {
    return shown_[(pixel & mask_) >> shift_];
  }

 private:
  std::uint32_t mask_ = 0;
  int shift_ = 0;
  std::array<std::uint8_t, 256> shown_{};
};

/// A number of one to four bytes, the lowest first.
std::uint32_t number_in(std::span<const std::byte> bytes, std::size_t at,
                        int size) {
  std::uint32_t value = 0;
  for (int i = 0; i < size; ++i) {
    const auto byte = static_cast<std::uint32_t>(bytes[at++]);
    value |= byte << (8 * i);
  }
  return value;
}

tl::unexpected<Error> ends_early() {
  return fail(ErrorCode::truncated, "the data end before the picture does");
}

class BmpReader {
 public:
  BmpReader(std::span<const std::byte> file, const DecodeLimits& limits)
      : file_(file), limits_(limits) {}

  Result<Decoded> decode();

 private:
  Result<void> read_header();
  Result<void> check_header();
  Result<void> check_limits();
  Result<void> read_masks();
  Result<void> read_palette();
  Result<void> read_rows();
  Result<void> read_rle();

  bool has(std::size_t at, std::uint64_t count) const {
    return at <= file_.size() && count <= file_.size() - at;
  }
  std::uint8_t byte(std::size_t at) const {
    return static_cast<std::uint8_t>(file_[at]);
  }
  std::uint32_t number(std::size_t at, int size) const {
    return number_in(file_, at, size);
  }
  bool is_rle() const {
    return compression_ == Compression::rle8 ||
           compression_ == Compression::rle4;
  }
  bool has_masks() const {
    return compression_ == Compression::bitfields ||
           compression_ == Compression::alpha_bitfields;
  }
  bool is_os2() const;
  std::size_t end_of_masks() const;
  std::uint64_t bytes_of_row() const {
    return (std::uint64_t{width_} * bits_ + 7) / 8;
  }
  std::uint64_t stride() const { return (bytes_of_row() + 3) / 4 * 4; }
  std::uint64_t memory_needed() const;
  void ignore_empty_alpha();
  void row_of_indices(std::size_t at);
  void row_of_colours(std::size_t at);
  void row_of_masked(std::size_t at);

  // The commands of run-length code.
  static Result<void> leaves_picture();
  void close_rle_row();
  Result<void> end_rle_row();
  Result<void> skip_rle();
  Result<void> repeat_rle(unsigned count, unsigned packed);
  Result<void> copy_rle(unsigned count);

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  std::uint32_t header_size_ = 0;
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  std::uint32_t factor_ = 1;
  bool top_down_ = false;
  unsigned bits_ = 0;  ///< per pixel
  Compression compression_ = Compression::none;
  std::uint32_t palette_size_ = 0;  ///< as declared; 0: the usual
  std::size_t pixels_at_ = 0;
  Channel red_, green_, blue_, alpha_;
  std::array<Ycc, 256> palette_{};  ///< black where it ends
  YccRow row_;
  std::size_t rle_at_ = 0;
  std::uint32_t rle_x_ = 0;
  std::uint32_t rle_row_ = 0;  ///< from the bottom
  PictureReducer reducer_;
};

/// OS/2 2.x cuts its header of 64 bytes where it likes; that of 40 bytes is
/// the same as Windows'.
bool BmpReader::is_os2() const {
  return header_size_ == 64 || (header_size_ > 12 && header_size_ < 40);
}

/// Where the palette begins: masks stand behind the header, or in it.
std::size_t BmpReader::end_of_masks() const {
  std::size_t end = kFileHeader + header_size_;
  if (header_size_ == 40 && compression_ == Compression::bitfields) end += 12;
  if (header_size_ == 40 && compression_ == Compression::alpha_bitfields) {
    end += 16;
  }
  return end;
}

Result<void> BmpReader::read_header() {
  if (!has(0, kFileHeader + 4)) return ends_early();
  pixels_at_ = number(10, 4);
  header_size_ = number(kFileHeader, 4);
  // Of fields that a header does not have, nothing is read.
  std::array<std::byte, 40> fields{};
  if (!has(kFileHeader, header_size_)) return ends_early();
  std::copy_n(file_.begin() + kFileHeader,
              std::min<std::size_t>(header_size_, fields.size()),
              fields.begin());
  const auto field = [&](std::size_t at, int size) {
    return number_in(fields, at, size);
  };
  if (header_size_ == 12) {
    width_ = field(4, 2);
    height_ = field(6, 2);
    bits_ = field(10, 2);
    return {};
  }
  width_ = field(4, 4);
  height_ = field(8, 4);
  top_down_ = height_ > 0x8000'0000U;
  if (top_down_) height_ = 0U - height_;
  bits_ = field(14, 2);
  compression_ = static_cast<Compression>(field(16, 4));
  palette_size_ = field(32, 4);
  return {};
}

Result<void> BmpReader::check_header() {
  constexpr std::uint32_t kMaxSide = 0x7FFF'FFFF;
  if (width_ == 0 || height_ == 0 || width_ > kMaxSide || height_ > kMaxSide) {
    return fail(ErrorCode::corrupt, "a side has no length that exists");
  }
  if (compression_ > Compression::alpha_bitfields ||
      compression_ == Compression::jpeg || compression_ == Compression::png ||
      (is_os2() && compression_ >= Compression::bitfields)) {
    return fail(ErrorCode::unsupported, "a rare compression of BMP");
  }
  bool fits = false;
  switch (compression_) {
    case Compression::rle8:
      fits = bits_ == 8 && !top_down_;
      break;
    case Compression::rle4:
      fits = bits_ == 4 && !top_down_;
      break;
    case Compression::none: {
      constexpr std::array kBits = {1U, 2U, 4U, 8U, 16U, 24U, 32U};
      fits = std::ranges::find(kBits, bits_) != kBits.end();
      break;
    }
    default:
      fits = bits_ == 16 || bits_ == 32;
  }
  if (!fits) {
    return fail(ErrorCode::corrupt, "the fields of the header do not agree");
  }
  return {};
}

/// An upper bound on what the decode takes, but for small change.
std::uint64_t BmpReader::memory_needed() const {
  return std::uint64_t{width_} +
         PictureReducer::memory_needed(width_, height_, factor_, is_rle());
}

Result<void> BmpReader::check_limits() {
  factor_ = box_factor(width_, height_);
  return admit(width_, height_, memory_needed(), limits_);
}

Result<void> BmpReader::read_masks() {
  if (!has_masks()) {
    // The fourth byte of 32 is no alpha: most writers leave zeros there.
    red_ = Channel(bits_ == 16 ? 0x7C00U : 0xFF0000U);
    green_ = Channel(bits_ == 16 ? 0x03E0U : 0x00FF00U);
    blue_ = Channel(bits_ == 16 ? 0x001FU : 0x0000FFU);
    return {};
  }
  constexpr std::size_t kMasks = kFileHeader + 40;
  const std::size_t end = end_of_masks();
  if (!has(0, end)) return ends_early();
  red_ = Channel(number(kMasks, 4));
  green_ = Channel(number(kMasks + 4, 4));
  blue_ = Channel(number(kMasks + 8, 4));
  if (end >= kMasks + 16) alpha_ = Channel(number(kMasks + 12, 4));
  if ((red_.mask() | green_.mask() | blue_.mask()) == 0) {
    return fail(ErrorCode::corrupt, "the masks of the colours are empty");
  }
  return {};
}

/// A palette ends where the pixels begin, whatever size it declares.
Result<void> BmpReader::read_palette() {
  const std::size_t begin = end_of_masks();
  const std::size_t entry = header_size_ == 12 ? 3 : 4;
  std::uint64_t count = palette_size_;
  if (bits_ <= 8) {
    const std::uint64_t usual = std::uint64_t{1} << bits_;
    if (count == 0) count = usual;
    if (pixels_at_ == 0) pixels_at_ = begin + count * entry;
    count = std::min(count, usual);
  } else if (pixels_at_ == 0) {
    pixels_at_ = begin + count * entry;
  }
  if (pixels_at_ < begin) {
    return fail(ErrorCode::corrupt, "the pixels begin inside the header");
  }
  if (bits_ > 8) return {};
  count = std::min<std::uint64_t>(count, (pixels_at_ - begin) / entry);
  if (!has(begin, count * entry)) return ends_early();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = begin + i * entry;
    palette_[i] = ycc_of(byte(at + 2), byte(at + 1), byte(at));
  }
  return {};
}

/// Programs that know nothing of alpha leave zeros in its place: a picture
/// that would be wholly transparent is opaque.
void BmpReader::ignore_empty_alpha() {
  if (alpha_.mask() == 0) return;
  const int size = static_cast<int>(bits_ / 8);
  for (std::uint32_t y = 0; y < height_; ++y) {
    const std::size_t row = pixels_at_ + y * stride();
    for (std::uint32_t x = 0; x < width_; ++x) {
      if ((number(row + std::size_t{x} * (bits_ / 8), size) & alpha_.mask()) !=
          0) {
        return;
      }
    }
  }
  alpha_ = Channel();
}

void BmpReader::row_of_indices(std::size_t at) {
  const unsigned mask = (1U << bits_) - 1;
  unsigned shift = 8;  // the leftmost pixel is in the highest bits
  const YccRun out = row_.run();
  for (std::size_t x = 0; x < out.size(); ++x) {
    shift -= bits_;
    out.set(x, palette_[byte(at) >> shift & mask]);
    if (shift == 0) {
      shift = 8;
      ++at;
    }
  }
}

void BmpReader::row_of_colours(std::size_t at) {
  const std::size_t step = bits_ / 8;
  const YccRun out = row_.run();
  for (std::size_t x = 0; x < out.size(); ++x) {
    out.set(x, ycc_of(byte(at + 2), byte(at + 1), byte(at)));
    at += step;
  }
}

void BmpReader::row_of_masked(std::size_t at) {
  const int size = static_cast<int>(bits_ / 8);
  const bool opaque = alpha_.mask() == 0;
  const YccRun out = row_.run();
  for (std::size_t x = 0; x < out.size(); ++x) {
    const std::uint32_t pixel = number(at, size);
    const unsigned alpha = opaque ? 255U : alpha_.of(pixel);
    out.set(x, ycc_of(over_white(red_.of(pixel), alpha),
                      over_white(green_.of(pixel), alpha),
                      over_white(blue_.of(pixel), alpha)));
    at += static_cast<std::size_t>(size);
  }
}

/// From the picture's top, which mostly is the end of the file. Behind the
/// last row padding may be missing.
Result<void> BmpReader::read_rows() {
  if (!has(pixels_at_, stride() * (height_ - 1) + bytes_of_row())) {
    return ends_early();
  }
  ignore_empty_alpha();
  row_ = YccRow(width_, HasColour::yes);
  reducer_ = PictureReducer(width_, height_, factor_, false, HasColour::yes);
  const auto read_row = bits_ <= 8 ? &BmpReader::row_of_indices
                        : bits_ == 16 || has_masks()
                            ? &BmpReader::row_of_masked
                            : &BmpReader::row_of_colours;
  for (std::uint32_t y = 0; y < height_; ++y) {
    const std::uint64_t row = top_down_ ? y : height_ - 1 - y;
    (this->*read_row)(pixels_at_ + row * stride());
    reducer_.add(row_.run(), {.y = y});
  }
  return {};
}

Result<void> BmpReader::leaves_picture() {
  return fail(ErrorCode::corrupt, "a run of pixels leaves the picture");
}

/// What a row does not say is transparent.
void BmpReader::close_rle_row() {
  reducer_.add(row_.run(), {.y = height_ - 1 - rle_row_});
  row_ = YccRow(width_, HasColour::yes);
  ++rle_row_;
}

Result<void> BmpReader::end_rle_row() {
  if (rle_row_ == height_) return leaves_picture();
  close_rle_row();
  rle_x_ = 0;
  return {};
}

/// Goes to the right, and up.
Result<void> BmpReader::skip_rle() {
  if (!has(rle_at_, 2)) return ends_early();
  const unsigned columns = byte(rle_at_);
  const unsigned rows = byte(rle_at_ + 1);
  rle_at_ += 2;
  if (columns > width_ - rle_x_ || rows > height_ - rle_row_) {
    return leaves_picture();
  }
  rle_x_ += columns;
  for (unsigned i = 0; i < rows; ++i) close_rle_row();
  return {};
}

/// A byte, with one index or two, that is repeated for `count` pixels.
Result<void> BmpReader::repeat_rle(unsigned count, unsigned packed) {
  if (rle_row_ == height_ || count > width_ - rle_x_) return leaves_picture();
  const std::array<unsigned, 2> indices =
      bits_ == 8 ? std::array{packed, packed}
                 : std::array{packed >> 4U, packed & 0xFU};
  for (unsigned i = 0; i < count; ++i) {
    row_.run().set(rle_x_++, palette_[indices[i % 2]]);
  }
  return {};
}

/// So many indices, padded to an even number of bytes.
Result<void> BmpReader::copy_rle(unsigned count) {
  if (rle_row_ == height_ || count > width_ - rle_x_) return leaves_picture();
  const std::size_t bytes = (std::size_t{count} * bits_ + 7) / 8;
  if (!has(rle_at_, bytes)) return ends_early();
  for (unsigned i = 0; i < count; ++i) {
    const int index = bits_ == 8
                          ? byte(rle_at_ + i)
                          : byte(rle_at_ + i / 2) >> (i % 2 == 0 ? 4 : 0) & 0xF;
    row_.run().set(rle_x_++, palette_[static_cast<std::size_t>(index)]);
  }
  rle_at_ += bytes + bytes % 2;
  return {};
}

/// The code is pairs of bytes: a count and what to repeat, or 0 and a command.
Result<void> BmpReader::read_rle() {
  row_ = YccRow(width_, HasColour::yes);
  reducer_ = PictureReducer(width_, height_, factor_, true, HasColour::yes);
  rle_at_ = pixels_at_;
  while (has(rle_at_, 2)) {
    const unsigned count = byte(rle_at_);
    const unsigned second = byte(rle_at_ + 1);
    rle_at_ += 2;
    if (count == 0 && second == 1) {
      while (rle_row_ < height_) close_rle_row();
      return {};
    }
    Result<void> done = count > 0     ? repeat_rle(count, second)
                        : second == 0 ? end_rle_row()
                        : second == 2 ? skip_rle()
                                      : copy_rle(second);
    if (!done) return done;
  }
  // Of a picture that lacks nothing but its end command, all is there.
  if (rle_row_ + 1 == height_ && rle_x_ == width_) close_rle_row();
  if (rle_row_ == height_) return {};
  return ends_early();
}

Result<Decoded> BmpReader::decode() {
  for (const auto step : {&BmpReader::read_header, &BmpReader::check_header,
                          &BmpReader::check_limits, &BmpReader::read_masks,
                          &BmpReader::read_palette}) {
    if (const auto done = (this->*step)(); !done) {
      return tl::unexpected(done.error());
    }
  }
  if (const auto done = is_rle() ? read_rle() : read_rows(); !done) {
    return tl::unexpected(done.error());
  }
  Decoded decoded;
  decoded.info.format = Format::bmp;
  decoded.info.width = width_;
  decoded.info.height = height_;
  std::move(reducer_).finish(decoded);
  return decoded;
}

}  // namespace

Result<Decoded> decode_bmp(std::span<const std::byte> file,
                           const DecodeLimits& limits) {
  return BmpReader(file, limits).decode();
}

}  // namespace vam
