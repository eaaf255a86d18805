// The event engine: replays a workload through a scheduler, exactly.
//
// At each-instant everything that happens at one time is told first (terminations in order of their jobs' starts, then
// overruns, cancellations and submissions) and one pass follows, as a controller does that schedules in passes. At
// each-event a pass follows every event: overruns first and without a pass, then submissions in order of (submit, job
// id), then terminations in order of their jobs' starts, as the SC'15 simulator does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/scheduler.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

enum class PassRule { kEachInstant, kEachEvent };

// When a job that follows another one enters the queue (fields 17 and 18, see arrivals.hpp).
enum class Arrivals {
  kRecorded,    // at its recorded submission
  kDependent,   // at the later of its recorded submission and the end of the job before it plus the think time
  kClosedLoop,  // at the end of the job before it plus the think time, early or late
};

enum class JobFate : std::uint8_t { kUnfinished, kCompleted, kKilledAtLimit, kCancelledWaiting, kCancelledRunning };

enum class PowerChange : std::uint8_t { kSleepBegun, kAsleep, kWakeBegun, kAwake, kBootFailed };

// Sees what really happens, in order of time; a meter, a log.
class ReplayObserver {
 public:
  virtual ~ReplayObserver() = default;
  // It runs from now on; its nodes are awake. `job` is the index into the workload.
  virtual void started(std::size_t job, const Proposal& where, SimTime now) = 0;
  virtual void ended(std::size_t job, JobFate fate, SimTime now) = 0;
  // `sleep_state`: into which or from which the nodes go.
  virtual void power_changed(NodeRun /*nodes*/, PowerChange /*change*/, std::int32_t /*sleep_state*/, SimTime /*now*/) {
  }
};

struct ReplayOptions {
  PassRule pass = PassRule::kEachInstant;
  Arrivals arrivals = Arrivals::kRecorded;
  LimitRule limit = LimitRule::kScaled;
  // How long a job runs on nodes that are far from each other, given its runtime on neighbouring ones; none: as long.
  // The limit is lengthened alike, so that distance turns no finished work into killed work.
  std::function<Seconds(Seconds runtime, const Allocation&)> stretch;
  // Where nodes sleep: how long that takes. Only with one pass for each instant.
  const Cluster* cluster = nullptr;
  // The chance that a node does not come up; it is then booted again. In millionths; drawn from the seed.
  std::int32_t boot_failures = 0;
  std::uint64_t seed = 1;
  // Goes on until then, so that nodes sleep and wake after the last job too; less: until the last job has ended.
  SimTime until = -kForever + SimTime{};
  ReplayObserver* observer = nullptr;
  // Called now and then with the number of jobs that have ended; may throw to stop the replay.
  std::function<void(std::int64_t)> progress;
};

struct JobOutcome {
  SimTime submit{};        // when it entered the queue; the recorded submission with recorded arrivals
  SimTime start = kNever;  // kNever: it never ran
  JobFate fate = JobFate::kUnfinished;
  bool backfilled = false;
  std::uint16_t node_type = 0;  // of the slowest node that it ran on
  std::int32_t boot_s = 0;      // for how long it held nodes before, because some had to wake; part of its wait
  SimTime end = kNever;         // kNever: it did not end, or never ran
};

struct ReplayResult {
  std::vector<JobOutcome> outcomes;  // one for each job of the workload
  SchedulerStatistics scheduler;
  std::size_t longest_queue = 0;
  std::vector<Speed> type_speeds;  // by node type, of those that ran something
  std::int64_t boot_failures = 0;
};

// The work that a job got done, in seconds at the reference speed: its runtime, or less where it was stopped before.
inline Seconds work_done(const Workload& workload, const ReplayResult& result, std::size_t job) {
  const JobOutcome& outcome = result.outcomes[job];
  if (outcome.end == kNever) return Seconds{0};
  const Seconds ran = outcome.end - outcome.start;
  const bool known = outcome.node_type < result.type_speeds.size();
  return std::min(workload.jobs[job].runtime, known ? result.type_speeds[outcome.node_type].reference(ran) : ran);
}

// Deterministic. Throws std::invalid_argument where the options do not go together. Time: O(log running) a job beside
// the scheduler's own work. Memory: 32 bytes a job and what runs.
ReplayResult replay(const Workload& workload, Scheduler& scheduler, const ReplayOptions& options = {});

}  // namespace wattfill
