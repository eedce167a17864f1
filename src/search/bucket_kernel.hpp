// The comparison of buckets, written once for all instruction sets. Has no
// include guard: bucket.cpp includes it once for each, in a namespace of its
// own, after defining there
//   VAM_TARGET  the attribute that allows these instructions,
//   Chunk       up to kChunk hashes: may_be_near() is false if none of
//               kRowsAtOnce hashes is within the radius of any, near() tells
//               which of them count for a hash, as bits, list() lists these,
//               given the pair of the first one.

/// Makes pairs of near rows, and keeps those that are wanted.
VAM_TARGET inline void list_pairs(Found& found) {
  const auto& [join, first, second, steps] = found.lists;
  std::array<CandidatePair, Found::kMost> made;
  std::size_t count = 0;
  for (const RowPair rows : std::span(found.near).first(found.count)) {
    const std::size_t row = rows >> 32U;
    const std::size_t partner = rows & UINT32_MAX;
    const Hash difference = first.hashes[row] ^ second.hashes[partner];
    made[count] = join.pair(first.ids[row], second.ids[partner],
                            std::popcount(difference));
    count += !found.filter || found.filter(difference) ? 1 : 0;
  }
  found.pairs.insert(found.pairs.end(), made.begin(),
                     made.begin() + static_cast<std::ptrdiff_t>(count));
  found.count = 0;
}

/// Compares the rows with a part of a bucket, from `partner` on. `is_own`: the
/// rows are of the same bucket.
[[gnu::always_inline]] VAM_TARGET inline void compare_rows(
    const Hash* firsts, std::uint32_t begin, std::uint32_t end,
    const Chunk& chunk, std::uint32_t partner, bool is_own,
    const NearRule& rule, Found& found) {
  for (std::uint32_t rows = begin; rows < end; rows += kRowsAtOnce) {
    if (!chunk.may_be_near(firsts + rows)) continue;
    const std::uint32_t rows_end = std::min(rows + kRowsAtOnce, end);
    for (std::uint32_t row = rows; row < rows_end; ++row) {
      unsigned near = chunk.near(firsts[row], rule);
      if (is_own && row >= partner) {
        near &= row - partner < kChunk ? ~1U << (row - partner) : 0U;
      }
      chunk.list(RowPair{row} << 32U | partner, near, found.end());
      found.count += static_cast<std::size_t>(std::popcount(near));
      if (found.count > Found::kRoom) list_pairs(found);
    }
  }
}

VAM_TARGET inline void compare(const BucketLists& lists, const BucketTask& task,
                               const NearRule& rule, const PairFilter& filter,
                               Pairs& pairs) {
  const std::uint32_t* const begins = lists.second.begins.data();
  const Hash* const firsts = lists.first.hashes.data();
  Found found(lists, filter, pairs);
  std::uint32_t key = task.least_key;
  for (std::uint32_t begin = task.begin, end; begin < task.end; begin = end) {
    while (lists.first.begins[key + 1] <= begin) ++key;
    end = std::min(lists.first.begins[key + 1], task.end);
    for (const std::uint32_t step : lists.lower_steps.first(task.lower_steps)) {
      const std::uint32_t partner_key = key ^ task.upper_step ^ step;
      if (lists.join.is_self && partner_key < key) continue;
      const bool is_own = lists.join.is_self && partner_key == key;
      const std::uint32_t partners_end = begins[partner_key + 1];
      for (std::uint32_t partner = begins[partner_key]; partner < partners_end;
           partner += kChunk) {
        const Chunk chunk(lists.second.hashes.data() + partner,
                          std::min(kChunk, partners_end - partner),
                          rule.radius);
        compare_rows(firsts, begin, end, chunk, partner, is_own, rule, found);
      }
    }
  }
  list_pairs(found);
}
