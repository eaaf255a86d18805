#include "runtime-predictor/similar_jobs.hpp"

#include <algorithm>
#include <span>

namespace wattfill {

Prediction SimilarJobs::predict(const Job& job, SimTime /*now*/) {
  const auto request = static_cast<double>(job.requested.count());
  const std::span<const double> runtimes = neighbours_.runtimes(job);
  if (runtimes.empty()) return point_prediction(request, request);
  Prediction prediction = point_prediction(runtimes[runtimes.size() / 2], request);
  prediction.upper = std::clamp(runtimes.back(), 1.0, request);
  return prediction;
}

void SimilarJobs::ended(const Job& job, SimTime /*now*/, Seconds runtime) { neighbours_.ended(job, runtime); }

}  // namespace wattfill
