// trace-replay compare: one trace, several policies, and how sure the difference is.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/comparison.hpp"
#include "trace-replay/cli/experiment.hpp"
#include "trace-replay/cli/metering.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/output/run_directory.hpp"
#include "trace-replay/workload/recipe.hpp"
#include "trace-replay/workload/resample.hpp"

namespace wattfill::cli {
namespace {

struct CompareOptions {
  ExperimentOptions experiment;
  std::vector<std::string> policies;
  bool energy = false;
  int replicas = 1;
  std::int64_t shake_s = 0;
};

std::string comparison_json(const std::vector<Row>& rows, const std::vector<Claim>& claims,
                            const CompareOptions& options, const Cluster& cluster) {
  nlohmann::ordered_json json;
  json["command"] = command_line();
  json["trace"] = options.experiment.trace;
  json["processors"] = cluster.processors();
  json["replicas"] = options.replicas;
  json["shake_s"] = options.shake_s;
  json["seed"] = options.experiment.seed;
  json["policies"] = policies_json(rows, options.energy);
  json["claims"] = nlohmann::ordered_json::array();
  for (const Claim& claim : claims) json["claims"].push_back(claim_json(claim));
  // A path need not be UTF-8; what is not is shown as U+FFFD.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void check_work(const std::vector<Row>& rows) {
  const std::int64_t work = rows.front().replicas.front().summary.work_processor_s;
  for (const Row& row : rows)
    for (const Replica& r : row.replicas)
      if (r.summary.work_processor_s != work)
        fmt::print(stderr, "warning: {} completed {} processor-seconds, {} completed {}\n", row.policy.name,
                   r.summary.work_processor_s, rows.front().policy.name, work);
}

SimTime last_end(const ReplayResult& result) {
  SimTime last{};
  for (const JobOutcome& outcome : result.outcomes)
    if (outcome.end != kNever) last = std::max(last, outcome.end);
  return last;
}

Replica replay_once(const Workload& jobs, const Cluster& cluster, const Row& row, const CompareOptions& options,
                    std::span<const SimTime> bounds, SimTime horizon) {
  const ExperimentOptions& experiment = options.experiment;
  Outcome outcome = replay_policy(jobs, cluster, row.policy, experiment, horizon);
  if (!experiment.output.empty() && options.replicas == 1)
    write_run_directory(
        experiment.output + "/" + row.policy.name, jobs, outcome.result, outcome.summary,
        {command_line(), row.policy.name, cluster.name, static_cast<std::int32_t>(cluster.processors())});
  return {outcome.summary, cut_blocks(jobs, outcome.result, bounds), std::move(outcome.energy),
          std::move(outcome.yardsticks), last_end(outcome.result)};
}

// Every policy on the same jobs. Energy is compared over one horizon: what ended before the others is replayed again
// until then.
void replay_all(const Workload& jobs, const Cluster& cluster, std::vector<Row>& rows, const CompareOptions& options,
                std::span<const SimTime> bounds) {
  SimTime horizon = -kForever + SimTime{};
  for (Row& row : rows) {
    row.replicas.push_back(replay_once(jobs, cluster, row, options, bounds, -kForever + SimTime{}));
    horizon = std::max(horizon, row.replicas.back().end);
  }
  if (!options.energy) return;
  for (Row& row : rows)
    if (row.replicas.back().end < horizon)
      row.replicas.back() = replay_once(jobs, cluster, row, options, bounds, horizon);
}

void compare(const CompareOptions& options) {
  const ExperimentOptions& experiment = options.experiment;
  if (options.replicas > 1 && options.shake_s == 0)
    throw UsageError("--replicas needs --shake S: without it all replicas are the same");
  const Cluster cluster = machine(experiment);
  if (options.energy && (cluster.allocation != AllocationMode::kWholeNodes || !can_be_metered(cluster)))
    throw UsageError(
        "--energy: needs a cluster with power figures whose nodes are given whole; add --cluster and "
        "--allocation whole-nodes");
  std::vector<Row> rows;
  for (const std::string& name : options.policies) {
    rows.push_back({policy(name, experiment), {}});
    for (std::size_t i = 0; i + 1 < rows.size(); ++i)
      if (rows[i].policy.name == rows.back().policy.name)
        throw UsageError(
            fmt::format("--policies: two are named \"{}\"; give each a name of its own", rows[i].policy.name));
  }
  const Workload recorded = workload(experiment, cluster);
  if (!experiment.quiet && !experiment.json) fmt::print("{}: {}", recorded.name, describe_recipe(recorded));
  const std::vector<SimTime> bounds = block_bounds(
      recorded, {static_cast<std::int32_t>(cluster.processors()), experiment.warm_up, experiment.cool_down});
  for (int replica = 0; replica < options.replicas; ++replica) {
    Workload moved;
    if (options.shake_s > 0)
      moved = shaken(recorded, Seconds{options.shake_s}, experiment.seed + static_cast<std::uint64_t>(replica));
    const Workload& jobs = options.shake_s > 0 ? moved : recorded;
    replay_all(jobs, cluster, rows, options, bounds);
  }
  check_work(rows);
  const std::vector<Claim> claims = claims_of(rows, recorded.name, experiment.seed);
  const std::string json = comparison_json(rows, claims, options, cluster);
  if (experiment.json) {
    fmt::print("{}", json);
  } else if (!experiment.quiet) {
    print_tables(rows, options.energy);
    if (!claims.empty()) fmt::print("\n");
    for (const Claim& claim : claims) fmt::print("{}\n", claim.text);
  }
  if (experiment.output.empty()) return;
  make_directory(experiment.output);
  AtomicFile file(experiment.output + "/comparison.json");
  file.write(json);
  file.commit();
  if (!experiment.quiet && !experiment.json) fmt::print("written to {}\n", experiment.output);
}

}  // namespace

void add_compare_command(CLI::App& app) {
  auto* command = app.add_subcommand("compare", "Replay a trace under several policies and print them side by side");
  auto options = std::make_shared<CompareOptions>();
  add_experiment_options(*command, options->experiment);
  command->add_option("--policies", options->policies, "Policies, separated by commas: presets or files")
      ->delimiter(',')
      ->required();
  command->add_flag("--energy", options->energy,
                    "Compare energy too, over one horizon, with the first policy as the baseline");
  command
      ->add_option("--replicas", options->replicas,
                   "Repeat on so many shaken copies; prints mean and standard deviation")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--shake", options->shake_s, "Shift each submission by up to so many seconds, either way")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{31'536'000}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  trace-replay compare KTH-SP2-1996-2.swf.gz --procs 100 --policies easy,easy-sjbf,conservative\n"
      "  trace-replay compare KTH-SP2-1996-2.swf.gz --procs 100 --policies easy,saf --promote-after 144000 \\\n"
      "      --replicas 30 --shake 30\n"
      "  trace-replay compare KTH-SP2-1996-2.swf.gz --cluster kth-sp2 --allocation whole-nodes --energy \\\n"
      "      --policies easy,easy@timeout:900,easy@forecast:0.03");
  command->callback([options] { compare(*options); });
}

}  // namespace wattfill::cli
