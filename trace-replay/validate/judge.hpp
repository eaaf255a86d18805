// All checks on a trace and a schedule that are already in memory.
#pragma once

#include <vector>

#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/validation.hpp"

namespace wattfill::judge {

// Judges by report.request and writes the findings into `report`. `trace` is ordered by (submit, id) and holds no job
// wider than the machine. Throws UsageError on a request that cannot be.
void judge_schedule(const std::vector<TraceEntry>& trace, const std::vector<ScheduleRow>& rows,
                    ValidationReport& report);

}  // namespace wattfill::judge
