#include "cli/version.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include "catch.hpp"
#include "vam/catalog.hpp"
#include "vam/decode.hpp"

using namespace vam;

TEST_CASE("version: the first line is the version alone") {
  const std::string text = version_text();
  CHECK(text.starts_with("vam-analyze " VAM_VERSION "\n"));
  CHECK(text.ends_with("\n"));
}

TEST_CASE("version: every format has a line that says what reads it") {
  std::istringstream lines(version_text());
  std::string line;
  while (line != "Picture formats:") REQUIRE(std::getline(lines, line));
  for (const FormatSupport& format : format_support()) {
    REQUIRE(std::getline(lines, line));
    INFO(line);
    std::istringstream words(line);
    std::string name;
    words >> name;
    CHECK(name == to_string(format.format));
    CHECK((line.find(" not read ") == std::string::npos) == format.is_built);
    CHECK(line.find(" read ") != std::string::npos);
    CHECK(line.find(format.library) != std::string::npos);
    CHECK(line.ends_with(
        format.option.empty() ? "always" : "-D " + std::string(format.option)));
    CHECK(line.size() <= 80);
  }
  REQUIRE(std::getline(lines, line));
  CHECK(line.empty());
}

TEST_CASE("version: says which catalogs it can keep") {
  const std::string text = version_text();
  CHECK(text.find("\n  folder     built     SQLite") != std::string::npos);
  const bool built = text.find("\n  postgresql built ") != std::string::npos;
  CHECK(built == !server_library().empty());
  CHECK(text.find("-D VAM_POSTGRES\n") != std::string::npos);
}

TEST_CASE("version: names the other libraries with their versions") {
  const std::string text = version_text();
  const std::string last = text.substr(text.find("\nBuilt with ") + 1);
  CHECK(last.size() <= 81);
  CHECK(std::ranges::count(last, '\n') == 1);
  // A name and a number each.
  CHECK(std::ranges::count(last, ' ') ==
        2 + 2 * std::ranges::count(last, ',') + 1);
  CHECK(last.find("FAISS 1.") != std::string::npos);
  CHECK(last.find("SQLite 3.") != std::string::npos);
}
