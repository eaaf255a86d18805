// What a policy promises about waiting, in words.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "backfill/policy/policy_spec.hpp"

namespace wattfill {
namespace {

struct Promise {
  Order queue;
  std::optional<Order> backfill;
  std::int32_t depth;
  std::optional<Seconds> promotion;
  bool upper_bound;
  std::string words;
};

TEST(WaitingBound, SaysWhatEachPolicyKeeps) {
  const std::string reservation = "each job starts no later than the reservation it got at submission";
  const std::string shadow = "the first job in arrival order starts no later than its shadow time, whatever arrives";
  const Seconds age{3600};
  const Promise promises[] = {
      {Order::kFcfs, std::nullopt, 1, {}, true, "no job is passed by a later one"},
      {Order::kFcfs, std::nullopt, 1, {}, false, "no job is passed by a later one"},
      {Order::kFcfs, Order::kFcfs, 1, {}, true, shadow},
      {Order::kFcfs, Order::kSjf, 3, {}, true, shadow},
      {Order::kFcfs, Order::kSjf, 1, {}, false, "none: a prediction that is too short delays reservations"},
      {Order::kFcfs, Order::kFcfs, 0, {}, true, "none: wide jobs may starve"},
      {Order::kFcfs, Order::kFcfs, kReserveAll, {}, true, reservation},
      {Order::kFcfs, Order::kFcfs, kReserveAll, {}, false, "none: a prediction that is too short delays reservations"},
      {Order::kSjf, Order::kSjf, 1, {}, true, "none: jobs that the order puts last may starve"},
      {Order::kSjf, Order::kSjf, kReserveAll, {}, true, reservation},
      {Order::kSjf, Order::kSjf, kReserveAll, {}, false, "none: jobs that the order puts last may starve"},
      {Order::kSaf, Order::kSaf, 1, age, true, "once promoted, " + shadow},
      {Order::kSaf, std::nullopt, 1, age, true, "once promoted, no job is passed by a later one"},
      {Order::kWfp3, Order::kWfp3, 0, age, true, "none: wide jobs may starve"},
  };
  for (const Promise& p : promises) {
    PolicySpec spec;
    spec.queue_order = p.queue;
    spec.backfill_order = p.backfill;
    spec.reservation_depth = p.depth;
    spec.promotion_age = p.promotion;
    EXPECT_EQ(waiting_bound(spec, p.upper_bound), p.words)
        << info(p.queue).name << ", depth " << p.depth << ", upper bound " << p.upper_bound;
  }
}

// What fills the hole beside a job that is not promoted may delay it.
TEST(WaitingBound, ThatHolesAreFilledByPredictionsMattersUntilPromotion) {
  PolicySpec spec;
  spec.backfill_order = Order::kSjf;
  spec.fill_estimates = "last-two";
  EXPECT_EQ(waiting_bound(spec, true), "none: a prediction that is too short delays reservations");
  spec.promotion_age = Seconds{3600};
  EXPECT_TRUE(waiting_bound(spec, true).starts_with("once promoted, the first job in arrival order"));
  spec.promotion_age.reset();
  spec.fill_estimates = spec.fit_estimates;
  EXPECT_TRUE(waiting_bound(spec, true).starts_with("the first job in arrival order"));
}

// Without a backfill order nothing holds reservations, whatever the depth says.
TEST(WaitingBound, PromisesNothingToTheLastWithoutReservations) {
  PolicySpec spec;
  spec.queue_order = Order::kSjf;
  spec.reservation_depth = kReserveAll;
  EXPECT_EQ(waiting_bound(spec, true), "none: jobs that the order puts last may starve");
}

}  // namespace
}  // namespace wattfill
