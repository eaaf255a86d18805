// Notices that errors have become larger: the Page-Hinkley test (Page 1954; Mouss et al. 2004).
#pragma once

#include <algorithm>
#include <cstdint>

namespace wattfill {

class DriftDetector {
 public:
  // `tolerance`: a rise of the mean error that is no drift; `threshold`: how much excess error in sum is one.
  explicit DriftDetector(double tolerance = 0.1, double threshold = 100)
      : tolerance_(tolerance), threshold_(threshold) {}

  // True when this error makes it a drift; then it starts anew.
  bool add(double error) {
    ++count_;
    mean_ += (error - mean_) / static_cast<double>(count_);
    excess_ += error - mean_ - tolerance_;
    lowest_ = std::min(lowest_, excess_);
    if (excess_ - lowest_ <= threshold_) return false;
    *this = DriftDetector(tolerance_, threshold_);
    return true;
  }

 private:
  double tolerance_;
  double threshold_;
  std::int64_t count_ = 0;
  double mean_ = 0;
  double excess_ = 0;
  double lowest_ = 0;
};

}  // namespace wattfill
