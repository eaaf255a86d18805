// How good predictions are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime-predictor/predictor.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// r: runtime, p: the median predicted, both in seconds and at least 1.
struct PredictionFigures {
  std::int64_t jobs = 0;
  double accuracy = 0;                   // mean of min(p / r, r / p) (Zheng et al. and others)
  double mean_absolute_error_s = 0;      // mean of |p - r|
  double median_absolute_log_error = 0;  // median of |ln(p / r)|
  double underestimated = 0;             // share with p < r
  double coverage = 0;                   // share with r at most the upper figure, rounded up
};

// Of the jobs with these indices. O(jobs).
PredictionFigures prediction_figures(const Workload& workload, std::span<const Prediction> predictions,
                                     std::span<const std::size_t> jobs);

}  // namespace wattfill
