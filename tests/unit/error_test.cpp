#include "vam/error.hpp"

#include "catch.hpp"

using namespace vam;

TEST_CASE("error: codes have the names that reports promise") {
  CHECK(to_string(ErrorCode::missing) == "missing");
  CHECK(to_string(ErrorCode::unreadable) == "unreadable");
  CHECK(to_string(ErrorCode::changed) == "changed");
  CHECK(to_string(ErrorCode::not_a_picture) == "not_a_picture");
  CHECK(to_string(ErrorCode::unsupported) == "unsupported");
  CHECK(to_string(ErrorCode::too_large) == "too_large");
  CHECK(to_string(ErrorCode::truncated) == "truncated");
  CHECK(to_string(ErrorCode::corrupt) == "corrupt");
  CHECK(to_string(ErrorCode::bit_rot) == "bit_rot");
  CHECK(to_string(ErrorCode::crashed) == "crashed");
  CHECK(to_string(ErrorCode::timeout) == "timeout");
  CHECK(to_string(Stage::scan) == "scan");
  CHECK(to_string(Stage::read) == "read");
  CHECK(to_string(Stage::decode) == "decode");
}

TEST_CASE("error: fail() makes a result without a value") {
  const Result<int> result = fail(ErrorCode::truncated, "ends early");
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error() == Error{ErrorCode::truncated, "ends early"});
}
