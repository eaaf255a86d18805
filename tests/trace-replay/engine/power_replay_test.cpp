// Nodes that sleep and wake under real replays: what must hold on every machine, for every strategy and order.
#include <gtest/gtest.h>

#include "tests/trace-replay/engine/power_replays.hpp"

namespace wattfill::testing {
namespace {

PolicySpec random_policy(Random& random) {
  constexpr Order kOrders[] = {Order::kFcfs, Order::kSjf, Order::kSaf, Order::kWfp3, Order::kF1};
  PolicySpec policy;
  policy.queue_order = kOrders[random.index(std::size(kOrders))];
  if (random.chance(80)) policy.backfill_order = kOrders[random.index(std::size(kOrders))];
  policy.reservation_depth = random.between32(0, 1);
  const std::vector<std::string> estimates = {"requested", "requested", "clairvoyant", "last-two"};
  policy.fit_estimates = policy.order_estimates = random.pick(estimates);
  if (random.chance(30)) policy.fill_estimates = random.pick(estimates);
  if (random.chance(20)) policy.promotion_age = Seconds{random.between(10, 60)};
  if (random.chance(20)) policy.placement = placement_from_text("most-efficient+contiguous");
  return policy;
}

struct Sums {
  std::int64_t sleeps = 0, waited = 0, withdrawn = 0, failures = 0;
};

Sums random_replays(std::uint64_t first, std::uint64_t seeds, bool cancellations, std::int32_t most_failures) {
  Sums sums;
  for (std::uint64_t seed = first; seed < first + seeds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Cluster cluster = random_sleepers(random, random.between(1, 3), random.chance(50) ? 1 : 8);
    Workload workload = random_bursts(random, cluster, random.between(20, 120));
    if (cancellations) withdraw_some(workload, random);
    PolicySpec policy = random_policy(random);
    policy.power = random_power_spec(random);
    const PowerReplay replayed = watched_replay(workload, cluster, policy, random.between32(0, most_failures));
    sums.sleeps += replayed.counts.sleeps;
    sums.waited += replayed.counts.jobs_that_waited;
    sums.withdrawn += replayed.counts.withdrawn;
    sums.failures += replayed.result.boot_failures;
  }
  return sums;
}

TEST(PowerReplay, EveryJobCompletesOnNodesThatAreAwake) {
  const Sums sums = random_replays(1, 1000, false, 0);
  EXPECT_GT(sums.sleeps, 20'000);
  EXPECT_GT(sums.waited, 5'000);
}

TEST(PowerReplay, BootsThatFailAreMadeAgain) {
  const Sums sums = random_replays(2001, 500, false, 600'000);
  EXPECT_GT(sums.failures, 5'000);
}

TEST(PowerReplay, JobsMayBeWithdrawnWhileTheirNodesWake) {
  const Sums sums = random_replays(4001, 1000, true, 200'000);
  EXPECT_GT(sums.withdrawn, 300);
}

// Whatever sleeps, and however few nodes boot at once: a job that begins late would end late too, and the head of the
// queue with it. EASY's promise is about when it gets its nodes; they may have to wake then.
TEST(PowerReplay, TheHeadOfTheQueueIsNotPutOff) {
  std::int64_t bounded = 0, waited = 0;
  for (std::uint64_t seed = 6001; seed <= 8000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Cluster cluster = random_sleepers(random, 1, random.chance(50) ? 1 : 8);
    Workload workload = random_bursts(random, cluster, random.between(20, 120));
    if (random.chance(30)) withdraw_some(workload, random);
    PolicySpec policy = preset(random.chance(50) ? "easy" : "easy-sjbf");
    policy.fit_estimates = policy.order_estimates = "requested";
    policy.power = random_power_spec(random);
    const PowerReplay replayed = watched_replay(workload, cluster, policy, 0, true);
    bounded += replayed.counts.bounded;
    waited += replayed.counts.jobs_that_waited;
  }
  EXPECT_GT(bounded, 20'000);
  EXPECT_GT(waited, 5'000);
}

TEST(PowerReplay, ATimeoutThatNeverPassesChangesNothing) {
  for (std::uint64_t seed = 8001; seed <= 8400 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Cluster cluster = random_sleepers(random, random.between(1, 3), 8);
    Workload workload = random_bursts(random, cluster, random.between(20, 120));
    if (random.chance(50)) withdraw_some(workload, random);
    PolicySpec policy = random_policy(random);
    policy.placement = {};  // where nodes may sleep, other ones need the least energy
    const PowerReplay without = watched_replay(workload, cluster, policy);
    policy.power.strategy = PowerStrategy::kTimeout;
    policy.power.timeout = Seconds{1'000'000'000};
    const PowerReplay with = watched_replay(workload, cluster, policy);
    EXPECT_EQ(with.counts.sleeps, 0);
    EXPECT_EQ(starts(with.result), starts(without.result));
    EXPECT_EQ(fates(with.result), fates(without.result));
    EXPECT_EQ(with.energy.it, without.energy.it);
    EXPECT_EQ(with.energy.by_job, without.energy.by_job);
  }
}

TEST(PowerReplay, IsTheSameEachTime) {
  for (std::uint64_t seed = 9001; seed <= 9100 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    PowerReplay both[2];
    for (PowerReplay& replayed : both) {
      Random random(seed);
      const Cluster cluster = random_sleepers(random, random.between(1, 3), 8);
      const Workload workload = random_bursts(random, cluster, 100);
      PolicySpec policy = random_policy(random);
      policy.power = random_power_spec(random);
      replayed = watched_replay(workload, cluster, policy, 300'000);
    }
    EXPECT_EQ(starts(both[0].result), starts(both[1].result));
    EXPECT_EQ(both[0].allocated, both[1].allocated);
    EXPECT_EQ(both[0].energy.by_node, both[1].energy.by_node);
    EXPECT_EQ(both[0].result.boot_failures, both[1].result.boot_failures);
  }
}

TEST(PowerReplay, NeedsOnePassForEachInstant) {
  const Workload workload = workload_of({{0, 1, 10, 10}});
  Random random(1);
  const Cluster cluster = random_sleepers(random, 1, 1);
  BackfillScheduler scheduler(scheduler_options(preset("easy"), workload, 2, PassRule::kEachEvent));
  ReplayOptions options = with_pass(PassRule::kEachEvent);
  options.cluster = &cluster;
  EXPECT_THROW(replay(workload, scheduler, options), std::invalid_argument);
}

}  // namespace
}  // namespace wattfill::testing
