// Decodes JPEG XL with libjxl, which hands out the first frame in pieces that
// are averaged as they come.
//
// The library is built with its checks in: it prints a line for every damaged
// file that it sees, and ends the program where it finds itself wrong. Both is
// for whoever runs the decoders to deal with.
#include <jxl/decode.h>
#include <jxl/decode_cxx.h>
#include <jxl/version.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string_view>
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

/// A sample as 8 bits; what lies outside 0..1 is cut off.
std::uint8_t byte_of(float sample) {
  if (!(sample > 0)) return 0;  // nor if it is not a number
  const float rounded = std::min(sample, 1.0F) * 255 + 0.5F;
  return static_cast<std::uint8_t>(rounded);
}

/// A sample in proportion to light, as sRGB (IEC 61966-2-1).
float srgb_of(float light) {
  return light <= 0.0031308F ? 12.92F * light
                             : 1.055F * std::pow(light, 1 / 2.4F) - 0.055F;
}

/// What of a box is read. EXIF behind this is no more than somebody's preview.
constexpr std::size_t kMaxBoxBytes = std::size_t{1} << 18U;

/// Of all boxes that there can be behind the picture.
constexpr std::array<std::string_view, 8> kBoxTypes = {
    "Exif", "xml ", "brob", "jumb", "jxlc", "jxlp", "jxli", "jbrd"};

/// An Exif box begins with the place of the TIFF header behind it.
std::span<const std::byte> exif_in_box(std::span<const std::byte> box) {
  if (box.size() < 4) return {};
  const std::size_t begin = std::size_t{4} + big_endian_at(box, 0);
  return box.subspan(std::min(begin, box.size()));
}

/// How the samples are coded that come out.
JxlDecoderStatus get_colours(const JxlDecoder* decoder,
                             JxlColorEncoding& colours) {
  constexpr auto kSamples = JXL_COLOR_PROFILE_TARGET_DATA;
#if JPEGXL_NUMERIC_VERSION < JPEGXL_COMPUTE_NUMERIC_VERSION(0, 9, 0)
  return JxlDecoderGetColorAsEncodedProfile(decoder, nullptr, kSamples,
                                            &colours);
#else
  return JxlDecoderGetColorAsEncodedProfile(decoder, kSamples, &colours);
#endif
}

class JxlReader {
 public:
  JxlReader(std::span<const std::byte> file, const DecodeLimits& limits)
      : file_(file), limits_(limits) {}

  Result<Decoded> decode();

 private:
  static void on_pixels(void* self, std::size_t x, std::size_t y,
                        std::size_t count, const void* pixels);

  JxlDecoderPtr open(int events) const;
  Result<void> read_picture();
  Result<void> on_basic_info(JxlDecoder* decoder);
  Result<void> check_channels(const JxlDecoder* decoder) const;
  void choose_colours(JxlDecoder* decoder);
  JxlPixelFormat pixel_format() const;
  bool start(JxlDecoder* decoder);
  bool pass_over(JxlDecoder* decoder) const;
  void convert(std::span<const float> in, std::span<std::uint8_t> out) const;
  std::uint64_t memory_needed() const;
  void read_boxes();
  std::vector<std::byte>* wanted_box(JxlDecoder* decoder);

  std::span<const std::byte> file_;
  const DecodeLimits& limits_;
  JxlBasicInfo info_{};
  unsigned channels_ = 3;
  bool is_linear_ = false;
  std::vector<std::uint8_t> samples_;  ///< of a row
  YccRow row_;
  PictureReducer reducer_;
  std::uint64_t pixels_left_ = 0;
  bool out_of_place_ = false;  ///< pixels came that the picture does not have
  bool has_exif_ = false;
  bool has_xmp_ = false;
  std::vector<std::byte> exif_;  ///< what the box holds
  std::vector<std::byte> xmp_;
};

