#include "trace-replay/predict/history.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>

namespace wattfill {
namespace {

enum class Kind : std::uint8_t { kEnd, kSubmit, kStart };

struct Event {
  SimTime at;
  Kind kind;
  std::uint32_t job;
  auto operator<=>(const Event&) const = default;
};

std::vector<Event> events(const Workload& workload) {
  std::vector<Event> all;
  all.reserve(3 * workload.jobs.size());
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    const auto job = static_cast<std::uint32_t>(i);
    const SimTime submit = workload.jobs[i].job.submit;
    const SimTime start = i < workload.links.size() ? std::max(submit, workload.links[i].recorded_start) : submit;
    all.push_back({submit, Kind::kSubmit, job});
    all.push_back({start, Kind::kStart, job});
    all.push_back({start + workload.jobs[i].runtime, Kind::kEnd, job});
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

std::vector<std::vector<Prediction>> predict_history(const Workload& workload, std::span<Predictor* const> predictors,
                                                     const std::function<void(std::size_t)>& before_submit) {
  std::vector<std::vector<Prediction>> result(predictors.size(), std::vector<Prediction>(workload.jobs.size()));
  for (const Event& event : events(workload)) {
    const TraceJob& job = workload.jobs[event.job];
    if (event.kind == Kind::kSubmit && before_submit) before_submit(event.job);
    for (std::size_t p = 0; p < predictors.size(); ++p) {
      if (event.kind == Kind::kSubmit) result[p][event.job] = predictors[p]->predict(job.job, event.at);
      if (event.kind == Kind::kStart) predictors[p]->started(job.job, event.at);
      if (event.kind == Kind::kEnd) predictors[p]->ended(job.job, event.at, job.runtime);
    }
  }
  return result;
}

}  // namespace wattfill
