// Holds sketches for the comparison of pictures.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "analyze/matching.hpp"

namespace vam {

/// The sketches of pictures, as many as memory allows, the rest in the catalog.
/// Many threads may call at() while none calls fetch(). The input and the
/// search must outlive it.
class SketchShelf {
 public:
  SketchShelf(const MatchInput& input, const SketchSearch& search)
      : pictures_(input.pictures),
        stop_(input.stop),
        source_(search.sketches),
        capacity_bytes_(std::max<std::uint64_t>(kMinSketches * sizeof(Sketch),
                                                search.memory_bytes)),
        sketches_(input.pictures.size()) {}

  /// Makes sure that these are at hand; others may go. Null where there is
  /// none.
  void fetch(std::span<const std::uint32_t> pictures) {
    std::vector<std::uint32_t> missing;
    for (const std::uint32_t picture : pictures) {
      if (sketches_[picture] == nullptr) missing.push_back(picture);
    }
    if (held_bytes_ + missing.size() * kMostBytes > capacity_bytes_) {
      for (auto& sketch : sketches_) sketch.reset();
      held_bytes_ = 0;
      missing.assign(pictures.begin(), pictures.end());
    }
    for (std::size_t begin = 0; begin < missing.size(); begin += kBlock) {
      poll(stop_);
      read(std::span(missing).subspan(
          begin, std::min(kBlock, missing.size() - begin)));
    }
  }

  /// So many can be fetched at once, whatever they hold.
  std::size_t capacity() const {
    return static_cast<std::size_t>(capacity_bytes_ / kMostBytes);
  }

  const Sketch* at(std::uint32_t picture) const {
    return sketches_[picture].get();
  }

 private:
  static constexpr std::size_t kMinSketches = 1024;
  /// Of a sketch with all that it may hold.
  static constexpr std::size_t kMostBytes = sizeof(Sketch) + sizeof(Thumbnail);
  /// So many at once, for the catalog hands over copies.
  static constexpr std::size_t kBlock = 512;

  void read(std::span<const std::uint32_t> pictures) {
    std::vector<Digest> digests;
    for (const std::uint32_t picture : pictures) {
      digests.push_back(pictures_[picture].digest);
    }
    auto found = source_(digests);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      if (!found[i]) continue;
      held_bytes_ += found[i]->content ? kMostBytes : sizeof(Sketch);
      sketches_[pictures[i]] = std::make_unique<Sketch>(std::move(*found[i]));
    }
  }

  const std::span<const Picture> pictures_;
  const std::atomic<bool>* const stop_;
  const SketchSource& source_;
  const std::uint64_t capacity_bytes_;
  std::uint64_t held_bytes_ = 0;
  std::vector<std::unique_ptr<Sketch>> sketches_;
};

}  // namespace vam
