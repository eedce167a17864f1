// Reads RAW files of many makers, as far as they can be written without a
// camera.
#if VAM_RAW_BUILT
#include <algorithm>
#include <string>
#include <vector>

#include "camera_writer.hpp"
#include "catch.hpp"
#include "decoding.hpp"
#include "picture_writer.hpp"
#include "vam/decode.hpp"

using namespace vam;
using namespace std::string_literals;

namespace {

/// The shape that fits a sensor of 160 x 120, seen upright.
std::string fuji_preview(int orientation, int scale = 5) {
  ExifOptions exif = full_exif();
  exif.make = "FUJIFILM";
  exif.model = "X-A1";
  exif.taken_at = "2019:02:28 23:59:58";
  exif.fraction = "25";
  exif.orientation = orientation;
  const int width = 160 * scale;
  const int height = 120 * scale;
  return write_jpeg({.width = orientation >= 5 ? height : width,
                     .height = orientation >= 5 ? width : height,
                     .exif = exif,
                     .with_exif = true});
}

std::string canon_preview() {
  return write_jpeg({.width = 800, .height = 600});
}

}  // namespace

TEST_CASE("decode: the preview stands for a RAF, turned once") {
  const int orientation = GENERATE(range(1, 9));
  const std::string preview = fuji_preview(orientation);
  const Decoded decoded =
      decode_as(Format::raw, write_raf({.preview = preview}));
  CHECK(decoded.info.orientation == orientation);
  CHECK(decoded.info.width == (orientation >= 5 ? 120U : 160U));
  CHECK(decoded.info.height == (orientation >= 5 ? 160U : 120U));
  CHECK(decoded.image == decode(bytes_of(preview))->image);
}

TEST_CASE("decode: a RAF has the metadata of its preview") {
  const PictureInfo info =
      decode_as(Format::raw, write_raf({.preview = fuji_preview(1)})).info;
  PhotoMetadata expected = full_metadata();
  expected.camera_make = "FUJIFILM";
  expected.camera_model = "X-A1";
  CHECK((info.metadata == expected));
  CHECK(info.taken_at == "2019-02-28T23:59:58.25");
}

TEST_CASE("decode: a RAF with a small preview is developed") {
  const int orientation = GENERATE(1, 6, 8);
  const Image upright =
      decode_as(Format::raw, write_raf({.preview = fuji_preview(1, 2)})).image;
  CHECK(std::min(upright.width, upright.height) <= 60);
  const Decoded decoded = decode_as(
      Format::raw, write_raf({.preview = fuji_preview(orientation, 2)}));
  CHECK(decoded.image ==
        oriented(upright, static_cast<Orientation>(orientation)));
}

TEST_CASE("decode: a RAF that ends early is never a picture") {
  const std::string file = write_raf({.preview = fuji_preview(6)});
  for (std::size_t size = 64; size < file.size(); size += 499) {
    INFO(size << " of " << file.size() << " bytes");
    decode_error(file.substr(0, size));
  }
  CHECK(decode_error(file.substr(0, file.size() - 1)).code ==
        ErrorCode::truncated);
}

TEST_CASE("decode: the preview stands for a CR3, turned once") {
  const unsigned orientation = GENERATE(1U, 3U, 6U, 8U);
  const std::string preview = canon_preview();
  const Decoded decoded = decode_as(
      Format::raw, write_cr3({.preview = preview, .orientation = orientation}));
  CHECK(decoded.info.orientation == orientation);
  CHECK(decoded.info.width == (orientation >= 5 ? 120U : 160U));
  CHECK(decoded.image == oriented(decode(bytes_of(preview))->image,
                                  static_cast<Orientation>(orientation)));
}

TEST_CASE("decode: metadata of a CR3") {
  const std::string packet =
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf="
      "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description"
      " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmp:Rating=\"3\"/>"
      "</rdf:RDF></x:xmpmeta>";
  const PictureInfo info =
      decode_as(Format::raw,
                write_cr3({.preview = canon_preview(), .xmp = packet}))
          .info;
  CHECK(info.taken_at == "2019-02-28T23:59:58");
  CHECK((info.metadata == PhotoMetadata{.camera_make = "Canon",
                                        .camera_model = "EOS R",
                                        .gps = GeoPosition{52.5, 13.4},
                                        .rating = 3}));
}

TEST_CASE("decode: a CR3 that ends early is never a picture") {
  const std::string file = write_cr3({.preview = canon_preview()});
  for (std::size_t size = 64; size < file.size(); size += 499) {
    INFO(size << " of " << file.size() << " bytes");
    decode_error(file.substr(0, size));
  }
  CHECK(decode_error(file.substr(0, file.size() - 1)).code ==
        ErrorCode::truncated);
}

TEST_CASE("decode: the preview stands for RAW of many makers, turned once") {
  const std::string tiff = "II*\0"s;
  const std::vector<CameraKind> kinds = {
      {"II*\0\0\0\0\0CR\2\0\0\0\0\0"s, "Canon", "Canon EOS 5D"},
      {tiff, "NIKON", "COOLPIX P7000"},
      {tiff, "SONY", "ILCE-7M3"},
      {"IIRO", "OLYMPUS IMAGING CORP.", "E-M1"},
      {"IIRS", "OLYMPUS CORPORATION", "E-M5"},
      {"IIU\0"s, "Panasonic", "DMC-GX7"},
      {tiff, "PENTAX", "PENTAX K-5"},
      {tiff, "SAMSUNG", "NX300"},
      {tiff, "Hasselblad", "Hasselblad H5D"}};
  const std::string preview = canon_preview();
  const Image shown = decode(bytes_of(preview))->image;
  for (const CameraKind& kind : kinds) {
    for (const unsigned orientation : {1U, 3U, 6U, 8U}) {
      INFO(kind.model << ", orientation " << orientation);
      const std::string file = write_tiff_raw(
          kind, {.preview = preview, .orientation = orientation});
      const Decoded decoded = decode_as(Format::raw, file);
      CHECK(decoded.info.orientation == orientation);
      CHECK(decoded.info.width == (orientation >= 5 ? 120U : 160U));
      CHECK(decoded.info.taken_at == "2019-02-28T23:59:58");
      CHECK(decoded.info.metadata.camera_make == kind.make);
      CHECK(decoded.info.metadata.camera_model == kind.model);
      CHECK(decoded.image ==
            oriented(shown, static_cast<Orientation>(orientation)));
    }
  }
}

TEST_CASE("decode: a CR3 without preview needs its sensor data") {
  CameraOptions options{.preview = write_jpeg({.width = 80, .height = 60})};
  decode_error(write_cr3(options));
  // LibRaw takes what lies in memory for what it could not read.
  options.width = 32;
  options.height = 24;
  for (int i = 0; i < 20; ++i) {
    const std::vector<char> filled(20'000, static_cast<char>(i));
    CHECK(decode_error(write_cr3(options)).code == ErrorCode::corrupt);
  }
}
#endif
