#include "runtime-predictor/user_mean.hpp"

namespace wattfill {

Prediction UserMean::predict(const Job& job, SimTime /*now*/) {
  const auto found = users_.find(job.user);
  const auto request = static_cast<double>(job.requested.count());
  if (found == users_.end()) return point_prediction(request, request);
  return point_prediction(static_cast<double>(found->second.seconds) / static_cast<double>(found->second.jobs),
                          request);
}

void UserMean::ended(const Job& job, SimTime /*now*/, Seconds runtime) {
  Sum& sum = users_[job.user];
  ++sum.jobs;
  sum.seconds += runtime.count();
}

}  // namespace wattfill
