// How reports for people put numbers.
#include "report/words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

namespace vam {

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return grouped(number) + ' ' + std::string(noun) + (number == 1 ? "" : "s");
}

std::string human_size(std::uint64_t bytes) {
  if (bytes < 1024) return counted(bytes, "byte");
  static constexpr const char* kUnits[] = {" KiB", " MiB", " GiB",
                                           " TiB", " PiB", " EiB"};
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // From here on one decimal would round up to 1024.0.
  for (; size >= 1023.95 && unit + 1 < std::size(kUnits); ++unit) size /= 1024;
  return fixed(size, 1) + kUnits[unit];
}

std::string fixed(double number, int decimals) {
  std::array<char, 400> text;  // the largest double has 309 digits
  if (!std::isfinite(number)) return "?";
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number,
                                 std::chars_format::fixed, decimals);
  return end.ec == std::errc() ? std::string(text.data(), end.ptr) : "?";
}

std::string padded(std::string_view text, std::size_t width) {
  std::string line(text);
  line.resize(std::max(width, line.size()), ' ');
  return line;
}

}  // namespace vam
