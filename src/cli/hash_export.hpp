// The hashes of a catalog as files for other programs.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "vam/catalog.hpp"

namespace vam {

struct HashExport {
  std::uint64_t files = 0;
  std::uint64_t pictures = 0;  ///< different contents
};

/// Writes what the catalog holds of files that could be decoded:
///
/// - `file`: CSV with the columns path, id, dhash, ahash, whash, sorted by path
///   within each source. Hashes are signed integers with the same 64 bits.
/// - `file`.dhash, .ahash, .whash: 8 bytes for each id from 0 on, little end
///   first.
///
/// Files with the same content have the same id; ids are in the order of
/// digests. Throws FatalError and Interrupted; no file is left half-written.
HashExport export_hashes(Catalog& catalog, const std::string& file,
                         const std::atomic<bool>* stop);

}  // namespace vam
