// A host for tests of single situations: jobs are named by their ids, and every proposal is answered with started()
// unless the test refuses it.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "backfill/policy/backfill_scheduler.hpp"
#include "tests/backfill/policy/small_workload.hpp"

namespace wattfill::testing {

inline PolicySpec policy(Order queue, std::optional<Order> backfill, std::int32_t depth,
                         std::optional<Seconds> promotion = {}) {
  PolicySpec spec;
  spec.queue_order = queue;
  spec.backfill_order = backfill;
  spec.reservation_depth = depth;
  spec.promotion_age = promotion;
  return spec;
}
inline PolicySpec fcfs() { return policy(Order::kFcfs, {}, 1); }
inline PolicySpec easy() { return policy(Order::kFcfs, Order::kFcfs, 1); }
inline PolicySpec conservative() { return policy(Order::kFcfs, Order::kFcfs, kReserveAll); }

inline Job job_at(std::int64_t now, JobId id, std::int32_t processors, std::int64_t requested) {
  Job job;
  job.id = id;
  job.submit = at(now);
  job.processors = processors;
  job.requested = Seconds{requested};
  return job;
}

class Desk {
 public:
  Desk(const PolicySpec& spec, std::int32_t processors) : core(options(spec, processors)) {}

  JobHandle submit(JobId id, std::int64_t now, std::int32_t processors, std::int64_t requested) {
    jobs[id] = job_at(now, id, processors, requested);
    handles[id] = core.submit(jobs[id], at(now));
    return handles[id];
  }

  // One complete pass, not answered; the ids of the proposed jobs in order.
  std::vector<JobId> propose(std::int64_t now) {
    std::vector<JobId> ids;
    bool complete = false;
    while (!complete) {
      const Pass pass = core.schedule(at(now), {});
      for (const Proposal& p : pass.proposals) ids.push_back(id_of(p.job));
      wakeup = pass.next_wakeup;
      complete = pass.complete;
    }
    return ids;
  }
  std::vector<JobId> pass(std::int64_t now) {
    std::vector<JobId> ids = propose(now);
    for (const JobId id : ids) core.started(handles[id], at(now));
    return ids;
  }
  void end(JobId id, std::int64_t now) { core.end(handles[id], at(now)); }

  JobId id_of(JobHandle handle) const {
    for (const auto& [id, h] : handles)
      if (h == handle) return id;
    return -1;
  }

  BackfillScheduler core;
  std::map<JobId, JobHandle> handles;
  std::map<JobId, Job> jobs;
  SimTime wakeup = kNever;

 private:
  static SchedulerOptions options(const PolicySpec& spec, std::int32_t processors) {
    SchedulerOptions o;
    o.policy = spec;
    o.processors = processors;
    return o;
  }
};

using Ids = std::vector<JobId>;

}  // namespace wattfill::testing
