// Decodes JPEG with libjpeg-turbo, reduced in the DCT: the luma to the size
// that the hashes need, chroma much further, mostly to the means of its blocks.
//
// libjpeg repairs what it can and goes on with a warning. Here the first
// warning that means lost picture data ends the decode: a picture that is half
// grey would look like other half grey ones, and a header that promises
// gigapixels in front of a few bytes would cost seconds.
//
// libjpeg reports errors by longjmp. Every call that can fail goes through
// JpegReader::attempt(), which holds the only setjmp; the steps it runs keep
// nothing with a destructor in their frames.
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <jerror.h>
#include <jpegint.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "decode/block_means.hpp"
#include "decode/chroma_reducer.hpp"
#include "decode/decoders.hpp"
#include "decode/exif.hpp"
#include "decode/jpeg_dc.hpp"
#include "decode/luma_traces.hpp"
#include "decode/mpo.hpp"
#include "decode/xmp.hpp"
#include "decode/ycc.hpp"

namespace vam {
namespace {

/// The picture is reduced by 8, 4, 2 or 1, as far as its short side keeps this
/// many pixels. Camera photos end up at 1/8, where there is no inverse DCT to
/// speak of. Smaller pictures pay for it, but with 128 the dHash of a page of
/// text is up to 5 bits from that of the full picture, with 256 never over 2.
constexpr JDIMENSION kMinShortSide = 256;

/// Chroma is reduced by 8, 4, 2 or 1 as well, as far as it keeps this many: a
/// picture of 320x240 with one chroma sample for four pixels just needs no more
/// than the means of its blocks.
constexpr JDIMENSION kMinChromaSide = 15;

/// Encoders write about 10 scans, seldom 20. Every scan may visit the whole
/// picture, so hundreds of them over a large one are an attack: beyond
/// `kUsualScans`, scans times pixels are limited, too.
constexpr std::uint64_t kUsualScans = 20;
constexpr std::uint64_t kMaxScans = 100;
constexpr std::uint64_t kMaxPixelVisits = std::uint64_t{1} << 31;

constexpr int kRowsPerCall = 16;  // more than libjpeg ever returns at once
constexpr int kMaxRowsOfStrip = MAX_SAMP_FACTOR * DCTSIZE;

/// The side of the square that is made of a block of coefficients.
int block_size(const jpeg_component_info& component) {
#if JPEG_LIB_VERSION >= 70
  return component.DCT_h_scaled_size;
#else
  return component.DCT_scaled_size;
#endif
}

void set_block_size(jpeg_component_info& component, int size) {
#if JPEG_LIB_VERSION >= 70
  component.DCT_h_scaled_size = component.DCT_v_scaled_size = size;
#else
  component.DCT_scaled_size = size;
#endif
}

enum class DcReader { yes, no };

class JpegReader {
 public:
  JpegReader(std::span<const std::byte> file, const DecodeLimits& limits);
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }

  /// Camera photos are decoded by the reader of DC coefficients, if that may
  /// be used. All it has doubts about, libjpeg judges.
  Result<Decoded> decode(DcReader dc_reader);

 private:
  // The steps, each a run of libjpeg calls.
  static void read_header(JpegReader& self);
  static void start(JpegReader& self);
  static void read_strips(JpegReader& self);
  static void read_grey(JpegReader& self);
  static void read_colours(JpegReader& self);
  static void finish(JpegReader& self);

  // What libjpeg calls.
  [[noreturn]] static void on_error(j_common_ptr info);
  static void on_message(j_common_ptr info, int level);
  static void on_progress(j_common_ptr info);
  static void on_allocate(j_common_ptr info);
  static boolean on_end_of_data(j_decompress_ptr info);
  static void on_luma_block(j_decompress_ptr info, jpeg_component_info* luma,
                            JCOEFPTR coefficients, JSAMPARRAY rows,
                            JDIMENSION column);
  static JpegReader& self_of(j_common_ptr info) {
    return *static_cast<JpegReader*>(info->client_data);
  }

  bool attempt(void (*step)(JpegReader&));
  [[noreturn]] void give_up(ErrorCode code);
  tl::unexpected<Error> failure() const { return fail(code_, message_.data()); }

