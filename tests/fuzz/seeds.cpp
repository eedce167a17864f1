// Writes small files for the fuzz targets to begin with, in a folder for each
// target.
//
// Usage: fuzz_seeds FOLDER
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "unit/camera_writer.hpp"
#include "unit/dng_writer.hpp"
#include "unit/format_writer.hpp"
#include "unit/jpeg_variants.hpp"
#include "unit/mpo_writer.hpp"
#if VAM_JXL_BUILT
#include "unit/jxl_writer.hpp"
#endif
#include "unit/temp_folder.hpp"
#include "vam/catalog.hpp"

namespace {

using namespace vam;
namespace fs = std::filesystem;

class SeedFolder {
 public:
  explicit SeedFolder(fs::path path) : path_(std::move(path)) {
    fs::create_directories(path_);
  }

  void add(const std::string& seed, const std::string& extension = "bin") {
    std::ofstream(path_ / (std::to_string(count_++) + "." + extension),
                  std::ios::binary)
        << seed;
  }

 private:
  fs::path path_;
  int count_ = 0;
};

constexpr char kXmpPacket[] =
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf="
    "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description"
    " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"><xmp:Rating>3</xmp:Rating>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>";

/// RAW whose preview is the smallest that counts: 512 pixels, in one colour.
void write_camera_files(SeedFolder& seeds) {
  JpegOptions preview{.width = 683, .height = 512, .quality = 30};
  preview.with_exif = true;
  preview.exif = full_exif();
  preview.exif.make = "FUJIFILM";
  preview.pattern = [](int, int, int, int) { return Rgba{90, 120, 60}; };
  CameraOptions camera{.width = 32, .height = 24, .orientation = 6};
  camera.preview = write_jpeg(preview);
  camera.xmp = kXmpPacket;
  seeds.add(write_raf(camera), "raf");
  seeds.add(write_cr3(camera), "cr3");
  seeds.add(write_dng({.width = 32, .height = 24, .xmp = kXmpPacket}), "dng");
}

void write_pictures(const fs::path& folder) {
  SeedFolder seeds(folder);
  for (const FormatWriter& writer : format_writers()) {
    for (const int orientation : {1, 6}) {
      FormatPicture picture;
      picture.orientation = orientation;
      if (orientation != 1) picture.xmp = kXmpPacket;
      seeds.add(writer.write(picture), writer.extension);
    }
  }
  write_camera_files(seeds);
  seeds.add(write_mpo({{kMpoThumbnail, write_jpeg({.width = 32, .height = 24})},
                       {kMpoPrimary, write_jpeg()}}),
            "mpo");
#if VAM_JXL_BUILT
  seeds.add(write_jxl({.width = 24,
                       .height = 18,
                       .boxes = JxlBoxes::compressed,
                       .exif = jxl_exif(full_exif()),
                       .xmp = kXmpPacket}),
            "jxl");
#endif
  JpegOptions jpeg;
  jpeg.with_exif = true;
  jpeg.exif = full_exif();
  jpeg.pattern = noise_at;
  for (const JpegScans scans :
       {JpegScans::one, JpegScans::progressive, JpegScans::per_component}) {
    jpeg.scans = scans;
    for (const JpegColour colour :
         {JpegColour::grey, JpegColour::ycbcr, JpegColour::ycck}) {
      jpeg.colour = colour;
      seeds.add(write_jpeg(jpeg), "jpg");
    }
  }
  PngOptions png;
  png.with_exif = true;
  png.exif = full_exif();
  png.transparency = true;
  for (const bool interlaced : {false, true}) {
    png.interlaced = interlaced;
    for (const PngColour colour : {PngColour::grey, PngColour::palette,
                                   PngColour::rgb, PngColour::rgba}) {
      png.colour = colour;
      png.transparency = colour != PngColour::rgba;
      seeds.add(write_png(png), "png");
    }
  }
}

void write_exif(const fs::path& folder) {
  SeedFolder seeds(folder);
  ExifOptions exif = full_exif();
  exif.orientation = 6;
  exif.taken_at = "2019:04:30 12:34:56";
  exif.fraction = "123";
  exif.utc_offset = "+02:00";
  for (const bool big_endian : {false, true}) {
    exif.big_endian = big_endian;
    seeds.add(make_exif(exif));
    // The target puts the prefix before it, too.
    seeds.add(make_exif(exif).substr(6));
  }
  seeds.add(exif.taken_at);
}

void write_strings(const fs::path& folder) {
  SeedFolder seeds(folder);
  for (const std::string text :
       {"/photos/a.jpg", "/new\nline\rtab\t", "/esc\x1b[2J\x07\x7f",
        "/quote\"and\\slash, comma", "/\xff\xfe", "/surrogate \xed\xa0\x80",
        "/cut \xe2\x82", "/c1 \xc2\x9b[31m", "/bidi \xe2\x80\xae gpj.exe",
        "=1+1", "\t@x", "/tag \xf3\xa0\x81\x81", "2024-07-14T12:30:00"}) {
    seeds.add(text);
  }
  seeds.add(std::string("/nul\0tail", 9));
}

Picture make_picture(std::uint8_t number) {
  Picture picture;
  picture.digest.bytes.fill(number);
  picture.info = {Format::jpeg,
                  4000,
                  3000,
                  6,
                  "2024-07-14T12:30:00",
                  {"Make", "Model", "Software", GeoPosition{1.5, -2.5}, 3}};
  Fingerprint look;
  look.hashes = {number * 0x0123456789abcdefU, ~std::uint64_t{number}, 7};
  look.detail = 33;
  picture.look = look;
  return picture;
}

/// A catalog with some rows in every table.
/// A report, choices and a journal.
void write_plans(const fs::path& folder) {
  SeedFolder seeds(folder);
  const std::string rest =
      R"("size":1,"mtime":"2024-01-01T00:00:00.000000000Z","checksum":)"
      R"("00000000000000000000000000000000",)";
  const std::string groups =
      R"("groups":[{"files":[{"path":"/p/a",)" + rest +
      R"("is_keeper":true,"match":"exact","choice":"keep"},{"path":"/p/b",)" +
      rest + R"("is_keeper":false,"match":"similar","copy_of":"/p/c",)" +
      R"("choice":"remove","companions":[{"path":"/p/b.mov"}]},)" +
      R"({"path":"/p?","path_bytes":"L3Av/w==",)" + rest +
      R"("is_keeper":false,"match":"same-image","choice":"different",)" +
      R"("hard_links":[{"path":"/q"}],"is_reference":false}]}])";
  seeds.add(R"({"schema":"vam-analyze/1","settings":{"sources":["/p"],)"
            R"("reference":["/r"]},)" +
            groups +
            R"(,"sets":[{"kind":"burst","files":[{"path":"/p/a"}]}]})");
  seeds.add(R"({"schema":"vam-analyze-choices/1","sources":["/"],)"
            R"("reference":[],)" +
            groups + '}');
  seeds.add(R"({"schema":"vam-apply-journal/1"})"
            "\n"
            R"({"n":1,"step":"begin","action":"trash","path":"/p/a","to":"/t",)"
            R"("keep":"/p/b","inode":1,"deleted_at":"",)" +
            rest.substr(0, rest.size() - 1) +
            "}\n"
            R"({"n":1,"step":"done"})"
            "\n");
}

void write_catalogs(const fs::path& folder) {
  SeedFolder seeds(folder);
  const TempFolder temporary;
  const fs::path file = temporary / "catalog/catalog.sqlite";
  const auto add = [&] {
    std::ifstream in(file, std::ios::binary);
    seeds.add({std::istreambuf_iterator<char>(in), {}}, "sqlite");
  };
  open_catalog(temporary / "catalog");
  add();
  {
    const auto catalog = open_catalog(temporary / "catalog");
    CatalogBatch batch;
    const SourceId source = catalog->add_source("/photos");
    for (std::uint8_t n = 1; n <= 20; ++n) {
      const Picture picture = make_picture(n);
      const std::string path = std::to_string(n) + "/a.jpg";
      batch.files.push_back({source, {path, 1000, 2000, n, picture.digest}});
      batch.pictures.push_back(picture);
      if (n % 5 == 0) {
        batch.pictures.back().look =
            fail(ErrorCode::truncated, "the data end in row 17");
      } else {
        batch.sketches.push_back({picture.digest, {}});
      }
    }
    // A rotten file of a source that lies within another one.
    const SourceId album = catalog->add_source("/photos/album");
    batch.files.push_back({album,
                           {"b.jpg", 1000, 2000, 21, make_picture(1).digest,
                            make_picture(2).digest}});
    catalog->store(batch);
    const std::vector<DifferentPair> pairs = {
        different_pair(make_picture(1).digest, make_picture(2).digest)};
    catalog->mark_different(pairs);
  }
  add();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 1;
  }
  const fs::path folder = argv[1];
  try {
    SeedFolder jpegs(folder / "jpeg_dc");
    for (const std::string& file : small_jpeg_variants())
      jpegs.add(file, "jpg");
    write_pictures(folder / "decode");
    write_exif(folder / "exif");
    write_strings(folder / "report");
    write_catalogs(folder / "catalog");
    write_plans(folder / "plan");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fuzz_seeds: %s\n", error.what());
    return 1;
  }
}
