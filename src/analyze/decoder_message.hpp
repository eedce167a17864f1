// What a run and its decoder processes say to each other.
//
// Over a socket that keeps messages apart: the decoder says Go when it is
// ready. The run sends a Request, whose file lies in memory that both share;
// the decoder answers with any number of Reservations, each of which waits for
// a Go, and in the end with a Look. Both sides are the same program. But a
// decoder may have fallen to the file that it reads, so nothing that it says is
// taken on trust.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analyze/look.hpp"

namespace vam {

enum class DecoderMessage : std::uint8_t { request, reservation, go, look };

struct DecodeRequest {
  std::uint64_t size_bytes = 0;      ///< of the file
  std::uint64_t capacity_bytes = 0;  ///< of the shared memory, at least that
  std::uint64_t max_side = 0;        ///< as the next two in DecodeLimits
  std::uint64_t max_pixels = 0;
  std::uint64_t max_memory_bytes = 0;
  std::uint32_t cpu_seconds = 0;  ///< to be spent at most; 0: no limit
  LookFor look_for = LookFor::fingerprint;
};

struct LookAnswer {
  Look look;
  /// Of the time between request and answer; the rest was the decoder's.
  std::chrono::nanoseconds fingerprint_time{};
};

inline constexpr std::size_t kMaxThumbnailBytes = std::size_t{128} << 10;
inline constexpr std::size_t kMaxDecoderMessageBytes =
    kMaxThumbnailBytes + (std::size_t{16} << 10);

/// Messages as they are sent, kMaxDecoderMessageBytes at most. Texts that are
/// longer than they should be are cut, thumbnails left out.
std::vector<std::byte> pack(const DecodeRequest& request);
std::vector<std::byte> pack_reservation(std::uint64_t bytes);
std::vector<std::byte> pack_go();
std::vector<std::byte> pack(const LookAnswer& answer);

/// None, unless the message is of this kind, whole, and makes sense.
std::optional<DecodeRequest> unpack_request(std::span<const std::byte> message);
std::optional<std::uint64_t> unpack_reservation(
    std::span<const std::byte> message);
bool is_go(std::span<const std::byte> message);
std::optional<LookAnswer> unpack_look(std::span<const std::byte> message);

}  // namespace vam
