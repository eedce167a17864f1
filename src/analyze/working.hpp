// Tells whoever watches a run how many of its workers compute.
#pragma once

#include "vam/analyze.hpp"

namespace vam {

/// Workers that compute, from begin() to end(), or until this goes out of
/// scope. Of one thread.
class Working {
 public:
  /// The observer must outlive it, and may be null.
  explicit Working(AnalyzeObserver* observer, int workers = 1)
      : observer_(observer), workers_(workers) {}
  Working(const Working&) = delete;
  Working& operator=(const Working&) = delete;
  ~Working() { end(); }

  void begin() { change_to(true); }
  void end() { change_to(false); }

 private:
  void change_to(bool computes) {
    if (computes == computes_ || observer_ == nullptr) return;
    computes_ = computes;
    observer_->workers_changed(computes ? workers_ : -workers_);
  }

  AnalyzeObserver* const observer_;
  const int workers_;
  bool computes_ = false;
};

}  // namespace vam
