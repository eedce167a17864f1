#include "report/escape.hpp"

#include "catch.hpp"

using namespace vam;

TEST_CASE("report: UTF-8 is told from what only looks like it") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  CHECK(is_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
  for (const std::string text :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80",
        "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2\x82("}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
    CHECK(is_utf8(to_utf8(text)));
  }
  CHECK(to_utf8("a\xff\xfe"
                "b") ==
        "a\xef\xbf\xbd\xef\xbf\xbd"
        "b");
  // A cut sequence is one mistake, not several.
  CHECK(to_utf8("\xf0\x9f\x98|") == "\xef\xbf\xbd|");
}

TEST_CASE("report: base64 is that of RFC 4648") {
  CHECK(to_base64("").empty());
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foo") == "Zm9v");
  CHECK(to_base64("foob") == "Zm9vYg==");
  CHECK(to_base64("foobar") == "Zm9vYmFy");
  CHECK(to_base64("\xff\xfe\xfd\xfb") == "//79+w==");
}

TEST_CASE("report: base64 is read as it is written") {
  for (const std::string_view bytes :
       {"", "f", "fo", "foo", "foob", "\xff\xfe\xfd\xfb"}) {
    CHECK(from_base64(to_base64(bytes)) == bytes);
  }
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zh==", "Zm9v=", "Zm9v!", "=", "Zg==Zg==", "Zm 9v"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

TEST_CASE("report: terminals get nothing that they obey") {
  CHECK(escape_for_terminal("/a b/\xc3\xa9.jpg") == "/a b/\xc3\xa9.jpg");
  CHECK(escape_for_terminal("\n\r\t\x1b[2J\x7f") == R"(\n\r\t\x1b[2J\x7f)");
  CHECK(escape_for_terminal("\xff\xed\xa0\x80") == R"(\xff\xed\xa0\x80)");
  CHECK(escape_for_terminal("\xe2\x80\xae\xe2\x81\xa6") ==
        R"(\u{202e}\u{2066})");
  CHECK(escape_for_terminal("\xe2\x80\xa8\xe2\x80\x8b\xef\xbb\xbf") ==
        R"(\u{2028}\u{200b}\u{feff})");
  CHECK(escape_for_terminal("\xc2\x9b") == R"(\u{009b})");
  CHECK(escape_for_terminal("\xf3\xa0\x81\x81") == R"(\u{e0041})");
  CHECK(escape_for_terminal(R"(a\nb)") == R"(a\\nb)");
  CHECK(escape_for_terminal(std::string(1, '\0')) == R"(\x00)");
}

TEST_CASE("report: JSON tells what a terminal obeys by numbers") {
  CHECK(escape_in_json("{\n \"a\": \"b\"}") == "{\n \"a\": \"b\"}");
  CHECK(escape_in_json("\"\xc3\xa9\xc2\x9b\x7f\"") ==
        "\"\xc3\xa9\\u009b\\u007f\"");
  CHECK(escape_in_json("\xe2\x80\xae") == "\\u202e");
  CHECK(escape_in_json("\xf3\xa0\x81\x81") == "\\udb40\\udc41");
}

TEST_CASE("report: csv cells are quoted and no formulas") {
  CHECK(escape_for_csv("") == "");
  CHECK(escape_for_csv("plain") == "plain");
  CHECK(escape_for_csv("a,b") == "\"a,b\"");
  CHECK(escape_for_csv("say \"hi\"") == "\"say \"\"hi\"\"\"");
  CHECK(escape_for_csv("two\nlines") == "\"two\nlines\"");
  CHECK(escape_for_csv("=1+1") == "'=1+1");
  CHECK(escape_for_csv("+1") == "'+1");
  CHECK(escape_for_csv("-1") == "'-1");
  CHECK(escape_for_csv("@x") == "'@x");
  CHECK(escape_for_csv("\t=1") == "'\t=1");
  CHECK(escape_for_csv("\r=1") == "\"'\r=1\"");
  CHECK(escape_for_csv("=a,\"b\"") == "\"'=a,\"\"b\"\"\"");
  CHECK(escape_for_csv("\xff") == "\xef\xbf\xbd");
}
