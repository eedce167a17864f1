// Hashes, whether they mean anything, and thumbnails for verification.
#include "vam/fingerprint.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

namespace vam {
namespace {

/// Brightness steps of a re-encoded picture move by one or two levels.
constexpr int kClearStep = 3;

std::uint8_t count_clear_steps(const Image& cells) {
  int clear = 0;
  for (int y = 0; y < 8; ++y) {
    const std::uint8_t* row = cells.row(y);
    for (int x = 0; x < 8; ++x) {
      clear += std::abs(row[x + 1] - row[x]) >= kClearStep;
    }
  }
  return static_cast<std::uint8_t>(clear);
}

/// Pixels, right and bottom exclusive.
struct Box {
  int left;
  int top;
  int right;
  int bottom;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

Box whole_of(const Image& image) { return {0, 0, image.width, image.height}; }

/// A line of pixels, along a row or a column.
struct Line {
  const std::uint8_t* first;
  int count;
  std::ptrdiff_t step;

  std::uint8_t operator[](int i) const { return first[i * step]; }
};

/// Nearly all pixels of a border line have its colour; a few are rounded
/// corners, or what a lossy file spills over from the picture.
bool is_uniform(const Line& line, int colour) {
  constexpr int kTolerance = 10;  // levels
  int strays = line.count / 50;
  for (int i = 0; i < line.count; ++i) {
    if (std::abs(line[i] - colour) > kTolerance && --strays < 0) return false;
  }
  return true;
}

int median_of(const Line& line) {
  std::vector<std::uint8_t> values;
  values.reserve(static_cast<std::size_t>(line.count));
  for (int i = 0; i < line.count; ++i) values.push_back(line[i]);
  const auto middle = values.begin() + line.count / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// How many lines from `first` on, in the given direction, have one colour.
template <class LineAt>
int count_border(int lines, const LineAt& line_at) {
  const int colour = median_of(line_at(0));
  int count = 0;
  while (count < lines && is_uniform(line_at(count), colour)) ++count;
  return count;
}

/// What lies inside of uniform borders; the whole if there are none, or if
/// hardly anything would be left.
Box content_of(const Image& image) {
  const auto row = [&](int y) { return Line{image.row(y), image.width, 1}; };
  Box box = whole_of(image);
  box.top = count_border(image.height, row);
  if (box.top == image.height) return whole_of(image);
  box.bottom -= count_border(image.height - box.top,
                             [&](int n) { return row(image.height - 1 - n); });
  if (box.height() == 0) return whole_of(image);
  const auto column = [&](int x) {
    return Line{image.row(box.top) + x, box.height(), image.width};
  };
  box.left = count_border(image.width, column);
  if (box.left == image.width) return whole_of(image);
  box.right -= count_border(image.width - box.left,
                            [&](int n) { return column(image.width - 1 - n); });
  const bool is_enough = box.width() >= std::max(1, image.width / 4) &&
                         box.height() >= std::max(1, image.height / 4);
  return is_enough ? box : whole_of(image);
}

Image cut_out(const Image& image, const Box& box) {
  Image result(box.width(), box.height());
  for (int y = 0; y < result.height; ++y) {
    std::copy_n(image.row(box.top + y) + box.left, result.width, result.row(y));
  }
  return result;
}

/// Mean over a rectangle with fractional edges, of a plane that is stretched
/// over the unit square.
std::uint8_t area_mean(const Image& plane, double left, double top,
                       double right, double bottom) {
  // How much of cell n lies between two edges.
  const auto share = [](int n, double begin, double end) {
    return std::min(n + 1.0, end) - std::max<double>(n, begin);
  };
  left *= plane.width;
  right *= plane.width;
  top *= plane.height;
  bottom *= plane.height;
  double sum = 0;
  for (int y = static_cast<int>(top); y < plane.height && y < bottom; ++y) {
    double row = 0;
    for (int x = static_cast<int>(left); x < plane.width && x < right; ++x) {
      row += plane.row(y)[x] * share(x, left, right);
    }
    sum += row * share(y, top, bottom);
  }
  return static_cast<std::uint8_t>(
      std::lround(sum / ((right - left) * (bottom - top))));
}

/// The cells of one colour plane, within the part of the picture that the box
/// covers.
void fill_colour(std::span<std::uint8_t> cells, const Image& plane,
                 const Image& image, const Box& box) {
  constexpr int kSide = Thumbnail::kColourSide;
  if (plane.pixels.empty()) {
    std::ranges::fill(cells, std::uint8_t{128});
    return;
  }
  const auto x_at = [&](int n) {
    return (box.left + n * box.width() / double{kSide}) / image.width;
  };
  const auto y_at = [&](int n) {
    return (box.top + n * box.height() / double{kSide}) / image.height;
  };
  auto cell = cells.begin();
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      *cell++ = area_mean(plane, x_at(x), y_at(y), x_at(x + 1), y_at(y + 1));
    }
  }
}

/// `luma` is what the box shows, of any size.
Thumbnail make_thumbnail(const Image& luma, const Chroma& chroma,
                         const Image& image, const Box& box) {
  Thumbnail thumbnail;
  const Image cells = resize_lanczos(luma, Thumbnail::kSide, Thumbnail::kSide);
  std::ranges::copy(cells.pixels, thumbnail.luma.begin());
  fill_colour(thumbnail.blue, chroma.blue, image, box);
  fill_colour(thumbnail.red, chroma.red, image, box);
  return thumbnail;
}

Region region_of(const Box& box, const Image& image) {
  const auto part = [](int edge, int side) {
    return static_cast<std::uint16_t>(std::int64_t{edge} * 65535 / side);
  };
  return {part(box.left, image.width), part(box.top, image.height),
          part(box.right, image.width), part(box.bottom, image.height)};
}

/// The pixels of a region, at least one.
Box box_of(const Region& region, const Image& image) {
  const auto edge = [](int part, int side) {
    return static_cast<int>((std::int64_t{part} * side + 32767) / 65535);
  };
  Box box{edge(region.left, image.width), edge(region.top, image.height),
          edge(region.right, image.width), edge(region.bottom, image.height)};
  box.left = std::min(box.left, image.width - 1);
  box.top = std::min(box.top, image.height - 1);
  box.right = std::max(box.right, box.left + 1);
  box.bottom = std::max(box.bottom, box.top + 1);
  return box;
}

}  // namespace

Fingerprint make_fingerprint(const Reductions& upright) {
  const Image& image = upright.upright();
  return {compute_hashes(upright), count_clear_steps(upright.to(9, 8)),
          region_of(content_of(image), image)};
}

Sketch make_sketch(const Reductions& upright, const Chroma& chroma,
                   const Region& content) {
  const Image& image = upright.upright();
  // The square is there for wHash, and quicker to reduce than the picture.
  const Image& luma =
      upright.square().width >= Thumbnail::kSide ? upright.square() : image;
  Sketch sketch;
  sketch.whole = make_thumbnail(luma, chroma, image, whole_of(image));
  if (!content.is_whole()) {
    const Box box = box_of(content, image);
    sketch.content = std::make_shared<Thumbnail>(
        make_thumbnail(cut_out(image, box), chroma, image, box));
  }
  return sketch;
}

}  // namespace vam
