// The Huffman codes of a JPEG scan (ITU-T T.81, Annex C and F.2.2), and the
// look-up tables with which jpeg_dc.cpp walks from block to block.
//
// The walk wants to know of a block only where it ends. So a look-up by the
// next kWindowBits bits does not tell one symbol but what all symbols that fit
// come to: how many bits they and the bits behind them take, how many
// coefficients they stand for, and whether they end the block.
#pragma once

#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace vam {

/// A canonical code of symbols of 8 bits. Immutable.
class JpegHuffmanCode {
 public:
  struct Symbol {
    std::uint8_t length = 0;  ///< bits of its code, 1..16; 0: no such code
    std::uint8_t value = 0;
  };

  /// None if there are more codes of a length than bits for them, or one of
  /// all ones, which T.81 reserves.
  static std::optional<JpegHuffmanCode> make(const JHUFF_TBL& table);

  /// The first symbol of these 16 bits.
  Symbol first_of(std::uint32_t bits) const {
    const Symbol symbol = short_[bits >> (kMaxLength - kShortLength)];
    if (symbol.length != 0) return symbol;
    std::size_t length = kShortLength + 1;
    while (length <= kMaxLength && bits >= limits_[length]) ++length;
    if (length > kMaxLength) return {};
    const std::uint32_t index =
        (bits >> (kMaxLength - length)) + offsets_[length];
    return {static_cast<std::uint8_t>(length), values_[index & 0xFFU]};
  }

  /// Whether all symbols are sizes that a DC difference may have, 0..15.
  bool is_for_dc() const;

 private:
  static constexpr std::size_t kMaxLength = 16;
  static constexpr std::size_t kShortLength = 9;

  std::size_t count_ = 0;
  std::array<std::uint8_t, 256> values_{};
  /// By length: the first 16 bits that are beyond the codes of this length,
  /// and what to add to a code to get the place of its value.
  std::array<std::uint32_t, kMaxLength + 1> limits_{};
  std::array<std::uint32_t, kMaxLength + 1> offsets_{};
  /// The symbols with short codes, by the first bits.
  std::array<Symbol, std::size_t{1} << kShortLength> short_{};
};

/// What a run of symbols comes to, in 16 bits: 6 bits for the bits it takes,
/// the rest for the coefficients it stands for. The end of the block counts as
/// one more coefficient and kEndOfBlock.
using WalkEntry = std::uint32_t;
inline constexpr unsigned kWalkBitsWidth = 6;
inline constexpr std::uint32_t kBlockSize = 64;
inline constexpr std::uint32_t kEndOfBlock = 256;
/// In place of a count: the table cannot tell, one_symbol() can. More than any
/// sum of counts in a block, less than kEndOfBlock.
inline constexpr std::uint32_t kLookCloser = 128;

constexpr WalkEntry walk_entry(std::uint32_t bits, std::uint32_t count) {
  return count << kWalkBitsWidth | bits;
}
constexpr std::uint32_t bits_of(WalkEntry entry) {
  return entry & ((1U << kWalkBitsWidth) - 1);
}
constexpr std::uint32_t count_of(WalkEntry entry) {
  return entry >> kWalkBitsWidth;
}

/// No symbol, or one that leads beyond the block.
inline constexpr WalkEntry kBroken = 0;

/// The bits that a look-up sees. More symbols fit in more bits, but the tables
/// must stay in the first-level cache.
inline constexpr unsigned kWindowBits = 12;

/// No table entry takes more bits than this.
inline constexpr std::uint32_t kMaxEntryBits = 18;

/// The tables for blocks with one pair of codes. Immutable.
struct WalkTables {
  using Table = std::array<std::uint16_t, std::size_t{1} << kWindowBits>;

  JpegHuffmanCode dc;
  JpegHuffmanCode ac;
  Table first;  ///< at the beginning of a block
  Table rest;   ///< between its AC coefficients

  WalkTables(const JpegHuffmanCode& dc_code, const JpegHuffmanCode& ac_code);

  /// The next symbol alone, at coefficient `at` of a block; kBroken if there
  /// is none. Of the bits, the highest count first.
  WalkEntry one_symbol(std::uint64_t bits, std::uint32_t at) const;
};

/// The tables for these codes, none if the codes are none. The last few are
/// kept, by thread: photos of one camera often share them.
std::shared_ptr<const WalkTables> walk_tables(const JHUFF_TBL& dc,
                                              const JHUFF_TBL& ac);

}  // namespace vam
