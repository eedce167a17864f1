// docs/formats.md has one row for each format in the table of decode.cpp.
#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "format_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;

namespace {

using Row = std::vector<std::string>;

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

Row cells_of(const std::string& line) {
  std::istringstream in(line.substr(1));  // behind the leading bar
  Row cells;
  for (std::string cell; std::getline(in, cell, '|');) {
    cells.push_back(trimmed(cell));
  }
  return cells;
}

/// The rows of the first table, by the format that they begin with.
std::map<std::string, Row> documented_formats() {
  std::ifstream in(VAM_DOCS_DIR "/formats.md");
  REQUIRE(in.is_open());
  std::map<std::string, Row> rows;
  std::string line;
  while (std::getline(in, line) && !line.starts_with("| Format |")) {
  }
  REQUIRE(cells_of(line) == Row{"Format", "Read", "Orientation", "Metadata",
                                "Reduced decode", "Library", "CMake option"});
  std::getline(in, line);  // the rule below the head
  while (std::getline(in, line) && line.starts_with('|')) {
    const Row row = cells_of(line);
    REQUIRE(row.size() == 7);
    REQUIRE(rows.emplace(row[0], row).second);
  }
  return rows;
}

}  // namespace

TEST_CASE("decode: the documentation names every format, and no other") {
  auto documented = documented_formats();
  for (const FormatSupport& format : format_support()) {
    const std::string name(to_string(format.format));
    INFO(name);
    REQUIRE(documented.contains(name));
    const Row& row = documented[name];
    CHECK(row[5] == (format.library.empty() ? "none" : format.library));
    CHECK(row[6] == (format.option.empty() ? "always" : format.option));
    documented.erase(name);
  }
  for (const auto& [name, row] : documented) {
    FAIL_CHECK(name << " is documented but not in the table of decoders");
  }
}

TEST_CASE("decode: the documentation says what is read of each format") {
  auto documented = documented_formats();
  const FormatPicture picture{
      .width = 1100,
      .height = 800,
      .orientation = 6,
      .xmp = R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
    xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF>
    </x:xmpmeta>)"};
  for (const FormatWriter& writer : format_writers()) {
    const std::string name(to_string(writer.format));
    INFO(name);
    const std::string file = writer.write(picture);
    const auto decoded = decode(std::as_bytes(std::span(file)));
    REQUIRE(decoded.has_value());
    const Row& row = documented[name];
    CHECK(decoded->info.width > decoded->info.height);  // it is upright
    CHECK(writer.carries_orientation == (row[2] != "none"));
    CHECK(decoded->info.metadata.rating.has_value() == (row[3] != "none"));
    const Image& image = decoded->image;
    CHECK((std::min(image.width, image.height) < 800) == (row[4] != "none"));
  }
}
