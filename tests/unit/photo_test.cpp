#include "vam/photo.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "catch.hpp"

using namespace vam;

namespace {

Digest digest_of_text(std::string_view text) {
  return digest_of(std::as_bytes(std::span(text)));
}

}  // namespace

// Expected values: `printf ... | xxh128sum`.
TEST_CASE("photo: the digest is XXH3-128 in canonical order") {
  CHECK(to_hex(digest_of_text("")) == "99aa06d3014798d86001c324468d497f");
  CHECK(to_hex(digest_of_text("duplicate")) ==
        "d1022f7defd42c38bbcebdd8492045d0");
}

TEST_CASE("photo: digests of different bytes differ") {
  CHECK(digest_of_text("a") != digest_of_text("b"));
  CHECK(DigestHash{}(digest_of_text("a")) != DigestHash{}(digest_of_text("b")));
}

TEST_CASE("photo: times are UTC with nine digits, before 1970 too") {
  CHECK(format_time(0) == "1970-01-01T00:00:00.000000000Z");
  CHECK(format_time(1'600'000'000'123'456'789) ==
        "2020-09-13T12:26:40.123456789Z");
  CHECK(format_time(-1) == "1969-12-31T23:59:59.999999999Z");
  CHECK(format_time(-1'000'000'000) == "1969-12-31T23:59:59.000000000Z");
  CHECK(format_time(951'782'400'000'000'000) ==
        "2000-02-29T00:00:00.000000000Z");
  CHECK(format_time(std::numeric_limits<std::int64_t>::min()) ==
        "1677-09-21T00:12:43.145224192Z");
  CHECK(format_time(std::numeric_limits<std::int64_t>::max()) ==
        "2262-04-11T23:47:16.854775807Z");
}

TEST_CASE("photo: times are read as they are printed") {
  for (const std::int64_t ns :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{-1'000'000'000},
        std::int64_t{1'600'000'000'123'456'789},
        std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    CHECK(parse_time(format_time(ns)) == ns);
  }
  for (const char* text :
       {"", "2024-01-01", "2024-01-01T00:00:00Z",
        "2024-02-30T00:00:00.000000000Z", "2024-01-01T24:00:00.000000000Z",
        "2024-01-01T00:00:60.000000000Z", "2024-01-01T00:00:00.000000000",
        "2024-01-01T00:00:00.00000000Z", "2024-01-01T00:00:00.000000000+00",
        "2300-01-01T00:00:00.000000000Z", "1600-01-01T00:00:00.000000000Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("photo: a digest of pieces is that of the whole") {
  DigestStream stream;
  CHECK(stream.digest() == digest_of_text(""));
  stream.add(std::as_bytes(std::span(std::string_view("dupli"))));
  stream.add(std::as_bytes(std::span(std::string_view("cate"))));
  CHECK(stream.digest() == digest_of_text("duplicate"));
}

TEST_CASE("photo: digests are read as they are printed") {
  const Digest digest = digest_of_text("duplicate");
  CHECK(digest_from_hex(to_hex(digest)) == digest);
  CHECK_FALSE(digest_from_hex(""));
  CHECK_FALSE(digest_from_hex("D1022F7DEFD42C38BBCEBDD8492045D0"));
  CHECK_FALSE(digest_from_hex(to_hex(digest) + "0"));
}

TEST_CASE("photo: a camera is known by either of its names") {
  const auto camera = [](const char* make, const char* model) {
    return camera_of({.camera_make = make, .camera_model = model});
  };
  // As EXIF and as LibRaw name them.
  CHECK(camera("Canon", "Canon EOS R5") == camera("Canon", "EOS R5"));
  CHECK(camera("NIKON CORPORATION", "NIKON D850") == camera("Nikon", "D850"));
  CHECK(camera("FUJIFILM", "X-T3") == camera("Fujifilm", "X-T3"));
  CHECK(camera("Canon", "Canon EOS R5") != camera("Canon", "Canon EOS R6"));
  CHECK(camera("Canon", "Canonet") != camera("Canon", "et"));
  CHECK(camera("Sony", "One") != camera("Canon", "One"));
  CHECK(camera("", "").empty());
  CHECK_FALSE(camera("Canon", "").empty());
  CHECK_FALSE(camera("", "EOS R5").empty());
}
