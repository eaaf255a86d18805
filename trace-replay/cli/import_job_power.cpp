// trace-replay import job-power: a table of jobs and their power as a sidecar.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/import/job_power_table.hpp"
#include "trace-replay/output/atomic_file.hpp"

namespace wattfill::cli {

void add_job_power_import(CLI::App& import) {
  struct Arguments {
    std::string file;
    std::string output = "-";
  };
  CLI::App* command = import.add_subcommand("job-power", "Jobs of the Eurora data set with their power, as a sidecar");
  const auto a = std::make_shared<Arguments>();
  command->add_option("file", a->file, "CSV with predicted_power_W, plain or .gz; - for standard input")->required();
  command->add_option("-o,--output", a->output, "Sidecar to write (CSV); - is standard output")
      ->option_text("FILE [-]");
  command->footer(
      "The power in that data set is what a published model says, not a measurement; the sidecar says so.\n\n"
      "Example:\n  trace-replay import job-power eurora_jobs_power.csv.gz --output eurora-energy.csv");
  command->callback([a] {
    AtomicFile file(a->output);
    file.write(job_energy_csv(read_job_power_table(a->file)));
    file.commit();
  });
}

}  // namespace wattfill::cli
