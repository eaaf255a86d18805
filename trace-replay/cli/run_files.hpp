// The run directory of one replay, as run and compare leave it, and the report in a directory.
#pragma once

#include <string>

#include "trace-replay/cli/experiment.hpp"

namespace wattfill::cli {

// Throws OutputError.
void write_run(const std::string& directory, const Workload& workload, const Cluster& machine, const PolicySpec& policy,
               const Outcome& outcome);

// Writes the report of a directory that is complete, unless --no-report is given; tells where, unless quiet. The bar
// on standard error says that it is being written.
void write_report_of(const ExperimentOptions& options);

}  // namespace wattfill::cli
