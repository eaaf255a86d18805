// Power caps that change with time, under real replays: by hand, and what must hold on every machine.
#include "backfill/power/power_cap.hpp"

#include <gtest/gtest.h>

#include "tests/trace-replay/energy/machines.hpp"
#include "tests/trace-replay/engine/capped_replays.hpp"
#include "tests/trace-replay/engine/power_replays.hpp"

namespace wattfill::testing {
namespace {

using Starts = std::vector<std::int64_t>;

Cluster taurus_nodes_of(std::int32_t nodes) { return taurus_cluster(nodes, AllocationMode::kWholeNodes); }

// As much as so many nodes at work draw, the others asleep.
std::int64_t at_work_of(std::int32_t nodes, std::int32_t working) {
  return working * 190'738 + (nodes - working) * std::int64_t{9'750};
}

CappedReplay by_hand(const std::vector<SmallJob>& jobs, Cluster cluster, StepSeries cap, const char* power,
                     const char* policy = "easy") {
  cluster.facility.power_cap = std::move(cap);
  PolicySpec spec = preset(policy);
  if (*power != '\0') spec.power = power_from_text(power);
  return capped_replay(workload_of(jobs), cluster, spec);
}

// A job holds two of four nodes all the time. Another one that would still run when only two may work waits until all
// may; where nodes sleep they have to do so by then, and begin 159 s before.
TEST(PowerCapByHand, AJobThatWouldMeetAStepWaits) {
  const auto start = [&](std::int64_t requested, const char* power) {
    const bool sleep = *power != '\0';
    const std::int64_t all = 4 * 190'738;
    const std::int64_t two = sleep ? at_work_of(4, 2) : 2 * 190'738 + 2 * 95'000;
    const StepSeries cap({{at(0), all}, {at(2000), two}, {at(6000), all}});
    return starts(by_hand({{0, 2, 7000, 7000}, {500, 2, requested, requested}}, taurus_nodes_of(4), cap, power).result)
        .back();
  };
  EXPECT_EQ(start(1500, ""), 500);
  EXPECT_EQ(start(1501, ""), 6000);
  EXPECT_EQ(start(2000 - 159 - 500, "timeout:100000"), 500);
  EXPECT_EQ(start(2000 - 159 - 500 + 1, "timeout:100000"), 6000 + 152);
}

TEST(PowerCapByHand, NodesSleepByTheStepAndWakeAfterIt) {
  const StepSeries cap({{at(0), at_work_of(4, 4)}, {at(2000), at_work_of(4, 2)}, {at(6000), at_work_of(4, 4)}});
  const CappedReplay p = by_hand({{0, 2, 7000, 7000}, {1900, 2, 50, 50}}, taurus_nodes_of(4), cap, "timeout:100000");
  EXPECT_EQ(p.log, (Strings{"sleep 2-3 @1841", "asleep 2-3 @1848", "wake 2-3 @6000", "awake 2-3 @6152"}));
  EXPECT_EQ(starts(p.result), (Starts{0, 6152}));
}

// Every day 1000 s; the steps come again.
TEST(PowerCapByHand, StepsRepeatWithTheirPeriod) {
  const StepSeries cap({{at(100), at_work_of(4, 2)}, {at(400), at_work_of(4, 4)}}, Seconds{1000});
  Cluster cluster = taurus_nodes_of(4);
  SleepState& off = cluster.node_types.front().power.sleep.front();
  off.enter = {Seconds{5}, {500'000}, {100'000}};
  off.leave = {Seconds{15}, {1'800'000}, {120'000}};
  const CappedReplay p = by_hand({{0, 2, 5000, 5000}, {3000, 2, 90, 90}, {3500, 2, 575, 575}, {3600, 2, 30, 30}},
                                 cluster, cap, "timeout:100000");
  EXPECT_EQ(starts(p.result), (Starts{0, 3415, 3505, 4415}));
}

// Two nodes sleep already when two are to be out: they are the ones, and the others stay awake.
TEST(PowerCapByHand, NodesThatSleepGoOutFirst) {
  const StepSeries cap({{at(0), at_work_of(4, 4)}, {at(2000), at_work_of(4, 2)}});
  const CappedReplay p =
      by_hand({{0, 2, 1500, 1500}, {1900, 1, 500, 500}, {1950, 2, 10, 10}}, taurus_nodes_of(4), cap, "timeout:600");
  EXPECT_EQ(p.log, (Strings{"sleep 2-3 @600", "asleep 2-3 @607", "sleep 1-1 @2100", "asleep 1-1 @2107",
                            "wake 1-1 @2400", "awake 1-1 @2552"}));
  EXPECT_EQ(starts(p.result), (Starts{0, 1900, 2552}));
}

// The first job needs more than the coming cap leaves, the next one runs on what is left at all times.
TEST(PowerCapByHand, AJobThatFitsTheLowestCapPassesOneThatWaitsForAStep) {
  const StepSeries cap({{at(0), at_work_of(4, 4)}, {at(1000), at_work_of(4, 2)}, {at(5000), at_work_of(4, 4)}});
  Cluster cluster = taurus_nodes_of(4);
  const CappedReplay p = by_hand({{0, 1, 10, 10}, {100, 2, 3000, 3000}, {200, 2, 3000, 3000}, {300, 2, 500, 500}},
                                 cluster, cap, "timeout:100000");
  EXPECT_EQ(starts(p.result), (Starts{0, 100, 3100, 300}));
}

TEST(PowerCapReplay, IsNeverExceededAndEveryJobEnds) {
  CapSums sums;
  for (std::uint64_t seed = 1; seed <= 1500 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    random_capped_replay(random, sums);
  }
  EXPECT_GT(sums.steps, 20'000);
  EXPECT_GT(sums.sleeps, 10'000);
  EXPECT_GT(sums.at_the_cap, 500);  // replays in which one more node at work would have been too many
}

// A step that lies beyond all jobs changes nothing, though now all passes plan ahead.
TEST(PowerCapReplay, AStepThatIsFarAwayChangesNothing) {
  std::int64_t backfilled = 0;
  for (std::uint64_t seed = 5001; seed <= 5400 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Cluster cluster = random_sleepers(random, random.between(1, 3), 1);
    for (NodeType& type : cluster.node_types) type.count += 2;
    cluster.facility.power_cap = StepSeries(random_cap(random, cluster, false));
    const Workload workload = random_bursts(random, least_at_work(cluster, false), random.between(20, 120));
    PolicySpec policy = preset(random.chance(50) ? "easy" : random.chance(50) ? "easy-sjbf" : "fcfs");
    if (random.chance(30)) policy = preset("conservative");
    const CappedReplay constant = capped_replay(workload, cluster, policy);
    const std::int64_t value = cluster.facility.power_cap.lowest();
    cluster.facility.power_cap = StepSeries({{at(0), value}, {at(1'000'000'000), value + 1'000'000}});
    const CappedReplay changing = capped_replay(workload, cluster, policy);
    EXPECT_EQ(starts(changing.result), starts(constant.result)) << policy.name;
    backfilled += constant.result.scheduler.backfilled;
  }
  EXPECT_GT(backfilled, 1000);
}

}  // namespace
}  // namespace wattfill::testing
