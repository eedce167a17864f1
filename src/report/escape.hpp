// File names are bytes; reports are text. This turns hostile strings into what
// each kind of output can carry.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vam {

/// The first code point of a string that may not be UTF-8. When it is not
/// valid, `length` is that of the longest part that could have begun one
/// (at least 1), as Unicode recommends for replacing.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

/// `text` must not be empty.
CodePoint first_code_point(std::string_view text);

/// Whether this is well-formed UTF-8: nothing overlong, no surrogates, nothing
/// above U+10FFFF.
bool is_utf8(std::string_view bytes);

/// The readable approximation: what is not UTF-8 becomes U+FFFD.
std::string to_utf8(std::string_view bytes);

/// RFC 4648, section 4, padded.
std::string to_base64(std::string_view bytes);
/// Of what to_base64() makes, and of nothing else.
std::optional<std::string> from_base64(std::string_view text);

/// For people: nothing in the result moves the cursor, colours, rings or turns
/// the reading direction. Such code points and stray bytes become visible:
/// \n, \x1b, \u{202e}; a backslash is doubled, so that no two strings look
/// the same.
std::string escape_for_terminal(std::string_view bytes);

/// The same JSON in which nothing acts on a terminal either: what would, and
/// JSON leaves as it is, is written like \u009b. `json` is well-formed UTF-8.
std::string escape_in_json(std::string json);

/// One cell of RFC 4180, quoted if it must be. Spreadsheets run a cell that
/// begins with one of = + - @ or a control character as a formula; such a cell
/// gets a leading apostrophe.
std::string escape_for_csv(std::string_view bytes);

}  // namespace vam
