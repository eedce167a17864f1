// What the exact indexes share: the points to be joined, and pairs of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "vam/search.hpp"

namespace vam {

/// Hashes and their ids, of equal length.
struct Points {
  std::span<const std::uint32_t> ids;
  std::span<const Hash> hashes;

  std::size_t size() const { return hashes.size(); }
  Points part(std::size_t begin, std::size_t count) const {
    return {ids.subspan(begin, count), hashes.subspan(begin, count)};
  }
};

/// Points that are added in parts.
struct PointList {
  std::vector<std::uint32_t> ids;
  std::vector<Hash> hashes;

  void add(std::span<const std::uint32_t> more_ids,
           std::span<const Hash> more_hashes);
  Points points() const { return {ids, hashes}; }
};

/// All pairs of a point of `first` and a point of `second`; or, if `is_self`,
/// in which case both are the same, all pairs of two points of `first`.
struct Join {
  Points first;
  Points second;
  bool is_self = false;

  static Join of(const Points& points) { return {points, points, true}; }
  static Join of(const Points& first, const Points& second) {
    return {first, second, false};
  }
  std::size_t point_count() const {
    return first.size() + (is_self ? 0 : second.size());
  }
  /// How many pairs there are at any distance.
  double pair_count() const {
    const auto count = static_cast<double>(first.size());
    return is_self ? count * (count - 1) / 2
                   : count * static_cast<double>(second.size());
  }
  CandidatePair pair(std::uint32_t first_id, std::uint32_t second_id,
                     int distance) const {
    const auto bits = static_cast<std::uint32_t>(distance);
    if (is_self && second_id < first_id) return {second_id, first_id, bits};
    return {first_id, second_id, bits};
  }
};

/// Which of the near pairs are wanted, by the bits in which their hashes
/// differ. Called by many threads at once; empty: all.
using PairFilter = std::function<bool(Hash difference)>;

using Pairs = std::vector<CandidatePair>;

/// Compares all with all: see scan.cpp.
void scan_join(const Join& join, int radius, int threads,
               const PairFilter& filter, const SearchIndex::Sink& sink);

/// The instructions that scan_join() uses on this machine, for people.
const char* scan_instructions();

}  // namespace vam
