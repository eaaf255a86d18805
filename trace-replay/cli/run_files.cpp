#include "trace-replay/cli/run_files.hpp"

#include <fmt/format.h>

#include "backfill/config/config.hpp"
#include "trace-replay/cli/metering.hpp"
#include "trace-replay/cli/progress.hpp"
#include "trace-replay/output/run_directory.hpp"
#include "trace-replay/report/report.hpp"

namespace wattfill::cli {

void write_run(const std::string& directory, const Workload& workload, const Cluster& machine, const PolicySpec& policy,
               const Outcome& outcome) {
  const Cluster on_clock = on_the_clock_of(workload, machine);
  write_run_directory(directory, workload, outcome.result, outcome.summary,
                      {command_line(), policy.name, machine.name, static_cast<std::int32_t>(machine.processors()),
                       policy_text(policy), cluster_text(machine)},
                      {&on_clock, outcome.energy ? &*outcome.energy : nullptr, outcome.allocations.get(),
                       outcome.network.get(), outcome.power_changes.get(), outcome.predictions.get()});
}

void write_report_of(const ExperimentOptions& options) {
  if (options.no_report) return;
  Progress progress("report", 100, options.quiet);
  const std::string file = options.output + "/report.html";
  write_report({options.output, "", file}, [&progress](int percent) { progress.tick(percent); });
  if (!options.quiet && !options.json) fmt::print("report: {}\n", file);
}

}  // namespace wattfill::cli
