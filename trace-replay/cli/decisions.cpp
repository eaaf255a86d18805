// trace-replay explain and rerun: what a planner's decision log says.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "plugin/rerun.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/decisions/explain.hpp"
#include "trace-replay/errors.hpp"

namespace wattfill::cli {
namespace {

struct DecisionArguments {
  std::string log;
  std::string model;
  JobId job = 0;
  bool quiet = false;
};

void add_log_options(CLI::App& command, DecisionArguments& arguments) {
  command.add_option("log", arguments.log, "A file of a decision log, or the directory with all of them")->required();
  command.add_option("--model", arguments.model,
                     "Directory of the trained model with which the planner began, if it is not where it was");
}

// True when every decision is the same.
bool rerun_file(const std::string& file, const DecisionArguments& arguments) {
  Rerun rerun(file, arguments.model);
  while (rerun.step()) {
  }
  if (const auto& difference = rerun.difference()) {
    fmt::print("{}: record {}, time {}: the first difference\n  logged: {}\n  now:    {}\n", file, difference->record,
               difference->time_s, difference->logged, difference->now);
    return false;
  }
  if (!arguments.quiet)
    fmt::print("{}: {} events, {} passes, {} proposals: the same{}\n", file, rerun.events(), rerun.passes(),
               rerun.proposals(), rerun.reader().truncated() ? "; the file was not ended" : "");
  return true;
}

void rerun_log(const DecisionArguments& arguments) {
  try {
    for (const std::string& file : log_files(arguments.log))
      if (!rerun_file(file, arguments)) throw CLI::RuntimeError(1);
  } catch (const LogError& error) {
    throw InputError(error.what());
  }
}

void explain_job(const DecisionArguments& arguments) {
  try {
    const std::vector<std::string> lines = explain(log_files(arguments.log), arguments.job, arguments.model);
    if (lines.empty()) throw InputError(fmt::format("{}: knows no job {}", arguments.log, arguments.job));
    for (const std::string& line : lines) fmt::print("{}\n", line);
  } catch (const LogError& error) {
    throw InputError(error.what());
  }
}

}  // namespace

void add_rerun_command(CLI::App& app) {
  auto* command = app.add_subcommand("rerun", "Decide again what a planner decided, and tell the first difference");
  const auto arguments = std::make_shared<DecisionArguments>();
  add_log_options(*command, *arguments);
  command->add_flag("-q,--quiet", arguments->quiet, "Print differences only");
  command->footer(
      "Exit status: 0 every decision is the same, 1 one differs, 3 the log cannot be read.\n"
      "Example:\n  trace-replay rerun /var/log/wattfill");
  command->callback([arguments] { rerun_log(*arguments); });
}

void add_explain_command(CLI::App& app) {
  auto* command = app.add_subcommand("explain", "Tell why a job started or waits, from a planner's decision log");
  const auto arguments = std::make_shared<DecisionArguments>();
  add_log_options(*command, *arguments);
  command->add_option("--job", arguments->job, "The job, by its number in the log")->required();
  command->footer("Example:\n  trace-replay explain /var/log/wattfill --job 4711");
  command->callback([arguments] { explain_job(*arguments); });
}

}  // namespace wattfill::cli
