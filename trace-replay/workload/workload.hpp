// A workload in memory, ready to be replayed: what the recipe made of a trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backfill/model/job.hpp"
#include "trace-replay/swf/swf_reader.hpp"

namespace wattfill {

// A job and the one thing the scheduler must not know. 72 bytes: ten million jobs must fit beside everything else.
struct TraceJob {
  Job job;
  Seconds runtime{};  // > 0, at most job.requested
};

// How a job follows another one of the trace; kept only where a replay asks for it.
struct JobLink {
  JobId preceding = kUnknown;  // field 17
  Seconds think{kUnknown};     // field 18
  SimTime recorded_start{};    // submit + wait as recorded, or submit where the wait is unknown
};

// What the recipe did, by cause. read = kept + the five dropped_*.
struct RecipeReport {
  std::int64_t read = 0;
  std::int64_t kept = 0;
  std::int64_t kept_cancelled = 0;      // of the kept, to be cancelled while they wait (on request only)
  std::int64_t clipped_runtime = 0;     // ran longer than requested: killed at the limit
  std::int64_t dropped_no_runtime = 0;  // cancelled before start, or unknown
  std::int64_t dropped_no_request = 0;
  std::int64_t dropped_no_processors = 0;
  std::int64_t dropped_too_wide = 0;    // wider than the machine
  std::int64_t dropped_cannot_run = 0;  // no nodes that it may use have the memory, or are enough
  std::int64_t unsorted = 0;            // jobs submitted before the job above them; sorted stably
  std::int64_t rejected_lines = 0;      // --lenient only
  bool clairvoyant = false;             // no job has a requested time, so requested = runtime
};

struct Workload {
  std::string name;  // the trace's path
  SwfHeader header;
  std::vector<TraceJob> jobs;      // ordered by (submit, id); no two have one id
  std::vector<JobLink> links;      // empty, or one for each job
  std::vector<SimTime> cancel_at;  // empty, or one for each job: when it is cancelled, kNever for most
  RecipeReport report;
  std::vector<std::string> reject_examples;
};

}  // namespace wattfill
