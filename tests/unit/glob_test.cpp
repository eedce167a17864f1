#include "vam/glob.hpp"

#include <array>
#include <chrono>
#include <random>
#include <string>
#include <string_view>

#include "catch.hpp"

using namespace vam;

namespace {

bool matches(std::string_view pattern, std::string_view path) {
  return Glob(pattern).matches(path, false);
}

/// Tries everything: obviously right, exponentially slow. Knows no sets.
bool matches_slowly(std::string_view pattern, std::string_view text,
                    bool name_begins = true) {
  if (pattern.empty()) return text.empty();
  if (pattern.starts_with("**")) {
    const std::string_view rest = pattern.substr(2);
    if (rest.starts_with('*')) {
      return matches_slowly(pattern.substr(1), text, name_begins);
    }
    if (name_begins && rest.starts_with('/')) {
      if (matches_slowly(rest.substr(1), text, true)) return true;
      for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '/' &&
            matches_slowly(rest.substr(1), text.substr(i + 1), true)) {
          return true;
        }
      }
      return false;
    }
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (matches_slowly(rest, text.substr(i), false)) return true;
    }
    return false;
  }
  if (pattern[0] == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (matches_slowly(pattern.substr(1), text.substr(i), false)) return true;
      if (i < text.size() && text[i] == '/') return false;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern[0] == '?' ? text[0] == '/' : text[0] != pattern[0]) return false;
  return matches_slowly(pattern.substr(1), text.substr(1), pattern[0] == '/');
}

}  // namespace

TEST_CASE("glob: one without slash is matched against the name") {
  CHECK(matches("*.jpg", "x.jpg"));
  CHECK(matches("*.jpg", "a/b/x.jpg"));
  CHECK_FALSE(matches("*.jpg", "x.jpg/y"));
  CHECK_FALSE(matches("*.jpg", "x.JPG"));
  CHECK(matches("IMG_????.*", "IMG_0001.CR2"));
  CHECK_FALSE(matches("IMG_????.*", "IMG_001.CR2"));
  CHECK(matches("", ""));
  CHECK_FALSE(matches("", "a"));
}

TEST_CASE("glob: one with a slash is matched against the path") {
  CHECK(matches("a/*.jpg", "a/x.jpg"));
  CHECK_FALSE(matches("a/*.jpg", "a/b/x.jpg"));
  CHECK_FALSE(matches("a/*.jpg", "z/a/x.jpg"));
  CHECK_FALSE(matches("a?b/x", "a/b/x"));
  CHECK_FALSE(matches("a[/]b/x", "a/b/x"));
  CHECK_FALSE(matches("a[!x]b/x", "a/b/x"));
  CHECK(matches("/x.jpg", "x.jpg"));
  CHECK_FALSE(matches("/x.jpg", "a/x.jpg"));
}

TEST_CASE("glob: two stars cross slashes") {
  CHECK(matches("a/**.jpg", "a/b/c/x.jpg"));
  CHECK(matches("**/raw/*", "raw/x"));
  CHECK(matches("**/raw/*", "a/b/raw/x"));
  CHECK_FALSE(matches("**/raw/*", "a/draw/x"));
  CHECK(matches("a/**/x", "a/x"));
  CHECK(matches("a/**/x", "a/b/c/x"));
  CHECK_FALSE(matches("a/**/x", "a/bx"));
  CHECK(matches("a/**", "a/b/c"));
  CHECK_FALSE(matches("a/**", "a"));
}

TEST_CASE("glob: one that ends in a slash matches folders only") {
  CHECK(Glob("raw/").matches("a/raw", true));
  CHECK_FALSE(Glob("raw/").matches("a/raw", false));
  CHECK_FALSE(Glob("/raw/").matches("a/raw", true));
  CHECK(Glob("raw").matches("a/raw", true));
}

TEST_CASE("glob: globs know sets and quoting") {
  CHECK(matches("[abc]", "b"));
  CHECK_FALSE(matches("[abc]", "d"));
  CHECK(matches("[!a-c]", "d"));
  CHECK(matches("[^a-c]", "d"));
  CHECK_FALSE(matches("[!a-c]", "b"));
  CHECK(matches("[]]", "]"));
  CHECK(matches("[a-]", "-"));
  CHECK(matches("[\\]]x", "]x"));
  CHECK(matches("\\*", "*"));
  CHECK_FALSE(matches("\\*", "a"));
  CHECK(matches("[ab", "[ab"));
  CHECK_FALSE(matches("[ab", "a"));
  CHECK(matches("[", "["));
  CHECK(matches("[!", "[!"));
  CHECK(matches("a\\", "a\\"));
  CHECK_FALSE(matches("[b-a]", "a"));
}

TEST_CASE("glob: a glob's character is UTF-8 or a stray byte") {
  CHECK(matches("?.jpg", "\xC3\xA4.jpg"));
  CHECK(matches("?.jpg", "\xF0\x9F\x93\xB7.jpg"));
  CHECK(matches("?.jpg", "\xE9.jpg"));
  CHECK_FALSE(matches("?.jpg", "\xE9\xE9.jpg"));
  CHECK(matches("[\xC3\xA4\xC3\xB6]", "\xC3\xB6"));
  CHECK_FALSE(matches("[\xC3\xA4]", "\xC3"));
  CHECK(matches("\xE9*", "\xE9t\xE9"));
  // An overlong slash is no slash.
  CHECK(matches("a*b",
                "a\xC0\xAF"
                "b"));
  CHECK(matches("a??b",
                "a\xC0\xAF"
                "b"));
}

TEST_CASE("glob: globs agree with a search through all ways to match") {
  std::mt19937 random(1);
  const std::array<std::string_view, 8> parts = {"a", "b",  "/",   "*",
                                                 "?", "**", "**/", "/a"};
  int matched = 0;
  for (int round = 0; round < 40000; ++round) {
    std::string pattern = "/";  // anchored: matched against the whole path
    for (auto n = random() % 7; n > 0; --n) {
      pattern += parts[random() % parts.size()];
    }
    std::string text;
    for (auto n = random() % 8; n > 0; --n) text += "ab/"[random() % 3];
    if (pattern.ends_with('/')) pattern += 'a';
    const bool expected =
        matches_slowly(std::string_view(pattern).substr(1), text);
    INFO("pattern " << pattern << " text " << text);
    REQUIRE(matches(pattern, text) == expected);
    matched += expected ? 1 : 0;
  }
  CHECK(matched > 1000);
}

TEST_CASE("glob: hostile globs end soon") {
  std::string stars;
  for (int i = 0; i < 100; ++i) stars += i % 2 == 0 ? "*a" : "**/a*";
  const std::string name(4000, 'a');
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(matches("/" + stars + "b", name));
  CHECK(matches("**" + std::string(4000, '*'), name));
  CHECK_FALSE(matches(std::string(4000, '['), name));
  // Takes milliseconds; backtracking would not end in this century.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::minutes(1));
}
