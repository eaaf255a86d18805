// The order of a workload's jobs: by submission, then number.
#pragma once

#include "trace-replay/workload/workload.hpp"

namespace wattfill {

// Sorts the jobs by (submit, id), stably, and what goes with them: links and cancellations. O(n) where they are sorted,
// else O(n log n).
void sort_by_arrival(Workload& workload);

}  // namespace wattfill
