// The times at which anything happens in a schedule, with what happens then.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "trace-replay/validate/judged_job.hpp"

namespace wattfill::judge {

// Walks the distinct times of submissions, starts and ends. Indices are those of `jobs`, which is ordered by (submit,
// id).
class Instants {
 public:
  explicit Instants(const std::vector<JudgedJob>& jobs) : jobs_(jobs), by_start_(jobs.size()) {
    std::iota(by_start_.begin(), by_start_.end(), std::size_t{0});
    std::stable_sort(by_start_.begin(), by_start_.end(),
                     [&](std::size_t a, std::size_t b) { return jobs[a].start < jobs[b].start; });
    times_.reserve(3 * jobs.size());
    for (const JudgedJob& job : jobs) times_.insert(times_.end(), {job.entry.submit, job.start, job.end});
    std::sort(times_.begin(), times_.end());
    times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
  }

  // Moves on. False when there is no further time.
  bool next() {
    if (at_ == times_.size()) return false;
    now = times_[at_++];
    submitted.clear();
    started.clear();
    for (; submit_at_ < jobs_.size() && jobs_[submit_at_].entry.submit == now; ++submit_at_)
      submitted.push_back(submit_at_);
    for (; start_at_ < jobs_.size() && jobs_[by_start_[start_at_]].start == now; ++start_at_) {
      started.push_back(by_start_[start_at_]);
    }
    return true;
  }

  SimTime now{};
  std::vector<std::size_t> submitted;  // now, in queue order
  std::vector<std::size_t> started;    // now, by the schedule, in queue order

 private:
  const std::vector<JudgedJob>& jobs_;
  std::vector<std::size_t> by_start_;
  std::vector<SimTime> times_;
  std::size_t at_ = 0;
  std::size_t submit_at_ = 0;
  std::size_t start_at_ = 0;
};

}  // namespace wattfill::judge
