// What run and compare have in common: the options, and from them workload, machine, policy and replay.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "backfill/model/cluster.hpp"
#include "backfill/policy/policy_spec.hpp"
#include "backfill/topology/network.hpp"
#include "trace-replay/cli/cluster_options.hpp"
#include "trace-replay/cli/yardsticks.hpp"
#include "trace-replay/energy/energy_report.hpp"
#include "trace-replay/engine/replay.hpp"
#include "trace-replay/metrics/summary.hpp"
#include "trace-replay/output/allocation_log.hpp"
#include "trace-replay/output/power_change_log.hpp"
#include "trace-replay/output/prediction_log.hpp"
#include "trace-replay/workload/workload.hpp"

namespace wattfill::cli {

struct ExperimentOptions {
  std::string trace;
  std::int64_t processors = 0;
  std::string cluster;
  std::string allocation;
  std::string placement;
  std::string power;
  double energy_slowdown = -1;
  std::string power_cap;
  std::string frequency;
  std::string shift;
  std::int64_t widest = 0;
  LimitRule limit = LimitRule::kScaled;
  double stretch_per_hop = 0;
  bool no_energy = false;
  double boot_failures = 0;
  std::string estimates;
  std::string fit_estimates;
  std::string order_estimates;
  std::string fill_estimates;
  std::string model;
  std::string plugin;        // a libwattfill.so; empty: the built-in scheduler
  std::string decision_log;  // of the plugin; empty: none
  std::string pass = "each-instant";
  std::int64_t promote_after_s = -1;
  bool closed_loop = false;
  bool dependencies = false;
  bool cancellations = false;
  bool lenient = false;
  double warm_up = 0.1;
  double cool_down = 0.1;
  std::uint64_t seed = 1;
  std::string output;
  bool no_report = false;
  bool quiet = false;
  bool json = false;
};

// Adds the options to a subcommand.
void add_experiment_options(CLI::App& command, ExperimentOptions& options);

// The machine of --cluster (a bundled name or a file), or one node type for --procs. Throws UsageError, ConfigError.
Cluster machine(const ExperimentOptions& options);

// A preset's name or a policy file, '@' and how nodes sleep behind it if wished (easy@timeout:900), with the command
// line's estimates and promotion put in; all its estimate sources are known. Throws UsageError; ConfigError or
// InputError for a wrong file.
PolicySpec policy(const std::string& name_or_file, const ExperimentOptions& options);

Workload workload(const ExperimentOptions& options, const Cluster& machine);

struct Outcome {
  ReplayResult result;
  Summary summary;
  std::optional<EnergyReport> energy;          // where the cluster says what its nodes draw
  std::optional<Yardsticks> yardsticks;        // and nodes are given whole
  std::unique_ptr<AllocationLog> allocations;  // where nodes have an identity and the output is wanted
  std::shared_ptr<const Network> network;      // the one between them
  // Where the output is wanted.
  std::unique_ptr<PowerChangeLog> power_changes;
  std::unique_ptr<PredictionLog> predictions;
};

// Replays a workload under a policy; energy is metered until the last end, or until `horizon` if that is later.
// Deterministic.
Outcome replay_policy(const Workload& workload, const Cluster& machine, const PolicySpec& policy,
                      const ExperimentOptions& options, SimTime horizon = -kForever + SimTime{});

// True when the policy's fit estimates never fall short.
bool fit_is_upper_bound(const PolicySpec& policy);

// The command line, for the record.
void remember_command_line(int argc, char** argv);
const std::string& command_line();

}  // namespace wattfill::cli
