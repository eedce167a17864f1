#include "vam/verify.hpp"

#include "catch.hpp"
#include "pictures.hpp"

using namespace vam;

TEST_CASE("verify: match kinds have the names that reports promise") {
  CHECK(to_string(MatchKind::exact) == "exact");
  CHECK(to_string(MatchKind::same_image) == "same-image");
  CHECK(to_string(MatchKind::similar) == "similar");
}

TEST_CASE("verify: the same bytes are exact, even if undecodable") {
  Picture broken = make_picture(1, 0);
  broken.look = fail(ErrorCode::corrupt, "bad");
  const auto evidence = verify(broken, broken, plain_rule());
  REQUIRE(evidence);
  CHECK(evidence->match == MatchKind::exact);
  CHECK(evidence->similarity == 1.0);
}

TEST_CASE("verify: every named hash must be within the distance") {
  const VerifyRule rule = plain_rule();  // dhash and ahash, 5 bits
  const Picture a = make_picture(1, 0, 0, 0);
  CHECK(verify(a, make_picture(2, 0b11111, 0b11111), rule));
  CHECK_FALSE(verify(a, make_picture(2, 0b111111, 0), rule));
  CHECK_FALSE(verify(a, make_picture(2, 0, 0b111111), rule));
  // wHash is not asked.
  CHECK(verify(a, make_picture(2, 0, 0, ~Hash{0}), rule));
  CHECK_FALSE(
      verify(a, make_picture(2, 0, 0, ~Hash{0}), {{HashKind::whash}, 5}));
}

TEST_CASE("verify: evidence holds distances and similarity") {
  const auto evidence = verify(make_picture(1, 0, 0, 0),
                               make_picture(2, 0b1, 0b111, 0xff), plain_rule());
  REQUIRE(evidence);
  CHECK(evidence->match == MatchKind::similar);
  CHECK(evidence->distance == std::array{1, 3, 8});
  CHECK(evidence->similarity == 1.0 - 4.0 / 128);
}

TEST_CASE("verify: is symmetric") {
  const Picture a = make_picture(1, 0x0f, 0x30, 0x1);
  const Picture b = make_picture(2, 0x1f, 0x70, 0x0);
  CHECK(verify(a, b, plain_rule())->distance ==
        verify(b, a, plain_rule())->distance);
  CHECK(verify(a, b, plain_rule())->similarity ==
        verify(b, a, plain_rule())->similarity);
}

TEST_CASE("verify: low-detail pictures are alike to nothing but their bytes") {
  Picture flat = make_picture(1, 0);
  flat.look->detail = kMinDetail - 1;
  Picture other = make_picture(2, 0);
  CHECK_FALSE(is_comparable(flat));
  CHECK(is_comparable(other));
  CHECK_FALSE(verify(flat, other, plain_rule()));
  CHECK_FALSE(verify(other, flat, plain_rule()));
  CHECK(verify(flat, flat, plain_rule()));
}

TEST_CASE("verify: undecodable pictures are alike to nothing") {
  Picture broken = make_picture(1, 0);
  broken.look = fail(ErrorCode::truncated, "ends early");
  CHECK_FALSE(is_comparable(broken));
  CHECK_FALSE(verify(broken, make_picture(2, 0), plain_rule()));
}
