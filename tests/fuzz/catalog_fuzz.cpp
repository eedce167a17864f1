// Fuzz target: any bytes under the name of a catalog are refused in one line
// and left as they are, or are read without believing what makes no sense; and
// what --repair makes of them is a whole catalog.
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/must.hpp"
#include "unit/temp_folder.hpp"
#include "vam/catalog.hpp"

namespace {

using namespace vam;
namespace fs = std::filesystem;

const TempFolder& folder() {
  static const TempFolder kFolder;
  return kFolder;
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void check_line(const std::string& message) {
  must(!message.empty() && message.find('\n') == std::string::npos,
       "one line that says what is wrong");
}

void check(const Picture& picture) {
  must(picture.info.orientation >= 1 && picture.info.orientation <= 8,
       "an orientation");
  if (!picture.look) {
    const auto code = picture.look.error().code;
    must(!to_string(code).empty(), "an error that has a name");
  }
}

/// All that a run reads, and a commit.
void use(Catalog& catalog) {
  std::vector<Digest> digests;
  for (const Picture& picture : catalog.pictures()) {
    check(picture);
    digests.push_back(picture.digest);
  }
  must(std::ranges::is_sorted(digests), "sorted pictures");
  must(catalog.sketches(digests).size() == digests.size(), "all sketches");
  for (const Source& source : catalog.sources()) {
    must(!source.root.empty(), "a root");
    std::string last;
    for (const FileRecord& file : catalog.files(source.id)) {
      must(last < file.path, "files sorted by path");
      last = file.path;
    }
  }
  for (const FileRecord& file : catalog.rotten_files()) {
    must(file.held_before.has_value(), "what a rotten file held before");
  }
  catalog.different_pairs();
  for (const auto& files : catalog.reported().groups) {
    must(!files.empty(), "a group with files");
  }
  const FileRecord added{"added.jpg", 1, 2, 3, {}};
  const SourceId source = catalog.add_source("/added");
  catalog.store({{{source, added}}, {}});
  catalog.remove_unused_pictures();
}

/// Of a database that can be opened, but not used.
bool is_usable(const fs::path& catalog) {
  try {
    use(*open_catalog(catalog));
    return true;
  } catch (const FatalError& error) {
    check_line(error.what());
    return false;
  }
}

/// A repaired one must work, and be whole.
void check_repaired(const fs::path& catalog) {
  must(is_usable(catalog), "a repaired catalog works");
  SQLite::Database database((catalog / "catalog.sqlite").string());
  must(database.execAndGet("PRAGMA integrity_check").getString() == "ok",
       "a repaired catalog is whole");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const fs::path catalog = folder() / "catalog";
  fs::remove_all(catalog);
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const fs::path file = folder().write("catalog/catalog.sqlite", bytes);
  is_usable(catalog);

  fs::remove_all(catalog);
  folder().write("catalog/catalog.sqlite", bytes);
  try {
    const RepairResult repaired = repair_catalog(catalog);
    must(content_of(repaired.damaged_copy) == bytes,
         "the damaged file is kept as it was");
  } catch (const FatalError& error) {
    check_line(error.what());
    must(content_of(file) == bytes, "what is refused is left as it was");
    return 0;
  }
  check_repaired(catalog);
  return 0;
}
