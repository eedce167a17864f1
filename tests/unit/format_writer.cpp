#include "format_writer.hpp"

#if VAM_GIF_BUILT
#include <gif_lib.h>
#endif
#if VAM_WEBP_BUILT
#include <webp/encode.h>
#endif

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "dng_writer.hpp"
#include "tiff_directory.hpp"
#if VAM_HEIF_BUILT
#include "heif_writer.hpp"
#endif
#if VAM_JXL_BUILT
#include "jxl_writer.hpp"
#endif

using namespace vam;

namespace {

char to_char(unsigned value) { return static_cast<char>(value & 0xFFU); }

std::string little_endian(std::size_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    bytes += to_char(static_cast<unsigned>(value >> (8 * i)));
  }
  return bytes;
}

/// The stored raster, RGB.
struct Raster {
  int width = 0;
  int height = 0;
  std::string samples = {};
};

Raster stored(const FormatPicture& picture, int orientation) {
  Raster raster{picture.width, picture.height};
  if (orientation >= 5) std::swap(raster.width, raster.height);
  for (int y = 0; y < raster.height; ++y) {
    for (int x = 0; x < raster.width; ++x) {
      const Point place =
          upright_place(x, y, raster.width, raster.height, orientation);
      const Rgba colour =
          picture.pattern(place.x, place.y, picture.width, picture.height);
      raster.samples += to_char(colour.red);
      raster.samples += to_char(colour.green);
      raster.samples += to_char(colour.blue);
    }
  }
  return raster;
}

template <class Options>
Options options_of(const FormatPicture& picture) {
  Options options;
  options.width = picture.width;
  options.height = picture.height;
  options.exif.orientation = picture.orientation;
  options.with_exif = true;
  options.pattern = picture.pattern;
  return options;
}

std::string big_endian(std::size_t value, int size) {
  std::string bytes = little_endian(value, size);
  std::ranges::reverse(bytes);
  return bytes;
}

/// Behind EXIF.
std::string jpeg(const FormatPicture& picture) {
  std::string file = write_jpeg(options_of<JpegOptions>(picture));
  if (picture.xmp.empty()) return file;
  const std::string segment =
      std::string("http://ns.adobe.com/xap/1.0/\0", 29) + picture.xmp;
  const std::size_t at = file.find("Exif") - 4;
  const std::size_t size = static_cast<unsigned char>(file[at + 2]) * 256U +
                           static_cast<unsigned char>(file[at + 3]) + 2U;
  return file.insert(at + size,
                     "\xFF\xE1" + big_endian(segment.size() + 2, 2) + segment);
}

