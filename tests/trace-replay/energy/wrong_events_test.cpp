// What cannot be is noticed: events, powers, sums that do not agree, and sums beyond 64 bits.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "tests/trace-replay/energy/machines.hpp"
#include "tests/trace-replay/energy/message_of.hpp"
#include "trace-replay/energy/energy_meter.hpp"

namespace wattfill::testing {
namespace {

// What the meter says to the last of some events on two nodes of four cores.
std::string refused(AllocationMode mode, const std::function<void(EnergyMeter&)>& events) {
  const Cluster cluster = taurus_cluster(2, mode, 4);
  EnergyMeter meter(cluster);
  return message_of([&] { events(meter); });
}

TEST(WrongEvents, OfCounts) {
  const auto of = [](const auto& events) { return refused(AllocationMode::kCounts, events); };
  EXPECT_EQ(of([](EnergyMeter& m) { m.job_started(metered_job(0, 9), nullptr, second(0)); }),
            "metering: job 0 starts on 9 processors, but 8 of 8 are unused");
  EXPECT_EQ(of([](EnergyMeter& m) { m.job_started(metered_job(0, 0), nullptr, second(0)); }),
            "metering: job 0 starts on 0 processors, but 8 of 8 are unused");
  EXPECT_EQ(of([](EnergyMeter& m) { m.job_ended(3, second(0)); }), "metering: job 3 does not run");
  EXPECT_EQ(of([](EnergyMeter& m) {
              m.job_started(metered_job(0), nullptr, second(5));
              m.job_ended(0, second(4));
            }),
            "metering: an event at 4 s after one at 5 s");
  EXPECT_EQ(of([](EnergyMeter& m) {
              m.job_started(metered_job(0), nullptr, second(5));
              m.job_started(metered_job(0), nullptr, second(5));
            }),
            "metering: job 0 starts, but it runs already");
  EXPECT_EQ(of([](EnergyMeter& m) {
              m.sleep_begun({0, 1}, 0, second(0));
            }),
            "metering: counted processors have no nodes");
  EXPECT_EQ(of([](EnergyMeter& m) {
              const Allocation nodes = on({0});
              m.job_started(metered_job(0), &nodes, second(0));
            }),
            "metering: job 0 starts with an allocation");
  EXPECT_EQ(of([](EnergyMeter& m) {
              m.job_started(metered_job(0), nullptr, second(0));
              m.job_frequency(0, 2, second(0));
            }),
            "metering: node type \"taurus\" has no frequency state 2");
}

TEST(WrongEvents, OfNodes) {
  const Allocation first = on({0});
  const Allocation third = on({2});
  const Allocation both = on({0, 1});
  const auto of = [](const auto& events) { return refused(AllocationMode::kWholeNodes, events); };
  EXPECT_EQ(of([&](EnergyMeter& m) { m.job_started(metered_job(0), nullptr, second(0)); }),
            "metering: job 0 starts without an allocation");
  EXPECT_EQ(of([&](EnergyMeter& m) { m.job_started(metered_job(0), &third, second(0)); }), "metering: node 2 of 2");
  EXPECT_EQ(of([&](EnergyMeter& m) {
              m.job_started(metered_job(0), &first, second(0));
              m.job_started(metered_job(1), &both, second(1));
            }),
            "metering: node 0: a job starts, but it is in use, not idle");
  EXPECT_EQ(of([&](EnergyMeter& m) {
              m.sleep_begun({0, 1}, 0, second(0));
              m.job_started(metered_job(0), &first, second(1));
            }),
            "metering: node 0: a job starts, but it is falling asleep, not idle");
  EXPECT_EQ(of([&](EnergyMeter& m) {
              m.sleep_begun({0, 1}, 1, second(0));
            }),
            "metering: node 0: its type has no sleep state 1");
  EXPECT_EQ(of([&](EnergyMeter& m) {
              m.wake_begun({0, 1}, second(0));
            }),
            "metering: node 0: it wakes, but it is idle, not asleep");
  EXPECT_EQ(of([&](EnergyMeter& m) {
              m.sleep_begun({0, 1}, 0, second(10));
              m.asleep({0, 1}, second(16));
            }),
            "metering: node 0: its transition ends at 16 s instead of 17 s");
  EXPECT_EQ(of([&](EnergyMeter& m) {
              m.sleep_begun({0, 1}, 0, second(10));
              m.finish(second(18));
            }),
            "metering: node 0: its transition should have ended at 17 s");
}

TEST(WrongEvents, OfCores) {
  const auto of = [](const auto& events) { return refused(AllocationMode::kCores, events); };
  const Allocation no_cores = on({0});
  const Allocation none = on({0}, {cores(4, {})});
  const Allocation lower = on({0}, {cores(4, {0, 1})});
  const Allocation middle = on({0}, {cores(4, {1, 2})});
  const Allocation beyond = on({0}, {cores(5, {4})});
  EXPECT_EQ(of([&](EnergyMeter& m) { m.job_started(metered_job(0), &no_cores, second(0)); }),
            "metering: job 0 starts on 1 nodes with 0 core sets instead of 1");
  EXPECT_EQ(of([&](EnergyMeter& m) { m.job_started(metered_job(0), &none, second(0)); }),
            "metering: job 0 starts on node 0 without a core");
  EXPECT_EQ(of([&](EnergyMeter& m) { m.job_started(metered_job(0), &beyond, second(0)); }),
            "metering: job 0 starts on core 4 of node 0, which has no such core");
  EXPECT_EQ(of([&](EnergyMeter& m) {
              m.job_started(metered_job(0), &lower, second(0));
              m.job_started(metered_job(1), &middle, second(0));
            }),
            "metering: job 1 starts on core 1 of node 0, which is in use");
  // The same where one of them, or both, would have the node as a whole.
  const Allocation all = on({0}, {cores(4, {0, 1, 2, 3})});
  const auto after = [&](const Allocation& one, const Allocation& another) {
    return of([&](EnergyMeter& m) {
      m.job_started(metered_job(0), &one, second(0));
      m.job_started(metered_job(1), &another, second(0));
    });
  };
  EXPECT_EQ(after(all, middle), "metering: job 1 starts on core 1 of node 0, which is in use");
  EXPECT_EQ(after(middle, all), "metering: job 1 starts on core 1 of node 0, which is in use");
  EXPECT_EQ(after(all, all), "metering: job 1 starts on core 0 of node 0, which is in use");
  EXPECT_EQ(of([&](EnergyMeter& m) {
              m.sleep_begun({0, 1}, 0, second(0));
              m.job_started(metered_job(0), &all, second(1));
            }),
            "metering: node 0: a job starts, but it is falling asleep, not idle");
}

// Several nodes at once are of one type, in one state, and sleep alike.
TEST(WrongEvents, OfSeveralNodes) {
  Cluster cluster = taurus_cluster(2, AllocationMode::kWholeNodes, 4);
  cluster.node_types.front().power.sleep.push_back(cluster.node_types.front().power.sleep.front());
  cluster.node_types.push_back(cluster.node_types.front());
  const auto of = [&](const std::function<void(EnergyMeter&)>& events) {
    EnergyMeter meter(cluster);
    return message_of([&] { events(meter); });
  };
  EXPECT_EQ(of([](EnergyMeter& m) {
              m.sleep_begun({0, 4}, 0, second(0));
            }),
            "metering: nodes 0 and 2 are not of one type and sleep state");
  EXPECT_EQ(of([](EnergyMeter& m) { m.sleep_begun({3, 2}, 0, second(0)); }), "metering: node 4 of 4");
  EXPECT_EQ(of([](EnergyMeter& m) {
              m.sleep_begun({0, 1}, 0, second(0));
              m.asleep({0, 2}, second(7));
            }),
            "metering: node 1: it is asleep, but it is idle, not falling asleep");
  EXPECT_EQ(of([](EnergyMeter& m) {
              m.sleep_begun({0, 1}, 0, second(0));
              m.sleep_begun({1, 1}, 1, second(0));
              m.asleep({0, 2}, second(7));
            }),
            "metering: nodes 0 and 1 are not of one type and sleep state");
}

// The refusal of a cluster of one node type that has been changed.
std::string cluster_refused(AllocationMode mode, const std::function<void(Cluster&)>& change) {
  Cluster cluster = taurus_cluster(2, mode, 4);
  change(cluster);
  return message_of([&] { EnergyMeter meter(cluster); });
}

TEST(WrongPowers, AreRefused) {
  constexpr auto kWhole = AllocationMode::kWholeNodes;
  const auto power = [](Cluster& c) -> NodePower& { return c.node_types[0].power; };
  const std::string type = "taurus-2: node_type \"taurus\": ";
  EXPECT_EQ(cluster_refused(kWhole, [&](Cluster& c) { power(c).idle = {-1}; }), type + "power.idle: negative");
  EXPECT_EQ(cluster_refused(kWhole, [&](Cluster& c) { power(c).frequencies[1].active = {-1}; }),
            type + "power.frequency \"1.4 GHz\": active: negative");
  EXPECT_EQ(cluster_refused(kWhole, [&](Cluster& c) { power(c).sleep[0].enter.energy = {605'999}; }),
            type + "power.sleep \"off\": enter.energy: 605999 mJ is less than 101000 mW over its 6 whole seconds");
  EXPECT_EQ(cluster_refused(kWhole, [&](Cluster& c) { power(c).sleep[0].leave.duration = Seconds{0}; }),
            type + "power.sleep \"off\": leave.energy: a transition without duration must cost nothing");
  EXPECT_EQ(cluster_refused(AllocationMode::kCores, [&](Cluster& c) { power(c).per_package = {95'739}; }),
            type + "power.active: 190738 mW is less than the 190739 mW of idle power and all packages");
  EXPECT_EQ(cluster_refused(AllocationMode::kCores, [&](Cluster& c) { c.node_types[0].processors = 5; }),
            type + "processors: 5, but the topology has 4 cores");
  EXPECT_EQ(cluster_refused(kWhole, [&](Cluster& c) { c.facility.pue_millionths = 999'999; }),
            "taurus-2: facility: PUE 999999 millionths is less than 1");
  EXPECT_EQ(cluster_refused(AllocationMode::kCounts, [&](Cluster& c) { c.node_types.push_back(c.node_types[0]); }),
            "taurus-2: 2 node types; counted processors can be metered on nodes of one type only, give the nodes an "
            "identity");
}

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST(Overflow, OfPowerIsNoticedBeforeTheFirstEvent) {
  for (const AllocationMode mode : {AllocationMode::kCounts, AllocationMode::kWholeNodes, AllocationMode::kCores})
    EXPECT_EQ(cluster_refused(mode, [](Cluster& c) { c.node_types[0].power.active = {kMost / 1'900'000}; }),
              "metering: a product of powers or energies overflows");
}

TEST(Overflow, OfEnergyIsNoticed) {
  const Cluster cluster = taurus_cluster(1, AllocationMode::kCounts);
  EnergyMeter first(cluster);
  EXPECT_THROW(first.finish(second(kMost / 95'000 + 1)), std::overflow_error);
  EnergyMeter last(cluster);
  EXPECT_EQ(last.finish(second(kMost / 95'000)).it.total(), Millijoules{kMost / 95'000 * 95'000});
}

TEST(Overflow, OfMoneyIsNoticed) {
  Cluster cluster = taurus_cluster(1, AllocationMode::kCounts);
  cluster.facility.tariff = StepSeries(kMost);
  EnergyMeter meter(cluster);
  EXPECT_THROW(meter.finish(second(1'000'000)), std::overflow_error);
}

// Whatever figure is wrong by a millijoule, or moved from one part to another, verify() throws.
TEST(Verify, NoticesEveryFigure) {
  const Cluster cluster = taurus_cluster(3, AllocationMode::kWholeNodes);
  MeterOptions options;
  options.record_power = true;
  EnergyMeter meter(cluster, options);
  const Allocation nodes = on({0, 2});
  meter.job_started(metered_job(0), &nodes, second(0));
  meter.job_ended(0, second(10));
  const EnergyReport report = meter.finish(second(20));
  ASSERT_NO_THROW(verify(report));
  const auto wrong = [&](const std::function<void(EnergyReport&)>& change) {
    EnergyReport changed = report;
    change(changed);
    return message_of([&] { verify(changed); });
  };
  const auto more = [](Millijoules& energy) { energy += Millijoules{1}; };
  EXPECT_EQ(wrong([&](EnergyReport& r) { more(r.by_job[0]); }),
            "metering: the jobs add up to 3814761 mJ instead of 3814760 mJ");
  EXPECT_EQ(wrong([&](EnergyReport& r) { more(r.by_user[0].energy); }),
            "metering: the users add up to 3814761 mJ instead of 3814760 mJ");
  EXPECT_EQ(wrong([&](EnergyReport& r) { more(r.by_queue[0].energy); }),
            "metering: the queues add up to 3814761 mJ instead of 3814760 mJ");
  EXPECT_EQ(wrong([&](EnergyReport& r) { ++r.by_queue[0].jobs; }), "metering: the queues have 2 jobs instead of 1");
  EXPECT_EQ(wrong([&](EnergyReport& r) { more(r.by_node[1][Component::kIdle]); }),
            "metering: the nodes (idle) add up to 3800001 mJ instead of 3800000 mJ");
  EXPECT_EQ(wrong([&](EnergyReport& r) { more(r.by_type[0].energy[Component::kSleep]); }),
            "metering: the node types (sleep) add up to 1 mJ instead of 0 mJ");
  EXPECT_EQ(wrong([&](EnergyReport& r) { more(r.facility); }),
            "metering: the facility's power over time add up to 7614760 mJ instead of 7614761 mJ");
  EXPECT_EQ(wrong([&](EnergyReport& r) {
              r.power = {};
              r.power.append(r.begin, {{Milliwatts{1}}});
            }),
            "metering: the power over time (jobs) add up to 20 mJ instead of 3814760 mJ");
  EXPECT_NE(wrong([&](EnergyReport& r) {
              r.it[Component::kTransition] += Millijoules{1};
              r.it[Component::kIdle] -= Millijoules{1};
            }),
            "no error");
}

}  // namespace
}  // namespace wattfill::testing
