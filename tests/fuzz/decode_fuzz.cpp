// Fuzz target: bytes of any format decode to a raster that keeps the promises
// of decode.hpp, or to an error with a reason. The content tells the format, so
// seeds of one format are a test of its decoder.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "fuzz/must.hpp"
#include "vam/decode.hpp"
#include "vam/fingerprint.hpp"

namespace {

using namespace vam;

/// Small, that inputs per second are many.
DecodeLimits limits() {
  DecodeLimits limits;
  limits.max_pixels = std::uint64_t{1} << 20;
  limits.max_memory_bytes = std::uint64_t{32} << 20;
  return limits;
}

bool is_printable(const std::string& text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return text.size() <= kMaxMetadataText;
}

void check(const Decoded& decoded) {
  const PictureInfo& info = decoded.info;
  must(info.format != Format::unknown, "a format");
  must(info.width > 0 && info.height > 0, "a size");
  must(std::uint64_t{info.width} * info.height <= limits().max_pixels,
       "within the limit of pixels");
  must(info.orientation >= 1 && info.orientation <= 8, "an orientation");
  must(is_printable(info.taken_at), "a time");
  must(is_printable(info.metadata.camera_make) &&
           is_printable(info.metadata.camera_model) &&
           is_printable(info.metadata.software),
       "printable metadata");
  must(decoded.image.width > 0 && decoded.image.height > 0, "a raster");
  const Reductions upright(decoded.image);
  const Fingerprint look = make_fingerprint(upright);
  make_sketch(upright, decoded.chroma, look.content);
}

/// What becomes a thumbnail as it is shows the same.
void check_bare(std::span<const std::byte> file, const Decoded& decoded) {
  if (decoded.info.orientation != kUpright) return;
  const auto bare = bare_jpeg(file, decoded.info.width, decoded.info.height);
  if (bare.empty()) return;
  const auto again = decode(bare, limits());
  must(again && again->image.pixels == decoded.image.pixels,
       "the same picture without metadata");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  recognise_file(file);
  recognise_non_picture(file);
  const auto decoded = decode(file, limits());
  if (decoded) {
    check(*decoded);
    check_bare(file, *decoded);
  } else {
    must(!decoded.error().message.empty(), "a reason");
  }
  return 0;
}
