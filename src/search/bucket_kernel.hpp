// The comparison of buckets, written once for all instruction sets. Has no
// include guard: bucket.cpp includes it once for each, in a namespace of its
// own, after defining there
//   VAM_TARGET  the attribute that allows these instructions,
//   Chunk       up to kChunk hashes: may_be_near() is false if none of
//               kRowsAtOnce hashes is within the radius of any, near() tells
//               which of them count for a hash, as bits, list() lists these,
//               given the row of that hash and those of the chunk.

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

/// Compares rows with so many partners. `is_own`: these are of the same bucket,
/// one behind the other, and each pair counts once.
[[gnu::always_inline]] VAM_TARGET inline void compare_rows(
    std::uint32_t begin, std::uint32_t end, const Partners& partners,
    std::uint32_t count, bool is_own, const NearRule& rule, Found& found) {
  const Hash* const firsts = found.lists.first.hashes.get();
  for (std::uint32_t at = 0; at < count; at += kChunk) {
    const Chunk chunk(partners.hashes.data() + at, std::min(kChunk, count - at),
                      rule.radius);
    const std::uint32_t* const partner_rows = partners.rows.data() + at;
    const std::uint32_t last =
        is_own ? std::min(end, partner_rows[0] + kChunk) : end;
    for (std::uint32_t rows = begin; rows < last; rows += kRowsAtOnce) {
      if (!chunk.may_be_near(firsts + rows)) continue;
      const std::uint32_t rows_end = std::min(rows + kRowsAtOnce, last);
      for (std::uint32_t row = rows; row < rows_end; ++row) {
        unsigned near = chunk.near(firsts[row], rule);
        if (is_own && row >= partner_rows[0]) {
          near &= ~1U << (row - partner_rows[0]);
        }
        chunk.list(RowPair{row} << 32U, partner_rows, near, found.end());
        found.count += static_cast<std::size_t>(std::popcount(near));
        if (found.count > Found::kRoom) list_pairs(found);
      }
    }
  }
}

VAM_TARGET inline void compare(const BucketLists& lists, const BucketTask& task,
                               const NearRule& rule, const PairFilter& filter,
                               Pairs& pairs) {
  const std::uint32_t* const begins = lists.second.begins.data();
  Found found(lists, filter, pairs);
  Partners partners;
  std::uint32_t key = task.least_key;
  for (std::uint32_t begin = task.begin, end; begin < task.end; begin = end) {
    while (lists.first.begins[key + 1] <= begin) ++key;
    end = std::min(lists.first.begins[key + 1], task.end);
    std::uint32_t count = 0;
    for (const std::uint32_t step : lists.lower_steps.first(task.lower_steps)) {
      const std::uint32_t partner_key = key ^ task.upper_step ^ step;
      if (lists.join.is_self && partner_key < key) continue;
      const bool is_own = lists.join.is_self && partner_key == key;
      const std::uint32_t partners_end = begins[partner_key + 1];
      for (std::uint32_t row = is_own ? begin : begins[partner_key];
           row < partners_end; row += kChunk) {
        partners.put(count, lists.second.hashes.get(), row);
        count += std::min(kChunk, partners_end - row);
        if (count < Partners::kRoom) continue;
        compare_rows(begin, end, partners, count, is_own, rule, found);
        count = 0;
      }
      if (!is_own) continue;  // else it was the first step
      compare_rows(begin, end, partners, count, is_own, rule, found);
      count = 0;
    }
    compare_rows(begin, end, partners, count, false, rule, found);
  }
  list_pairs(found);
}
