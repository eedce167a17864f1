// Decodes HEIC and AVIF with libheif: the primary image, turned and cropped as
// its properties say.
//
// libheif decodes whole pictures, and what it hands out depends on its version
// and on the file: 1.15 turns YCbCr into planes of red, green and blue, others
// leave it alone. Asking for something else costs a second conversion, so all
// is taken as it comes: in every colour system luma and chroma are weighted
// sums of the planes.
#include <libheif/heif.h>
#include <malloc.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
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
#include "decode/xmp.hpp"
#include "decode/ycc.hpp"

namespace vam {
namespace {

/// Behind this size EXIF is no more than somebody's preview.
constexpr std::size_t kMaxExifBytes = std::size_t{1} << 20U;

/// Weights of the planes are in 16-bit fixed point.
constexpr double kOne = 65536.0;

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using ContextHandle = std::unique_ptr<heif_context, Release<heif_context_free>>;
using PictureHandle =
    std::unique_ptr<heif_image_handle, Release<heif_image_handle_release>>;
using PlanesHandle = std::unique_ptr<heif_image, Release<heif_image_release>>;
using OptionsHandle =
    std::unique_ptr<heif_decoding_options, Release<heif_decoding_options_free>>;
using ColoursHandle = std::unique_ptr<heif_color_profile_nclx,
                                      Release<heif_nclx_color_profile_free>>;

/// Whether the four letters of a type stand anywhere in the file. Good enough
/// to choose between two messages.
bool mentions(std::span<const std::byte> file, std::string_view type) {
  const auto* begin = reinterpret_cast<const char*>(file.data());
  return std::string_view(begin, file.size()).find(type) !=
         std::string_view::npos;
}

/// Image items that libheif 1.15 takes for no images.
bool mentions_foreign_codec(std::span<const std::byte> file) {
  static constexpr std::array<std::string_view, 7> kTypes = {
      "jpeg", "j2k1", "unci", "avc1", "vvc1", "evc1", "lhv1"};
  return std::ranges::any_of(
      kTypes, [&](std::string_view type) { return mentions(file, type); });
}

/// While it lives, the thread may use one CPU only, the one where it runs. The
/// AV1 decoder starts a thread for every CPU that its caller may use, and
/// nothing of libheif tells it not to: with a worker for each of 64 CPUs that
/// would be 4,096 threads, and already the second one doubles the memory.
class OneCpu {
 public:
  OneCpu() {
    const int cpu = sched_getcpu();
    if (cpu < 0 || cpu >= CPU_SETSIZE ||
        sched_getaffinity(0, sizeof before_, &before_) != 0) {
      return;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(cpu), &one);
    changed_ = sched_setaffinity(0, sizeof one, &one) == 0;
  }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;
  ~OneCpu() {
    if (changed_) sched_setaffinity(0, sizeof before_, &before_);
  }

 private:
  cpu_set_t before_{};
  bool changed_ = false;
};

/// What is wanted: luma, Cb and Cr of BT.601.
constexpr std::size_t kParts = 3;
constexpr std::size_t kLuma = 0;
constexpr std::size_t kBlue = 1;
constexpr std::size_t kRed = 2;

/// How one plane of a picture adds to the parts.
struct Plane {
  heif_channel channel = heif_channel_Y;
  /// Of a sample that spans 0..1, or -0.5..0.5 for chroma.
  std::array<double, kParts> weights = {1, 0, 0};
  bool is_chroma = false;

  // Of the planes at hand.
  const std::uint8_t* samples = nullptr;
  std::size_t stride = 0;
  int bits = 8;  ///< more than 8: two bytes per sample
  unsigned x_shift = 0;
  unsigned y_shift = 0;
  std::array<std::int32_t, kParts> scales{};   ///< weights, per step
  std::array<std::int32_t, kParts> offsets{};  ///< to be added to the sums

