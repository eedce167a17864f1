// Makes a large collection that needs no pictures: a catalog, and a tree of
// files that it takes to be unchanged, which have a size but no bytes.
//
// Usage: fill_catalog CATALOG TREE COUNT
//
// Of 100 files, 90 are photos that resemble each other as much as strangers do;
// 5 show one of them with less pixels, 2 one within a border, and 3 have the
// same bytes as one. The same arguments give the same pictures. CATALOG, a
// folder or the address of an empty one on a server, and TREE must not be
// there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "analyze/frame_keys.hpp"
#include "numbers.hpp"
#include "strangers.hpp"
#include "vam/catalog.hpp"

namespace {

using namespace vam;

constexpr int kBatch = 1024;  ///< files for one commit, and for one folder

/// What file number n is.
enum class Kind { photo, smaller, bordered, same_bytes };

Kind kind_of(std::uint64_t n) {
  const std::uint64_t place = n % 100;
  if (place < 90) return Kind::photo;
  if (place < 95) return Kind::smaller;
  return place < 97 ? Kind::bordered : Kind::same_bytes;
}

/// The photo of which it is a copy: one of the same hundred.
std::uint64_t original_of(std::uint64_t n) {
  return kind_of(n) == Kind::photo ? n : n / 100 * 100 + mixed(n) % 90;
}

/// The same for the same bytes.
std::uint64_t content_of(std::uint64_t n) {
  return kind_of(n) == Kind::same_bytes ? original_of(n) : n;
}

Digest digest_of_content(std::uint64_t content) {
  const std::array<std::uint64_t, 2> bits{mixed(content), mixed(~content)};
  Digest digest;
  static_assert(sizeof bits == sizeof digest.bytes);
  std::memcpy(digest.bytes.data(), bits.data(), sizeof bits);
  return digest;
}

/// White around the picture: two cells on each side.
Thumbnail with_border(const Thumbnail& inner) {
  constexpr int kSide = Thumbnail::kSide;
  constexpr int kBorder = 2;
  Thumbnail outer = inner;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const auto inside = [](int at) {
        return (at - kBorder) * kSide / (kSide - 2 * kBorder);
      };
      const int to = y * kSide + x;
      const int from = inside(y) * kSide + inside(x);
      const bool is_border = x < kBorder || y < kBorder ||
                             x >= kSide - kBorder || y >= kSide - kBorder;
      outer.luma.at(static_cast<std::size_t>(to)) =
          is_border ? 255 : inner.luma.at(static_cast<std::size_t>(from));
    }
  }
  return outer;
}

Sketch sketch_of(std::uint64_t n) {
  const Thumbnail thumbnail = stranger(original_of(n));
  switch (kind_of(n)) {
    case Kind::smaller:
      return {flickering(thumbnail, n)};
    case Kind::bordered:
      return {with_border(thumbnail), std::make_shared<Thumbnail>(thumbnail)};
    default:
      return {thumbnail};
  }
}

std::string format(const char* form, std::uint64_t a, std::uint64_t b = 0,
                   std::uint64_t c = 0, std::uint64_t d = 0) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), form, static_cast<unsigned>(a),
                static_cast<unsigned>(b), static_cast<unsigned>(c),
                static_cast<unsigned>(d));
  return text.data();
}

/// Ten minutes from one photo to the next: no bursts.
std::string moment_of_photo(std::uint64_t photo) {
  const std::uint64_t day = photo / 144;
  return format("%04u-%02u-%02uT", 1990 + day / 336, day / 28 % 12 + 1,
                day % 28 + 1) +
         format("%02u:%02u:17", photo / 6 % 24, photo % 6 * 10);
}

Picture picture_of(std::uint64_t content, const Sketch& sketch) {
  const Kind kind = kind_of(content);
  const std::uint64_t photo = original_of(content);
  PictureInfo info{Format::jpeg,
                   4000,
                   3000,
                   kUpright,
                   moment_of_photo(photo),
                   {"Canon", "Canon EOS 5D Mark IV", "Adobe Lightroom 9.2"}};
  if (kind == Kind::smaller) {
    info.width /= 2;
    info.height /= 2;
  }
  if (photo % 3 == 0) info.metadata.gps = {{48.1371079, 11.5753822}};
  Fingerprint look{make_frame_keys(sketch.whole).keys.upright, 64};
  if (kind == Kind::bordered) look.content = {4096, 4096, 61439, 61439};
  return {digest_of_content(content), std::move(info), look};
}

/// A hole of this size under this name, as a scan will see it.
FileRecord make_file(const std::string& tree, std::string path,
                     std::uint64_t size_bytes) {
  const std::string whole = tree + '/' + path;
  const int file = open(whole.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0644);
  struct stat status {};
  const bool is_made = file >= 0 &&
                       ftruncate(file, static_cast<off_t>(size_bytes)) == 0 &&
                       fstat(file, &status) == 0;
  if (file >= 0) close(file);
  if (!is_made) throw std::runtime_error("cannot make " + whole);
  return {std::move(path),
          size_bytes,
          status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
          status.st_ino,
          {}};
}

void fill(const std::string& address, const std::string& tree,
          std::uint64_t count) {
  std::filesystem::create_directory(tree);
  const std::string root = std::filesystem::canonical(tree);
  const auto catalog = is_server_catalog(address)
                           ? open_server_catalog(address, {})
                           : open_catalog(address);
  const SourceId source = catalog->add_source(root);
  for (std::uint64_t begin = 0; begin < count; begin += kBatch) {
    const std::string subfolder = format("%05u", begin / kBatch);
    std::filesystem::create_directory(root + '/' + subfolder);
    CatalogBatch batch;
    for (std::uint64_t n = begin; n < std::min(begin + kBatch, count); ++n) {
      const std::uint64_t content = content_of(n);
      FileRecord record =
          make_file(root, subfolder + format("/IMG_%07u.jpg", n),
                    4'000'000 + mixed(content) % 4'000'000);
      record.digest = digest_of_content(content);
      batch.files.push_back({source, std::move(record)});
      if (content != n) continue;
      Sketch sketch = sketch_of(n);
      batch.pictures.push_back(picture_of(n, sketch));
      batch.sketches.push_back({digest_of_content(n), std::move(sketch)});
    }
    catalog->store(batch);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: fill_catalog CATALOG TREE COUNT\n";
    return 1;
  }
  try {
    fill(argv[1], argv[2], static_cast<std::uint64_t>(number(argv[3])));
  } catch (const std::exception& error) {
    std::cerr << "fill_catalog: " << error.what() << '\n';
    return 1;
  }
}
