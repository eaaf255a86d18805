// Every start of the scheduler equals the one of a naive scheduler, for every combination of its parts.
#include <gtest/gtest.h>

#include <string>

#include "runtime-predictor/last_two.hpp"
#include "tests/backfill/policy/core_system.hpp"
#include "tests/backfill/policy/naive_scheduler.hpp"
#include "tests/backfill/policy/printing.hpp"

namespace wattfill::testing {
namespace {

enum class Estimates {
  kRequested,
  kPredictedOrder,
  kPredictedFit,
  kBothPredicted,
  kLastTwo,
  kPredictedFill,
  kPredictedOrderAndFill
};

// Each scheduler gets sources of its own: they learn.
SchedulerOptions options_for(const SmallWorkload& workload, const PolicySpec& policy, FreeRule rule,
                             Estimates estimates) {
  SchedulerOptions options;
  options.policy = policy;
  options.processors = workload.processors;
  options.free_rule = rule;
  const auto predictions = std::make_shared<Predictions>(workload);
  if (estimates == Estimates::kPredictedFit || estimates == Estimates::kBothPredicted)
    options.fit_estimates = predictions;
  if (estimates == Estimates::kLastTwo) options.fit_estimates = std::make_shared<LastTwo>();
  options.order_estimates = options.fit_estimates;
  if (estimates == Estimates::kPredictedOrder || estimates == Estimates::kPredictedOrderAndFill)
    options.order_estimates = predictions;
  if (estimates == Estimates::kPredictedFill || estimates == Estimates::kPredictedOrderAndFill)
    options.fill_estimates = predictions;
  if (estimates == Estimates::kPredictedFit) options.order_estimates = std::make_shared<RequestedTime>();
  return options;
}

std::string describe(const PolicySpec& policy, FreeRule rule, Estimates estimates) {
  return label(policy) + ", free rule " + (rule == FreeRule::kEnded ? "ended" : "estimated") + ", estimates " +
         std::to_string(static_cast<int>(estimates));
}

// One instance.
void expect_same_schedule(const PolicySpec& policy, FreeRule rule, Estimates estimates, std::uint64_t seed,
                          std::int64_t most_jobs, Overruns overruns = Overruns::kReported) {
  Random random(seed);
  const SmallWorkload workload = small_workload(random, 15, most_jobs);
  const Passes passes = rule == FreeRule::kEnded ? Passes::kEachInstant : Passes::kEachEvent;
  CoreSystem core(workload, options_for(workload, policy, rule, estimates));
  NaiveScheduler naive(workload, options_for(workload, policy, rule, estimates));
  const std::vector<SimTime> expected = drive(workload, naive, passes, overruns);
  const std::vector<SimTime> found = drive(workload, core, passes, overruns);
  std::size_t first = workload.jobs.size();
  for (std::size_t i = 0; i < workload.jobs.size(); ++i)
    if (found[i] != expected[i] &&
        (first == workload.jobs.size() || std::min(found[i], expected[i]) < std::min(found[first], expected[first])))
      first = i;
  if (first < workload.jobs.size())
    ADD_FAILURE() << describe(policy, rule, estimates) << ", seed " << seed << ": job " << first + 1 << " of "
                  << workload.jobs.size() << " starts at " << seconds_since_epoch(found[first]) << ", expected "
                  << seconds_since_epoch(expected[first]);
  EXPECT_EQ(core.core().queued(), 0U);
  EXPECT_EQ(core.core().running(), 0U);
}

class EveryOrder : public ::testing::TestWithParam<Order> {
 protected:
  static constexpr std::int32_t kDepths[] = {0, 1, 2, 3, kReserveAll};

