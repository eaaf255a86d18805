// Does the cost of a job stay flat as the queue grows? The same number of jobs at a low and at a high load.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "bench/program.hpp"
#include "bench/replay_timing.hpp"
#include "trace-replay/workload/recipe.hpp"

namespace {

using namespace wattfill;
using bench::ReplayTiming;

struct Arguments {
  std::string low;
  std::string high;
  std::int32_t processors = 0;
  std::vector<std::string> policies = {"easy", "easy-sjbf", "sjf", "saf", "wfp3", "unicep", "f1", "f2", "f3", "f4"};
  int repetitions = 3;
};

// The repetitions of a policy at both loads take turns, so that a noisy minute of the machine meets both.
void measure(const Arguments& a) {
  RecipeOptions recipe;
  recipe.processors = a.processors;
  const Workload low = load_workload(a.low, recipe);
  const Workload high = load_workload(a.high, recipe);
  fmt::print(
      "| policy | jobs | us a job, low load | longest queue | us a job, high load | longest queue | ratio |\n"
      "|---|---:|---:|---:|---:|---:|---:|\n");
  for (const std::string& name : a.policies) {
    const PolicySpec policy = bench::preset(name, "", "");
    ReplayTiming at_low(low, {a.processors}, policy, PassRule::kEachInstant);
    ReplayTiming at_high(high, {a.processors}, policy, PassRule::kEachInstant);
    for (int repetition = 0; repetition < a.repetitions; ++repetition) {
      at_low.run();
      at_high.run();
    }
    const double low_us = 1e6 / at_low.best_rate();
    const double high_us = 1e6 / at_high.best_rate();
    fmt::print("| {} | {} | {:.3f} | {} | {:.3f} | {} | {:.2f} |\n", name, at_high.jobs(), low_us,
               at_low.longest_queue(), high_us, at_high.longest_queue(), high_us / low_us);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Compares the cost of a job at a low and at a high load, best of several replays each");
  app.add_option("low", arguments.low, "trace at the low load")->required();
  app.add_option("high", arguments.high, "trace at the high load")->required();
  app.add_option("processors", arguments.processors, "processors of the machine")
      ->required()
      ->check(CLI::Range(1, std::numeric_limits<std::int32_t>::max()));
  app.add_option("--policies", arguments.policies, "presets, separated by commas")->delimiter(',');
  app.add_option("--repetitions", arguments.repetitions, "replays of each")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return bench::run_program(app, argc, argv, [&arguments] { measure(arguments); });
}
