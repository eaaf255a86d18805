#include "plugin/setup.hpp"

#include <fmt/format.h>

#include "backfill/config/config.hpp"
#include "backfill/config/named_file.hpp"
#include "backfill/config/text_format.hpp"
#include "backfill/topology/network.hpp"
#include "runtime-predictor/estimate_sources.hpp"
#include "runtime-predictor/model_files.hpp"

namespace wattfill {
namespace {

constexpr std::uint32_t kRememberedJobs = 20'000;
constexpr std::uint32_t kMostRememberedJobs = 10'000'000;
constexpr std::uint32_t kMostProcessors = 1'000'000'000;

[[noreturn]] void fail(const std::string& message) { throw ConfigError("config: " + message); }

std::string policy_source(const plugin::Config& config) {
  switch (config.policy_source_case()) {
    case plugin::Config::kPolicyText:
      return policy_text(parse_policy(config.policy_text(), "policy_text"));
    case plugin::Config::kPolicy:
      if (const PolicySpec* preset = find_policy(config.policy())) return policy_text(*preset);
      if (config.policy().find_first_of("/.") != std::string::npos)
        return policy_text(parse_policy(read_named_file(config.policy()), config.policy()));
      fail(fmt::format("policy: \"{}\" is neither a preset nor a file", config.policy()));
    default:
      fail("policy: missing; give a preset's name, a file or policy_text");
  }
}

std::string cluster_source(const plugin::Config& config) {
  if (const Cluster* bundled = find_cluster(config.cluster())) return cluster_text(*bundled);
  if (config.cluster().find_first_of("/.") != std::string::npos)
    return cluster_text(parse_cluster_file(config.cluster()));
  fail(fmt::format("cluster: \"{}\" is neither a bundled cluster nor a file", config.cluster()));
}

void set_machine(const plugin::Config& config, SchedulerOptions& options) {
  if (config.machine_case() == plugin::Config::kProcessors) {
    if (config.processors() == 0 || config.processors() > kMostProcessors)
      fail(fmt::format("processors: from 1 to {}", kMostProcessors));
    options.processors = static_cast<std::int32_t>(config.processors());
    return;
  }
  if (config.machine_case() != plugin::Config::kClusterText)
    fail("cluster: missing; give a bundled cluster's name, a file, cluster_text or processors");
  options.cluster = std::make_shared<Cluster>(parse_cluster(config.cluster_text(), "cluster_text"));
  const Cluster& cluster = *options.cluster;
  if (!std::holds_alternative<std::monostate>(cluster.network) && cluster.allocation != AllocationMode::kCounts)
    options.network = std::make_shared<Network>(cluster, node_names(cluster));
}

// What the host cannot do.
void check_abilities(SchedulerOptions& options, HostAbilities host, std::vector<std::string>& warnings) {
  if (!options.cluster) return;
  if (options.cluster->allocation == AllocationMode::kCores && !host.shares_nodes())
    fail("cluster: jobs share nodes by core, which the host cannot do; use allocation: WHOLE_NODES");
  if (nodes_sleep(options.policy, *options.cluster) && !host.sleeps()) {
    warnings.emplace_back("policy: nodes never sleep, because the host cannot let them");
    options.policy.power = {};
  }
  if (options.policy.power.manages() && options.policy.reservation_depth > 1)
    fail(fmt::format("policy {}: nodes sleep only with a reservation depth of 0 or 1", options.policy.name));
}

// A model that cannot be used must not keep a scheduler from working.
MakePredictor maker(const plugin::Config& config, std::vector<std::string>& warnings) {
  return [&config, &warnings](std::string_view name) -> std::unique_ptr<Predictor> {
    if (name != "xgboost" || config.model().empty()) return make_predictor(name);
    try {
      return predictor_from_files(config.model());
    } catch (const ModelFileError& error) {
      warnings.push_back(fmt::format("{}; the estimates {} are the request instead", error.what(), name));
      return make_predictor("requested");
    }
  };
}

StepSeries series_of(const plugin::OutOfWork& in) {
  constexpr const char* kField = "out_of_work_over_time";
  constexpr std::int64_t kLatest = std::int64_t{1} << 53;
  const std::int64_t period = in.period_s();
  if (in.step().empty()) fail(fmt::format("{}: empty; at least one step is right", kField));
  if (period < 0 || period > kLatest) fail(fmt::format("{}: period_s: {}; from 0 on is right", kField, period));
  std::vector<StepSeries::Step> steps;
  for (const plugin::OutOfWork::Step& step : in.step()) {
    const SimTime from{Seconds{step.from_s()}};
    if (step.from_s() > kLatest || step.from_s() < -kLatest ||
        (period > 0 && (step.from_s() < 0 || step.from_s() >= period)))
      fail(fmt::format("{}: from_s: {} is not within the period of {} s", kField, step.from_s(), period));
    if (!steps.empty() && from <= steps.back().from)
      fail(fmt::format("{}: from_s: {} after {}; steps ascend", kField, step.from_s(),
                       seconds_since_epoch(steps.back().from)));
    steps.push_back({from, step.nodes()});
  }
  return StepSeries(std::move(steps), Seconds{period});
}

void set_out_of_work(const plugin::Config& config, SchedulerOptions& options) {
  const bool changes = !config.out_of_work_over_time().empty();
  const std::string field = changes ? "out_of_work_over_time" : "out_of_work";
  if (changes && !config.out_of_work().empty()) fail("out_of_work: and out_of_work_over_time; give one of them");
  for (const std::int32_t nodes : config.out_of_work()) options.out_of_work.emplace_back(nodes);
  for (const plugin::OutOfWork& of_type : config.out_of_work_over_time())
    options.out_of_work.push_back(series_of(of_type));
  if (options.out_of_work.empty()) return;
  if (!options.cluster || options.out_of_work.size() != options.cluster->node_types.size())
    fail(field + ": a number for each node type of a cluster is right");
  if (options.cluster->allocation != AllocationMode::kWholeNodes)
    fail(field + ": only nodes that are given whole can be out of work; use allocation: WHOLE_NODES");
  for (std::size_t type = 0; type < options.out_of_work.size(); ++type) {
    const std::int32_t all = options.cluster->node_types[type].count;
    for (const StepSeries::Step& step : options.out_of_work[type].steps())
      if (step.value < 0 || step.value > all) fail(fmt::format("{}: {} of {} nodes", field, step.value, all));
  }
}

void set_rules(const plugin::Config& config, SchedulerOptions& options) {
  if (config.limit() == name(LimitRule::kReal))
    options.limit = LimitRule::kReal;
  else if (!config.limit().empty() && config.limit() != name(LimitRule::kScaled))
    fail(fmt::format(R"(limit: "{}"; "scaled" or "real" is right)", config.limit()));
  options.free_rule = config.estimated_ends_free() ? FreeRule::kEstimated : FreeRule::kEnded;
  set_out_of_work(config, options);
}

}  // namespace

plugin::Config parse_config(std::string_view text, std::string_view file) {
  plugin::Config config;
  parse_text(text, file, config);
  return config;
}

plugin::Config resolved(const plugin::Config& config) {
  plugin::Config out = config;
  out.set_policy_text(policy_source(config));
  if (config.machine_case() == plugin::Config::kCluster) out.set_cluster_text(cluster_source(config));
  return out;
}

Setup set_up(const plugin::Config& config, HostAbilities host) {
  Setup setup;
  SchedulerOptions& options = setup.scheduler;
  options.policy = parse_policy(config.policy_text(), "policy_text");
  set_machine(config, options);
  set_rules(config, options);
  check_abilities(options, host, setup.warnings);
  const std::uint32_t remembered = config.has_remembered_jobs() ? config.remembered_jobs() : kRememberedJobs;
  if (remembered > kMostRememberedJobs) fail(fmt::format("remembered_jobs: at most {}", kMostRememberedJobs));
  setup.remembered_jobs = remembered;
  try {
    const PolicySpec& policy = options.policy;
    const EstimateSources sources = make_estimate_sources(
        {policy.fit_estimates, policy.order_estimates, policy.fill_estimates}, maker(config, setup.warnings));
    options.fit_estimates = sources.fit;
    options.order_estimates = sources.order;
    options.fill_estimates = sources.fill;
    setup.median = sources.median;
  } catch (const std::invalid_argument& error) {
    fail(fmt::format("policy {}: {}", options.policy.name, error.what()));
  }
  return setup;
}

}  // namespace wattfill
