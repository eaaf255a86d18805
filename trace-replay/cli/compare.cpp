// trace-replay compare: one trace, several policies, and how sure the difference is.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/experiment.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/output/run_directory.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace wattfill::cli {
namespace {

struct CompareOptions {
  ExperimentOptions experiment;
  std::vector<std::string> policies;
  int replicas = 1;
  std::int64_t shake_s = 0;
};

// One column of the table.
struct Column {
  const char* key;  // in comparison.json
  const char* title;
  int precision;
  double scale;
  double (*value)(const Summary&);
};

constexpr double kHour = 1.0 / 3600;
const Column kColumns[] = {
    {"mean_bounded_slowdown", "AVEbsld", 2, 1, [](const Summary& s) { return s.all.mean_bounded_slowdown; }},
    {"geometric_mean_bounded_slowdown", "geo.bsld", 2, 1,
     [](const Summary& s) { return s.all.geometric_mean_bounded_slowdown; }},
    {"mean_wait_s", "wait s", 0, 1, [](const Summary& s) { return s.all.mean_wait_s; }},
    {"p95_wait_s", "p95 h", 2, kHour, [](const Summary& s) { return s.all.p95_wait_s; }},
    {"p999_wait_s", "p99.9 h", 1, kHour, [](const Summary& s) { return s.all.p999_wait_s; }},
    {"max_wait_s", "max h", 1, kHour, [](const Summary& s) { return static_cast<double>(s.all.max_wait_s); }},
    {"widest_eighth_mean_wait_s", "wide s", 0, 1, [](const Summary& s) { return s.all.widest_eighth_mean_wait_s; }},
    {"utilization", "util %", 1, 100, [](const Summary& s) { return s.utilization; }},
    {"backfilled_jobs", "backfilled", 0, 1,
     [](const Summary& s) { return static_cast<double>(s.all.backfilled_jobs); }},
    {"fairness_jain", "Jain", 3, 1, [](const Summary& s) { return s.all.fairness_jain; }},
};

struct Moments {
  double mean = 0;
  double deviation = 0;  // of the sample
};

Moments moments(const std::vector<Summary>& replicas, const Column& column) {
  Moments m;
  const auto n = static_cast<double>(replicas.size());
  for (const Summary& s : replicas) m.mean += column.value(s) / n;
  if (replicas.size() < 2) return m;
  for (const Summary& s : replicas) m.deviation += std::pow(column.value(s) - m.mean, 2) / (n - 1);
  m.deviation = std::sqrt(m.deviation);
  return m;
}

struct Row {
  PolicySpec policy;
  std::vector<Summary> replicas;
};

void print_table(const std::vector<Row>& rows, bool spread) {
  std::size_t widest = 6;
  for (const Row& row : rows) widest = std::max(widest, row.policy.name.size());
  const int width = spread ? 17 : 10;
  fmt::print("{:<{}}", "policy", widest);
  for (const Column& column : kColumns) fmt::print(" {:>{}}", column.title, width);
  fmt::print("\n");
  for (const Row& row : rows) {
    fmt::print("{:<{}}", row.policy.name, widest);
    for (const Column& column : kColumns) {
      const Moments m = moments(row.replicas, column);
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
    for (const Column& column : kColumns) {
      const Moments m = moments(row.replicas, column);
      entry[column.key] = {{"mean", m.mean}, {"standard_deviation", m.deviation}};
      for (const Summary& s : row.replicas) entry[column.key]["values"].push_back(column.value(s));
    }
    json["policies"].push_back(entry);
  }
  // A path need not be UTF-8; what is not is shown as U+FFFD.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void check_work(const std::vector<Row>& rows) {
  const std::int64_t work = rows.front().replicas.front().work_processor_s;
  for (const Row& row : rows)
    for (const Summary& s : row.replicas)
      if (s.work_processor_s != work)
        fmt::print(stderr, "warning: {} completed {} processor-seconds, {} completed {}\n", row.policy.name,
                   s.work_processor_s, rows.front().policy.name, work);
}

void compare(const CompareOptions& options) {
  const ExperimentOptions& experiment = options.experiment;
  if (options.replicas > 1 && options.shake_s == 0)
    throw UsageError("--replicas needs --shake S: without it all replicas are the same");
  const Cluster cluster = machine(experiment);
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
  const auto processors = static_cast<std::int32_t>(cluster.processors());
  for (int replica = 0; replica < options.replicas; ++replica) {
    Workload moved;
    if (options.shake_s > 0)
      moved = shaken(recorded, Seconds{options.shake_s}, experiment.seed + static_cast<std::uint64_t>(replica));
    const Workload& jobs = options.shake_s > 0 ? moved : recorded;
    for (Row& row : rows) {
      Outcome outcome = replay_policy(jobs, cluster, row.policy, experiment);
      if (!experiment.output.empty() && options.replicas == 1)
        write_run_directory(experiment.output + "/" + row.policy.name, jobs, outcome.result, outcome.summary,
                            {command_line(), row.policy.name, cluster.name, processors});
      row.replicas.push_back(std::move(outcome.summary));
    }
  }
  check_work(rows);
  const std::string json = comparison_json(rows, options, cluster);
  if (experiment.json)
    fmt::print("{}", json);
  else if (!experiment.quiet)
    print_table(rows, options.replicas > 1);
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
      "      --replicas 30 --shake 30");
  command->callback([options] { compare(*options); });
}

}  // namespace wattfill::cli
