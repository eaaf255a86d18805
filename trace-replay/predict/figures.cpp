#include "trace-replay/predict/figures.hpp"

#include <algorithm>
#include <cmath>

#include "backfill/model/portable_math.hpp"

namespace wattfill {

PredictionFigures prediction_figures(const Workload& workload, std::span<const Prediction> predictions,
                                     std::span<const std::size_t> jobs) {
  PredictionFigures f;
  f.jobs = static_cast<std::int64_t>(jobs.size());
  if (jobs.empty()) return f;
  std::vector<double> log_errors;
  log_errors.reserve(jobs.size());
  for (const std::size_t i : jobs) {
    const auto r = static_cast<double>(workload.jobs[i].runtime.count());
    const double p = std::max(1.0, predictions[i].median);
    f.accuracy += std::min(p / r, r / p);
    f.mean_absolute_error_s += std::fabs(p - r);
    f.underestimated += p < r;
    f.coverage += r <= std::ceil(predictions[i].upper);
    log_errors.push_back(std::fabs(portable_log(p / r)));
  }
  const auto n = static_cast<double>(jobs.size());
  for (double* mean : {&f.accuracy, &f.mean_absolute_error_s, &f.underestimated, &f.coverage}) *mean /= n;
  const auto middle = log_errors.begin() + static_cast<std::ptrdiff_t>(log_errors.size() / 2);
  std::nth_element(log_errors.begin(), middle, log_errors.end());
  f.median_absolute_log_error = *middle;
  return f;
}

}  // namespace wattfill
