// Measures what it costs to decode each format, with one picture in all of
// them.
//
// Usage: format_cost [MEGAPIXELS]
// Prints a row for each format: processor time (of all threads) per megapixel,
// least of several rounds; the same beside JPEG's; bits per pixel of the file.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

#if VAM_RAW_BUILT
#include "unit/dng_writer.hpp"
#endif
#include "unit/format_writer.hpp"
#if VAM_JXL_BUILT
#include "unit/jxl_writer.hpp"
#endif
#include "unit/scene.hpp"

namespace {

constexpr int kRounds = 5;

/// A scene with the noise of a sensor, drawn once.
Pattern noisy_scene(int width, int height) {
  std::vector<Rgba> colours;
  const Pattern scene = scene_pattern(1);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      Rgba colour = scene(x, y, width, height);
      const std::uint64_t random = random_at(7, colours.size());
      colour.red += static_cast<unsigned>(random % 8);
      colour.green += static_cast<unsigned>(random / 8 % 8);
      colour.blue += static_cast<unsigned>(random / 64 % 8);
      colours.push_back(colour);
    }
  }
  return [colours, width](int x, int y, int, int) {
    return colours[static_cast<std::size_t>(y) *
                       static_cast<std::size_t>(width) +
                   static_cast<std::size_t>(x)];
  };
}

double processor_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) / 1e9;
}

struct Measured {
  std::string name;
  std::string file;
  double seconds = std::numeric_limits<double>::infinity();
};

}  // namespace

int main(int argc, char** argv) {
  const double megapixels = argc > 1 ? std::atof(argv[1]) : 12;
  const int width = static_cast<int>(std::sqrt(megapixels * 1e6 * 4 / 3));
  const int height = width * 3 / 4;
  FormatPicture picture{.width = width, .height = height};
  picture.pattern = noisy_scene(width, height);
  picture.heif_quality = 70;  // about the size that phones write

  std::vector<Measured> all;
  for (const FormatWriter& writer : format_writers()) {
    all.push_back(
        {std::string(vam::to_string(writer.format)), writer.write(picture)});
  }
#if VAM_RAW_BUILT
  all.push_back({"raw, without preview",
                 write_dng({.width = static_cast<unsigned>(width),
                            .height = static_cast<unsigned>(height)})});
#endif
#if VAM_JXL_BUILT
  all.push_back({"jxl, lossless", write_jxl({.width = width,
                                             .height = height,
                                             .coding = JxlCoding::lossless,
                                             .pattern = picture.pattern})});
#endif
  for (int round = 0; round < kRounds; ++round) {
    for (Measured& measured : all) {
      const double begin = processor_seconds();
      if (!vam::decode(bytes_of(measured.file))) {
        std::fprintf(stderr, "cannot decode %s\n", measured.name.c_str());
        return 1;
      }
      measured.seconds =
          std::min(measured.seconds, processor_seconds() - begin);
    }
  }
  const double pixels = static_cast<double>(width) * height;
  std::printf("%d x %d pixels\n%-20s %14s %12s %10s\n", width, height, "",
              "ms/megapixel", "beside jpeg", "bits/pixel");
  for (const Measured& measured : all) {
    std::printf("%-20s %14.2f %12.2f %10.2f\n", measured.name.c_str(),
                measured.seconds * 1e9 / pixels,
                measured.seconds / all.front().seconds,
                static_cast<double>(measured.file.size()) * 8 / pixels);
  }
  return 0;
}