  ErrorCode code_of_error() const;
  std::uint64_t max_scans() const;
  bool is_padding() const;
  void choose_output();
  bool has_luma() const;
  bool is_full_size() const { return jpeg_.scale_num == jpeg_.scale_denom; }
  bool has_plain_sampling() const;
  void choose_chroma_size();
  bool is_all_means() const;
  bool read_means();
  Result<void> read_with_libjpeg();
  ChromaReducer reducer_of_blocks(int size) const;
  void prepare_planes();
  void add_strip(JDIMENSION strip);
  YccRun row_at(JDIMENSION y);
  void read_pixels(const YccRun& out) const;
  std::uint64_t memory_needed() const;
  bool has_all_components() const;
  bool has_all_bits() const;
  PictureInfo describe() const;

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf escape_{};
  ErrorCode code_ = ErrorCode::corrupt;
  std::array<char, JMSG_LENGTH_MAX> message_{};
  bool in_header_ = true;
  bool ended_ = false;  ///< libjpeg asked for more than the file holds
  Image image_;
  ChromaReducer chroma_;
  void (*allocate_)(j_common_ptr) = nullptr;  ///< of libjpeg
  int chroma_size_ = DCTSIZE;                 ///< of a block, if read in strips
  /// Of strips, a row of blocks of each component; else rows of chroma.
  std::array<std::vector<std::uint8_t>, 3> planes_;
  std::array<std::array<JSAMPROW, kMaxRowsOfStrip>, 3> rows_{};
  std::vector<std::uint8_t> pixels_;                 ///< of a row, interleaved
  inverse_DCT_method_ptr transform_luma_ = nullptr;  ///< of libjpeg
  LumaTraces traces_;
};

JpegReader::JpegReader(std::span<const std::byte> file,
                       const DecodeLimits& limits)
    : file_(file), limits_(limits) {
  jpeg_.err = jpeg_std_error(&errors_);
  jpeg_.client_data = this;
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  progress_.progress_monitor = on_progress;
}

bool JpegReader::attempt(void (*step)(JpegReader&)) {
  if (setjmp(escape_) != 0) return false;
  step(*this);
  return true;
}

/// Ends the step with the message that libjpeg has prepared.
void JpegReader::give_up(ErrorCode code) {
  code_ = code;
  errors_.format_message(reinterpret_cast<j_common_ptr>(&jpeg_),
                         message_.data());
  if (code == ErrorCode::truncated) {
    std::snprintf(message_.data(), message_.size(), "%s",
                  "the data end before the picture does");
  }
  std::longjmp(escape_, 1);
}

void JpegReader::on_error(j_common_ptr info) {
  JpegReader& self = self_of(info);
  self.give_up(self.code_of_error());
}

ErrorCode JpegReader::code_of_error() const {
  switch (errors_.msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:  // over max_memory_to_use
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW:
      return ErrorCode::too_large;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_EMPTY_IMAGE:  // the height comes behind the pixels (DNL)
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      return ErrorCode::unsupported;
    default:
      return ended_ ? ErrorCode::truncated : ErrorCode::corrupt;
  }
}

/// Extraneous bytes are bytes between two markers that belong to nothing.
/// - Among the header segments they come from sloppy metadata editors; the
///   picture is not touched.
/// - Behind the last pixel, before the end marker, a run of one repeated byte
///   is padding, as some cameras write it.
/// - Everything else was picture data that the decoder lost its way in, or
///   the picture is declared smaller than it is. No undamaged file of some
///   2,400 that were tried has any.
void JpegReader::on_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace, not a warning
  JpegReader& self = self_of(info);
  switch (self.errors_.msg_code) {
    case JWRN_EXTRANEOUS_DATA:
      if (self.in_header_ || self.is_padding()) return;
      break;
    case JWRN_HIT_MARKER:
      if (self.jpeg_.unread_marker == JPEG_EOI) {
        self.give_up(ErrorCode::truncated);
      }
      break;
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      break;
    default:
      return;  // about metadata, or versions
  }
  self.give_up(self.ended_ ? ErrorCode::truncated : ErrorCode::corrupt);
}

