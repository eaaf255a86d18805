// The commands of trace-replay. Each add_*_command adds one subcommand, with its options, help and callback.
#pragma once

#include <CLI/CLI.hpp>

namespace wattfill::cli {

void add_run_command(CLI::App& app);
void add_compare_command(CLI::App& app);
void add_sweep_command(CLI::App& app);
void add_describe_command(CLI::App& app);
void add_generate_command(CLI::App& app);
void add_validate_command(CLI::App& app);
void add_policies_command(CLI::App& app);
void add_clusters_command(CLI::App& app);
void add_import_command(CLI::App& app);
void add_sacct_import(CLI::App& import);      // import sacct
void add_job_power_import(CLI::App& import);  // import job-power
void add_calibrate_power_command(CLI::App& app);
void add_evaluate_power_command(CLI::App& app);
void add_rerun_command(CLI::App& app);
void add_explain_command(CLI::App& app);
void add_train_command(CLI::App& app);
void add_evaluate_command(CLI::App& app);

}  // namespace wattfill::cli
