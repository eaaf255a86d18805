// trace-replay run: one trace, one policy.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/experiment.hpp"
#include "trace-replay/cli/run_files.hpp"
#include "trace-replay/energy/energy_output.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace wattfill::cli {
namespace {

void print(const Workload& w, const Cluster& machine, const PolicySpec& policy, const Outcome& outcome) {
  const Summary& s = outcome.summary;
  const auto line = [](const char* name, const std::string& value) { fmt::print("  {:<38} {:>14}\n", name, value); };
  const auto hours = [](auto seconds) { return fmt::format("{:.2f} h", static_cast<double>(seconds) / 3600); };
  fmt::print("{}: {}", w.name, describe_recipe(w));
  fmt::print("{} on {} processors\n", policy.name, machine.processors());
  line("jobs", fmt::format("{}", s.all.jobs));
  line("mean bounded slowdown (AVEbsld)", fmt::format("{:.2f}", s.all.mean_bounded_slowdown));
  line("geometric mean bounded slowdown", fmt::format("{:.2f}", s.all.geometric_mean_bounded_slowdown));
  line("mean wait", fmt::format("{:.1f} s", s.all.mean_wait_s));
  line("median wait", fmt::format("{:.0f} s", s.all.median_wait_s));
  line("95th percentile of the wait", hours(s.all.p95_wait_s));
  line("99.9th percentile of the wait", hours(s.all.p999_wait_s));
  line("longest wait", hours(s.all.max_wait_s));
  if (policy.power.manages())
    line("waiting for nodes to wake, mean",
         fmt::format("{:.2f} s, {} jobs", s.all.mean_boot_wait_s, s.all.boot_delayed_jobs));
  line("utilisation", fmt::format("{:.2f} %", s.utilization * 100));
  line("backfilled", fmt::format("{}", s.all.backfilled_jobs));
  line("fairness between users (Jain)", fmt::format("{:.3f}", s.all.fairness_jain));
  if (s.cancelled > 0) line("cancelled", fmt::format("{}", s.cancelled));
  if (s.unfinished > 0) line("unfinished", fmt::format("{}", s.unfinished));
  line("work at the reference speed", fmt::format("{} processor-h", s.work_processor_s / 3600));
  if (!outcome.energy) return;
  for (const auto& [name, value] : energy_text(*outcome.energy)) line(name.c_str(), value);
  if (!outcome.yardsticks) return;
  for (const auto& [name, value] : yardstick_text(*outcome.yardsticks, outcome.energy->it.total()))
    line(name.c_str(), value);
}

std::string figures_json(const Outcome& outcome) {
  auto json = nlohmann::ordered_json::parse(summary_json(outcome.summary));
  if (outcome.energy) json["energy"] = nlohmann::ordered_json::parse(energy_json(*outcome.energy));
  if (outcome.yardsticks)
    json["yardsticks"] = nlohmann::ordered_json::parse(yardstick_json(*outcome.yardsticks, outcome.energy->it.total()));
  return json.dump(2);
}

void run(const ExperimentOptions& options, const std::string& policy_name) {
  const Cluster cluster = machine(options);
  const PolicySpec spec = policy(policy_name, options);
  const Workload jobs = workload(options, cluster);
  const Outcome outcome = replay_policy(jobs, cluster, spec, options);
  if (options.json)
    fmt::print("{}\n", figures_json(outcome));
  else if (!options.quiet)
    print(jobs, cluster, spec, outcome);
  if (options.output.empty()) return;
  write_run(options.output, jobs, cluster, spec, outcome);
  if (!options.quiet && !options.json) fmt::print("written to {}\n", options.output);
  write_report_of(options);
}

}  // namespace

void add_run_command(CLI::App& app) {
  auto* command = app.add_subcommand("run", "Replay a trace under a policy");
  auto options = std::make_shared<ExperimentOptions>();
  auto policy_name = std::make_shared<std::string>();
  add_experiment_options(*command, *options);
  command->add_option("--policy", *policy_name, "Policy: a preset (see: trace-replay policies) or a file")->required();
  command->footer(
      "Examples:\n"
      "  trace-replay run KTH-SP2-1996-2.swf.gz --procs 100 --policy easy\n"
      "  trace-replay run KTH-SP2-1996-2.swf.gz --cluster kth-sp2 --policy easy-sjbf --estimates clairvoyant \\\n"
      "      --pass each-event --output run/\n"
      "  zcat trace.swf.gz | trace-replay run - --procs 240 --policy my-policy.textproto --json");
  command->callback([options, policy_name] { run(*options, *policy_name); });
}

}  // namespace wattfill::cli
