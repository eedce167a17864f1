// Times the verification of candidate pairs on one thread.
//
// Usage: verify_pairs CATALOG [ROUNDS [KIND]]
// Takes all pictures of a catalog; those whose files are in one folder count as
// copies of each other. Candidates and their poses are those that hashes of
// frames, turned frames and windows lead to, as in src/analyze/matching.cpp.
// Prints a line for each kind of pair: {"kind": ..., "pairs": ..., "poses":
// ..., "matches": ..., "checksum": ..., "microseconds": ...}, of processor time
// a pair, in the fastest round. The checksum is the same for the same evidence.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analyze/frame_keys.hpp"
#include "numbers.hpp"
#include "vam/catalog.hpp"
#include "vam/verify.hpp"

namespace {

using namespace vam;

struct Known {
  Picture picture;
  Sketch sketch;
  std::string folder;
  FramedKeys framed;
};

std::vector<Known> read_catalog(const char* path) {
  const auto catalog = open_catalog(path);
  std::map<Digest, std::string> folder_of;
  for (const Source& source : catalog->sources()) {
    for (const FileRecord& file : catalog->files(source.id)) {
      folder_of.emplace(file.digest,
                        std::filesystem::path(file.path).parent_path());
    }
  }
  const std::vector<Picture> pictures = catalog->pictures();
  std::vector<Digest> digests;
  for (const Picture& picture : pictures) digests.push_back(picture.digest);
  const auto sketches = catalog->sketches(digests);
  std::vector<Known> all;
  for (std::size_t n = 0; n < pictures.size(); ++n) {
    if (!sketches[n] || !has_structure(sketches[n]->whole)) continue;
    all.push_back({pictures[n], *sketches[n], folder_of[digests[n]],
                   make_frame_keys(sketches[n]->whole)});
  }
  return all;
}

std::optional<int> candidate_distance(const HashSet& a, const HashSet& b) {
  const HashDistances distance = distances_between(a, b);
  const int radius = candidate_rule().max_distance;
  if (distance[0] > radius || std::min(distance[1], distance[2]) > radius - 2) {
    return std::nullopt;
  }
  return distance[0];
}

/// Of whole frames, nearest first.
std::vector<Pose> poses_of(const Known& a, const Known& b) {
  std::vector<std::pair<int, Pose>> found;
  const HashSet& upright = b.framed.keys.upright;
  for (std::size_t n = 0; n < kOrientations; ++n) {
    const auto turn = static_cast<Orientation>(kUpright + n);
    if (const auto distance =
            candidate_distance(a.framed.keys.turned(turn), upright)) {
      found.push_back(
          {*distance, {Frame::whole, Frame::whole, inverse(turn), {}}});
    }
  }
  for (std::size_t n = 0; n < kWindows; ++n) {
    const auto distance =
        candidate_distance(a.framed.keys.upright, b.framed.windows[n]);
    if (!distance) continue;
    const Window part = window_of(n);
    found.push_back({*distance,
                     {Frame::whole,
                      Frame::whole,
                      kUpright,
                      {-part.left / part.width, -part.top / part.height,
                       1 / part.width, 1 / part.height}}});
  }
  std::ranges::stable_sort(found, {}, &std::pair<int, Pose>::first);
  std::vector<Pose> poses;
  for (const auto& [distance, pose] : found) poses.push_back(pose);
  return poses;
}

struct Pair {
  const Known* first;
  const Known* second;
  std::vector<Pose> poses;
};

/// Pairs by what they are and whether they had to be laid over each other.
std::map<std::string, std::vector<Pair>> pairs_of(
    const std::vector<Known>& pictures) {
  std::map<std::string, std::vector<Pair>> pairs;
  for (const Known& a : pictures) {
    for (const Known& b : pictures) {
      if (&a == &b) continue;
      Pair pair{&a, &b, poses_of(a, b)};
      if (pair.poses.empty()) continue;
      const auto evidence = verify(Seen{a.picture, a.sketch},
                                   Seen{b.picture, b.sketch}, pair.poses);
      const std::string kind =
          a.folder != b.folder ? "strangers"
          : !evidence          ? "copies, refused"
          : evidence->has(Difference::crop) || evidence->has(Difference::border)
              ? "copies, moved"
              : "copies";
      pairs[kind].push_back(std::move(pair));
    }
  }
  return pairs;
}

std::uint64_t checksum_of(const std::optional<Evidence>& evidence) {
  if (!evidence) return 0;
  std::uint64_t sum = mixed(std::bit_cast<std::uint64_t>(evidence->similarity));
  for (const int part : {static_cast<int>(evidence->match),
                         static_cast<int>(evidence->transform),
                         static_cast<int>(evidence->differences)}) {
    sum = mixed(sum + static_cast<std::uint64_t>(part));
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: verify_pairs CATALOG [ROUNDS [KIND]]\n";
    return 1;
  }
  const std::vector<Known> pictures = read_catalog(argv[1]);
  const int rounds = argc > 2 ? number(argv[2]) : 3;
  for (const auto& [kind, pairs] : pairs_of(pictures)) {
    if (argc > 3 && kind != argv[3]) continue;
    double best = 0;
    std::size_t poses = 0;
    std::size_t matches = 0;
    std::uint64_t checksum = 0;
    for (int round = 0; round < rounds; ++round) {
      poses = matches = 0;
      checksum = 0;
      const std::clock_t begin = std::clock();
      for (const Pair& pair : pairs) {
        const auto evidence =
            verify(Seen{pair.first->picture, pair.first->sketch},
                   Seen{pair.second->picture, pair.second->sketch}, pair.poses);
        matches += evidence.has_value();
        checksum = mixed(checksum + checksum_of(evidence));
        poses += pair.poses.size();
      }
      const double spent =
          1e6 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      if (round == 0 || spent < best) best = spent;
    }
    const auto count = static_cast<double>(pairs.size());
    std::cout << "{\"kind\": \"" << kind << "\", \"pairs\": " << pairs.size()
              << ", \"poses\": " << static_cast<double>(poses) / count
              << ", \"matches\": " << matches << ", \"checksum\": " << checksum
              << ", \"microseconds\": " << best / count << "}\n";
  }
}
