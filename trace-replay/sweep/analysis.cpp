#include "trace-replay/sweep/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "trace-replay/metrics/block_claims.hpp"
#include "trace-replay/statistics/anova.hpp"

namespace wattfill {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// Where a replay took place; the load only where several are swept.
std::string place_of(const SweepSpec& spec, const Json& cell) {
  std::string name = text_of(cell["trace"]);
  const SweepTrace& trace =
      *std::find_if(spec.traces.begin(), spec.traces.end(), [&name](const SweepTrace& t) { return t.name == name; });
  if (trace.clusters.size() > 1) name += " on " + text_of(cell["cluster"]);
  if (spec.loads.size() > 1) name += " at load x " + text_of(cell["load"]);
  return name;
}

std::string policy_of(const Json& cell) {
  const std::string predictor = text_of(cell["predictor"]);
  return text_of(cell["policy"]) + (predictor.empty() ? "" : " (" + predictor + ")");
}

// The names in order of their first cell.
template <class Name>
std::vector<std::string> in_order(const CellResults& results, Name&& name) {
  std::vector<std::string> names;
  for (const Json& result : results)
    if (const std::string n = name(result["cell"]); std::find(names.begin(), names.end(), n) == names.end())
      names.push_back(n);
  return names;
}

// The replays of one place: [policy][replica][block], none for a replay that failed.
SettingBlocks setting_blocks(const std::vector<const Json*>& here, const std::vector<std::string>& policies) {
  SettingBlocks blocks(policies.size());
  for (const Json* result : here) {
    const auto policy = std::find(policies.begin(), policies.end(), policy_of(result->at("cell")));
    blocks[static_cast<std::size_t>(policy - policies.begin())].push_back(
        result->contains("blocks") ? blocks_from_json(result->at("blocks")) : std::vector<Block>());
  }
  return blocks;
}

// For each place of the grid but for seed and replica, which are noise and no samples: its "cell", and as "value" the
// mean of the figure over those of its replays that ran a job.
CellResults averaged(const CellResults& results) {
  std::map<Json, std::pair<double, int>> sums;
  std::vector<Json> order;
  for (const Json& result : results) {
    if (!result.contains("figures")) continue;
    const double value = std::log(result["figures"]["mean_bounded_slowdown"].get<double>());
    if (!std::isfinite(value)) continue;
    Json cell = result["cell"];
    cell.erase("seed");
    cell.erase("replica");
    auto& [sum, count] = sums[cell];
    if (count++ == 0) order.push_back(cell);
    sum += value;
  }
  CellResults kinds;
  for (const Json& cell : order) kinds.push_back({{"cell", cell}, {"value", sums[cell].first / sums[cell].second}});
  return kinds;
}

std::vector<Factor> varied_factors(const CellResults& kinds) {
  struct Varied {
    const char* name;
    std::function<std::string(const Json&)> level;
  };
  const Varied all[] = {
      {"trace", [](const Json& c) { return text_of(c["trace"]) + " " + text_of(c["cluster"]); }},
      {"load", [](const Json& c) { return text_of(c["load"]); }},
      {"predictor", [](const Json& c) { return text_of(c["predictor"]); }},
      {"policy", [](const Json& c) { return text_of(c["policy"]); }},
  };
  std::vector<Factor> factors;
  for (const Varied& varied : all) {
    const std::vector<std::string> levels = in_order(kinds, varied.level);
    if (levels.size() < 2) continue;
    Factor& factor = factors.emplace_back(Factor{varied.name, {}});
    for (const Json& kind : kinds) {
      const auto level = std::find(levels.begin(), levels.end(), varied.level(kind["cell"]));
      factor.level.push_back(static_cast<std::size_t>(level - levels.begin()));
    }
  }
  return factors;
}

}  // namespace

SweepClaims sweep_claims(const SweepSpec& spec, const CellResults& results) {
  const std::vector<std::string> policies = in_order(results, policy_of);
  if (policies.size() < 2) return {};
  std::vector<TraceBlocks> traces;
  for (const SweepTrace& trace : spec.traces) traces.push_back({trace.name, {}});
  SweepClaims said;
  for (const std::string& name : in_order(results, [&spec](const Json& cell) { return place_of(spec, cell); })) {
    std::vector<const Json*> here;
    for (const Json& result : results)
      if (place_of(spec, result["cell"]) == name) here.push_back(&result);
    const SettingBlocks setting = setting_blocks(here, policies);
    for (std::size_t p = 0; p < policies.size(); ++p)
      if (const auto failed = std::count_if(setting[p].begin(), setting[p].end(), [](auto& b) { return b.empty(); }))
        said.left_out.push_back(
            fmt::format("{} on {}: {} of {} replays have no blocks", policies[p], name, failed, setting[p].size()));
    const std::string trace = text_of(here.front()->at("cell").at("trace"));
    std::find_if(traces.begin(), traces.end(), [&](const TraceBlocks& t) {
      return t.trace == trace;
    })->settings.push_back(setting);
  }
  BootstrapOptions options;
  options.seed = spec.seeds.front();
  said.claims = spec.resample == Resample::kNothing ? claims_against_first(policies, traces, options)
                                                    : drawn_claims_against_first(policies, traces);
  return said;
}

Json sweep_anova(const CellResults& results) {
  const CellResults kinds = averaged(results);
  Json json{{"of", "ln mean_bounded_slowdown"}};
  std::vector<double> values;
  for (const Json& kind : kinds) values.push_back(kind["value"]);
  const std::vector<Factor> factors = varied_factors(kinds);
  try {
    if (factors.empty()) throw std::invalid_argument("analysis of variance: no factor was varied");
    const Anova anova = wattfill::anova(values, factors);
    json["effects"] = Json::array();
    for (const FactorEffect& effect : anova.effects)
      json["effects"].push_back({{"factor", effect.name},
                                 {"degrees_of_freedom", effect.degrees_of_freedom},
                                 {"sum_of_squares", rounded(effect.sum_of_squares)},
                                 {"eta_squared", rounded(effect.eta_squared)}});
    json["residual"] = {{"degrees_of_freedom", anova.residual_degrees_of_freedom},
                        {"sum_of_squares", rounded(anova.residual_sum_of_squares)}};
  } catch (const std::invalid_argument& refusal) {
    json["why_not"] = refusal.what();
  }
  return json;
}

}  // namespace wattfill
