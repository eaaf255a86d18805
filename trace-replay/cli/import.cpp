// trace-replay import: a site's own configuration, turned into a cluster file; its accounting (import_sacct.cpp) or a
// planner's log, turned into a trace.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

#include "backfill/config/named_file.hpp"
#include "plugin/decision_log.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/decisions/logged_trace.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/import/slurm_cluster.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/swf/swf_writer.hpp"

namespace wattfill::cli {
namespace {

constexpr const char* kFooter = R"(
Nodes of equal hardware, features, weight and partitions become one node type. Partitions are numbered from 1 in their
order; the numbers, and what slurm.conf cannot tell (power, speed, network), stand as comments at the head of the file.
What was left aside is listed on standard error.

Examples:
  trace-replay import slurm-conf /etc/slurm/slurm.conf --output mine.textproto)";

struct ImportArguments {
  std::string file;
  std::string output = "-";
  bool quiet = false;
};

std::string read_text(const std::string& file) {
  if (file != "-") return read_named_file(file);
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

void import_slurm_conf(const ImportArguments& arguments) {
  const SlurmConf conf = read_slurm_conf(read_text(arguments.file), arguments.file);
  if (!arguments.quiet)
    for (const std::string& note : conf.notes) fmt::print(stderr, "{}\n", note);
  const std::string source = std::filesystem::path(arguments.file).filename().string();
  AtomicFile output(arguments.output);
  output.write(slurm_cluster_text(conf, source == "-" ? "standard input" : source));
  output.commit();
}

struct LogArguments {
  std::string log;
  std::string output = "-";
  std::string nodes;
};

void write_trace(const LoggedTrace& trace, const LogArguments& arguments) {
  std::ostringstream header;
  write_swf_header(header, trace.header);
  std::string text = header.str();
  for (const LoggedJob& job : trace.jobs) append_swf_record(text, job.record);
  AtomicFile output(arguments.output);
  output.write(text);
  output.commit();
}

void write_nodes(const LoggedTrace& trace, const std::string& path) {
  std::string text = "job,log_job,nodes\n";
  for (const LoggedJob& job : trace.jobs) text += fmt::format("{},{},\"{}\"\n", job.record.job, job.id, job.nodes);
  AtomicFile output(path);
  output.write(text);
  output.commit();
}

void import_log(const LogArguments& arguments) {
  try {
    const LoggedTrace trace = read_logged_trace(log_files(arguments.log));
    write_trace(trace, arguments);
    if (!arguments.nodes.empty()) write_nodes(trace, arguments.nodes);
    if (trace.unfinished > 0)
      fmt::print(stderr, "{}: {} jobs that waited or ran at its end are left out\n", arguments.log, trace.unfinished);
  } catch (const LogError& error) {
    throw InputError(error.what());
  }
}

void add_log_import(CLI::App& command) {
  CLI::App* log = command.add_subcommand("wattfill-log", "The jobs of a planner's decision log, as a trace with nodes");
  const auto arguments = std::make_shared<LogArguments>();
  log->add_option("log", arguments->log, "A file of a decision log, or the directory with all of them")->required();
  log->add_option("-o,--output", arguments->output,
                  "Trace to write (SWF), compressed if it ends in .gz; - is standard output")
      ->option_text("FILE [-]");
  log->add_option("--nodes", arguments->nodes, "CSV file to write, with the nodes of each job");
  log->footer(
      "Example:\n  trace-replay import wattfill-log /var/log/wattfill --output mine.swf.gz --nodes mine-nodes.csv");
  log->callback([arguments] { import_log(*arguments); });
}

}  // namespace

void add_import_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "import", "Turn a site's own configuration into a cluster file, its accounting or a planner's log into a trace");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  trace-replay import slurm-conf /etc/slurm/slurm.conf --output mine.textproto\n"
      "  trace-replay import sacct sacct.txt.gz --output mine.swf.gz --sidecar mine-energy.csv");
  CLI::App* slurm = command->add_subcommand("slurm-conf", "Nodes and partitions of a slurm.conf");
  const auto arguments = std::make_shared<ImportArguments>();
  slurm->add_option("file", arguments->file, "slurm.conf, with what it includes; - for standard input")->required();
  slurm->add_option("-o,--output", arguments->output, "Cluster file to write; - is standard output")
      ->option_text("FILE [-]");
  slurm->add_flag("-q,--quiet", arguments->quiet, "No notes on what was left aside");
  slurm->footer(kFooter);
  slurm->callback([arguments] { import_slurm_conf(*arguments); });
  add_log_import(*command);
  add_sacct_import(*command);
  add_job_power_import(*command);
}

}  // namespace wattfill::cli
