// Writes results to the catalog while the workers go on.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "vam/catalog.hpp"

namespace vam {

/// Where the results of hashing go. add() and failed() are thread-safe.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  /// Takes the content of `results`.
  virtual void add(CatalogBatch results) = 0;
  /// Whether there is no use in going on: finish() will tell why.
  virtual bool failed() const = 0;
  /// To be called once, at the end. Throws what went wrong.
  virtual void finish() = 0;
};

/// Owns the only thread that writes. Commits at the latest a second after a
/// result came in, or when a few hundred have. Results that come faster than
/// the disk takes them make add() wait, so memory stays bounded.
class CatalogWriter final : public ResultSink {
 public:
  explicit CatalogWriter(Catalog& catalog);
  CatalogWriter(const CatalogWriter&) = delete;
  CatalogWriter& operator=(const CatalogWriter&) = delete;
  /// Writes what is left; errors are only told by finish().
  ~CatalogWriter() override;

  void add(CatalogBatch results) override;
  /// Whether the catalog refused a commit.
  bool failed() const override;
  /// Writes what is left and ends the thread. Throws what the catalog threw.
  void finish() override;

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

/// Keeps results until they are asked for.
class ResultCollector final : public ResultSink {
 public:
  void add(CatalogBatch results) override;
  bool failed() const override { return false; }
  void finish() override {}

  /// All of them; to be called when nobody adds any more.
  CatalogBatch take() { return std::move(results_); }

 private:
  std::mutex mutex_;
  CatalogBatch results_;
};

}  // namespace vam
