// Glob matching as a simulation of all ways to match at once: for each token,
// which prefixes of the text can be consumed up to here? Backtracking would be
// exponential on patterns such as `*a*a*a*b`, and file names are hostile.
#include "vam/glob.hpp"

#include <algorithm>
#include <cstddef>

namespace vam {
namespace {

/// The length of the well-formed UTF-8 sequence that begins the bytes, or 0.
/// Overlong forms are none: they could smuggle in a '/'.
std::size_t sequence_length(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xC0) != 0x80) return 0;
  }
  if (length < 3) return length;
  const auto second = static_cast<unsigned char>(bytes[1]);
  const bool overlong =
      (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  return overlong ? 0 : length;
}

/// Bytes that are no UTF-8 become characters beyond Unicode, one each.
std::u32string characters_of(std::string_view bytes) {
  static constexpr char32_t kStrayByte = 0x200000;
  std::u32string characters;
  characters.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto lead = static_cast<unsigned char>(bytes[0]);
    const std::size_t length = sequence_length(bytes);
    char32_t character = lead;
    if (length == 0) character = kStrayByte + lead;
    if (length > 1) character = lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(bytes[i]);
      character = (character << 6) | (next & 0x3Fu);
    }
    characters.push_back(character);
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return characters;
}

}  // namespace

Glob::Glob(std::string_view pattern) {
  if (pattern.size() > 1 && pattern.ends_with('/')) {
    folders_only_ = true;
    pattern.remove_suffix(1);
  }
  whole_path_ = pattern.find('/') != std::string_view::npos;
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  parse(characters_of(pattern));
}

void Glob::parse(std::u32string_view pattern) {
  bool name_begins = true;
  while (!pattern.empty()) {
    Token token;
    std::size_t length = 1;
    if (pattern.starts_with(U"**")) {
      length = std::min(pattern.find_first_not_of(U'*'), pattern.size());
      token.kind = Kind::star_star;
      if (name_begins && pattern.substr(length).starts_with(U'/')) {
        token.kind = Kind::folders;
        ++length;
      }
    } else if (pattern[0] == U'*') {
      token.kind = Kind::star;
    } else if (pattern[0] == U'?') {
      token.kind = Kind::one_not_of;
    } else if (const std::size_t set = parse_set(pattern, token); set > 0) {
      length = set;
    } else {
      if (pattern[0] == U'\\' && pattern.size() > 1) length = 2;
      token.character = pattern[length - 1];
    }
    name_begins = pattern[length - 1] == U'/';
    tokens_.push_back(std::move(token));
    pattern.remove_prefix(length);
  }
}

/// Parses a leading `[...]` and returns its length; 0 if there is none.
std::size_t Glob::parse_set(std::u32string_view pattern, Token& set) {
  if (!pattern.starts_with(U'[')) return 0;
  std::size_t at = 1;
  set.kind = Kind::one_of;
  if (at < pattern.size() && (pattern[at] == U'!' || pattern[at] == U'^')) {
    set.kind = Kind::one_not_of;
    ++at;
  }
  const auto next = [&] {
    if (pattern[at] == U'\\' && at + 1 < pattern.size()) ++at;
    return pattern[at++];
  };
  const std::size_t first = at;
  while (at < pattern.size()) {
    if (pattern[at] == U']' && at > first) return at + 1;
    const char32_t low = next();
    char32_t high = low;
    if (at + 1 < pattern.size() && pattern[at] == U'-' &&
        pattern[at + 1] != U']') {
      ++at;
      high = next();
    }
    set.ranges.emplace_back(low, high);
  }
  set = {};
  return 0;
}

bool Glob::accepts(const Token& token, char32_t character) {
  if (token.kind == Kind::exactly) return character == token.character;
  if (character == U'/') return false;
  const bool listed = std::ranges::any_of(token.ranges, [&](const Range& r) {
    return r.first <= character && character <= r.second;
  });
  return listed == (token.kind == Kind::one_of);
}

/// `reached[i]` says whether the tokens so far can consume the first `i`
/// characters. Adds one token; returns whether any way is left.
bool Glob::advance(const Token& token, std::u32string_view text,
                   std::string& reached) {
  switch (token.kind) {
    case Kind::exactly:
    case Kind::one_of:
    case Kind::one_not_of:
      for (std::size_t i = text.size(); i > 0; --i) {
        reached[i] = reached[i - 1] != 0 && accepts(token, text[i - 1]);
      }
      reached[0] = 0;
      break;
    case Kind::star:
    case Kind::star_star:
      for (std::size_t i = 1; i <= text.size(); ++i) {
        if (reached[i - 1] != 0 &&
            (token.kind == Kind::star_star || text[i - 1] != U'/')) {
          reached[i] = 1;
        }
      }
      break;
    case Kind::folders: {
      bool begun = false;
      for (std::size_t i = 1; i <= text.size(); ++i) {
        begun = begun || reached[i - 1] != 0;
        if (begun && text[i - 1] == U'/') reached[i] = 1;
      }
      break;
    }
  }
  return reached.find('\1') != std::string::npos;
}

bool Glob::matches(std::string_view path, bool is_folder) const {
  if (folders_only_ && !is_folder) return false;
  if (!whole_path_) path.remove_prefix(path.rfind('/') + 1);
  const std::u32string text = characters_of(path);
  std::string reached(text.size() + 1, '\0');
  reached[0] = 1;
  for (const Token& token : tokens_) {
    if (!advance(token, text, reached)) return false;
  }
  return reached.back() != 0;
}

}  // namespace vam