/// Whether the bytes that libjpeg has just skipped are padding before the end
/// marker. They are the ones before its read position.
bool JpegReader::is_padding() const {
  const auto count = static_cast<std::size_t>(errors_.msg_parm.i[0]);
  if (ended_ || errors_.msg_parm.i[1] != JPEG_EOI) return false;
  const auto* end =
      reinterpret_cast<const std::byte*>(jpeg_.src->next_input_byte);
  if (count == 0 || count > static_cast<std::size_t>(end - file_.data())) {
    return false;
  }
  const auto* begin = end - count;
  return std::all_of(begin, end, [&](std::byte b) { return b == *begin; });
}

void JpegReader::on_progress(j_common_ptr info) {
  JpegReader& self = self_of(info);
  const auto scans = static_cast<std::uint64_t>(self.jpeg_.input_scan_number);
  if (scans <= self.max_scans()) return;
  self.code_ = ErrorCode::too_large;
  std::snprintf(self.message_.data(), self.message_.size(),
                "too many scans (%d or more)", self.jpeg_.input_scan_number);
  std::longjmp(self.escape_, 1);
}

std::uint64_t JpegReader::max_scans() const {
  const auto pixels = std::uint64_t{jpeg_.image_width} * jpeg_.image_height;
  return std::clamp(kMaxPixelVisits / pixels, kUsualScans, kMaxScans);
}

/// The end of the file counts as an end marker. libjpeg's own source does the
/// same with a warning, but it warns even if the decoder, which reads ahead,
/// has all bits that it needs.
boolean JpegReader::on_end_of_data(j_decompress_ptr info) {
  static constexpr std::array<JOCTET, 2> kEnd = {0xFF, JPEG_EOI};
  JpegReader& self = self_of(reinterpret_cast<j_common_ptr>(info));
  self.ended_ = true;
  // Arithmetic decoders go on with zeros behind a marker, for ever if need
  // be, and without a warning.
  if (info->arith_code != FALSE) self.give_up(ErrorCode::truncated);
  info->src->next_input_byte = kEnd.data();
  info->src->bytes_in_buffer = kEnd.size();
  return TRUE;
}

void JpegReader::read_header(JpegReader& self) {
  jpeg_create_decompress(&self.jpeg_);
  self.jpeg_.progress = &self.progress_;
  // This covers the coefficient buffers only, the rest is small. There is no
  // backing store to fall back on: going over it is an error.
  constexpr std::uint64_t kMaxLong = std::numeric_limits<long>::max();
  self.jpeg_.mem->max_memory_to_use =
      static_cast<long>(std::min(self.limits_.max_memory_bytes, kMaxLong));
  jpeg_mem_src(&self.jpeg_,
               reinterpret_cast<const unsigned char*>(self.file_.data()),
               self.file_.size());
  self.jpeg_.src->fill_input_buffer = on_end_of_data;
  jpeg_save_markers(&self.jpeg_, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&self.jpeg_, TRUE);
}

/// Between choosing how large the blocks of each component get and acting on
/// it, libjpeg allocates. It never makes chroma coarser than the luma; here is
/// the place to do so. Of blocks of one sample, it does not even keep the
/// coefficients that it does not need.
void JpegReader::on_allocate(j_common_ptr info) {
  JpegReader& self = self_of(info);
  self.allocate_(info);
  set_block_size(self.jpeg_.comp_info[1], self.chroma_size_);
  set_block_size(self.jpeg_.comp_info[2], self.chroma_size_);
}

void JpegReader::start(JpegReader& self) {
  if (self.jpeg_.raw_data_out != FALSE) {
    self.allocate_ = self.jpeg_.mem->realize_virt_arrays;
    self.jpeg_.mem->realize_virt_arrays = on_allocate;
  }
  jpeg_start_decompress(&self.jpeg_);
  if (self.has_luma()) {
    self.transform_luma_ =
        std::exchange(self.jpeg_.idct->inverse_DCT[0], on_luma_block);
  }
}

