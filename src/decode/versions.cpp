// The versions of the libraries that this process decodes with.
#include <cstdio>

#include <jpeglib.h>
#include <png.h>

#include <array>
#include <span>
#include <string>

#include "decode/decoders.hpp"
#if VAM_WEBP_BUILT
#include <webp/decode.h>
#endif
#if VAM_GIF_BUILT
#include <gif_lib.h>
#endif
#if VAM_HEIF_BUILT
#include <libheif/heif.h>
#endif
#if VAM_TIFF_BUILT
#include <tiffio.h>
#endif
#if VAM_JXL_BUILT
#include <jxl/decode.h>
#endif
#if VAM_RAW_BUILT
#include <libraw/libraw.h>
#endif

#define VAM_TEXT_OF(token) #token
#define VAM_TEXT(macro) VAM_TEXT_OF(macro)

namespace vam {
namespace {

[[maybe_unused]] std::string joined(unsigned major, unsigned minor,
                                    unsigned patch) {
  return std::to_string(major) + '.' + std::to_string(minor) + '.' +
         std::to_string(patch);
}

#if VAM_HEIF_BUILT
/// libheif tells since 1.15.
std::string codecs_for([[maybe_unused]] heif_compression_format compression) {
  std::string text;
#if LIBHEIF_HAVE_VERSION(1, 15, 0)
  std::array<const heif_decoder_descriptor*, 16> codecs{};
  const int count = heif_get_decoder_descriptors(
      compression, codecs.data(), static_cast<int>(codecs.size()));
  for (const auto* codec :
       std::span(codecs).first(static_cast<std::size_t>(count))) {
    if (!text.empty()) text += ", ";
    text += heif_decoder_descriptor_get_name(codec);
  }
#endif
  return text;
}
#endif

}  // namespace

std::string library_version(Format format) {
  switch (format) {
    case Format::jpeg:  // does not tell at run time
      return VAM_TEXT(LIBJPEG_TURBO_VERSION);
    case Format::png:
      return png_get_libpng_ver(nullptr);
#if VAM_WEBP_BUILT
    case Format::webp: {
      const auto version = static_cast<unsigned>(WebPGetDecoderVersion());
      return joined(version >> 16, (version >> 8) & 255, version & 255);
    }
#endif
#if VAM_GIF_BUILT
    case Format::gif:  // does not tell at run time
      return joined(GIFLIB_MAJOR, GIFLIB_MINOR, GIFLIB_RELEASE);
#endif
#if VAM_HEIF_BUILT
    case Format::heif:
    case Format::avif:
      return heif_get_version();
#endif
#if VAM_TIFF_BUILT
    case Format::tiff: {
      // "LIBTIFF, Version 4.5.0" and a copyright on the next line.
      const std::string text = TIFFGetVersion();
      const std::size_t begin = text.find_first_of("0123456789");
      return text.substr(begin, text.find('\n') - begin);
    }
#endif
#if VAM_JXL_BUILT
    case Format::jxl: {
      const auto version = JxlDecoderVersion();
      return joined(version / 1'000'000, version / 1'000 % 1'000,
                    version % 1'000);
    }
#endif
#if VAM_RAW_BUILT
    case Format::raw:
      return libraw_version();
#endif
    default:
      return "";
  }
}

std::string library_codecs(Format format) {
  switch (format) {
#if VAM_HEIF_BUILT
    case Format::heif:
      return codecs_for(heif_compression_HEVC);
    case Format::avif:
      return codecs_for(heif_compression_AV1);
#endif
    default:
      return "";
  }
}

}  // namespace vam
