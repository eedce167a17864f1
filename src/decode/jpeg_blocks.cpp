#include "decode/jpeg_blocks.hpp"

namespace vam {
namespace {

/// A lane that is not at its limit yet may read so many bytes from there: each
/// refill steps 7 bytes at most and reads 8, and a look-up may refill twice.
constexpr std::size_t kReach = 64;
static_assert((1 + 2 * kLookUpsPerRefill) * 7 + 8 <= kReach);
// Lanes run up to 8 bytes beyond the last one.
static_assert(8 + kReach <= EntropyBytes::kPadding);

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
  // NOLINTBEGIN(performance-no-int-to-ptr): these are loaded from, no more.
  lane.table =
      reinterpret_cast<const std::uint16_t*>(rest ^ ((rest ^ first) & mask));
  lane.phase = reinterpret_cast<const Phase*>(phase ^ ((phase ^ next) & mask));
  // NOLINTEND(performance-no-int-to-ptr)
  return true;
}

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
    for (std::size_t i = 0; i < kLookUpsPerRefill && !track.is_broken; ++i) {
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

/// How far the first track goes at a time while it looks for a block that the
/// second has noted.
constexpr std::size_t kMeetingBytes = 128;

}  // namespace

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

}  // namespace vam
