// Several policies side by side: what is kept of each replay, the tables and their JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "backfill/policy/policy_spec.hpp"
#include "trace-replay/cli/yardsticks.hpp"
#include "trace-replay/energy/energy_report.hpp"
#include "trace-replay/metrics/blocks.hpp"
#include "trace-replay/metrics/summary.hpp"
#include "trace-replay/statistics/claim.hpp"

namespace wattfill::cli {

// One replay of one policy, kept without its jobs.
struct Replica {
  Summary summary;
  std::vector<Block> blocks;
  std::optional<EnergyReport> energy;
  std::optional<Yardsticks> yardsticks;
  SimTime end{};

  double joules() const { return static_cast<double>(energy->it.total().count) / 1000; }
  // Energy times the mean time from submission to end.
  double energy_delay() const { return joules() * summary.all.mean_flow_s; }
};

// One policy, on every replica of the jobs.
struct Row {
  PolicySpec policy;
  std::vector<Replica> replicas;
};

// The first row is the baseline, with as many replicas as every other. Figures of energy only where each replica has
// them.
void print_tables(const std::vector<Row>& rows, bool energy);

// The array "policies" of comparison.json.
nlohmann::ordered_json policies_json(const std::vector<Row>& rows, bool energy);

// Of every policy after the first against it.
std::vector<Claim> claims_of(const std::vector<Row>& rows, const std::string& trace, std::uint64_t seed);

}  // namespace wattfill::cli
