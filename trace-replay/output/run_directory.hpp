// The files of a run: jobs.csv, schedule.swf, summary.json.
#pragma once

#include <string>

#include "trace-replay/engine/replay.hpp"
#include "trace-replay/metrics/summary.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// What was run, for the header of schedule.swf and for summary.json.
struct RunDescription {
  std::string command;
  std::string policy;
  std::string cluster;
  std::int32_t processors = 0;
};

// Writes the three files, each whole or not at all, into an existing or new directory. Throws OutputError.
//
// jobs.csv has the columns of Batsim's, so that evalys reads it. Its allocated_resources are labels given after the
// fact, lowest free processors first, in order of the starts: a replay by counts has no node identity.
void write_run_directory(const std::string& directory, const Workload& workload, const ReplayResult& result,
                         const Summary& summary, const RunDescription& run);

}  // namespace wattfill
