// The comparison of buckets, written once for all instruction sets. Has no
// include guard: bucket.cpp includes it once for each, in a namespace of its
// own, after defining there
//   VAM_TARGET  the attribute that allows these instructions,
//   Rows        kRowsAtOnce hashes. lay_out() makes partners ready for them,
//               of which kAtOnce are compared at a time: may_be_near() is false
//               if none of these is within the radius of any row; if it was
//               true, near() tells which of a chunk of these count for a row,
//               as bits, and list() lists these, given the row and those of the
//               chunk. Fewer partners than kFewest do without vectors.

/// Makes pairs of near rows.
VAM_TARGET inline void list_pairs(Found& found) {
  const BucketLists& lists = found.lists;
  std::array<CandidatePair, Found::kMost> made;
  for (std::size_t n = 0; n < found.count; ++n) {
    const std::size_t row = found.near[n] >> 32U;
    const std::size_t partner = found.near[n] & UINT32_MAX;
    const int distance =
        std::popcount(lists.first.hashes[row] ^ lists.second.hashes[partner]);
    made[n] = lists.join.pair(lists.first.ids[row], lists.second.ids[partner],
                              distance);
  }
  found.pairs.insert(found.pairs.end(), made.begin(),
                     made.begin() + static_cast<std::ptrdiff_t>(found.count));
  found.count = 0;
}

/// Compares rows with so many partners. `is_own`: these are of the same bucket,
/// one behind the other, and each pair counts once.
template <class SomeRows>
[[gnu::always_inline]] VAM_TARGET inline void compare_rows_as(
    std::uint32_t begin, std::uint32_t end, const Partners& partners,
    std::uint32_t count, bool is_own, const NearRule& rule, Found& found) {
  static_assert(SomeRows::kAtOnce % kChunk == 0 &&
                Partners::kRoom % SomeRows::kAtOnce == 0);
  const auto laid = SomeRows::lay_out(partners, count);
  const Hash* const firsts = found.lists.first.hashes.get();
  for (std::uint32_t rows = begin; rows < end; rows += kRowsAtOnce) {
    SomeRows group(firsts + rows, rule.radius);
    const std::uint32_t rows_end = std::min(rows + kRowsAtOnce, end);
    std::uint32_t at = 0;
    if (is_own && rows > partners.rows[0]) {
      at = (rows - partners.rows[0]) / SomeRows::kAtOnce * SomeRows::kAtOnce;
    }
    for (; at < count; at += SomeRows::kAtOnce) {
      if (!group.may_be_near(laid, at)) continue;
      const std::uint32_t parts_end = std::min(at + SomeRows::kAtOnce, count);
      for (std::uint32_t part = at; part < parts_end; part += kChunk) {
        const std::uint32_t lanes = std::min(kChunk, parts_end - part);
        const std::uint32_t* const partner_rows = partners.rows.data() + part;
        for (std::uint32_t row = rows; row < rows_end; ++row) {
          unsigned near = group.near(row - rows, laid, part, lanes, rule);
          if (is_own && row >= partner_rows[0]) {
            near &= ~1U << std::min(row - partner_rows[0], kChunk);
          }
          SomeRows::list(RowPair{row} << 32U, partner_rows, near, found.end());
          found.count += static_cast<std::size_t>(std::popcount(near));
          if (found.count > Found::kRoom) list_pairs(found);
        }
      }
    }
  }
}

VAM_TARGET inline void compare_rows(std::uint32_t begin, std::uint32_t end,
                                    const Partners& partners,
                                    std::uint32_t count, bool is_own,
                                    const NearRule& rule, Found& found) {
  if (count == 0) return;
  if (count < Rows::kFewest) {
    compare_rows_as<ScalarRows>(begin, end, partners, count, is_own, rule,
                                found);
  } else {
    compare_rows_as<Rows>(begin, end, partners, count, is_own, rule, found);
  }
}

VAM_TARGET inline void compare(const BucketLists& lists, const BucketTask& task,
                               const NearRule& rule, Pairs& pairs) {
  const std::uint32_t* const begins = lists.second.begins.data();
  Found found(lists, pairs);
  Partners partners{};
  std::uint32_t key = task.least_key;
  for (std::uint32_t begin = task.begin, end; begin < task.end; begin = end) {
    while (lists.first.begins[key + 1] <= begin) ++key;
    end = std::min(lists.first.begins[key + 1], task.end);
    std::uint32_t count = 0;
    for (std::uint32_t n = task.first_step; n < task.steps_end; ++n) {
      const UpperStep& upper = lists.upper_steps[n];
      const std::uint32_t upper_key = key ^ upper.bits;
      if (lists.join.is_self && upper_key < key) continue;
      for (const std::uint32_t step :
           lists.lower_steps.first(upper.lower_steps)) {
        const std::uint32_t partner_key = upper_key ^ step;
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
        if (!is_own) continue;  // else it was the first step of all
        compare_rows(begin, end, partners, count, is_own, rule, found);
        count = 0;
      }
    }
    compare_rows(begin, end, partners, count, false, rule, found);
  }
  list_pairs(found);
}