/// CRC-32 of the PNG specification, Annex D.
std::size_t checksum_of(const std::string& bytes) {
  std::uint32_t sum = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int i = 0; i < 8; ++i) {
      sum = sum >> 1U ^ ((sum & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return sum ^ 0xFFFFFFFFU;
}

/// In front of the pixels.
std::string png(const FormatPicture& picture) {
  std::string file = write_png(options_of<PngOptions>(picture));
  if (picture.xmp.empty()) return file;
  const std::string chunk =
      "iTXt" + std::string("XML:com.adobe.xmp\0\0\0\0\0", 22) + picture.xmp;
  return file.insert(file.find("IDAT") - 4,
                     big_endian(chunk.size() - 4, 4) + chunk +
                         big_endian(checksum_of(chunk), 4));
}

std::string bmp(const FormatPicture& picture) {
  const Raster raster = stored(picture, 1);
  std::string rows;
  for (int y = raster.height - 1; y >= 0; --y) {
    for (int x = 0; x < raster.width; ++x) {
      const auto at = static_cast<std::size_t>(y * raster.width + x) * 3;
      for (const std::size_t channel : {2U, 1U, 0U}) {
        rows += raster.samples[at + channel];
      }
    }
    rows.resize((rows.size() + 3) / 4 * 4);
  }
  constexpr std::size_t kHeaderBytes = 14 + 40;
  return "BM" + little_endian(kHeaderBytes + rows.size(), 4) +
         std::string(4, '\0') + little_endian(kHeaderBytes, 4) +
         little_endian(40, 4) +
         little_endian(static_cast<std::size_t>(raster.width), 4) +
         little_endian(static_cast<std::size_t>(raster.height), 4) +
         little_endian(1, 2) + little_endian(24, 2) + std::string(24, '\0') +
         rows;
}

#if VAM_TIFF_BUILT
std::string tiff(const FormatPicture& picture) {
  const Raster raster = stored(picture, picture.orientation);
  TiffDirectory directory(false);
  const auto number = [&](unsigned tag, std::size_t value) {
    directory.add_number(tag, TiffDirectory::kLong,
                         static_cast<std::uint32_t>(value));
  };
  number(256, static_cast<std::size_t>(raster.width));
  number(257, static_cast<std::size_t>(raster.height));
  directory.add_values(258, TiffDirectory::kShort, 3,
                       std::string("\10\0\10\0\10\0", 6));
  number(259, 1);  // not compressed
  number(262, 2);  // RGB
  number(273, 8);
  number(274, static_cast<std::size_t>(picture.orientation));
  number(277, 3);
  number(278, static_cast<std::size_t>(raster.height));
  number(279, raster.samples.size());
  if (!picture.xmp.empty()) {
    directory.add_values(700, TiffDirectory::kByte,
                         static_cast<std::uint32_t>(picture.xmp.size()),
                         picture.xmp);
  }
  const std::size_t at = 8 + raster.samples.size() + raster.samples.size() % 2;
  std::string file = std::string("II*\0", 4) + little_endian(at, 4);
  file += raster.samples;
  file.resize(at);
  return file + directory.at(at);
}
#endif

#if VAM_GIF_BUILT
int append(GifFileType* gif, const GifByteType* bytes, int count) {
  static_cast<std::string*>(gif->UserData)
      ->append(reinterpret_cast<const char*>(bytes),
               static_cast<std::size_t>(count));
  return count;
}

/// In 256 greys.
std::string gif(const FormatPicture& picture) {
  std::string file;
  int error = 0;
  GifFileType* gif = EGifOpen(&file, append, &error);
  ColorMapObject* greys = GifMakeMapObject(256, nullptr);
  if (gif == nullptr || greys == nullptr) throw std::runtime_error("no GIF");
  for (unsigned i = 0; i < 256; ++i) {
    const auto grey = static_cast<GifByteType>(i);
    greys->Colors[i] = {grey, grey, grey};
  }
  EGifPutScreenDesc(gif, picture.width, picture.height, 8, 0, greys);
  EGifPutImageDesc(gif, 0, 0, picture.width, picture.height, false, nullptr);
  std::vector<GifPixelType> row(static_cast<std::size_t>(picture.width));
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      row[static_cast<std::size_t>(x)] =
          luma_over_white(picture.pattern(x, y, picture.width, picture.height));
    }
    EGifPutLine(gif, row.data(), picture.width);
  }
  GifFreeMapObject(greys);
  if (EGifCloseFile(gif, &error) != GIF_OK) throw std::runtime_error("no GIF");
  return file;
}
#endif

#if VAM_WEBP_BUILT
std::string chunk(const std::string& name, const std::string& payload) {
  return name + little_endian(payload.size(), 4) + payload +
         std::string(payload.size() % 2, '\0');
}

