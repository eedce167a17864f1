// Writes made-up JPEG photos: smooth shapes, fine texture and sensor noise,
// each with its own content. The same arguments give the same pictures.
//
// Usage: make_photos FOLDER COUNT WIDTH HEIGHT
//
// The picture is value noise (K. Perlin's lattice noise with values instead of
// gradients): lattices of random values, each twice as fine and half as strong
// as the one before, interpolated. The noise on top is what makes the files as
// large as those of cameras, and Huffman decoding as slow.
#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kQuality = 92;
constexpr int kLumaOctaves = 7;
constexpr int kChromaOctaves = 3;
constexpr float kLumaRange = 110.0F;
constexpr float kChromaRange = 40.0F;
constexpr float kSensorNoise = 5.0F;

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << "make_photos: " << what << '\n';
  std::_Exit(1);
}

/// SplitMix64 (G. Steele et al., 2014): any counter makes random bits.
std::uint64_t mixed(std::uint64_t n) {
  n += 0x9E3779B97F4A7C15U;
  n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9U;
  n = (n ^ (n >> 27)) * 0x94D049BB133111EBU;
  return n ^ (n >> 31);
}

/// About normal, with mean 0 and deviation 1: the sum of four bytes.
float bell(std::uint32_t bits) {
  const auto sum = static_cast<int>((bits & 255) + (bits >> 8 & 255) +
                                    (bits >> 16 & 255) + (bits >> 24));
  return static_cast<float>(sum - 510) / 148.0F;
}

/// One plane of a picture, made row by row.
class ValueNoise {
 public:
  ValueNoise(std::uint64_t seed, int octaves, int width)
      : seed_(seed), octaves_(octaves), width_(width) {}

  /// Adds values of -range to range, or a little more, to a row.
  void add_row(int y, float range, std::vector<float>& row) {
    for (int octave = 0; octave < octaves_; ++octave) {
      if (width_ < kFinest * (kCoarsest << octave)) break;
      const float cell =
          static_cast<float>(width_) / static_cast<float>(kCoarsest << octave);
      make_lattice_row(octave, static_cast<float>(y) / cell);
      add_octave(1.0F / cell, range / static_cast<float>(2 << octave), row);
    }
  }

 private:
  static constexpr int kCoarsest = 4;  ///< cells across the picture
  static constexpr int kFinest = 8;    ///< pixels; noise covers what is finer

  float lattice(int octave, int x, int y) const {
    const auto place = static_cast<std::uint64_t>(octave) << 48 |
                       static_cast<std::uint64_t>(y) << 24 |
                       static_cast<std::uint64_t>(x);
    return static_cast<float>(mixed(seed_ ^ mixed(place)) >> 40) /
               static_cast<float>(1 << 23) -
           1.0F;
  }

  /// The lattice between two of its rows.
  void make_lattice_row(int octave, float y) {
    const int above = static_cast<int>(y);
    const float below_share = y - static_cast<float>(above);
    lattice_row_.resize(static_cast<std::size_t>(kCoarsest << octave) + 2);
    int x = 0;
    for (float& value : lattice_row_) {
      value = lattice(octave, x, above) * (1.0F - below_share) +
              lattice(octave, x, above + 1) * below_share;
      ++x;
    }
  }

  void add_octave(float step, float strength, std::vector<float>& row) const {
    float* out = row.data();
    for (int x = 0; x < width_; ++x) {
      const float at = static_cast<float>(x) * step;
      const int left = static_cast<int>(at);
      const float right_share = at - static_cast<float>(left);
      const float* value = lattice_row_.data() + left;
      *out++ += strength * (value[0] + right_share * (value[1] - value[0]));
    }
  }

  std::uint64_t seed_;
  int octaves_;
  int width_;
  std::vector<float> lattice_row_;
};

class Photo {
 public:
  Photo(std::uint64_t number, int width, int height)
      : seed_(mixed(number)),
        planes_{ValueNoise(seed_, kLumaOctaves, width),
                ValueNoise(seed_ + 1, kChromaOctaves, width),
                ValueNoise(seed_ + 2, kChromaOctaves, width)},
        width_(width),
        height_(height) {}

  void write(const std::string& path) {
    FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) give_up("cannot write " + path);
    jpeg_compress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg.err = jpeg_std_error(&errors);  // an error ends the program
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = static_cast<JDIMENSION>(width_);
    jpeg.image_height = static_cast<JDIMENSION>(height_);
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_YCbCr;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, kQuality, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    std::vector<JSAMPLE> pixels(static_cast<std::size_t>(width_) * 3);
    JSAMPROW row = pixels.data();
    for (int y = 0; y < height_; ++y) {
      make_row(y, pixels);
      jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    if (std::fclose(file) != 0) give_up("cannot write " + path);
  }

 private:
  void make_row(int y, std::vector<JSAMPLE>& pixels) {
    for (std::size_t plane = 0; plane < planes_.size(); ++plane) {
      const bool is_luma = plane == 0;
      values_.assign(static_cast<std::size_t>(width_), 128.0F);
      planes_[plane].add_row(y, is_luma ? kLumaRange : kChromaRange, values_);
      if (is_luma) add_sensor_noise(y);
      for (std::size_t x = 0; x < values_.size(); ++x) {
        pixels[x * 3 + plane] =
            static_cast<JSAMPLE>(std::clamp(values_[x], 0.0F, 255.0F));
      }
    }
  }

  void add_sensor_noise(int y) {
    const std::uint64_t row_seed = mixed(seed_ ^ static_cast<unsigned>(y));
    for (std::size_t x = 0; x < values_.size(); ++x) {
      values_[x] += kSensorNoise *
                    bell(static_cast<std::uint32_t>(mixed(row_seed + x) >> 32));
    }
  }

  std::uint64_t seed_;
  std::array<ValueNoise, 3> planes_;
  int width_;
  int height_;
  std::vector<float> values_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) give_up("usage: make_photos FOLDER COUNT WIDTH HEIGHT");
  const std::string folder = argv[1];
  const int count = std::atoi(argv[2]);
  const int width = std::atoi(argv[3]);
  const int height = std::atoi(argv[4]);
  if (count < 0 || width < 1 || height < 1) give_up("bad numbers");

  std::atomic<int> next = 0;
  std::vector<std::jthread> threads;
  for (unsigned n = 0; n < std::thread::hardware_concurrency(); ++n) {
    threads.emplace_back([&] {
      for (int number = next++; number < count; number = next++) {
        std::array<char, 32> name{};
        std::snprintf(name.data(), name.size(), "/photo-%06d.jpg", number);
        Photo(static_cast<std::uint64_t>(number), width, height)
            .write(folder + name.data());
      }
    });
  }
}
