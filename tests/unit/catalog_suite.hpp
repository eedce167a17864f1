// What every catalog backend has to do, whatever it stores its rows in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "vam/catalog.hpp"

namespace catalog_suite {

using namespace vam;

/// Opens the same catalog each time; empty at first.
using OpenCatalog = std::function<std::unique_ptr<Catalog>()>;

inline Digest digest_of_text(std::string_view text) {
  return digest_of(std::as_bytes(std::span(text)));
}

inline FileRecord make_file(const std::string& path) {
  return {path, 1000 + path.size(), 1'700'000'000'123'456'789, 42,
          digest_of_text(path)};
}

inline Picture make_picture(std::string_view content) {
  const Digest digest = digest_of_text(content);
  Fingerprint fingerprint;
  fingerprint.hashes = {DigestHash{}(digest), ~DigestHash{}(digest), 7};
  fingerprint.detail = 33;
  return {digest,
          {Format::jpeg, 4000, 3000, 6, "2024-07-14T12:30:00", PhotoMetadata{},
           DcSteps{3, std::uint64_t{1} << 63U | 0x310}},
          fingerprint};
}

inline Thumbnail make_thumbnail(std::string_view content) {
  Thumbnail thumbnail;
  const auto fill = [&](auto& plane, unsigned step) {
    for (std::size_t i = 0; i < plane.size(); ++i) {
      plane[i] = static_cast<std::uint8_t>(i * step + content.size());
    }
  };
  fill(thumbnail.luma, 7);
  fill(thumbnail.blue, 3);
  fill(thumbnail.red, 5);
  return thumbnail;
}

inline PictureSketch make_sketch(std::string_view content) {
  return {digest_of_text(content), {make_thumbnail(content), {}}};
}

inline Picture make_failed_picture(std::string_view content, Error error) {
  return {digest_of_text(content),
          {Format::png, 10, 20, kUpright, ""},
          tl::unexpected(std::move(error))};
}

inline void check_same(const FileRecord& a, const FileRecord& b) {
  CHECK(a.path == b.path);
  CHECK(a.size_bytes == b.size_bytes);
  CHECK(a.mtime_ns == b.mtime_ns);
  CHECK(a.inode == b.inode);
  CHECK(a.digest == b.digest);
  CHECK(a.held_before == b.held_before);
}

inline void check_same(const Picture& a, const Picture& b) {
  CHECK(a.digest == b.digest);
  CHECK((a.info == b.info));
  CHECK((a.look == b.look));
}

template <class T>
void check_same(const std::vector<T>& a, const std::vector<T>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) check_same(a[i], b[i]);
}

/// Stores these and gives them back as a catalog of its own would.
inline std::vector<FileRecord> store_and_reopen(
    const OpenCatalog& open, const std::vector<FileRecord>& files) {
  auto catalog = open();
  const SourceId source = catalog->add_source("/photos");
  CatalogBatch batch;
  for (const FileRecord& file : files) batch.files.push_back({source, file});
  catalog->store(batch);
  catalog.reset();
  return open()->files(source);
}

inline std::vector<Picture> store_and_reopen(
    const OpenCatalog& open, const std::vector<Picture>& pictures) {
  CatalogBatch batch = {{}, pictures};
  for (const Picture& picture : pictures) {
    if (!picture.look) continue;
    batch.sketches.push_back({picture.digest, {make_thumbnail(""), {}}});
  }
  open()->store(batch);
  return open()->pictures();
}

inline void test_sources(const OpenCatalog& open) {
  SECTION("sources keep their order and ids") {
    const std::string odd = "/z/\xFF\xFE new\nline";
    auto catalog = open();
    CHECK(catalog->sources().empty());
    const SourceId first = catalog->add_source(odd);
    const SourceId second = catalog->add_source("/a");
    CHECK(first != second);
    CHECK(catalog->add_source(odd) == first);
    catalog.reset();
    catalog = open();
    const auto sources = catalog->sources();
    REQUIRE(sources.size() == 2);
    CHECK(sources[0].root == odd);
    CHECK(sources[0].id == first);
    CHECK(sources[1].root == "/a");
    CHECK(catalog->add_source("/a") == second);
  }
  SECTION("the same path in two sources is two files") {
    auto catalog = open();
    const SourceId first = catalog->add_source("/1");
    const SourceId second = catalog->add_source("/2");
    FileRecord other = make_file("a.jpg");
    other.inode = 77;
    catalog->store({{{first, make_file("a.jpg")}, {second, other}}, {}});
    check_same(catalog->files(first), {make_file("a.jpg")});
    check_same(catalog->files(second), {other});
    CHECK(catalog->files(first + second + 1).empty());
  }
}

