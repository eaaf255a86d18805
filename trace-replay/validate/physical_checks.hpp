// What no schedule may do, whatever its policy: use more than there is, or one processor twice.
#pragma once

#include <vector>

#include "trace-replay/validate/findings.hpp"
#include "trace-replay/validate/judged_job.hpp"

namespace wattfill::judge {

// At no time more than the machine's processors in use; a job holds its processors during [start, end).
void check_capacity(const std::vector<JudgedJob>& jobs, ValidationReport& report);

// Where the schedule names processors: each job exactly its number of them, all within 0..N-1, none used twice at one
// time.
void check_allocations(const std::vector<JudgedJob>& jobs, ValidationReport& report);

}  // namespace wattfill::judge
