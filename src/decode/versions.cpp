// The versions of the libraries that this process decodes with.
#include <cstdio>

#include <jpeglib.h>
#include <png.h>

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

}  // namespace vam
