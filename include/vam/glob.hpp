// Shell globs over raw paths, in linear memory and without backtracking.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vam {

/// One pattern: `*`, `?`, `[...]`, `[!...]`; `\` quotes; `*` crosses no '/';
/// `**` does, and `**/` stands for any number of folders or none. One without
/// '/' is matched against the name, one with '/' against the whole path; a '/'
/// at the end makes it match folders only. Every byte string is a valid
/// pattern: a `[` that is never closed or a last `\` stands for itself.
///
/// `?` and `[...]` take one character: a UTF-8 sequence or, where the bytes
/// are none, one byte. Matching takes time proportional to the length of the
/// pattern times that of the path, whatever they hold.
class Glob {
 public:
  explicit Glob(std::string_view pattern);

  /// `path` does not begin with '/'.
  bool matches(std::string_view path, bool is_folder) const;

 private:
  enum class Kind : std::uint8_t {
    exactly,     ///< `character`
    one_of,      ///< a character in `ranges`, but no '/'
    one_not_of,  ///< a character outside of `ranges`, but no '/'
    star,        ///< any characters but '/'
    star_star,   ///< any characters
    folders,     ///< `**/` where a name begins: any number of folders, or none
  };
  using Range = std::pair<char32_t, char32_t>;
  struct Token {
    Kind kind = Kind::exactly;
    char32_t character = 0;
    std::vector<Range> ranges;
  };

  static bool accepts(const Token& token, char32_t character);
  static bool advance(const Token& token, std::u32string_view text,
                      std::string& reached);
  static std::size_t parse_set(std::u32string_view pattern, Token& set);
  void parse(std::u32string_view pattern);

  std::vector<Token> tokens_;
  bool whole_path_ = false;
  bool folders_only_ = false;
};

}  // namespace vam
