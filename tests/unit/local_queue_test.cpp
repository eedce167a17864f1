#include "catalog/local_queue.hpp"

#include "queue_suite.hpp"
#include "temp_folder.hpp"

using namespace vam;
using namespace queue_suite;

TEST_CASE("local queue: SQLite hands out work as every backend does") {
  const TempFolder folder;
  test_queue([&] { return open_catalog(folder / "catalog"); });
  CHECK_FALSE(open_catalog(folder / "catalog")->is_shared());
}

TEST_CASE("local queue: all files are one chunk, each time it is handed out") {
  const TempFolder folder;
  const auto catalog = open_catalog(folder / "catalog");
  WorkQueue& queue = catalog->work_queue();
  CHECK(queue.is_done());
  CHECK_FALSE(queue.take().has_value());
  begin_job(*catalog, 1000);
  auto chunk = queue.take();
  REQUIRE(chunk);
  CHECK(chunk->files.size() == 1000);
  queue.give_back(*chunk);
  const auto again = queue.take();
  REQUIRE(again);
  REQUIRE(again->files.size() == 1000);
  CHECK(again->files.back().path == "photo-999");
}

TEST_CASE("local queue: nobody else is there whose job could be joined") {
  const TempFolder folder;
  const auto catalog = open_catalog(folder / "catalog");
  WorkQueue& queue = catalog->work_queue();
  begin_job(*catalog, 3);
  const auto left = queue.take();
  REQUIRE(left);
  begin_job(*catalog, 2);
  CHECK_FALSE(queue.complete(*left, result_of(*left)));
  queue.give_back(*left);
  const auto chunk = queue.take();
  REQUIRE(chunk);
  CHECK(chunk->files.size() == 2);
  CHECK(queue.complete(*chunk, result_of(*chunk)));
  CHECK(queue.result().outcomes.size() == 2);
  CHECK(catalog->pictures().size() == 2);
}

TEST_CASE("local queue: what was learned otherwise is not stored again") {
  const TempFolder folder;
  const auto catalog = open_catalog(folder / "catalog");
  begin_job(*catalog, 1);
  const auto chunk = catalog->work_queue().take();
  REQUIRE(chunk);
  ChunkResult result = result_of(*chunk);
  result.learned = {};
  CHECK(catalog->work_queue().complete(*chunk, result));
  CHECK(catalog->pictures().empty());
  CHECK(catalog->work_queue().result().outcomes.size() == 1);
}

TEST_CASE("local queue: only the units that were asked last are remembered") {
  LocalSearch search;
  search.ask(units_named(0, 2));
  const auto lease = search.take(2, 2);
  REQUIRE(lease);
  CHECK(search.answer(*lease, 0, "answer"));
  CHECK_FALSE(search.ask(units_named(0, 1)));
  CHECK(answers_of(search, {0}).empty());
  const auto next = search.take(1, 1);
  REQUIRE(next);
  CHECK(next->others == 0);
  CHECK_FALSE(search.answer(*lease, 0, "late"));
  CHECK_FALSE(search.answer(*lease, 1, "late"));
  search.give_back(*lease);
  CHECK_FALSE(search.take(1, 1).has_value());
  search.join(digest_of_text("another search"));
  CHECK_FALSE(search.take(1, 1).has_value());
}
