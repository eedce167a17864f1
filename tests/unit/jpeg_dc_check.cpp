#include "jpeg_dc_check.hpp"

#include <algorithm>
#include <csetjmp>
#include <optional>
#include <vector>

using namespace vam;

namespace {

constexpr std::uint64_t kMaxPixels = std::uint64_t{1} << 24;

/// A run of libjpeg over a file. The first error or warning behind the header
/// ends it.
class Libjpeg {
 public:
  explicit Libjpeg(std::span<const std::byte> file) : file_(file) {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_.client_data = this;
    errors_.error_exit = [](j_common_ptr info) { of(info).give_up(); };
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0 && of(info).is_behind_header_) of(info).give_up();
    };
  }
  Libjpeg(const Libjpeg&) = delete;
  Libjpeg& operator=(const Libjpeg&) = delete;
  ~Libjpeg() { jpeg_destroy_decompress(&jpeg_); }

  const jpeg_decompress_struct& state() const { return jpeg_; }

  bool read_header() {
    const bool is_read = attempt([](Libjpeg& self) {
      jpeg_create_decompress(&self.jpeg_);
      self.jpeg_.mem->max_memory_to_use = 1L << 28;
      jpeg_mem_src(&self.jpeg_,
                   reinterpret_cast<const unsigned char*>(self.file_.data()),
                   self.file_.size());
      jpeg_read_header(&self.jpeg_, TRUE);
    });
    is_behind_header_ = true;
    return is_read;
  }

  /// Compares, too: the coefficients are gone at the end of the file.
  std::optional<bool> has_coefficients(const std::vector<DcPlane>& planes) {
    planes_ = &planes;
    const bool is_read = attempt([](Libjpeg& self) {
      jvirt_barray_ptr* blocks = jpeg_read_coefficients(&self.jpeg_);
      self.is_equal_ = self.equals(blocks);
      jpeg_finish_decompress(&self.jpeg_);
    });
    if (!is_read) return std::nullopt;
    return is_equal_;
  }

  bool decode_grey(Image& image) {
    jpeg_.out_color_space = JCS_GRAYSCALE;
    jpeg_.scale_num = 1;
    jpeg_.scale_denom = 8;
    image_ = &image;
    return attempt([](Libjpeg& self) {
      jpeg_start_decompress(&self.jpeg_);
      while (self.jpeg_.output_scanline < self.jpeg_.output_height) {
        JSAMPROW row =
            self.image_->row(static_cast<int>(self.jpeg_.output_scanline));
        jpeg_read_scanlines(&self.jpeg_, &row, 1);
      }
      jpeg_finish_decompress(&self.jpeg_);
    });
  }

 private:
  static Libjpeg& of(j_common_ptr info) {
    return *static_cast<Libjpeg*>(info->client_data);
  }
  [[noreturn]] void give_up() { std::longjmp(escape_, 1); }

  bool attempt(void (*step)(Libjpeg&)) {
    if (setjmp(escape_) != 0) return false;
    step(*this);
    return true;
  }

  bool equals(jvirt_barray_ptr* blocks) {
    for (int i = 0; i < jpeg_.num_components; ++i) {
      const DcPlane& plane = (*planes_)[static_cast<std::size_t>(i)];
      const jpeg_component_info& component = jpeg_.comp_info[i];
      if (plane.width != static_cast<int>(component.width_in_blocks) ||
          plane.height != static_cast<int>(component.height_in_blocks) ||
          plane.quantiser != component.quant_table->quantval[0]) {
        return false;
      }
      for (int y = 0; y < plane.height; ++y) {
        JBLOCKARRAY row = jpeg_.mem->access_virt_barray(
            reinterpret_cast<j_common_ptr>(&jpeg_), blocks[i],
            static_cast<JDIMENSION>(y), 1, FALSE);
        for (int x = 0; x < plane.width; ++x) {
          if (plane.row(y)[x] != row[0][x][0]) return false;
        }
      }
    }
    return true;
  }

  std::span<const std::byte> file_;
  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf escape_{};
  bool is_behind_header_ = false;
  const std::vector<DcPlane>* planes_ = nullptr;
  bool is_equal_ = false;
  Image* image_ = nullptr;
};

/// Whether libjpeg's grey at 1/8 scale is the first component, unsampled.
bool is_grey_first_component(const jpeg_decompress_struct& jpeg) {
  return (jpeg.jpeg_color_space == JCS_GRAYSCALE ||
          jpeg.jpeg_color_space == JCS_YCbCr) &&
         jpeg.comp_info[0].h_samp_factor == jpeg.max_h_samp_factor &&
         jpeg.comp_info[0].v_samp_factor == jpeg.max_v_samp_factor;
}

}  // namespace

DcOutcome check_dc(std::span<const std::byte> file, const DcChunks& chunks) {
  Libjpeg coefficients(file);
  if (!coefficients.read_header() ||
      std::uint64_t{coefficients.state().image_width} *
              coefficients.state().image_height >
          kMaxPixels) {
    return DcOutcome::no_picture;
  }
  const auto planes = read_jpeg_dc(coefficients.state(), chunks);
  if (!planes) return DcOutcome::left_alone;
  const auto is_equal = coefficients.has_coefficients(*planes);
  if (!is_equal) return DcOutcome::too_lenient;
  if (!*is_equal) return DcOutcome::differs;

  Libjpeg grey(file);
  if (!grey.read_header()) return DcOutcome::differs;
  const auto samples = samples_of(planes->front());
  if (!samples || !is_grey_first_component(grey.state())) {
    return DcOutcome::agrees;
  }
  Image expected(samples->width, samples->height);
  if (!grey.decode_grey(expected)) return DcOutcome::too_lenient;
  return *samples == expected ? DcOutcome::agrees : DcOutcome::differs;
}