  unsigned max() const { return (1U << static_cast<unsigned>(bits)) - 1; }
};

/// A colour system by the share of red and blue in what it calls luma.
struct Shares {
  double red;
  double blue;
};

constexpr Shares kBt601{0.299, 0.114};

Shares shares_of(heif_matrix_coefficients matrix) {
  switch (matrix) {
    case heif_matrix_coefficients_ITU_R_BT_709_5:
      return {0.2126, 0.0722};
    case heif_matrix_coefficients_US_FCC_T47:
      return {0.30, 0.11};
    case heif_matrix_coefficients_SMPTE_240M:
      return {0.212, 0.087};
    case heif_matrix_coefficients_ITU_R_BT_2020_2_non_constant_luminance:
    case heif_matrix_coefficients_ITU_R_BT_2020_2_constant_luminance:
      return {0.2627, 0.0593};
    default:
      return kBt601;  // and what is not said, as everybody reads it
  }
}

/// The parts of a colour, or of a difference of colours.
std::array<double, kParts> parts_of(double red, double green, double blue) {
  const double luma = kBt601.red * red +
                      (1 - kBt601.red - kBt601.blue) * green +
                      kBt601.blue * blue;
  return {luma, (blue - luma) / (2 * (1 - kBt601.blue)),
          (red - luma) / (2 * (1 - kBt601.red))};
}

/// The planes of a YCbCr system, by the colours that one step of each makes:
/// for BT.601, nothing but themselves, else a little of both chroma planes
/// belongs to the luma. The result is that of converting to RGB and back, but
/// for colours beyond RGB.
std::vector<Plane> ycbcr_planes(const Shares& shares) {
  const double green = 1 - shares.red - shares.blue;
  const double more_blue = 2 * (1 - shares.blue);
  const double more_red = 2 * (1 - shares.red);
  return {{.channel = heif_channel_Y},
          {.channel = heif_channel_Cb,
           .weights = parts_of(0, -more_blue * shares.blue / green, more_blue),
           .is_chroma = true},
          {.channel = heif_channel_Cr,
           .weights = parts_of(more_red, -more_red * shares.red / green, 0),
           .is_chroma = true}};
}

std::vector<Plane> rgb_planes(heif_channel red, heif_channel green,
                              heif_channel blue) {
  return {{.channel = red, .weights = parts_of(1, 0, 0)},
          {.channel = green, .weights = parts_of(0, 1, 0)},
          {.channel = blue, .weights = parts_of(0, 0, 1)}};
}

class HeifReader {
 public:
  HeifReader(std::span<const std::byte> file, const DecodeLimits& limits)
      : file_(file), limits_(limits), format_(recognise(file)) {}

  Result<Decoded> decode();

