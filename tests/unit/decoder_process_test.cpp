// The contract of decoder processes. Crashes of real decoders are tested end to
// end.
#include "analyze/decoder_process.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "catch.hpp"
#include "jpeg_variants.hpp"
#include "picture_writer.hpp"
#include "vam/analyze.hpp"

using namespace vam;

namespace {

using Command = std::vector<std::string>;

const Command kProgram = {VAM_PROGRAM, "--serve-decoding"};
const Command kNone;
// Say that they are ready, wait for the question, and do not answer it.
const Command kCrashes = {"/bin/sh", "-c",
                          "printf '\\002' >&0; head -c 1 >/dev/null; "
                          "kill -SEGV $$"};
const Command kWaits = {"/bin/sh", "-c", "printf '\\002' >&0; exec sleep 1000"};
const Command kTalksNonsense = {"/bin/sh", "-c",
                                "printf '\\002' >&0; head -c 1 >/dev/null; "
                                "echo what? >&0; "
                                "exec sleep 1000"};
const Command kEndsAtOnce = {"/bin/true"};

Look look(PictureDecoder& decoder, const std::string& file,
          const DecodeLimits& limits = {}) {
  const auto bytes = std::as_bytes(std::span(file));
  std::ranges::copy(bytes, decoder.room_for(file.size()).begin());
  StepClock clock;
  return decoder.look(file.size(), limits, clock);
}

Look look_by(const Command& command, const std::string& file,
             std::uint32_t cpu_seconds = 30,
             const std::atomic<bool>* stop = nullptr) {
  PictureDecoder decoder(command, cpu_seconds, stop);
  return look(decoder, file);
}

std::vector<std::byte> thumbnail(PictureDecoder& decoder,
                                 const std::string& file) {
  const auto bytes = std::as_bytes(std::span(file));
  std::ranges::copy(bytes, decoder.room_for(file.size()).begin());
  StepClock clock;
  return decoder.look(file.size(), {}, clock, LookFor::thumbnail).thumbnail;
}

void check_same(const Look& a, const Look& b) {
  CHECK(a.info == b.info);
  CHECK(a.fingerprint == b.fingerprint);
  CHECK(a.sketch == b.sketch);
  CHECK(a.thumbnail == b.thumbnail);
}

std::string some_picture(int width = 300) {
  JpegOptions options;
  options.width = width;
  options.height = 200;
  options.exif = full_exif();
  options.with_exif = true;
  // With traces of having been saved before.
  options.pattern = seen_in_jpeg(noise_at, width, options.height, 50);
  return write_jpeg(options);
}

ErrorCode error_of(const Look& look) {
  REQUIRE_FALSE(look.fingerprint);
  return look.fingerprint.error().code;
}

}  // namespace

TEST_CASE("decoder process: sees what this process sees") {
  PictureDecoder here(kNone, 30, nullptr);
  PictureDecoder there(kProgram, 30, nullptr);
  const std::string picture = some_picture();
  for (const std::string& file :
       {picture, picture.substr(0, picture.size() / 2), std::string("text"),
        some_picture(8), std::string()}) {
    check_same(look(there, file), look(here, file));
  }
  CHECK(there.take_trouble().empty());
  CHECK(there.peak_memory_bytes() > 0);
  CHECK(here.peak_memory_bytes() == 0);
}

TEST_CASE("decoder process: makes the thumbnails that this process makes") {
  PictureDecoder here(kNone, 30, nullptr);
  PictureDecoder there(kProgram, 30, nullptr);
  const std::string picture = some_picture(500);
  for (const std::string& file :
       {picture, picture.substr(0, picture.size() / 2), std::string("text")}) {
    CHECK(thumbnail(there, file) == thumbnail(here, file));
    check_same(look(there, file), look(here, file));
  }
  CHECK(thumbnail(there, picture).size() > 1000);
  CHECK(there.take_trouble().empty());
  PictureDecoder crashes(kCrashes, 30, nullptr);
  CHECK(thumbnail(crashes, picture).empty());
}

TEST_CASE("decoder process: takes files of any size in turn") {
  PictureDecoder decoder(kProgram, 30, nullptr);
  const std::string picture = some_picture();
  for (const std::size_t mebibytes : {0U, 1U, 40U, 3U}) {
    CAPTURE(mebibytes);
    const Look seen =
        look(decoder, picture + std::string(mebibytes << 20, 'x'));
    CHECK(seen.fingerprint);
    CHECK(seen.info.metadata == full_metadata());
    decoder.trim();
  }
  CHECK(decoder.take_trouble().empty());
}