/// Without a runner, libjxl starts no threads.
JxlDecoderPtr JxlReader::open(int events) const {
  JxlDecoderPtr decoder = JxlDecoderMake(nullptr);
  if (!decoder ||
      JxlDecoderSubscribeEvents(decoder.get(), events) != JXL_DEC_SUCCESS ||
      JxlDecoderSetInput(decoder.get(),
                         reinterpret_cast<const std::uint8_t*>(file_.data()),
                         file_.size()) != JXL_DEC_SUCCESS) {
    throw std::bad_alloc();
  }
  return decoder;
}

/// Of an animation the first frame is read; the others need only be there.
Result<void> JxlReader::read_picture() {
  const JxlDecoderPtr handle =
      open(JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FULL_IMAGE);
  JxlDecoder* decoder = handle.get();
  // The orientation is of the codestream, and what EXIF says does not count.
  JxlDecoderSetKeepOrientation(decoder, JXL_TRUE);
  bool is_done = false;
  while (true) {
    switch (JxlDecoderProcessInput(decoder)) {
      case JXL_DEC_BASIC_INFO:
        if (auto known = on_basic_info(decoder); !known) return known;
        break;
      case JXL_DEC_COLOR_ENCODING:
        choose_colours(decoder);
        break;
      case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
        if (is_done ? !pass_over(decoder) : !start(decoder)) {
          return fail(ErrorCode::corrupt,
                      "libjxl does not take its own format");
        }
        break;
      case JXL_DEC_FULL_IMAGE:
        is_done = true;
        if (pixels_left_ != 0 || out_of_place_) {
          return fail(ErrorCode::corrupt, "the picture has other pixels");
        }
        break;
      case JXL_DEC_SUCCESS:
        if (is_done) return {};
        return fail(ErrorCode::corrupt, "no picture is in the file");
      case JXL_DEC_NEED_MORE_INPUT:
        return fail(ErrorCode::truncated,
                    "the data end before the picture does");
      default:
        if (is_done) return {};  // about a later frame
        return fail(ErrorCode::corrupt, "the coded picture is damaged");
    }
  }
}

Result<void> JxlReader::on_basic_info(JxlDecoder* decoder) {
  if (JxlDecoderGetBasicInfo(decoder, &info_) != JXL_DEC_SUCCESS) {
    return fail(ErrorCode::corrupt, "has no header");
  }
  if (auto known = check_channels(decoder); !known) return known;
  channels_ = info_.num_color_channels + (info_.alpha_bits > 0 ? 1 : 0);
  return admit(info_.xsize, info_.ysize, memory_needed(), limits_);
}

/// Of CMYK, libjxl would hand out the inks, and black only beside them.
Result<void> JxlReader::check_channels(const JxlDecoder* decoder) const {
  for (std::uint32_t i = 0; i < info_.num_extra_channels; ++i) {
    JxlExtraChannelInfo channel{};
    if (JxlDecoderGetExtraChannelInfo(decoder, i, &channel) !=
        JXL_DEC_SUCCESS) {
      return fail(ErrorCode::corrupt, "has a channel without a header");
    }
    if (channel.type == JXL_CHANNEL_BLACK) {
      return fail(ErrorCode::unsupported, "JPEG XL in CMYK");
    }
  }
  return {};
}

/// What is coded in libjxl's own colours can come as sRGB. What is not comes as
/// it is; its profile is ignored, but for samples in proportion to light.
void JxlReader::choose_colours(JxlDecoder* decoder) {
  JxlColorEncoding colours{};
  if (info_.uses_original_profile == JXL_FALSE) {
    colours.color_space = info_.num_color_channels == 1 ? JXL_COLOR_SPACE_GRAY
                                                        : JXL_COLOR_SPACE_RGB;
    colours.white_point = JXL_WHITE_POINT_D65;
    colours.primaries = JXL_PRIMARIES_SRGB;
    colours.transfer_function = JXL_TRANSFER_FUNCTION_SRGB;
    colours.rendering_intent = JXL_RENDERING_INTENT_RELATIVE;
    JxlDecoderSetPreferredColorProfile(decoder, &colours);
  }
  is_linear_ = get_colours(decoder, colours) == JXL_DEC_SUCCESS &&
               colours.transfer_function == JXL_TRANSFER_FUNCTION_LINEAR;
}

