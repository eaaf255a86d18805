// trace-replay validate: the independent judge on the command line.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>

#include "trace-replay/cli/cluster_options.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/validate/validation.hpp"

namespace wattfill::cli {
namespace {

struct ValidateOptions {
  ValidationRequest request;
  std::string cluster;
  std::string allocation;
  std::string frequency;
  bool order_estimates_given = false;
  std::string json;  // path, "-" for standard output, empty for none
  bool quiet = false;
};

void write_json(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out) throw OutputError(fmt::format("{}: the report cannot be written; give --json a writable file", path));
}

void run_validate(const ValidateOptions& options) {
  ValidationRequest request = options.request;
  if (!options.order_estimates_given) request.order_estimates = request.estimates;
  if (!options.cluster.empty()) {
    request.cluster = named_cluster(options.cluster);
    set_allocation(*request.cluster, options.allocation);
    set_frequency(*request.cluster, options.frequency);
    request.processors = request.cluster->processors();
  }
  const ValidationReport report = validate(request);
  if (options.json == "-") {
    fmt::print("{}", validation_json(report));
  } else {
    if (!options.quiet) fmt::print("{}", validation_text(report));
    if (!options.json.empty()) write_json(options.json, validation_json(report));
  }
  std::fflush(stdout);
  // Not an error of the program: the exit status says that the schedule has violations, as a failing comparison would.
  if (!report.clean()) throw CLI::RuntimeError(1);
}

}  // namespace

void add_validate_command(CLI::App& app) {
  using Request = ValidationRequest;
  auto options = std::make_shared<ValidateOptions>();
  Request& request = options->request;
  CLI::App* command = app.add_subcommand(
      "validate",
      "Judge a schedule: physics for every policy, each decision for fcfs, easy, easy-sjbf and conservative");
  command->footer(
      "Exit status: 0 clean, 1 violations found, 2 wrong usage, 3 wrong input, 4 no output possible.\n"
      "Example:\n"
      "  trace-replay validate --trace KTH-SP2-1996-2.swf.gz --schedule run/schedule.swf --procs 100 --policy easy\n"
      "  trace-replay validate --trace trace.swf --schedule run/jobs.csv --cluster hetero-small --policy easy \\\n"
      "      --power run/power.csv --summary run/summary.json");

  const std::map<std::string, Request::Estimates> estimates = {{"requested", Request::Estimates::kRequested},
                                                               {"clairvoyant", Request::Estimates::kClairvoyant}};
  const std::map<std::string, Request::Pass> passes = {{"each-instant", Request::Pass::kEachInstant},
                                                       {"each-event", Request::Pass::kEachEvent}};
  const std::map<std::string, Request::Match> matches = {{"id", Request::Match::kId},
                                                         {"order", Request::Match::kOrder}};

  command->add_option("--trace", request.trace, "The SWF trace that was replayed, plain or .gz")->required();
  command->add_option("--schedule", request.schedule, "The schedule: SWF, or a jobs.csv with Batsim's columns")
      ->required();
  CLI::Option* procs = command->add_option("--procs", request.processors, "Processors of the machine");
  CLI::Option* cluster =
      command
          ->add_option("--cluster", options->cluster, "Cluster: a bundled name (see: trace-replay clusters) or a file")
          ->excludes(procs);
  command
      ->add_option("--allocation", options->allocation,
                   "How jobs take the machine, instead of what the cluster says: counts, whole-nodes, cores")
      ->check(CLI::IsMember({"counts", "whole-nodes", "cores"}))
      ->needs(cluster);
  add_limit_option(*command, request.limit)->needs(cluster);
  add_frequency_option(*command, options->frequency)->needs(cluster);
  command->add_option("--power", request.power, "power.csv of the run: check the books of its energy");
  command->add_option("--summary", request.summary, "summary.json of the run: check the energy in it");
  command->add_option("--policy", request.policy,
                      "fcfs, easy, easy-sjbf or conservative; with any other only physics is checked");
  command
      ->add_option("--estimates", request.estimates, "Estimates that fit and reserve: requested (default), clairvoyant")
      ->transform(CLI::CheckedTransformer(estimates));
  CLI::Option* order = command
                           ->add_option("--order-estimates", request.order_estimates,
                                        "Estimates that order easy-sjbf's candidates; default: as --estimates")
                           ->transform(CLI::CheckedTransformer(estimates));
  command->add_option("--pass", request.pass, "When the policy decides: each-instant (default) or each-event")
      ->transform(CLI::CheckedTransformer(passes));
  command
      ->add_option("--match", request.match,
                   "Find jobs by id (default) or, where the schedule numbers them anew, by order of submission")
      ->transform(CLI::CheckedTransformer(matches));
  command->add_flag("--allow-missing", request.allow_missing, "Count jobs that never started instead of objecting");
  command->add_flag("--waits-from-submit", request.waits_from_submit,
                    "start = the trace's submission + the schedule's wait");
  command->add_flag("--exact", request.exact, "conservative: every start must equal the compression rule's");
  command->add_flag("--lenient", request.lenient, "Count bad lines of the SWF files and leave them out");
  command->add_option("--json", options->json, "Also write the report as JSON to this file; - prints it instead");
  command->add_flag("--quiet", options->quiet, "Print nothing; the exit status tells");
  command->callback([options, order, procs, cluster] {
    if (procs->count() + cluster->count() == 0)
      throw UsageError("which machine? Give --procs N or --cluster NAME-OR-FILE");
    options->order_estimates_given = order->count() > 0;
    run_validate(*options);
  });
}

}  // namespace wattfill::cli
