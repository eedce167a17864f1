// Fuzz target: whatever a block of EXIF says becomes facts within their ranges.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "decode/exif.hpp"
#include "fuzz/must.hpp"

namespace {

using namespace vam;

void check_text(const std::string& text) {
  must(text.size() <= kMaxMetadataText, "a short text");
  for (const char c : text) must(c >= ' ' && c <= '~', "a printable text");
  must(text.empty() || (text.front() != ' ' && text.back() != ' '),
       "no blanks at either end");
}

/// "YYYY-MM-DDThh:mm:ss[.fraction][+hh:mm]"
void check_time(const std::string& time) {
  if (time.empty()) return;
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  must(time.size() >= kShape.size(), "a whole time");
  for (std::size_t i = 0; i < time.size(); ++i) {
    const bool is_digit = time[i] >= '0' && time[i] <= '9';
    const bool fits = i >= kShape.size()
                          ? is_digit || std::string_view(".+-:").find(
                                            time[i]) != std::string_view::npos
                      : kShape[i] == '0' ? is_digit
                                         : time[i] == kShape[i];
    must(fits, "a time by its shape");
  }
}

void check(const ExifFacts& facts) {
  must(facts.orientation >= 1 && facts.orientation <= 8, "an orientation");
  check_time(facts.taken_at);
  check_text(facts.metadata.camera_make);
  check_text(facts.metadata.camera_model);
  check_text(facts.metadata.software);
  if (facts.metadata.rating) {
    must(*facts.metadata.rating >= 0 && *facts.metadata.rating <= 5,
         "a rating");
  }
  if (facts.metadata.gps) {
    const GeoPosition place = *facts.metadata.gps;
    must(place.latitude >= -90 && place.latitude <= 90, "a latitude");
    must(place.longitude >= -180 && place.longitude <= 180, "a longitude");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(read_exif(std::as_bytes(std::span(data, size))));
  // Not every mutation has to find the prefix again.
  std::string block(kExifPrefix);
  block += text;
  check(read_exif(std::as_bytes(std::span(block))));
  check_text(exif_text(text));
  check_time(exif_time(text, text, text));
  return 0;
}