/// Of floats, libjxl hands out what it has just decoded; all else it would
/// first collect, and take three times the memory and twice the time.
JxlPixelFormat JxlReader::pixel_format() const {
  return {.num_channels = channels_,
          .data_type = JXL_TYPE_FLOAT,
          .endianness = JXL_NATIVE_ENDIAN,
          .align = 0};
}

bool JxlReader::start(JxlDecoder* decoder) {
  const HasColour has_colour = channels_ < 3 ? HasColour::no : HasColour::yes;
  row_ = YccRow(info_.xsize, has_colour);
  samples_.resize(std::size_t{info_.xsize} * channels_);
  reducer_ =
      PictureReducer(info_.xsize, info_.ysize,
                     box_factor(info_.xsize, info_.ysize), true, has_colour);
  pixels_left_ = std::uint64_t{info_.xsize} * info_.ysize;
  const JxlPixelFormat format = pixel_format();
  return JxlDecoderSetImageOutCallback(decoder, &format, on_pixels, this) ==
         JXL_DEC_SUCCESS;
}

/// A later frame is skipped if another follows, which tells that this one is
/// whole.
bool JxlReader::pass_over(JxlDecoder* decoder) const {
  JxlFrameHeader frame{};
  if (JxlDecoderGetFrameHeader(decoder, &frame) != JXL_DEC_SUCCESS) {
    return false;
  }
  if (frame.is_last == JXL_FALSE) {
    return JxlDecoderSkipCurrentFrame(decoder) == JXL_DEC_SUCCESS;
  }
  const JxlPixelFormat format = pixel_format();
  return JxlDecoderSetImageOutCallback(
             decoder, &format,
             [](void*, std::size_t, std::size_t, std::size_t, const void*) {},
             nullptr) == JXL_DEC_SUCCESS;
}

/// One pixel of those that take more than rounding.
void JxlReader::convert(std::span<const float> in,
                        std::span<std::uint8_t> out) const {
  const bool has_alpha = channels_ % 2 == 0;
  const float alpha = has_alpha ? in.back() : 1;
  for (std::size_t i = 0; i < in.size() - (has_alpha ? 1 : 0); ++i) {
    float value = in[i];
    if (info_.alpha_premultiplied != JXL_FALSE && alpha > 0) value /= alpha;
    out[i] = byte_of(is_linear_ ? srgb_of(value) : value);
  }
  if (has_alpha) out.back() = byte_of(alpha);
}

/// A part of a row, in any order.
void JxlReader::on_pixels(void* user, std::size_t x, std::size_t y,
                          std::size_t count, const void* pixels) {
  auto& self = *static_cast<JxlReader*>(user);
  if (y >= self.info_.ysize || x > self.info_.xsize ||
      count > self.info_.xsize - x || count > self.pixels_left_) {
    self.out_of_place_ = true;
    return;
  }
  self.pixels_left_ -= count;
  const unsigned channels = self.channels_;
  const std::span in(static_cast<const float*>(pixels), count * channels);
  const std::span out = std::span(self.samples_).first(in.size());
  if (self.is_linear_ || self.info_.alpha_premultiplied != JXL_FALSE) {
    for (std::size_t i = 0; i < in.size(); i += channels) {
      self.convert(in.subspan(i, channels), out.subspan(i, channels));
    }
  } else {
    std::ranges::transform(in, out.begin(), byte_of);
  }
  const YccRun run = self.row_.run(0, count);
  row_to_ycc(out, channels, run);
  self.reducer_.add(run, {.x = static_cast<std::uint32_t>(x),
                          .y = static_cast<std::uint32_t>(y)});
}

