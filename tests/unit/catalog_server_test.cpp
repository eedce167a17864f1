// A catalog on the PostgreSQL server whose address is in VAM_TEST_SERVER: all
// that lies in its schema `vam` is thrown away. Run by a script that starts
// one.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "catalog_suite.hpp"
#include "queue_suite.hpp"

#if VAM_POSTGRES_BUILT
#include "catalog/postgres_connection.hpp"
#include "catalog/postgres_schema.hpp"
#include "catalog/postgres_session.hpp"
#include "catalog/rows.hpp"
#include "vam/search.hpp"

using namespace vam;
using namespace catalog_suite;
using namespace queue_suite;

namespace {

std::string server() {
  const char* const address = std::getenv("VAM_TEST_SERVER");
  REQUIRE(address != nullptr);
  return address;
}

void run_sql(const std::string& sql) { PostgresConnection(server()).run(sql); }

void begin_anew() { run_sql("DROP SCHEMA IF EXISTS vam CASCADE"); }

std::unique_ptr<Catalog> open(std::chrono::seconds lease = {}) {
  CatalogAccess access;
  if (lease.count() > 0) access.lease = lease;
  return open_server_catalog(server(), {}, access);
}

/// Why an address is not taken.
std::string refusal_of(const std::string& address) {
  try {
    open_server_catalog(address, {});
  } catch (const FatalError& error) {
    return error.what();
  }
  return "it was taken";
}

/// As if its process had been silent for long.
void expire_leases() {
  run_sql("UPDATE vam.chunk SET expires = now() - interval '1 hour'");
}

/// The same, and nobody had come for as long.
void leave_behind() {
  expire_leases();
  run_sql("UPDATE vam.job SET joined = now() - interval '1 hour'");
}

void join_job(Catalog& catalog) {
  catalog.work_queue().join(kJobKey, "decoders", []() {
    FAIL("it has been begun");
    return std::vector<QueuedFile>();
  });
}

std::int64_t number_from(const std::string& sql) {
  std::int64_t number = -1;
  PostgresConnection(server()).query(
      sql, {}, [&](const Row& row) { number = row.integer(0).value_or(-1); });
  return number;
}

}  // namespace

TEST_CASE("catalog server: does what every backend does", "[.server]") {
  begin_anew();
  test_backend([] { return open(); });
}

TEST_CASE("catalog server: hands out work as every backend does", "[.server]") {
  begin_anew();
  test_queue([] { return open(); });
  CHECK(open()->is_shared());
}

TEST_CASE("catalog server: work is handed out once", "[.server]") {
  begin_anew();
  const auto first = open();
  const auto second = open();
  begin_job(*first, 300);
  join_job(*second);
  std::vector<std::string> seen;
  std::size_t chunks = 0;
  for (WorkQueue* queue : {&first->work_queue(), &second->work_queue(),
                           &first->work_queue(), &second->work_queue()}) {
    const auto chunk = queue->take();
    if (!chunk) continue;
    ++chunks;
    for (const QueuedFile& file : chunk->files) seen.push_back(file.path);
    CHECK_FALSE(queue->is_done());
    CHECK(queue->complete(*chunk, result_of(*chunk)));
  }
  CHECK(chunks == 3);
  std::ranges::sort(seen);
  CHECK(std::unique(seen.begin(), seen.end()) == seen.end());
  CHECK(seen.size() == 300);
  CHECK(second->work_queue().is_done());
  for (const auto& catalog : {&first, &second}) {
    const JobResult result = (*catalog)->work_queue().result();
    CHECK(result.outcomes.size() == 300);
    CHECK(result.bytes_read == 30);
  }
  CHECK(first->pictures().size() == 300);
  CHECK(first->files(first->sources().at(0).id).size() == 300);
}