/// The coefficients of a block pass by on their way to become pixels: libjpeg
/// calls what start_pass() has put there, once for each block, as there is one
/// output pass.
void JpegReader::on_luma_block(j_decompress_ptr info, jpeg_component_info* luma,
                               JCOEFPTR coefficients, JSAMPARRAY rows,
                               JDIMENSION column) {
  JpegReader& self = self_of(reinterpret_cast<j_common_ptr>(info));
  // None if its scans are missing, which is found out at the end.
  if (luma->quant_table != nullptr) {
    // At 1/8 scale the others are not kept.
    self.traces_.add(coefficients,
                     block_size(*luma) == 1 ? KeptCoefficients::only_dc
                                            : KeptCoefficients::all,
                     luma->quant_table->quantval[0]);
  }
  self.transform_luma_(info, luma, coefficients, rows, column);
}

/// Allocates what the rows are read into, after libjpeg has settled all sizes.
void JpegReader::prepare_planes() {
  image_ = Image(static_cast<int>(jpeg_.output_width),
                 static_cast<int>(jpeg_.output_height));
  if (jpeg_.out_color_space == JCS_GRAYSCALE) return;
  if (jpeg_.raw_data_out == FALSE) {
    chroma_ = ChromaReducer({jpeg_.output_width}, {jpeg_.output_height});
    pixels_.resize(std::size_t{jpeg_.output_width} *
                   static_cast<std::size_t>(jpeg_.output_components));
    planes_[1].resize(jpeg_.output_width);
    planes_[2].resize(jpeg_.output_width);
    return;
  }
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    const jpeg_component_info& component = jpeg_.comp_info[i];
    const int size = block_size(component);
    const std::size_t width =
        std::size_t{component.width_in_blocks} * static_cast<unsigned>(size);
    const int rows = component.v_samp_factor * size;
    planes_[i].resize(width * static_cast<unsigned>(rows));
    for (int y = 0; y < rows; ++y) {
      const auto row = static_cast<std::size_t>(y);
      rows_[i][row] = planes_[i].data() + row * width;
    }
  }
  chroma_ = reducer_of_blocks(block_size(jpeg_.comp_info[1]));
}

/// For chroma as it is stored, in blocks of this side.
ChromaReducer JpegReader::reducer_of_blocks(int size) const {
  const jpeg_component_info& blue = jpeg_.comp_info[1];
  const auto pixels = [&](int max_factor, int factor) {
    return static_cast<std::uint32_t>(max_factor / factor * DCTSIZE / size);
  };
  return {
      {jpeg_.image_width, pixels(jpeg_.max_h_samp_factor, blue.h_samp_factor)},
      {jpeg_.image_height,
       pixels(jpeg_.max_v_samp_factor, blue.v_samp_factor)}};
}

/// Whether all that is wanted is the means of blocks, the DC coefficients.
bool JpegReader::is_all_means() const {
  return jpeg_.scale_num == 1 &&
         (jpeg_.jpeg_color_space == JCS_GRAYSCALE ||
          (jpeg_.raw_data_out != FALSE && chroma_size_ == 1));
}

/// Reads them without libjpeg. False, and nothing has changed, if that is for
/// libjpeg to do.
bool JpegReader::read_means() {
  if (!is_all_means()) return false;
  const auto planes = read_jpeg_dc(jpeg_);
  if (!planes) return false;
  auto luma = samples_of((*planes)[0]);
  if (!luma) return false;
  if (planes->size() == 3) {
    const auto blue = samples_of((*planes)[1]);
    const auto red = samples_of((*planes)[2]);
    if (!blue || !red) return false;
    chroma_ = reducer_of_blocks(1);
    const auto width = static_cast<std::size_t>(blue->width);
    for (int y = 0; y < blue->height; ++y) {
      chroma_.add({blue->row(y), width}, {red->row(y), width},
                  {.y = static_cast<std::uint32_t>(y)});
    }
  }
  traces_.add((*planes)[0]);
  image_ = std::move(*luma);
  return true;
}

/// Components as they are stored, without upsampling and colour conversion.
void JpegReader::read_strips(JpegReader& self) {
  std::array<JSAMPARRAY, 3> planes{};
  for (std::size_t i = 0; i < planes.size(); ++i) {
    planes[i] = self.rows_[i].data();
  }
  const int lines =
      self.jpeg_.max_v_samp_factor * block_size(*self.jpeg_.comp_info);
  for (JDIMENSION strip = 0;
       self.jpeg_.output_scanline < self.jpeg_.output_height; ++strip) {
    jpeg_read_raw_data(&self.jpeg_, planes.data(),
                       static_cast<JDIMENSION>(lines));
    self.add_strip(strip);
  }
}

