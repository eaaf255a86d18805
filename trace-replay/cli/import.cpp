// trace-replay import: a site's own configuration, turned into a cluster file.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "backfill/config/named_file.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/import/slurm_cluster.hpp"
#include "trace-replay/output/atomic_file.hpp"

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

}  // namespace

void add_import_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("import", "Turn a site's own configuration into a cluster file");
  command->require_subcommand(1);
  command->footer("Example:\n  trace-replay import slurm-conf /etc/slurm/slurm.conf --output mine.textproto");
  CLI::App* slurm = command->add_subcommand("slurm-conf", "Nodes and partitions of a slurm.conf");
  const auto arguments = std::make_shared<ImportArguments>();
  slurm->add_option("file", arguments->file, "slurm.conf, with what it includes; - for standard input")->required();
  slurm->add_option("-o,--output", arguments->output, "Cluster file to write; - is standard output")
      ->option_text("FILE [-]");
  slurm->add_flag("-q,--quiet", arguments->quiet, "No notes on what was left aside");
  slurm->footer(kFooter);
  slurm->callback([arguments] { import_slurm_conf(*arguments); });
}

}  // namespace wattfill::cli
