// Writes pictures for the end-to-end tests. The same seed gives the same scene
// in any size, quality and brightness; other seeds give other scenes.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "unit/picture_writer.hpp"

namespace {

constexpr const char* kUsage =
    R"(Usage: make_picture OUT.jpg|OUT.png --seed N [options]
       make_picture FOLDER --seed N --count M [options]

  --size WxH         pixels, upright (default: 160x120)
  --quality Q        of JPEG (default: 90)
  --orientation 1-8  EXIF; the stored raster is turned so that the picture
                     that is shown stays the same
  --taken-at TIME    EXIF DateTimeOriginal, "YYYY:MM:DD hh:mm:ss"
  --make TEXT        EXIF Make
  --brighten N       added to all channels
  --progressive      JPEG
  --flat             one colour, chosen by the seed
  --count M          0001.jpg, 0002.jpg, ... with the seeds N, N + 1, ...
)";

/// Pseudo-random, by splitmix64. All is integer arithmetic here, so that every
/// machine writes the same bytes.
std::uint64_t random_at(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t bits = seed * 0x9E3779B97F4A7C15U + index + 1;
  bits = (bits ^ bits >> 30U) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ bits >> 27U) * 0x94D049BB133111EBU;
  return bits ^ bits >> 31U;
}

/// 0..1 as 0..kOne, of places in the picture, too.
constexpr int kOneBits = 16;
constexpr std::int64_t kOne = 1 << kOneBits;

std::int64_t fraction_at(std::uint64_t seed, std::uint64_t index) {
  return static_cast<std::int64_t>(random_at(seed, index) >> (64 - kOneBits));
}

/// Random values on a grid, blended smoothly in between.
class ValueNoise {
 public:
  ValueNoise(std::uint64_t seed, int cells) : cells_(cells) {
    const auto count = static_cast<std::uint64_t>((cells + 1) * (cells + 1));
    for (std::uint64_t i = 0; i < count; ++i) {
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

struct Options {
  std::filesystem::path out;
  std::map<std::string, std::string> values;

  bool has(const std::string& name) const { return values.count(name) > 0; }
  int number(const std::string& name, int otherwise) const {
    return has(name) ? std::stoi(values.at(name)) : otherwise;
  }
};

Options parse(int argc, char** argv) {
  const std::map<std::string, bool> takes_value = {
      {"--seed", true},        {"--size", true},     {"--quality", true},
      {"--count", true},       {"--taken-at", true}, {"--orientation", true},
      {"--brighten", true},    {"--make", true},     {"--flat", false},
      {"--progressive", false}};
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto known = takes_value.find(argument);
    if (known == takes_value.end()) {
      if (argument.starts_with("--") || !options.out.empty()) {
        throw std::invalid_argument(argument);
      }
      options.out = argument;
    } else if (!known->second) {
      options.values[argument] = "";
    } else if (i + 1 < argc) {
      options.values[argument] = argv[++i];
    } else {
      throw std::invalid_argument(argument + " without value");
    }
  }
  if (options.out.empty() || !options.has("--seed")) {
    throw std::invalid_argument("OUT or --seed is missing");
  }
  return options;
}

Pattern pattern_of(const Options& options, std::uint64_t seed) {
  if (options.has("--flat")) {
    const auto grey = static_cast<unsigned>(seed * 53 % 256);
    return [=](int, int, int, int) { return Rgba{grey, grey, grey}; };
  }
  const int brighten = options.number("--brighten", 0);
  return [=, scene = Scene(seed)](int x, int y, int width, int height) {
    const auto brightened = [=](unsigned level) {
      return static_cast<unsigned>(
          std::clamp(static_cast<int>(level) + brighten, 0, 255));
    };
    const Rgba colour = scene.colour_at((2 * x + 1) * kOne / (2 * width),
                                        (2 * y + 1) * kOne / (2 * height));
    return Rgba{brightened(colour.red), brightened(colour.green),
                brightened(colour.blue)};
  };
}

/// Sets what JPEG and PNG have in common.
template <class Picture>
Picture picture_of(const Options& options, std::uint64_t seed) {
  Picture picture;
  const std::string size =
      options.has("--size") ? options.values.at("--size") : "160x120";
  picture.width = std::stoi(size);
  picture.height = std::stoi(size.substr(size.find('x') + 1));
  picture.exif.orientation = options.number("--orientation", 0);
  if (options.has("--taken-at")) {
    picture.exif.taken_at = options.values.at("--taken-at");
  }
  if (options.has("--make")) picture.exif.make = options.values.at("--make");
  picture.with_exif = options.has("--orientation") ||
                      options.has("--taken-at") || options.has("--make");
  picture.pattern = pattern_of(options, seed);
  return picture;
}

void write(const Options& options, const std::filesystem::path& path,
           std::uint64_t seed) {
  std::string bytes;
  if (path.extension() == ".png") {
    bytes = write_png(picture_of<PngOptions>(options, seed));
  } else {
    auto jpeg = picture_of<JpegOptions>(options, seed);
    jpeg.quality = options.number("--quality", 90);
    if (options.has("--progressive")) jpeg.scans = JpegScans::progressive;
    bytes = write_jpeg(jpeg);
  }
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

void write_all(const Options& options) {
  const auto seed = static_cast<std::uint64_t>(options.number("--seed", 0));
  if (!options.has("--count")) return write(options, options.out, seed);
  const auto count = static_cast<std::uint64_t>(options.number("--count", 0));
  for (std::uint64_t i = 0; i < count; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "%04d.jpg", static_cast<int>(i + 1));
    write(options, options.out / name, seed + i);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    write_all(parse(argc, argv));
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "make_picture: %s\n%s", error.what(), kUsage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_picture: %s\n", error.what());
    return 1;
  }
  return 0;
}
