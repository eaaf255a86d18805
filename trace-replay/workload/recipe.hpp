// From a trace to a workload: which jobs are kept, clipped and dropped (Gaussier, Glesser, Reis, Trystram, SC'15).
//
// A job is kept when its runtime, requested time and processors are positive; processors are field 8 if positive, else
// field 5; a job wider than the machine is dropped; runtime = min(runtime, requested), for a job is killed at its
// limit. A trace in which no such job has a requested time is clairvoyant: requested = runtime, and the report says so.
// Two lines with one job number are one too many: the later one is a bad line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "trace-replay/workload/workload.hpp"

namespace wattfill {

struct RecipeOptions {
  std::int32_t processors = 0;  // of the machine, > 0
  SwfStrictness strictness = SwfStrictness::kStrict;
  bool links = false;          // keep fields 17 and 18 and the recorded starts
  bool cancellations = false;  // keep jobs that were cancelled while they waited, to be cancelled again
  // Called now and then with the jobs read and the number that the header announces (0: unknown); may throw to stop.
  std::function<void(std::int64_t, std::int64_t)> progress;
};

// Throws InputError where the trace cannot be read or keeps no job. Time and memory linear in the jobs; least where
// their numbers increase from line to line.
Workload load_workload(const std::string& path, const RecipeOptions& options);
Workload load_workload(SwfReader& reader, const RecipeOptions& options);

// The report in words, one line for each cause that occurred.
std::string describe_recipe(const Workload& workload);

}  // namespace wattfill
