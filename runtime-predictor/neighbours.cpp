#include "runtime-predictor/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "backfill/model/portable_math.hpp"

namespace wattfill {

std::span<const double> Neighbours::runtimes(const Job& job) {
  near_.clear();
  runtimes_.clear();
  const auto found = users_.find(job.user);
  if (found == users_.end()) return {};
  const User& user = found->second;
  const double log_processors = portable_log2(job.processors);
  const double log_request = portable_log2(static_cast<double>(job.requested.count()));
  const std::size_t count = user.jobs.size();
  for (std::size_t age = 0; age < count; ++age) {  // the newest first
    const Past& past = user.jobs[(user.next + 2 * count - 1 - age) % count];
    const double distance = std::fabs(past.log_processors - log_processors) +
                            std::fabs(past.log_request - log_request) + (past.executable == job.executable ? 0.0 : 1.0);
    if (near_.size() == nearest_ && distance >= near_.back().distance) continue;
    const auto place = std::upper_bound(near_.begin(), near_.end(), distance,
                                        [](double d, const Near& other) { return d < other.distance; });
    near_.insert(place, {distance, past.runtime});
    if (near_.size() > nearest_) near_.pop_back();
  }
  for (const Near& n : near_) runtimes_.push_back(n.runtime);
  std::sort(runtimes_.begin(), runtimes_.end());
  return runtimes_;
}

Neighbours::Siblings Neighbours::siblings(const Job& job) const {
  const auto found = users_.find(job.user);
  if (found == users_.end()) return {};
  const double log_processors = portable_log2(job.processors);
  const double log_request = portable_log2(static_cast<double>(job.requested.count()));
  const auto place = [](const auto& j) { return std::pair(j.submit, j.id); };
  const Past* before = nullptr;
  const Past* after = nullptr;
  for (const Past& past : found->second.jobs) {
    if (past.log_processors != log_processors || past.log_request != log_request) continue;
    if (place(past) < place(job)) {
      if (before == nullptr || place(*before) < place(past)) before = &past;
    } else if (after == nullptr || place(past) < place(*after)) {
      after = &past;
    }
  }
  Siblings siblings;
  if (before != nullptr) siblings.before = {before->runtime, job.submit - before->submit};
  if (after != nullptr) siblings.after = {after->runtime, after->submit - job.submit};
  return siblings;
}

void Neighbours::ended(const Job& job, Seconds runtime) {
  User& user = users_[job.user];
  const Past past{portable_log2(job.processors),
                  portable_log2(static_cast<double>(job.requested.count())),
                  job.executable,
                  static_cast<double>(std::max<std::int64_t>(1, runtime.count())),
                  job.submit,
                  job.id};
  if (user.jobs.size() < memory_) {
    user.jobs.push_back(past);
    return;
  }
  user.jobs[user.next] = past;
  user.next = (user.next + 1) % memory_;
}

}  // namespace wattfill
