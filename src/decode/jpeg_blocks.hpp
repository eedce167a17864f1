// Finds where the blocks of a JPEG scan begin.
//
// A sequential scan is one long string of Huffman codes, block after block
// (ITU-T T.81, F.2): the difference of the DC coefficient to that of the block
// before, then the AC coefficients, then, unless all 63 came, an end code.
// There is no way to the next DC coefficient but along all codes between.
//
// 1. Lane walks from block to block and notes the bit positions at which they
//    begin. It does not look at values, and without branches that depend on
//    the data it runs as fast as the look-ups follow each other.
// 2. Each look-up waits for the one before. So two lanes walk through a chunk
//    in turns, the second from the middle on. It begins anywhere, most likely
//    in the middle of a code, and sees nonsense; but Huffman codes fall into
//    step by themselves, mostly within a few blocks (T. Ferguson and
//    J. Rabinowitz, "Self-synchronizing Huffman codes", IEEE Transactions on
//    Information Theory 30, 1984). When the first lane comes to a block that
//    the second saw begin at the same bit, with the same tables, all that the
//    second saw from there on is what the first would see. If that does not
//    happen, the first goes on alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "decode/jpeg_entropy.hpp"
#include "decode/jpeg_huffman.hpp"

namespace vam {

inline constexpr std::size_t kMaxBlocksInMcu = 10;  // T.81, B.2.3

/// Blocks that a lane notes at most before its notes are used up.
inline constexpr std::size_t kLaneBlocks = 16384;

/// A lane looks up so many entries between two refills, and not more: 56 bits
/// are there after a refill.
inline constexpr std::size_t kLookUpsPerRefill = 3;
static_assert(kLookUpsPerRefill * kMaxEntryBits <= 56);

/// What a lane needs to know of a block in its MCU. The phases of a scan form
/// a ring.
struct Phase {
  const WalkTables* tables = nullptr;
  const std::uint16_t* rest = nullptr;
  const std::uint16_t* next_first = nullptr;
  const Phase* next = nullptr;
};

/// Walks through the data from block to block.
struct Lane {
  std::uint64_t bits = 0;  ///< the next ones, the highest first
  std::uint64_t bit_count = 0;
  const std::uint8_t* next_byte = nullptr;
  const std::uint16_t* table = nullptr;  ///< for the next look-up
  const Phase* phase = nullptr;          ///< of the block
  std::uint32_t at = 0;                  ///< coefficient in the block
  /// The notes: where blocks begin, as address_bits(). The last is that of the
  /// block which the lane is in.
  std::uint32_t* last_note = nullptr;

  void begin(const std::uint8_t* bytes, std::size_t position,
             const Phase* first_phase, std::uint32_t* notes) {
    next_byte = bytes + position / 8;
    bits = 0;
    bit_count = 0;
    refill();
    drop(position % 8);
    phase = first_phase;
    table = phase->tables->first.data();
    at = 0;
    last_note = notes;
    *last_note = position_now();
  }

  /// Afterwards there are 56 bits or more.
  void refill() {
    bits |= load_big_endian(next_byte) >> bit_count;
    next_byte += (63 - bit_count) >> 3U;
    bit_count |= 56U;
  }
  void drop(std::uint64_t count) {
    bits <<= count;
    bit_count -= count;
  }
  std::uint32_t position_now() const {
    return address_bits(next_byte) - static_cast<std::uint32_t>(bit_count);
  }
};

/// A lane with its notes.
struct Track {
  Lane lane;
  bool is_broken = false;  ///< there is no code where the lane is
  // A lane may take a few steps beyond its limit, and writes one further.
  std::array<std::uint32_t, kLaneBlocks + 2 * kLookUpsPerRefill> notes;

  void begin(const std::uint8_t* bytes, std::size_t position,
             const Phase* phase) {
    lane.begin(bytes, position, phase, notes.data());
    is_broken = false;
  }
  /// Where blocks begin. The last one, perhaps, is not whole.
  std::span<const std::uint32_t> found() const {
    return {notes.data(), lane.last_note + 1};
  }
};

/// The codes of the blocks of an MCU, as a ring. Short, if they repeat: where
/// all blocks have the same codes, it does not matter which is which.
class PhaseRing {
 public:
  explicit PhaseRing(std::span<const WalkTables* const> blocks) {
    while (!repeats_after(blocks, ++size_)) {
    }
    for (std::size_t i = 0; i < size_; ++i) {
      const std::size_t next = (i + 1) % size_;
      phases_[i] = {blocks[i], blocks[i]->rest.data(),
                    blocks[next]->first.data(), &phases_[next]};
    }
  }
  PhaseRing(const PhaseRing&) = delete;
  PhaseRing& operator=(const PhaseRing&) = delete;

  std::size_t size() const { return size_; }
  /// Of a block, counted from the beginning of an MCU.
  const Phase* at(std::size_t block) const { return &phases_[block % size_]; }

 private:
  static bool repeats_after(std::span<const WalkTables* const> blocks,
                            std::size_t count) {
    return blocks.size() % count == 0 &&
           std::equal(blocks.begin() + static_cast<std::ptrdiff_t>(count),
                      blocks.end(), blocks.begin());
  }

  std::size_t size_ = 0;
  std::array<Phase, kMaxBlocksInMcu> phases_{};
};

/// Finds where the blocks in a chunk begin.
class BlockFinder {
 public:
  BlockFinder(const PhaseRing& phases, std::size_t bytes_for_two)
      : phases_(phases), bytes_for_two_(bytes_for_two) {}

  /// Goes on from a bit at which block number `block` begins. What was found
  /// is told by the runs.
  void find(const EntropyBytes& bytes, std::size_t position, std::size_t block);

  /// Where blocks begin, as address_bits(). Those in the second follow those in
  /// the first. The last of all is where the last block ends.
  std::span<const std::uint32_t> first_run() const { return first_run_; }
  std::span<const std::uint32_t> second_run() const { return second_run_; }

 private:
  void walk_in_turns(const EntropyBytes& bytes, std::size_t middle,
                     const std::uint8_t* end);
  bool meet(std::size_t block);

  const PhaseRing& phases_;
  std::size_t bytes_for_two_;
  Track first_;
  Track second_;
  std::span<const std::uint32_t> first_run_;
  std::span<const std::uint32_t> second_run_;
};

}  // namespace vam
