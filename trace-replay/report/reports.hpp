// From what a directory holds to a report.
#pragma once

#include <string>

#include "trace-replay/report/document.hpp"
#include "trace-replay/report/run_data.hpp"

namespace wattfill::report {

// `command` of all three: how this report is written again.

// One run; `baseline`, which may be null, is another to compare it with.
Document run_report(const RunData& run, const RunData* baseline, const std::string& command);

// comparison.json of `directory`, and the run directories beside it of the first policy (the baseline) and of the one
// with the least mean bounded slowdown, where they are there. Throws InputError with the key that is wrong.
Document comparison_report(const std::string& directory, const std::string& command);

// sweep.json of `directory`: cells with factors and figures, and claims. Throws InputError with the key that is wrong.
Document sweep_report(const std::string& directory, const std::string& command);

}  // namespace wattfill::report
