// What tests of all decoders ask for: a picture, or a reason.
#pragma once

#include <string>

#include "catch.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

inline vam::Decoded decode_ok(const std::string& file) {
  const auto decoded = vam::decode(bytes_of(file));
  INFO((decoded ? "" : decoded.error().message));
  REQUIRE(decoded.has_value());
  return *decoded;
}

inline vam::Decoded decode_as(vam::Format format, const std::string& file) {
  CHECK(vam::recognise_file(bytes_of(file)) == format);
  vam::Decoded decoded = decode_ok(file);
  CHECK(decoded.info.format == format);
  return decoded;
}

inline vam::Error decode_error(const std::string& file,
                               const vam::DecodeLimits& limits = {}) {
  const auto decoded = vam::decode(bytes_of(file), limits);
  REQUIRE_FALSE(decoded.has_value());
  CHECK_FALSE(decoded.error().message.empty());
  CHECK(decoded.error().message.find('\n') == std::string::npos);
  return decoded.error();
}
