// How many nodes sleep and wake, and when, on timelines made by hand; and that nothing is missed between decisions.
#include "backfill/power/idle_manager.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/backfill/known_nodes.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

using Wish = IdleManager::Wish;
using Reservation = IdleManager::Reservation;

SimTime at(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

PowerSpec spec_of(const char* text, std::int32_t warm_spares = 0) {
  PowerSpec spec = power_from_text(text);
  spec.warm_spares = warm_spares;
  return spec;
}

// Of a type with one sleep state, all awake at first. Falling asleep and waking takes no time here.
class Nodes {
 public:
  Nodes(const NodeType& type, const PowerSpec& spec) : type_(type), spec_(spec), manager_(type_, spec_) {}

  void freed(std::int64_t nodes, std::int64_t now) {
    manager_.freed(nodes, at(now));
    history_.push_back({History::kFreed, nodes, now});
    awake_ += nodes;
  }
  void taken(std::int64_t nodes) {
    manager_.taken(nodes);
    history_.push_back({History::kTaken, nodes, 0});
    awake_ -= nodes;
  }
  // Carries out what is wished for. Nodes woken, less those that sleep.
  std::int64_t decide(std::int64_t now, const Reservation& reservation = {}) {
    std::int64_t sum = 0;
    while (true) {
      const Wish wish = manager_.decide({awake_, 0, {&asleep_, 1}}, reservation, at(now));
      if (wish.kind == Wish::Kind::kNothing) return sum;
      EXPECT_GT(wish.nodes, 0);
      EXPECT_EQ(wish.state, 0);
      if (wish.kind == Wish::Kind::kWake) {
        EXPECT_LE(wish.nodes, asleep_);
        asleep_ -= wish.nodes;
        freed(wish.nodes, now);
        sum += wish.nodes;
      } else {
        EXPECT_EQ(wish.kind, Wish::Kind::kSleep);
        EXPECT_LE(wish.nodes, awake_);
        manager_.slept(wish.nodes);
        history_.push_back({History::kSlept, wish.nodes, 0});
        awake_ -= wish.nodes;
        asleep_ += wish.nodes;
        sum -= wish.nodes;
      }
    }
  }
  // What one would wish for that knows of the same nodes, but was never asked before.
  Wish of_another(std::int64_t now, const Reservation& reservation) const {
    IdleManager other(type_, spec_);
    for (const auto& [what, nodes, when] : history_) {
      if (what == History::kFreed) other.freed(nodes, at(when));
      if (what == History::kTaken) other.taken(nodes);
      if (what == History::kSlept) other.slept(nodes);
    }
    return other.decide({awake_, 0, {&asleep_, 1}}, reservation, at(now));
  }
  // Never: -1.
  std::int64_t next() const {
    return manager_.next_decision() == kNever ? -1 : seconds_since_epoch(manager_.next_decision());
  }
  std::int64_t awake() const { return awake_; }
  std::int64_t asleep() const { return asleep_; }

 private:
  struct History {
    enum { kFreed, kTaken, kSlept } what;
    std::int64_t nodes;
    std::int64_t when;
  };

  NodeType type_;
  PowerSpec spec_;
  IdleManager manager_;
  std::int64_t awake_ = 0, asleep_ = 0;
  std::vector<History> history_;
};

TEST(IdleManager, NodesSleepAfterTheTimeout) {
  Nodes nodes(taurus_nodes(8), spec_of("timeout:100"));
  nodes.freed(2, 0);
  nodes.freed(3, 50);
  EXPECT_EQ(nodes.decide(50), 0);
  EXPECT_EQ(nodes.next(), 100);
  EXPECT_EQ(nodes.decide(99), 0);
  EXPECT_EQ(nodes.decide(100), -2);
  EXPECT_EQ(nodes.next(), 150);
  EXPECT_EQ(nodes.decide(150), -3);
  EXPECT_EQ(nodes.next(), -1);
}

// Those that came free last are used first, so the oldest go on growing older.
TEST(IdleManager, UnusedNodesAreAStack) {
  Nodes nodes(taurus_nodes(8), spec_of("timeout:100"));
  nodes.freed(2, 0);
  nodes.freed(3, 50);
  nodes.taken(4);
  nodes.freed(4, 60);
  EXPECT_EQ(nodes.decide(100), -1);
  EXPECT_EQ(nodes.next(), 160);
}

TEST(IdleManager, BreakEvenIsATimeout) {
  Nodes taurus(taurus_nodes(4), spec_of("break-even"));
  taurus.freed(4, 1000);
  EXPECT_EQ(taurus.decide(1211), 0);
  EXPECT_EQ(taurus.next(), 1212);
  EXPECT_EQ(taurus.decide(1212), -4);
  Nodes ipsc(ipsc_nodes(4), spec_of("break-even"));
  ipsc.freed(4, 0);
  EXPECT_EQ(ipsc.decide(0), 0);
  EXPECT_EQ(ipsc.next(), 2701);
  EXPECT_EQ(ipsc.decide(2701), -4);
}

TEST(IdleManager, AlwaysOneStateTheDeepestThatPays) {
  NodeType type = taurus_nodes(4);
  const SleepState off = type.power.sleep.front();
  SleepState light = off;
  light.power = {50'000};
  SleepState useless = off;
  useless.power = type.power.idle;
  type.power.sleep = {light, off, useless};
  const PowerSpec spec = spec_of("timeout:10");
  IdleManager manager(type, spec);
  manager.freed(4, at(0));
  const std::int64_t none[3] = {};
  const Wish wish = manager.decide({4, 0, none}, {}, at(10));
  EXPECT_EQ(wish.kind, Wish::Kind::kSleep);
  EXPECT_EQ(wish.nodes, 4);
  EXPECT_EQ(wish.state, 1);
  type.power.sleep = {useless};
  Nodes never(type, spec_of("timeout:10"));
  never.freed(4, 0);
  EXPECT_EQ(never.decide(1000), 0);
  EXPECT_EQ(never.next(), -1);
}

TEST(IdleManager, WarmSparesStayAwakeAndAreReplaced) {
  Nodes nodes(taurus_nodes(8), spec_of("timeout:100", 2));
  nodes.freed(5, 0);
  EXPECT_EQ(nodes.decide(100), -3);
  EXPECT_EQ(nodes.decide(5000), 0);
  nodes.taken(1);
  EXPECT_EQ(nodes.decide(5001), 1);
  nodes.taken(2);
  EXPECT_EQ(nodes.decide(5002), 2);  // the last ones
  nodes.taken(2);
  EXPECT_EQ(nodes.decide(5003), 0);
  EXPECT_EQ((nodes.awake() + nodes.asleep()), 0);
}

// Break-even is 212 s, waking takes 152.
TEST(IdleManager, ReservedNodesSleepAtOnceWhereThatPays) {
  Nodes nodes(taurus_nodes(8), spec_of("timeline"));
  nodes.freed(5, 1000);
  EXPECT_EQ(nodes.decide(1000, {3, at(1212)}), 0);
  EXPECT_EQ(nodes.decide(1000, {3, at(1213)}), -3);
}

TEST(IdleManager, ReservedNodesWakeInTime) {
  Nodes nodes(taurus_nodes(8), spec_of("timeline"));
  const Reservation reservation{3, at(5000)};
  nodes.freed(5, 1000);
  EXPECT_EQ(nodes.decide(1000, reservation), -3);
  EXPECT_EQ(nodes.next(), 1212);  // the other two
  EXPECT_EQ(nodes.decide(1212, reservation), -2);
  EXPECT_EQ(nodes.next(), 5000 - 152);
  EXPECT_EQ(nodes.decide(4847, reservation), 0);
  EXPECT_EQ(nodes.decide(4848, reservation), 3);
  EXPECT_EQ(nodes.decide(5400, reservation), 0);  // nor do they sleep again while the job is late
}

TEST(IdleManager, NodesThatAreReservedSoonStayAwake) {
  Nodes nodes(taurus_nodes(8), spec_of("timeline"));
  nodes.freed(5, 0);
  EXPECT_EQ(nodes.decide(300, {3, at(400)}), -2);
  EXPECT_EQ(nodes.decide(400, {3, at(400)}), 0);
  EXPECT_EQ(nodes.decide(401), -3);  // the job went away
}

TEST(IdleManager, OtherStrategiesKnowNoReservations) {
  Nodes nodes(taurus_nodes(8), spec_of("break-even"));
  nodes.freed(5, 0);
  EXPECT_EQ(nodes.decide(0, {5, at(10'000)}), 0);
  EXPECT_EQ(nodes.decide(212, {5, at(220)}), -5);
  EXPECT_EQ(nodes.decide(219, {5, at(220)}), 0);
}

// Where nothing is known yet, all nodes count as needed.
TEST(IdleManager, AForecastBeginsWithAllNodesAwakeAndLearnsToLetThemSleep) {
  Nodes nodes(taurus_nodes(8), spec_of("forecast:0.1"));
  nodes.freed(8, 0);
  EXPECT_EQ(nodes.decide(10), 0);
  std::int64_t asleep_at = 0;
  for (std::int64_t now = 10; now < 10 * 86'400 && asleep_at == 0;) {
    const std::int64_t next = nodes.next();
    ASSERT_GT(next, now);
    now = next;
    nodes.decide(now);
    if (nodes.asleep() == 8) asleep_at = now;
  }
  EXPECT_GT(asleep_at, 212);
  EXPECT_LT(asleep_at, 5 * 86'400);
}

// Asking every second never finds anything to do but after an event or at the time foretold; and then, without a
// reservation, there is.
TEST(IdleManager, NothingChangesBetweenDecisions) {
  std::int64_t actions = 0, foretold = 0;
  for (std::uint64_t seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    NodeType type = taurus_nodes(8);
    for (Transition* transition : {&type.power.sleep[0].enter, &type.power.sleep[0].leave}) {
      transition->duration /= 5;
      transition->energy.count /= 5;
    }
    const char* strategies[] = {"timeout:0", "timeout:30", "break-even", "timeline"};
    const std::size_t strategy = random.index(4);
    Nodes nodes(type, spec_of(strategies[strategy], random.chance(30) ? random.between32(1, 4) : 0));
    Reservation reservation;
    std::int64_t held = 8, planned = -1;
    for (std::int64_t now = 0; now < 1000; ++now) {
      bool event = random.chance(2);
      if (event) {
        const std::int64_t some = random.between(0, held);
        nodes.freed(some, now);
        held -= some;
        const std::int64_t others = random.between(0, std::min<std::int64_t>(2, nodes.awake()));
        nodes.taken(others);
        held += others;
        reservation = {};
        if (strategy == 3 && random.chance(60))
          reservation = {random.between(0, (nodes.awake() + nodes.asleep())), at(now + random.between(0, 200))};
      }
      if (!event && now != planned) {
        EXPECT_EQ(nodes.of_another(now, reservation).kind, Wish::Kind::kNothing)
            << "at " << now << ", not before " << planned;
        EXPECT_EQ(nodes.decide(now, reservation), 0);
      } else {
        const std::int64_t changed = nodes.decide(now, reservation);
        actions += changed != 0;
        if (!event && strategy < 3) {
          EXPECT_NE(changed, 0) << "at " << now;
          ++foretold;
        }
        planned = nodes.next();
        EXPECT_TRUE(planned == -1 || planned > now);
      }
    }
  }
  EXPECT_GT(actions, 2000);
  EXPECT_GT(foretold, 300);
}

}  // namespace
}  // namespace wattfill::testing
