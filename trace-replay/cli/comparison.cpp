#include "trace-replay/cli/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>

#include "trace-replay/metrics/block_claims.hpp"
#include "trace-replay/statistics/moments.hpp"

namespace wattfill::cli {
namespace {

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

std::vector<double> values_of(const Row& row, const Row& baseline, const Column& column) {
  std::vector<double> values(row.replicas.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = column.value(row.replicas[i], baseline.replicas[i]);
  return values;
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
      const Moments m = moments(values_of(row, rows.front(), column));
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
  const std::vector<double> values = values_of(row, baseline, column);
  const Moments m = moments(values);
  entry[column.key] = {{"mean", m.mean}, {"standard_deviation", m.deviation}, {"values", values}};
}

}  // namespace

void print_tables(const std::vector<Row>& rows, bool energy) {
  print_table(rows, kColumns);
  if (!energy) return;
  fmt::print("\n");
  print_table(rows, energy_columns(rows.front().replicas.front()));
}

nlohmann::ordered_json policies_json(const std::vector<Row>& rows, bool energy) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json entry;
    entry["policy"] = row.policy.name;
    for (const Column& column : kColumns) put(entry, row, rows.front(), column);
    if (energy)
      for (const Column& column : energy_columns(row.replicas.front())) put(entry, row, rows.front(), column);
    for (const Replica& replica : row.replicas) entry["blocks"].push_back(blocks_json(replica.blocks));
    json.push_back(std::move(entry));
  }
  return json;
}

std::vector<Claim> claims_of(const std::vector<Row>& rows, const std::string& trace, std::uint64_t seed) {
  std::vector<std::string> policies;
  TraceBlocks blocks{trace, {SettingBlocks()}};
  for (const Row& row : rows) {
    policies.push_back(row.policy.name);
    std::vector<std::vector<Block>>& replicas = blocks.settings.front().emplace_back();
    for (const Replica& replica : row.replicas) replicas.push_back(replica.blocks);
  }
  BootstrapOptions options;
  options.seed = seed;
  return claims_against_first(policies, std::span(&blocks, 1), options);
}

}  // namespace wattfill::cli