/// A file as a source says that leads to it by another path.
inline FileRecord at(const std::string& path, FileRecord file) {
  file.path = path;
  return file;
}

/// Sources that lie within each other. Files have the names that the outermost
/// one gives them.
inline void test_overlaps(const OpenCatalog& open) {
  auto catalog = open();
  const SourceId outer = catalog->add_source("/photos");
  const SourceId inner = catalog->add_source("/photos/a");
  const SourceId beside = catalog->add_source("/photos/a b");
  const SourceId all = catalog->add_source("/");
  const FileRecord x = make_file("a/x");
  const FileRecord y = make_file("a/y");
  const FileRecord z = make_file("a b/z");

  SECTION("each source gives out what any of them knows") {
    catalog->store(
        {{{outer, x}, {inner, at("y", y)}, {beside, at("z", z)}}, {}});
    check_same(catalog->files(outer), {z, x, y});
    check_same(catalog->files(inner), {at("x", x), at("y", y)});
    check_same(catalog->files(beside), {at("z", z)});
    check_same(catalog->files(all), {at("photos/a b/z", z), at("photos/a/x", x),
                                     at("photos/a/y", y)});
  }
  SECTION("what is stored by one path replaces what another one led to") {
    FileRecord changed = x;
    changed.digest = digest_of_text("changed");
    catalog->store({{{inner, at("x", x)}, {outer, y}}, {}});
    catalog->store({{{outer, changed}, {all, at("photos/a/y", y)}}, {}});
    check_same(catalog->files(inner), {at("x", changed), at("y", y)});
    changed.held_before = x.digest;
    catalog->store({{{inner, at("x", changed)}}, {}});
    check_same(catalog->files(outer), {changed, y});
    check_same(catalog->rotten_files(), {at("x", changed)});
    catalog->store({{{outer, x}}, {}});
    check_same(catalog->files(inner), {at("x", x), at("y", y)});
    CHECK(catalog->rotten_files().empty());
  }
  SECTION("what is removed by one path is gone by all") {
    catalog->store({{{inner, at("x", x)}, {outer, y}}, {}});
    catalog->remove_files(outer, std::vector<std::string>{"a/x"});
    catalog->remove_files(inner, std::vector<std::string>{"y"});
    for (const SourceId source : {outer, inner, beside, all}) {
      CHECK(catalog->files(source).empty());
    }
  }
  SECTION("a name that only begins like a source is no file of it") {
    catalog->store(
        {{{outer, make_file("a.jpg")}, {outer, make_file("a0")}}, {}});
    CHECK(catalog->files(inner).empty());
    CHECK(catalog->files(beside).empty());
  }
}