/// The last rows and columns of blocks reach over the edge of the picture.
void JpegReader::add_strip(JDIMENSION strip) {
  const auto rows_of = [&](const jpeg_component_info& component) {
    return static_cast<JDIMENSION>(component.v_samp_factor *
                                   block_size(component));
  };
  const JDIMENSION first = strip * rows_of(jpeg_.comp_info[0]);
  const JDIMENSION count =
      std::min(rows_of(jpeg_.comp_info[0]), jpeg_.output_height - first);
  for (JDIMENSION i = 0; i < count; ++i) {
    std::memcpy(image_.row(static_cast<int>(first + i)), rows_[0][i],
                jpeg_.output_width);
  }
  const jpeg_component_info& blue = jpeg_.comp_info[1];
  const JDIMENSION rows = rows_of(blue);
  const std::size_t width = planes_[1].size() / rows;
  for (JDIMENSION i = 0; i < rows; ++i) {
    chroma_.add({rows_[1][i], width}, {rows_[2][i], width},
                {.y = strip * rows + i});
  }
}

void JpegReader::read_grey(JpegReader& self) {
  std::array<JSAMPROW, kRowsPerCall> rows{};
  while (self.jpeg_.output_scanline < self.jpeg_.output_height) {
    const auto first = static_cast<int>(self.jpeg_.output_scanline);
    const int count = std::min(kRowsPerCall, self.image_.height - first);
    for (int i = 0; i < count; ++i) {
      rows[static_cast<std::size_t>(i)] = self.image_.row(first + i);
    }
    jpeg_read_scanlines(&self.jpeg_, rows.data(),
                        static_cast<JDIMENSION>(count));
  }
}

void JpegReader::read_colours(JpegReader& self) {
  JSAMPROW row = self.pixels_.data();
  while (self.jpeg_.output_scanline < self.jpeg_.output_height) {
    const JDIMENSION y = self.jpeg_.output_scanline;
    jpeg_read_scanlines(&self.jpeg_, &row, 1);
    const YccRun run = self.row_at(y);
    self.read_pixels(run);
    self.chroma_.add(run.blue, run.red, {.y = y});
  }
}

YccRun JpegReader::row_at(JDIMENSION y) {
  return {.luma = {image_.row(static_cast<int>(y)), jpeg_.output_width},
          .blue = planes_[1],
          .red = planes_[2]};
}

/// x * y / 255, rounded.
unsigned scaled(unsigned x, unsigned y) { return (x * y + 127U) / 255U; }

/// CMYK files hold inverted ink: 255 is no ink. Adobe began it and all
/// followed, so that Pillow, too, takes files without an Adobe marker as
/// inverted.
void JpegReader::read_pixels(const YccRun& out) const {
  if (jpeg_.out_color_space == JCS_RGB) {
    row_to_ycc(pixels_, 3, out);
    return;
  }
  const bool is_cmyk = jpeg_.out_color_space == JCS_CMYK;
  const std::uint8_t* in = pixels_.data();
  for (std::size_t x = 0; x < out.size(); ++x) {
    const Ycc colour = is_cmyk
                           ? ycc_of(scaled(in[0], in[3]), scaled(in[1], in[3]),
                                    scaled(in[2], in[3]))
                           : Ycc{.luma = in[0], .blue = in[1], .red = in[2]};
    out.set(x, colour);
    in += jpeg_.output_components;
  }
}

void JpegReader::finish(JpegReader& self) {
  jpeg_finish_decompress(&self.jpeg_);
}

bool JpegReader::has_luma() const {
  return jpeg_.jpeg_color_space == JCS_GRAYSCALE ||
         jpeg_.jpeg_color_space == JCS_YCbCr;
}

/// Whether every chroma sample stands for a whole number of luma samples, the
/// same of both planes. Hardly any file is otherwise.
bool JpegReader::has_plain_sampling() const {
  const jpeg_component_info* luma = jpeg_.comp_info;
  const jpeg_component_info& blue = luma[1];
  const jpeg_component_info& red = luma[2];
  return luma->h_samp_factor % blue.h_samp_factor == 0 &&
         luma->v_samp_factor % blue.v_samp_factor == 0 &&
         blue.h_samp_factor == red.h_samp_factor &&
         blue.v_samp_factor == red.v_samp_factor;
}

