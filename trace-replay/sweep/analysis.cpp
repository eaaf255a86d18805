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

// Six digits, so that the bytes do not depend on the library's last bit; null for what is no number.
Json rounded(double value) { return std::isfinite(value) ? Json(std::stod(fmt::format("{:.6g}", value))) : Json(); }

}  // namespace

std::vector<Claim> sweep_claims(const SweepSpec& spec, const CellResults& results) {
  const std::vector<std::string> policies = in_order(results, policy_of);
  if (policies.size() < 2 || spec.resample != Resample::kNothing) return {};
  const auto place = [&spec](const Json& cell) { return place_of(spec, cell); };
  std::vector<TraceBlocks> traces;
  for (const std::string& name : in_order(results, place)) {
    // By seed and replica, the blocks under each policy.
    std::map<std::pair<std::uint64_t, int>, std::map<std::string, std::vector<Block>>> replicas;
    for (const Json& result : results)
      if (const Json& cell = result["cell"]; place(cell) == name && result.contains("blocks"))
        replicas[{cell["seed"], cell["replica"]}][policy_of(cell)] = blocks_from_json(result["blocks"]);
    TraceBlocks trace{name, std::vector<std::vector<std::vector<Block>>>(policies.size())};
    for (auto& [key, blocks] : replicas) {
      if (blocks.size() < policies.size()) continue;
      for (std::size_t p = 0; p < policies.size(); ++p) trace.policies[p].push_back(std::move(blocks[policies[p]]));
    }
    if (!trace.policies.front().empty()) traces.push_back(std::move(trace));
  }
  if (traces.empty()) return {};
  BootstrapOptions options;
  options.seed = spec.seeds.front();
  return claims_against_first(policies, traces, options);
}

Json sweep_anova(const CellResults& results) {
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
  CellResults finished;
  for (const Json& result : results)
    if (result.contains("figures")) finished.push_back(result);
  std::vector<double> values;
  for (const Json& result : finished)
    values.push_back(std::log(result["figures"]["mean_bounded_slowdown"].get<double>()));
  std::vector<Factor> factors;
  std::size_t parameters = 1;
  for (const Varied& varied : all) {
    const std::vector<std::string> levels = in_order(finished, varied.level);
    if (levels.size() < 2) continue;
    Factor& factor = factors.emplace_back(Factor{varied.name, {}});
    for (const Json& result : finished) {
      const auto level = std::find(levels.begin(), levels.end(), varied.level(result["cell"]));
      factor.level.push_back(static_cast<std::size_t>(level - levels.begin()));
    }
    parameters += levels.size() - 1;
  }
  if (factors.empty() || values.size() <= parameters) return {};
  const Anova anova = wattfill::anova(values, factors);
  Json json{{"of", "ln mean_bounded_slowdown"}, {"effects", Json::array()}};
  for (const FactorEffect& effect : anova.effects)
    json["effects"].push_back({{"factor", effect.name},
                               {"degrees_of_freedom", effect.degrees_of_freedom},
                               {"sum_of_squares", rounded(effect.sum_of_squares)},
                               {"f", rounded(effect.f)},
                               {"p", rounded(effect.p)},
                               {"eta_squared", rounded(effect.eta_squared)}});
  json["residual"] = {{"degrees_of_freedom", anova.residual_degrees_of_freedom},
                      {"sum_of_squares", rounded(anova.residual_sum_of_squares)}};
  return json;
}

}  // namespace wattfill
