// The sections of a run's report. `baseline` is another run to compare with, or null. A section without blocks has
// nothing to tell and is left out.
#pragma once

#include "trace-replay/report/document.hpp"
#include "trace-replay/report/named_runs.hpp"
#include "trace-replay/report/run_data.hpp"

namespace wattfill::report {

Section power_section(const RunData& run, const RunData* baseline);  // power over time, cap, tariff, carbon
Section energy_section(const RunData& run);                          // by component, node type, user, queue
Section machine_section(const RunData& run);                         // the Gantt chart
Section load_section(const RunData& run, const RunData* baseline);   // queue length and utilisation
Section waits_section(const RunData& run, const RunData* baseline);  // waits and slowdowns
Section predictions_section(const RunData& run);                     // predicted against actual
Section users_section(const RunData& run);                           // fairness
Section sleep_section(const RunData& run);                           // nodes by power state

// The share of jobs that wait, or are slowed down, no more than so: a line for each run.
Chart wait_chart(const std::vector<NamedRun>& runs);
Chart slowdown_chart(const std::vector<NamedRun>& runs);
Chart queue_chart(const std::vector<NamedRun>& runs);
Chart power_chart_of(const std::vector<NamedRun>& runs);  // facility power, means

// "easy", or what else the run calls its policy.
std::string policy_of(const RunData& run);

}  // namespace wattfill::report