/// Lossy, with the EXIF chunk behind the pixels.
std::string webp(const FormatPicture& picture) {
  const Raster raster = stored(picture, picture.orientation);
  std::uint8_t* coded = nullptr;
  const std::size_t size = WebPEncodeRGB(
      reinterpret_cast<const std::uint8_t*>(raster.samples.data()),
      raster.width, raster.height, raster.width * 3, 90, &coded);
  if (size == 0) throw std::runtime_error("no WebP");
  const std::string pixels(reinterpret_cast<const char*>(coded) + 12,
                           size - 12);
  WebPFree(coded);
  constexpr std::size_t kHasExif = 0x08;
  constexpr std::size_t kHasXmp = 0x04;
  const std::string canvas =
      little_endian(picture.xmp.empty() ? kHasExif : kHasExif | kHasXmp, 4) +
      little_endian(static_cast<std::size_t>(raster.width - 1), 3) +
      little_endian(static_cast<std::size_t>(raster.height - 1), 3);
  const std::string exif =
      make_exif({.orientation = picture.orientation}).substr(6);
  std::string chunks = chunk("VP8X", canvas) + pixels + chunk("EXIF", exif);
  if (!picture.xmp.empty()) chunks += chunk("XMP ", picture.xmp);
  return "RIFF" + little_endian(chunks.size() + 4, 4) + "WEBP" + chunks;
}
#endif

#if VAM_HEIF_BUILT
/// With an EXIF orientation that contradicts the transformations.
std::string heif_of(const FormatPicture& picture,
                    heif_compression_format codec) {
  auto options = options_of<HeifOptions>(picture);
  options.codec = codec;
  options.quality = picture.heif_quality;
  options.orientation = static_cast<Orientation>(picture.orientation);
  options.exif.orientation = picture.orientation % 8 + 1;
  options.xmp = picture.xmp;
  return write_heif(options);
}

std::string heif(const FormatPicture& picture) {
  return heif_of(picture, heif_compression_HEVC);
}

std::string avif(const FormatPicture& picture) {
  return heif_of(picture, heif_compression_AV1);
}
#endif

#if VAM_JXL_BUILT
/// With an EXIF orientation that contradicts the codestream's.
std::string jxl(const FormatPicture& picture) {
  return write_jxl(
      {.width = picture.width,
       .height = picture.height,
       .coding = JxlCoding::lossy,
       .orientation = picture.orientation,
       .boxes = JxlBoxes::plain,
       .exif = jxl_exif({.orientation = picture.orientation % 8 + 1}),
       .xmp = picture.xmp,
       .pattern = picture.pattern});
}
#endif

#if VAM_RAW_BUILT
/// The picture is the preview, stored as the sensor data are.
std::string raw(const FormatPicture& picture) {
  const Raster raster = stored(picture, picture.orientation);
  JpegOptions preview{.width = raster.width, .height = raster.height};
  preview.pattern = [&](int x, int y, int, int) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(
        &raster.samples[static_cast<std::size_t>(y * raster.width + x) * 3]);
    return Rgba{at[0], at[1], at[2]};
  };
  return write_dng({.width = static_cast<unsigned>(raster.width / 4),
                    .height = static_cast<unsigned>(raster.height / 4),
                    .orientation = static_cast<unsigned>(picture.orientation),
                    .xmp = picture.xmp,
                    .preview = write_jpeg(preview),
                    .preview_width = static_cast<unsigned>(raster.width),
                    .preview_height = static_cast<unsigned>(raster.height)});
}
#endif

}  // namespace

std::vector<FormatWriter> format_writers() {
  std::vector<FormatWriter> writers = {
      {Format::jpeg, "jpg", true, jpeg},
      {Format::png, "png", true, png},
      {Format::bmp, "bmp", false, bmp},
  };
#if VAM_WEBP_BUILT
  writers.push_back({Format::webp, "webp", true, webp});
#endif
#if VAM_GIF_BUILT
  writers.push_back({Format::gif, "gif", false, gif});
#endif
#if VAM_TIFF_BUILT
  writers.push_back({Format::tiff, "tif", true, tiff});
#endif
#if VAM_RAW_BUILT
  writers.push_back({Format::raw, "dng", true, raw});
#endif
#if VAM_JXL_BUILT
  writers.push_back({Format::jxl, "jxl", true, jxl});
#endif
#if VAM_HEIF_BUILT
  for (const auto codec : heif_codecs()) {
    if (codec == heif_compression_HEVC) {
      writers.push_back({Format::heif, "heic", true, heif});
    } else {
      writers.push_back({Format::avif, "avif", true, avif});
    }
  }
#endif
  return writers;
}
