#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "catch.hpp"
#include "report/html/page.hpp"
#include "temp_folder.hpp"
#include "vam/report.hpp"

using namespace vam;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

/// A group of files with these paths, all of one picture.
Report report_of(const std::vector<std::string>& paths) {
  Report report;
  report.version = "1.2.3";
  report.timestamp = "2024-05-06T07:08:09Z";
  report.catalog = "/catalog";
  Picture picture;
  picture.digest = digest_of({});
  picture.info = {Format::jpeg, 40, 30, kUpright, "", {}};
  picture.look = Fingerprint{};
  report.pictures = {picture};
  Group group;
  group.id = "0123456789abcdef";
  group.keep_reason = "oldest file";
  for (const std::string& path : paths) {
    const auto index = static_cast<std::uint32_t>(report.photos.size());
    report.photos.push_back({path, {}, 1000, 0, 0});
    group.members.push_back({index, {}});
  }
  if (!paths.empty()) report.grouping.groups = {group};
  return report;
}

std::string script_of(const Report& report, bool has_thumbnails = true) {
  std::string script;
  write_page_data(
      report, [&](const Digest&) { return has_thumbnails; },
      [&](std::string_view text) { script += text; });
  return script;
}

/// What the script hands to the page.
Json data_of(const std::string& script) {
  const auto begin = script.find('{');
  return Json::parse(script.substr(begin, script.rfind(';') - begin));
}