/// Bytes per pixel, measured: 3.5 to 4.5 of lossy pictures, 1 of lossless ones,
/// and 4 for each channel if they are not coded in groups; 40 with alpha.
/// Lossless and coded for progressive display, which is rare and not told by
/// the header, 30.
std::uint64_t JxlReader::memory_needed() const {
  std::uint64_t per_pixel = info_.uses_original_profile == JXL_FALSE ? 8 : 12;
  if (info_.num_extra_channels > 0) {
    per_pixel = 36 + 4 * std::uint64_t{info_.num_extra_channels};
  }
  return per_pixel * info_.xsize * info_.ysize +
         std::uint64_t{info_.xsize} * (channels_ + YccRow::kBytesPerPixel) +
         PictureReducer::memory_needed(info_.xsize, info_.ysize,
                                       box_factor(info_.xsize, info_.ysize),
                                       true);
}

/// Boxes that are broken inside cost the facts that they hold, no more.
void JxlReader::read_boxes() {
  const JxlDecoderPtr handle = open(JXL_DEC_BOX);
  JxlDecoder* decoder = handle.get();
  JxlDecoderSetDecompressBoxes(decoder, JXL_TRUE);
  JxlDecoderCloseInput(decoder);          // the last box may end there
  std::vector<std::byte>* box = nullptr;  // the one that is being read
  while (true) {
    const JxlDecoderStatus status = JxlDecoderProcessInput(decoder);
    if (box != nullptr) {
      box->resize(box->size() - JxlDecoderReleaseBoxBuffer(decoder));
      box = nullptr;
    }
    if (status == JXL_DEC_BOX) {
      box = wanted_box(decoder);
      if (box == nullptr) continue;
      box->resize(kMaxBoxBytes);
      JxlDecoderSetBoxBuffer(
          decoder, reinterpret_cast<std::uint8_t*>(box->data()), box->size());
    } else if (status != JXL_DEC_BOX_NEED_MORE_OUTPUT) {
      return;
    }
  }
}

/// Where the box that comes now is to be read to, if it is.
std::vector<std::byte>* JxlReader::wanted_box(JxlDecoder* decoder) {
  JxlBoxType type{};
  if (JxlDecoderGetBoxType(decoder, type, JXL_TRUE) != JXL_DEC_SUCCESS) {
    return nullptr;
  }
  const std::string_view name(type, sizeof type);
  // Only the first of each kind, even if nothing is in it.
  if (name == "Exif" && !std::exchange(has_exif_, true)) return &exif_;
  return name == "xml " && !std::exchange(has_xmp_, true) ? &xmp_ : nullptr;
}

Result<Decoded> JxlReader::decode() {
  if (auto done = read_picture(); !done) return tl::unexpected(done.error());
  if (info_.have_container != JXL_FALSE) {
    if (boxes_end_early(file_, kBoxTypes)) {
      return fail(ErrorCode::truncated, "the file ends before its boxes do");
    }
    read_boxes();
  }
  Decoded decoded;
  decoded.info.format = Format::jxl;
  decoded.info.width = info_.xsize;
  decoded.info.height = info_.ysize;
  decoded.info.orientation = static_cast<Orientation>(info_.orientation);
  if (swaps_sides(decoded.info.orientation)) {
    std::swap(decoded.info.width, decoded.info.height);
  }
  // Its orientation does not count.
  ExifFacts facts = read_bare_exif(exif_in_box(exif_));
  decoded.info.taken_at = std::move(facts.taken_at);
  decoded.info.metadata = std::move(facts.metadata);
  if (!decoded.info.metadata.rating) {
    decoded.info.metadata.rating = xmp_rating(xmp_);
  }
  std::move(reducer_).finish(decoded);
  return decoded;
}

}  // namespace

Result<Decoded> decode_jxl(std::span<const std::byte> file,
                           const DecodeLimits& limits) {
  return JxlReader(file, limits).decode();
}

}  // namespace vam
