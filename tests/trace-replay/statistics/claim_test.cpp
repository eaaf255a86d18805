// Claims: figures against plain arithmetic, sentences word by word, and no claim where there is nothing to claim.
#include "trace-replay/statistics/claim.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "trace-replay/statistics/paired_tests.hpp"

namespace wattfill::testing {
namespace {

const ClaimMetric kSlowdown{"mean_bounded_slowdown", "mean bounded slowdown", false, 0};
const ClaimMetric kGeometric{"geometric_mean_bounded_slowdown", "geometric mean bounded slowdown", true, 0};
const ClaimMetric kWait{"mean_wait_s", "mean wait", false, 1};

// Blocks of 100 jobs with these means.
std::vector<BlockSum> blocks_with(const std::vector<double>& means) {
  std::vector<BlockSum> blocks;
  blocks.reserve(means.size());
  for (const double mean : means) blocks.push_back({100, 100 * mean});
  return blocks;
}

PairedTrace trace_of(const std::vector<double>& a, const std::vector<double>& b, const char* name = "KTH") {
  return {name, {{{blocks_with(a)}, {blocks_with(b)}}}};
}

PolicyPair pair_of(std::vector<PairedTrace> traces, const ClaimMetric& metric = kSlowdown) {
  return {metric, "wattfill", "easy", std::move(traces)};
}

Claim claim_of(std::vector<PairedTrace> traces, const ClaimMetric& metric = kSlowdown) {
  return make_claims(std::vector{pair_of(std::move(traces), metric)}).front();
}

const std::vector<double> kEasy = {20, 90, 35, 160, 60, 25, 80, 110};
std::vector<double> times(const std::vector<double>& values, const std::vector<double>& factors) {
  std::vector<double> products;
  for (std::size_t i = 0; i < values.size(); ++i) products.push_back(values[i] * factors[i % factors.size()]);
  return products;
}

TEST(Claim, ShownToBeBetter) {
  const std::vector<double> factors = {0.70, 0.65, 0.72, 0.68, 0.75, 0.71, 0.66, 0.73};
  const std::vector<double> easier = times(kEasy, factors);
  const Claim c = claim_of({trace_of(easier, kEasy)});
  double a = 0;
  double b = 0;
  std::vector<double> logs;
  for (std::size_t i = 0; i < kEasy.size(); ++i) {
    a += easier[i];
    b += kEasy[i];
    logs.push_back(std::log(factors[i]));
  }
  EXPECT_NEAR(c.better_percent, 100 * (1 - a / b), 1e-9);
  EXPECT_LT(c.low, c.better_percent);
  EXPECT_LT(c.better_percent, c.high);
  EXPECT_GT(c.low, 25);
  EXPECT_LT(c.high, 35);
  EXPECT_DOUBLE_EQ(c.p_wilcoxon, 1.0 / 128);
  EXPECT_DOUBLE_EQ(c.p_holm, 1.0 / 128);
  EXPECT_NEAR(c.p_t, paired_t_test(logs)->p, 1e-12);
  EXPECT_EQ(c.effect_size, 1);
  EXPECT_EQ(c.blocks_better, 8);
  EXPECT_EQ(c.blocks, 8);
  EXPECT_EQ(c.traces_better, 1);
  EXPECT_EQ(c.text.substr(0, c.text.find('[')), "wattfill is better than easy by 31 % ");
  EXPECT_EQ(c.text.substr(c.text.find(']')),
            "] in mean bounded slowdown, in 8 of 8 blocks (Wilcoxon, Holm: p = 0.0078)");
}

TEST(Claim, WorseIsToldAsWorse) {
  const Claim c = claim_of({trace_of(times(kEasy, {1.5, 1.4, 1.6, 1.45, 0.99, 1.55, 1.35, 1.52}), kEasy)});
  EXPECT_LT(c.better_percent, 0);
  EXPECT_LT(c.high, 0);
  EXPECT_EQ(c.blocks_better, 1);
  EXPECT_NEAR(c.effect_size, 1.0 / 18 - 1, 1e-12);  // of the ranks 1 to 8 only the first is for it
  EXPECT_EQ(c.text.substr(0, c.text.find('[')), "wattfill is worse than easy by 41 % ");
  EXPECT_NE(c.text.find("in 7 of 8 blocks (Wilcoxon, Holm: p = 0.016)"), std::string::npos) << c.text;
}

// Swapping the policies turns the ratio over, whatever the number of traces.
TEST(Claim, MirroredPoliciesMirrorTheClaim) {
  const std::vector<double> other = times(kEasy, {0.7, 0.9, 1.1});
  const std::vector<double> few = {5, 6, 7, 4, 6, 5};
  const std::vector<double> many = {8, 9, 7.5, 8, 5, 7};
  const Claim one = claim_of({trace_of(other, kEasy), trace_of(few, many)});
  const Claim back = claim_of({trace_of(kEasy, other), trace_of(many, few)});
  const auto ratio = [](double percent) { return 1 - percent / 100; };
  EXPECT_NEAR(ratio(one.better_percent) * ratio(back.better_percent), 1, 1e-12);
  EXPECT_NEAR(ratio(one.low) * ratio(back.high), 1, 1e-12);
  EXPECT_DOUBLE_EQ(one.p_wilcoxon, back.p_wilcoxon);
  EXPECT_DOUBLE_EQ(one.effect_size, -back.effect_size);
  EXPECT_EQ(one.blocks_better + back.blocks_better, 14);
}

TEST(Claim, NotShownWhereTheIntervalHoldsZero) {
  const Claim c = claim_of({trace_of(times(kEasy, {0.8, 1.2, 0.9, 1.05}), kEasy)});
  EXPECT_LT(c.low, 0);
  EXPECT_GT(c.high, 0);
  EXPECT_EQ(c.text.rfind("wattfill is not shown to differ from easy in mean bounded slowdown: worse by ", 0), 0)
      << c.text;
  EXPECT_NE(c.text.find("in 4 of 8 blocks (Wilcoxon, Holm: p = "), std::string::npos) << c.text;
}

// One block that outweighs all others, which point the other way.
TEST(Claim, NotShownWhereBlocksContradictTheMean) {
  std::vector<double> easy(12, 10.0);
  std::vector<double> other(12, 10.5);
  easy[3] = 10000;
  other[3] = 5000;
  const Claim c = claim_of({trace_of(other, easy)});
  EXPECT_GT(c.better_percent, 45);
  EXPECT_LT(c.effect_size, 0);
  EXPECT_NE(c.text.find("is not shown to differ"), std::string::npos) << c.text;
}

TEST(Claim, TooFewBlocksForATest) {
  const Claim c = claim_of({trace_of({7, 7, 7, 7, 7}, {10, 10, 10, 10, 10})});
  EXPECT_NEAR(c.better_percent, 30, 1e-9);
  for (const double unknown : {c.low, c.high, c.p_wilcoxon, c.p_t, c.p_holm, c.effect_size})
    EXPECT_TRUE(std::isnan(unknown));
  EXPECT_EQ(
      c.text,
      "wattfill came out better than easy by 30 % in mean bounded slowdown, in 5 of 5 blocks: too few blocks for a "
      "test");
  EXPECT_EQ(
      claim_of({trace_of({7}, {10})}).text,
      "wattfill came out better than easy by 30 % in mean bounded slowdown, in 1 of 1 block: too few blocks for a "
      "test");
}

// Blocks of several traces together may be enough for the test; the interval needs enough of each.
TEST(Claim, NoIntervalWhereATraceIsShort) {
  const Claim c = claim_of({trace_of(times(kEasy, {0.7}), kEasy), trace_of({3.5, 2.8}, {5, 4}, "CTC")});
  EXPECT_TRUE(std::isnan(c.low));
  EXPECT_TRUE(std::isnan(c.high));
  EXPECT_LT(c.p_holm, 0.01);
  EXPECT_EQ(c.text.substr(0, c.text.find("p = ")),
            "wattfill came out better than easy by 30 % in mean bounded slowdown, in 10 of 10 blocks, on 2 of 2 traces "
            "(Wilcoxon, Holm: ");
  EXPECT_NE(c.text.find("; no interval: fewer than 6 blocks of CTC)"), std::string::npos) << c.text;
}

// Three traces without any difference, one that is worse.
TEST(Claim, TracesWithoutDifferenceAreNotWorse) {
  const PairedTrace same = trace_of(kEasy, kEasy);
  const Claim c = claim_of({same, same, same, trace_of(times(kEasy, {1.5, 1.4}), kEasy)});
  EXPECT_NE(c.text.find("in 8 of 32 blocks, on 1 of 4 traces"), std::string::npos) << c.text;
}

// Loads and machines of one trace: the same weeks again.
TEST(Claim, SettingsAreAveragedAndAreNoSamples) {
  const PairedTrace once = trace_of(times(kEasy, {0.7, 0.8}), kEasy);
  PairedTrace thrice = once;
  for (int i = 0; i < 2; ++i) thrice.settings.push_back(once.settings.front());
  const Claim one = claim_of({once});
  const Claim three = claim_of({thrice});
  EXPECT_EQ(one.text, three.text);
  EXPECT_DOUBLE_EQ(one.p_wilcoxon, three.p_wilcoxon);
  EXPECT_NEAR(one.low, three.low, 1e-9);
  EXPECT_EQ(three.traces, 1);
  // Ratios of 0.5 and 2 are none together, however much longer the waits at the one load are.
  PairedTrace opposite = trace_of(times(kEasy, {0.5}), kEasy);
  opposite.settings.push_back(trace_of(times(kEasy, {200}), times(kEasy, {100})).settings.front());
  EXPECT_NEAR(claim_of({opposite}).better_percent, 0, 1e-9);
}

TEST(Claim, WhatASettingHasInMoreBlocksJoinsItsLast) {
  PairedTrace trace = trace_of({1, 2, 3, 4, 5, 6}, {2, 3, 4, 5, 6, 7});
  trace.settings.push_back(trace_of({1, 2, 3, 4, 5, 2, 10}, {2, 3, 4, 5, 6, 7, 7}).settings.front());
  const Claim c = claim_of({trace});
  EXPECT_EQ(c.blocks, 6);
  EXPECT_NEAR(1 - c.better_percent / 100, std::sqrt(21.0 / 27 * 27.0 / 34), 1e-9);
}

TEST(Claim, TheSameAndNothing) {
  const Claim same = claim_of({trace_of(kEasy, kEasy)});
  EXPECT_EQ(same.text, "wattfill and easy are the same in mean bounded slowdown, in each of 8 blocks");
  EXPECT_EQ(same.better_percent, 0);
  const Claim nothing = claim_of({});
  EXPECT_EQ(nothing.text, "wattfill and easy cannot be compared in mean bounded slowdown: no block has jobs");
  EXPECT_EQ(claim_json(nothing)["better_percent"], nullptr);
}

TEST(Claim, TracesWeighTheSameHoweverManyBlocks) {
  // One trace halves, with 9 blocks; the other doubles, with 6.
  const Claim c = claim_of({trace_of(times(std::vector<double>(9, 10.0), {0.5}), std::vector<double>(9, 10.0), "one"),
                            trace_of(std::vector<double>(6, 20.0), std::vector<double>(6, 10.0), "two")});
  EXPECT_NEAR(c.better_percent, 0, 1e-9);
  EXPECT_EQ(c.blocks_better, 9);
  EXPECT_EQ(c.blocks, 15);
  EXPECT_EQ(c.traces_better, 1);
  EXPECT_EQ(c.traces, 2);
  EXPECT_NE(c.text.find("on 1 of 2 traces"), std::string::npos) << c.text;
}

TEST(Claim, ReplicasAreAveragedAndAreNoSamples) {
  const std::vector<double> better = times(kEasy, {0.7, 0.8});
  const PairedTrace once = trace_of(better, kEasy);
  PairedTrace thrice = once;
  for (int i = 0; i < 2; ++i) {
    thrice.settings.front().a.push_back(once.settings.front().a.front());
    thrice.settings.front().b.push_back(once.settings.front().b.front());
  }
  const Claim one = claim_of({once});
  const Claim three = claim_of({thrice});
  EXPECT_EQ(one.text, three.text);
  EXPECT_EQ(three.blocks, 8);
  EXPECT_NEAR(one.low, three.low, 1e-9);
  PairedTrace noisy = once;
  noisy.settings.front().a.push_back(blocks_with(times(better, {1.2})));
  noisy.settings.front().b.push_back(blocks_with(kEasy));
  EXPECT_NEAR(1 - claim_of({noisy}).better_percent / 100, 1.1 * (1 - one.better_percent / 100), 1e-9);
}

TEST(Claim, ReplicasThatFailedAreLeftOut) {
  const PairedTrace once = trace_of(times(kEasy, {0.7, 0.8}), kEasy);
  PairedTrace failed = once;
  failed.settings.front().a.emplace_back();
  failed.settings.front().b.push_back(blocks_with(times(kEasy, {9})));
  failed.settings.push_back({{{}}, {blocks_with(kEasy)}});
  EXPECT_EQ(claim_of({failed}).text, claim_of({once}).text);
}

TEST(Claim, BlocksWithoutJobsAreLeftOut) {
  PairedTrace trace = trace_of(times(kEasy, {0.7, 0.8}), kEasy);
  const Claim before = claim_of({trace});
  trace.settings.front().a.front().push_back({0, 0});
  trace.settings.front().b.front().push_back({0, 0});
  const Claim after = claim_of({trace});
  EXPECT_EQ(before.text, after.text);
  EXPECT_EQ(after.blocks, 8);
}

TEST(Claim, GeometricMeansAreComparedByTheirLogarithms) {
  std::vector<double> easy;
  std::vector<double> other;
  for (const double mean : kEasy) {
    easy.push_back(std::log(mean));
    other.push_back(std::log(mean) + std::log(0.6));
  }
  const Claim c = claim_of({trace_of(other, easy)}, kGeometric);
  EXPECT_NEAR(c.better_percent, 40, 1e-9);
  EXPECT_NEAR(c.low, 40, 1e-9);
  EXPECT_NEAR(c.high, 40, 1e-9);
}

TEST(Claim, NobodyWaitsInSomeBlocks) {
  const Claim c = claim_of({trace_of({0, 0, 0, 9, 9, 9, 0, 4}, {9, 9, 9, 9, 19, 19, 0, 9})}, kWait);
  EXPECT_TRUE(std::isfinite(c.low));
  EXPECT_EQ(c.blocks_better, 6);
  EXPECT_THROW(claim_of({trace_of({0, 1}, {1, 1})}, kSlowdown), std::invalid_argument);
}

TEST(Claims, AreCorrectedTogether) {
  const std::vector<double> shares = {0.70, 0.65, 0.72, 0.68, 0.75, 0.71, 0.66, 0.73};
  const std::vector<PolicyPair> pairs = {pair_of({trace_of(times(kEasy, shares), kEasy)}),
                                         pair_of({trace_of({1}, {2})}),  // no test: nothing to correct for
                                         pair_of({trace_of(times(kEasy, {0.8, 1.2, 0.9, 1.05}), kEasy)})};
  const std::vector<Claim> claims = make_claims(pairs);
  EXPECT_DOUBLE_EQ(claims[0].p_wilcoxon, 1.0 / 128);
  EXPECT_DOUBLE_EQ(claims[0].p_holm, 2.0 / 128);
  EXPECT_TRUE(std::isnan(claims[1].p_holm));
  EXPECT_DOUBLE_EQ(claims[2].p_holm, claims[2].p_wilcoxon);
}

// Eight blocks can show six differences at once (6 / 128 < 0.05), not seven.
TEST(Claims, TooManyForTheBlocks) {
  const std::vector<double> shares = {0.70, 0.65, 0.72, 0.68, 0.75, 0.71, 0.66, 0.73};
  std::vector<PolicyPair> pairs(6, pair_of({trace_of(times(kEasy, shares), kEasy)}));
  EXPECT_EQ(make_claims(pairs).front().text.rfind("wattfill is better than easy by 31 %", 0), 0);
  pairs.push_back(pairs.front());
  const std::string text = make_claims(pairs).front().text;
  EXPECT_EQ(text.rfind("wattfill came out better than easy by 31 %", 0), 0) << text;
  EXPECT_NE(text.find("in 8 of 8 blocks (Wilcoxon, Holm: p = 0.055; too few blocks for 7 tests at once)"),
            std::string::npos)
      << text;
}

// Draws of one trace with ratios of 0.50, 0.51, ... whose blocks are of no account.
PairedTrace drawn(int draws, double load = 1) {
  PairedTrace trace{"KTH", {PairedSetting()}};
  for (int d = 0; d < draws; ++d) {
    trace.settings.front().a.push_back(blocks_with({(0.5 + 0.01 * d) * load, (0.5 + 0.01 * d) * load}));
    trace.settings.front().b.push_back(blocks_with({0.5 * load, 1.5 * load}));
  }
  return trace;
}

Claim drawn_claim(PairedTrace trace) {
  return make_drawn_claims(std::vector{pair_of({std::move(trace)}, kSlowdown)}).front();
}

TEST(DrawnClaim, TheIntervalIsThePercentilesOfTheDraws) {
  const Claim c = drawn_claim(drawn(39));
  EXPECT_NEAR(c.high, 50, 1e-9);  // the first and the last of 39
  EXPECT_NEAR(c.low, 12, 1e-9);
  EXPECT_LT(c.low, c.better_percent);
  EXPECT_LT(c.better_percent, c.high);
  EXPECT_TRUE(std::isnan(c.p_holm));
  EXPECT_EQ(c.blocks_better, 39);
  EXPECT_EQ(c.text.substr(c.text.find('[')),
            "[12, 50] in mean bounded slowdown, in 39 of 39 drawn workloads: the interval is their percentiles, there "
            "is no test");
}

TEST(DrawnClaim, TooFewDraws) {
  const Claim c = drawn_claim(drawn(38));
  EXPECT_TRUE(std::isnan(c.low));
  EXPECT_NE(c.text.find("in 38 of 38 drawn workloads: too few for an interval"), std::string::npos) << c.text;
}

TEST(DrawnClaim, SettingsShareTheDraws) {
  PairedTrace trace = drawn(40);
  const Claim one = drawn_claim(trace);
  trace.settings.push_back(drawn(40, 7).settings.front());
  EXPECT_EQ(drawn_claim(trace).text, one.text);
  // A draw that failed in one setting is none.
  trace.settings.front().a[39].clear();
  EXPECT_EQ(drawn_claim(trace).text, drawn_claim(drawn(39)).text);
  // A setting that failed altogether is none, for the others.
  for (auto& blocks : trace.settings.front().b) blocks.clear();
  EXPECT_EQ(drawn_claim(trace).text, one.text);
  for (auto& blocks : trace.settings.back().b) blocks.clear();
  EXPECT_EQ(drawn_claim(trace).text,
            "wattfill and easy cannot be compared in mean bounded slowdown: no drawn workload has jobs");
}

TEST(Claims, RefuseBlocksThatDoNotMatch) {
  PairedTrace trace = trace_of(kEasy, kEasy);
  trace.settings.front().a.front().pop_back();
  EXPECT_THROW(claim_of({trace}), std::invalid_argument);
  trace = trace_of(kEasy, kEasy);
  trace.settings.front().b.push_back(blocks_with({1, 2}));
  EXPECT_THROW(claim_of({trace}), std::invalid_argument);
}

TEST(ClaimJson, KeysInOrderAndSixDigits) {
  Claim c = claim_of({trace_of(times(kEasy, {0.7, 0.8}), kEasy)});
  c.better_percent = 100.0 / 3;
  c.p_t = std::numeric_limits<double>::quiet_NaN();
  c.text = "text";
  const nlohmann::ordered_json json = claim_json(c);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys,
            (std::vector<std::string>{"text", "metric", "a", "b", "better_percent", "low", "high", "p", "p_wilcoxon",
                                      "p_t", "effect_size", "blocks_better", "blocks", "traces_better", "traces"}));
  EXPECT_EQ(json["better_percent"].dump(), "33.3333");
  EXPECT_EQ(json["p_t"], nullptr);
  EXPECT_EQ(json["a"], "wattfill");
}

}  // namespace
}  // namespace wattfill::testing