TEST_CASE("catalog server: a late result is refused", "[.server]") {
  begin_anew();
  const auto slow = open();
  const auto quick = open();
  begin_job(*slow, 2);
  join_job(*quick);
  const auto taken = slow->work_queue().take();
  REQUIRE(taken);
  CHECK_FALSE(quick->work_queue().take().has_value());
  expire_leases();
  const auto again = quick->work_queue().take();
  REQUIRE(again);
  CHECK_FALSE(slow->work_queue().complete(*taken, result_of(*taken)));
  CHECK(slow->pictures().empty());
  slow->work_queue().give_back(*taken);  // not its own any more
  CHECK(quick->work_queue().complete(*again, result_of(*again)));
  CHECK(quick->pictures().size() == again->files.size());
}

TEST_CASE("catalog server: copies of what is not stored are refused",
          "[.server]") {
  begin_anew();
  const auto catalog = open();
  begin_job(*catalog, 2);
  const auto chunk = catalog->work_queue().take();
  REQUIRE(chunk);
  ChunkResult result = result_of(*chunk);
  result.learned.pictures.pop_back();
  result.learned.sketches.pop_back();
  result.outcomes.back().is_decoded = false;
  CHECK_FALSE(catalog->work_queue().complete(*chunk, result));
  const auto again = catalog->work_queue().take();
  REQUIRE(again);
  CHECK(catalog->work_queue().complete(*again, result_of(*again)));
  CHECK(catalog->work_queue().is_done());
  CHECK(catalog->work_queue().result().outcomes.size() == 2);
}

TEST_CASE("catalog server: a lease is kept while its process lives",
          "[.server]") {
  begin_anew();
  const auto worker = open(std::chrono::seconds(1));
  const auto other = open();
  begin_job(*worker, 1);
  join_job(*other);
  const auto chunk = worker->work_queue().take();
  REQUIRE(chunk);
  const auto renewals = [] {
    return number_from("SELECT count(*) FROM vam.chunk WHERE expires > now()");
  };
  // What has run out is renewed as long as nobody took it.
  expire_leases();
  for (int tries = 0; tries < 600 && renewals() == 0; ++tries) {
    run_sql("SELECT pg_sleep(0.1)");
  }
  CHECK(renewals() == 1);
  CHECK_FALSE(other->work_queue().take().has_value());
  CHECK(worker->work_queue().complete(*chunk, result_of(*chunk)));
}

TEST_CASE("catalog server: what could not be parted is given back",
          "[.server]") {
  begin_anew();
  const auto catalog = open();
  begin_job(*catalog, 3);
  REQUIRE(catalog->work_queue().take());
  run_sql(
      "CREATE FUNCTION vam.refuse() RETURNS trigger LANGUAGE plpgsql AS "
      "'BEGIN RAISE ''no room'' USING ERRCODE = ''53100''; END'; "
      "CREATE TRIGGER refuse BEFORE UPDATE ON vam.task "
      "EXECUTE FUNCTION vam.refuse()");
  expire_leases();
  CHECK_THROWS_AS(catalog->work_queue().take(), FatalError);
  CHECK_THROWS_AS(catalog->work_queue().take(), FatalError);
  CHECK(number_from("SELECT deaths::bigint FROM vam.chunk") == 1);
  run_sql("DROP TRIGGER refuse ON vam.task");
  CHECK(catalog->work_queue().take());
}

TEST_CASE("catalog server: a file that kills is found, and the others read",
          "[.server]") {
  begin_anew();
  const std::string killer = "photo-77";
  begin_job(*open(), 130);
  std::size_t killed = 0;
  for (;;) {
    const auto catalog = open();
    join_job(*catalog);
    const auto chunk = catalog->work_queue().take();
    if (!chunk) break;
    if (std::ranges::count(chunk->files, killer, &QueuedFile::path) > 0) {
      ++killed;
      expire_leases();
    } else {
      CHECK(catalog->work_queue().complete(*chunk, result_of(*chunk)));
    }
  }
  CHECK(killed <= 4);
  const auto catalog = open();
  join_job(*catalog);
  REQUIRE(catalog->work_queue().is_done());
  JobResult result = catalog->work_queue().result();
  CHECK(result.outcomes.size() == 130);
  std::erase_if(result.outcomes, [](const QueuedOutcome& outcome) {
    return outcome.digest.has_value();
  });
  REQUIRE(result.outcomes.size() == 1);
  CHECK(result.outcomes[0].file.path == killer);
  REQUIRE(result.outcomes[0].problem);
  CHECK(result.outcomes[0].problem->code == ErrorCode::crashed);
}

