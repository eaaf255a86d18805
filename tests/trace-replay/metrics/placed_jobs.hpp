// Schedules placed by hand, for figures that can be computed by hand.
#pragma once

#include <vector>

#include "tests/trace-replay/engine/small_workload.hpp"

namespace wattfill::testing {

struct Placed {
  std::int64_t submit;
  std::int64_t wait;
  std::int64_t run;
  std::int32_t processors = 1;
  std::int32_t user = 1;
  JobFate fate = JobFate::kCompleted;
  bool backfilled = false;
};

struct Schedule {
  Workload workload;
  ReplayResult result;
};

inline Schedule schedule_of(const std::vector<Placed>& jobs) {
  Schedule s;
  for (const Placed& p : jobs) {
    TraceJob job;
    job.job.id = static_cast<JobId>(s.workload.jobs.size() + 1);
    job.job.submit = at(p.submit);
    job.job.requested = Seconds{p.run};
    job.job.processors = p.processors;
    job.job.user = p.user;
    job.runtime = Seconds{p.run};
    s.workload.jobs.push_back(job);
    s.workload.cancel_at.push_back(kNever);
    const bool waits = p.fate == JobFate::kUnfinished || p.fate == JobFate::kCancelledWaiting;
    JobOutcome& o = s.result.outcomes.emplace_back();
    o.submit = at(p.submit);
    o.fate = p.fate;
    o.backfilled = p.backfilled;
    if (waits) continue;
    o.start = at(p.submit + p.wait);
    o.end = o.start + job.runtime;
  }
  return s;
}

}  // namespace wattfill::testing
