#include "trace-replay/predict/history.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>

namespace wattfill {
namespace {

struct Event {
  SimTime at;
  HistoryEvent kind;
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
    all.push_back({submit, HistoryEvent::kSubmit, job});
    all.push_back({start, HistoryEvent::kStart, job});
    all.push_back({start + workload.jobs[i].runtime, HistoryEvent::kEnd, job});
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

void tell_history(const Workload& workload, const HearHistory& hear) {
  for (const Event& event : events(workload)) hear(event.kind, event.job, event.at);
}

std::vector<std::vector<Prediction>> predict_history(const Workload& workload, std::span<Predictor* const> predictors,
                                                     const std::function<void(std::size_t)>& before_submit) {
  std::vector<std::vector<Prediction>> result(predictors.size(), std::vector<Prediction>(workload.jobs.size()));
  tell_history(workload, [&](HistoryEvent event, std::size_t i, SimTime at) {
    const TraceJob& job = workload.jobs[i];
    if (event == HistoryEvent::kSubmit && before_submit) before_submit(i);
    for (std::size_t p = 0; p < predictors.size(); ++p) {
      if (event == HistoryEvent::kSubmit) result[p][i] = predictors[p]->predict(job.job, at);
      if (event == HistoryEvent::kStart) predictors[p]->started(job.job, at);
      if (event == HistoryEvent::kEnd) predictors[p]->ended(job.job, at, job.runtime);
    }
  });
  return result;
}

}  // namespace wattfill
