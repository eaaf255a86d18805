// A made-up history of a machine without queues: users with habits, told to predictors event by event.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "runtime-predictor/predictor.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {

inline Job job_of(JobId id, std::int32_t user = 1, std::int32_t processors = 4, std::int64_t requested = 1024) {
  Job job;
  job.id = id;
  job.user = user;
  job.processors = processors;
  job.requested = Seconds{requested};
  return job;
}

struct PastJob {
  Job job;
  SimTime start{};
  Seconds runtime{};
  bool cancelled = false;  // while it waits, at `start`
};

// Users repeat their runtimes with some noise; each submits every few minutes.
inline std::vector<PastJob> history(Random& random, int jobs) {
  std::vector<PastJob> all;
  std::int64_t now = 1000;
  for (int i = 0; i < jobs; ++i) {
    now += random.between(0, 600);
    PastJob past;
    Job& job = past.job;
    job.id = i + 1;
    job.submit = SimTime{Seconds{now}};
    job.user = static_cast<std::int32_t>(random.between(0, 7)) - 1;
    job.group = job.user / 2;
    job.queue = static_cast<std::int32_t>(random.between(0, 2));
    job.executable = static_cast<std::int32_t>(random.between(0, 3));
    job.processors = 1 << random.between(0, 5);
    job.requested = Seconds{random.chance(50) ? 3600 : 36000};
    const std::int64_t habit = 60 * (job.user + 2) * (job.executable + 1);
    const std::int64_t runtime = random.chance(15) ? random.between(1, 20) : habit + random.between(0, habit / 4);
    past.runtime = std::min(job.requested, Seconds{runtime});
    past.start = job.submit + Seconds{random.chance(60) ? 0 : random.between(1, 5000)};
    past.cancelled = random.chance(5);
    all.push_back(past);
  }
  return all;
}

// Tells everything in order of time (at one instant ends, then cancellations, submissions and starts) and returns
// the predictions in order of the jobs. With `later` it also asks, after each end, about the first jobs that wait.
struct Later {
  SimTime at;
  std::optional<Prediction> prediction;
};
inline std::vector<Prediction> predictions(Predictor& predictor, const std::vector<PastJob>& jobs,
                                           std::vector<Later>* later = nullptr) {
  enum Kind { kEnd, kCancel, kSubmit, kStart };
  std::vector<std::tuple<SimTime, Kind, std::size_t>> events;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const PastJob& past = jobs[i];
    events.emplace_back(past.job.submit, kSubmit, i);
    events.emplace_back(past.start, past.cancelled ? kCancel : kStart, i);
    if (!past.cancelled) events.emplace_back(past.start + past.runtime, kEnd, i);
  }
  std::sort(events.begin(), events.end());
  std::vector<Prediction> result(jobs.size());
  std::set<std::size_t> waiting;
  for (const auto& [now, kind, i] : events) {
    const PastJob& past = jobs[i];
    if (kind == kSubmit) result[i] = predictor.predict(past.job, now);
    if (kind == kStart) predictor.started(past.job, now);
    if (kind == kCancel) predictor.cancelled(past.job, now);
    if (kind == kEnd) predictor.ended(past.job, now, past.runtime);
    if (kind == kSubmit) waiting.insert(i);
    if (kind == kStart || kind == kCancel) waiting.erase(i);
    if (kind != kEnd || later == nullptr) continue;
    int left = 3;
    for (auto job = waiting.begin(); job != waiting.end() && left > 0; ++job, --left)
      later->push_back({now, predictor.while_waiting(jobs[*job].job, now)});
  }
  return result;
}

inline bool same(const Prediction& a, const Prediction& b) {
  return a.median == b.median && a.upper == b.upper && a.expected == b.expected && a.index == b.index;
}
inline bool same(const std::optional<Prediction>& a, const std::optional<Prediction>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}

}  // namespace wattfill::testing