  // Visits each combination of the parts but the queue order.
  template <class Visit>
  void for_each_policy(Visit&& visit) const {
    for (const std::optional<Order> backfill :
         {std::optional<Order>{}, std::optional{Order::kFcfs}, std::optional{Order::kSjf}, std::optional{GetParam()}})
      for (const std::int32_t depth : kDepths)
        for (const std::optional<Seconds> age : {std::optional<Seconds>{}, std::optional{Seconds{45}}})
          for (const FreeRule rule : {FreeRule::kEnded, FreeRule::kEstimated}) {
            PolicySpec policy;
            policy.queue_order = GetParam();
            policy.backfill_order = backfill;
            policy.reservation_depth = depth;
            policy.promotion_age = age;
            visit(policy, rule);
          }
  }
};

TEST_P(EveryOrder, StartsAsTheNaiveSchedulerDoes) {
  std::uint64_t seed = 1000 * static_cast<std::uint64_t>(GetParam());
  for_each_policy([&](const PolicySpec& policy, FreeRule rule) {
    const bool all = policy.reservation_depth == kReserveAll;
    for (int repeat = 0; repeat < 3 && !HasFailure(); ++repeat)
      expect_same_schedule(policy, rule, Estimates::kRequested, ++seed, all ? 60 : 120);
  });
}

TEST_P(EveryOrder, StartsAsTheNaiveSchedulerDoesWithPredictionsThatFallShort) {
  std::uint64_t seed = 500'000 + 1000 * static_cast<std::uint64_t>(GetParam());
  int turn = 0;
  for_each_policy([&](const PolicySpec& policy, FreeRule rule) {
    constexpr Estimates kTurns[] = {Estimates::kPredictedOrder, Estimates::kPredictedFit,
                                    Estimates::kBothPredicted,  Estimates::kPredictedFill,
                                    Estimates::kLastTwo,        Estimates::kPredictedOrderAndFill};
    const bool all = policy.reservation_depth == kReserveAll;
    for (int repeat = 0; repeat < 3 && !HasFailure(); ++repeat)
      expect_same_schedule(policy, rule, kTurns[turn++ % 6], ++seed, all ? 50 : 90);
  });
}

TEST_P(EveryOrder, StartsAsTheNaiveSchedulerDoesWithPromotionByBacklog) {
  std::uint64_t seed = 600'000 + 1000 * static_cast<std::uint64_t>(GetParam());
  for_each_policy([&](const PolicySpec& by_age, FreeRule rule) {
    if (!by_age.promotion_age) return;
    for (const std::int32_t percent : {40, 100, 300}) {
      PolicySpec policy = by_age;
      policy.promotion_age = Seconds{percent == 300 ? 0 : 12};
      policy.promotion_backlog_percent = percent;
      policy.promotion_age_percent = percent / 2;
      if (HasFailure()) return;
      ++seed;
      expect_same_schedule(policy, rule, seed % 2 ? Estimates::kRequested : Estimates::kPredictedFill, seed, 80);
    }
  });
}

TEST_P(EveryOrder, StartsAsTheNaiveSchedulerDoesWhereEstimatesAreRenewed) {
  std::uint64_t seed = 1'000'000 + 1000 * static_cast<std::uint64_t>(GetParam());
  for_each_policy([&](const PolicySpec& by_age, FreeRule rule) {
    constexpr Estimates kTurns[] = {Estimates::kPredictedOrder, Estimates::kBothPredicted, Estimates::kPredictedFill,
                                    Estimates::kPredictedOrderAndFill};
    for (const std::int32_t renewals : {1, 3, 1000}) {
      if (HasFailure()) return;
      PolicySpec policy = by_age;
      policy.renewals = renewals;
      if (policy.promotion_age && renewals == 3) policy.promotion_backlog_percent = 100;
      ++seed;
      expect_same_schedule(policy, rule, kTurns[seed % 4], seed, policy.reservation_depth == kReserveAll ? 50 : 90);
    }
  });
}

// A job that has outlived its estimate and of which the host says nothing is expected to end at any moment.
TEST_P(EveryOrder, StartsAsTheNaiveSchedulerDoesWhereOverrunsAreNotReported) {
  std::uint64_t seed = 800'000 + 1000 * static_cast<std::uint64_t>(GetParam());
  for_each_policy([&](const PolicySpec& policy, FreeRule rule) {
    for (int repeat = 0; repeat < 2 && !HasFailure(); ++repeat)
      expect_same_schedule(policy, rule, repeat == 0 ? Estimates::kBothPredicted : Estimates::kPredictedFit, ++seed, 60,
                           Overruns::kUnreported);
  });
}

INSTANTIATE_TEST_SUITE_P(Orders, EveryOrder,
                         ::testing::Values(Order::kFcfs, Order::kSjf, Order::kSaf, Order::kWfp3, Order::kUnicep,
                                           Order::kF1, Order::kF2, Order::kF3, Order::kF4, Order::kHost, Order::kSmith),
                         [](const auto& order) { return std::string(wattfill::info(order.param).name); });

// The same instances, big enough now and then that queues and profiles grow: 200 jobs.
TEST(Schedules, AgreeOnLongerWorkloads) {
  for (std::uint64_t seed = 1; seed <= 40 && !::testing::Test::HasFailure(); ++seed) {
    PolicySpec policy;
    policy.queue_order = static_cast<Order>(seed % 10);
    policy.backfill_order = static_cast<Order>(seed / 4 % 10);
    policy.reservation_depth = seed % 4 == 0 ? kReserveAll : static_cast<std::int32_t>(seed % 4) * 2 - 1;
    if (seed % 3 == 0) policy.promotion_age = Seconds{200};
    if (seed % 6 == 0) policy.promotion_backlog_percent = 100;
    expect_same_schedule(policy, seed % 2 ? FreeRule::kEnded : FreeRule::kEstimated, Estimates::kRequested,
                         900'000 + seed, 400);
  }
}

// Reservations of one instant start in the order of the queue, not in that in which the host told of the jobs: where a
// pass follows each event, whose end is told first depends on it.
TEST(Schedules, ReservationsOfOneInstantStartInQueueOrder) {
  struct Row {
    JobId id;
    std::int64_t submit;
    std::int32_t processors;
    std::int64_t requested, predicted, runtime, start;
  };
  SmallWorkload workload;
  workload.processors = 25;
  std::vector<std::int64_t> expected;
  for (const Row& row : {Row{1, 3, 25, 7, 7, 7, 3}, Row{4, 4, 1, 1, 1, 1, 10}, Row{2, 4, 5, 3, 3, 1, 10},
                         Row{19, 5, 1, 3, 1, 2, 10}, Row{22, 7, 20, 1, 1, 1, 11}, Row{24, 9, 5, 2, 2, 1, 12}}) {
    TestJob& job = workload.jobs.emplace_back();
    job.job.id = row.id;
    job.job.submit = at(row.submit);
    job.job.processors = row.processors;
    job.job.requested = Seconds{row.requested};
    job.prediction = Seconds{row.predicted};
    job.runtime = Seconds{row.runtime};
    expected.push_back(row.start);
  }
  PolicySpec conservative;
  conservative.backfill_order = Order::kFcfs;
  conservative.reservation_depth = kReserveAll;
  CoreSystem core(workload, options_for(workload, conservative, FreeRule::kEstimated, Estimates::kPredictedFit));
  std::vector<std::int64_t> found;
  for (const SimTime start : drive(workload, core, Passes::kEachEvent)) found.push_back(seconds_since_epoch(start));
  EXPECT_EQ(found, expected);
}

// However a pass is split into budgets, it starts the same jobs.
TEST(Budget, DoesNotChangeWhatStarts) {
  std::uint64_t seed = 700'000;
  for (const Order order : {Order::kFcfs, Order::kSjf, Order::kWfp3})
    for (const std::optional<Order> backfill : {std::optional<Order>{}, std::optional{Order::kSaf}})
      for (const std::int32_t depth : {0, 1, 2, 3, kReserveAll})
        for (const std::int64_t budget : {1, 2, 3, 7})
          for (const Estimates estimates :
               {Estimates::kRequested, Estimates::kBothPredicted, Estimates::kPredictedFill}) {
            PolicySpec policy;
            policy.queue_order = order;
            policy.backfill_order = backfill;
            policy.reservation_depth = depth;
            if (seed % 2) policy.promotion_age = Seconds{seed % 3 == 0 ? 0 : 30};
            if (seed % 4 == 1) policy.promotion_backlog_percent = 60;
            if (seed % 8 == 1) policy.promotion_age_percent = 50;
            if (seed % 3 == 1) policy.renewals = 2;
            Random random(++seed);
            const SmallWorkload workload = small_workload(random, 20, 60);
            for (const FreeRule rule : {FreeRule::kEnded, FreeRule::kEstimated}) {
              const Passes passes = rule == FreeRule::kEnded ? Passes::kEachInstant : Passes::kEachEvent;
              CoreSystem whole(workload, options_for(workload, policy, rule, estimates));
              CoreSystem split(workload, options_for(workload, policy, rule, estimates), budget);
              ASSERT_EQ(drive(workload, whole, passes), drive(workload, split, passes))
                  << describe(policy, rule, estimates) << ", seed " << seed << ", budget " << budget;
            }
          }
}

}  // namespace
}  // namespace wattfill::testing
