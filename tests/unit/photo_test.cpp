#include "vam/photo.hpp"

#include <cstddef>
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
