// The judge's own reading of a trace: the input recipe of Gaussier et al. (SC'15), written a second time.
#pragma once

#include <string>
#include <vector>

#include "trace-replay/swf/swf_record.hpp"
#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/node_machine.hpp"
#include "trace-replay/validate/validation.hpp"

namespace wattfill::judge {

// Keeps a job when run > 0, requested > 0 and processors > 0 (field 8 if positive, else field 5) and when it is no
// wider than the machine; runtime = min(run, requested). A trace without any requested time gets requested = run. The
// result is ordered by (submit, id). Counts go to `summary`.
std::vector<TraceEntry> apply_recipe(const std::vector<SwfRecord>& records, std::int64_t machine_processors,
                                     ValidationReport::Trace& summary);

// Reads the file and applies the recipe. Lenient reading counts, with the bad lines, those that repeat a job's number.
// Throws InputError.
std::vector<TraceEntry> read_trace(const std::string& path, std::int64_t machine_processors, bool lenient,
                                   ValidationReport::Trace& summary);

// Jobs that the cluster can never run, by the estimates that fit; they are counted in report.trace.
void leave_out_what_cannot_run(std::vector<TraceEntry>& trace, const NodeMachine& machine, ValidationReport& report);

}  // namespace wattfill::judge