TEST_CASE("catalog server: units of a search are handed out once",
          "[.server]") {
  begin_anew();
  const auto first = open();
  const auto second = open();
  SearchQueue& one = asking(*first, 5);
  SearchQueue& other = asking(*second, 5);
  CHECK(number_from("SELECT count(*) FROM vam.job") == 1);
  const auto taken = one.take(5, 2);
  REQUIRE(taken);
  CHECK(places_of(*taken) == std::vector<std::size_t>{0, 1});
  CHECK(taken->others == 0);
  const auto rest = other.take(4, 9);
  REQUIRE(rest);
  CHECK(places_of(*rest) == std::vector<std::size_t>{2, 3});
  CHECK(rest->others == 1);
  CHECK_FALSE(one.take(4, 1).has_value());
  const std::string any_bytes("a\0\xff", 3);
  CHECK(one.answer(*taken, 0, "zero"));
  CHECK(one.answer(*taken, 1, any_bytes));
  CHECK(other.answer(*rest, 0, ""));
  CHECK(answers_of(other, {0, 1, 2, 3, 4}) ==
        std::vector<std::string>{"0: zero", "1: " + any_bytes, "2: "});
  CHECK(answers_of(other, {1}) == std::vector<std::string>{"1: " + any_bytes});
  // Each is told of the other.
  CHECK(one.ask(units_named(0, 5)));
  CHECK_FALSE(one.ask(units_named(0, 5)));
  CHECK(other.ask(units_named(0, 5)));
  // What is asked again, among others, is known, and where it is now.
  auto units = units_named(1, 3);
  units.insert(units.begin(), digest_of_text("another unit"));
  one.ask(units);
  CHECK(answers_of(one, {0, 1, 2}) ==
        std::vector<std::string>{"1: " + any_bytes, "2: "});
  const auto fresh = one.take(3, 3);
  REQUIRE(fresh);
  CHECK(places_of(*fresh) == std::vector<std::size_t>{0});
}

TEST_CASE(
    "catalog server: a unit whose process is silent is taken over, and "
    "its late answer refused",
    "[.server]") {
  begin_anew();
  const auto slow = open();
  const auto quick = open();
  SearchQueue& late = asking(*slow, 2);
  SearchQueue& other = asking(*quick, 2);
  const auto taken = late.take(2, 2);
  REQUIRE(taken);
  CHECK_FALSE(other.take(2, 2).has_value());
  expire_leases();
  const auto again = other.take(2, 1);
  REQUIRE(again);
  CHECK_FALSE(late.answer(*taken, 0, "late"));
  CHECK(answers_of(other, {0, 1}).empty());
  CHECK(other.answer(*again, 0, "right"));
  CHECK_FALSE(late.answer(*taken, 0, "late"));
  // Nobody has taken the other one.
  CHECK(late.answer(*taken, 1, "not too late"));
  CHECK(answers_of(other, {0, 1}) ==
        std::vector<std::string>{"0: right", "1: not too late"});
}

TEST_CASE("catalog server: an answer and the end of its unit are one",
          "[.server]") {
  begin_anew();
  const auto catalog = open();
  SearchQueue& search = asking(*catalog, 1);
  const auto lease = search.take(1, 1);
  REQUIRE(lease);
  for (const char* const parted :
       {"UPDATE vam.chunk SET state = 2",
        "UPDATE vam.chunk SET answer = 'text'",
        "UPDATE vam.chunk SET unit = NULL, answer = 'text', state = 2"}) {
    CAPTURE(parted);
    CHECK_THROWS_AS(run_sql(parted), PostgresError);
  }
  CHECK(search.answer(*lease, 0, "answer"));
  // The server's may have been lost: it is asked again.
  CHECK(search.answer(*lease, 0, "answer"));
  CHECK(answers_of(search, {0}) == std::vector<std::string>{"0: answer"});
  CHECK_FALSE(search.take(1, 1).has_value());
  CHECK_THROWS_AS(run_sql("UPDATE vam.chunk SET state = 0"), PostgresError);
}

