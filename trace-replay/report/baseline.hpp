// Whether one run can be measured against another.
#pragma once

#include <cstdint>

#include "trace-replay/report/run_data.hpp"

namespace wattfill::report {

// Both must be of the same jobs: as many that were kept, and those that started in both must agree in processors and
// requested time. Throws UsageError.
void check_baseline(const RunData& run, const RunData& baseline);

// Jobs that started in both and were submitted at other times: closed loops, dependencies, shaken submissions.
std::int64_t submitted_otherwise(const RunData& run, const RunData& baseline);

// Whether the energy of both is over one time. Else the run that ends first would seem to save what idle nodes draw
// in the rest.
bool metered_alike(const RunData& run, const RunData& baseline);

}  // namespace wattfill::report
