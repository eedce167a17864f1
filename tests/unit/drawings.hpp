// Pictures drawn and edited in memory, and what is remembered of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scene.hpp"
#include "vam/fingerprint.hpp"
#include "vam/image.hpp"
#include "vam/photo.hpp"
#include "vam/verify.hpp"

/// Colour is as fine as luma here: all planes have the same shape.
struct Drawing {
  vam::Image luma;
  vam::Chroma chroma;

  int width() const { return luma.width; }
  int height() const { return luma.height; }
};

inline std::uint8_t to_level(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

inline Drawing draw_scene(std::uint64_t seed, int width = 128,
                          int height = 96) {
  const Pattern pattern = scene_pattern(seed);
  Drawing drawing{vam::Image(width, height),
                  {vam::Image(width, height), vam::Image(width, height)}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Rgba colour = pattern(x, y, width, height);
      const double luma =
          0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue;
      drawing.luma.row(y)[x] = to_level(luma);
      drawing.chroma.blue.row(y)[x] =
          to_level(128 + (colour.blue - luma) / 1.772);
      drawing.chroma.red.row(y)[x] =
          to_level(128 + (colour.red - luma) / 1.402);
    }
  }
  return drawing;
}

/// Applies edit(image) to all three planes.
template <class Edit>
Drawing edited(Drawing drawing, const Edit& edit) {
  drawing.luma = edit(drawing.luma);
  drawing.chroma.blue = edit(drawing.chroma.blue);
  drawing.chroma.red = edit(drawing.chroma.red);
  return drawing;
}

/// Sets luma at x, y to change(luma, x, y).
template <class Change>
Drawing with_luma(Drawing drawing, const Change& change) {
  for (int y = 0; y < drawing.height(); ++y) {
    for (int x = 0; x < drawing.width(); ++x) {
      std::uint8_t& luma = drawing.luma.row(y)[x];
      luma = to_level(change(luma, x, y));
    }
  }
  return drawing;
}

/// How much is cut off, or added, in shares of a side.
struct Margins {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

inline Drawing cropped(const Drawing& drawing, const Margins& margins) {
  const auto share = [](double part, int side) {
    return static_cast<int>(std::lround(part * side));
  };
  return edited(drawing, [&](const vam::Image& image) {
    const int left = share(margins.left, image.width);
    const int top = share(margins.top, image.height);
    vam::Image part(image.width - left - share(margins.right, image.width),
                    image.height - top - share(margins.bottom, image.height));
    for (int y = 0; y < part.height; ++y) {
      std::copy_n(image.row(top + y) + left, part.width, part.row(y));
    }
    return part;
  });
}

/// Surrounds it by a grey border.
inline Drawing bordered(const Drawing& drawing, const Margins& margins,
                        int grey) {
  const auto share = [](double part, int side) {
    return static_cast<int>(std::lround(part * side));
  };
  const auto add = [&](const vam::Image& image, int level) {
    const int left = share(margins.left, image.width);
    const int top = share(margins.top, image.height);
    vam::Image larger(image.width + left + share(margins.right, image.width),
                      image.height + top + share(margins.bottom, image.height));
    std::ranges::fill(larger.pixels, static_cast<std::uint8_t>(level));
    for (int y = 0; y < image.height; ++y) {
      std::copy_n(image.row(y), image.width, larger.row(top + y) + left);
    }
    return larger;
  };
  return {add(drawing.luma, grey),
          {add(drawing.chroma.blue, 128), add(drawing.chroma.red, 128)}};
}

inline Drawing turned(const Drawing& drawing, vam::Orientation orientation) {
  return {oriented(drawing.luma, orientation),
          oriented(drawing.chroma, orientation)};
}

inline Drawing resized(const Drawing& drawing, int width, int height) {
  return edited(drawing, [=](const vam::Image& image) {
    return resize_lanczos(image, width, height);
  });
}

/// The same pattern of noise for the same seed, whatever its amplitude.
inline Drawing noisy(const Drawing& drawing, double amplitude,
                     std::uint64_t seed) {
  return with_luma(drawing, [&](int luma, int x, int y) {
    const int pixel = y * drawing.width() + x;
    const auto place = static_cast<std::uint64_t>(pixel);
    const double noise =
        static_cast<double>(fraction_at(seed, place)) / kOne * 2 - 1;
    return luma + amplitude * noise;
  });
}

/// A picture as it lies in the catalog.
struct Known {
  vam::Picture picture;
  vam::Sketch sketch;

  vam::Seen seen() const { return {picture, sketch}; }
};

/// Every number has a digest of its own.
inline Known remember(const Drawing& drawing, std::uint64_t number) {
  const vam::Fingerprint look = make_fingerprint(drawing.luma);
  return {{vam::digest_of(std::as_bytes(std::span(&number, 1))),
           {vam::Format::jpeg, static_cast<std::uint32_t>(drawing.width()),
            static_cast<std::uint32_t>(drawing.height()), vam::kUpright, ""},
           look},
          make_sketch(drawing.luma, drawing.chroma, look.content)};
}