void JpegReader::choose_output() {
  switch (jpeg_.jpeg_color_space) {
    case JCS_YCbCr:
      jpeg_.out_color_space = JCS_YCbCr;
      jpeg_.raw_data_out = has_plain_sampling() ? TRUE : FALSE;
      break;
    case JCS_RGB:
      jpeg_.out_color_space = JCS_RGB;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      jpeg_.out_color_space = JCS_CMYK;
      break;
    default:
      jpeg_.out_color_space = JCS_GRAYSCALE;
  }
  jpeg_.do_fancy_upsampling = FALSE;  // chroma is reduced anyway
  jpeg_.do_block_smoothing = FALSE;   // invents what a scan has not brought
  jpeg_.scale_denom = 8;
  jpeg_.scale_num = 1;
  const JDIMENSION side = std::min(jpeg_.image_width, jpeg_.image_height);
  while (jpeg_.scale_num < 8 &&
         (side * jpeg_.scale_num + 7) / 8 < kMinShortSide) {
    jpeg_.scale_num *= 2;
  }
  if (jpeg_.raw_data_out != FALSE) choose_chroma_size();
}

void JpegReader::choose_chroma_size() {
  const jpeg_component_info* luma = jpeg_.comp_info;
  const JDIMENSION blocks = std::min(
      jpeg_.image_width / static_cast<JDIMENSION>(luma[0].h_samp_factor /
                                                  luma[1].h_samp_factor),
      jpeg_.image_height / static_cast<JDIMENSION>(luma[0].v_samp_factor /
                                                   luma[1].v_samp_factor));
  chroma_size_ = 1;
  while (chroma_size_ < DCTSIZE &&
         blocks * static_cast<JDIMENSION>(chroma_size_) / DCTSIZE <
             kMinChromaSide) {
    chroma_size_ *= 2;
  }
}

/// An upper bound on what the decode takes, but for small change.
std::uint64_t JpegReader::memory_needed() const {
  // The raster, and a copy of it while it is turned upright.
  std::uint64_t bytes = 2 * std::uint64_t{jpeg_.image_width} *
                        jpeg_.image_height * jpeg_.scale_num * jpeg_.scale_num /
                        64;
  if (jpeg_.out_color_space != JCS_GRAYSCALE) {
    // A strip of each component, or a row of pixels and one of their chroma.
    bytes += std::uint64_t{jpeg_.image_width + kMaxRowsOfStrip} *
                 jpeg_.scale_num * kMaxRowsOfStrip / 8 * planes_.size() +
             ChromaReducer::memory_needed();
  }
  if (is_full_size()) {
    bytes += BlockMeans::memory_needed(jpeg_.image_width, jpeg_.image_height);
  }
  if (is_all_means()) {
    // The values, 16 bits each, and the samples, 8 bits.
    bytes += dc_memory_needed(jpeg_) * 3 / 2;
  }
  if (jpeg_has_multiple_scans(const_cast<j_decompress_ptr>(&jpeg_)) != FALSE) {
    for (int i = 0; i < jpeg_.num_components; ++i) {
      const jpeg_component_info& component = jpeg_.comp_info[i];
      bytes += std::uint64_t{component.width_in_blocks} *
               component.height_in_blocks * sizeof(JBLOCK);
    }
  }
  return bytes;
}

/// libjpeg latches a component's quantisation table at its first scan.
bool JpegReader::has_all_components() const {
  return std::all_of(jpeg_.comp_info, jpeg_.comp_info + jpeg_.num_components,
                     [](const jpeg_component_info& component) {
                       return component.quant_table != nullptr;
                     });
}

/// Whether the scans of a progressive file have brought every coefficient to
/// its last bit.
bool JpegReader::has_all_bits() const {
  if (jpeg_.progressive_mode == FALSE) return true;
  for (int i = 0; i < jpeg_.num_components; ++i) {
    const int* bits = jpeg_.coef_bits[i];
    if (std::any_of(bits, bits + DCTSIZE2, [](int b) { return b != 0; })) {
      return false;
    }
  }
  return true;
}

