// trace-replay compare: one trace, several policies, and how sure the difference is.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <vector>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/experiment.hpp"
#include "trace-replay/cli/metering.hpp"
#include "trace-replay/cli/run_files.hpp"
#include "trace-replay/cli/yardsticks.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace wattfill::cli {
namespace {

struct CompareOptions {
  ExperimentOptions experiment;
  std::vector<std::string> policies;
  bool energy = false;
  int replicas = 1;
  std::int64_t shake_s = 0;
};

// One replay of one policy, kept without its jobs.
struct Replica {
  Summary summary;
  std::optional<EnergyReport> energy;
  std::optional<Yardsticks> yardsticks;
  SimTime end{};

  double joules() const { return static_cast<double>(energy->it.total().count) / 1000; }
  // Energy times the mean time from submission to end.
  double energy_delay() const { return joules() * summary.all.mean_flow_s; }
};

// One column of a table. `baseline` is the first policy's replay of the same jobs.
struct Column {
  const char* key;  // in comparison.json
  const char* title;
  int precision;
  double scale;
  double (*value)(const Replica& r, const Replica& baseline);
};

constexpr double kHour = 1.0 / 3600;
const Column kColumns[] = {
    {"mean_bounded_slowdown", "AVEbsld", 2, 1,
     [](const Replica& r, const Replica&) { return r.summary.all.mean_bounded_slowdown; }},
    {"geometric_mean_bounded_slowdown", "geo.bsld", 2, 1,
     [](const Replica& r, const Replica&) { return r.summary.all.geometric_mean_bounded_slowdown; }},
    {"mean_wait_s", "wait s", 0, 1, [](const Replica& r, const Replica&) { return r.summary.all.mean_wait_s; }},
    {"p95_wait_s", "p95 h", 2, kHour, [](const Replica& r, const Replica&) { return r.summary.all.p95_wait_s; }},
    {"p999_wait_s", "p99.9 h", 1, kHour, [](const Replica& r, const Replica&) { return r.summary.all.p999_wait_s; }},
    {"max_wait_s", "max h", 1, kHour,
     [](const Replica& r, const Replica&) { return static_cast<double>(r.summary.all.max_wait_s); }},
    {"widest_eighth_mean_wait_s", "wide s", 0, 1,
     [](const Replica& r, const Replica&) { return r.summary.all.widest_eighth_mean_wait_s; }},
    {"utilization", "util %", 1, 100, [](const Replica& r, const Replica&) { return r.summary.utilization; }},
    {"backfilled_jobs", "backfilled", 0, 1,
     [](const Replica& r, const Replica&) { return static_cast<double>(r.summary.all.backfilled_jobs); }},
    {"fairness_jain", "Jain", 3, 1, [](const Replica& r, const Replica&) { return r.summary.all.fairness_jain; }},
};

double share_of_ceiling(const Replica& r, const Replica&) {
  const Yardsticks& y = *r.yardsticks;
  const auto attainable = static_cast<double>((y.always_on - y.ceiling).count);
  return attainable > 0 ? static_cast<double>((y.always_on - r.energy->it.total()).count) / attainable : 0;
}

const Column kEnergyColumns[] = {
    {"it_energy_j", "energy GJ", 3, 1e-9, [](const Replica& r, const Replica&) { return r.joules(); }},
    {"saved", "saved %", 2, 100, [](const Replica& r, const Replica& b) { return 1 - r.joules() / b.joules(); }},
    {"share_of_oracle_saving", "oracle %", 1, 100,
     [](const Replica& r, const Replica&) { return r.yardsticks->share_saved(r.energy->it.total()); }},
    {"share_of_ceiling_saving", "ceiling %", 1, 100, share_of_ceiling},
    {"idle_share", "idle %", 2, 100,
     [](const Replica& r, const Replica&) {
       return static_cast<double>(r.energy->it[Component::kIdle].count) / 1000 / r.joules();
     }},
    {"transition_share", "transit %", 2, 100,
     [](const Replica& r, const Replica&) {
       return static_cast<double>(r.energy->it[Component::kTransition].count) / 1000 / r.joules();
     }},
    {"mean_boot_wait_s", "boot s", 2, 1,
     [](const Replica& r, const Replica&) { return r.summary.all.mean_boot_wait_s; }},
    {"added_wait_s", "added s", 1, 1,
     [](const Replica& r, const Replica& b) { return r.summary.all.mean_wait_s - b.summary.all.mean_wait_s; }},
    {"boot_delayed_jobs", "delayed", 0, 1,
     [](const Replica& r, const Replica&) { return static_cast<double>(r.summary.all.boot_delayed_jobs); }},
    {"wakes", "wakes", 0, 1, [](const Replica& r, const Replica&) { return static_cast<double>(r.energy->wakes); }},
    {"energy_delay", "EDP rel.", 3, 1,
     [](const Replica& r, const Replica& b) { return r.energy_delay() / b.energy_delay(); }},
};
const Column kLowerBound = {"above_lower_bound", "bound +%", 2, 100, [](const Replica& r, const Replica&) {
                              return r.joules() * 1000 / static_cast<double>(r.yardsticks->least->bound.count) - 1;
                            }};
const Column kCost = {"cost", "cost", 0, 1, [](const Replica& r, const Replica&) {
                        return static_cast<double>(*r.energy->cost_millionths) / 1e6;
                      }};
const Column kCarbon = {"co2_kg", "CO2 kg", 0, 1, [](const Replica& r, const Replica&) {
                          return static_cast<double>(*r.energy->carbon_mg) / 1e6;
                        }};
const Column kAboveCap = {"above_cap_s", "above cap s", 0, 1, [](const Replica& r, const Replica&) {
                            return static_cast<double>(r.energy->cap->above.count());
                          }};

struct Moments {
  double mean = 0;
  double deviation = 0;  // of the sample
};

struct Row {
  PolicySpec policy;
  std::vector<Replica> replicas;
};

Moments moments(const Row& row, const Row& baseline, const Column& column) {
  Moments m;
  const auto n = static_cast<double>(row.replicas.size());
  std::vector<double> values;
  for (std::size_t i = 0; i < row.replicas.size(); ++i)
    values.push_back(column.value(row.replicas[i], baseline.replicas[i]));
  for (const double v : values) m.mean += v / n;
  if (values.size() < 2) return m;
  for (const double v : values) m.deviation += std::pow(v - m.mean, 2) / (n - 1);
  m.deviation = std::sqrt(m.deviation);
  return m;
}

// Those of the energy that these replays have a figure for.
std::vector<Column> energy_columns(const Replica& replica) {
  std::vector<Column> columns(std::begin(kEnergyColumns), std::end(kEnergyColumns));
  if (replica.yardsticks->least) columns.push_back(kLowerBound);
  if (replica.energy->cost_millionths) columns.push_back(kCost);
  if (replica.energy->carbon_mg) columns.push_back(kCarbon);
  if (replica.energy->cap) columns.push_back(kAboveCap);
  return columns;
}

void print_table(const std::vector<Row>& rows, std::span<const Column> columns) {
  const bool spread = rows.front().replicas.size() > 1;
  std::size_t widest = 6;
  for (const Row& row : rows) widest = std::max(widest, row.policy.name.size());
  const int width = spread ? 17 : 10;
  fmt::print("{:<{}}", "policy", widest);
  for (const Column& column : columns) fmt::print(" {:>{}}", column.title, width);
  fmt::print("\n");
  for (const Row& row : rows) {
    fmt::print("{:<{}}", row.policy.name, widest);
    for (const Column& column : columns) {
      const Moments m = moments(row, rows.front(), column);
      std::string cell = fmt::format("{:.{}f}", m.mean * column.scale, column.precision);
      std::size_t bytes_beyond = 0;
      if (spread) {
        cell += fmt::format(" ± {:.{}f}", m.deviation * column.scale, column.precision);
        bytes_beyond = 1;  // the sign takes two bytes and one column
      }
      fmt::print(" {:>{}}", cell, static_cast<std::size_t>(width) + bytes_beyond);
    }
    fmt::print("\n");
  }
}

void put(nlohmann::ordered_json& entry, const Row& row, const Row& baseline, const Column& column) {
  const Moments m = moments(row, baseline, column);
  entry[column.key] = {{"mean", m.mean}, {"standard_deviation", m.deviation}};
  for (std::size_t i = 0; i < row.replicas.size(); ++i)
    entry[column.key]["values"].push_back(column.value(row.replicas[i], baseline.replicas[i]));
}

std::string comparison_json(const std::vector<Row>& rows, const CompareOptions& options, const Cluster& cluster) {
  nlohmann::ordered_json json;
  json["command"] = command_line();
  json["trace"] = options.experiment.trace;
  json["processors"] = cluster.processors();
  json["replicas"] = options.replicas;
  json["shake_s"] = options.shake_s;
  json["seed"] = options.experiment.seed;
  for (const Row& row : rows) {
    nlohmann::ordered_json entry;
    entry["policy"] = row.policy.name;
    for (const Column& column : kColumns) put(entry, row, rows.front(), column);
    if (options.energy)
      for (const Column& column : energy_columns(row.replicas.front())) put(entry, row, rows.front(), column);
    json["policies"].push_back(entry);
  }
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
                    SimTime horizon) {
  const ExperimentOptions& experiment = options.experiment;
  Outcome outcome = replay_policy(jobs, cluster, row.policy, experiment, horizon);
  if (!experiment.output.empty() && options.replicas == 1)
    write_run(experiment.output + "/" + row.policy.name, jobs, cluster, row.policy, outcome);
  return {outcome.summary, std::move(outcome.energy), std::move(outcome.yardsticks), last_end(outcome.result)};
}

// Every policy on the same jobs. Energy is compared over one horizon: what ended before the others is replayed again
// until then.
void replay_all(const Workload& jobs, const Cluster& cluster, std::vector<Row>& rows, const CompareOptions& options) {
  SimTime horizon = -kForever + SimTime{};
  for (Row& row : rows) {
    row.replicas.push_back(replay_once(jobs, cluster, row, options, -kForever + SimTime{}));
    horizon = std::max(horizon, row.replicas.back().end);
  }
  if (!options.energy) return;
  for (Row& row : rows)
    if (row.replicas.back().end < horizon) row.replicas.back() = replay_once(jobs, cluster, row, options, horizon);
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
  for (int replica = 0; replica < options.replicas; ++replica) {
    Workload moved;
    if (options.shake_s > 0)
      moved = shaken(recorded, Seconds{options.shake_s}, experiment.seed + static_cast<std::uint64_t>(replica));
    const Workload& jobs = options.shake_s > 0 ? moved : recorded;
    replay_all(jobs, cluster, rows, options);
  }
  check_work(rows);
  const std::string json = comparison_json(rows, options, cluster);
  if (experiment.json)
    fmt::print("{}", json);
  else if (!experiment.quiet)
    print_table(rows, kColumns);
  if (options.energy && !experiment.json && !experiment.quiet) {
    fmt::print("\n");
    print_table(rows, energy_columns(rows.front().replicas.front()));
  }
  if (experiment.output.empty()) return;
  make_directory(experiment.output);
  AtomicFile file(experiment.output + "/comparison.json");
  file.write(json);
  file.commit();
  if (!experiment.quiet && !experiment.json) fmt::print("written to {}\n", experiment.output);
  write_report_of(experiment);
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