std::string refusal_of(const std::string& folder,
                       const std::vector<std::string>& sources = {}) {
  try {
    const PageFolder page(folder, sources);
  } catch (const FatalError& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("page: data hold nothing that a page could take for markup") {
  const std::vector<std::string> names = {
      "/<img src=x onerror=alert(1)>.jpg",
      "/</script><script>alert(1)</script>",
      "/'\"`&amp;\\",
      "/new\nline\r\t\x01\x7f",
      "/\xe2\x80\xa8\xe2\x80\xa9 separators",
      "/\xe2\x80\xae turned",
      "/\xf0\x9f\x98\x80 beyond 16 bits",
      "/]]>--><!--",
  };
  Report report = report_of(names);
  report.catalog = names[1];
  report.pictures[0].info.metadata.camera_model = names[0];
  const std::string script = script_of(report);
  CHECK(script.starts_with("// vam-analyze page"));
  CHECK(std::ranges::all_of(
      script, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  CHECK_FALSE(contains(script, "<"));
  const Json data = data_of(script);
  CHECK(data["catalog"] == names[1]);
  const Json& files = data["groups"][0]["files"];
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(files[i]["path"] == names[i]);
    CHECK_FALSE(files[i].contains("path_bytes"));
    CHECK(files[i]["camera_model"] == names[0]);
  }
}

TEST_CASE("page: a path that is no text is there by its bytes") {
  const Json data = data_of(script_of(report_of({"/a", "/\xff<\xc3("})));
  const Json& file = data["groups"][0]["files"][1];
  CHECK(file["path"] == "/\xef\xbf\xbd<\xef\xbf\xbd(");
  CHECK(file["path_bytes"] == "L/88wyg=");
  CHECK(file["url"] == "file:///%FF%3C%C3%28");
}

TEST_CASE("page: URLs of files") {
  CHECK(file_url("/a/b-c_d.e~f") == "file:///a/b-c_d.e~f");
  CHECK(file_url("/%2e?#&\"' :\\") == "file:///%252e%3F%23%26%22%27%20%3A%5C");
  CHECK(file_url("/\n\xe2\x80\xa8") == "file:///%0A%E2%80%A8");
}

TEST_CASE("page: what a file says of itself, and no more") {
  Report report = report_of({"/a", "/b", "/c"});
  report.grouping.groups[0].members[1].is_reference = true;
  report.grouping.groups[0].members[2].evidence = {
      MatchKind::similar,
      {3, 2, 1},
      0.5,
      6,
      static_cast<std::uint8_t>(Difference::crop)};
  const Json data = data_of(script_of(report));
  CHECK(data["schema"] == "vam-analyze-page/1");
  CHECK(data["groups"][0]["keep_reason"] == "oldest file");
  const Json& files = data["groups"][0]["files"];
  CHECK(files[0]["is_keeper"] == true);
  CHECK_FALSE(files[0].contains("redundant"));
  CHECK_FALSE(files[0].contains("hashes"));
  CHECK_FALSE(files[0].contains("taken_at"));
  CHECK(files[0]["thumbnail"] ==
        ".thumbs/99aa06d3014798d86001c324468d497f-1.jpg");
  CHECK(files[1]["is_reference"] == true);
  CHECK_FALSE(files[1].contains("redundant"));
  CHECK(files[2]["redundant"] == true);
  CHECK_FALSE(files[2].contains("sure"));
  CHECK(files[2]["distance"] ==
        Json({{"dhash", 3}, {"ahash", 2}, {"whash", 1}}));
  CHECK(files[2]["differences"] == Json::array({"crop"}));
  CHECK_FALSE(
      data_of(script_of(report, false))["groups"][0]["files"][0].contains(
          "thumbnail"));
}

TEST_CASE("page: no groups are a page, too") {
  CHECK(data_of(script_of(report_of({})))["groups"] == Json::array());
}

TEST_CASE("page: every built-in file is marked, and index.html names all") {
  REQUIRE(page_files().size() > 3);
  const std::string index(page_files().front().content);
  CHECK(page_files().front().name == "index.html");
  std::set<std::string_view> names;
  for (const PageFile& file : page_files()) {
    CHECK(names.insert(file.name).second);
    CHECK(file.content.substr(0, 128).find(kPageMark) !=
          std::string_view::npos);
    if (file.name != "index.html") {
      CHECK(contains(index, "\"" + std::string(file.name) + "\""));
    }
  }
  CHECK(contains(index, "default-src 'none'"));
  CHECK_FALSE(contains(index, "unsafe"));
  CHECK_FALSE(contains(index, "http:"));
  CHECK_FALSE(contains(index, "https:"));
}

TEST_CASE("page: the folder is made, and written again") {
  const TempFolder folder;
  const std::string path = (folder / "new/page/").string();
  const Report report = report_of({"/a", "/b"});
  const std::vector<std::byte> jpeg(10, std::byte{1});
  {
    PageFolder page(path, {});
    CHECK(page.index_file() == (folder / "new/page/index.html").string());
    CHECK_FALSE(page.has_thumbnail(report.pictures[0].digest));
    page.add_thumbnail(report.pictures[0].digest, jpeg);
    CHECK(page.has_thumbnail(report.pictures[0].digest));
    CHECK_FALSE(fs::exists(path + "data.js"));
    page.write(report);
    CHECK(contains(refusal_of(path), "another run"));
  }
  CHECK(fs::file_size(path + "data.js") > 100);
  PageFolder page(path, {});
  CHECK(page.has_thumbnail(report.pictures[0].digest));
  page.write(report);
  for (const auto& entry : fs::recursive_directory_iterator(folder.path)) {
    CHECK_FALSE(entry.path().filename().string().starts_with(".vam-page-"));
  }
}

TEST_CASE("page: folders of others are refused") {
  const TempFolder folder;
  folder.write("mine/notes.txt", "mine");
  CHECK(contains(refusal_of(folder / "mine"), "not empty"));
  CHECK(contains(refusal_of(folder / "mine/notes.txt"), "notes.txt"));
  folder.write("web/index.html", "<!doctype html><title>mine</title>");
  CHECK(contains(refusal_of(folder / "web"), "no part of a page"));
  fs::create_directory(folder / "empty");
  CHECK(refusal_of(folder / "empty").empty());
  // What a run left that was killed early on.
  folder.write("killed/.vam-page-index.html", "<!doct");
  CHECK(refusal_of(folder / "killed").empty());
}

TEST_CASE("page: sources are refused, their neighbours are not") {
  const TempFolder folder;
  const std::string source = (folder / "photos").string();
  fs::create_directory(source);
  for (const char* const name :
       {"photos", "photos/", "photos/new", "photos/a/b", "photos/../photos/x",
        "./photos/."}) {
    CHECK(contains(refusal_of(folder / name, {source}), "source"));
  }
  fs::create_directory_symlink(source, folder / "link");
  CHECK(contains(refusal_of(folder / "link/page", {source}), "source"));
  CHECK(contains(refusal_of(folder / "page", {"/"}), "source"));
  CHECK(fs::is_empty(source));
  CHECK(refusal_of(folder / "photos2", {source}).empty());
}

TEST_CASE("page: links in the folder lead nowhere") {
  const TempFolder folder;
  const auto mine = folder.write("mine/notes.txt", "mine");
  const std::string path = (folder / "page").string();
  CHECK(refusal_of(path).empty());
  fs::create_symlink(mine, folder / "page/data.js");
  CHECK(contains(refusal_of(path), "data.js"));
  fs::remove(folder / "page/data.js");
  // Under the temporary name it is in the way, and is replaced.
  fs::create_symlink(mine, folder / "page/.vam-page-data.js");
  PageFolder(path, {}).write(report_of({}));
  fs::remove_all(folder / "page/.thumbs");
  fs::create_directory_symlink(folder / "mine", folder / "page/.thumbs");
  CHECK(contains(refusal_of(path), ".thumbs"));
  CHECK(fs::file_size(mine) == 4);
}
