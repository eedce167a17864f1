// Compares buckets of hashes with buckets whose keys are near: see
// near_bands.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "search/join.hpp"

namespace vam {

/// Points sorted by a key. Those with the same one are a bucket.
struct KeyedPoints {
  std::unique_ptr<Hash[]> hashes;        ///< by row, and some zeros behind
  std::unique_ptr<std::uint32_t[]> ids;  ///< by row
  std::vector<std::uint32_t> begins;     ///< of buckets, by key; and the end

  /// The bits of the band make the key.
  KeyedPoints(const Points& points, Hash band);

  std::size_t key_count() const { return begins.size() - 1; }
};

inline constexpr std::size_t kMaxNearBands = 8;

/// Which pairs count: those within the radius, but for those that are within
/// reach in one of the earlier bands.
struct NearRule {
  int radius;
  std::size_t earlier_count = 0;
  std::array<Hash, kMaxNearBands> bands;   ///< earlier ones
  std::array<int, kMaxNearBands> reaches;  ///< the same
};

/// Rows of the first list that are compared at a time.
inline constexpr std::uint32_t kRowsAtOnce = 4;

/// A change of the upper half of a key.
struct UpperStep {
  std::uint32_t bits;         ///< to be changed
  std::uint32_t lower_steps;  ///< how many changes of the lower half go with it
};

/// What is to be compared: some rows, each with the buckets whose key is that
/// of the row, changed by one of these upper steps and one of its lower steps.
struct BucketTask {
  std::uint32_t begin;       ///< of the rows
  std::uint32_t end;         ///< the same
  std::uint32_t least_key;   ///< of the rows; may be less
  std::uint32_t first_step;  ///< of BucketLists::upper_steps
  std::uint32_t steps_end;   ///< the same
};

/// The lists that tasks are about. Of a self-join both are the same, and each
/// pair of rows is compared once. The first of the steps change nothing.
struct BucketLists {
  const Join& join;
  const KeyedPoints& first;
  const KeyedPoints& second;
  std::span<const UpperStep> upper_steps;
  std::span<const std::uint32_t> lower_steps;
};

/// The same work with different instructions; the results are the same.
struct BucketKernel {
  const char* name;  ///< for people
  bool (*is_supported)();
  /// Appends the pairs that count.
  void (*compare)(const BucketLists& lists, const BucketTask& task,
                  const NearRule& rule, Pairs& pairs);
};

/// The fastest come first; the last one runs everywhere.
std::span<const BucketKernel> bucket_kernels();

/// The one in use: the fastest that this machine can run.
const BucketKernel& bucket_kernel();

/// Uses another one, which this machine can run, for measurements and tests.
/// Not while anything is searched.
void use_bucket_kernel(const BucketKernel& kernel);

}  // namespace vam
