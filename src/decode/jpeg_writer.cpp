// Writes a small JPEG from the rasters that decode() gives: they are luma and
// chroma already, which is what JPEG stores.
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it
#include <cstring>

#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "vam/decode.hpp"

namespace vam {
namespace {

constexpr int kBlock = DCTSIZE;
constexpr std::size_t kHeaderBytes = 4096;
/// Rows of luma in a strip of MCUs; of chroma, half of it.
constexpr int kStripRows = 2 * kBlock;

int rounded_up(int side, int step) { return (side + step - 1) / step * step; }

/// Fills whole blocks: libjpeg reads up to their ends, so the last column and
/// row are repeated.
Image padded(const Image& image, int width, int height) {
  Image result(width, height);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* const from = image.row(std::min(y, image.height - 1));
    std::uint8_t* const to = result.row(y);
    std::memcpy(to, from, static_cast<std::size_t>(image.width));
    std::fill(to + image.width, to + width, from[image.width - 1]);
  }
  return result;
}

/// Colour planes of half the size, or of none.
Chroma half_size(const Chroma& chroma, int width, int height) {
  if (chroma.blue.width == 0) return {};
  const auto fitted = [&](const Image& plane) {
    return plane.width == width && plane.height == height
               ? plane
               : resize_lanczos(plane, width, height);
  };
  return {fitted(chroma.blue), fitted(chroma.red)};
}

class JpegWriter {
 public:
  JpegWriter(const Image& luma, const Chroma& chroma)
      : width_(luma.width),
        height_(luma.height),
        has_colour_(chroma.blue.width > 0) {
    const int width = rounded_up(width_, kStripRows);
    const int height = rounded_up(height_, kStripRows);
    planes_[0] = padded(luma, width, height);
    // As much as the samples take, and headers: far more than it gets.
    room_bytes_ = planes_[0].pixels.size() * 3 + kHeaderBytes;
    room_ = std::make_unique_for_overwrite<JOCTET[]>(room_bytes_);
    if (!has_colour_) return;
    const Chroma half = half_size(chroma, (width_ + 1) / 2, (height_ + 1) / 2);
    planes_[1] = padded(half.blue, width / 2, height / 2);
    planes_[2] = padded(half.red, width / 2, height / 2);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() { jpeg_destroy_compress(&jpeg_); }

  std::vector<std::byte> write() {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_.client_data = this;
    errors_.error_exit = on_error;
    errors_.output_message = [](j_common_ptr) {};
    // The only error left is a lack of memory. Nothing below keeps anything
    // with a destructor in its frame.
    if (setjmp(escape_) != 0) throw std::bad_alloc();
    compress();
    const auto bytes = std::as_bytes(
        std::span(room_.get(), room_bytes_ - destination_.free_in_buffer));
    return {bytes.begin(), bytes.end()};
  }

 private:
  [[noreturn]] static void on_error(j_common_ptr info) {
    std::longjmp(static_cast<JpegWriter*>(info->client_data)->escape_, 1);
  }

  void compress() {
    jpeg_create_compress(&jpeg_);
    destination_.next_output_byte = room_.get();
    destination_.free_in_buffer = room_bytes_;
    destination_.init_destination = [](j_compress_ptr) {};
    destination_.empty_output_buffer = [](j_compress_ptr jpeg) -> boolean {
      on_error(reinterpret_cast<j_common_ptr>(jpeg));
    };
    destination_.term_destination = [](j_compress_ptr) {};
    jpeg_.dest = &destination_;
    jpeg_.image_width = static_cast<JDIMENSION>(width_);
    jpeg_.image_height = static_cast<JDIMENSION>(height_);
    jpeg_.input_components = has_colour_ ? 3 : 1;
    jpeg_.in_color_space = has_colour_ ? JCS_YCbCr : JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg_);
    jpeg_set_quality(&jpeg_, kJpegQuality, TRUE);
    jpeg_.raw_data_in = TRUE;
    const int sampling = has_colour_ ? 2 : 1;
    jpeg_.comp_info[0].h_samp_factor = jpeg_.comp_info[0].v_samp_factor =
        sampling;
    jpeg_start_compress(&jpeg_, TRUE);
    const int step = sampling * kBlock;
    std::array<std::array<JSAMPROW, kStripRows>, 3> rows;
    std::array<JSAMPARRAY, 3> strip{rows[0].data(), rows[1].data(),
                                    rows[2].data()};
    for (int y = 0; y < height_; y += step) {
      for (int row = 0; row < step; ++row) {
        rows[0][static_cast<std::size_t>(row)] = planes_[0].row(y + row);
      }
      for (int row = 0; has_colour_ && row < kBlock; ++row) {
        rows[1][static_cast<std::size_t>(row)] = planes_[1].row(y / 2 + row);
        rows[2][static_cast<std::size_t>(row)] = planes_[2].row(y / 2 + row);
      }
      jpeg_write_raw_data(&jpeg_, strip.data(), static_cast<JDIMENSION>(step));
    }
    jpeg_finish_compress(&jpeg_);
  }

  const int width_;
  const int height_;
  const bool has_colour_;
  std::array<Image, 3> planes_;
  jpeg_compress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf escape_{};
  jpeg_destination_mgr destination_{};
  std::unique_ptr<JOCTET[]> room_;
  std::size_t room_bytes_ = 0;
};

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& luma, const Chroma& chroma) {
  return JpegWriter(luma, chroma).write();
}

}  // namespace vam
