// What a sweep says: of failed cells, of cells without jobs, and of what is no sample.
#include "trace-replay/sweep/analysis.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "trace-replay/metrics/blocks.hpp"

namespace wattfill::testing {
namespace {

using Json = nlohmann::ordered_json;

SweepSpec spec_of(const std::string& more) {
  return parse_sweep(R"(traces { path: "t1.swf" procs: 8 } traces { path: "t2.swf" procs: 8 }
                        policies: ["easy", "fcfs", "sjf"] )" +
                         more,
                     "s.textproto", "");
}

// Eight blocks whose slowdown is the weeks' times the cell's.
Json blocks_of(double slowdown) {
  std::vector<Block> blocks;
  for (int i = 0; i < 8; ++i) {
    const double weeks = 2 + i % 3 + 0.1 * i;
    blocks.push_back({SimTime{} + Seconds{i}, SimTime{} + Seconds{i + 1}, 10, 10 * weeks * slowdown,
                      10 * std::log(weeks * slowdown), 100 + i});
  }
  return blocks_json(blocks);
}

// Of all cells, with the slowdown that `slowdown` gives; below zero: the cell failed.
template <class Slowdown>
CellResults results_of(const SweepSpec& spec, Slowdown&& slowdown) {
  CellResults results;
  for (const Cell& cell : grid(spec)) {
    Json result{{"cell",
                 {{"trace", spec.traces[cell.trace].name},
                  {"cluster", "8 processors"},
                  {"load", cell.load},
                  {"seed", cell.seed},
                  {"replica", cell.replica},
                  {"predictor", cell.predictor},
                  {"policy", cell.policy_name}}}};
    const double value = slowdown(cell);
    if (value < 0) {
      result["error"] = "failed";
    } else {
      result["figures"]["mean_bounded_slowdown"] = value;
      result["blocks"] = blocks_of(value);
    }
    results.push_back(result);
  }
  return results;
}

double by_policy(const Cell& cell) { return cell.policy == "easy" ? 4 : cell.policy == "fcfs" ? 6 : 3; }

const Claim& claim(const SweepClaims& said, const std::string& policy) {
  for (const Claim& c : said.claims)
    if (c.a == policy) return c;
  throw std::out_of_range(policy);
}

TEST(SweepClaims, LoadsAreNoFurtherTraces) {
  const SweepSpec once = spec_of("");
  const SweepSpec thrice = spec_of("loads: [1, 1.001, 1.002]");
  const Claim one = claim(sweep_claims(once, results_of(once, by_policy)), "sjf");
  const Claim three = claim(sweep_claims(thrice, results_of(thrice, by_policy)), "sjf");
  EXPECT_EQ(three.traces, 2);
  EXPECT_EQ(three.blocks, one.blocks);
  EXPECT_DOUBLE_EQ(three.p_wilcoxon, one.p_wilcoxon);
}

TEST(SweepClaims, AFailedPolicyLeavesTheOthersTheirClaims) {
  const SweepSpec spec = spec_of("replicas: 2 shake_s: 1");
  const auto without = [&](const auto& failed) {
    return sweep_claims(spec, results_of(spec, [&](const Cell& c) { return failed(c) ? -1 : by_policy(c); }));
  };
  const SweepClaims all = without([](const Cell&) { return false; });
  EXPECT_TRUE(all.left_out.empty());
  const SweepClaims no_fcfs = without([](const Cell& c) { return c.policy == "fcfs"; });
  EXPECT_EQ(claim(no_fcfs, "sjf").text, claim(all, "sjf").text);
  EXPECT_EQ(claim(no_fcfs, "fcfs").blocks, 0);
  EXPECT_EQ(no_fcfs.left_out, (std::vector<std::string>{"fcfs on t1: 2 of 2 replays have no blocks",
                                                        "fcfs on t2: 2 of 2 replays have no blocks"}));
  // Of a policy that failed somewhere, what has a partner is compared.
  const SweepClaims some = without([](const Cell& c) { return c.policy == "fcfs" && c.trace == 0 && c.replica == 1; });
  EXPECT_EQ(claim(some, "fcfs").traces, 2);
  EXPECT_EQ(some.left_out, (std::vector<std::string>{"fcfs on t1: 1 of 2 replays have no blocks"}));
}

TEST(SweepAnova, SeedsAndReplicasAreNoSamples) {
  const SweepSpec once = spec_of("");
  const SweepSpec often = spec_of("replicas: 4 shake_s: 1 seeds: [1, 5]");
  const auto value = [](const Cell& c) { return by_policy(c) + static_cast<double>(c.trace); };
  const Json anova = sweep_anova(results_of(once, value));
  EXPECT_EQ(anova, sweep_anova(results_of(often, value)));
  EXPECT_EQ(anova["effects"].size(), 2U);
  EXPECT_EQ(anova["residual"]["degrees_of_freedom"], 6 - 1 - 1 - 2);
  EXPECT_FALSE(anova["effects"][0].contains("p"));
}

TEST(SweepAnova, CellsWithoutJobsAreLeftOut) {
  const SweepSpec spec = spec_of("replicas: 2 shake_s: 1");
  const Json anova =
      sweep_anova(results_of(spec, [](const Cell& c) { return c.trace == 1 && c.policy == "sjf" ? 0 : by_policy(c); }));
  EXPECT_EQ(anova["residual"]["degrees_of_freedom"], 5 - 1 - 1 - 2);
}

TEST(SweepAnova, SaysWhyNot) {
  const SweepSpec spec = spec_of("");
  // Policies that stand on one trace each cannot be told from the traces.
  const Json confounded = sweep_anova(
      results_of(spec, [](const Cell& c) { return (c.trace == 0) == (c.policy == "easy") ? by_policy(c) : -1; }));
  EXPECT_NE(confounded["why_not"].get<std::string>().find("analysis of variance: "), std::string::npos) << confounded;
  EXPECT_FALSE(confounded.contains("effects"));
  EXPECT_TRUE(sweep_anova(results_of(spec, [](const Cell&) { return -1; })).contains("why_not"));
}

}  // namespace
}  // namespace wattfill::testing