bool begins_with(std::span<const std::byte> block, std::string_view prefix) {
  return block.size() >= prefix.size() &&
         std::memcmp(block.data(), prefix.data(), prefix.size()) == 0;
}

PictureInfo JpegReader::describe() const {
  PictureInfo info;
  info.format = Format::jpeg;
  info.width = jpeg_.image_width;
  info.height = jpeg_.image_height;
  std::span<const std::byte> exif;
  std::span<const std::byte> xmp;
  for (auto* marker = jpeg_.marker_list; marker != nullptr;
       marker = marker->next) {
    const auto block =
        std::as_bytes(std::span(marker->data, marker->data_length));
    // Of several, viewers take the first.
    if (exif.empty() && begins_with(block, kExifPrefix)) exif = block;
    if (xmp.empty() && begins_with(block, kXmpPrefix)) {
      xmp = block.subspan(kXmpPrefix.size());
    }
  }
  if (!exif.empty()) {
    ExifFacts facts = read_exif(exif);
    info.orientation = facts.orientation;
    info.taken_at = std::move(facts.taken_at);
    info.metadata = std::move(facts.metadata);
  }
  if (!info.metadata.rating) info.metadata.rating = xmp_rating(xmp);
  if (swaps_sides(info.orientation)) std::swap(info.width, info.height);
  return info;
}

Result<Decoded> JpegReader::decode(DcReader dc_reader) {
  if (!attempt(read_header)) return failure();
  in_header_ = false;
  choose_output();
  if (auto admitted = admit(jpeg_.image_width, jpeg_.image_height,
                            memory_needed(), limits_);
      !admitted) {
    return tl::unexpected(std::move(admitted.error()));
  }
  Decoded decoded;
  decoded.info = describe();
  if (dc_reader == DcReader::no || !read_means()) {
    if (auto read = read_with_libjpeg(); !read) {
      return tl::unexpected(std::move(read.error()));
    }
  }
  if (has_luma()) {
    decoded.info.dc_steps =
        is_full_size() ? traces_.steps_with_turned(image_) : traces_.steps();
  }
  decoded.image = oriented(std::move(image_), decoded.info.orientation);
  decoded.chroma =
      oriented(std::move(chroma_).finish(), decoded.info.orientation);
  return decoded;
}

Result<void> JpegReader::read_with_libjpeg() {
  if (!attempt(start)) return failure();
  prepare_planes();
  const auto read = jpeg_.raw_data_out != FALSE              ? read_strips
                    : jpeg_.out_color_space == JCS_GRAYSCALE ? read_grey
                                                             : read_colours;
  if (!attempt(read)) return failure();

  // Files with several scans have been read to their end by now. Those with
  // one have all their scans.
  if (!has_all_components() || (ended_ && !has_all_bits())) {
    return fail(ended_ ? ErrorCode::truncated : ErrorCode::corrupt,
                "scans of the picture are missing");
  }
  // Reads on to the end marker. If nothing but the marker is missing, the
  // picture is whole, and some web cameras never write one.
  if (!attempt(finish)) return failure();
  return {};
}

/// Of a file with several pictures the first, which every viewer shows; but a
/// larger version of it if the file calls that the primary one.
Result<Decoded> decode_by(DcReader dc_reader, std::span<const std::byte> file,
                          const DecodeLimits& limits) {
  Result<Decoded> first = JpegReader(file, limits).decode(dc_reader);
  const auto other = primary_in_mpo(file);
  if (!first || other.empty()) return first;
  Result<Decoded> primary = JpegReader(other, limits).decode(dc_reader);
  if (!primary || !is_larger_version(*primary, *first)) return first;
  PictureInfo& info = primary->info;
  std::swap(info.metadata, first->info.metadata);
  fill_missing(info.metadata, first->info.metadata);
  if (!first->info.taken_at.empty()) info.taken_at = first->info.taken_at;
  return primary;
}

}  // namespace

Result<Decoded> decode_jpeg(std::span<const std::byte> file,
                            const DecodeLimits& limits) {
  return decode_by(DcReader::yes, file, limits);
}

Result<Decoded> decode_jpeg_by_libjpeg(std::span<const std::byte> file,
                                       const DecodeLimits& limits) {
  return decode_by(DcReader::no, file, limits);
}

}  // namespace vam
