#if VAM_HEIF_BUILT
#include "heif_writer.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

using namespace vam;

namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using ContextHandle = std::unique_ptr<heif_context, Release<heif_context_free>>;
using PixelsHandle = std::unique_ptr<heif_image, Release<heif_image_release>>;
using EncoderHandle =
    std::unique_ptr<heif_encoder, Release<heif_encoder_release>>;

void must(const heif_error& error) {
  if (error.code != heif_error_Ok) throw std::runtime_error(error.message);
}

void write_pixel(std::uint8_t* out, const Rgba& colour, HeifColour kind) {
  const auto byte = [](unsigned v) { return static_cast<std::uint8_t>(v); };
  switch (kind) {
    case HeifColour::mono: {
      Rgba opaque = colour;
      opaque.alpha = 255;
      *out = luma_over_white(opaque);
      break;
    }
    case HeifColour::deep:
      for (const unsigned value : {colour.red, colour.green, colour.blue}) {
        const unsigned deep = (value * 1023 + 127) / 255;
        *out++ = byte(deep & 0xFFU);
        *out++ = byte(deep >> 8U);
      }
      break;
    case HeifColour::alpha:
      out[3] = byte(colour.alpha);
      [[fallthrough]];
    case HeifColour::colour:
      out[0] = byte(colour.red);
      out[1] = byte(colour.green);
      out[2] = byte(colour.blue);
  }
}

struct Layout {
  heif_colorspace space;
  heif_chroma chroma;
  heif_channel channel;
  int bits;
  int bytes_per_pixel;
};

Layout layout_of(HeifColour colour) {
  switch (colour) {
    case HeifColour::mono:
      return {heif_colorspace_monochrome, heif_chroma_monochrome,
              heif_channel_Y, 8, 1};
    case HeifColour::alpha:
      return {heif_colorspace_RGB, heif_chroma_interleaved_RGBA,
              heif_channel_interleaved, 8, 4};
    case HeifColour::deep:
      return {heif_colorspace_RGB, heif_chroma_interleaved_RRGGBB_LE,
              heif_channel_interleaved, 10, 6};
    default:
      return {heif_colorspace_RGB, heif_chroma_interleaved_RGB,
              heif_channel_interleaved, 8, 3};
  }
}

PixelsHandle make_pixels(const HeifOptions& options) {
  int width = options.width;
  int height = options.height;
  if (swaps_sides(options.orientation)) std::swap(width, height);
  const Layout layout = layout_of(options.colour);
  heif_image* image = nullptr;
  must(heif_image_create(width, height, layout.space, layout.chroma, &image));
  PixelsHandle pixels(image);
  must(heif_image_add_plane(image, layout.channel, width, height, layout.bits));
  int stride = 0;
  std::uint8_t* plane = heif_image_get_plane(image, layout.channel, &stride);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Point seen =
          upright_place(x, y, width, height, options.orientation);
      write_pixel(
          plane + std::ptrdiff_t{y} * stride + x * layout.bytes_per_pixel,
          options.pattern(seen.x, seen.y, options.width, options.height),
          options.colour);
    }
  }
  return pixels;
}

heif_error append(heif_context*, const void* data, std::size_t size,
                  void* file) {
  static_cast<std::string*>(file)->append(static_cast<const char*>(data), size);
  return {heif_error_Ok, heif_suberror_Unspecified, "ok"};
}

}  // namespace

std::string write_heif(const HeifOptions& options) {
  const ContextHandle context(heif_context_alloc());
  heif_encoder* found = nullptr;
  must(heif_context_get_encoder_for_format(context.get(), options.codec,
                                           &found));
  const EncoderHandle encoder(found);
  heif_encoder_set_lossy_quality(found, options.quality);
  // Not all encoders know each of these.
  heif_encoder_set_parameter(found, "chroma", "444");
  heif_encoder_set_parameter(found, "preset", "ultrafast");
  heif_encoder_set_parameter(found, "speed", "8");

  const std::unique_ptr<heif_encoding_options,
                        Release<heif_encoding_options_free>>
      encoding(heif_encoding_options_alloc());
  const std::unique_ptr<heif_color_profile_nclx,
                        Release<heif_nclx_color_profile_free>>
      colours(heif_nclx_color_profile_alloc());
  colours->matrix_coefficients = options.matrix;
  colours->full_range_flag = options.full_range ? 1 : 0;
  encoding->output_nclx_profile = colours.get();
  encoding->image_orientation =
      static_cast<heif_orientation>(options.orientation);

  heif_image_handle* handle = nullptr;
  must(heif_context_encode_image(context.get(), make_pixels(options).get(),
                                 found, encoding.get(), &handle));
  const std::unique_ptr<heif_image_handle, Release<heif_image_handle_release>>
      picture(handle);
  if (options.with_exif) {
    const std::string exif = make_exif(options.exif);
    must(heif_context_add_exif_metadata(context.get(), handle, exif.data(),
                                        static_cast<int>(exif.size())));
  }
  if (!options.xmp.empty()) {
    must(heif_context_add_XMP_metadata(context.get(), handle,
                                       options.xmp.data(),
                                       static_cast<int>(options.xmp.size())));
  }
  std::string file;
  heif_writer writer{1, append};
  must(heif_context_write(context.get(), &writer, &file));
  return file;
}

std::vector<heif_compression_format> heif_codecs() {
  std::vector<heif_compression_format> found;
  for (const auto codec : {heif_compression_HEVC, heif_compression_AV1}) {
    if (heif_have_encoder_for_format(codec) != 0 &&
        heif_have_decoder_for_format(codec) != 0) {
      found.push_back(codec);
    }
  }
  return found;
}
#endif
