// What a gap costs: by hand, against all ways to spend it second by second, and the shape that makes last in, first out
// optimal.
#include "trace-replay/energy/gap_cost.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/backfill/random_power.hpp"
#include "tests/trace-replay/energy/machines.hpp"

namespace wattfill::testing {
namespace {

constexpr GapEnd kEnds[] = {GapEnd::kHeld, GapEnd::kHorizon};

std::int64_t cost(const GapCosts& costs, std::int64_t length, GapEnd end) {
  return static_cast<std::int64_t>(costs.cheapest(Seconds{length}, end).millijoules);
}

// T_be = (616.1 J + 18,965.758 J - 9.75 W * 159 s) / (95 W - 9.75 W) = 211.5 s.
TEST(GapCost, OfTaurusBreaksEvenAfter212Seconds) {
  const GapCosts costs(taurus(1).power);
  EXPECT_FALSE(costs.cheapest(Seconds{211}, GapEnd::kHeld).asleep);
  EXPECT_EQ(cost(costs, 211, GapEnd::kHeld), 211 * 95'000);
  EXPECT_TRUE(costs.cheapest(Seconds{212}, GapEnd::kHeld).asleep);
  EXPECT_EQ(cost(costs, 212, GapEnd::kHeld), 616'100 + 9'750 * 53 + 18'965'758);
  EXPECT_FALSE(costs.cheapest(Seconds{6}, GapEnd::kHorizon).asleep);
  EXPECT_EQ(cost(costs, 7, GapEnd::kHorizon), 616'100);
  EXPECT_EQ(cost(costs, 0, GapEnd::kHorizon), 0);
  EXPECT_EQ(deepest_power(taurus(1).power), Milliwatts{9'750});
}

// A state whose transitions take longer than they take to pay: the NASA iPSC study's node.
TEST(GapCost, NeedsTheTimeOfTheTransitions) {
  NodePower power;
  power.idle = power.active = {190'000};
  power.sleep = {{"off", {9'000}, {Seconds{1800}, {16'200'000}, {9'000}}, {Seconds{2700}, {513'000'000}, {190'000}}}};
  const GapCosts costs(power);
  EXPECT_EQ(cost(costs, 4499, GapEnd::kHeld), 4499 * 190'000);
  EXPECT_EQ(cost(costs, 4500, GapEnd::kHeld), 529'200'000);
  EXPECT_EQ(static_cast<std::int64_t>(costs.concave(Seconds{4499}, GapEnd::kHeld)), 529'200'000 - 9'000);
  EXPECT_EQ(static_cast<std::int64_t>(costs.concave(Seconds{2699}, GapEnd::kHeld)), 2699 * 190'000);
}

// The cheapest way through `length` seconds, over all sequences of idling and sleeping.
std::int64_t cheapest_life(const NodePower& power, std::int64_t length, GapEnd end) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> awake(static_cast<std::size_t>(length) + 1, kMost);
  awake[0] = 0;
  std::int64_t ended = kMost;
  for (std::int64_t t = 0; t <= length; ++t) {
    const std::int64_t now = awake[static_cast<std::size_t>(t)];
    const auto reach = [&](std::int64_t when, std::int64_t total) {
      if (when <= length)
        awake[static_cast<std::size_t>(when)] = std::min(awake[static_cast<std::size_t>(when)], total);
    };
    reach(t + 1, now + power.idle.count);
    for (const SleepState& state : power.sleep) {
      const std::int64_t in = t + state.enter.duration.count();
      for (std::int64_t until = in; until <= length; ++until) {
        const std::int64_t slept = now + state.enter.energy.count + state.power.count * (until - in);
        const std::int64_t out = until + state.leave.duration.count();
        if (out > t) reach(out, slept + state.leave.energy.count);
        if (until == length) ended = std::min(ended, slept);
      }
    }
  }
  const std::int64_t held = awake.back();
  return end == GapEnd::kHeld ? held : std::min(held, ended);
}

TEST(GapCost, IsThatOfTheCheapestLife) {
  Random random(1);
  std::int64_t slept = 0;
  for (int round = 0; round < 300 && !HasFailure(); ++round) {
    const NodePower power = ordinary_power(random);
    const GapCosts costs(power);
    for (std::int64_t length = 0; length <= 40; ++length)
      for (const GapEnd end : kEnds) {
        EXPECT_EQ(cost(costs, length, end), cheapest_life(power, length, end)) << "round " << round << ", " << length;
        slept += costs.cheapest(Seconds{length}, end).asleep;
      }
  }
  EXPECT_GT(slept, 3'000);
}

TEST(GapCost, ConcaveIsBelowConcaveAndFlatterAtTheHorizon) {
  Random random(2);
  for (int round = 0; round < 1'000 && !HasFailure(); ++round) {
    const GapCosts costs(random_power(random));
    const auto slope = [&](std::int64_t length, GapEnd end) {
      return costs.concave(Seconds{length + 1}, end) - costs.concave(Seconds{length}, end);
    };
    for (std::int64_t length = 0; length <= 40; ++length) {
      for (const GapEnd end : kEnds) {
        EXPECT_TRUE(costs.concave(Seconds{length}, end) <= costs.cheapest(Seconds{length}, end).millijoules);
        EXPECT_TRUE(slope(length + 1, end) <= slope(length, end));
      }
      EXPECT_TRUE(slope(length, GapEnd::kHorizon) <= slope(length, GapEnd::kHeld)) << round << ", " << length;
    }
  }
}

TEST(GapCost, OfOrdinaryNodesIsConcave) {
  Random random(3);
  for (int round = 0; round < 1'000 && !HasFailure(); ++round) {
    const GapCosts costs(ordinary_power(random));
    for (std::int64_t length = 0; length <= 40; ++length)
      for (const GapEnd end : kEnds)
        EXPECT_TRUE(costs.concave(Seconds{length}, end) == costs.cheapest(Seconds{length}, end).millijoules)
            << round << ", " << length;
  }
}

}  // namespace
}  // namespace wattfill::testing
