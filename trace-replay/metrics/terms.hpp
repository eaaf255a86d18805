// What one job adds to the figures of a schedule; which jobs count.
#pragma once

#include <algorithm>
#include <cstdint>

#include "backfill/model/portable_math.hpp"
#include "trace-replay/engine/replay.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// Figures are over the jobs that ran to their end or limit.
inline bool ran(const JobOutcome& outcome) {
  return outcome.fate == JobFate::kCompleted || outcome.fate == JobFate::kKilledAtLimit;
}

// Of a job that ran; the formulas stand in summary.hpp.
struct Terms {
  Terms(const TraceJob& job, const JobOutcome& outcome)
      : wait((outcome.start - outcome.submit).count()), flow((outcome.end - outcome.submit).count()) {
    constexpr double kBound = 10.0;  // seconds
    const double bounded = std::max(kBound, static_cast<double>(job.runtime.count()));
    slowdown = std::max(1.0, static_cast<double>(flow) / bounded);
    if (slowdown > 1) log_slowdown = portable_log(slowdown);
    per_processor = std::max(1.0, static_cast<double>(flow) / (static_cast<double>(job.job.processors) * bounded));
  }
  std::int64_t wait;
  std::int64_t flow;
  double slowdown;
  double log_slowdown = 0;
  double per_processor;
};

// What lies between two times, both included.
struct TimeWindow {
  SimTime from;
  SimTime to;

  bool holds(SimTime time) const { return time >= from && time <= to; }
};

// Without the shares of warm-up and cool-down of the time between the first and the last submission.
inline TimeWindow steady_window(SimTime first, SimTime last, double warm_up, double cool_down) {
  const auto share = [&](double s) {
    return Seconds{static_cast<std::int64_t>(s * static_cast<double>((last - first).count()))};
  };
  return {first + share(warm_up), last - share(cool_down)};
}

}  // namespace wattfill
