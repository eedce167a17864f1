#include "dng_writer.hpp"

#include <cstddef>
#include <cstdint>

#include "tiff_directory.hpp"

namespace {

using Tiff = TiffDirectory;

/// Light at a place of the stored raster: three corners differ from the first.
unsigned light_at(unsigned x, unsigned y, const DngOptions& options) {
  return 2000 + 40000 * x / options.width + 20000 * y / options.height;
}

/// Where things stand in the file, in this order.
struct Places {
  std::uint32_t preview = 8;
  std::uint32_t sensor = 0;
  std::uint32_t exif = 0;
  std::uint32_t preview_directory = 0;
  std::uint32_t main_directory = 0;
};

Tiff preview_directory(const DngOptions& options, const Places& at) {
  Tiff tiff(false);
  tiff.add_number(254, Tiff::kLong, 1);
  tiff.add_number(256, Tiff::kLong, options.preview_width);
  tiff.add_number(257, Tiff::kLong, options.preview_height);
  tiff.add_values(258, Tiff::kShort, 3, std::string("\10\0\10\0\10\0", 6));
  tiff.add_number(259, Tiff::kShort, 7);
  tiff.add_number(262, Tiff::kShort, 6);
  tiff.add_number(273, Tiff::kLong, at.preview);
  tiff.add_number(277, Tiff::kShort, 3);
  tiff.add_number(278, Tiff::kLong, options.preview_height);
  tiff.add_number(279, Tiff::kLong,
                  static_cast<std::uint32_t>(options.preview.size()));
  return tiff;
}

Tiff main_directory(const DngOptions& options, const Places& at) {
  Tiff tiff(false);
  tiff.add_number(254, Tiff::kLong, 0);
  tiff.add_number(256, Tiff::kLong, options.width);
  tiff.add_number(257, Tiff::kLong, options.height);
  tiff.add_number(258, Tiff::kShort, 16);
  tiff.add_number(259, Tiff::kShort, 1);
  tiff.add_number(262, Tiff::kShort, 32803);
  tiff.add_text(271, "Maker");
  tiff.add_text(272, "Model");
  tiff.add_number(273, Tiff::kLong, at.sensor);
  tiff.add_number(274, Tiff::kShort, options.orientation);
  tiff.add_number(277, Tiff::kShort, 1);
  tiff.add_number(278, Tiff::kLong, options.height);
  tiff.add_number(279, Tiff::kLong, options.width * options.height * 2);
  if (!options.preview.empty()) {
    tiff.add_number(330, Tiff::kLong, at.preview_directory);
  }
  if (options.xmp.empty()) {
    tiff.add_number(18246, Tiff::kShort, 3);
  } else {
    tiff.add_values(700, Tiff::kByte,
                    static_cast<std::uint32_t>(options.xmp.size()),
                    options.xmp);
  }
  tiff.add_values(33421, Tiff::kShort, 2, std::string("\2\0\2\0", 4));
  tiff.add_values(33422, Tiff::kByte, 4, std::string("\0\1\1\2", 4));
  tiff.add_number(34665, Tiff::kLong, at.exif);
  tiff.add_values(50706, Tiff::kByte, 4, std::string("\1\4\0\0", 4));
  tiff.add_text(50708, "Maker Model");
  return tiff;
}

}  // namespace

std::string write_dng(const DngOptions& options) {
  Tiff exif(false);
  exif.add_text(36867, "2019:02:28 23:59:58");
  std::string sensor;
  for (unsigned y = 0; y < options.height; ++y) {
    for (unsigned x = 0; x < options.width; ++x) {
      sensor += exif.number(light_at(x, y, options), 2);
    }
  }
  const auto behind = [](std::size_t place, const std::string& bytes) {
    return static_cast<std::uint32_t>(place + bytes.size());
  };
  Places at;
  at.sensor = behind(at.preview + options.preview.size() % 2, options.preview);
  at.exif = behind(at.sensor, sensor);
  const std::string exif_bytes = exif.at(at.exif);
  at.preview_directory = behind(at.exif, exif_bytes);
  std::string preview_bytes;
  if (!options.preview.empty()) {
    preview_bytes = preview_directory(options, at).at(at.preview_directory);
  }
  at.main_directory = behind(at.preview_directory, preview_bytes);
  std::string file = std::string("II*\0", 4) +
                     exif.number(at.main_directory, 4) + options.preview;
  file.resize(at.sensor);
  return file + sensor + exif_bytes + preview_bytes +
         main_directory(options, at).at(at.main_directory);
}
