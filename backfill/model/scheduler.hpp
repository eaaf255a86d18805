// The one interface of the scheduling core: events in, proposals out, the host's answers in.
//
// A host (the replay engine, the planner beside a Slurm controller) tells what happened, calls schedule(), carries out
// the proposals as far as it can and answers each with started() or refused(). The scheduler is deterministic: no
// clock, no I/O, no globals, no threads. Times of successive calls must not decrease. Errors: a call that names an
// unknown or stale job, or that does not fit the job's state, throws std::invalid_argument and changes nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "backfill/model/allocation.hpp"
#include "backfill/model/job.hpp"
#include "backfill/model/power.hpp"

namespace wattfill {

// The scheduler's name for a job from submit() until end() or cancel(). Slots are reused, generations tell them apart.
struct JobHandle {
  std::uint32_t slot = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t generation = 0;
  bool operator==(const JobHandle&) const = default;
};

// Start this job now. What it takes counts as taken until the host answers.
struct Proposal {
  JobHandle job;
  SimTime estimated_end{};     // when the fit estimate says that it will end; the host reports an overrun at this time
  bool backfilled = false;     // started ahead of a job that comes before it in the queue
  Speed speed;                 // of the slowest node that it gets
  std::int32_t node_type = 0;  // of that node
  const Allocation* allocation = nullptr;  // null where processors are only counted; valid until the job ends
  // It holds its nodes at once, but some of them have to wake: it runs from `now + boot` on, as far as is known. The
  // estimated end includes that. The host reports with begun() when it runs.
  Seconds boot{};
};

// Change the power of these nodes, which are of one type and in one state.
struct PowerAction {
  NodeRun nodes;
  bool wake = false;           // else they fall asleep
  std::int32_t sleep_state{};  // index into NodePower::sleep: into which, or from which
};

enum class Refusal {
  kNotNow,  // the host could not start it at this instant: it is proposed again at a later one
  kHeld,    // not eligible until the host says otherwise with modify()
};

// How much work a pass may do. A unit is one job started, one reservation placed or one candidate search, never
// wall-clock time, so that a rerun decides the same.
struct Budget {
  std::int64_t work = std::numeric_limits<std::int64_t>::max();
};

struct Pass {
  std::span<const Proposal> proposals;  // in the order of the decisions; valid until the next call
  SimTime next_wakeup = kNever;         // call schedule() at this time though nothing happens; kNever if not needed
  bool jobs_need_wakeup = false;        // some waiting job may start by that alone; else it serves nodes, without end
  // To be carried out before the proposals, whose own nodes may be among them; the same.
  std::span<const PowerAction> power;
  bool complete = true;  // false: the budget ended the pass; call schedule() again to go on
};

// A planned outage or somebody's advance reservation: processors that jobs may not use during [start, end).
struct AdvanceReservation {
  std::int64_t id = 0;
  SimTime start{};
  SimTime end{};
  std::int32_t processors = 0;
  std::int32_t node_type = 0;  // whose processors; nodes that are given whole count whole
};

struct SchedulerStatistics {
  std::int64_t passes = 0;
  std::int64_t started = 0;
  std::int64_t backfilled = 0;
  std::int64_t refused = 0;
  std::int64_t candidate_searches = 0;
  std::int64_t reservations_moved = 0;  // conservative: reservations that compression moved to an earlier start
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // Events. ---------------------------------------------------------------------------------------------------------
  virtual JobHandle submit(const Job& job, SimTime now) = 0;
  // A queued job's request, width, priority or other attribute changed; also releases a held job. Its place in an
  // arrival-ordered queue stays.
  virtual void modify(JobHandle job, const Job& changed, SimTime now) = 0;
  // A running job ended, for whatever reason.
  virtual void end(JobHandle job, SimTime now) = 0;
  // A queued job was withdrawn.
  virtual void cancel(JobHandle job, SimTime now) = 0;
  // A running job was stopped and waits again, with the submit time that it had.
  virtual void requeue(JobHandle job, SimTime now) = 0;
  // A running job has reached its estimated end and goes on. Returns the corrected estimated end.
  virtual SimTime overrun(JobHandle job, SimTime now) = 0;
  // Processors came up or went down; running jobs that died with them are reported by end() or requeue(). Only where
  // processors of one type are counted.
  virtual void capacity_changed(std::int32_t processors, SimTime now) = 0;
  // A node came up or went down; the jobs that it ran are reported first. Only where nodes have an identity.
  virtual void node_changed(NodeIndex node, bool available, SimTime now) = 0;
  // Nodes have reached the state that a PowerAction led to; or unused ones that the host let sleep or woke by itself.
  virtual void power_changed(NodeRun nodes, bool awake, SimTime now) = 0;
  // A started job had to wait for its nodes to wake, and runs from now on. Returns its estimated end.
  virtual SimTime begun(JobHandle job, SimTime now) = 0;
  // Adds a reservation, or replaces the one with the same id; processors = 0 removes it.
  virtual void reservation_changed(const AdvanceReservation& reservation, SimTime now) = 0;

  // Answers. --------------------------------------------------------------------------------------------------------
  // The host started the job: because it was proposed, or of its own accord while the job was queued. Returns its
  // estimated end.
  virtual SimTime started(JobHandle job, SimTime now) = 0;
  // The same on nodes of the host's choice, which must be free (those of the job's own proposal count as free).
  virtual SimTime started_on(JobHandle job, const Allocation& nodes, SimTime now) = 0;
  // The host did not start a proposed job. Call schedule() again at the same instant to replan.
  virtual void refused(JobHandle job, Refusal reason, SimTime now) = 0;

  // Decisions. ------------------------------------------------------------------------------------------------------
  virtual Pass schedule(SimTime now, Budget budget = {}) = 0;
  // When a queued job is expected to start if every running job uses its whole estimate and nothing more arrives.
  // Complexity: linear in the queue for policies that hold few reservations. kNever: never, as far as can be seen.
  virtual SimTime expected_start(JobHandle job, SimTime now) = 0;

  virtual SchedulerStatistics statistics() const = 0;
  virtual std::size_t queued() const = 0;
  virtual std::size_t running() const = 0;
};

}  // namespace wattfill
