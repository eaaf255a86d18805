#include "runtime-predictor/similar_jobs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "backfill/model/portable_math.hpp"

namespace wattfill {

Prediction SimilarJobs::predict(const Job& job, SimTime /*now*/) {
  const auto request = static_cast<double>(job.requested.count());
  const auto found = users_.find(job.user);
  if (found == users_.end()) return point_prediction(request, request);
  const User& user = found->second;
  const double log_processors = portable_log2(job.processors);
  const double log_request = portable_log2(request);
  std::vector<std::pair<double, double>> by_distance;  // distance, runtime; the newest first
  const std::size_t count = user.jobs.size();
  for (std::size_t age = 0; age < count; ++age) {
    const Past& past = user.jobs[(user.next + 2 * count - 1 - age) % count];
    by_distance.emplace_back(std::fabs(past.log_processors - log_processors) +
                                 std::fabs(past.log_request - log_request) +
                                 (past.executable == job.executable ? 0.0 : 1.0),
                             past.runtime);
  }
  std::stable_sort(by_distance.begin(), by_distance.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  by_distance.resize(std::min(nearest_, by_distance.size()));
  std::sort(by_distance.begin(), by_distance.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  Prediction prediction = point_prediction(by_distance[by_distance.size() / 2].second, request);
  prediction.upper = std::clamp(by_distance.back().second, 1.0, request);
  return prediction;
}

void SimilarJobs::ended(const Job& job, SimTime /*now*/, Seconds runtime) {
  User& user = users_[job.user];
  const Past past{portable_log2(job.processors), portable_log2(static_cast<double>(job.requested.count())),
                  job.executable, static_cast<double>(runtime.count())};
  if (user.jobs.size() < memory_) {
    user.jobs.push_back(past);
    return;
  }
  user.jobs[user.next] = past;
  user.next = (user.next + 1) % memory_;
}

}  // namespace wattfill
