// Cases computed by hand.
#include <gtest/gtest.h>

#include "tests/trace-replay/energy/machines.hpp"
#include "trace-replay/energy/energy_meter.hpp"

namespace wattfill::testing {
namespace {

MeterOptions recording() {
  MeterOptions options;
  options.record_power = true;
  return options;
}

TEST(Transitions, CostTheirStatedEnergyExactly) {
  const Cluster cluster = taurus_cluster(1, AllocationMode::kWholeNodes);
  EnergyMeter meter(cluster, recording());
  meter.sleep_begun({0, 1}, 0, second(10));
  meter.asleep({0, 1}, second(17));
  meter.wake_begun({0, 1}, second(100));
  meter.awake({0, 1}, second(252));
  const EnergyReport report = meter.finish(second(300));
  verify(report);
  EXPECT_EQ(report.it[Component::kTransition], Millijoules{616'100 + 18'965'758});
  EXPECT_EQ(report.it[Component::kSleep], Millijoules{83 * 9'750});
  EXPECT_EQ(report.it[Component::kIdle], Millijoules{(10 + 48) * 95'000});
  EXPECT_EQ(report.it[Component::kJobs], Millijoules{0});
  EXPECT_EQ(report.sleeps, 1);
  EXPECT_EQ(report.wakes, 1);
  std::vector<std::pair<std::int64_t, std::int64_t>> power;
  report.power.for_each([&](const PowerSeries::Step& step) {
    power.emplace_back(seconds_since_epoch(step.from), step.power.total().count);
  });
  // In the last second, 0.1 s at 101.0 W and 0.52 s at 125.17 W.
  EXPECT_EQ(power,
            (std::vector<std::pair<std::int64_t, std::int64_t>>{
                {0, 95'000}, {10, 101'000}, {16, 10'100}, {17, 9'750}, {100, 125'170}, {251, 65'088}, {252, 95'000}}));
}

TEST(Transitions, AreBilledAsFarAsTheyCame) {
  const Cluster cluster = taurus_cluster(2, AllocationMode::kWholeNodes);
  EnergyMeter meter(cluster);
  meter.sleep_begun({0, 1}, 0, second(0));
  meter.sleep_begun({1, 1}, 0, second(4));
  const EnergyReport report = meter.finish(second(7));
  verify(report);
  EXPECT_EQ(report.by_node[0][Component::kTransition], Millijoules{616'100});
  EXPECT_EQ(report.by_node[1][Component::kTransition], Millijoules{3 * 101'000});
}

TEST(Jobs, AKilledOneBurnedWhatItBurned) {
  const Cluster cluster = taurus_cluster(4, AllocationMode::kCounts);
  EnergyMeter meter(cluster);
  MeteredJob job = metered_job(0, 3);
  job.work_processor_s = 3'000;
  meter.job_started(job, nullptr, second(0));
  meter.job_ended(0, second(100), false);
  const EnergyReport report = meter.finish(second(100));
  verify(report);
  EXPECT_EQ(report.by_job[0], Millijoules{3 * 100 * 190'738});
  EXPECT_EQ(report.completed_work_processor_s, 0);
}

TEST(Jobs, OneThatStillRunsIsBilledUntilTheHorizon) {
  const Cluster cluster = taurus_cluster(4, AllocationMode::kWholeNodes);
  EnergyMeter meter(cluster);
  const Allocation nodes = on({1, 3});
  meter.job_started(metered_job(7), &nodes, second(5));
  const EnergyReport report = meter.finish(second(25));
  verify(report);
  EXPECT_EQ(report.by_job.at(7), Millijoules{2 * 20 * 190'738});
  EXPECT_EQ(report.jobs, 1);
}

TEST(Jobs, OneThatRunsAgainAddsUp) {
  const Cluster cluster = taurus_cluster(1, AllocationMode::kCounts);
  EnergyMeter meter(cluster);
  MeteredJob job = metered_job(0);
  job.work_processor_s = 10;
  meter.job_started(job, nullptr, second(0));
  meter.job_ended(0, second(4), false);
  meter.job_started(job, nullptr, second(6));
  meter.job_ended(0, second(16));
  const EnergyReport report = meter.finish(second(16));
  verify(report);
  EXPECT_EQ(report.by_job[0], Millijoules{14 * 190'738});
  EXPECT_EQ(report.by_user.at(0).jobs, 2);
  EXPECT_EQ(report.completed_work_processor_s, 10);
}

TEST(Jobs, FrequencyChangesWhatTheyDraw) {
  for (const AllocationMode mode : {AllocationMode::kCounts, AllocationMode::kWholeNodes}) {
    const Cluster cluster = taurus_cluster(3, mode);
    EnergyMeter meter(cluster);
    MeteredJob job = metered_job(0, 2);
    job.frequency = 1;
    const Allocation nodes = on({0, 2});
    meter.job_started(job, mode == AllocationMode::kCounts ? nullptr : &nodes, second(0));
    meter.job_frequency(0, 0, second(10));
    meter.job_frequency(0, kFullSpeed, second(30));
    meter.job_ended(0, second(60));
    const EnergyReport report = meter.finish(second(60));
    verify(report);
    EXPECT_EQ(report.by_job[0], Millijoules{2 * (10 * 125'900 + 20 * 146'900 + 30 * 190'738)});
    EXPECT_EQ(report.it[Component::kIdle], Millijoules{60 * 95'000});
  }
}

// Two efficient nodes and one accelerated; the job on both kinds draws each one's power.
TEST(Heterogeneous, EveryNodeDrawsItsOwn) {
  Cluster cluster = taurus_cluster(2, AllocationMode::kWholeNodes);
  NodeType accelerated = taurus(1);
  accelerated.name = "accelerated";
  accelerated.power.idle = {300'000};
  accelerated.power.active = {1'500'000};
  cluster.node_types.push_back(accelerated);
  EnergyMeter meter(cluster);
  const Allocation both = on({1, 2});
  const Allocation first = on({0});
  meter.job_started(metered_job(0, 2, 1), &both, second(0));
  meter.job_started(metered_job(1, 1, 2), &first, second(10));
  meter.job_ended(0, second(50));
  meter.job_ended(1, second(70));
  const EnergyReport report = meter.finish(second(100));
  verify(report);
  EXPECT_EQ(report.by_job[0], Millijoules{50 * (190'738 + 1'500'000)});
  EXPECT_EQ(report.by_job[1], Millijoules{60 * 190'738});
  EXPECT_EQ(report.by_user.at(1).energy, Millijoules{60 * 190'738});
  EXPECT_EQ(report.by_type.at(0).energy[Component::kJobs], Millijoules{(50 + 60) * 190'738});
  EXPECT_EQ(report.by_type.at(0).energy[Component::kIdle], Millijoules{(40 + 50) * 95'000});
  EXPECT_EQ(report.by_type.at(1).energy[Component::kJobs], Millijoules{50 * 1'500'000});
  EXPECT_EQ(report.by_type.at(1).energy[Component::kIdle], Millijoules{50 * 300'000});
  EXPECT_EQ(report.peak_it, Milliwatts{2 * 190'738 + 1'500'000});
}

// A node of two packages with two cores each: 100 W idle, 20 W a package, 60 W for all cores, 200 W in all. For the
// first ten seconds one core works: 100 + 20 + 15 W. Then three, on both packages: 100 + 40 + 45 W, a third of it the
// first job's. Then two, of the second package.
TEST(SharedNodes, DivideTheirPowerByCores) {
  Cluster cluster;
  cluster.allocation = AllocationMode::kCores;
  NodeType type;
  type.count = 1;
  type.processors = 4;
  type.insides = NodeInsides::flat(4);
  type.insides.packages = 2;
  type.insides.cores[2].package = type.insides.cores[3].package = 1;
  type.power.idle = {100'000};
  type.power.per_package = {20'000};
  type.power.active = {200'000};
  cluster.node_types = {type};
  EnergyMeter meter(cluster);
  const Allocation one = on({0}, {cores(4, {1})});
  const Allocation two = on({0}, {cores(4, {2, 3})});
  meter.job_started(metered_job(0), &one, second(0));
  meter.job_started(metered_job(1), &two, second(10));
  meter.job_ended(0, second(30));
  meter.job_ended(1, second(40));
  const EnergyReport report = meter.finish(second(50));
  verify(report);
  EXPECT_EQ(report.by_job[0], Millijoules{10 * 135'000 + 20 * (185'000 / 3)});
  EXPECT_EQ(report.by_job[1], Millijoules{20 * (185'000 - 185'000 / 3) + 10 * 150'000});
  EXPECT_EQ(report.it[Component::kIdle], Millijoules{10 * 100'000});
}

// A kilowatt for two hours, PUE 1.5, at 0.10 for the first hour and 0.30 for the second, over a cap of 0.8 kW.
TEST(Facility, MoneyCarbonAndCap) {
  Cluster cluster = taurus_cluster(1, AllocationMode::kCounts);
  cluster.node_types[0].power = NodePower{{1'000'000}, {1'000'000}, {}, {}, {}};
  cluster.facility.pue_millionths = 1'500'000;
  cluster.facility.tariff = StepSeries({{second(0), 100'000}, {second(3'600), 300'000}});
  cluster.facility.carbon = StepSeries(400'000);
  cluster.facility.power_cap = StepSeries({{second(0), 2'000'000}, {second(5'400), 800'000}});
  cluster.facility.currency = "EUR";
  EnergyMeter meter(cluster);
  const EnergyReport report = meter.finish(second(7'200));
  verify(report);
  EXPECT_EQ(report.it.total(), Millijoules{7'200'000'000});
  EXPECT_EQ(report.facility, Millijoules{10'800'000'000});
  EXPECT_EQ(report.cost_millionths, 150'000 + 450'000);
  EXPECT_EQ(report.carbon_mg, 1'200'000);
  ASSERT_TRUE(report.cap);
  EXPECT_EQ(report.cap->above, Seconds{1'800});
  EXPECT_EQ(report.cap->excess, Millijoules{1'800 * 200'000});
  EXPECT_EQ(report.currency, "EUR");
}

TEST(Facility, PowerIsRoundedToTheNearestMilliwatt) {
  EXPECT_EQ(facility_power({1'001}, 1'500'000), Milliwatts{1'502});  // 1501.5
  EXPECT_EQ(facility_power({1'000}, 1'000'499), Milliwatts{1'000});
  EXPECT_EQ(facility_power({1'000}, 1'000'500), Milliwatts{1'001});
  EXPECT_EQ(facility_power({12'345}, 1'000'000), Milliwatts{12'345});
}

}  // namespace
}  // namespace wattfill::testing
