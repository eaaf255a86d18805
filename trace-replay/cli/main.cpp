// trace-replay: replays workload archives through Wattfill's scheduling core.
#include <fmt/format.h>

#include <cstdio>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/experiment.hpp"
#include "trace-replay/cli/failure.hpp"
#include "trace-replay/cli/progress.hpp"
#include "trace-replay/errors.hpp"

namespace {

using wattfill::ExitCode;

int run(int argc, char** argv) {
  CLI::App app("Replays workload traces (SWF) through Wattfill's scheduling core.", "trace-replay");
  app.set_version_flag("--version", "trace-replay " WATTFILL_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  trace-replay generate --jobs 5000 --procs 128 --load 0.9 --seed 1 --output jobs.swf\n"
      "  trace-replay compare jobs.swf --procs 128 --policies easy,wattfill --output comparison/\n\n"
      "Exit status: 0 done, 1 anything else, 2 wrong usage, 3 wrong input, 4 no output possible.\n"
      "Help for a command: trace-replay COMMAND --help");
  wattfill::cli::add_run_command(app);
  wattfill::cli::add_compare_command(app);
  wattfill::cli::add_sweep_command(app);
  wattfill::cli::add_describe_command(app);
  wattfill::cli::add_generate_command(app);
  wattfill::cli::add_validate_command(app);
  wattfill::cli::add_policies_command(app);
  wattfill::cli::add_clusters_command(app);
  wattfill::cli::add_import_command(app);
  wattfill::cli::add_explain_command(app);
  wattfill::cli::add_rerun_command(app);
  wattfill::cli::add_train_command(app);
  wattfill::cli::add_evaluate_command(app);
  wattfill::cli::add_evaluate_power_command(app);
  wattfill::cli::add_calibrate_power_command(app);
  const std::string command = argc > 1 ? argv[1] : "--help";
  const auto commands = app.get_subcommands([&](const CLI::App* known) { return known->get_name() == command; });
  if (command[0] != '-' && commands.empty())
    throw wattfill::UsageError(fmt::format("{}: there is no such command; trace-replay --help lists them", command));
  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& finding) {  // a command's own verdict, as of validate
    return finding.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  // What was printed must have arrived: a full disk behind a pipe or redirection is no success.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw wattfill::OutputError("standard output: cannot be written");
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace

int main(int argc, char** argv) {
  wattfill::cli::remember_command_line(argc, argv);
  wattfill::cli::catch_interrupts();
  try {
    return run(argc, argv);
  } catch (...) {
    const wattfill::cli::Failure failure = wattfill::cli::current_failure();
    fmt::print(stderr, "trace-replay: {}\n", failure.message);
    return static_cast<int>(failure.code);
  }
}