inline void test_files(const OpenCatalog& open) {
  SECTION("files come sorted by the bytes of their paths") {
    const auto files = store_and_reopen(
        open, {make_file("b"), make_file("a/b"), make_file("\xFF"),
               make_file("B"), make_file("a"), make_file("a b"),
               make_file("\xC3\xA4"), make_file("a.b")});
    check_same(files, {make_file("B"), make_file("a"), make_file("a b"),
                       make_file("a.b"), make_file("a/b"), make_file("b"),
                       make_file("\xC3\xA4"), make_file("\xFF")});
  }
  SECTION("paths are raw bytes of any length") {
    const std::string odd = "it's \"50%\"; \\ \x01\n\t\xF0\x28\x8C\xBC";
    const std::string lengthy(10'000, 'x');
    check_same(store_and_reopen(open, {make_file(odd), make_file(lengthy)}),
               {make_file(odd), make_file(lengthy)});
  }
  SECTION("the largest and smallest values survive") {
    FileRecord low = make_file("low");
    low.size_bytes = 0;
    low.mtime_ns = std::numeric_limits<std::int64_t>::min();
    low.inode = 0;
    low.digest = Digest{};
    FileRecord top = make_file("top");
    top.size_bytes = std::numeric_limits<std::int64_t>::max();
    top.mtime_ns = std::numeric_limits<std::int64_t>::max();
    top.inode = std::numeric_limits<std::uint64_t>::max();
    top.digest.bytes.fill(0xFF);
    check_same(store_and_reopen(open, {low, top}), {low, top});
  }
  SECTION("a file that changed replaces the old record") {
    FileRecord changed = make_file("a.jpg");
    store_and_reopen(open, {changed, make_file("b.jpg")});
    changed.size_bytes = 5;
    changed.mtime_ns = -6;
    changed.inode = 7;
    changed.digest = digest_of_text("new");
    check_same(store_and_reopen(open, {changed}),
               {changed, make_file("b.jpg")});
  }
  SECTION("what a file held before it rotted survives, and can go") {
    FileRecord rotten = make_file("a.jpg");
    rotten.held_before = digest_of_text("whole");
    check_same(store_and_reopen(open, {rotten, make_file("b.jpg")}),
               {rotten, make_file("b.jpg")});
    check_same(open()->rotten_files(), {rotten});
    check_same(store_and_reopen(open, {make_file("a.jpg")}),
               {make_file("a.jpg"), make_file("b.jpg")});
    CHECK(open()->rotten_files().empty());
  }
}

inline void test_pictures(const OpenCatalog& open) {
  SECTION("pictures come sorted by digest") {
    std::vector<Picture> pictures;
    for (int i = 0; i < 300; ++i) {
      pictures.push_back(make_picture(std::to_string(i)));
    }
    const auto stored = store_and_reopen(open, pictures);
    std::ranges::sort(pictures, {}, &Picture::digest);
    check_same(stored, pictures);
  }
  SECTION("every bit of a hash survives") {
    for (const Hash hash :
         {Hash{0}, Hash{1}, Hash{1} << 63, ~Hash{0}, (Hash{1} << 63) - 1}) {
      Picture picture = make_picture("a");
      picture.look->hashes = {hash, ~hash, hash ^ 5};
      picture.look->detail = 64;
      check_same(store_and_reopen(open, {picture}), {picture});
    }
  }
  SECTION("all that a file says about its picture survives") {
    Picture picture = make_picture("a");
    for (int format = 0; format <= static_cast<int>(Format::raw); ++format) {
      picture.info.format = static_cast<Format>(format);
      picture.info.orientation = static_cast<Orientation>(format % 8 + 1);
      check_same(store_and_reopen(open, {picture}), {picture});
    }
    picture.info.width = std::numeric_limits<std::uint32_t>::max();
    picture.info.height = 0;
    picture.info.taken_at = "2024-02-29T23:59:60.123456+05:30";
    check_same(store_and_reopen(open, {picture}), {picture});
    picture.info.taken_at.clear();
    check_same(store_and_reopen(open, {picture}), {picture});
  }
  SECTION("metadata survive, and go when the file no longer has them") {
    Picture picture = make_picture("a");
    picture.info.metadata = {"Make", std::string(kMaxMetadataText, 'x'), "'",
                             GeoPosition{-33.8567994, 151.2002083}, 5};
    check_same(store_and_reopen(open, {picture}), {picture});
    picture.info.metadata.gps = GeoPosition{90, -180};
    picture.info.metadata.rating = 0;
    check_same(store_and_reopen(open, {picture}), {picture});
    picture.info.metadata = {};
    check_same(store_and_reopen(open, {picture}), {picture});
    Picture failed = make_failed_picture("b", {ErrorCode::corrupt, "x"});
    failed.info.metadata.camera_make = "Make";
    store_and_reopen(open, {failed});
    check_same(open()->pictures().at(picture.digest < failed.digest), failed);
  }
  SECTION("a picture that cannot be decoded is remembered with its reason") {
    for (int code = 1; code <= static_cast<int>(ErrorCode::timeout); ++code) {
      if (to_string(static_cast<ErrorCode>(code)) == "unknown") continue;
      const Picture picture = make_failed_picture(
          "a", {static_cast<ErrorCode>(code), "odd \xFF 'quoted' \n bytes"});
      check_same(store_and_reopen(open, {picture}), {picture});
    }
    const Picture silent =
        make_failed_picture("a", {ErrorCode::unsupported, ""});
    check_same(store_and_reopen(open, {silent}), {silent});
  }
  SECTION("a picture can turn from an error into a fingerprint and back") {
    const Picture bad = make_failed_picture("a", {ErrorCode::corrupt, "x"});
    store_and_reopen(open, {bad, make_picture("b")});
    auto stored = store_and_reopen(open, {make_picture("a")});
    CHECK(stored.size() == 2);
    stored = store_and_reopen(open, {bad, make_picture("b")});
    std::vector<Picture> expected = {bad, make_picture("b")};
    std::ranges::sort(expected, {}, &Picture::digest);
    check_same(stored, expected);
  }
}

inline void test_removal(const OpenCatalog& open) {
  auto catalog = open();
  const SourceId source = catalog->add_source("/photos");
  const SourceId other = catalog->add_source("/other");
  catalog->store({{{source, make_file("a")},
                   {source, make_file("b")},
                   {source, make_file("c")},
                   {other, make_file("a")}},
                  {make_picture("a"), make_picture("b"), make_picture("c")},
                  {make_sketch("a"), make_sketch("b"), make_sketch("c")}});
  SECTION("an empty batch changes nothing") {
    catalog->store({});
    catalog->remove_files(source, {});
    CHECK(catalog->files(source).size() == 3);
    CHECK(catalog->pictures().size() == 3);
  }
  SECTION("removed files are gone, pictures stay") {
    const std::vector<std::string> paths = {"a", "c", "never seen"};
    catalog->remove_files(source, paths);
    check_same(catalog->files(source), {make_file("b")});
    check_same(catalog->files(other), {make_file("a")});
    CHECK(catalog->pictures().size() == 3);
  }
  SECTION("only pictures that no file holds are unused") {
    CHECK(catalog->remove_unused_pictures() == 0);
    const std::vector<std::string> paths = {"a", "b"};
    catalog->remove_files(source, paths);
    CHECK(catalog->remove_unused_pictures() == 1);
    CHECK(catalog->pictures().size() == 2);  // other/a, c
    CHECK(catalog->remove_unused_pictures() == 0);
  }
  SECTION("a removed source takes its files along") {
    catalog->remove_source(source);
    catalog->remove_source(12345);
    CHECK(catalog->files(source).empty());
    REQUIRE(catalog->sources().size() == 1);
    CHECK(catalog->sources()[0].id == other);
    check_same(catalog->files(other), {make_file("a")});
    CHECK(catalog->remove_unused_pictures() == 2);
  }
  SECTION("a cleared catalog is empty and works") {
    catalog->clear();
    CHECK(catalog->sources().empty());
    CHECK(catalog->files(source).empty());
    CHECK(catalog->pictures().empty());
    const SourceId again = catalog->add_source("/photos");
    catalog->store(
        {{{again, make_file("a")}}, {make_picture("a")}, {make_sketch("a")}});
    catalog.reset();
    catalog = open();
    CHECK(catalog->sources().size() == 1);
    check_same(catalog->files(again), {make_file("a")});
    check_same(catalog->pictures(), {make_picture("a")});
  }
}

inline void test_sketches(const OpenCatalog& open) {
  const std::array digests = {digest_of_text("none"),
                              digest_of_text("bordered"),
                              digest_of_text("plain")};
  PictureSketch bordered = make_sketch("bordered");
  bordered.sketch.content =
      std::make_shared<Thumbnail>(make_thumbnail("within"));
  const CatalogBatch batch = {{},
                              {make_picture("plain"), make_picture("bordered")},
                              {make_sketch("plain"), bordered}};

  SECTION("sketches come in the order in which they are asked for") {
    open()->store(batch);
    const auto sketches = open()->sketches(digests);
    REQUIRE(sketches.size() == 3);
    CHECK_FALSE(sketches[0].has_value());
    CHECK((sketches[1] == bordered.sketch));
    CHECK((sketches[2] == make_sketch("plain").sketch));
  }
  SECTION("a sketch replaces the one before") {
    open()->store(batch);
    PictureSketch other = make_sketch("plain");
    other.sketch.whole.luma.fill(9);
    open()->store({{}, {}, {other}});
    CHECK((open()->sketches(digests)[2] == other.sketch));
  }
  SECTION("a sketch without its picture is not kept") {
    open()->store({{}, {}, {bordered}});
    CHECK_FALSE(open()->sketches(digests)[1].has_value());
  }
  SECTION("a picture is not given out before its sketch is there") {
    open()->store({{}, {make_picture("plain")}});
    CHECK(open()->pictures().empty());
    open()->store({{}, {}, {make_sketch("plain")}});
    check_same(open()->pictures(), {make_picture("plain")});
  }
  SECTION("sketches go with their pictures") {
    open()->store(batch);
    CHECK(open()->remove_unused_pictures() == 2);
    CHECK_FALSE(open()->sketches(digests)[1].has_value());
    open()->store(batch);
    open()->clear();
    CHECK_FALSE(open()->sketches(digests)[1].has_value());
  }
}

inline void test_different_pairs(const OpenCatalog& open) {
  const Digest a = digest_of_text("a");
  const Digest b = digest_of_text("b");
  const Digest c = digest_of_text("c");
  SECTION("what was marked as different stays, each pair once, sorted") {
    auto catalog = open();
    CHECK(catalog->different_pairs().empty());
    catalog->mark_different({});
    catalog->mark_different(std::vector{different_pair(a, b)});
    catalog->mark_different(
        std::vector{different_pair(c, a), different_pair(b, a)});
    catalog.reset();
    std::vector expected = {different_pair(a, b), different_pair(a, c)};
    std::ranges::sort(expected);
    CHECK((open()->different_pairs() == expected));
  }
  SECTION("a mark can be taken back") {
    auto catalog = open();
    catalog->mark_different(
        std::vector{different_pair(a, b), different_pair(a, c)});
    CHECK(catalog->unmark_different({}) == 0);
    CHECK(catalog->unmark_different(
              std::vector{different_pair(b, a), different_pair(b, c)}) == 1);
    catalog.reset();
    CHECK((open()->different_pairs() == std::vector{different_pair(a, c)}));
  }
  SECTION("what was marked as different outlives files, pictures, clearing") {
    auto catalog = open();
    const SourceId source = catalog->add_source("/photos");
    catalog->store({{{source, make_file("a")}}, {make_picture("a")}});
    catalog->mark_different(std::vector{different_pair(a, b)});
    catalog->remove_source(source);
    catalog->remove_unused_pictures();
    CHECK(catalog->different_pairs().size() == 1);
    catalog->clear();
    catalog.reset();
    CHECK((open()->different_pairs() == std::vector{different_pair(a, b)}));
  }
}

inline void test_reported(const OpenCatalog& open) {
  const Reported first = {{{{"/photos/\xFF new\nline", digest_of_text("a")},
                            {"/photos/b", digest_of_text("a")}},
                           {{"/photos/c", digest_of_text("c")},
                            {"/photos/d", digest_of_text("d")},
                            {"/photos/c", digest_of_text("c")}}},
                          {{"/photos/cut", ErrorCode::truncated},
                           {"/photos/cut", ErrorCode::bit_rot}}};
  const Reported second = {
      {{{"/a", digest_of_text("a")}, {"/b", digest_of_text("b")}}},
      {{"/gone", ErrorCode::missing}}};
  SECTION("what was reported is what was last said to be") {
    auto catalog = open();
    CHECK((catalog->reported() == Reported{}));
    catalog->set_reported(first);
    catalog.reset();
    catalog = open();
    CHECK((catalog->reported() == first));
    catalog->set_reported(second);
    CHECK((catalog->reported() == second));
    catalog->set_reported({});
    CHECK((catalog->reported() == Reported{}));
  }
  SECTION("what was reported outlives files, pictures and clearing") {
    auto catalog = open();
    const SourceId source = catalog->add_source("/photos");
    catalog->set_reported(first);
    catalog->remove_source(source);
    catalog->remove_unused_pictures();
    catalog->clear();
    catalog.reset();
    CHECK((open()->reported() == first));
  }
}

inline void test_failed_batch(const OpenCatalog& open) {
  SECTION("a batch that fails leaves nothing behind") {
    auto catalog = open();
    const SourceId source = catalog->add_source("/photos");
    const CatalogBatch bad = {
        {{source, make_file("a")}, {source + 100, make_file("b")}},
        {make_picture("a")}};
    CHECK_THROWS_AS(catalog->store(bad), FatalError);
    CHECK(catalog->files(source).empty());
    CHECK(catalog->pictures().empty());
    catalog->store({{{source, make_file("a")}}, {make_picture("a")}});
    CHECK(catalog->files(source).size() == 1);
  }
}

/// To be called from a TEST_CASE.
inline void test_backend(const OpenCatalog& open) {
  test_sources(open);
  test_files(open);
  test_pictures(open);
  SECTION("removal") { test_removal(open); }
  SECTION("overlaps") { test_overlaps(open); }
  test_sketches(open);
  test_different_pairs(open);
  test_reported(open);
  test_failed_batch(open);
}

}  // namespace catalog_suite
