// The figures of a replayed schedule.
//
// wait = start - submit; flow = end - submit; bounded slowdown = max(1, flow / max(10 s, runtime)), with the runtime at
// the reference speed, so that a run on slow nodes counts as slower; the per-processor
// variant divides by processors x max(10 s, runtime) (Feitelson and Rudolph 1998; Zotkin and Keleher 1999). Percentiles
// are by nearest rank. Only jobs that ran to their end or limit count, unless a field says otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trace-replay/engine/replay.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

struct WaitClass {
  std::string width;   // in shares of the machine
  std::string length;  // runtime
  std::int64_t jobs = 0;
  double mean_wait_s = 0;
  std::int64_t max_wait_s = 0;
};

struct Figures {
  std::int64_t jobs = 0;
  double mean_wait_s = 0;
  double median_wait_s = 0;
  double p95_wait_s = 0;
  double p99_wait_s = 0;
  double p999_wait_s = 0;
  std::int64_t max_wait_s = 0;
  double mean_flow_s = 0;
  std::int64_t max_flow_s = 0;
  double mean_bounded_slowdown = 0;
  double geometric_mean_bounded_slowdown = 0;
  double max_bounded_slowdown = 0;
  double mean_per_processor_bounded_slowdown = 0;
  double widest_eighth_mean_wait_s = 0;  // of the eighth of the jobs with the most processors
  double fairness_jain = 0;              // Jain's index over the mean bounded slowdown of users with at least ten jobs
  std::int64_t backfilled_jobs = 0;
  double mean_boot_wait_s = 0;         // of all jobs: how long they held nodes that woke; part of the wait
  std::int64_t boot_delayed_jobs = 0;  // that had to
};

struct Summary {
  Figures all;
  Figures steady;  // jobs submitted between warm-up and cool-down
  std::int64_t unfinished = 0;
  std::int64_t cancelled = 0;
  std::int64_t killed_at_limit = 0;
  double utilization = 0;             // processor-seconds of work over processors x makespan
  double steady_utilization = 0;      // the same within the steady window
  std::int64_t makespan_s = 0;        // first submission to last end
  std::int64_t work_processor_s = 0;  // completed, at the reference speed; equal where all jobs got their work done
  std::int64_t longest_queue = 0;
  SchedulerStatistics scheduler;
  std::vector<WaitClass> waits_by_class;
};

struct SummaryOptions {
  std::int32_t processors = 0;
  // The steady window leaves out these shares of the time between first and last submission.
  double warm_up = 0.1;
  double cool_down = 0.1;
};

// O(jobs).
Summary summarise(const Workload& workload, const ReplayResult& result, const SummaryOptions& options);

// Keys in a fixed order; docs/formats.md documents them.
std::string summary_json(const Summary& summary);

}  // namespace wattfill
