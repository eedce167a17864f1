// The kernel of the scan, written once for all instruction sets. Has no include
// guard: tile.cpp includes it once for each, in a namespace of its own, after
// defining there
//   VAM_TARGET    the attribute that allows these instructions,
//   Vector        bits in 64-bit words, one or more to a plane,
//   majority()    of three vectors.

/// Counts planes: adds up single bits for each hash of a vector. Three planes
/// of one weight become one of that weight and one of twice the weight.
struct Counter {
  Vector sums[kBiasBits];
  Vector waiting[kBiasBits];
  /// Bit w: a plane of weight 2^w waits for another. Known to the compiler, as
  /// all loops are unrolled.
  unsigned has_waiting = 0;
  /// The carry out of the last weight: where the total is 64 or more.
  Vector far;
};

template <int kWeight>
[[gnu::always_inline]] VAM_TARGET inline void add_plane(Counter& counter,
                                                        Vector plane) {
  if constexpr (kWeight == kBiasBits) {
    counter.far = plane;
  } else if ((counter.has_waiting >> kWeight & 1U) == 0) {
    counter.waiting[kWeight] = plane;
    counter.has_waiting |= 1U << kWeight;
  } else {
    const Vector sum = counter.sums[kWeight];
    const Vector other = counter.waiting[kWeight];
    counter.has_waiting &= ~(1U << kWeight);
    counter.sums[kWeight] = sum ^ other ^ plane;
    add_plane<kWeight + 1>(counter, majority(sum, other, plane));
  }
}

[[gnu::always_inline]] VAM_TARGET inline Vector load_part(const Plane& plane,
                                                          std::size_t part) {
  Vector vector;
  std::memcpy(&vector,
              reinterpret_cast<const char*>(&plane) + part * sizeof(Vector),
              sizeof(Vector));
  return vector;
}

[[gnu::always_inline]] VAM_TARGET inline void store_part(Plane& plane,
                                                         std::size_t part,
                                                         Vector vector) {
  std::memcpy(reinterpret_cast<char*>(&plane) + part * sizeof(Vector), &vector,
              sizeof(Vector));
}

inline constexpr std::size_t kParts = sizeof(Plane) / sizeof(Vector);

VAM_TARGET inline void prepare(const BitPlanes& planes, int radius,
                               BlockTable& table) {
  const Vector zero{};
  for (std::size_t part = 0; part < kParts; ++part) {
    for (std::size_t triple = 0; triple < kTriples; ++triple) {
      Vector bits[3][2];
      for (std::size_t n = 0; n < 3; ++n) {
        bits[n][0] = load_part(planes[3 * triple + n], part);
        bits[n][1] = ~bits[n][0];
      }
      for (std::size_t query = 0; query < 8; ++query) {
        const Vector a = bits[0][query & 1U];
        const Vector b = bits[1][query >> 1U & 1U];
        const Vector c = bits[2][query >> 2U];
        TripleCount& count = table.triples[triple][query];
        store_part(count.ones, part, a ^ b ^ c);
        store_part(count.twos, part, majority(a, b, c));
      }
    }
    const Vector last = load_part(planes[kHashBits - 1], part);
    store_part(table.last[0], part, last);
    store_part(table.last[1], part, ~last);
    // 63 - radius is added to every distance, so that those beyond the radius
    // are 64 or more.
    for (std::size_t bit = 0; bit < kBiasBits; ++bit) {
      store_part(
          table.bias[bit], part,
          (static_cast<unsigned>(63 - radius) >> bit & 1U) != 0 ? ~zero : zero);
    }
  }
}

VAM_TARGET inline std::size_t compare(const BlockTable& table,
                                      const Hash* queries, std::size_t count,
                                      TileHit* hits) {
  std::size_t hit_count = 0;
  for (std::size_t n = 0; n < count; ++n) {
    const Hash query = queries[n];
    TileHit& hit = hits[hit_count];
    bool is_hit = false;
    for (std::size_t part = 0; part < kParts; ++part) {
      Counter counter;
#pragma GCC unroll 6
      for (std::size_t bit = 0; bit < kBiasBits; ++bit) {
        counter.sums[bit] = load_part(table.bias[bit], part);
      }
#pragma GCC unroll 21
      for (std::size_t triple = 0; triple < kTriples; ++triple) {
        const TripleCount& found =
            table.triples[triple][query >> (3 * triple) & 7U];
        add_plane<0>(counter, load_part(found.ones, part));
        add_plane<1>(counter, load_part(found.twos, part));
      }
      add_plane<0>(counter,
                   load_part(table.last[query >> (kHashBits - 1)], part));
      const Vector near = ~counter.far;
      is_hit = any(near) || is_hit;
      store_part(hit.near, part, near);
    }
    hit.query = static_cast<std::uint32_t>(n);
    hit_count += is_hit ? 1 : 0;
  }
  return hit_count;
}
