#include "camera_writer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tiff_directory.hpp"

using namespace std::string_literals;

namespace {

using Tiff = TiffDirectory;

std::string big_endian(std::size_t value, int size) {
  std::string bytes;
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
  }
  return bytes;
}

std::string box(const std::string& type, const std::string& content) {
  return big_endian(content.size() + 8, 4) + type + content;
}

std::string tiff_of(const Tiff& directory) {
  return "II*\0\10\0\0\0"s + directory.at(8);
}

/// 12 bits in two bytes, lighter to the right and to the bottom.
std::string sensor_of(const CameraOptions& options) {
  std::string sensor;
  for (unsigned y = 0; y < options.height; ++y) {
    for (unsigned x = 0; x < options.width; ++x) {
      const unsigned light =
          100 + 2500 * x / options.width + 1000 * y / options.height;
      sensor += static_cast<char>(light & 0xFFU);
      sensor += static_cast<char>(light >> 8U);
    }
  }
  return sensor;
}

/// With one sample, at `at`.
std::string track(const CameraOptions& options, const std::string& codec,
                  std::size_t at, std::size_t size) {
  std::string entry(24, '\0');
  entry += big_endian(options.width, 2) + big_endian(options.height, 2);
  entry.resize(82);
  const std::string one = big_endian(0, 4) + big_endian(1, 4);
  const std::string table =
      box("stsd", one + box("CRAW", entry + codec)) +
      box("stsz", big_endian(0, 8) + big_endian(1, 4) + big_endian(size, 4)) +
      box("co64", one + big_endian(at, 8));
  const std::string handler = big_endian(0, 8) + "vide" + std::string(13, '\0');
  return box("trak", box("mdia", box("hdlr", handler) +
                                     box("minf", box("stbl", table))));
}

/// The header of sensor data of 14 bits in four planes and one tile.
std::string sensor_header(const CameraOptions& options) {
  const std::string size =
      big_endian(options.width, 4) + big_endian(options.height, 4);
  std::string header = big_endian(0, 4) + big_endian(0x100, 2) +
                       big_endian(0, 2) + size + size + "\x0E\x40\0\0"s +
                       big_endian(0x40, 4);
  header.resize(52);
  return header;
}

std::string canon_box(const CameraOptions& options) {
  Tiff main(false);
  main.add_number(256, Tiff::kShort, options.width);
  main.add_number(257, Tiff::kShort, options.height);
  main.add_text(271, "Canon");
  main.add_text(272, "Canon EOS R");
  main.add_number(274, Tiff::kShort, options.orientation);
  Tiff exif(false);
  exif.add_text(36867, "2019:02:28 23:59:58");
  Tiff gps(false);
  gps.add_text(1, "N");
  gps.add_rationals(2, {52, 1, 30, 1, 0, 1});
  gps.add_text(3, "E");
  gps.add_rationals(4, {13, 1, 24, 1, 0, 1});
  return box(
      "uuid",
      "\x85\xC0\xB6\x87\x82\x0F\x11\xE0\x81\x11\xF4\xCE\x46\x2B\x6A\x48"s +
          box("CMT1", tiff_of(main)) + box("CMT2", tiff_of(exif)) +
          box("CMT4", tiff_of(gps)));
}

}  // namespace

std::string write_raf(const CameraOptions& options) {
  std::string preview = options.preview;
  // LibRaw looks for EXIF right at the beginning, where libjpeg puts JFIF.
  if (preview.substr(2, 2) == "\xFF\xE0") preview.erase(2, 18);
  const std::string sensor = sensor_of(options);
  const std::string size =
      big_endian(options.height, 2) + big_endian(options.width, 2);
  const std::string tags =
      big_endian(2, 4) + "\1\0\0\4"s + size + "\1\x21\0\4"s + size;
  constexpr std::size_t kHeadBytes = 160;
  const std::size_t tags_at = kHeadBytes + preview.size();
  std::string file = "FUJIFILMCCD-RAW 0201FF000001X-A1";
  file.resize(60);
  file += "0100";
  file.resize(84);
  for (const std::size_t value :
       {kHeadBytes, preview.size(), tags_at, tags.size(), tags_at + tags.size(),
        sensor.size()}) {
    file += big_endian(value, 4);
  }
  file.resize(kHeadBytes);
  return file + preview + tags + sensor;
}

std::string write_cr3(const CameraOptions& options) {
  const std::string sensor(2000, '\1');
  const std::string type = box("ftyp", "crx \0\0\0\1crx isom"s);
  const std::string xmp =
      box("uuid",
          "\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC"s +
              options.xmp);
  const auto head_for = [&](std::size_t at) {
    return type +
           box("moov", canon_box(options) +
                           track(options, box("JPEG", big_endian(0, 4)), at,
                                 options.preview.size()) +
                           track(options, box("CMP1", sensor_header(options)),
                                 at + options.preview.size(), sensor.size())) +
           xmp;
  };
  const std::size_t at = head_for(0).size() + 8;  // the box around them
  return head_for(at) + box("mdat", options.preview + sensor);
}

std::string write_tiff_raw(const CameraKind& kind,
                           const CameraOptions& options) {
  const auto number = [](std::size_t value) {
    return static_cast<std::uint32_t>(value);
  };
  std::string file = kind.head;
  file.resize(std::max<std::size_t>(file.size(), 8));
  const std::size_t preview_at = file.size();
  file += options.preview;
  file.resize(file.size() + file.size() % 2);

  const std::size_t sensor_at = file.size();
  const std::string sensor = sensor_of(options);
  file += sensor;

  const std::size_t exif_at = file.size();
  Tiff exif(false);
  exif.add_text(36867, "2019:02:28 23:59:58");
  file += exif.at(exif_at);

  const std::size_t sub_at = file.size();
  Tiff sub(false);
  sub.add_number(254, Tiff::kLong, 0);
  sub.add_number(256, Tiff::kLong, options.width);
  sub.add_number(257, Tiff::kLong, options.height);
  sub.add_number(258, Tiff::kShort, 16);
  sub.add_number(259, Tiff::kShort, 1);
  sub.add_number(262, Tiff::kShort, 32803);
  sub.add_number(273, Tiff::kLong, number(sensor_at));
  sub.add_number(277, Tiff::kShort, 1);
  sub.add_number(278, Tiff::kLong, options.height);
  sub.add_number(279, Tiff::kLong, number(sensor.size()));
  sub.add_values(33421, Tiff::kShort, 2, "\2\0\2\0"s);
  sub.add_values(33422, Tiff::kByte, 4, "\0\1\1\2"s);
  file += sub.at(sub_at);

  Tiff main(false);
  main.add_number(254, Tiff::kLong, 1);
  main.add_number(256, Tiff::kLong, options.width);
  main.add_number(257, Tiff::kLong, options.height);
  main.add_number(259, Tiff::kShort, 6);
  main.add_text(271, kind.make);
  main.add_text(272, kind.model);
  main.add_number(274, Tiff::kShort, options.orientation);
  main.add_number(330, Tiff::kLong, number(sub_at));
  main.add_number(513, Tiff::kLong, number(preview_at));
  main.add_number(514, Tiff::kLong, number(options.preview.size()));
  main.add_number(34665, Tiff::kLong, number(exif_at));
  const std::string directory = main.at(file.size());
  file.replace(4, 4, main.number(number(file.size()), 4));
  return file + directory;
}
