#include "trace-replay/cli/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "backfill/config/config.hpp"
#include "backfill/policy/backfill_scheduler.hpp"
#include "backfill/policy/demand.hpp"
#include "backfill/power/power_cap.hpp"
#include "runtime-predictor/model_files.hpp"
#include "trace-replay/cli/metering.hpp"
#include "trace-replay/cli/progress.hpp"
#include "trace-replay/engine/estimate_sources.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/host/plugin_scheduler.hpp"
#include "trace-replay/report/text.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace wattfill::cli {
namespace {

std::string remembered;

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw InputError(fmt::format("{}: cannot be read", path));
  return text.str();
}

// A name that is not known is a file if it looks like one.
// Only a replay knows which estimate sources there are, so the parser lets every name pass. A wrong name is an error
// even where the command line names another.
PolicySpec policy_of_file(const std::string& path) {
  PolicySpec spec = parse_policy(read_file(path), path);
  const auto check = [&path](const char* field, const std::string& source) {
    if (!is_replay_estimate_source(source))
      throw InputError(fmt::format("{}: {}: \"{}\" is no estimate source; known are {}", path, field, source,
                                   replay_estimate_source_names()));
  };
  check("fit_estimates", spec.fit_estimates);
  check("order_estimates", spec.order_estimates);
  if (!spec.fill_estimates.empty()) check("fill_estimates", spec.fill_estimates);
  return spec;
}

void check_source(const char* option, const std::string& source) {
  if (!source.empty() && !is_replay_estimate_source(source))
    throw UsageError(fmt::format("{} \"{}\": there is no such source; known are {}", option, source,
                                 replay_estimate_source_names()));
}

Cluster counted_machine(std::int64_t processors) {
  NodeType node;
  node.name = "node";
  node.count = static_cast<std::int32_t>(processors);
  Cluster cluster;
  cluster.name = fmt::format("{} processors", processors);
  cluster.node_types.push_back(std::move(node));
  return cluster;
}

// Jobs that no node may run, or not so many of them, would wait for ever.
void drop_jobs_that_cannot_run(Workload& workload, const Cluster& machine) {
  Demands demands(machine, LimitRule::kScaled);
  if (demands.plain()) return;
  std::vector<bool> runs(workload.jobs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Job& job = workload.jobs[i].job;
    runs[i] = !demands.group(demands.group_of(job, job.requested)).options.empty();
  }
  const auto keep = [&runs](auto& column) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < column.size(); ++i)
      if (runs[i]) column[kept++] = column[i];
    column.resize(kept);
  };
  keep(workload.links);
  keep(workload.cancel_at);
  keep(workload.jobs);
  const auto dropped = static_cast<std::int64_t>(runs.size() - workload.jobs.size());
  workload.report.kept -= dropped;
  workload.report.dropped_cannot_run = dropped;
}

}  // namespace

