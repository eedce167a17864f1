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

#include "unit/format_writer.hpp"
#include "unit/picture_writer.hpp"
#include "unit/scene.hpp"

namespace {

constexpr const char* kUsage =
    R"(Usage: make_picture OUT.jpg|OUT.png --seed N [options]
       make_picture FOLDER --seed N --count M [options]
       make_picture FOLDER --seed N --every-format [--size WxH] [--brighten N]

  --size WxH         pixels, upright (default: 160x120)
  --quality Q        of JPEG (default: 90)
  --orientation 1-8  EXIF; the stored raster is turned so that the picture
                     that is shown stays the same
  --taken-at TIME    EXIF DateTimeOriginal, "YYYY:MM:DD hh:mm:ss"
  --fraction DIGITS  EXIF SubSecTimeOriginal
  --make TEXT        EXIF Make
  --brighten N       added to all channels
  --ball N           a ball in front of it, N hundredths of the width from the
                     left
  --progressive      JPEG
  --saved-before Q   as it is seen once it has been saved as JPEG of quality Q
  --flat             one colour, chosen by the seed
  --count M          0001.jpg, 0002.jpg, ... with the seeds N, N + 1, ...
  --every-format     scene.jpg, scene.png, ... in all formats that this build
                     reads and this machine can write
)";

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
      {"--seed", true},         {"--size", true},
      {"--quality", true},      {"--count", true},
      {"--taken-at", true},     {"--orientation", true},
      {"--fraction", true},     {"--ball", true},
      {"--brighten", true},     {"--make", true},
      {"--flat", false},        {"--every-format", false},
      {"--progressive", false}, {"--saved-before", true}};
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
  const int ball = options.number("--ball", -100);
  const auto is_ball = [=](int x, int y, int width, int height) {
    const std::int64_t right = x - ball * width / 100;
    const std::int64_t below = y - height / 2;
    return 64 * (right * right + below * below) < std::int64_t{height} * height;
  };
  return [=, scene = scene_pattern(seed)](int x, int y, int width, int height) {
    if (is_ball(x, y, width, height)) return Rgba{200, 60, 60};
    const auto brightened = [=](unsigned level) {
      return static_cast<unsigned>(
          std::clamp(static_cast<int>(level) + brighten, 0, 255));
    };
    const Rgba colour = scene(x, y, width, height);
    return Rgba{brightened(colour.red), brightened(colour.green),
                brightened(colour.blue)};
  };
}

/// Sets what all formats have in common.
template <class Picture>
Picture scene_of(const Options& options, std::uint64_t seed) {
  Picture picture;
  const std::string size =
      options.has("--size") ? options.values.at("--size") : "160x120";
  picture.width = std::stoi(size);
  picture.height = std::stoi(size.substr(size.find('x') + 1));
  picture.pattern = pattern_of(options, seed);
  if (options.has("--saved-before")) {
    picture.pattern =
        seen_in_jpeg(picture.pattern, picture.width, picture.height,
                     options.number("--saved-before", 0));
  }
  return picture;
}

/// Sets what JPEG and PNG have in common.
template <class Picture>
Picture picture_of(const Options& options, std::uint64_t seed) {
  auto picture = scene_of<Picture>(options, seed);
  picture.exif.orientation = options.number("--orientation", 0);
  if (options.has("--taken-at")) {
    picture.exif.taken_at = options.values.at("--taken-at");
  }
  if (options.has("--make")) picture.exif.make = options.values.at("--make");
  if (options.has("--fraction")) {
    picture.exif.fraction = options.values.at("--fraction");
  }
  picture.with_exif = options.has("--orientation") ||
                      options.has("--taken-at") || options.has("--make");
  return picture;
}

void save(const std::string& bytes, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
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
  save(bytes, path);
}

void write_every_format(const Options& options, std::uint64_t seed) {
  const auto picture = scene_of<FormatPicture>(options, seed);
  for (const FormatWriter& writer : format_writers()) {
    save(writer.write(picture),
         options.out / ("scene." + std::string(writer.extension)));
  }
}

void write_all(const Options& options) {
  const auto seed = static_cast<std::uint64_t>(options.number("--seed", 0));
  if (options.has("--every-format")) return write_every_format(options, seed);
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
