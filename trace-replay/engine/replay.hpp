// The event engine: replays a workload through a scheduler, exactly.
//
// At each-instant everything that happens at one time is told first (terminations in order of their jobs' starts, then
// overruns, cancellations and submissions) and one pass follows, as a controller does that schedules in passes. At
// each-event a pass follows every event: overruns first and without a pass, then submissions in order of (submit, job
// id), then terminations in order of their jobs' starts, as the SC'15 simulator does.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

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

struct ReplayOptions {
  PassRule pass = PassRule::kEachInstant;
  Arrivals arrivals = Arrivals::kRecorded;
  // Called now and then with the number of jobs that have ended; may throw to stop the replay.
  std::function<void(std::int64_t)> progress;
};

enum class JobFate : std::uint8_t { kUnfinished, kCompleted, kKilledAtLimit, kCancelledWaiting, kCancelledRunning };

struct JobOutcome {
  SimTime submit{};        // when it entered the queue; the recorded submission with recorded arrivals
  SimTime start = kNever;  // kNever: it never ran
  JobFate fate = JobFate::kUnfinished;
  bool backfilled = false;
};

struct ReplayResult {
  std::vector<JobOutcome> outcomes;  // one for each job of the workload
  SchedulerStatistics scheduler;
  std::size_t longest_queue = 0;
};

// When a job that ran ended.
inline SimTime end_of(const Workload& workload, const ReplayResult& result, std::size_t job) {
  const JobOutcome& outcome = result.outcomes[job];
  if (outcome.fate == JobFate::kCancelledRunning) return workload.cancel_at[job];
  return outcome.start + workload.jobs[job].runtime;
}

// Deterministic. Time: O(log running) a job beside the scheduler's own work. Memory: 24 bytes a job and what runs.
ReplayResult replay(const Workload& workload, Scheduler& scheduler, const ReplayOptions& options = {});

}  // namespace wattfill