TEST_CASE("catalog server: leases of units are kept while their process lives",
          "[.server]") {
  begin_anew();
  const auto catalog = open(std::chrono::seconds(1));
  SearchQueue& search = asking(*catalog, 4);
  const auto lease = search.take(4, 3);
  REQUIRE(lease);
  CHECK(search.answer(*lease, 0, "answer"));
  const auto renewed = [] {
    return number_from(
        "SELECT count(*) FROM vam.chunk WHERE state = 1 AND expires > now()");
  };
  expire_leases();
  for (int tries = 0; tries < 600 && renewed() == 0; ++tries) {
    run_sql("SELECT pg_sleep(0.1)");
  }
  CHECK(renewed() == 2);
}

TEST_CASE("catalog server: a search that all have left is begun anew",
          "[.server]") {
  begin_anew();
  const auto catalog = open();
  SearchQueue& search = asking(*catalog, 1);
  const auto lease = search.take(1, 1);
  REQUIRE(lease);
  CHECK(search.answer(*lease, 0, "answer"));
  const auto soon = open();
  CHECK(answers_of(asking(*soon, 1), {0}).size() == 1);
  leave_behind();
  const auto later = open();
  CHECK(answers_of(asking(*later, 1), {0}).empty());
  // Who was only stopped goes on.
  CHECK(answers_of(search, {0}).size() == 1);
  const auto other = open();
  other->work_queue().search().join(digest_of_text("another search"));
  other->work_queue().search().ask(units_named(0, 1));
  CHECK(answers_of(other->work_queue().search(), {0}).empty());
}

TEST_CASE("catalog server: what is left of searches goes after a day",
          "[.server]") {
  begin_anew();
  {
    const auto catalog = open();
    asking(*catalog, 3);
    begin_job(*open(), 2);
  }
  run_sql("UPDATE vam.job SET joined = now() - interval '23 hours'");
  open()->work_queue();
  CHECK(number_from("SELECT count(*) FROM vam.chunk") == 4);
  run_sql("UPDATE vam.job SET joined = now() - interval '25 hours'");
  open()->work_queue();
  CHECK(number_from("SELECT count(*) FROM vam.chunk WHERE unit IS NULL") == 1);
  CHECK(number_from("SELECT count(*) FROM vam.chunk") == 1);
  CHECK(number_from("SELECT count(*) FROM vam.job") == 1);
}

TEST_CASE("catalog server: who decodes otherwise is refused", "[.server]") {
  begin_anew();
  const auto catalog = open();
  begin_job(*catalog, 1);
  const auto other = open();
  const auto plan = [] { return std::vector<QueuedFile>(); };
  CHECK_THROWS_AS(other->work_queue().join(kJobKey, "others", plan),
                  FatalError);
}

TEST_CASE("catalog server: a newer schema is refused", "[.server]") {
  begin_anew();
  open();
  run_sql("UPDATE vam.about SET schema_version = 1000");
  CHECK_THROWS_AS(open(), FatalError);
}

TEST_CASE("catalog server: an older schema becomes the current one",
          "[.server]") {
  begin_anew();
  {
    PostgresConnection connection(server());
    migrate(connection, server(), 1);
    connection.run(
        "INSERT INTO vam.source (root) VALUES ('/photos'); "
        "INSERT INTO vam.file (source_id, path, size_bytes, mtime_ns, inode, "
        "digest) SELECT id, 'a.jpg', 1000, 5, 42, '\\x" +
        std::string(32, '7') + "' FROM vam.source");
  }
  const auto catalog = open();
  REQUIRE(catalog->sources().size() == 1);
  const auto files = catalog->files(catalog->sources()[0].id);
  REQUIRE(files.size() == 1);
  CHECK(files[0].path == "a.jpg");
  CHECK(files[0].inode == 42);
  begin_job(*catalog, 2);
  const auto chunk = catalog->work_queue().take();
  REQUIRE(chunk);
  CHECK(catalog->work_queue().complete(*chunk, result_of(*chunk)));
  CHECK(open()->pictures().size() == 2);
  SearchQueue& search = asking(*catalog, 1);
  const auto lease = search.take(1, 1);
  REQUIRE(lease);
  CHECK(search.answer(*lease, 0, "answer"));
}

