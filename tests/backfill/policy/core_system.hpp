// The scheduler under test behind the small interface of Driver.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "backfill/policy/backfill_scheduler.hpp"
#include "tests/backfill/policy/small_workload.hpp"

namespace wattfill::testing {

class CoreSystem {
 public:
  // `budget`: work units of one call; a pass is called until it is complete.
  CoreSystem(const SmallWorkload& workload, SchedulerOptions options,
             std::int64_t budget = std::numeric_limits<std::int64_t>::max())
      : workload_(workload), core_(std::move(options)), handles_(workload.jobs.size()), budget_{budget} {}

  void submit(std::size_t job, SimTime now) {
    handles_[job] = core_.submit(workload_.jobs[job].job, now);
    by_slot_[handles_[job].slot] = job;
  }
  void end(std::size_t job, SimTime now) { core_.end(handles_[job], now); }
  void cancel(std::size_t job, SimTime now) { core_.cancel(handles_[job], now); }
  SimTime overrun(std::size_t job, SimTime now) { return core_.overrun(handles_[job], now); }

  Decision schedule(SimTime now) {
    Decision decision;
    bool complete = false;
    while (!complete) {
      const Pass pass = core_.schedule(now, budget_);
      for (const Proposal& p : pass.proposals) {
        decision.starts.push_back({by_slot_.at(p.job.slot), p.estimated_end});
        core_.started(p.job, now);
      }
      decision.wakeup = pass.next_wakeup;
      complete = pass.complete;
    }
    return decision;
  }

  BackfillScheduler& core() { return core_; }
  JobHandle handle(std::size_t job) const { return handles_[job]; }

 private:
  const SmallWorkload& workload_;
  BackfillScheduler core_;
  std::vector<JobHandle> handles_;
  std::map<std::uint32_t, std::size_t> by_slot_;
  Budget budget_;
};

}  // namespace wattfill::testing
