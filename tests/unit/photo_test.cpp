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