TEST_CASE("catalog server: a list of work outlives a change of the schema",
          "[.server]") {
  begin_anew();
  {
    PostgresConnection connection(server());
    migrate(connection, server(), 2);
    connection.run(
        "INSERT INTO vam.source (root) VALUES ('/photos'); "
        "INSERT INTO vam.job (key, decoders) VALUES ('\\x00', 'decoders'); "
        "INSERT INTO vam.chunk (job_id, state) SELECT id, 2 FROM vam.job; "
        "INSERT INTO vam.chunk (job_id) SELECT id FROM vam.job");
  }
  open();
  CHECK(number_from("SELECT count(*) FROM vam.chunk WHERE state = 2 "
                    "AND unit IS NULL AND answer IS NULL") == 1);
  CHECK(number_from("SELECT count(*) FROM vam.job WHERE NOT is_search") == 1);
}

TEST_CASE("catalog server: a schema that is not whole is refused",
          "[.server]") {
  for (const char* const harm :
       {"DELETE FROM vam.about", "INSERT INTO vam.about VALUES (1)",
        "UPDATE vam.about SET schema_version = 0",
        "UPDATE vam.about SET schema_version = -1", "DROP TABLE vam.about",
        "DROP TABLE vam.picture CASCADE",
        "ALTER TABLE vam.file DROP COLUMN mtime_ns"}) {
    CAPTURE(harm);
    begin_anew();
    open()->add_source("/photos");
    run_sql(harm);
    try {
      const auto catalog = open();
      catalog->pictures();
      catalog->files(catalog->sources().at(0).id);
      FAIL("it was taken");
    } catch (const FatalError& error) {
      CHECK(std::string(error.what()).find("whole") != std::string::npos);
    }
  }
}

TEST_CASE("catalog server: time tells when a lost connection stays lost",
          "[.server]") {
  const auto failing = [](std::chrono::milliseconds patience, int failures) {
    PostgresSession session(
        server(), nullptr, [](PostgresConnection&) {}, patience);
    int tries = 0;
    session.repeat([&](PostgresConnection&) {
      if (++tries <= failures) throw PostgresError("gone", "", true);
    });
    return tries;
  };
  // Whatever the time, some are let pass.
  CHECK(failing(std::chrono::milliseconds(0), 9) == 10);
  CHECK_THROWS_AS(failing(std::chrono::milliseconds(0), 10), FatalError);
  CHECK(failing(std::chrono::hours(1), 12) == 13);
}

TEST_CASE("catalog server: sources have names, and a place on each machine",
          "[.server]") {
  begin_anew();
  const std::vector<NamedSource> here = {{"archive", "/mnt/photos"}};
  const std::vector<NamedSource> there = {{"archive", "/srv/a"},
                                          {"other", "/srv/b"}};
  const SourceId id =
      open_server_catalog(server(), here)->add_source("/mnt/photos");
  const auto catalog = open_server_catalog(server(), there);
  REQUIRE(catalog->sources().size() == 1);
  CHECK(catalog->sources()[0].root == "/srv/a");
  CHECK(catalog->sources()[0].id == id);
  catalog->add_source("/srv/b");
  const auto sources = open_server_catalog(server(), here)->sources();
  REQUIRE(sources.size() == 2);
  CHECK(sources[0].root == "/mnt/photos");
  CHECK(sources[1].root.empty());
  CHECK(sources[1].name == "other");
}

