#include "cli/hash_export.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <vector>

#include "cli/output.hpp"
#include "report/escape.hpp"
#include "vam/hash.hpp"
#include "vam/scan.hpp"

namespace vam {
namespace {

constexpr std::array kKinds = {HashKind::dhash, HashKind::ahash,
                               HashKind::whash};

void write_rows(Catalog& catalog, std::span<const Picture> pictures,
                std::ostream& out, HashExport& exported) {
  out << "path,id,dhash,ahash,whash\r\n";
  for (const Source& source : catalog.sources()) {
    const std::string& root = source.root.empty() ? source.name : source.root;
    for (const FileRecord& file : catalog.files(source.id)) {
      const auto found =
          std::ranges::lower_bound(pictures, file.digest, {}, &Picture::digest);
      if (file.held_before || found == pictures.end() ||
          found->digest != file.digest) {
        continue;
      }
      out << escape_for_csv(absolute_path(root, file.path)) << ','
          << found - pictures.begin();
      for (const HashKind kind : kKinds) {
        out << ','
            << std::bit_cast<std::int64_t>(found->look->hashes[index_of(kind)]);
      }
      out << "\r\n";
      ++exported.files;
    }
  }
}

void write_values(std::span<const Picture> pictures, HashKind kind,
                  std::ostream& out) {
  for (const Picture& picture : pictures) {
    Hash hash = picture.look->hashes[index_of(kind)];
    for (int byte = 0; byte < 8; ++byte, hash >>= 8) {
      out.put(static_cast<char>(hash & 255));
    }
  }
}

}  // namespace

HashExport export_hashes(Catalog& catalog, const std::string& file,
                         const std::atomic<bool>* stop) {
  Output rows(file, stop);
  Output dhash(file + ".dhash", stop);
  Output ahash(file + ".ahash", stop);
  Output whash(file + ".whash", stop);
  std::vector<Picture> pictures = catalog.pictures();
  std::erase_if(pictures, [](const Picture& picture) { return !picture.look; });
  HashExport exported;
  exported.pictures = pictures.size();
  write_rows(catalog, pictures, rows.stream(), exported);
  write_values(pictures, HashKind::dhash, dhash.stream());
  write_values(pictures, HashKind::ahash, ahash.stream());
  write_values(pictures, HashKind::whash, whash.stream());
  for (Output* const output : {&dhash, &ahash, &whash, &rows}) {
    output->finish();
  }
  return exported;
}

}  // namespace vam
