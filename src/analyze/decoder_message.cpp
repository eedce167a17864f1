// What a run and its decoder processes say to each other, as bytes.
#include "analyze/decoder_message.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace vam {
namespace {

constexpr std::size_t kMaxErrorText = 2048;

/// Both sides are the same program on the same machine: values travel as they
/// lie in memory.
class Packer {
 public:
  explicit Packer(DecoderMessage kind) { add(kind); }

  template <class Value>
  void add(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    const auto bytes = std::as_bytes(std::span(&value, 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  void add_text(std::string_view text, std::size_t max_bytes) {
    text = text.substr(0, max_bytes);
    add(static_cast<std::uint16_t>(text.size()));
    const auto bytes = std::as_bytes(std::span(text));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  void add_bytes(std::span<const std::byte> bytes) {
    add(static_cast<std::uint32_t>(bytes.size()));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads values back. Once something is missing or wrong, all that follows is
/// zero, and is_whole() false.
class Unpacker {
 public:
  Unpacker(std::span<const std::byte> bytes, DecoderMessage kind)
      : bytes_(bytes) {
    require(take<DecoderMessage>() == kind);
  }

  template <class Value>
  Value take() {
    static_assert(std::is_trivially_copyable_v<Value>);
    Value value{};
    if (bytes_.size() < sizeof value) {
      require(false);
    } else {
      std::memcpy(&value, bytes_.data(), sizeof value);
      bytes_ = bytes_.subspan(sizeof value);
    }
    return value;
  }

  /// A bool of another value than 0 and 1 would be undefined behaviour.
  bool take_flag() {
    const auto flag = take<std::uint8_t>();
    require(flag <= 1);
    return flag == 1;
  }

  std::string take_text(std::size_t max_bytes) {
    const std::size_t size = take<std::uint16_t>();
    require(size <= max_bytes && size <= bytes_.size());
    if (!good_) return {};
    const auto text = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return {reinterpret_cast<const char*>(text.data()), size};
  }

  std::vector<std::byte> take_bytes(std::size_t max_bytes) {
    const std::size_t size = take<std::uint32_t>();
    require(size <= max_bytes && size <= bytes_.size());
    if (!good_) return {};
    const auto bytes = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return {bytes.begin(), bytes.end()};
  }

  void require(bool condition) {
    if (condition) return;
    good_ = false;
    bytes_ = {};
  }

  bool is_whole() const { return good_ && bytes_.empty(); }

 private:
  std::span<const std::byte> bytes_;
  bool good_ = true;
};

constexpr std::size_t kMaxTakenAt = 64;

void add_info(Packer& packer, const PictureInfo& info) {
  packer.add(info.format);
  packer.add(info.width);
  packer.add(info.height);
  packer.add(info.orientation);
  packer.add_text(info.taken_at, kMaxTakenAt);
  const PhotoMetadata& metadata = info.metadata;
  packer.add_text(metadata.camera_make, kMaxMetadataText);
  packer.add_text(metadata.camera_model, kMaxMetadataText);
  packer.add_text(metadata.software, kMaxMetadataText);
  packer.add(static_cast<std::uint8_t>(metadata.gps.has_value()));
  if (metadata.gps) {
    packer.add(metadata.gps->latitude);
    packer.add(metadata.gps->longitude);
  }
  packer.add(static_cast<std::uint8_t>(metadata.rating.has_value()));
  if (metadata.rating) packer.add(*metadata.rating);
  packer.add(info.dc_steps.own);
  packer.add(info.dc_steps.coarser);
}

PictureInfo take_info(Unpacker& unpacker) {
  PictureInfo info;
  info.format = unpacker.take<Format>();
  unpacker.require(format_of(to_string(info.format)) == info.format);
  info.width = unpacker.take<std::uint32_t>();
  info.height = unpacker.take<std::uint32_t>();
  info.orientation = unpacker.take<Orientation>();
  unpacker.require(info.orientation >= 1 && info.orientation <= 8);
  info.taken_at = unpacker.take_text(kMaxTakenAt);
  PhotoMetadata& metadata = info.metadata;
  metadata.camera_make = unpacker.take_text(kMaxMetadataText);
  metadata.camera_model = unpacker.take_text(kMaxMetadataText);
  metadata.software = unpacker.take_text(kMaxMetadataText);
  if (unpacker.take_flag()) {
    const auto latitude = unpacker.take<double>();
    const auto longitude = unpacker.take<double>();
    unpacker.require(std::abs(latitude) <= 90 && std::abs(longitude) <= 180);
    metadata.gps = {latitude, longitude};
  }
  if (unpacker.take_flag()) {
    metadata.rating = unpacker.take<int>();
    unpacker.require(*metadata.rating >= 0 && *metadata.rating <= 5);
  }
  info.dc_steps.own = unpacker.take<std::uint16_t>();
  info.dc_steps.coarser = unpacker.take<std::uint64_t>();
  return info;
}

Fingerprint take_fingerprint(Unpacker& unpacker) {
  const auto fingerprint = unpacker.take<Fingerprint>();
  const Region& content = fingerprint.content;
  unpacker.require(content.left < content.right &&
                   content.top < content.bottom &&
                   fingerprint.detail <= kHashBits);
  return fingerprint;
}

}  // namespace

std::vector<std::byte> pack(const DecodeRequest& request) {
  Packer packer(DecoderMessage::request);
  packer.add(request);
  return packer.take();
}

std::optional<DecodeRequest> unpack_request(
    std::span<const std::byte> message) {
  Unpacker unpacker(message, DecoderMessage::request);
  const auto request = unpacker.take<DecodeRequest>();
  unpacker.require(request.size_bytes <= request.capacity_bytes &&
                   request.look_for <= LookFor::thumbnail);
  if (!unpacker.is_whole()) return std::nullopt;
  return request;
}

std::vector<std::byte> pack_reservation(std::uint64_t bytes) {
  Packer packer(DecoderMessage::reservation);
  packer.add(bytes);
  return packer.take();
}

std::optional<std::uint64_t> unpack_reservation(
    std::span<const std::byte> message) {
  Unpacker unpacker(message, DecoderMessage::reservation);
  const auto bytes = unpacker.take<std::uint64_t>();
  if (!unpacker.is_whole()) return std::nullopt;
  return bytes;
}

std::vector<std::byte> pack_go() { return Packer(DecoderMessage::go).take(); }

bool is_go(std::span<const std::byte> message) {
  return Unpacker(message, DecoderMessage::go).is_whole();
}

std::vector<std::byte> pack(const LookAnswer& answer) {
  Packer packer(DecoderMessage::look);
  packer.add(answer.fingerprint_time.count());
  const Look& look = answer.look;
  add_info(packer, look.info);
  packer.add(static_cast<std::uint8_t>(look.fingerprint.has_value()));
  if (!look.fingerprint) {
    packer.add(look.fingerprint.error().code);
    packer.add_text(look.fingerprint.error().message, kMaxErrorText);
    return packer.take();
  }
  packer.add(*look.fingerprint);
  packer.add(look.sketch->whole);
  packer.add(static_cast<std::uint8_t>(look.sketch->content != nullptr));
  if (look.sketch->content) packer.add(*look.sketch->content);
  const bool fits = look.thumbnail.size() <= kMaxThumbnailBytes;
  packer.add_bytes(fits ? look.thumbnail : std::vector<std::byte>());
  return packer.take();
}

std::optional<LookAnswer> unpack_look(std::span<const std::byte> message) {
  Unpacker unpacker(message, DecoderMessage::look);
  const auto time =
      std::chrono::nanoseconds(unpacker.take<std::chrono::nanoseconds::rep>());
  unpacker.require(time.count() >= 0);
  LookAnswer answer{{take_info(unpacker), Fingerprint{}, {}}, time};
  Look& look = answer.look;
  if (unpacker.take_flag()) {
    look.fingerprint = take_fingerprint(unpacker);
    look.sketch.emplace();
    look.sketch->whole = unpacker.take<Thumbnail>();
    if (unpacker.take_flag()) {
      look.sketch->content =
          std::make_shared<Thumbnail>(unpacker.take<Thumbnail>());
    }
    look.thumbnail = unpacker.take_bytes(kMaxThumbnailBytes);
  } else {
    const auto code = unpacker.take<ErrorCode>();
    unpacker.require(
        code == ErrorCode::not_a_picture || code == ErrorCode::unsupported ||
        code == ErrorCode::too_large || code == ErrorCode::truncated ||
        code == ErrorCode::corrupt);
    look.fingerprint = fail(code, unpacker.take_text(kMaxErrorText));
  }
  if (!unpacker.is_whole()) return std::nullopt;
  return answer;
}

}  // namespace vam
