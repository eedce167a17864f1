// A sequential JPEG scan is one long string of Huffman codes, block after block
// (ITU-T T.81, F.2): the difference of the DC coefficient to that of the block
// before, then the AC coefficients, then, unless all 63 came, an end code.
// There is no way to the next DC coefficient but along all codes between.
//
// 1. EntropyBytes takes the stuffed zeros out of the data, a chunk at a time,
//    so that the rest never has to look for markers.
// 2. Lane walks from block to block and notes the bit positions at which they
//    begin. It does not look at values, and without branches that depend on
//    the data it runs as fast as the look-ups follow each other.
// 3. Each look-up waits for the one before. So two lanes walk through a chunk
//    in turns, the second from the middle on. It begins anywhere, most likely
//    in the middle of a code, and sees nonsense; but Huffman codes fall into
//    step by themselves, mostly within a few blocks (T. Ferguson and
//    J. Rabinowitz, "Self-synchronizing Huffman codes", IEEE Transactions on
//    Information Theory 30, 1984). When the first lane comes to a block that
//    the second saw begin at the same bit, with the same tables, all that the
//    second saw from there on is what the first would see. If that does not
//    happen, the first goes on alone.
// 4. PlaneWriter reads the DC differences at the noted positions. There nothing
//    waits for anything but a sum.
#include "decode/jpeg_dc.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "decode/jpeg_huffman.hpp"

namespace vam {
namespace {

constexpr std::size_t kMaxBlocksInMcu = 10;  // T.81, B.2.3
constexpr int kMaxComponents = 4;
constexpr unsigned kRestartMarker = 0xD0;  // the first of 8

/// Blocks that a lane notes at most before its notes are used up.
constexpr std::size_t kLaneBlocks = 16384;

/// A lane looks up so many entries between two refills, and not more: 56 bits
/// are there after a refill.
constexpr int kLookUpsPerRefill = 3;
static_assert(kLookUpsPerRefill * kMaxEntryBits <= 56);

/// A lane that is not at its limit yet may read so many bytes from there: each
/// refill steps 7 bytes at most and reads 8, and a look-up may refill twice.
constexpr std::size_t kReach = 64;
static_assert((1 + 2 * kLookUpsPerRefill) * 7 + 8 <= kReach);

/// Zeros behind the last byte. Lanes run up to 8 bytes beyond it.
constexpr std::size_t kPadding = 8 + kReach;

std::uint64_t load_big_endian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::little) {
    value = __builtin_bswap64(value);
  }
  return value;
}

/// Positions in the data are noted as bits from address 0, modulo 2^32: the
/// lanes then need not know where the data begin.
std::uint32_t address_bits(const std::uint8_t* byte) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(byte) * 8);
}

bool has_ff_byte(std::uint64_t bytes) {
  constexpr std::uint64_t kLow = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  return ((~bytes - kLow) & bytes & kHigh) != 0;
}

/// The data between two markers without their stuffing, a part at a time.
class EntropyBytes {
 public:
  EntropyBytes(std::span<const std::uint8_t> data, std::size_t chunk_bytes)
      : rest_(data), chunk_bytes_(chunk_bytes) {}

  /// Forgets the bytes before `keep_from`, then takes in as many as fit.
  void advance(std::size_t keep_from);

  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return size_; }
  /// Whether all bytes before the next marker, or before the end of the data,
  /// are there.
  bool is_complete() const { return is_complete_; }

  /// Steps over the marker 0xFF `code`. False if there is another, or fill
  /// bytes before it, or nothing.
  bool skip_marker(std::uint8_t code);

 private:
  std::span<const std::uint8_t> rest_;
  std::size_t chunk_bytes_;
  // A chunk may get a few bytes more, for they come 8 at a time.
  std::array<std::uint8_t, DcChunks::kMaxBytes + 8 + kPadding> bytes_;
  std::size_t size_ = 0;
  bool is_complete_ = false;
};