 private:
  tl::unexpected<Error> failure(const heif_error& error) const;
  heif_error open();
  heif_error decode_planes();
  std::uint64_t memory_needed() const;
  std::vector<std::byte> metadata_item(heif_item_id id,
                                       std::size_t max_bytes) const;
  ExifFacts exif() const;
  std::vector<std::byte> xmp() const;
  std::vector<Plane> choose_planes(const heif_color_profile_nclx* colours);
  Result<Plane> find_plane(Plane plane, bool full_range) const;
  Result<void> find_planes();
  void read_part(std::size_t part, std::uint32_t y,
                 std::span<std::uint8_t> out);
  void add_plane(const Plane& plane, std::size_t part, std::uint32_t y);
  void show_over_white(std::uint32_t y, const YccRun& out);
  PictureReducer reduce();

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  Format format_;
  // In this order: each refers to the one before.
  ContextHandle context_;
  PictureHandle picture_;
  PlanesHandle planes_;
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  std::vector<Plane> channels_;
  Plane alpha_;  ///< without samples if there is none
  bool premultiplied_ = false;
  std::vector<std::int32_t> sums_;
};

std::string one_line(const char* message) {
  std::string line = message;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

tl::unexpected<Error> HeifReader::failure(const heif_error& error) const {
  const auto as = [&](ErrorCode code) {
    return fail(code, one_line(error.message));
  };
  if (error.code == heif_error_Memory_allocation_error) {
    return as(ErrorCode::too_large);
  }
  if (error.code == heif_error_Unsupported_feature ||
      error.subcode == heif_suberror_Unsupported_bit_depth) {
    return as(ErrorCode::unsupported);
  }
  if (error.subcode == heif_suberror_End_of_data || boxes_end_early(file_)) {
    return fail(ErrorCode::truncated, "the data end before the picture does");
  }
  if (error.code == heif_error_Unsupported_filetype) {
    return as(ErrorCode::unsupported);
  }
  if (error.subcode == heif_suberror_No_meta_box && mentions(file_, "moov")) {
    return fail(ErrorCode::unsupported, "a video without a still picture");
  }
  if ((error.subcode == heif_suberror_Nonexisting_item_referenced ||
       error.subcode == heif_suberror_Missing_grid_images) &&
      mentions_foreign_codec(file_)) {
    return fail(ErrorCode::unsupported, "libheif does not read this codec");
  }
  return as(ErrorCode::corrupt);
}

/// Where HEVC data are damaged, libde265 1.0.11 may go on with memory that it
/// never wrote, and say nothing. Filled memory (from the first picture on: 1 %
/// of the time) lets it make the same of the same file each time.
void fill_new_memory() {
#ifdef __GLIBC__
  [[maybe_unused]] static const int done = mallopt(M_PERTURB, 0x55);
#endif
}

heif_error HeifReader::open() {
  fill_new_memory();
  context_.reset(heif_context_alloc());
  if (!context_) throw std::bad_alloc();
  // Pictures are decoded side by side already.
  heif_context_set_max_decoding_threads(context_.get(), 0);
  constexpr std::uint64_t kMaxSide = 65535;
  heif_context_set_maximum_image_size_limit(
      context_.get(), static_cast<int>(std::min(limits_.max_pixels, kMaxSide)));
  const heif_error error = heif_context_read_from_memory_without_copy(
      context_.get(), file_.data(), file_.size(), nullptr);
  if (error.code != heif_error_Ok) return error;
  heif_image_handle* picture = nullptr;
  const heif_error missing =
      heif_context_get_primary_image_handle(context_.get(), &picture);
  picture_.reset(picture);
  return missing;
}

heif_error HeifReader::decode_planes() {
  const OptionsHandle options(heif_decoding_options_alloc());
  if (!options) throw std::bad_alloc();
  options->strict_decoding = 1;
  std::optional<OneCpu> one_cpu;
  if (format_ == Format::avif) one_cpu.emplace();
  heif_image* planes = nullptr;
  const heif_error error =
      heif_decode_image(picture_.get(), &planes, heif_colorspace_undefined,
                        heif_chroma_undefined, options.get());
  planes_.reset(planes);
  return error;
}

/// An upper bound on what the decode takes, but for small change.
std::uint64_t HeifReader::memory_needed() const {
  // Three planes as they come from the decoder and three that are made of
  // them by converting colours or turning, and what the decoder notes about
  // blocks; alpha is decoded while the picture is held. Measured: 3.0 to 6.3.
  const int bits = heif_image_handle_get_luma_bits_per_pixel(picture_.get());
  const std::uint64_t planes =
      heif_image_handle_has_alpha_channel(picture_.get()) != 0 ? 10 : 7;
  const std::uint64_t pixels = std::uint64_t{width_} * height_;
  return pixels * planes * (bits > 8 ? 2 : 1) + file_.size() +
         std::uint64_t{width_} *
             (sizeof(std::int32_t) + YccRow::kBytesPerPixel) +
         PictureReducer::memory_needed(width_, height_,
                                       box_factor(width_, height_), false);
}

/// Empty if it is longer than that.
std::vector<std::byte> HeifReader::metadata_item(heif_item_id id,
                                                 std::size_t max_bytes) const {
  const std::size_t size =
      heif_image_handle_get_metadata_size(picture_.get(), id);
  if (size > max_bytes) return {};
  std::vector<std::byte> item(size);
  if (heif_image_handle_get_metadata(picture_.get(), id, item.data()).code !=
      heif_error_Ok) {
    return {};
  }
  return item;
}

std::vector<std::byte> HeifReader::xmp() const {
  std::array<heif_item_id, 16> ids{};
  const int count = heif_image_handle_get_list_of_metadata_block_IDs(
      picture_.get(), "mime", ids.data(), static_cast<int>(ids.size()));
  for (const heif_item_id id :
       std::span(ids).first(static_cast<std::size_t>(std::max(count, 0)))) {
    const char* type =
        heif_image_handle_get_metadata_content_type(picture_.get(), id);
    if (type != nullptr && type == std::string_view("application/rdf+xml")) {
      return metadata_item(id, kMaxXmpBytes);
    }
  }
  return {};
}

/// EXIF here may tell an orientation, too, but it has been applied already: it
/// is the transformations of the picture that count (ISO/IEC 23008-12, A.2.1).
ExifFacts HeifReader::exif() const {
  heif_item_id id = 0;
  if (heif_image_handle_get_list_of_metadata_block_IDs(picture_.get(), "Exif",
                                                       &id, 1) < 1) {
    return {};
  }
  const std::vector<std::byte> item = metadata_item(id, kMaxExifBytes);
  const std::size_t size = item.size();
  if (size <= 4) return {};
  // What begins at this offset from the end of the offset is TIFF.
  const std::uint64_t begin = std::uint64_t{4} + big_endian_at(item, 0);
  if (begin >= size) return {};
  return read_bare_exif(std::span(item).subspan(begin));
}

std::vector<Plane> HeifReader::choose_planes(
    const heif_color_profile_nclx* colours) {
  switch (heif_image_get_colorspace(planes_.get())) {
    case heif_colorspace_monochrome:
      return {{.channel = heif_channel_Y}};
    case heif_colorspace_RGB:
      return rgb_planes(heif_channel_R, heif_channel_G, heif_channel_B);
    default:
      break;
  }
  if (heif_image_get_chroma_format(planes_.get()) == heif_chroma_monochrome) {
    return {{.channel = heif_channel_Y}};
  }
  if (colours == nullptr) return ycbcr_planes(kBt601);
  switch (colours->matrix_coefficients) {
    case heif_matrix_coefficients_RGB_GBR:
      return rgb_planes(heif_channel_Cr, heif_channel_Y, heif_channel_Cb);
    case heif_matrix_coefficients_YCgCo:
      return {{.channel = heif_channel_Y},
              {.channel = heif_channel_Cb,
               .weights = parts_of(-1, 1, -1),
               .is_chroma = true},
              {.channel = heif_channel_Cr,
               .weights = parts_of(1, 0, -1),
               .is_chroma = true}};
    default:
      return ycbcr_planes(shares_of(colours->matrix_coefficients));
  }
}

/// Checks that the plane covers the picture, whatever the file declares.
Result<Plane> HeifReader::find_plane(Plane plane, bool full_range) const {
  const heif_image* planes = planes_.get();
  int stride = 0;
  plane.samples = heif_image_get_plane_readonly(planes, plane.channel, &stride);
  plane.bits = heif_image_get_bits_per_pixel_range(planes, plane.channel);
  if (plane.samples == nullptr || stride <= 0) {
    return fail(ErrorCode::unsupported, "its colours have no known layout");
  }
  if (plane.bits < 1 || plane.bits > 16) {
    return fail(ErrorCode::unsupported,
                std::to_string(plane.bits) + " bits per sample");
  }
  plane.stride = static_cast<std::size_t>(stride);
  if (plane.channel == heif_channel_Cb || plane.channel == heif_channel_Cr) {
    const heif_chroma chroma = heif_image_get_chroma_format(planes);
    plane.x_shift = chroma == heif_chroma_444 ? 0 : 1;
    plane.y_shift = chroma == heif_chroma_420 ? 1 : 0;
  }
  const int columns = heif_image_get_width(planes, plane.channel);
  const int rows = heif_image_get_height(planes, plane.channel);
  if (columns <= static_cast<int>((width_ - 1) >> plane.x_shift) ||
      rows <= static_cast<int>((height_ - 1) >> plane.y_shift)) {
    return fail(ErrorCode::corrupt, "its planes do not cover the picture");
  }

  // Rec. ITU-T H.273, 8.3. One unit of `step` is the whole range of a sample.
  const double unit = std::ldexp(1.0, plane.bits - 8);
  const double range =
      full_range ? plane.max() : unit * (plane.is_chroma ? 224 : 219);
  const double zero = plane.is_chroma ? 128 * unit : full_range ? 0 : 16 * unit;
  for (std::size_t part = 0; part < kParts; ++part) {
    const double scale = 255 * kOne * plane.weights[part] / range;
    if (std::abs(plane.weights[part]) < 1e-6) continue;  // 0, but for rounding
    plane.scales[part] = static_cast<std::int32_t>(std::lround(scale));
    plane.offsets[part] = static_cast<std::int32_t>(std::lround(-zero * scale));
  }
  return plane;
}

Result<void> HeifReader::find_planes() {
  heif_color_profile_nclx* profile = nullptr;
  heif_image_get_nclx_color_profile(planes_.get(), &profile);
  const ColoursHandle colours(profile);
  const bool full_range =
      !colours || colours->full_range_flag != 0 ||
      heif_image_get_colorspace(planes_.get()) == heif_colorspace_RGB;
  for (const Plane& wanted : choose_planes(colours.get())) {
    const Result<Plane> plane = find_plane(wanted, full_range);
    if (!plane) return tl::unexpected(plane.error());
    channels_.push_back(*plane);
  }
  if (heif_image_has_channel(planes_.get(), heif_channel_Alpha) != 0) {
    const Result<Plane> plane =
        find_plane({.channel = heif_channel_Alpha}, true);
    if (!plane) return tl::unexpected(plane.error());
    alpha_ = *plane;
    premultiplied_ =
        heif_image_handle_is_premultiplied_alpha(picture_.get()) != 0;
  }
  return {};
}

/// Adds a row of samples to sums, each as often as `shift` says.
template <class Sample>
void add_samples(const Plane& plane, std::size_t part, const Sample* in,
                 std::vector<std::int32_t>& sums) {
  const auto max = static_cast<Sample>(plane.max());
  const std::int32_t scale = plane.scales[part];
  const std::size_t count = sums.size();
  if (plane.x_shift == 0) {
    for (std::size_t x = 0; x < count; ++x) {
      sums[x] += scale * std::int32_t{std::min(in[x], max)};
    }
  } else {
    for (std::size_t x = 0; x < count; ++x) {
      sums[x] += scale * std::int32_t{std::min(in[x / 2], max)};
    }
  }
}

void HeifReader::add_plane(const Plane& plane, std::size_t part,
                           std::uint32_t y) {
  if (plane.scales[part] == 0) return;
  const std::uint8_t* row = plane.samples + plane.stride * (y >> plane.y_shift);
  if (plane.bits > 8) {  // libheif aligns its rows
    add_samples(plane, part, reinterpret_cast<const std::uint16_t*>(row),
                sums_);
  } else {
    add_samples(plane, part, row, sums_);
  }
}

std::uint8_t rounded(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> 16, 0, 255));
}

void HeifReader::read_part(std::size_t part, std::uint32_t y,
                           std::span<std::uint8_t> out) {
  std::int32_t offset = part == kLuma ? 0x8000 : (128 << 16) + 0x8000;
  for (const Plane& plane : channels_) offset += plane.offsets[part];
  std::ranges::fill(sums_, offset);
  for (const Plane& plane : channels_) add_plane(plane, part, y);
  std::ranges::transform(sums_, out.begin(), rounded);
}

/// White has no chroma, so that of premultiplied colours is as it is seen.
void HeifReader::show_over_white(std::uint32_t y, const YccRun& out) {
  std::ranges::fill(sums_, 0x8000 + alpha_.offsets[kLuma]);
  add_plane(alpha_, kLuma, y);
  for (std::size_t x = 0; x < out.size(); ++x) {
    const unsigned alpha = rounded(sums_[x]);
    if (premultiplied_) {
      out.luma[x] =
          static_cast<std::uint8_t>(std::min(255U, out.luma[x] + 255U - alpha));
      continue;
    }
    out.luma[x] = over_white(out.luma[x], alpha);
    if (out.blue.empty()) continue;
    out.blue[x] = chroma_over_white(out.blue[x], alpha);
    out.red[x] = chroma_over_white(out.red[x], alpha);
  }
}

PictureReducer HeifReader::reduce() {
  const HasColour has_colour =
      channels_.size() == 1 ? HasColour::no : HasColour::yes;
  PictureReducer reducer(width_, height_, box_factor(width_, height_), false,
                         has_colour);
  sums_.resize(width_);
  YccRow row(width_, has_colour);
  const YccRun run = row.run();
  for (std::uint32_t y = 0; y < height_; ++y) {
    read_part(kLuma, y, run.luma);
    if (has_colour == HasColour::yes) {
      read_part(kBlue, y, run.blue);
      read_part(kRed, y, run.red);
    }
    if (alpha_.samples != nullptr) show_over_white(y, run);
    reducer.add(run, {.y = y});
  }
  return reducer;
}

Result<Decoded> HeifReader::decode() {
  heif_error error = open();
  if (error.code != heif_error_Ok) return failure(error);

  const int width = heif_image_handle_get_width(picture_.get());
  const int height = heif_image_handle_get_height(picture_.get());
  if (width <= 0 || height <= 0) {
    return fail(ErrorCode::corrupt, "declares no size");
  }
  width_ = static_cast<std::uint32_t>(width);
  height_ = static_cast<std::uint32_t>(height);
  if (auto admitted = admit(width_, height_, memory_needed(), limits_);
      !admitted) {
    return tl::unexpected(std::move(admitted.error()));
  }

  error = decode_planes();
  if (error.code != heif_error_Ok) return failure(error);
  if (heif_image_get_primary_width(planes_.get()) != width ||
      heif_image_get_primary_height(planes_.get()) != height) {
    return fail(ErrorCode::corrupt, "the picture has not its declared size");
  }
  if (const Result<void> found = find_planes(); !found) {
    return tl::unexpected(found.error());
  }

  Decoded decoded;
  decoded.info.format = format_;
  decoded.info.width = width_;
  decoded.info.height = height_;
  ExifFacts facts = exif();
  decoded.info.taken_at = std::move(facts.taken_at);
  decoded.info.metadata = std::move(facts.metadata);
  if (!decoded.info.metadata.rating) {
    decoded.info.metadata.rating = xmp_rating(xmp());
  }
  reduce().finish(decoded);
  return decoded;
}

}  // namespace

/// libheif lets the exceptions of its containers through.
Result<Decoded> decode_heif(std::span<const std::byte> file,
                            const DecodeLimits& limits) {
  try {
    return HeifReader(file, limits).decode();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& exception) {
    return fail(ErrorCode::corrupt, one_line(exception.what()));
  }
}

}  // namespace vam
