// trace-replay policies and trace-replay clusters: what comes with the program.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "backfill/config/config.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/experiment.hpp"
#include "trace-replay/engine/estimate_sources.hpp"
#include "trace-replay/errors.hpp"

namespace wattfill::cli {
namespace {

void list_policies(const std::string& shown) {
  if (!shown.empty()) {
    const PolicySpec* preset = find_policy(shown);
    if (preset == nullptr) throw UsageError(fmt::format("policy \"{}\": there is no such preset", shown));
    fmt::print("{}", policy_text(*preset));
    return;
  }
  std::size_t widest = 0;
  for (const PolicySpec& p : policy_presets()) widest = std::max(widest, p.name.size());
  for (const PolicySpec& p : policy_presets()) {
    fmt::print("{:<{}}  {}\n", p.name, widest, p.description);
    fmt::print("{:<{}}  bound on waiting: {}\n", "", widest, waiting_bound(p, fit_is_upper_bound(p)));
  }
  fmt::print(
      "\nWith --promote-after S a job that has waited S seconds joins an arrival-ordered list before all others.\n");
  fmt::print("Estimate sources:\n");
  for (const EstimateSourceInfo& s : all_estimate_sources()) fmt::print("  {:<12} {}\n", s.name, s.description);
}

void list_clusters() {
  std::size_t widest = 0;
  for (const Cluster& c : bundled_clusters()) widest = std::max(widest, c.name.size());
  for (const Cluster& c : bundled_clusters())
    fmt::print("{:<{}}  {:>6} nodes  {:>6} processors  {}\n", c.name, widest, c.nodes(), c.processors(), c.description);
}

}  // namespace

void add_policies_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("policies", "List the policies that come with the program, and the bound each keeps");
  auto shown = std::make_shared<std::string>();
  command->add_option("--show", *shown, "Print a preset as the file that it is, to start one's own from");
  command->footer("Example:\n  trace-replay policies --show easy > mine.textproto");
  command->callback([shown] { list_policies(*shown); });
}

void add_clusters_command(CLI::App& app) {
  auto* command = app.add_subcommand("clusters", "List the clusters that come with the program");
  command->footer("Example:\n  trace-replay clusters");
  command->callback([] { list_clusters(); });
}

}  // namespace wattfill::cli