TEST_CASE("catalog server: the join of the documentation finds all pairs",
          "[.server]") {
  begin_anew();
  CatalogBatch batch;
  Hash seed = 1;
  const auto random = [&] {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return seed ^ (seed >> 29);
  };
  for (int n = 0; n < 300; ++n) {
    const Hash centre = random();
    for (int near = 0; near < 5; ++near) {
      Picture picture = make_picture(std::to_string(n * 5 + near));
      Hash hash = centre;
      for (int bit = 0; bit < 2 * near; ++bit)
        hash ^= Hash{1} << (random() % 64);
      picture.look->hashes[index_of(HashKind::dhash)] = hash;
      batch.pictures.push_back(picture);
    }
  }
  open()->store(batch);

  // What the program's own search finds.
  std::vector<std::uint32_t> ids;
  std::vector<Hash> hashes;
  for (const Picture& picture : batch.pictures) {
    ids.push_back(static_cast<std::uint32_t>(ids.size()));
    hashes.push_back(picture.look->hashes[index_of(HashKind::dhash)]);
  }
  const auto index = make_index(IndexKind::auto_choice, 2);
  index->add(ids, hashes);
  std::vector<std::pair<Digest, Digest>> expected;
  index->search(
      5, {[&](std::span<const CandidatePair> pairs) {
        for (const CandidatePair& pair : pairs) {
          expected.push_back(std::minmax(batch.pictures[pair.first].digest,
                                         batch.pictures[pair.second].digest));
        }
      }});
  std::ranges::sort(expected);
  REQUIRE(expected.size() > 300);

  std::ifstream page(VAM_DOCS_DIR "/scale.md");
  const std::string text{std::istreambuf_iterator<char>(page),
                         std::istreambuf_iterator<char>()};
  const std::string fence = "```sql\n";
  const std::size_t begin = text.find(fence) + fence.size();
  std::vector<std::pair<Digest, Digest>> found;
  PostgresConnection(server()).query(
      text.substr(begin, text.find("```", begin) - begin), {},
      [&](const Row& row) {
        found.emplace_back(*read_digest(row, 0), *read_digest(row, 1));
      });
  std::ranges::sort(found);
  CHECK((found == expected));
}

TEST_CASE("catalog server: a password is not taken from the address") {
  for (const char* const address :
       {"postgresql://me:secret@host/db", "postgres://host/db?password=secret",
        "postgresql://host/db?pass%77ord=secret",
        "postgresql://host/db?sslpass%77ord=secret&user=me",
        "postgresql://me:secret@host/db?pass%77ord=secret"}) {
    CAPTURE(address);
    const std::string refused = refusal_of(address);
    CHECK(refused.find("holds a password") != std::string::npos);
    CHECK(refused.find("secret") == std::string::npos);
  }
}

TEST_CASE("catalog server: an address that cannot be read is no password") {
  const auto refused = [](const std::string& address) {
    std::string message = refusal_of(address);
    CHECK(message.find("secret") == std::string::npos);
    return message;
  };
  CHECK(refused("postgresql:///db?servce=photos") ==
        "the address postgresql:///db?... cannot be read: invalid URI query "
        "parameter: \"servce\"");
  CHECK(refused("postgresql://[::1/db") ==
        "the address postgresql://[::1/db cannot be read: end of string "
        "reached when looking for matching \"]\" in IPv6 host address in URI");
  // What may be a password is not shown.
  CHECK(refused("postgresql://host/db?pass%77ord=sec%ret") ==
        "the address postgresql://host/db?... cannot be read: invalid "
        "percent-encoded token");
  CHECK(refused("postgresql://host/db?pass%77ord:secret") ==
        "the address postgresql://host/db?... cannot be read: missing "
        "key/value separator \"=\" in URI query parameter");
  CHECK(refused("postgresql://host/db?pass%77ord=secret=&a=b") ==
        "the address postgresql://host/db?... cannot be read: extra key/value "
        "separator \"=\" in URI query parameter");
  CHECK(refused("postgresql://me:se?cret@host/db?pass%77ord=%") ==
        "the address postgresql://me:...@host/db?... holds a password, which "
        "everybody on this machine could see: give it in PGPASSFILE, "
        "PGPASSWORD or a service file");
}

#else

TEST_CASE("catalog server: a build without one says which option has it") {
  using namespace vam;
  try {
    open_server_catalog("postgresql://host/db", {});
    FAIL("there is one");
  } catch (const FatalError& error) {
    CHECK(std::string(error.what()).find("VAM_POSTGRES") != std::string::npos);
  }
}

#endif
