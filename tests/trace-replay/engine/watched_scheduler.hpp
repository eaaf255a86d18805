// Schedulers that write down what the engine tells them, or behave in a way that the real one seldom does.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "backfill/model/scheduler.hpp"

namespace wattfill::testing {

// Passes everything on to another scheduler and keeps a log: "submit 1 @0", "end 1 @10", "pass @10", ...
class WatchedScheduler : public Scheduler {
 public:
  explicit WatchedScheduler(Scheduler& inner) : inner_(inner) {}

  JobHandle submit(const Job& job, SimTime now) override {
    const JobHandle handle = inner_.submit(job, now);
    ids_[{handle.slot, handle.generation}] = job.id;
    note("submit", handle, now);
    return handle;
  }
  void modify(JobHandle job, const Job& changed, SimTime now) override { inner_.modify(job, changed, now); }
  void end(JobHandle job, SimTime now) override {
    note("end", job, now);
    inner_.end(job, now);
  }
  void cancel(JobHandle job, SimTime now) override {
    note("cancel", job, now);
    inner_.cancel(job, now);
  }
  void requeue(JobHandle job, SimTime now) override { inner_.requeue(job, now); }
  SimTime overrun(JobHandle job, SimTime now) override {
    note("overrun", job, now);
    return inner_.overrun(job, now);
  }
  void capacity_changed(std::int32_t processors, SimTime now) override { inner_.capacity_changed(processors, now); }
  void reservation_changed(const AdvanceReservation& reservation, SimTime now) override {
    inner_.reservation_changed(reservation, now);
  }
  void node_changed(NodeIndex node, bool available, SimTime now) override { inner_.node_changed(node, available, now); }
  void power_changed(NodeRun nodes, bool awake, SimTime now) override { inner_.power_changed(nodes, awake, now); }
  SimTime begun(JobHandle job, SimTime now) override {
    note("begun", job, now);
    return inner_.begun(job, now);
  }
  SimTime started(JobHandle job, SimTime now) override {
    note("started", job, now);
    return inner_.started(job, now);
  }
  SimTime started_on(JobHandle job, const Allocation& nodes, SimTime now) override {
    return inner_.started_on(job, nodes, now);
  }
  void refused(JobHandle job, Refusal reason, SimTime now) override { inner_.refused(job, reason, now); }
  Pass schedule(SimTime now, Budget budget) override {
    log.push_back("pass @" + std::to_string(seconds_since_epoch(now)));
    return inner_.schedule(now, budget);
  }
  SimTime expected_start(JobHandle job, SimTime now) override { return inner_.expected_start(job, now); }
  SchedulerStatistics statistics() const override { return inner_.statistics(); }
  std::size_t queued() const override { return inner_.queued(); }
  std::size_t running() const override { return inner_.running(); }

  std::vector<std::string> log;

 private:
  void note(const char* what, JobHandle job, SimTime now) {
    log.push_back(std::string(what) + " " + std::to_string(ids_.at({job.slot, job.generation})) + " @" +
                  std::to_string(seconds_since_epoch(now)));
  }

  Scheduler& inner_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, JobId> ids_;
};

// Gives each call of schedule() a fixed small budget, so that passes end incomplete and are resumed.
class RationedScheduler final : public WatchedScheduler {
 public:
  RationedScheduler(Scheduler& inner, std::int64_t work) : WatchedScheduler(inner), work_(work) {}
  Pass schedule(SimTime now, Budget) override {
    const Pass pass = WatchedScheduler::schedule(now, {work_});
    incomplete += !pass.complete;
    return pass;
  }
  std::int64_t incomplete = 0;

 private:
  std::int64_t work_;
};

// Starts nothing and asks to be woken `wakeups` times, seven seconds apart.
class IdleScheduler final : public Scheduler {
 public:
  explicit IdleScheduler(int wakeups = 0) : wakeups_(wakeups) {}
  JobHandle submit(const Job&, SimTime) override { return {slots_++, 1}; }
  void modify(JobHandle, const Job&, SimTime) override {}
  void end(JobHandle, SimTime) override {}
  void cancel(JobHandle, SimTime) override { ++cancelled; }
  void requeue(JobHandle, SimTime) override {}
  SimTime overrun(JobHandle, SimTime) override { return kNever; }
  void capacity_changed(std::int32_t, SimTime) override {}
  void reservation_changed(const AdvanceReservation&, SimTime) override {}
  void node_changed(NodeIndex, bool, SimTime) override {}
  void power_changed(NodeRun, bool, SimTime) override {}
  SimTime begun(JobHandle, SimTime) override { return kNever; }
  SimTime started(JobHandle, SimTime) override { return kNever; }
  SimTime started_on(JobHandle, const Allocation&, SimTime) override { return kNever; }
  void refused(JobHandle, Refusal, SimTime) override {}
  Pass schedule(SimTime now, Budget) override {
    passes.push_back(seconds_since_epoch(now));
    return {{}, wakeups_-- > 0 ? now + Seconds{7} : kNever, false, {}, true};
  }
  SimTime expected_start(JobHandle, SimTime) override { return kNever; }
  SchedulerStatistics statistics() const override { return {}; }
  std::size_t queued() const override { return slots_; }
  std::size_t running() const override { return 0; }

  std::vector<std::int64_t> passes;
  int cancelled = 0;

 private:
  int wakeups_;
  std::uint32_t slots_ = 0;
};

}  // namespace wattfill::testing