void EntropyBytes::advance(std::size_t keep_from) {
  size_ -= keep_from;
  std::memmove(bytes_.data(), bytes_.data() + keep_from, size_);
  const std::uint8_t* in = rest_.data();
  const std::uint8_t* const end = in + rest_.size();
  while (!is_complete_ && size_ < chunk_bytes_) {
    if (end - in >= 8) {
      std::uint64_t next = 0;
      std::memcpy(&next, in, sizeof next);
      if (!has_ff_byte(next)) {
        std::memcpy(bytes_.data() + size_, in, sizeof next);
        size_ += sizeof next;
        in += sizeof next;
        continue;
      }
    }
    // Up to the byte 0xFF and its stuffing.
    while (in != end && *in != 0xFF) bytes_[size_++] = *in++;
    if (end - in < 2 || in[1] != 0) {
      is_complete_ = true;
      break;
    }
    bytes_[size_++] = 0xFF;
    in += 2;
  }
  rest_ = rest_.last(static_cast<std::size_t>(end - in));
  std::memset(bytes_.data() + size_, 0, kPadding);
}

bool EntropyBytes::skip_marker(std::uint8_t code) {
  if (!is_complete_ || rest_.size() < 2 || rest_[0] != 0xFF ||
      rest_[1] != code) {
    return false;
  }
  rest_ = rest_.subspan(2);
  is_complete_ = false;
  size_ = 0;
  return true;
}

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

/// One look-up. False, and the lane is where it was, if there is no code that
/// could stand here.
[[gnu::always_inline]] inline bool step(Lane& lane) {
  WalkEntry entry = lane.table[lane.bits >> (64U - kWindowBits)];
  std::uint32_t at = lane.at + count_of(entry);
  // The end of a block without its end code is seldom, and long codes are,
  // too: then one symbol at a time.
  if ((at % kEndOfBlock) > kBlockSize) [[unlikely]] {
    lane.refill();
    entry = lane.phase->tables->one_symbol(lane.bits, lane.at);
    if (entry == kBroken) return false;
    at = lane.at + count_of(entry);
    lane.drop(bits_of(entry));
    lane.refill();
  } else {
    lane.drop(bits_of(entry));
  }
  // At the end of the block, on to the next. Masks, for a branch would be
  // predicted wrong once in a block.
  const auto is_end = static_cast<std::uint32_t>(at >= kBlockSize);
  lane.last_note[1] = lane.position_now();
  lane.last_note += is_end;
  lane.at = at & (is_end - 1U);
  const auto rest = reinterpret_cast<std::uintptr_t>(lane.phase->rest);
  const auto first = reinterpret_cast<std::uintptr_t>(lane.phase->next_first);
  const auto phase = reinterpret_cast<std::uintptr_t>(lane.phase);
  const auto next = reinterpret_cast<std::uintptr_t>(lane.phase->next);
  const std::uintptr_t mask = std::uintptr_t{0} - is_end;
  lane.table =
      reinterpret_cast<const std::uint16_t*>(rest ^ ((rest ^ first) & mask));
  lane.phase = reinterpret_cast<const Phase*>(phase ^ ((phase ^ next) & mask));
  return true;
}

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

/// How far a lane may go.
struct LaneLimit {
  const std::uint8_t* next_byte = nullptr;
  const std::uint32_t* last_note = nullptr;

  LaneLimit(const Track& track, const std::uint8_t* end)
      : next_byte(end), last_note(track.notes.data() + kLaneBlocks) {}
  bool is_reached_by(const Lane& lane) const {
    return lane.next_byte >= next_byte || lane.last_note >= last_note;
  }
};

/// Until the track is at its limit, or broken.
void walk(Track& track, const std::uint8_t* end) {
  const LaneLimit limit(track, end);
  Lane lane = track.lane;  // in registers
  while (!track.is_broken && !limit.is_reached_by(lane)) {
    lane.refill();
    for (int i = 0; i < kLookUpsPerRefill && !track.is_broken; ++i) {
      track.is_broken = !step(lane);
    }
  }
  track.lane = lane;
}

/// Both in turns, until one is at its limit, or broken.
void walk_both(Track& track_a, const std::uint8_t* end_a, Track& track_b,
               const std::uint8_t* end_b) {
  const LaneLimit limit_a(track_a, end_a);
  const LaneLimit limit_b(track_b, end_b);
  Lane a = track_a.lane;
  Lane b = track_b.lane;
  bool a_goes_on = true;
  bool b_goes_on = true;
  while (!limit_a.is_reached_by(a) && !limit_b.is_reached_by(b)) {
    a.refill();
    b.refill();
    if (!(a_goes_on = step(a)) || !(b_goes_on = step(b)) ||
        !(a_goes_on = step(a)) || !(b_goes_on = step(b)) ||
        !(a_goes_on = step(a)) || !(b_goes_on = step(b))) {
      break;
    }
  }
  track_a.lane = a;
  track_b.lane = b;
  track_a.is_broken = !a_goes_on;
  track_b.is_broken = !b_goes_on;
}

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

