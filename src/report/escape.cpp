// Escaping for JSON, CSV and terminals, over one UTF-8 decoder.
#include "report/escape.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace vam {

namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

std::uint8_t byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

/// How a sequence goes on after its first byte (Unicode, table 3-7).
struct Lead {
  std::size_t length = 0;  ///< 0: no sequence begins like this
  std::uint8_t second_min = 0x80;
  std::uint8_t second_max = 0xbf;
  std::uint8_t payload = 0;  ///< bits of the code point in the first byte
};

Lead lead_of(std::uint8_t byte) {
  const auto low = [byte](int mask) {
    return static_cast<std::uint8_t>(byte & mask);
  };
  if (byte < 0x80) return {1, 0x80, 0xbf, byte};
  if (byte < 0xc2) return {};
  if (byte < 0xe0) return {2, 0x80, 0xbf, low(0x1f)};
  if (byte == 0xe0) return {3, 0xa0, 0xbf, low(0x0f)};
  if (byte == 0xed) return {3, 0x80, 0x9f, low(0x0f)};
  if (byte < 0xf0) return {3, 0x80, 0xbf, low(0x0f)};
  if (byte == 0xf0) return {4, 0x90, 0xbf, low(0x07)};
  if (byte < 0xf4) return {4, 0x80, 0xbf, low(0x07)};
  if (byte == 0xf4) return {4, 0x80, 0x8f, low(0x07)};
  return {};
}

struct Range {
  char32_t first;
  char32_t last;
};

/// What a terminal obeys or hides: controls, and the format characters that
/// turn the direction or take no room.
constexpr std::array kInvisible = {
    Range{0x0000, 0x001f},   Range{0x007f, 0x009f}, Range{0x00ad, 0x00ad},
    Range{0x034f, 0x034f},   Range{0x061c, 0x061c}, Range{0x115f, 0x1160},
    Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f}, Range{0x200b, 0x200f},
    Range{0x2028, 0x202e},   Range{0x2060, 0x206f}, Range{0x3164, 0x3164},
    Range{0xfeff, 0xfeff},   Range{0xfff9, 0xfffb}, Range{0xffa0, 0xffa0},
    Range{0xe0000, 0xe0fff},
};

bool is_invisible(char32_t value) {
  return std::any_of(kInvisible.begin(), kInvisible.end(),
                     [value](const Range& range) {
                       return value >= range.first && value <= range.last;
                     });
}

std::string hex(char32_t value, std::size_t min_digits) {
  std::string digits;
  for (; value != 0 || digits.size() < min_digits; value >>= 4) {
    digits += "0123456789abcdef"[value & 15];
  }
  std::reverse(digits.begin(), digits.end());
  return digits;
}

/// One unit, or a pair of surrogates.
std::vector<char32_t> to_utf16(char32_t value) {
  if (value < 0x10000) return {value};
  const char32_t offset = value - 0x10000;
  return {0xd800 + (offset >> 10), 0xdc00 + (offset & 0x3ff)};
}

std::string visible(char32_t value) {
  if (value == '\n') return "\\n";
  if (value == '\r') return "\\r";
  if (value == '\t') return "\\t";
  if (value < 0x80) return "\\x" + hex(value, 2);
  return "\\u{" + hex(value, 4) + "}";
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const Lead lead = lead_of(byte_at(text, 0));
  if (lead.length == 0) return {};
  CodePoint point{lead.payload, 1, true};
  for (; point.length < lead.length; ++point.length) {
    const bool second = point.length == 1;
    const std::uint8_t min = second ? lead.second_min : std::uint8_t{0x80};
    const std::uint8_t max = second ? lead.second_max : std::uint8_t{0xbf};
    if (point.length == text.size() || byte_at(text, point.length) < min ||
        byte_at(text, point.length) > max) {
      point.valid = false;
      return point;
    }
    point.value =
        point.value << 6 | (byte_at(text, point.length) & char32_t{0x3f});
  }
  return point;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const CodePoint point = first_code_point(bytes);
    if (!point.valid) return false;
    bytes.remove_prefix(point.length);
  }
  return true;
}

std::string to_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const CodePoint point = first_code_point(bytes);
    text += point.valid ? bytes.substr(0, point.length) : kReplacement;
    bytes.remove_prefix(point.length);
  }
  return text;
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < count ? byte_at(bytes, i + k) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? kBase64[bits >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const std::size_t value = kBase64.find(c);
    if (value == kBase64.npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes += static_cast<char>(bits >> bit_count & 0xff);
  }
  // There is only one way to write it.
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

std::string escape_for_terminal(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const CodePoint point = first_code_point(bytes);
    const std::string_view raw = bytes.substr(0, point.length);
    if (!point.valid) {
      for (const char byte : raw) {
        text += "\\x" + hex(static_cast<std::uint8_t>(byte), 2);
      }
    } else if (is_invisible(point.value)) {
      text += visible(point.value);
    } else if (point.value == '\\') {
      text += "\\\\";
    } else {
      text += raw;
    }
    bytes.remove_prefix(point.length);
  }
  return text;
}

std::string escape_in_json(std::string json) {
  if (std::ranges::all_of(json, [](char c) { return c > 0 && c < 0x7f; })) {
    return json;
  }
  std::string text;
  text.reserve(json.size());
  for (std::string_view rest = json; !rest.empty();) {
    const CodePoint point = first_code_point(rest);
    if (point.value < 0x7f || !is_invisible(point.value)) {
      text += rest.substr(0, point.length);
    } else {
      for (const char32_t unit : to_utf16(point.value)) {
        text += "\\u";
        text += hex(unit, 4);
      }
    }
    rest.remove_prefix(point.length);
  }
  return text;
}

std::string escape_for_csv(std::string_view bytes) {
  std::string text = to_utf8(bytes);
  if (!text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) !=
                           std::string_view::npos) {
    text.insert(text.begin(), '\'');
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace vam
