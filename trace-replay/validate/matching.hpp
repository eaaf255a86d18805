// Brings trace and schedule together and checks the bookkeeping: every job once, with the trace's own figures.
#pragma once

#include <vector>

#include "trace-replay/validate/findings.hpp"
#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/node_machine.hpp"

namespace wattfill::judge {

// Returns the jobs that the schedule started, ordered by (submit, id), and reports missing, duplicate and unknown jobs,
// and wrong submissions, processors, requests, run times on the nodes taken and starts before submission. `trace` is
// ordered by (submit, id). Of a job that appears twice the first row is judged further.
// Throws InputError where jobs are to be matched by number and the trace holds a number twice.
std::vector<JudgedJob> match_jobs(const std::vector<TraceEntry>& trace, const std::vector<ScheduleRow>& rows,
                                  const NodeMachine& machine, ValidationReport& report);

}  // namespace wattfill::judge