/// How far the first track goes at a time while it looks for a block that the
/// second has noted.
constexpr std::size_t kMeetingBytes = 128;

void BlockFinder::find(const EntropyBytes& bytes, std::size_t position,
                       std::size_t block) {
  // A lane that has walked up to a bit has read up to 8 bytes ahead of it.
  const std::uint8_t* end = bytes.data() + bytes.size();
  end = bytes.is_complete() ? end + 8 : end - kReach;

  first_.begin(bytes.data(), position, phases_.at(block));
  const std::size_t ahead = bytes.size() - position / 8;
  bool has_second = ahead >= bytes_for_two_;
  first_run_ = {};
  second_run_ = {};
  if (has_second) {
    walk_in_turns(bytes, position / 8 + ahead / 2, end);
    second_run_ = second_.found();
  }
  while (!has_second || !meet(block)) {
    if (first_.is_broken || LaneLimit(first_, end).is_reached_by(first_.lane)) {
      second_run_ = {};
      break;
    }
    has_second = has_second && !second_run_.empty();
    walk(first_, has_second
                     ? std::min(first_.lane.next_byte + kMeetingBytes, end)
                     : end);
  }
  if (second_run_.empty()) first_run_ = first_.found();
}

/// Afterwards the first has come to the middle, or is broken or full.
void BlockFinder::walk_in_turns(const EntropyBytes& bytes, std::size_t middle,
                                const std::uint8_t* end) {
  const std::uint8_t* const data = bytes.data();
  const std::uint8_t* const first_end = std::min(data + middle + 8, end);
  std::size_t second_byte = middle;
  do {
    second_.begin(data, second_byte * 8, phases_.at(0));
    walk_both(first_, first_end, second_, end);
    // Nonsense ends soon where no code can stand. A fresh start behind it.
    second_byte = static_cast<std::size_t>(second_.lane.next_byte - data);
  } while (second_.is_broken && data + second_byte < end);
  walk(first_, first_end);
}

/// Looks for the first position that both have noted. Then the runs are the
/// notes of the first up to there, and those of the second from there on.
/// Otherwise drops notes of the second that the first has passed.
bool BlockFinder::meet(std::size_t block) {
  const auto firsts = first_.found();
  const std::uint32_t* const begin = firsts.data();
  const std::uint32_t* const end = begin + firsts.size();
  // Those before the middle cannot be among the notes of the second.
  const auto precedes = [](std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) < 0;
  };
  if (second_run_.empty()) return false;
  const std::uint32_t* at =
      std::lower_bound(begin, end, second_run_.front(), precedes);
  while (at != end && !second_run_.empty()) {
    if (precedes(*at, second_run_.front())) {
      ++at;
      continue;
    }
    const auto first_block = block + static_cast<std::size_t>(at - begin);
    const auto second_block =
        static_cast<std::size_t>(second_run_.data() - second_.found().data());
    if (*at == second_run_.front() &&
        phases_.at(first_block) == phases_.at(second_block)) {
      first_run_ = {begin, at};
      return true;
    }
    second_run_ = second_run_.subspan(1);
  }
  return false;
}

/// A block of an MCU, and where its values go.
struct BlockPlace {
  const WalkTables* tables = nullptr;
  std::size_t component = 0;
  std::int16_t* next = nullptr;
  std::ptrdiff_t mcu_step = 0;  ///< to the value in the next MCU
  std::ptrdiff_t row_skip = 0;  ///< at the end of a row of MCUs, besides
};

/// Reads DC differences and writes the sums.
class PlaneWriter {
 public:
  PlaneWriter(std::span<const BlockPlace> places, int mcus_per_row)
      : places_(places.begin(), places.end()), mcus_per_row_(mcus_per_row) {}

  /// At restart markers the sums begin anew.
  void restart() { sums_ = {}; }
  /// Blocks that begin at these places, which are address_bits().
  void write(const std::uint8_t* data, std::span<const std::uint32_t> notes);
  /// Whether all values are within 16 bits.
  bool is_sound() const { return (excess_ >> 16U) == 0; }

 private:
  void next_mcu();