void add_experiment_options(CLI::App& command, ExperimentOptions& o) {
  command.add_option("trace", o.trace, "Trace in SWF, plain or .gz; - for standard input")->required();
  auto* procs = command.add_option("--procs", o.processors, "Processors of the machine to simulate");
  procs->check(CLI::Range(std::int64_t{1}, std::int64_t{std::numeric_limits<std::int32_t>::max()}));
  command.add_option("--cluster", o.cluster, "Cluster: a bundled name (see: trace-replay clusters) or a file")
      ->excludes(procs);
  command
      .add_option(
          "--allocation", o.allocation,
          "How jobs take the machine, instead of what the cluster says: processors counted, whole nodes, or cores")
      ->check(CLI::IsMember({"counts", "whole-nodes", "cores"}));
  command.add_option(
      "--placement", o.placement,
      "Which nodes a job gets: first-fit, contiguous, fewest-switches, smallest-diameter, most-efficient, "
      "fastest, or several as in fewest-switches:2+fastest");
  command.add_option(
      "--power", o.power,
      "When nodes sleep: always-on, timeout:SECONDS, break-even, timeline or forecast:PROBABILITY; needs "
      "whole nodes");
  command
      .add_option("--energy-slowdown", o.energy_slowdown,
                  "With most-efficient: by which share longer a job may take for the sake of energy")
      ->check(CLI::Range(0.0, 1000.0));
  command.add_option("--power-cap", o.power_cap,
                     "Keep the IT power within this share of what all nodes draw at work, or within the cluster's own "
                     "cap (\"cluster\"), step by step if it changes with time; needs whole nodes");
  add_frequency_option(command, o.frequency);
  command.add_option("--shift", o.shift,
                     "Let jobs of a share of the users wait for cheap or clean power: tariff:SHARE:HOURS or "
                     "carbon:SHARE:HOURS");
  command.add_option("--widest", o.widest, "Drop jobs with more processors")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{2'147'483'647}));
  command.add_option("--boot-failures", o.boot_failures, "Probability that a waking node does not come up at once")
      ->check(CLI::Range(0.0, 0.9));
  add_limit_option(command, o.limit);
  command
      .add_option("--stretch", o.stretch_per_hop,
                  "Share of its runtime that a job takes longer for each hop of mean distance beyond one switch")
      ->check(CLI::Range(0.0, 10.0));
  command.add_flag("--no-energy", o.no_energy, "Do not meter energy");
  command.add_option("--estimates", o.estimates, "Estimate source for everything; overrides the policy's");
  command.add_option("--fit-estimates", o.fit_estimates, "Estimate source to fit and to reserve");
  command.add_option("--order-estimates", o.order_estimates, "Estimate source to order");
  command.add_option("--fill-estimates", o.fill_estimates,
                     "Estimate source to fill the hole beside a first job that is not promoted");
  command.add_option(
      "--model", o.model,
      "Directory of a trained model with which the estimates xgboost begin; if it is wrong, that is told "
      "and the request serves instead");
  command.add_option("--plugin", o.plugin, "Schedule with this libwattfill.so instead of the built-in scheduler");
  command.add_option("--decision-log", o.decision_log, "Directory for the plugin's decision log (see: explain, rerun)")
      ->needs("--plugin");
  command.add_option("--pass", o.pass, "When to schedule: one pass per instant, or after each event (counts only)")
      ->check(CLI::IsMember({"each-instant", "each-event"}))
      ->capture_default_str();
  command
      .add_option(
          "--promote-after", o.promote_after_s,
          "Seconds of waiting after which a job joins the arrival-ordered list; counted from its turn where the "
          "policy names a share of the backlog")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{3'153'600'000}));
  auto* closed = command.add_flag("--closed-loop", o.closed_loop,
                                  "A user's next job follows the end of the one before it by its think time");
  command.add_flag("--dependencies", o.dependencies, "Honour fields 17 and 18: a job waits for the one before it")
      ->excludes(closed);
  command.add_flag("--cancellations", o.cancellations,
                   "Keep jobs that were cancelled while they waited, and cancel them again");
  command.add_flag("--lenient", o.lenient, "Count bad lines and go on, instead of stopping at the first");
  command.add_option("--warm-up", o.warm_up, "Share of the trace cut at its beginning for the steady-state figures")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  command.add_option("--cool-down", o.cool_down, "Share cut at its end")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  command.add_option("--seed", o.seed, "Seed of whatever is random (shaken replicas)")
      ->check(CLI::NonNegativeNumber)  // CLI11 would take -1 for 2^64 - 1
      ->capture_default_str();
  command.add_option("--output", o.output, "Directory for the results; without it nothing is written");
  command.add_flag("--no-report", o.no_report, "Write no report.html into it");
  command.add_flag("--json", o.json, "Print the summary as JSON instead of a table");
  command.add_flag("--quiet", o.quiet, "Print no table and no progress");
}

namespace {

// A share of what all nodes draw at work, or the cluster's own cap.
void set_power_cap(Cluster& cluster, const std::string& text) {
  if (cluster.allocation != AllocationMode::kWholeNodes)
    throw UsageError("--power-cap: only where nodes are given whole; add --allocation whole-nodes");
  if (text == "cluster") {
    if (cluster.facility.power_cap.empty()) throw UsageError("--power-cap cluster: " + cluster.name + " has none");
    return;
  }
  double share = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  if (error != std::errc{} || stop != text.data() + text.size() || !(share > 0 && share <= 1))
    throw UsageError(fmt::format("--power-cap {}: a share above 0, at most 1, or \"cluster\" is right", text));
  Milliwatts peak{};
  for (const NodeType& type : cluster.node_types) peak += type.power.active * type.count;
  cluster.facility.power_cap = StepSeries(std::llround(share * static_cast<double>(peak.count)));
}

// Nodes of each type that must not work for the cap to hold, from time to time on its clock. Throws UsageError where it
// cannot be kept.
std::vector<StepSeries> out_of_work(const Cluster& cluster, const ExperimentOptions& o, bool nodes_sleep) {
  if (o.power_cap.empty()) return {};
  try {
    return nodes_out_of_work(cluster, cluster.facility.power_cap, nodes_sleep);
  } catch (const CapTooLow& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

Cluster machine(const ExperimentOptions& o) {
  if (o.cluster.empty() && o.processors == 0)
    throw UsageError("which machine? Give --procs N or --cluster NAME-OR-FILE");
  Cluster cluster = o.cluster.empty() ? counted_machine(o.processors) : named_cluster(o.cluster);
  set_allocation(cluster, o.allocation);
  if (cluster.allocation != AllocationMode::kCounts && o.pass == "each-event")
    throw UsageError("--pass each-event: only where processors are counted; add --allocation counts");
  if (!o.power_cap.empty()) set_power_cap(cluster, o.power_cap);  // of full speed
  set_frequency(cluster, o.frequency);
  return cluster;
}

PolicySpec policy(const std::string& text, const ExperimentOptions& o) {
  PolicySpec spec;
  const std::size_t at = std::min(text.rfind('@'), text.size());
  const std::string name = text.substr(0, at);
  if (const PolicySpec* preset = find_policy(name)) {
    spec = *preset;
  } else if (looks_like_file(name)) {
    spec = policy_of_file(name);
  } else {
    throw UsageError(fmt::format("policy \"{}\": neither a preset ({}) nor a file", name, names(policy_presets())));
  }
  check_source("--estimates", o.estimates);
  check_source("--fit-estimates", o.fit_estimates);
  check_source("--order-estimates", o.order_estimates);
  check_source("--fill-estimates", o.fill_estimates);
  if (!o.estimates.empty()) {
    spec.fit_estimates = spec.order_estimates = o.estimates;
    spec.fill_estimates.clear();
  }
  if (!o.fit_estimates.empty()) spec.fit_estimates = o.fit_estimates;
  if (!o.order_estimates.empty()) spec.order_estimates = o.order_estimates;
  if (!o.fill_estimates.empty()) {
    if (spec.reservation_depth > 1)
      throw UsageError(fmt::format("--fill-estimates: only with a reservation depth of 0 or 1; {} holds more", name));
    spec.fill_estimates = o.fill_estimates;
  }
  if (o.promote_after_s >= 0) spec.promotion_age = Seconds{o.promote_after_s};
  try {
    if (!o.placement.empty()) spec.placement = placement_from_text(o.placement);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--placement {}: {}", o.placement, error.what()));
  }
  try {
    if (!o.shift.empty()) spec.shift = shift_from_text(o.shift);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--shift {}: {}", o.shift, error.what()));
  }
  if (o.energy_slowdown >= 0) spec.energy_slowdown = std::llround(o.energy_slowdown * 1e6);
  const std::string power = at < text.size() ? text.substr(at + 1) : o.power;
  try {
    if (!power.empty()) spec.power = power_from_text(power);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("policy {}: {}", text, error.what()));
  }
  if (at < text.size()) spec.name = spec.name + "@" + to_string(spec.power);
  return spec;
}

Workload workload(const ExperimentOptions& o, const Cluster& machine) {
  RecipeOptions recipe;
  recipe.processors = static_cast<std::int32_t>(machine.processors());
  if (o.widest > 0) recipe.processors = static_cast<std::int32_t>(std::min(o.widest, machine.processors()));
  recipe.strictness = o.lenient ? SwfStrictness::kLenient : SwfStrictness::kStrict;
  recipe.links = o.closed_loop || o.dependencies;
  recipe.cancellations = o.cancellations;
  Progress progress("reading", 0, o.quiet);
  recipe.progress = [&progress](std::int64_t read, std::int64_t announced) {
    progress.set_total(std::max(read, announced));
    progress.tick(read);
  };
  Workload workload = load_workload(o.trace, recipe);
  // Under a cap, those that would not find enough nodes at work where none sleeps, so that all policies do equal work;
  // at its lowest value, so that all others can run whenever they come.
  drop_jobs_that_cannot_run(workload, at_work(machine, out_of_work(machine, o, false)));
  return workload;
}

namespace {

void check_fit(const PolicySpec& policy, const Cluster& machine, const ExperimentOptions& o) {
  const bool asked = !o.power.empty() || policy.name.find('@') != std::string::npos;
  if (asked && policy.power.manages() && machine.allocation != AllocationMode::kWholeNodes)
    throw UsageError(fmt::format("power {}: only nodes that are given whole sleep; add --allocation whole-nodes",
                                 to_string(policy.power)));
  if (policy.power.manages() && policy.reservation_depth > 1)
    throw UsageError(fmt::format("power {}: only with a reservation depth of 0 or 1; {} has more",
                                 to_string(policy.power), policy.name));
  if (machine.allocation == AllocationMode::kCounts || !std::holds_alternative<std::monostate>(machine.network)) return;
  for (const PlacementSpec::Term& term : policy.placement.terms)
    if (info(term.strategy).needs_network)
      throw UsageError(
          fmt::format("placement {}: needs a network, and {} has none", info(term.strategy).name, machine.name));
}

// A job that outlived its estimate would not make room for a coming step of the cap.
void check_changing_cap(const PolicySpec& policy, const ExperimentOptions& o) {
  if (!fit_is_upper_bound(policy))
    throw UsageError(
        fmt::format("--power-cap {}: the cap changes, and {} fits jobs by {}, which may fall short of what "
                    "they take; a policy that fits by \"requested\" is right",
                    o.power_cap, policy.name, policy.fit_estimates));
  if (o.stretch_per_hop > 0 && o.limit != LimitRule::kReal)
    throw UsageError(
        fmt::format("--power-cap {}: the cap changes, and with --stretch jobs outlive their requests; "
                    "--limit real ends them in time",
                    o.power_cap));
}

// A model that cannot be used must not keep a scheduler from working: it is told, and the request serves.
std::unique_ptr<Predictor> predictor_with_model(std::string_view name, const std::string& directory) {
  if (name != "xgboost" || directory.empty()) return make_predictor(name);
  try {
    return predictor_from_files(directory);
  } catch (const ModelFileError& error) {
    fmt::print(stderr, "trace-replay: {}; the estimates {} are the request instead\n", error.what(), name);
    return make_predictor("requested");
  }
}

SchedulerOptions scheduler_options(const Workload& workload, const Cluster& machine, const PolicySpec& policy,
                                   const ExperimentOptions& o, PredictionLog* log) {
  check_fit(policy, machine, o);
  SchedulerOptions options;
  options.policy = policy;
  options.cluster = std::make_shared<Cluster>(on_the_clock_of(workload, machine));
  options.out_of_work = out_of_work(*options.cluster, o, nodes_sleep(policy, machine));
  if (!std::ranges::all_of(options.out_of_work, &StepSeries::constant)) check_changing_cap(policy, o);
  if (!std::holds_alternative<std::monostate>(machine.network) && machine.allocation != AllocationMode::kCounts)
    options.network = std::make_shared<Network>(machine, node_names(machine));
  options.limit = o.limit;
  options.free_rule = o.pass == "each-event" ? FreeRule::kEstimated : FreeRule::kEnded;
  const EstimateSources sources =
      make_estimate_sources({policy.fit_estimates, policy.order_estimates, policy.fill_estimates}, workload,
                            [&o, log](std::string_view name) {
                              auto predictor = predictor_with_model(name, o.model);
                              return log != nullptr ? log->watch(std::move(predictor)) : std::move(predictor);
                            });
  options.fit_estimates = sources.fit;
  options.order_estimates = sources.order;
  options.fill_estimates = sources.fill;
  return options;
}

// The built-in one, or the same behind the C ABI.
std::unique_ptr<Scheduler> make_scheduler(SchedulerOptions options, const ExperimentOptions& o) {
  if (o.plugin.empty()) return std::make_unique<BackfillScheduler>(std::move(options));
  return std::make_unique<PluginScheduler>(o.plugin, plugin_config(options, o.model, o.decision_log),
                                           options.cluster.get());
}

ReplayOptions replay_options(const ExperimentOptions& o, const std::shared_ptr<const Network>& network) {
  ReplayOptions options;
  options.pass = o.pass == "each-event" ? PassRule::kEachEvent : PassRule::kEachInstant;
  options.arrivals = o.closed_loop    ? Arrivals::kClosedLoop
                     : o.dependencies ? Arrivals::kDependent
                                      : Arrivals::kRecorded;
  options.limit = o.limit;
  const Stretch stretch{std::llround(o.stretch_per_hop * 1e6)};
  if (stretch != Stretch{}) {
    if (!network) throw UsageError("--stretch: needs a cluster with a network and nodes that are not just counted");
    options.stretch = [network, stretch](Seconds runtime, const Allocation& allocation) {
      return stretched(runtime, stretch, network->mean_hops(allocation.nodes));
    };
  }
  return options;
}

}  // namespace

Outcome replay_policy(const Workload& workload, const Cluster& machine, const PolicySpec& policy,
                      const ExperimentOptions& o, SimTime horizon) {
  Outcome outcome;
  if (!o.output.empty()) {
    outcome.power_changes = std::make_unique<PowerChangeLog>();
    outcome.predictions = std::make_unique<PredictionLog>();
  }
  SchedulerOptions options = scheduler_options(workload, machine, policy, o, outcome.predictions.get());
  outcome.network = options.network;
  ReplayOptions replaying = replay_options(o, options.network);
  Progress progress(policy.name, static_cast<std::int64_t>(workload.jobs.size()), o.quiet);
  replaying.progress = [&progress](std::int64_t done) { progress.tick(done); };

  Observers observers;
  std::unique_ptr<Metering> metering;
  std::unique_ptr<YardstickObserver> yardsticks;
  if (!o.no_energy && can_be_metered(machine)) {
    metering = std::make_unique<Metering>(workload, machine, !o.output.empty());
    observers.add(metering.get());
    if (machine.allocation == AllocationMode::kWholeNodes) {
      yardsticks = std::make_unique<YardstickObserver>(workload, machine);
      observers.add(yardsticks.get());
    }
  }
  if (!o.output.empty() && machine.allocation != AllocationMode::kCounts) {
    outcome.allocations = std::make_unique<AllocationLog>(workload.jobs.size());
    observers.add(outcome.allocations.get());
    observers.add(outcome.power_changes.get());
  }
  if (!observers.empty()) replaying.observer = &observers;
  if (nodes_sleep(policy, machine)) replaying.cluster = &machine;
  replaying.boot_failures = static_cast<std::int32_t>(std::lround(o.boot_failures * 1e6));
  replaying.seed = o.seed;
  replaying.until = horizon;

  const std::unique_ptr<Scheduler> scheduler = make_scheduler(std::move(options), o);
  outcome.result = replay(workload, *scheduler, replaying);
  outcome.summary =
      summarise(workload, outcome.result, {static_cast<std::int32_t>(machine.processors()), o.warm_up, o.cool_down});
  if (metering) outcome.energy = metering->finish(outcome.result, horizon);
  if (yardsticks) outcome.yardsticks = yardsticks->finish(outcome.result, *outcome.energy, o.limit);
  return outcome;
}

bool fit_is_upper_bound(const PolicySpec& policy) {
  const Workload nothing;
  return make_estimate_source(policy.fit_estimates, nothing)->upper_bound();
}

void remember_command_line(int argc, char** argv) {
  remembered = "trace-replay";
  for (int i = 1; i < argc; ++i) remembered += " " + report::shell_quoted(argv[i]);
}

const std::string& command_line() { return remembered; }

}  // namespace wattfill::cli
