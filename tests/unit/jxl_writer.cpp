#if VAM_JXL_BUILT
#include "jxl_writer.hpp"

#include <jxl/encode.h>
#include <jxl/encode_cxx.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

void must(JxlEncoderStatus status) {
  if (status != JXL_ENC_SUCCESS) throw std::runtime_error("no JPEG XL");
}

/// sRGB, 0..1, in proportion to light.
float light_of(float value) {
  return value <= 0.04045F ? value / 12.92F
                           : std::pow((value + 0.055F) / 1.055F, 2.4F);
}

struct Layout {
  unsigned colours;
  bool has_alpha;
};

Layout layout_of(JxlColour colour) {
  switch (colour) {
    case JxlColour::grey:
      return {1, false};
    case JxlColour::grey_alpha:
      return {1, true};
    case JxlColour::rgb:
      return {3, false};
    case JxlColour::rgba:
      break;
  }
  return {3, true};
}

/// What a float of 16 bits can hold of a value.
float half_of(float value) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) &
                              ~std::uint32_t{0x1FFF});
}

/// Channels side by side, 0..1.
std::vector<float> samples_of(const JxlOptions& options) {
  const auto [colours, has_alpha] = layout_of(options.colour);
  int width = options.width;
  int height = options.height;
  if (options.orientation >= 5) std::swap(width, height);
  std::vector<float> samples;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Point place =
          upright_place(x, y, width, height, options.orientation);
      Rgba colour =
          options.pattern(place.x, place.y, options.width, options.height);
      const float alpha = static_cast<float>(colour.alpha) / 255;
      colour.alpha = 255;
      if (colours == 1) {
        colour.red = colour.green = colour.blue = luma_over_white(colour);
      }
      const std::array parts = {colour.red, colour.green, colour.blue};
      for (unsigned i = 0; i < colours; ++i) {
        float value = static_cast<float>(parts[i]) / 255;
        if (options.is_linear) value = light_of(value);
        samples.push_back(value);
      }
      if (has_alpha) samples.push_back(alpha);
    }
  }
  if (options.exponent_bits == 5) {
    std::ranges::transform(samples, samples.begin(), half_of);
  }
  return samples;
}

JxlBasicInfo info_of(const JxlOptions& options) {
  const auto [colours, has_alpha] = layout_of(options.colour);
  JxlBasicInfo info;
  JxlEncoderInitBasicInfo(&info);
  info.xsize = static_cast<std::uint32_t>(options.width);
  info.ysize = static_cast<std::uint32_t>(options.height);
  if (options.orientation >= 5) std::swap(info.xsize, info.ysize);
  info.orientation = static_cast<JxlOrientation>(options.orientation);
  info.bits_per_sample = options.bits;
  info.exponent_bits_per_sample = options.exponent_bits;
  info.num_color_channels = colours;
  info.num_extra_channels = options.has_black ? 1 : 0;
  if (has_alpha) {
    info.num_extra_channels = 1;
    info.alpha_bits = options.bits;
    info.alpha_exponent_bits = options.exponent_bits;
  }
  info.uses_original_profile = options.coding == JxlCoding::lossless;
  if (options.frames > 1) {
    info.have_animation = JXL_TRUE;
    info.animation.tps_numerator = 10;
    info.animation.tps_denominator = 1;
  }
  return info;
}

JxlColorEncoding encoding_of(const JxlOptions& options) {
  JxlColorEncoding encoding{};
  const JXL_BOOL is_grey = layout_of(options.colour).colours == 1;
  if (options.is_linear) {
    JxlColorEncodingSetToLinearSRGB(&encoding, is_grey);
  } else {
    JxlColorEncodingSetToSRGB(&encoding, is_grey);
  }
  if (options.is_wide) encoding.primaries = JXL_PRIMARIES_2100;
  return encoding;
}

