// Compares a block of 512 hashes with others, all at once: see scan.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "vam/hash.hpp"

namespace vam {

/// Hashes in a block, and queries that are compared with it in one go.
inline constexpr std::size_t kBlock = 512;
inline constexpr std::size_t kBlockWords = kBlock / 64;

/// One bit for each hash of a block.
struct alignas(64) Plane {
  std::array<std::uint64_t, kBlockWords> words;  ///< not initialised
};

/// The bits of a block of hashes: plane b holds bit b of each.
using BitPlanes = std::array<Plane, kHashBits>;

/// How many of three bits differ from a query's, as a number of two bits.
struct TripleCount {
  Plane ones;
  Plane twos;
};

inline constexpr int kTriples = 21;
/// The binary digits, but for the highest, of what is added to every distance.
inline constexpr int kBiasBits = 6;

/// What is worked out once for a block: the counts for each three bits that a
/// query may have, for the bits 0..62, and the bit 63 by itself.
struct BlockTable {
  std::array<std::array<TripleCount, 8>, kTriples> triples;
  std::array<Plane, 2> last;
  std::array<Plane, kBiasBits> bias;
};

/// A query with near hashes in the block.
struct TileHit {
  std::uint32_t query;
  Plane near;
};

/// The same work with different instructions; the results are the same.
struct TileKernel {
  const char* name;  ///< for people
  bool (*is_supported)();
  /// Fills the table; radius 0..63.
  void (*prepare)(const BitPlanes& planes, int radius, BlockTable& table);
  /// Compares `count` <= kBlock queries with the block; writes a hit for each
  /// query that has any, in order, and returns how many.
  std::size_t (*compare)(const BlockTable& table, const Hash* queries,
                         std::size_t count, TileHit* hits);
};

/// The fastest come first; the last one runs everywhere.
std::span<const TileKernel> tile_kernels();

/// The one in use: the fastest that this machine can run.
const TileKernel& tile_kernel();

/// Uses another one, which this machine can run, for measurements and tests.
/// Not while anything is searched.
void use_tile_kernel(const TileKernel& kernel);

}  // namespace vam
