#include "trace-replay/calibrate/power_calibration.hpp"

#include <gtest/gtest.h>

#include <string>

#include "backfill/config/config.hpp"

namespace wattfill {
namespace {

Cluster cluster() {
  return parse_cluster(R"(name: "c" allocation: WHOLE_NODES
      node_type { name: "a" node_names: "a[1-4]" count: 4 processors: 8
        power { idle_watts: 100 active_watts: 200 package_watts: 20 frequency { name: "slow" speed: 0.5 active_watts: 150 } } }
      node_type { name: "b" node_names: "b[1-4]" count: 4 processors: 8 })",
                       "c");
}

JobEnergy job(double watts, std::int32_t user, const std::string& nodes = "a[1-2]", std::int64_t count = 2) {
  JobEnergy j;
  j.end = j.run_s = 1000;
  j.user = user;
  j.processors = 8 * count;
  j.nodes = count;
  j.node_list = nodes;
  j.use = NodeUse::kExclusive;
  j.joules = watts * 1000 * static_cast<double>(count);
  j.source = "test";
  j.domain = "node (IPMI)";
  j.validity = JoulesValidity::kOk;
  return j;
}

std::int64_t count(const PowerCalibration& c, CalibrationCause cause) {
  return c.causes[static_cast<std::size_t>(cause)];
}

// Ranks for 95 % of the sign test's interval, as tables have them (Conover 1999, table A3; David and Nagaraja 2003).
TEST(PowerCalibration, MedianIntervalIsThatOfTheTables) {
  using Ranks = std::array<std::int64_t, 2>;
  const std::pair<std::int64_t, Ranks> rows[] = {{0, {0, 0}},   {5, {0, 0}},   {6, {1, 6}},    {8, {1, 8}},
                                                 {9, {2, 8}},   {10, {2, 9}},  {12, {3, 10}},  {15, {4, 12}},
                                                 {20, {6, 15}}, {25, {8, 18}}, {50, {18, 33}}, {100, {40, 61}}};
  for (const auto& [n, ranks] : rows) EXPECT_EQ(median_interval(n), ranks) << n;
}

TEST(PowerCalibration, TakesTheMedianAndScalesWhatLiesBetween) {
  std::vector<JobEnergy> jobs;
  jobs.reserve(13);
  for (int i = 0; i < 11; ++i) jobs.push_back(job(140 + i * 4, i));  // 140 ... 180, median 160
  jobs.push_back(job(5'000, 11));                                    // a wrong one on either side
  jobs.push_back(job(101, 12));
  const PowerCalibration c = calibrate_power(cluster(), jobs, {});
  EXPECT_EQ(count(c, CalibrationCause::kUsed), 13);
  const TypeCalibration& a = c.types.at(0);
  EXPECT_NEAR(a.median_watts, 160, 1e-9);
  EXPECT_NEAR(a.low_watts, 144, 1e-9);  // ranks 3 and 11 of 13
  EXPECT_NEAR(a.high_watts, 176, 1e-9);
  EXPECT_EQ(a.before_watts, 200);
  const NodePower& power = c.cluster.node_types[0].power;
  EXPECT_EQ(power.active.count, 160'000);
  EXPECT_EQ(power.idle.count, 100'000);
  EXPECT_EQ(power.per_package.count, 12'000);
  EXPECT_EQ(power.frequencies[0].active.count, 130'000);
  EXPECT_EQ(parse_cluster(cluster_text(c.cluster), "again"), c.cluster);
  EXPECT_EQ(c.types.at(1).jobs, 0);
}

TEST(PowerCalibration, JobsOfOneUserAreNoMoreCertainThanOne) {
  std::vector<JobEnergy> jobs;
  jobs.reserve(100);
  for (int i = 0; i < 100; ++i) jobs.push_back(job(150 + i % 10, i % 5));
  const PowerCalibration five = calibrate_power(cluster(), jobs, {});
  EXPECT_EQ(five.types[0].users, 5);
  EXPECT_EQ(five.types[0].low_watts, 0);
  EXPECT_NE(describe_calibration(five).find("too few users"), std::string::npos);
  for (int i = 0; i < 100; ++i) jobs[static_cast<std::size_t>(i)].user = i;
  const TypeCalibration hundred = calibrate_power(cluster(), jobs, {}).types[0];
  EXPECT_GT(hundred.low_watts, 150);
  EXPECT_LT(hundred.high_watts - hundred.low_watts, 3.5);
}

TEST(PowerCalibration, RejectsByCause) {
  const auto changed = [](const auto& change) {
    JobEnergy j = job(150, 1);
    change(j);
    return j;
  };
  using enum CalibrationCause;
  const std::pair<CalibrationCause, JobEnergy> rows[] = {
      {kNotValid, changed([](JobEnergy& j) { j.validity = JoulesValidity::kZero; })},
      {kNotValid, changed([](JobEnergy& j) { j.validity = JoulesValidity::kModelled; })},
      {kNotAlone, changed([](JobEnergy& j) { j.use = NodeUse::kShared; })},
      {kDomain, changed([](JobEnergy& j) { j.domain = "packages and memory (RAPL)"; })},
      {kTooShort, changed([](JobEnergy& j) { j.end = j.run_s = 599; })},
      {kSuspended, changed([](JobEnergy& j) { j.run_s = 900; })},
      {kNoNodes, changed([](JobEnergy& j) { j.node_list = "a[4-5]"; })},
      {kNoNodes, changed([](JobEnergy& j) { j.node_list = ""; })},
      {kTypes, changed([](JobEnergy& j) { j.node_list = "a1,b1"; })},
      {kNotFull, changed([](JobEnergy& j) { j.processors = 15; })},
      {kUsed, job(150, 1)},
  };
  for (const auto& [cause, j] : rows) EXPECT_EQ(count(calibrate_power(cluster(), {j}, {}), cause), 1) << name(cause);
}

TEST(PowerCalibration, WhatIsNotMeasuredIsAdded) {
  std::vector<JobEnergy> jobs(10, job(120, 1));
  for (JobEnergy& j : jobs) j.domain = "packages and memory (RAPL)";
  CalibrationOptions options;
  options.unmeasured_watts = 60;
  EXPECT_EQ(calibrate_power(cluster(), jobs, options).cluster.node_types[0].power.active.count, 180'000);
}

TEST(PowerCalibration, PowerThatCannotBeIsNotTaken) {
  EXPECT_NE(calibrate_power(cluster(), std::vector(9, job(150, 1)), {}).types[0].not_taken, "");
  EXPECT_NE(calibrate_power(cluster(), std::vector(10, job(90, 1)), {}).types[0].not_taken, "");  // below idle
  const PowerCalibration b = calibrate_power(cluster(), std::vector(10, job(150, 1, "b[1-2]")), {});
  EXPECT_NE(b.types[1].not_taken.find("fill in idle_watts"), std::string::npos);
  EXPECT_EQ(b.cluster, cluster());
}

}  // namespace
}  // namespace wattfill
