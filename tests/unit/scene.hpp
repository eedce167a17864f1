// Scenes that look like something, for pictures that are to be told apart. The
// same seed gives the same scene in any size, other seeds give other scenes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "picture_writer.hpp"

/// Pseudo-random, by splitmix64. All is integer arithmetic here, so that every
/// machine writes the same bytes.
inline std::uint64_t random_at(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t bits = seed * 0x9E3779B97F4A7C15U + index + 1;
  bits = (bits ^ bits >> 30U) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ bits >> 27U) * 0x94D049BB133111EBU;
  return bits ^ bits >> 31U;
}

/// 0..1 as 0..kOne, of places in the picture, too.
inline constexpr int kOneBits = 16;
inline constexpr std::int64_t kOne = 1 << kOneBits;

inline std::int64_t fraction_at(std::uint64_t seed, std::uint64_t index) {
  return static_cast<std::int64_t>(random_at(seed, index) >> (64 - kOneBits));
}

/// Random values on a grid, blended smoothly in between.
class ValueNoise {
 public:
  ValueNoise(std::uint64_t seed, int cells) : cells_(cells) {
    const auto side = static_cast<std::uint64_t>(cells) + 1;
    for (std::uint64_t i = 0; i < side * side; ++i) {
      values_.push_back(fraction_at(seed, i));
    }
  }

  std::int64_t at(std::int64_t x, std::int64_t y) const {
    const auto column = x * cells_ >> kOneBits;
    const auto row = y * cells_ >> kOneBits;
    const auto right = smooth(x * cells_ % kOne);
    const auto below = smooth(y * cells_ % kOne);
    return blend(
        blend(value(column, row), value(column + 1, row), right),
        blend(value(column, row + 1), value(column + 1, row + 1), right),
        below);
  }

 private:
  static std::int64_t smooth(std::int64_t t) {
    return (t * t >> kOneBits) * (3 * kOne - 2 * t) >> kOneBits;
  }
  static std::int64_t blend(std::int64_t a, std::int64_t b, std::int64_t t) {
    return a + ((b - a) * t >> kOneBits);
  }
  std::int64_t value(std::int64_t column, std::int64_t row) const {
    return values_[static_cast<std::size_t>(row * (cells_ + 1) + column)];
  }

  int cells_;
  std::vector<std::int64_t> values_;
};

/// Large and small noise, some discs, and a tint.
class Scene {
 public:
  explicit Scene(std::uint64_t seed)
      : large_(16 * seed, 7),
        small_(16 * seed + 1, 23),
        tints_{ValueNoise(16 * seed + 2, 3), ValueNoise(16 * seed + 3, 3),
               ValueNoise(16 * seed + 4, 3)} {
    for (std::uint64_t i = 0; i < 5; ++i) {
      const auto fraction = [&](std::uint64_t what) {
        return fraction_at(16 * seed + 5, 4 * i + what);
      };
      discs_.push_back({fraction(0), fraction(1), (kOne + fraction(2)) / 15,
                        fraction(3) < kOne / 2 ? -kOne / 4 : kOne / 4});
    }
  }

  /// x and y are below kOne. Leaves room to brighten and to darken.
  Rgba colour_at(std::int64_t x, std::int64_t y) const {
    std::int64_t light = (3 * large_.at(x, y) + small_.at(x, y)) / 4;
    for (const Disc& disc : discs_) {
      const std::int64_t right = x - disc.x;
      const std::int64_t below = y - disc.y;
      if (right * right + below * below < disc.radius * disc.radius) {
        light += disc.light;
      }
    }
    const auto level = [&](const ValueNoise& tint) {
      const auto value = 15 + (150 * light + 40 * tint.at(x, y)) / kOne;
      return static_cast<unsigned>(std::clamp<std::int64_t>(value, 30, 215));
    };
    return {level(tints_[0]), level(tints_[1]), level(tints_[2])};
  }

 private:
  struct Disc {
    std::int64_t x, y, radius, light;
  };
  ValueNoise large_;
  ValueNoise small_;
  std::array<ValueNoise, 3> tints_;
  std::vector<Disc> discs_;
};

/// Draws the scene of this seed.
inline Pattern scene_pattern(std::uint64_t seed) {
  return [scene = Scene(seed)](int x, int y, int width, int height) {
    return scene.colour_at((2 * x + 1) * kOne / (std::int64_t{2} * width),
                           (2 * y + 1) * kOne / (std::int64_t{2} * height));
  };
}

/// The same, drawn once for pictures of this size that are written many times.
inline Pattern drawn_scene(std::uint64_t seed, int width, int height) {
  const Pattern scene = scene_pattern(seed);
  const auto pixels = std::make_shared<std::vector<Rgba>>();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      pixels->push_back(scene(x, y, width, height));
    }
  }
  return [=](int x, int y, int of_width, int of_height) {
    if (of_width != width || of_height != height) {
      return scene(x, y, of_width, of_height);
    }
    const int at = y * width + x;
    return pixels->at(static_cast<std::size_t>(at));
  };
}
