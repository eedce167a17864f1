// Writes results to the catalog while the workers go on.
#include "analyze/catalog_writer.hpp"

#include <chrono>
#include <cstddef>
#include <iterator>
#include <utility>

namespace vam {
namespace {

constexpr std::size_t kCommitFiles = 256;
constexpr std::size_t kMaxPendingFiles = 2 * kCommitFiles;
constexpr std::chrono::seconds kCommitInterval{1};

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
}

/// Should memory run out in between, nothing lacks what it refers to.
void append(CatalogBatch& to, CatalogBatch&& from) {
  append(to.sketches, std::move(from.sketches));
  append(to.pictures, std::move(from.pictures));
  append(to.files, std::move(from.files));
}

}  // namespace

CatalogWriter::CatalogWriter(Catalog& catalog)
    : catalog_(catalog), thread_([this] { run(); }) {}

CatalogWriter::~CatalogWriter() { stop_thread(); }

void CatalogWriter::add(CatalogBatch results) {
  std::unique_lock lock(mutex_);
  space_.wait(
      lock, [&] { return error_ || pending_.files.size() < kMaxPendingFiles; });
  if (error_) return;
  append(pending_, std::move(results));
  lock.unlock();
  work_.notify_one();
}

bool CatalogWriter::failed() const {
  const std::lock_guard lock(mutex_);
  return error_ != nullptr;
}

void CatalogWriter::finish() {
  stop_thread();
  if (error_) std::rethrow_exception(error_);
}

void CatalogWriter::stop_thread() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void CatalogWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [&] { return closing_ || !pending_.empty(); });
    work_.wait_for(lock, kCommitInterval, [&] {
      return closing_ || pending_.files.size() >= kCommitFiles;
    });
    if (pending_.empty()) return;
    const CatalogBatch batch = std::exchange(pending_, {});
    lock.unlock();
    space_.notify_all();
    std::exception_ptr error;
    try {
      catalog_.store(batch);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error) {
      error_ = error;
      space_.notify_all();
      return;
    }
  }
}

void ResultCollector::add(CatalogBatch results) {
  const std::lock_guard lock(mutex_);
  append(results_, std::move(results));
}

}  // namespace vam
