// Measures a catalog on a server, all of whose tables are thrown away first.
//
// Usage: share_work ADDRESS PROCESSES CHUNKS
//
// So many threads, each with a catalog of its own, take chunks from one list
// and complete them: with nothing to store, which is what the list alone costs,
// and with a file, a picture and a sketch for each of the 128 files. Prints
// chunks and rows per second and the bytes that a picture takes.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "catalog/postgres_connection.hpp"
#include "numbers.hpp"
#include "vam/catalog.hpp"

namespace {

using namespace vam;

constexpr int kChunkFiles = 128;

enum class Storing : bool { nothing, all };

Digest digest_of_text(const std::string& text) {
  return digest_of(std::as_bytes(std::span(text)));
}

CatalogBatch batch_of(const Chunk& chunk) {
  CatalogBatch batch;
  for (const QueuedFile& file : chunk.files) {
    const Digest digest = digest_of_text(file.path);
    std::uint64_t seed = DigestHash{}(digest);
    Fingerprint fingerprint;
    for (Hash& hash : fingerprint.hashes) hash = seed = mixed(seed);
    fingerprint.detail = 30;
    Sketch sketch;
    for (std::uint8_t& cell : sketch.whole.luma) {
      seed = mixed(seed);
      cell = static_cast<std::uint8_t>(seed);
    }
    batch.files.push_back(
        {file.source, {file.path, file.size_bytes, 1, file.inode, digest, {}}});
    batch.pictures.push_back(
        {digest,
         {Format::jpeg, 4000, 3000, 1, "2024-05-06T07:08:09"},
         fingerprint});
    batch.sketches.push_back({digest, sketch});
  }
  return batch;
}

double seconds_of(const std::string& address, int processes, int chunks,
                  Storing storing) {
  PostgresConnection(address).run("DROP SCHEMA IF EXISTS vam CASCADE");
  std::vector<std::unique_ptr<Catalog>> catalogs;
  const Digest key = digest_of_text("share_work");
  for (int n = 0; n < processes; ++n) {
    catalogs.push_back(open_server_catalog(address, {}));
    catalogs.back()->work_queue().join(key, "none", [&] {
      const SourceId source = catalogs.back()->add_source("/photos");
      std::vector<QueuedFile> files;
      for (int file = 0; file < chunks * kChunkFiles; ++file) {
        files.push_back({source,
                         "2024/05/06/IMG_" + std::to_string(file) + ".jpg",
                         3'000'000,
                         1,
                         static_cast<std::uint64_t>(file),
                         {}});
      }
      return files;
    });
  }
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (const auto& catalog : catalogs) {
    threads.emplace_back([&, storing] {
      while (const auto chunk = catalog->work_queue().take()) {
        ChunkResult result;
        if (storing == Storing::all) result.learned = batch_of(*chunk);
        catalog->work_queue().complete(*chunk, result);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - begin;
  return spent.count();
}

std::int64_t bytes_stored(const std::string& address) {
  std::int64_t bytes = 0;
  PostgresConnection(address).query(
      "SELECT (pg_total_relation_size('vam.file') + "
      "pg_total_relation_size('vam.picture') + "
      "pg_total_relation_size('vam.sketch'))::bigint",
      {}, [&](const Row& row) { bytes = row.integer(0).value_or(0); });
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("Usage: share_work ADDRESS PROCESSES CHUNKS\n", stderr);
    return 2;
  }
  const std::string address = argv[1];
  const int processes = std::atoi(argv[2]);
  const int chunks = std::atoi(argv[3]);
  const double alone = seconds_of(address, processes, chunks, Storing::nothing);
  const double stored = seconds_of(address, processes, chunks, Storing::all);
  const double files = static_cast<double>(chunks) * kChunkFiles;
  std::printf(
      "%d processes: %.0f chunks/s with nothing to store, %.0f rows/s "
      "stored, %.0f bytes for a picture\n",
      processes, chunks / alone, 3 * files / stored,
      static_cast<double>(bytes_stored(address)) / files);
  return 0;
}
