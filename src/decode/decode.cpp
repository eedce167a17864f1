// Finds the decoder for a file. A new format is one more file in this folder
// and one more row in the table.
#include "vam/decode.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <new>
#include <string>

#include "decode/decoders.hpp"
#include "decode/tiff_tags.hpp"

namespace vam {
namespace {

using Decode = Result<Decoded> (*)(std::span<const std::byte> file,
                                   const DecodeLimits& limits);

struct Decoder {
  Format format;
  std::string_view library;
  std::string_view option;
  Decode decode;  ///< null: left out of this build
};

constexpr std::array kDecoders = {
    Decoder{Format::jpeg, "libjpeg-turbo", "", decode_jpeg},
    Decoder{Format::png, "libpng", "", decode_png},
    Decoder{Format::webp, "libwebp", "VAM_WEBP",
            VAM_WEBP_BUILT ? decode_webp : nullptr},
    Decoder{Format::bmp, "", "", decode_bmp},
    Decoder{Format::gif, "giflib", "VAM_GIF",
            VAM_GIF_BUILT ? decode_gif : nullptr},
    Decoder{Format::heif, "libheif", "VAM_HEIF",
            VAM_HEIF_BUILT ? decode_heif : nullptr},
    Decoder{Format::avif, "libheif", "VAM_HEIF",
            VAM_HEIF_BUILT ? decode_heif : nullptr},
    Decoder{Format::tiff, "libtiff", "VAM_TIFF",
            VAM_TIFF_BUILT ? decode_tiff : nullptr},
    Decoder{Format::jxl, "libjxl", "VAM_JXL",
            VAM_JXL_BUILT ? decode_jxl : nullptr},
    Decoder{Format::raw, "LibRaw", "VAM_RAW",
            VAM_RAW_BUILT ? decode_raw : nullptr},
};

const Decoder* decoder_for(Format format) {
  const auto* found = std::ranges::find(kDecoders, format, &Decoder::format);
  return found == kDecoders.end() ? nullptr : found;
}

Error no_decoder(Format format) {
  std::string message = "this build cannot read ";
  for (const char letter : to_string(format)) {
    message +=
        static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  if (const Decoder* decoder = decoder_for(format)) {
    message +=
        "; one configured with -D " + std::string(decoder->option) + "=ON can";
  }
  return {ErrorCode::unsupported, message};
}

/// Most RAW formats begin like TIFF; only their tags tell.
bool is_raw_in_tiff(std::span<const std::byte> file) {
  const auto tags = read_tiff_tags(file);
  return tags && tags->is_raw();
}

/// A TIFF may be RAW. If it only claims to be, or is of an unknown camera, it
/// is a TIFF.
Result<Decoded> decode_tiff_or_raw(std::span<const std::byte> file,
                                   const DecodeLimits& limits) {
  const Decoder* tiff = decoder_for(Format::tiff);
  if (is_raw_in_tiff(file)) {
    if (!is_supported(Format::raw)) {
      return tl::unexpected(no_decoder(Format::raw));
    }
    auto decoded = decoder_for(Format::raw)->decode(file, limits);
    if (decoded || decoded.error().code != ErrorCode::unsupported ||
        tiff->decode == nullptr) {
      return decoded;
    }
  }
  if (tiff->decode == nullptr) return tl::unexpected(no_decoder(Format::tiff));
  return tiff->decode(file, limits);
}

}  // namespace

std::vector<FormatSupport> format_support() {
  std::vector<FormatSupport> formats;
  formats.reserve(kDecoders.size());
  for (const auto& [format, library, option, decode] : kDecoders) {
    formats.push_back({format, library, option, decode != nullptr,
                       library_version(format), library_codecs(format)});
  }
  return formats;
}

Format recognise_file(std::span<const std::byte> file) {
  const Format format = recognise(file);
  return format == Format::tiff && is_raw_in_tiff(file) ? Format::raw : format;
}

bool is_supported(Format format) {
  const Decoder* decoder = decoder_for(format);
  return decoder != nullptr && decoder->decode != nullptr;
}

Result<void> admit(std::uint64_t width, std::uint64_t height,
                   std::uint64_t memory_bytes, const DecodeLimits& limits) {
  // Sides first: their product is then within 64 bits.
  if (std::max(width, height) > limits.max_side ||
      width * height > limits.max_pixels) {
    return fail(ErrorCode::too_large, "declares " + std::to_string(width) +
                                          "x" + std::to_string(height) +
                                          " pixels");
  }
  if (memory_bytes > limits.max_memory_bytes) {
    return fail(
        ErrorCode::too_large,
        "needs " + std::to_string(memory_bytes >> 20U) + " MiB to decode");
  }
  if (limits.reserve) limits.reserve(memory_bytes);
  return {};
}

Result<Decoded> decode(std::span<const std::byte> file,
                       const DecodeLimits& limits) {
  if (file.empty()) {
    return fail(ErrorCode::not_a_picture, "the file is empty");
  }
  const Format format = recognise(file);
  if (format == Format::unknown) {
    return fail(ErrorCode::not_a_picture,
                "no known picture format begins like this");
  }
  const bool may_be_raw = format == Format::tiff && is_supported(Format::raw);
  if (!is_supported(format) && !may_be_raw) {
    return tl::unexpected(no_decoder(format));
  }
  try {
    if (format == Format::tiff) return decode_tiff_or_raw(file, limits);
    return decoder_for(format)->decode(file, limits);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::too_large, "not enough memory for this picture");
  }
}

}  // namespace vam
