// The simulation alone, by policy: jobs per second of the engine and the scheduler on a workload in memory.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/program.hpp"
#include "bench/replay_timing.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace {

using namespace wattfill;
using bench::ReplayTiming;

struct Arguments {
  std::string trace;
  std::string machine;
  std::string allocation;
  bool metered = false;
  std::vector<std::string> policies;
  std::string estimates;
  std::string fit_estimates;
  std::string order_estimates;
  std::string pass = "each-instant";
  std::string label;
  int repetitions = 5;
  bool json = false;
  bool markdown = false;
  bool no_header = false;
};

void add_options(CLI::App& app, Arguments& a) {
  app.add_option("trace", a.trace, "trace in SWF, plain or .gz")->required();
  app.add_option("machine", a.machine, "so many processors, or a cluster: a bundled name or a file")->required();
  app.add_option("policies", a.policies, "presets, separated by commas")->required()->delimiter(',');
  app.add_option("--allocation", a.allocation, "how jobs take the cluster, instead of what it says")
      ->check(CLI::IsMember({"counts", "whole-nodes", "cores"}));
  app.add_flag("--metered", a.metered, "meter the cluster's energy too");
  app.add_option("--estimates", a.estimates, "estimate source for fitting and ordering");
  app.add_option("--fit-estimates", a.fit_estimates, "estimate source to fit and to reserve");
  app.add_option("--order-estimates", a.order_estimates, "estimate source to order");
  app.add_option("--pass", a.pass, "when to schedule")
      ->check(CLI::IsMember({"each-instant", "each-event"}))
      ->capture_default_str();
  app.add_option("--repetitions", a.repetitions, "replays of each policy, taken in turns")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--label", a.label, "what the rows call the trace; its file name without this");
  app.add_flag("--json", a.json, "print JSON");
  app.add_flag("--markdown", a.markdown, "print rows of a Markdown table");
  app.add_flag("--no-header", a.no_header, "leave out the table's head");
  app.footer(
      "Examples:\n  replay_bench HPC2N-2002-2.2-cln.swf.gz 240 easy,easy-sjbf,saf --repetitions 11\n"
      "  replay_bench SDSC-BLUE-2000-4.2-cln.swf.gz sdsc-blue easy --allocation cores --metered");
}

void print_json(const std::string& label, const std::vector<ReplayTiming>& timings) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const ReplayTiming& t : timings)
    rows.push_back({{"trace", label},
                    {"policy", t.policy().name},
                    {"jobs", t.jobs()},
                    {"repetitions", t.runs()},
                    {"best_jobs_per_s", t.best_rate()},
                    {"median_jobs_per_s", t.median_rate()},
                    {"longest_queue", t.longest_queue()}});
  fmt::print("{}\n", rows.dump(2));
}

void print_table(const Arguments& a, const std::string& label, const std::vector<ReplayTiming>& timings) {
  if (a.markdown) {
    if (!a.no_header)
      fmt::print(
          "| trace | policy | jobs | M jobs/s, best | M jobs/s, median | longest queue |\n"
          "|---|---|---:|---:|---:|---:|\n");
    for (const ReplayTiming& t : timings)
      fmt::print("| {} | {} | {} | {:.3f} | {:.3f} | {} |\n", label, t.policy().name, t.jobs(), t.best_rate() / 1e6,
                 t.median_rate() / 1e6, t.longest_queue());
    return;
  }
  if (!a.no_header)
    fmt::print("{:<32} {:<14} {:>9} {:>14} {:>16} {:>13}\n", "trace", "policy", "jobs", "best jobs/s", "median jobs/s",
               "longest queue");
  for (const ReplayTiming& t : timings)
    fmt::print("{:<32} {:<14} {:>9} {:>14.0f} {:>16.0f} {:>13}\n", label, t.policy().name, t.jobs(), t.best_rate(),
               t.median_rate(), t.longest_queue());
}

void measure(const Arguments& a) {
  const std::string& fit = a.fit_estimates.empty() ? a.estimates : a.fit_estimates;
  const std::string& order = a.order_estimates.empty() ? a.estimates : a.order_estimates;
  const bench::BenchMachine machine = bench::bench_machine(a.machine, a.allocation, a.metered);
  RecipeOptions recipe;
  recipe.processors = machine.processors;
  const Workload workload = load_workload(a.trace, recipe);
  const PassRule pass = a.pass == "each-event" ? PassRule::kEachEvent : PassRule::kEachInstant;
  std::vector<ReplayTiming> timings;
  for (const std::string& name : a.policies)
    timings.emplace_back(workload, machine, bench::preset(name, fit, order), pass);
  for (int repetition = 0; repetition < a.repetitions; ++repetition)
    for (ReplayTiming& timing : timings) timing.run();

  const std::string label = a.label.empty() ? std::filesystem::path(a.trace).filename().string() : a.label;
  if (a.json)
    print_json(label, timings);
  else
    print_table(a, label, timings);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Times the simulation alone: engine and scheduler, one thread, workload in memory");
  add_options(app, arguments);
  return bench::run_program(app, argc, argv, [&arguments] { measure(arguments); });
}
