// Writes results to the catalog while the workers go on.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "vam/catalog.hpp"

namespace vam {

/// Owns the only thread that writes. Commits at the latest a second after a
/// result came in, or when a few hundred have. Results that come faster than
/// the disk takes them make add() wait, so memory stays bounded.
class CatalogWriter {
 public:
  explicit CatalogWriter(Catalog& catalog);
  CatalogWriter(const CatalogWriter&) = delete;
  CatalogWriter& operator=(const CatalogWriter&) = delete;
  /// Writes what is left; errors are only told by finish().
  ~CatalogWriter();

  /// Takes the content of `results`. Thread-safe.
  void add(CatalogBatch results);

  /// Whether the catalog refused a commit: no use in going on. Thread-safe.
  bool failed() const;

  /// Writes what is left and ends the thread. Throws what the catalog threw.
  void finish();

 private:
  void run();
  void stop_thread();

  Catalog& catalog_;
  mutable std::mutex mutex_;
  std::condition_variable work_;   ///< something to write, or the end
  std::condition_variable space_;  ///< room for more
  CatalogBatch pending_;
  bool closing_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace vam
