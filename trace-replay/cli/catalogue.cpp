// trace-replay policies and trace-replay clusters: what comes with the program.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "backfill/config/config.hpp"
#include "backfill/config/embedded_text.hpp"
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
      "\nWith --promote-after S a job that has waited S seconds joins an arrival-ordered list before all others. Where "
      "the\npolicy names promotion_backlog_percent, the seconds count from when so much of the work that waited before "
      "it\nhas left; with promotion_age_percent they are no less than that share of the longest time that this took "
      "within\nthe last year.\n");
  fmt::print("Estimate sources:\n");
  for (const EstimateSourceInfo& s : replay_estimate_sources()) fmt::print("  {:<12} {}\n", s.name, s.description);
}

double kilowatts(std::int64_t milliwatts) { return static_cast<double>(milliwatts) / 1e6; }

// "13.7-27.5 kW": all nodes idle, all nodes busy.
std::string power_range(const Cluster& cluster) {
  Milliwatts idle;
  Milliwatts active;
  for (const NodeType& type : cluster.node_types) {
    idle += type.power.idle * type.count;
    active += type.power.active * type.count;
  }
  return fmt::format("{:.1f}-{:.1f} kW", kilowatts(idle.count), kilowatts(active.count));
}

// As the file that it is: its comments say where the numbers come from.
void show_cluster(const std::string& name) {
  for (const EmbeddedText& e : embedded_clusters())
    if (e.file == name + ".textproto") return fmt::print("{}", e.text);
  throw UsageError(fmt::format("cluster \"{}\": there is no such bundled cluster", name));
}

void list_clusters() {
  std::size_t widest = 0;
  for (const Cluster& c : bundled_clusters()) widest = std::max(widest, c.name.size());
  for (const Cluster& c : bundled_clusters())
    fmt::print("{:<{}}  {:>6} nodes  {:>7} processors  {:>17}  {}\n", c.name, widest, c.nodes(), c.processors(),
               power_range(c), c.description);
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
  auto shown = std::make_shared<std::string>();
  command->add_option("--show", *shown, "Print a cluster as the file that it is, to start one's own from");
  command->footer(
      "The power is that of all nodes idle, and of all nodes busy.\n\n"
      "Examples:\n  trace-replay clusters\n  trace-replay clusters --show hetero-small > mine.textproto");
  command->callback([shown] { shown->empty() ? list_clusters() : show_cluster(*shown); });
}

}  // namespace wattfill::cli
