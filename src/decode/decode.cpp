// Finds the decoder for a file. A new format is one more file in this folder
// and one more row in the table.
#include "vam/decode.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <new>
#include <string>

#include "decode/decoders.hpp"

namespace vam {
namespace {

struct Decoder {
  Format format;
  Result<Decoded> (*decode)(std::span<const std::byte> file,
                            const DecodeLimits& limits);
};

constexpr std::array kDecoders = {
    Decoder{Format::jpeg, decode_jpeg},
    Decoder{Format::png, decode_png},
};

const Decoder* decoder_for(Format format) {
  const auto* found = std::ranges::find(kDecoders, format, &Decoder::format);
  return found == kDecoders.end() ? nullptr : found;
}

Error no_decoder(Format format) {
  std::string name(to_string(format));
  std::ranges::transform(name, name.begin(), [](unsigned char letter) {
    return static_cast<char>(std::toupper(letter));
  });
  return {ErrorCode::unsupported, "this build cannot read " + name};
}

}  // namespace

bool is_supported(Format format) { return decoder_for(format) != nullptr; }

Result<Format> check_format(std::span<const std::byte> head) {
  if (head.empty()) {
    return fail(ErrorCode::not_a_picture, "the file is empty");
  }
  const Format format = recognise(head);
  if (format == Format::unknown) {
    return fail(ErrorCode::not_a_picture,
                "no known picture format begins like this");
  }
  if (!is_supported(format)) return tl::unexpected(no_decoder(format));
  return format;
}

Result<Decoded> decode(std::span<const std::byte> file,
                       const DecodeLimits& limits) {
  const Result<Format> format = check_format(file);
  if (!format) return tl::unexpected(format.error());
  try {
    return decoder_for(*format)->decode(file, limits);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::too_large, "not enough memory for this picture");
  }
}

}  // namespace vam
