// What the queue of every catalog backend has to do, whoever else takes from
// it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "catalog_suite.hpp"

namespace queue_suite {

using namespace catalog_suite;

inline const Digest kJobKey = digest_of_text("a job");

inline std::vector<QueuedFile> files_of(SourceId source, int count) {
  std::vector<QueuedFile> files;
  for (int n = 0; n < count; ++n) {
    files.push_back(
        {source, "photo-" + std::to_string(n), 1000, 5, 42, std::nullopt});
  }
  return files;
}

/// A job of so many files, which others can join.
inline void begin_job(Catalog& catalog, int count) {
  catalog.work_queue().join(kJobKey, "decoders", [&] {
    return files_of(catalog.add_source("/photos"), count);
  });
}

inline ChunkResult result_of(const Chunk& chunk) {
  ChunkResult result;
  result.bytes_read = 10;
  for (const QueuedFile& file : chunk.files) {
    const FileRecord record = make_file(file.path);
    result.learned.files.push_back({file.source, record});
    result.learned.pictures.push_back(make_picture(file.path));
    result.learned.sketches.push_back(make_sketch(file.path));
    result.outcomes.push_back({file, record.digest, true});
  }
  return result;
}

inline std::vector<std::string> paths_of(const JobResult& result) {
  std::vector<std::string> paths;
  for (const QueuedOutcome& outcome : result.outcomes) {
    paths.push_back(outcome.file.path);
  }
  std::ranges::sort(paths);
  return paths;
}

inline std::vector<Digest> units_named(int begin, int end) {
  std::vector<Digest> units;
  for (int n = begin; n < end; ++n) {
    units.push_back(digest_of_text("unit " + std::to_string(n)));
  }
  return units;
}

/// The search of `catalog`, in which so many units have been asked.
inline SearchQueue& asking(Catalog& catalog, int units) {
  SearchQueue& search = catalog.work_queue().search();
  search.join(digest_of_text("a search"));
  search.ask(units_named(0, units));
  return search;
}

inline std::vector<std::size_t> places_of(const UnitLease& lease) {
  std::vector<std::size_t> places;
  for (const UnitLease::Unit& unit : lease.units) places.push_back(unit.place);
  return places;
}

/// The answers to these, "place: answer".
inline std::vector<std::string> answers_of(
    SearchQueue& search, const std::vector<std::size_t>& places) {
  std::vector<std::string> texts;
  for (const UnitAnswer& answer : search.answers(places)) {
    texts.push_back(std::to_string(answer.place) + ": " + answer.answer);
  }
  return texts;
}

inline void test_work(const OpenCatalog& open) {
  const auto catalog = open();
  WorkQueue& queue = catalog->work_queue();
  SECTION("files are handed out once, in order, and what came of them kept") {
    begin_job(*catalog, 300);
    std::vector<std::string> seen;
    std::uint64_t chunks = 0;
    while (const auto chunk = queue.take()) {
      ++chunks;
      for (const QueuedFile& file : chunk->files) seen.push_back(file.path);
      CHECK_FALSE(queue.is_done());
      CHECK(queue.complete(*chunk, result_of(*chunk)));
    }
    std::vector<std::string> expected;
    for (const QueuedFile& file : files_of(1, 300)) {
      expected.push_back(file.path);
    }
    CHECK(seen == expected);
    CHECK(queue.is_done());
    const JobResult result = queue.result();
    std::ranges::sort(expected);
    CHECK(paths_of(result) == expected);
    CHECK(result.bytes_read == 10 * chunks);
    CHECK(catalog->pictures().size() == 300);
    CHECK(catalog->files(catalog->sources().at(0).id).size() == 300);
  }
  SECTION("who comes after the end begins a new job") {
    begin_job(*catalog, 0);
    CHECK_FALSE(queue.take().has_value());
    CHECK(queue.is_done());
    CHECK(queue.result().outcomes.empty());
    begin_job(*catalog, 1);
    CHECK_FALSE(queue.is_done());
    CHECK(queue.take().has_value());
  }
  SECTION("what is given back can be taken at once, and a late result not") {
    begin_job(*catalog, 5);
    const auto chunk = queue.take();
    REQUIRE(chunk);
    queue.give_back(*chunk);
    CHECK_FALSE(queue.complete(*chunk, result_of(*chunk)));
    const auto again = queue.take();
    REQUIRE(again);
    CHECK(again->files.size() == 5);
    CHECK_FALSE(queue.complete(*chunk, result_of(*chunk)));
    queue.give_back(*chunk);  // not its own any more
    CHECK_FALSE(queue.take().has_value());
    CHECK(catalog->pictures().empty());
    CHECK(queue.complete(*again, result_of(*again)));
    CHECK(queue.is_done());
  }
  SECTION("results and the end of a chunk are one") {
    begin_job(*catalog, 2);
    const auto chunk = queue.take();
    REQUIRE(chunk);
    ChunkResult bad = result_of(*chunk);
    bad.learned.files.back().source += 100;
    CHECK_THROWS_AS(queue.complete(*chunk, bad), FatalError);
    CHECK(catalog->pictures().empty());
    CHECK_FALSE(queue.is_done());
    CHECK(queue.complete(*chunk, result_of(*chunk)));
    // The answer may have been lost: it is asked again.
    CHECK(queue.complete(*chunk, result_of(*chunk)));
    CHECK(queue.is_done());
    CHECK(queue.result().outcomes.size() == 2);
  }
  SECTION("files may be moved into what came of them") {
    begin_job(*catalog, 2);
    auto chunk = queue.take();
    REQUIRE(chunk);
    const ChunkResult result = result_of(*chunk);
    chunk->files.clear();
    CHECK(queue.complete(*chunk, result));
    CHECK(paths_of(queue.result()) ==
          std::vector<std::string>{"photo-0", "photo-1"});
  }
}

inline void test_search(const OpenCatalog& open) {
  const auto catalog = open();
  SECTION("units are handed out once, and answers kept") {
    SearchQueue& search = asking(*catalog, 5);
    const auto taken = search.take(5, 2);
    REQUIRE(taken);
    CHECK(places_of(*taken) == std::vector<std::size_t>{0, 1});
    CHECK(taken->others == 0);
    const auto rest = search.take(4, 9);
    REQUIRE(rest);
    CHECK(places_of(*rest) == std::vector<std::size_t>{2, 3});
    CHECK_FALSE(search.take(4, 1).has_value());
    const std::string any_bytes("a\0\xff", 3);
    CHECK(answers_of(search, {0, 1, 2, 3, 4}).empty());
    CHECK(search.answer(*taken, 0, "zero"));
    CHECK(search.answer(*taken, 1, any_bytes));
    CHECK(search.answer(*rest, 0, ""));
    CHECK(answers_of(search, {0, 1, 2, 3, 4}) ==
          std::vector<std::string>{"0: zero", "1: " + any_bytes, "2: "});
    CHECK(answers_of(search, {1}) ==
          std::vector<std::string>{"1: " + any_bytes});
  }
  SECTION("units that are given back can be taken at once") {
    SearchQueue& search = asking(*catalog, 4);
    const auto lease = search.take(4, 3);
    REQUIRE(lease);
    CHECK(search.answer(*lease, 0, "answer"));
    search.give_back(*lease);
    CHECK_FALSE(search.answer(*lease, 1, "late"));
    const auto again = search.take(4, 4);
    REQUIRE(again);
    CHECK(places_of(*again) == std::vector<std::size_t>{1, 2, 3});
    CHECK_FALSE(search.answer(*lease, 1, "late"));
    CHECK(answers_of(search, {0, 1, 2, 3}) ==
          std::vector<std::string>{"0: answer"});
  }
  SECTION("the next units are those that are asked next") {
    SearchQueue& search = asking(*catalog, 2);
    const auto lease = search.take(2, 2);
    REQUIRE(lease);
    CHECK(search.answer(*lease, 0, "answer"));
    CHECK(search.answer(*lease, 1, "answer"));
    CHECK_FALSE(search.ask(units_named(7, 10)));
    CHECK(answers_of(search, {0, 1, 2}).empty());
    const auto next = search.take(3, 9);
    REQUIRE(next);
    CHECK(places_of(*next) == std::vector<std::size_t>{0, 1, 2});
  }
}

/// To be called from a TEST_CASE.
inline void test_queue(const OpenCatalog& open) {
  SECTION("work") { test_work(open); }
  SECTION("search") { test_search(open); }
}

}  // namespace queue_suite