TEST_CASE("decoder process: keeps to the limits") {
  PictureDecoder decoder(kProgram, 30, nullptr);
  DecodeLimits limits;
  std::uint64_t reserved = 0;
  limits.reserve = [&](std::uint64_t bytes) { reserved += bytes; };
  CHECK(look(decoder, some_picture(), limits).fingerprint);
  CHECK(reserved > 0);
  SECTION("pixels") { limits.max_pixels = 300 * 200 - 1; }
  SECTION("sides") { limits.max_side = 299; }
  SECTION("memory") { limits.max_memory_bytes = 1; }
  CHECK(error_of(look(decoder, some_picture(), limits)) ==
        ErrorCode::too_large);
}

TEST_CASE("decoder process: one that dies is an error of the file") {
  CHECK(look_by(kCrashes, "x").fingerprint.error() ==
        Error{ErrorCode::crashed, "the decoder crashed (SIGSEGV)"});
  CHECK(look_by(kTalksNonsense, "x").fingerprint.error() ==
        Error{ErrorCode::crashed, "the decoder talks nonsense"});
}

TEST_CASE("decoder process: one that only waits is given up") {
  CHECK(error_of(look_by(kWaits, "x", 1)) == ErrorCode::timeout);
}

TEST_CASE("decoder process: where none can be had, this one decodes") {
  const Command missing = {"/nowhere/vam-analyze"};
  for (const Command& command : {missing, kEndsAtOnce}) {
    PictureDecoder decoder(command, 30, nullptr);
    CHECK(look(decoder, some_picture()).fingerprint);
    CHECK_FALSE(decoder.take_trouble().empty());
  }
}

TEST_CASE("decoder process: stops when the run has to") {
  const std::atomic<bool> stop = true;
  CHECK_THROWS_AS(look_by(kWaits, "x", 0, &stop), Interrupted);
}

TEST_CASE("decoder messages: arrive as they were sent") {
  PictureDecoder decoder(kNone, 30, nullptr);
  for (const std::string& file : {some_picture(), std::string("text")}) {
    const Look sent = look(decoder, file);
    const auto received =
        unpack_look(pack({sent, std::chrono::nanoseconds(7)}));
    REQUIRE(received);
    check_same(received->look, sent);
    CHECK(received->fingerprint_time == std::chrono::nanoseconds(7));
  }
  Look bordered = look(decoder, some_picture());
  bordered.sketch->content =
      std::make_shared<Thumbnail>(bordered.sketch->whole);
  bordered.info.metadata = {};
  const auto received = unpack_look(pack({bordered, {}}));
  REQUIRE(received);
  check_same(received->look, bordered);
  CHECK(unpack_reservation(pack_reservation(1ULL << 40)) == 1ULL << 40);
  CHECK(is_go(pack_go()));
}

TEST_CASE("decoder messages: thumbnails arrive, but for large ones") {
  PictureDecoder decoder(kNone, 30, nullptr);
  Look sent = look(decoder, some_picture());
  sent.thumbnail.resize(kMaxThumbnailBytes, std::byte{7});
  auto message = pack({sent, {}});
  CHECK(message.size() <= kMaxDecoderMessageBytes);
  const auto received = unpack_look(message);
  REQUIRE(received);
  check_same(received->look, sent);
  message.push_back(std::byte{0});
  CHECK_FALSE(unpack_look(message));
  sent.thumbnail.push_back(std::byte{7});
  const auto without = unpack_look(pack({sent, {}}));
  REQUIRE(without);
  CHECK(without->look.thumbnail.empty());
}

TEST_CASE("decoder messages: nonsense is none") {
  PictureDecoder decoder(kNone, 30, nullptr);
  for (const std::string& file : {some_picture(), std::string("text")}) {
    auto message = pack({look(decoder, file), {}});
    CHECK(message.size() <= kMaxDecoderMessageBytes);
    CHECK_FALSE(unpack_reservation(message));
    CHECK_FALSE(is_go(message));
    for (std::size_t size = 0; size < message.size(); ++size) {
      CHECK_FALSE(unpack_look(std::span(message).first(size)));
    }
    message.push_back(std::byte{0});
    CHECK_FALSE(unpack_look(message));
    message.pop_back();
    // Whatever is accepted is in bounds, or the sanitizers say so.
    for (std::byte& byte : message) {
      for (const unsigned value : {0U, 1U, 9U, 0x7FU, 0xFFU}) {
        const std::byte before = std::exchange(byte, std::byte(value));
        if (const auto answer = unpack_look(message)) {
          CHECK(pack(*answer).size() <= kMaxDecoderMessageBytes);
        }
        byte = before;
      }
    }
  }
  DecodeRequest request;
  request.size_bytes = 2;
  request.capacity_bytes = 1;
  CHECK_FALSE(unpack_request(pack(request)));
}