  std::vector<BlockPlace> places_;
  std::size_t place_ = 0;  ///< the next
  int mcus_per_row_ = 0;
  int mcu_ = 0;  ///< in its row
  std::array<std::uint32_t, kMaxComponents> sums_{};
  std::uint32_t excess_ = 0;
};

/// The difference at the beginning of these bits (T.81, F.2.2.1).
std::uint32_t dc_difference(std::uint64_t bits, const JpegHuffmanCode& code) {
  const auto symbol = code.first_of(static_cast<std::uint32_t>(bits >> 48U));
  bits <<= symbol.length;
  // Values that begin with a zero are negative.
  const auto is_negative = static_cast<std::uint32_t>(~bits >> 63U);
  const auto value =
      static_cast<std::uint32_t>(bits >> 1U >> (63U - symbol.value));
  return value + ((0U - is_negative) & (1U - (1U << symbol.value)));
}

void PlaneWriter::write(const std::uint8_t* data,
                        std::span<const std::uint32_t> notes) {
  const std::uint32_t base = address_bits(data);
  std::uint32_t excess = 0;
  for (const std::uint32_t note : notes) {
    const std::uint32_t position = note - base;
    const std::uint64_t bits = load_big_endian(data + position / 8)
                               << (position % 8);
    BlockPlace& place = places_[place_];
    const std::uint32_t sum =
        sums_[place.component] + dc_difference(bits, place.tables->dc);
    sums_[place.component] = sum;
    excess |= sum + 0x8000U;
    *place.next = static_cast<std::int16_t>(sum);
    place.next += place.mcu_step;
    if (++place_ == places_.size()) next_mcu();
  }
  excess_ |= excess;
}

void PlaneWriter::next_mcu() {
  place_ = 0;
  if (++mcu_ < mcus_per_row_) return;
  mcu_ = 0;
  for (BlockPlace& place : places_) place.next += place.row_skip;
}

/// The data of one scan, from restart marker to restart marker.
class ScanReader {
 public:
  ScanReader(std::span<const std::uint8_t> data, const DcChunks& chunks,
             const PhaseRing& phases, PlaneWriter& writer)
      : bytes_(data, chunks.bytes),
        finder_(phases, chunks.bytes_for_two),
        writer_(writer) {}

  /// Reads the blocks between two markers. False unless they fill the data up
  /// to the last byte.
  bool read_blocks(std::uint64_t count);
  bool skip_marker(std::uint8_t code) { return bytes_.skip_marker(code); }

 private:
  EntropyBytes bytes_;
  BlockFinder finder_;
  PlaneWriter& writer_;
};

bool ScanReader::read_blocks(std::uint64_t count) {
  writer_.restart();
  std::size_t position = 0;  // bits
  const std::uint32_t base = address_bits(bytes_.data());
  for (std::uint64_t done = 0; done < count;) {
    bytes_.advance(position / 8);
    position %= 8;
    finder_.find(bytes_, position, static_cast<std::size_t>(done));
    const auto first = finder_.first_run();
    const auto second = finder_.second_run();
    const std::size_t found = first.size() + second.size() - 1;
    if (found == 0) return false;
    const auto used =
        static_cast<std::size_t>(std::min<std::uint64_t>(found, count - done));
    const std::uint32_t end =
        used < first.size() ? first[used] : second[used - first.size()];
    position = end - base;
    if (position > bytes_.size() * 8) return false;
    const std::size_t from_first = std::min(used, first.size());
    writer_.write(bytes_.data(), first.first(from_first));
    writer_.write(bytes_.data(), second.first(used - from_first));
    done += used;
  }
  // What is left in the last byte is padding.
  return bytes_.is_complete() && (position + 7) / 8 == bytes_.size();
}

std::size_t rounded_up_quotient(std::size_t value, std::size_t divisor) {
  return (value + divisor - 1) / divisor;
}

/// How a scan is made up. Made only of headers that libjpeg has accepted.
struct ScanLayout {
  std::size_t mcus_per_row = 0;
  std::size_t mcu_rows = 0;
  std::size_t blocks_in_mcu = 0;

