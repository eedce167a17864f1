#include "decode/jpeg_huffman.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vam {
namespace {

constexpr std::uint32_t kMaxDcSize = 15;
constexpr std::uint32_t kRunOf16 = 0xF0;  // zeros, and no value behind them

constexpr std::uint32_t size_of(std::uint8_t symbol) { return symbol & 15U; }
constexpr std::uint32_t run_of(std::uint8_t symbol) { return symbol >> 4U; }

/// What an AC symbol alone comes to. All that have no size but the run of 16
/// end the block, as libjpeg has it, too.
WalkEntry ac_entry(JpegHuffmanCode::Symbol symbol) {
  if (symbol.length == 0) return kBroken;
  if (size_of(symbol.value) == 0 && symbol.value != kRunOf16) {
    return walk_entry(symbol.length, kEndOfBlock + 1);
  }
  return walk_entry(symbol.length + size_of(symbol.value),
                    run_of(symbol.value) + 1);
}

WalkEntry dc_entry(JpegHuffmanCode::Symbol symbol) {
  if (symbol.length == 0) return kBroken;
  return walk_entry(symbol.length + std::uint32_t{symbol.value}, 1);
}

/// One symbol by the bits of a window, and how long its code is.
struct SingleEntry {
  std::uint16_t entry = 0;
  std::uint8_t code_length = 0;
};
using SingleTable = std::array<SingleEntry, std::size_t{1} << kWindowBits>;

void fill(SingleTable& table, const JpegHuffmanCode& code,
          WalkEntry (*entry_of)(JpegHuffmanCode::Symbol)) {
  for (std::size_t window = 0; window < table.size();) {
    const auto symbol =
        code.first_of(static_cast<std::uint32_t>(window << (16 - kWindowBits)));
    const bool fits = symbol.length != 0 && symbol.length <= kWindowBits;
    const std::size_t same =
        fits ? std::size_t{1} << (kWindowBits - symbol.length) : 1;
    const SingleEntry single =
        fits ? SingleEntry{static_cast<std::uint16_t>(entry_of(symbol)),
                           symbol.length}
             : SingleEntry{};
    std::fill_n(table.begin() + static_cast<std::ptrdiff_t>(window), same,
                single);
    window += same;
  }
}

/// All symbols whose codes lie in the window, of which the first is found in
/// `head` and the others in `tail`. The bits behind a code need not lie in it.
std::uint16_t run_entry(std::size_t window, const SingleTable& head,
                        const SingleTable& tail) {
  const std::size_t mask = head.size() - 1;
  const SingleTable* table = &head;
  WalkEntry sum = 0;
  while (bits_of(sum) < kWindowBits && count_of(sum) < kBlockSize) {
    const SingleEntry& next = (*table)[window << bits_of(sum) & mask];
    if (next.code_length == 0 ||
        bits_of(sum) + next.code_length > kWindowBits ||
        bits_of(sum) + bits_of(next.entry) > kMaxEntryBits) {
      break;
    }
    sum += next.entry;
    table = &tail;
  }
  if (sum == 0) sum = walk_entry(0, kLookCloser);
  return static_cast<std::uint16_t>(sum);
}

bool is_same(const JHUFF_TBL& a, const JHUFF_TBL& b) {
  return std::memcmp(a.bits + 1, b.bits + 1, sizeof a.bits - 1) == 0 &&
         std::memcmp(a.huffval, b.huffval, sizeof a.huffval) == 0;
}

struct CachedTables {
  JHUFF_TBL dc{};
  JHUFF_TBL ac{};
  std::shared_ptr<const WalkTables> tables;
};

std::shared_ptr<const WalkTables> make_tables(const JHUFF_TBL& dc,
                                              const JHUFF_TBL& ac) {
  const auto dc_code = JpegHuffmanCode::make(dc);
  const auto ac_code = JpegHuffmanCode::make(ac);
  if (!dc_code || !ac_code || !dc_code->is_for_dc()) return nullptr;
  return std::make_shared<const WalkTables>(*dc_code, *ac_code);
}

}  // namespace

std::optional<JpegHuffmanCode> JpegHuffmanCode::make(const JHUFF_TBL& table) {
  JpegHuffmanCode code;
  std::copy_n(table.huffval, code.values_.size(), code.values_.begin());
  std::uint32_t next = 0;  // the first code of a length, left-aligned
  std::uint32_t place = 0;
  for (std::size_t length = 1; length <= kMaxLength; ++length) {
    const std::uint32_t count = table.bits[length];
    const std::size_t shift = kMaxLength - length;
    code.offsets_[length] = place - (next >> shift);
    place += count;
    next += count << shift;
    code.limits_[length] = next;
    if (count != 0 && next > 0xFFFFU) return std::nullopt;
  }
  if (place > code.values_.size()) return std::nullopt;
  code.count_ = place;
  auto at = code.short_.begin();
  for (std::size_t length = 1, n = 0; length <= kShortLength; ++length) {
    for (std::size_t i = 0; i < table.bits[length]; ++i, ++n) {
      at = std::fill_n(
          at, std::size_t{1} << (kShortLength - length),
          Symbol{static_cast<std::uint8_t>(length), code.values_[n]});
    }
  }
  return code;
}

bool JpegHuffmanCode::is_for_dc() const {
  return std::all_of(values_.begin(),
                     values_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [](std::uint8_t size) { return size <= kMaxDcSize; });
}

WalkTables::WalkTables(const JpegHuffmanCode& dc_code,
                       const JpegHuffmanCode& ac_code)
    : dc(dc_code), ac(ac_code) {
  SingleTable dc_singles;
  SingleTable ac_singles;
  fill(dc_singles, dc, dc_entry);
  fill(ac_singles, ac, ac_entry);
  for (std::size_t window = 0; window < first.size(); ++window) {
    first[window] = run_entry(window, dc_singles, ac_singles);
    rest[window] = run_entry(window, ac_singles, ac_singles);
  }
}

WalkEntry WalkTables::one_symbol(std::uint64_t bits, std::uint32_t at) const {
  const auto next = static_cast<std::uint32_t>(bits >> 48U);
  if (at == 0) return dc_entry(dc.first_of(next));
  const WalkEntry entry = ac_entry(ac.first_of(next));
  const auto count = count_of(entry);
  const bool is_beyond = count < kEndOfBlock && at + count > kBlockSize;
  return is_beyond ? kBroken : entry;
}

std::shared_ptr<const WalkTables> walk_tables(const JHUFF_TBL& dc,
                                              const JHUFF_TBL& ac) {
  // The latest comes first.
  constexpr std::size_t kKept = 4;
  thread_local std::vector<CachedTables> cache;
  auto found = std::find_if(cache.begin(), cache.end(), [&](const auto& kept) {
    return is_same(kept.dc, dc) && is_same(kept.ac, ac);
  });
  if (found == cache.end()) {
    auto tables = make_tables(dc, ac);
    if (!tables) return nullptr;
    if (cache.size() == kKept) cache.pop_back();
    cache.push_back({dc, ac, std::move(tables)});
    found = std::prev(cache.end());
  }
  std::rotate(cache.begin(), found, found + 1);
  return cache.front().tables;
}

}  // namespace vam
