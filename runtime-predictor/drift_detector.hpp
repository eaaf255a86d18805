// Notices that errors have become larger: a self-starting CUSUM chart (Page 1954; Hawkins 1987) over means of blocks.
//
// Errors of jobs that follow each other are alike, for users submit the same job again and again, so that the spread of
// single errors says nothing about how far their mean wanders. The means of blocks longer than such runs are nearly
// independent and nearly normal; each is judged by the spread of those before it, whatever that is.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "backfill/model/portable_math.hpp"

namespace wattfill {

class DriftDetector {
 public:
  static constexpr std::int64_t kBlock = 200;  // errors
  // On errors whose distribution does not change, 2,570 blocks to an alarm on average (Siegmund 1985: with b = limit +
  // 1.166 and allowance k, (exp(2kb) - 2kb - 1) / (2k^2)); stated with room for blocks that are not quite normal.
  static constexpr std::int64_t kErrorsToAFalseAlarm = 250'000;

  // `tolerance`: a rise of the mean error that is no drift.
  explicit DriftDetector(double tolerance = 0.1) : tolerance_(tolerance) {}

  // True when this error makes it a drift; then it starts anew.
  bool add(double error) {
    block_sum_ += error;
    if (++in_block_ < kBlock) return false;
    const double mean = block_sum_ / static_cast<double>(kBlock);
    block_sum_ = 0;
    in_block_ = 0;
    if (blocks_ >= 2) excess_ = std::max(0.0, excess_ + surprise(mean - tolerance_) - kAllowance);
    if (excess_ > kLimit) {
      *this = DriftDetector(tolerance_);
      return true;
    }
    ++blocks_;
    const double step = mean - mean_;
    mean_ += step / static_cast<double>(blocks_);
    squares_ += step * (mean - mean_);
    return false;
  }

 private:
  static constexpr double kAllowance = 0.5;  // standard deviations
  static constexpr double kLimit = 6;

  // How unlikely a block mean is after those before it, as a standard normal variable: Student's t, made normal by
  // Wallace's approximation (1959).
  double surprise(double block_mean) const {
    constexpr double kLeastDeviation = 1e-9;  // of errors that are all equal
    const auto n = static_cast<double>(blocks_);
    const double freedom = n - 1;
    const double deviation = std::max(kLeastDeviation, std::sqrt(squares_ / freedom));
    const double t = std::sqrt(n / (n + 1)) * (block_mean - mean_) / deviation;
    const double normal =
        (8 * freedom + 1) / (8 * freedom + 3) * std::sqrt(freedom * portable_log(1 + t * t / freedom));
    return t < 0 ? -normal : normal;
  }

  double tolerance_;
  std::int64_t in_block_ = 0;
  double block_sum_ = 0;
  std::int64_t blocks_ = 0;  // since the last drift
  double mean_ = 0;          // of the block means, and the sum of their squared distances from it
  double squares_ = 0;
  double excess_ = 0;
};

}  // namespace wattfill
