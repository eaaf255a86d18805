// The judge's own plain data: a job as the trace has it, a row as the schedule has it, and both together.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "backfill/model/job.hpp"
#include "backfill/model/time.hpp"

namespace wattfill::judge {

// A job that the recipe kept.
struct TraceEntry {
  JobId id = 0;
  SimTime submit{};
  std::int64_t processors = 0;
  Seconds requested{};
  Seconds runtime{};  // min(run, requested)
};

// Processors first..last, both included.
struct ProcessorRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

// One row of a schedule, unjudged.
struct ScheduleRow {
  JobId id = 0;
  SimTime submit{};
  std::int64_t processors = 0;
  std::optional<Seconds> requested;  // absent where the file has none
  std::optional<SimTime> start;      // absent: the job never started
  Seconds executed{};
  std::optional<SimTime> finish;           // where the file states it beside start and execution time
  std::vector<ProcessorRange> allocation;  // empty where the file names no processors
};

// A job of the trace that the schedule started.
struct JudgedJob {
  TraceEntry entry;
  SimTime start{};
  SimTime end{};
  std::vector<ProcessorRange> allocation;
};

// The order of the queue, and of every list of jobs in the judge.
inline bool arrives_before(SimTime submit_a, JobId id_a, SimTime submit_b, JobId id_b) {
  return submit_a != submit_b ? submit_a < submit_b : id_a < id_b;
}

}  // namespace wattfill::judge