void add_frames(JxlEncoder* encoder, const JxlOptions& options) {
  JxlEncoderFrameSettings* settings =
      JxlEncoderFrameSettingsCreate(encoder, nullptr);
  must(JxlEncoderFrameSettingsSetOption(settings, JXL_ENC_FRAME_SETTING_EFFORT,
                                        3));
  if (options.is_progressive) {
    for (const auto option : {JXL_ENC_FRAME_SETTING_RESPONSIVE,
                              JXL_ENC_FRAME_SETTING_PROGRESSIVE_AC}) {
      must(JxlEncoderFrameSettingsSetOption(settings, option, 1));
    }
  }
  if (options.coding == JxlCoding::lossless) {
    must(JxlEncoderSetFrameLossless(settings, JXL_TRUE));
  } else {
    must(JxlEncoderSetFrameDistance(settings, 0.5F));
  }
  const auto [colours, has_alpha] = layout_of(options.colour);
  const JxlPixelFormat format{.num_channels = colours + (has_alpha ? 1 : 0),
                              .data_type = JXL_TYPE_FLOAT,
                              .endianness = JXL_NATIVE_ENDIAN,
                              .align = 0};
  std::vector<float> samples = samples_of(options);
  const std::vector<float> black(samples.size() / format.num_channels, 1.0F);
  for (int frame = 0; frame < options.frames; ++frame) {
    if (options.frames > 1) {
      JxlFrameHeader header;
      JxlEncoderInitFrameHeader(&header);
      header.duration = 1;
      must(JxlEncoderSetFrameHeader(settings, &header));
    }
    must(JxlEncoderAddImageFrame(settings, &format, samples.data(),
                                 samples.size() * sizeof(float)));
    if (options.has_black) {
      must(JxlEncoderSetExtraChannelBuffer(settings, &format, black.data(),
                                           black.size() * sizeof(float), 0));
    }
    samples.assign(samples.size(), 0.0F);
  }
}

void add_box(JxlEncoder* encoder, const char* type, const std::string& value,
             JxlBoxes boxes) {
  if (value.empty()) return;
  must(JxlEncoderAddBox(encoder, type,
                        reinterpret_cast<const std::uint8_t*>(value.data()),
                        value.size(), boxes == JxlBoxes::compressed));
}

}  // namespace

std::string write_jxl(const JxlOptions& options) {
  const JxlEncoderPtr encoder = JxlEncoderMake(nullptr);
  const JxlBasicInfo info = info_of(options);
  if (options.bits > 16 || options.has_black) {
    must(JxlEncoderSetCodestreamLevel(encoder.get(), 10));
  }
  if (options.boxes != JxlBoxes::none) {
    must(JxlEncoderUseContainer(encoder.get(), JXL_TRUE));
    must(JxlEncoderUseBoxes(encoder.get()));
  }
  must(JxlEncoderSetBasicInfo(encoder.get(), &info));
  const JxlColorEncoding encoding = encoding_of(options);
  must(JxlEncoderSetColorEncoding(encoder.get(), &encoding));
  if (options.has_black) {
    JxlExtraChannelInfo channel;
    JxlEncoderInitExtraChannelInfo(JXL_CHANNEL_BLACK, &channel);
    channel.bits_per_sample = options.bits;
    must(JxlEncoderSetExtraChannelInfo(encoder.get(), 0, &channel));
  }
  add_box(encoder.get(), "Exif", options.exif, options.boxes);
  add_box(encoder.get(), "xml ", options.xmp, options.boxes);
  add_frames(encoder.get(), options);
  JxlEncoderCloseInput(encoder.get());
  std::string file(std::size_t{1} << 16U, '\0');
  auto* next = reinterpret_cast<std::uint8_t*>(file.data());
  std::size_t left = file.size();
  while (true) {
    const JxlEncoderStatus status =
        JxlEncoderProcessOutput(encoder.get(), &next, &left);
    const std::size_t written = file.size() - left;
    if (status != JXL_ENC_NEED_MORE_OUTPUT) {
      must(status);
      file.resize(written);
      return file;
    }
    file.resize(2 * file.size());
    next = reinterpret_cast<std::uint8_t*>(file.data()) + written;
    left = file.size() - written;
  }
}

std::string jxl_exif(const ExifOptions& options) {
  return std::string(4, '\0') + make_exif(options).substr(6);
}
#endif