  explicit ScanLayout(const jpeg_decompress_struct& jpeg);
  std::size_t plane_width(const jpeg_component_info& component) const {
    return mcus_per_row * width_in_mcu(component);
  }
  std::size_t plane_height(const jpeg_component_info& component) const {
    return mcu_rows * height_in_mcu(component);
  }
  std::size_t width_in_mcu(const jpeg_component_info& component) const {
    return is_single_ ? 1 : static_cast<std::size_t>(component.h_samp_factor);
  }
  std::size_t height_in_mcu(const jpeg_component_info& component) const {
    return is_single_ ? 1 : static_cast<std::size_t>(component.v_samp_factor);
  }

 private:
  /// With one component, an MCU is one block, whatever its sampling factors.
  bool is_single_;
};

ScanLayout::ScanLayout(const jpeg_decompress_struct& jpeg)
    : is_single_(jpeg.num_components == 1) {
  const auto mcu_side = [this](int sampling) {
    return std::size_t{DCTSIZE} *
           (is_single_ ? 1U : static_cast<std::size_t>(sampling));
  };
  mcus_per_row =
      rounded_up_quotient(jpeg.image_width, mcu_side(jpeg.max_h_samp_factor));
  mcu_rows =
      rounded_up_quotient(jpeg.image_height, mcu_side(jpeg.max_v_samp_factor));
  for (int i = 0; i < jpeg.num_components; ++i) {
    blocks_in_mcu +=
        width_in_mcu(jpeg.comp_info[i]) * height_in_mcu(jpeg.comp_info[i]);
  }
}

/// The table that a header names; null if there is none. Headers may name any.
template <class Table, std::size_t count>
const Table* named(Table* const (&tables)[count], int number) {
  const auto n = static_cast<std::size_t>(number);
  return n < count ? tables[n] : nullptr;
}

bool has_tables(const jpeg_decompress_struct& jpeg,
                const jpeg_component_info& component) {
  constexpr int kMaxQuantiser = std::numeric_limits<std::int16_t>::max();
  const JQUANT_TBL* quant = named(jpeg.quant_tbl_ptrs, component.quant_tbl_no);
  return quant != nullptr && quant->quantval[0] != 0 &&
         quant->quantval[0] <= kMaxQuantiser &&
         named(jpeg.dc_huff_tbl_ptrs, component.dc_tbl_no) != nullptr &&
         named(jpeg.ac_huff_tbl_ptrs, component.ac_tbl_no) != nullptr;
}

/// Whether the file is of the kind that is read here.
bool is_handled(const jpeg_decompress_struct& jpeg) {
  if (jpeg.progressive_mode != FALSE || jpeg.arith_code != FALSE ||
      jpeg.data_precision != 8 || jpeg.num_components > kMaxComponents ||
      jpeg.comps_in_scan != jpeg.num_components || jpeg.Ss != 0 ||
      jpeg.Se != DCTSIZE2 - 1 || jpeg.Ah != 0 || jpeg.Al != 0) {
    return false;
  }
  for (int i = 0; i < jpeg.num_components; ++i) {
    // The scan might name one component twice, and another not at all.
    if (jpeg.cur_comp_info[i] != &jpeg.comp_info[i] ||
        !has_tables(jpeg, jpeg.comp_info[i])) {
      return false;
    }
  }
  return true;
}

std::vector<DcPlane> make_planes(const jpeg_decompress_struct& jpeg,
                                 const ScanLayout& layout) {
  std::vector<DcPlane> planes;
  for (int i = 0; i < jpeg.num_components; ++i) {
    const jpeg_component_info& component = jpeg.comp_info[i];
    const std::size_t width = layout.plane_width(component);
    DcPlane plane;
    plane.width = static_cast<int>(component.width_in_blocks);
    plane.height = static_cast<int>(component.height_in_blocks);
    plane.stride = static_cast<int>(width);
    plane.quantiser = jpeg.quant_tbl_ptrs[component.quant_tbl_no]->quantval[0];
    plane.values.resize(width * layout.plane_height(component));
    planes.push_back(std::move(plane));
  }
  return planes;
}

