// The judge's own plain data: a job as the trace has it, a row as the schedule has it, and both together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backfill/model/core_set.hpp"
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
  std::int32_t queue = kUnknown;
  std::int32_t partition = kUnknown;
  std::int64_t memory_kb = 0;  // for each processor; 0: not known
};

// Processors, or nodes, first..last, both included.
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
  std::optional<SimTime> finish;                // where the file states it beside start and execution time
  std::vector<ProcessorRange> allocation = {};  // processors or nodes; empty where the file names none
  std::string cpusets = {};                     // "node:cpuset" pairs, where nodes are shared by core
  std::optional<std::int64_t> energy_mj = {};   // absent where the file has none
};

// What a job takes of one node type: nodes where they are given whole, else processors.
struct TypeUnits {
  std::size_t type = 0;
  std::int64_t units = 0;
};

// What a schedule says of a job's nodes.
struct NodeUse {
  std::vector<std::int64_t> nodes;  // as the schedule names them, those in the machine only
  std::vector<CoreSet> cores;       // for each of them, where nodes are shared
  std::vector<TypeUnits> taken;     // by type, ascending; empty: not known
  std::int64_t outside = -1;        // a node that is not in the machine
  std::string bad_cores;            // why the core sets cannot be read; empty where they can
};

// A job of the trace that the schedule started.
struct JudgedJob {
  TraceEntry entry;
  SimTime start{};
  SimTime end{};
  std::vector<ProcessorRange> allocation = {};
  NodeUse use = {};
};

// The order of the queue, and of every list of jobs in the judge.
inline bool arrives_before(SimTime submit_a, JobId id_a, SimTime submit_b, JobId id_b) {
  return submit_a != submit_b ? submit_a < submit_b : id_a < id_b;
}

}  // namespace wattfill::judge
