// Nodes that sleep and wake, on timelines made by hand. Taurus nodes: break-even after 212 s, 7 s to fall asleep, 152 s
// to wake.
#include <gtest/gtest.h>

#include <string>

#include "tests/trace-replay/energy/machines.hpp"
#include "tests/trace-replay/engine/small_workload.hpp"

namespace wattfill::testing {
namespace {

using Strings = std::vector<std::string>;

// "sleep 0-2 @100", ...
class PowerLog final : public ReplayObserver {
 public:
  void started(std::size_t, const Proposal&, SimTime) override {}
  void ended(std::size_t, JobFate, SimTime) override {}
  void power_changed(NodeRun nodes, PowerChange change, std::int32_t, SimTime now) override {
    constexpr const char* kNames[] = {"sleep", "asleep", "wake", "awake", "failed"};
    log.push_back(std::string(kNames[static_cast<int>(change)]) + " " + std::to_string(nodes.first) + "-" +
                  std::to_string(nodes.end() - 1) + " @" + std::to_string(seconds_since_epoch(now)));
  }
  Strings log;
};

struct Played {
  ReplayResult result;
  Strings log;
};

Played played(const Workload& workload, const Cluster& cluster, const PowerSpec& power, std::int64_t until = 0,
              PolicySpec policy = preset("easy")) {
  policy.power = power;
  SchedulerOptions options = scheduler_options(policy, workload, 0, PassRule::kEachInstant);
  options.cluster = std::make_shared<Cluster>(cluster);
  BackfillScheduler scheduler(options);
  PowerLog log;
  ReplayOptions replaying;
  replaying.observer = &log;
  replaying.cluster = &cluster;
  replaying.until = at(until);
  Played played{replay(workload, scheduler, replaying), {}};
  played.log = log.log;
  return played;
}

Cluster four_nodes() { return taurus_cluster(4, AllocationMode::kWholeNodes); }

TEST(PowerByHand, AJobWaitsForItsNodesToWake) {
  const Workload workload = workload_of({{1000, 1, 10, 10}, {2000, 3, 50, 50}});
  const Played p = played(workload, four_nodes(), power_from_text("timeout:100"));
  EXPECT_EQ(p.log, (Strings{"sleep 1-3 @1100", "asleep 1-3 @1107", "sleep 0-0 @1110", "asleep 0-0 @1117",
                            "wake 0-2 @2000", "awake 0-2 @2152"}));
  EXPECT_EQ(starts(p.result), (std::vector<std::int64_t>{1000, 2152}));
  EXPECT_EQ(p.result.outcomes[1].boot_s, 152);
  EXPECT_EQ(p.result.outcomes[1].end, at(2202));
}

TEST(PowerByHand, ANodeThatFallsAsleepWakesAsSoonAsItCan) {
  const Workload workload = workload_of({{0, 1, 10, 10}, {103, 4, 50, 50}});
  const Played p = played(workload, four_nodes(), power_from_text("timeout:100"));
  EXPECT_EQ(p.log, (Strings{"sleep 1-3 @100", "asleep 1-3 @107", "wake 1-3 @107", "awake 1-3 @259"}));
  EXPECT_EQ(p.result.outcomes[1].boot_s, 156);
}

// The one that waits came alone, and nothing else happens until its nodes are free.
TEST(PowerByHand, ReservedNodesSleepAtOnceAndWakeInTime) {
  const Workload workload = workload_of({{0, 3, 2000, 2000}, {10, 4, 50, 50}});
  const Played timeline = played(workload, four_nodes(), power_from_text("timeline"));
  EXPECT_EQ(timeline.log, (Strings{"sleep 3-3 @10", "asleep 3-3 @17", "wake 3-3 @1848", "awake 3-3 @2000"}));
  EXPECT_EQ(timeline.result.outcomes[1].start, at(2000));
  EXPECT_EQ(timeline.result.outcomes[1].boot_s, 0);
  const Played break_even = played(workload, four_nodes(), power_from_text("break-even"));
  EXPECT_EQ(break_even.log, (Strings{"sleep 3-3 @212", "asleep 3-3 @219", "wake 3-3 @2000", "awake 3-3 @2152"}));
}

TEST(PowerByHand, FewBootAtOnce) {
  const Workload workload = workload_of({{0, 1, 10, 10}, {1000, 3, 50, 50}});
  PowerSpec power = power_from_text("timeout:5");
  power.boots_at_once = 2;
  const Played p = played(workload, four_nodes(), power);
  EXPECT_EQ(p.result.outcomes[1].boot_s, 2 * 152);
  EXPECT_EQ(p.log, (Strings{"sleep 1-3 @5", "asleep 1-3 @12", "sleep 0-0 @15", "asleep 0-0 @22", "wake 0-1 @1000",
                            "awake 0-1 @1152", "wake 2-2 @1152", "awake 2-2 @1304"}));
}

TEST(PowerByHand, AJobThatIsWithdrawnWakesNoMoreNodes) {
  Workload workload = workload_of({{0, 1, 10, 10}, {1000, 4, 50, 50}});
  workload.cancel_at = {kNever, at(1100)};
  PowerSpec power = power_from_text("timeout:5");
  power.boots_at_once = 1;
  const Played p = played(workload, four_nodes(), power, 3000);
  EXPECT_EQ(p.result.outcomes[1].fate, JobFate::kCancelledWaiting);
  EXPECT_EQ(Strings(p.log.end() - 4, p.log.end()),
            (Strings{"wake 0-0 @1000", "awake 0-0 @1152", "sleep 0-0 @1157", "asleep 0-0 @1164"}));
  // Nor those that fell asleep as it came.
  workload = workload_of({{0, 1, 10, 10}, {8, 4, 50, 50}});
  workload.cancel_at = {kNever, at(11)};
  const Played falling = played(workload, four_nodes(), power_from_text("timeout:5"), 3000);
  EXPECT_EQ(falling.log, (Strings{"sleep 1-3 @5", "asleep 1-3 @12", "sleep 0-0 @16", "asleep 0-0 @23"}));
}

TEST(PowerByHand, NodesThatHaveSleptEnoughSleepAgainTheNextDay) {
  const Workload workload = workload_of({{0, 1, 10, 10}, {1000, 1, 10, 10}});
  PowerSpec power = power_from_text("timeout:100");
  power.sleeps_per_day = 1;
  const Played p = played(workload, taurus_cluster(1, AllocationMode::kWholeNodes), power, 200'000);
  EXPECT_EQ(p.log, (Strings{"sleep 0-0 @110", "asleep 0-0 @117", "wake 0-0 @1000", "awake 0-0 @1152",
                            "sleep 0-0 @86400", "asleep 0-0 @86407"}));
}

TEST(PowerByHand, SparesAreWokenForThoseThatAreTaken) {
  const Workload workload = workload_of({{0, 1, 10, 10}, {1000, 1, 500, 500}});
  PowerSpec power = power_from_text("timeout:100");
  power.warm_spares = 1;
  const Played p = played(workload, four_nodes(), power);
  EXPECT_EQ(p.log,
            (Strings{"sleep 1-3 @100", "asleep 1-3 @107", "wake 1-1 @1000", "awake 1-1 @1152", "sleep 1-1 @1500"}));
  EXPECT_EQ(p.result.outcomes[1].start, at(1000));
}

// A lone job that would finish earlier on fast nodes starts on slow ones where nobody holds reservations, and at once.
TEST(PowerByHand, AGreedyJobDoesNotWaitForFastNodes) {
  Cluster cluster = taurus_cluster(1, AllocationMode::kWholeNodes);
  cluster.node_types.push_back(cluster.node_types.front());
  cluster.node_types.back().name = "slow";
  cluster.node_types.back().speed = {100'000};
  const Workload workload = workload_of({{0, 1, 20, 20}, {0, 1, 10, 10}, {200, 1, 100, 100}, {210, 1, 1000, 1000}});
  PolicySpec greedy = preset("easy");
  greedy.reservation_depth = 0;
  EXPECT_EQ(played(workload, cluster, {}, 0, greedy).result.outcomes[3].start, at(210));
}

// Nothing but its own wake-up starts it.
TEST(PowerByHand, ALoneShiftedJobRuns) {
  Cluster cluster = four_nodes();
  cluster.facility.carbon = StepSeries({{at(0), 400}, {at(5000), 100}, {at(9000), 400}});
  PolicySpec shifting = preset("easy");
  shifting.shift = shift_from_text("carbon:1:8");
  const Played p = played(workload_of({{1000, 1, 10, 10}}), cluster, power_from_text("timeout:100"), 0, shifting);
  EXPECT_EQ(p.result.outcomes[0].start, at(5000 + 152));
}

TEST(PowerByHand, AnEngineThatKnowsNoNodesLetsNoneSleep) {
  const Workload workload = workload_of({{1000, 1, 10, 10}});
  PolicySpec policy = preset("easy");
  policy.power = power_from_text("timeout:100");
  SchedulerOptions options = scheduler_options(policy, workload, 0, PassRule::kEachInstant);
  options.cluster = std::make_shared<Cluster>(four_nodes());
  BackfillScheduler scheduler(options);
  EXPECT_THROW(replay(workload, scheduler, {}), std::invalid_argument);
}

}  // namespace
}  // namespace wattfill::testing