/// The blocks of an MCU in their order: by component, row by row.
std::vector<BlockPlace> make_places(
    const jpeg_decompress_struct& jpeg, const ScanLayout& layout,
    std::span<const std::shared_ptr<const WalkTables>> tables,
    std::span<DcPlane> planes) {
  std::vector<BlockPlace> places;
  for (int i = 0; i < jpeg.num_components; ++i) {
    const auto n = static_cast<std::size_t>(i);
    const auto width =
        static_cast<std::ptrdiff_t>(layout.width_in_mcu(jpeg.comp_info[i]));
    const auto height =
        static_cast<std::ptrdiff_t>(layout.height_in_mcu(jpeg.comp_info[i]));
    const std::ptrdiff_t stride = planes[n].stride;
    for (std::ptrdiff_t y = 0; y < height; ++y) {
      for (std::ptrdiff_t x = 0; x < width; ++x) {
        places.push_back({tables[n].get(), n,
                          planes[n].values.data() + y * stride + x, width,
                          (height - 1) * stride});
      }
    }
  }
  return places;
}

/// From behind the scan header to the end of the file.
std::span<const std::uint8_t> scan_data(const jpeg_decompress_struct& jpeg) {
  return {jpeg.src->next_input_byte, jpeg.src->bytes_in_buffer};
}

}  // namespace

std::uint64_t dc_memory_needed(const jpeg_decompress_struct& jpeg) {
  const ScanLayout layout(jpeg);
  return std::uint64_t{layout.mcus_per_row} * layout.mcu_rows *
         layout.blocks_in_mcu * sizeof(std::int16_t);
}

std::optional<std::vector<DcPlane>> read_jpeg_dc(
    const jpeg_decompress_struct& jpeg, const DcChunks& chunks) {
  if (!is_handled(jpeg)) return std::nullopt;
  const ScanLayout layout(jpeg);
  if (layout.blocks_in_mcu > kMaxBlocksInMcu) return std::nullopt;
  const std::uint64_t mcus =
      std::uint64_t{layout.mcus_per_row} * layout.mcu_rows;
  // A block takes 2 bits or more: this cannot end well, and costs memory.
  const auto data = scan_data(jpeg);
  if (mcus * layout.blocks_in_mcu > std::uint64_t{data.size()} * 4) {
    return std::nullopt;
  }

  std::vector<std::shared_ptr<const WalkTables>> tables;
  for (int i = 0; i < jpeg.num_components; ++i) {
    const jpeg_component_info& component = jpeg.comp_info[i];
    tables.push_back(walk_tables(*jpeg.dc_huff_tbl_ptrs[component.dc_tbl_no],
                                 *jpeg.ac_huff_tbl_ptrs[component.ac_tbl_no]));
    if (!tables.back()) return std::nullopt;
  }
  std::vector<DcPlane> planes = make_planes(jpeg, layout);
  const auto places = make_places(jpeg, layout, tables, planes);
  std::vector<const WalkTables*> tables_of_blocks;
  for (const BlockPlace& place : places) {
    tables_of_blocks.push_back(place.tables);
  }
  const PhaseRing phases(tables_of_blocks);
  PlaneWriter writer(places, static_cast<int>(layout.mcus_per_row));
  const auto scan = std::make_unique<ScanReader>(data, chunks, phases, writer);

  const std::uint64_t interval =
      jpeg.restart_interval != 0 ? jpeg.restart_interval : mcus;
  unsigned restarts = 0;
  for (std::uint64_t done = 0; done < mcus;) {
    if (done != 0 && !scan->skip_marker(static_cast<std::uint8_t>(
                         kRestartMarker + restarts++ % 8))) {
      return std::nullopt;
    }
    const std::uint64_t count = std::min(interval, mcus - done);
    if (!scan->read_blocks(count * layout.blocks_in_mcu)) return std::nullopt;
    done += count;
  }
  if (!scan->skip_marker(JPEG_EOI) || !writer.is_sound()) return std::nullopt;
  return planes;
}

std::optional<Image> samples_of(const DcPlane& plane) {
  // libjpeg's table for clamping is this long.
  constexpr int kMostBelow = -512;
  constexpr int kMostAbove = 511;
  Image image(plane.width, plane.height);
  bool is_sound = true;
  for (int y = 0; y < image.height; ++y) {
    const std::int16_t* in = plane.row(y);
    std::uint8_t* out = image.row(y);
    for (int x = 0; x < image.width; ++x) {
      // The DC coefficient is 8 times the mean, less 128.
      const int mean = (in[x] * plane.quantiser + 4) >> 3;
      is_sound = is_sound && mean >= kMostBelow && mean <= kMostAbove;
      out[x] = static_cast<std::uint8_t>(std::clamp(mean + 128, 0, 255));
    }
  }
  if (!is_sound) return std::nullopt;
  return image;
}

}  // namespace vam
