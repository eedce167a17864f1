// Times candidate search and verification of made-up pictures.
//
// Usage: match_pictures strangers|frames|scans COUNT THREADS MEMORY_MIB [ASKED]
// strangers: no two alike, but with hashes as photos have them; `frames` of a
// time-lapse, nearly equal; white `scans`. MEMORY_MIB is for sketches. ASKED:
// looks for the matches of so many pictures only and scales nothing.
// Prints {"seconds": ..., "prepare_seconds": ..., "cpu_seconds": ...,
// "prepare_cpu_seconds": ..., "verify_cpu_seconds": ..., "verified": ...,
// "candidates": ..., "matches": ..., "groups": ..., "peak_bytes": ...}: seconds
// of the whole, of which until the first picture is looked for, the making of
// sketches and of all keys; the same in seconds of processor time, and those
// for verification, the making of sketches that do not fit in memory included
// (the rest is the search for candidates); pairs verified; candidates of one
// picture, as far as hashes go, by a sample.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analyze/frame_keys.hpp"
#include "analyze/matching.hpp"
#include "analyze/stopwatch.hpp"
#include "numbers.hpp"
#include "strangers.hpp"
#include "vam/group.hpp"

namespace {

using namespace vam;

enum class Kind { strangers, frames, scans };

/// Makes its sketches when they are asked for, so that they take no memory.
class MadeUp {
 public:
  explicit MadeUp(Kind kind) : kind_(kind), scene_(stranger(0)) {
    white_.luma.fill(250);
    white_.blue.fill(128);
    white_.red.fill(128);
  }

  static Digest digest_of(std::uint64_t number) {
    Digest digest;
    std::memcpy(digest.bytes.data(), &number, sizeof number);
    const std::uint64_t rest = mixed(number);
    std::memcpy(digest.bytes.data() + 8, &rest, sizeof rest);
    return digest;
  }

  Thumbnail thumbnail_of(const Digest& digest) const {
    std::uint64_t number = 0;
    std::memcpy(&number, digest.bytes.data(), sizeof number);
    switch (kind_) {
      case Kind::strangers:
        return stranger(number);
      case Kind::frames:
        return flickering(scene_, number);
      case Kind::scans:
        break;
    }
    return flickering(white_, number);
  }

  std::vector<std::optional<Sketch>> sketches(
      std::span<const Digest> digests) const {
    std::vector<std::optional<Sketch>> found(digests.size());
    for (std::size_t i = 0; i < digests.size(); ++i) {
      found[i] = Sketch{thumbnail_of(digests[i]), {}};
    }
    return found;
  }

 private:
  Kind kind_;
  Thumbnail scene_;
  Thumbnail white_;
};

bool are_candidates(const HashSet& a, const HashSet& b) {
  const HashDistances distance = distances_between(a, b);
  const int radius = candidate_rule().max_distance;
  return distance[0] <= radius &&
         std::min(distance[1], distance[2]) <= radius - 2;
}

/// How many of `count` pictures a picture is compared with, on average.
double sample_candidates(const MadeUp& catalog, std::size_t count) {
  const std::size_t sampled = std::min<std::size_t>(count, 3000);
  std::vector<FramedKeys> keys;
  for (std::size_t n = 0; n < sampled; ++n) {
    keys.push_back(make_frame_keys(catalog.thumbnail_of(MadeUp::digest_of(n))));
  }
  double found = 0;
  for (std::size_t a = 0; a < sampled; ++a) {
    std::vector<HashSet> turned;
    for (std::size_t n = 0; n < kOrientations; ++n) {
      turned.push_back(
          keys[a].keys.turned(static_cast<Orientation>(kUpright + n)));
    }
    for (std::size_t b = 0; b < sampled; ++b) {
      const auto is_near = [&](const HashSet& key) {
        return are_candidates(key, keys[b].keys.upright);
      };
      const auto is_window = [&](const HashSet& window) {
        return are_candidates(window, keys[a].keys.upright);
      };
      found += a != b && (std::ranges::any_of(turned, is_near) ||
                          std::ranges::any_of(keys[b].windows, is_window));
    }
  }
  return found / static_cast<double>(sampled) / static_cast<double>(sampled) *
         static_cast<double>(count);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  constexpr std::array kKinds = {"strangers", "frames", "scans"};
  const auto kind =
      std::ranges::find(kKinds, arguments.empty() ? "" : arguments[0]);
  if (kind == kKinds.end() || argc < 5) {
    std::cerr << "usage: match_pictures strangers|frames|scans COUNT THREADS "
                 "MEMORY_MIB [ASKED]\n";
    return 1;
  }
  const auto count = static_cast<std::size_t>(number(argv[2]));
  const int threads = std::max(1, number(argv[3]));
  const auto memory = static_cast<std::uint64_t>(number(argv[4])) << 20U;
  const MadeUp catalog(static_cast<Kind>(kind - kKinds.begin()));
  const double candidates = sample_candidates(catalog, count);

  std::vector<Picture> pictures;
  std::vector<Photo> photos;
  pictures.reserve(count);
  for (std::size_t n = 0; n < count; ++n) {
    pictures.push_back({MadeUp::digest_of(n),
                        {Format::jpeg, 4000, 3000, kUpright, ""},
                        Fingerprint{{1, 2, 3}, 64}});
  }
  const VerifyRule rule = candidate_rule();
  StageCost whole;
  StageCost verification;
  std::optional<Stopwatch> stopwatch(&whole);
  StageCost preparation;
  std::optional<Stopwatch> until_search(&preparation);
  const auto finder = make_sketch_finder(
      {pictures, rule,
       [&] { return make_index(IndexKind::auto_choice, threads); }, nullptr,
       &verification},
      {[&](std::span<const Digest> digests) {
         return catalog.sketches(digests);
       },
       Transforms::all, threads, memory, Ways::one});
  until_search.reset();
  std::size_t matches = 0;
  std::size_t groups = 0;
  if (argc > 5) {
    constexpr std::size_t kBatch = 16'384;  // as group() does
    std::vector<std::uint32_t> batch;
    const auto asked = static_cast<std::uint32_t>(number(argv[5]));
    for (std::uint32_t n = 0; n < std::min<std::size_t>(asked, count); ++n) {
      batch.push_back(n);
      if (batch.size() < kBatch && n + 1 < asked) continue;
      for (std::size_t answered = 0; answered < batch.size();) {
        const auto answers = finder->find(std::span(batch).subspan(answered));
        for (const auto& found : answers) matches += found.size();
        answered += answers.size();
      }
      batch.clear();
    }
  } else {
    photos.reserve(count);
    for (std::uint32_t n = 0; n < count; ++n) {
      photos.push_back({std::to_string(n), {}, 1000, 0, n});
    }
    const Grouping grouping = group(photos, pictures, *finder);
    groups = grouping.groups.size();
    for (const Group& one : grouping.groups) matches += one.members.size() - 1;
  }
  stopwatch.reset();
  std::cout << "{\"seconds\": " << whole.seconds
            << ", \"prepare_seconds\": " << preparation.seconds
            << ", \"cpu_seconds\": " << whole.cpu_seconds
            << ", \"prepare_cpu_seconds\": " << preparation.cpu_seconds
            << ", \"verify_cpu_seconds\": " << verification.cpu_seconds
            << ", \"verified\": " << verification.pairs
            << ", \"candidates\": " << candidates
            << ", \"matches\": " << matches << ", \"groups\": " << groups
            << ", \"peak_bytes\": " << peak_bytes() << "}\n";
}
