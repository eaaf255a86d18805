// What sleep costs: by hand, against brute force, and the bound of ski rental.
#include "backfill/power/sleep_cost.hpp"

#include <gtest/gtest.h>

#include "tests/backfill/known_nodes.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/random_power.hpp"

namespace wattfill::testing {
namespace {

// The energy of a gap that is spent asleep, both transitions included.
Millijoules asleep_through(const SleepState& state, Seconds gap) {
  return state.enter.energy + state.leave.energy + state.power * (gap - state.enter.duration - state.leave.duration);
}

bool pays(const NodePower& power, const SleepState& state, Seconds gap) {
  return gap >= state.enter.duration + state.leave.duration && asleep_through(state, gap) < power.idle * gap;
}

// (616.1 + 18965.758 - 9.75 * 159) J / 85.25 W = 211.5 s.
TEST(BreakEven, OfTaurus) {
  const NodePower power = taurus_nodes(1).power;
  const SleepState& off = power.sleep.front();
  EXPECT_EQ(competitive_timeout(power, off), Seconds{212});
  EXPECT_EQ(break_even(power, off), Seconds{212});
  EXPECT_FALSE(pays(power, off, Seconds{211}));
  EXPECT_TRUE(pays(power, off, Seconds{212}));
  EXPECT_EQ(asleep_through(off, Seconds{212}), (Millijoules{616'100 + 18'965'758 + 53 * 9'750}));
}

// (16.2 + 513 - 0.009 * 4500) kJ / 181 W = 2700 s, at which both cost the same; but falling asleep and waking takes
// 4500.
TEST(BreakEven, OfNasasNodes) {
  const NodePower power = ipsc_nodes(1).power;
  const SleepState& off = power.sleep.front();
  EXPECT_EQ(competitive_timeout(power, off), Seconds{2701});
  EXPECT_EQ(break_even(power, off), Seconds{4500});
  EXPECT_FALSE(pays(power, off, Seconds{4499}));
  EXPECT_TRUE(pays(power, off, Seconds{4500}));
}

TEST(BreakEven, OfAStateThatDrawsNoLessIsNever) {
  NodePower power = taurus_nodes(1).power;
  power.sleep.front().power = power.idle;
  EXPECT_EQ(break_even(power, power.sleep.front()), kForever);
  EXPECT_EQ(competitive_timeout(power, power.sleep.front()), kForever);
  EXPECT_FALSE(pays(power, power.sleep.front(), Seconds{1'000'000}));
}

TEST(BreakEven, OfTransitionsThatSaveIsTheirLength) {
  NodePower power;
  power.idle = {100};
  power.sleep = {{"s", {10}, {Seconds{3}, {20}, {}}, {Seconds{4}, {30}, {}}}};
  EXPECT_EQ(competitive_timeout(power, power.sleep.front()), Seconds{0});
  EXPECT_EQ(break_even(power, power.sleep.front()), Seconds{7});
}

TEST(BreakEven, IsTheFirstGapFromWhichOnSleepPays) {
  Random random(1);
  std::int64_t states = 0;
  for (int i = 0; i < 3000; ++i) {
    const NodePower power = random_power(random);
    for (const SleepState& state : power.sleep) {
      const Seconds first = break_even(power, state);
      if (first == kForever) {
        EXPECT_GE(state.power, power.idle);
        continue;
      }
      ++states;
      for (std::int64_t gap = 1; gap < 100; ++gap)
        EXPECT_EQ(pays(power, state, Seconds{gap}), Seconds{gap} >= first) << "gap " << gap;
    }
  }
  EXPECT_GT(states, 1000);
}

struct Spent {
  Millijoules policy, optimum;
  std::int64_t gaps = 0;
  double ratio() const { return static_cast<double>(policy.count) / static_cast<double>(optimum.count); }
};

// A node of one sleep state that falls asleep after `timeout`. Demand comes after `wanted`, and has to wait until the
// node is awake: so long is the gap. The optimum knows all gaps.
void spend(Spent& spent, const NodePower& power, Seconds timeout, Seconds wanted) {
  const SleepState& state = power.sleep.front();
  const bool sleeps = wanted > timeout;
  const Seconds gap = sleeps ? std::max(wanted, timeout + state.enter.duration) + state.leave.duration : wanted;
  spent.policy += sleeps ? power.idle * timeout + asleep_through(state, gap - timeout) : power.idle * gap;
  spent.optimum += pays(power, state, gap) ? asleep_through(state, gap) : power.idle * gap;
  ++spent.gaps;
}

TEST(SkiRental, BreakEvenCostsAtMostTwiceTheOptimum) {
  Random random(3);
  double worst = 0;
  for (int i = 0; i < 5000; ++i) {
    NodePower power = random_power(random);
    if (power.sleep.empty() || power.sleep.front().power >= power.idle) continue;
    power.sleep.resize(1);
    const Seconds timeout = competitive_timeout(power, power.sleep.front());
    Spent spent;
    const std::int64_t longest = timeout.count() * random.between(1, 4) + 10;
    for (std::int64_t gaps = random.between(1, 50); gaps > 0; --gaps)
      spend(spent, power, timeout, Seconds{random.chance(30) ? timeout.count() + 1 : random.between(1, longest)});
    // To the second's idling that whole seconds cost.
    const Millijoules rounding = (power.idle - power.sleep.front().power) * Seconds{spent.gaps};
    EXPECT_LE(spent.policy, spent.optimum * 2 + rounding);
    worst = std::max(worst, spent.ratio());
  }
  EXPECT_GT(worst, 1.7);  // the bound is near
}

// And a node that idles for the shortest gap worth sleeping does not keep it.
TEST(SkiRental, OfNasasNodes) {
  const NodePower power = ipsc_nodes(1).power;
  Spent right, late;
  spend(right, power, competitive_timeout(power, power.sleep.front()), Seconds{4501});
  spend(late, power, break_even(power, power.sleep.front()), Seconds{4501});
  EXPECT_NEAR(right.ratio(), 1.88, 0.01);
  EXPECT_NEAR(late.ratio(), 2.43, 0.01);
}

}  // namespace
}  // namespace wattfill::testing
