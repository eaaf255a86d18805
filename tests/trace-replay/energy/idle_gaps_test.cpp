// The yardsticks of a schedule's idle gaps: by hand, against a naive reckoning and against all ways to exchange nodes.
#include "trace-replay/energy/idle_gaps.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "tests/backfill/random_power.hpp"
#include "tests/trace-replay/energy/machines.hpp"
#include "tests/trace-replay/energy/message_of.hpp"

namespace wattfill::testing {
namespace {

// A job's nodes, from when to when.
struct Stay {
  std::vector<NodeIndex> nodes;
  std::int64_t from;
  std::int64_t to;
};

// Tells of starts and ends in order of time, ends first.
void tell(const std::vector<Stay>& stays, const std::function<void(const Stay&, bool start)>& visit) {
  std::map<std::pair<std::int64_t, bool>, std::vector<const Stay*>> moments;
  for (const Stay& stay : stays) {
    moments[{stay.from, true}].push_back(&stay);
    moments[{stay.to, false}].push_back(&stay);
  }
  for (const auto& [moment, all] : moments)
    for (const Stay* stay : all) visit(*stay, moment.second);
}

IdleGapsReport reported(const Cluster& cluster, const std::vector<Stay>& stays, std::int64_t begin, std::int64_t end) {
  IdleGaps gaps(cluster, second(begin), second(end));
  tell(stays, [&](const Stay& stay, bool start) {
    start ? gaps.held(stay.nodes, second(stay.from)) : gaps.released(stay.nodes, second(stay.to));
  });
  return gaps.finish(second(end));
}

// Off from 7 s on until the horizon, and through a gap that ends held.
std::int64_t off(std::int64_t length) { return 616'100 + 9'750 * (length - 7); }
std::int64_t off_and_on(std::int64_t length) { return 616'100 + 9'750 * (length - 159) + 18'965'758; }

TEST(IdleGaps, ByHand) {
  const Cluster cluster = taurus_cluster(3, AllocationMode::kWholeNodes);
  const std::vector<Stay> stays = {{{0}, 0, 100}, {{1}, 1'000, 1'200}, {{1, 2}, 1'210, 5'000}, {{0}, 5'000, 6'000}};
  const IdleGapsReport report = reported(cluster, stays, 0, 10'000);
  const IdleGapsOfType& all = report.total;
  // Node 0 from 100 to 5,000 and from 6,000; node 1 from 0 to 1,000, from 1,200 to 1,210 and from 5,000; node 2 from 0
  // to 1,210 and from 5,000.
  EXPECT_EQ(all.node_seconds, 4'900 + 4'000 + 1'000 + 10 + 5'000 + 1'210 + 5'000);
  EXPECT_EQ(all.idle, Millijoules{95'000} * all.node_seconds);
  EXPECT_EQ(all.ceiling, Millijoules{9'750} * all.node_seconds);
  EXPECT_EQ(all.given.energy.count,
            off_and_on(4'900) + off(4'000) + off_and_on(1'000) + 950'000 + off(5'000) + off_and_on(1'210) + off(5'000));
  EXPECT_EQ(all.given.gaps, 7);
  EXPECT_EQ(all.given.sleeps, 6);
  // The second job takes the first one's node, the third this one and one from the beginning; the fourth begins when
  // and where the third has ended, so one node is never used.
  EXPECT_EQ(all.lifo.energy.count,
            off_and_on(900) + 950'000 + off_and_on(1'210) + off(10'000) + off(5'000) + off(4'000));
  EXPECT_EQ(all.lifo.gaps, 6);
  EXPECT_EQ(all.lifo.sleeps, 5);
  EXPECT_EQ(all.any_assignment, all.lifo.energy);
  EXPECT_EQ(report.begin, second(0));
  EXPECT_EQ(report.end, second(10'000));
}

TEST(IdleGaps, TypesDoNotExchangeNodes) {
  Cluster cluster = taurus_cluster(1, AllocationMode::kWholeNodes);
  cluster.node_types.push_back(taurus(2));
  cluster.node_types[1].name = "other";
  const IdleGapsReport report = reported(cluster, {{{0, 1}, 0, 500}, {{2}, 600, 1'000}}, 0, 1'000);
  ASSERT_EQ(report.by_type.size(), 2U);
  EXPECT_EQ(report.by_type[0].given.energy.count, off(500));
  EXPECT_EQ(report.by_type[0].lifo, report.by_type[0].given);
  EXPECT_EQ(report.by_type[1].given.energy.count, off(500) + off_and_on(600));
  EXPECT_EQ(report.by_type[1].lifo.energy.count, 100 * 95'000 + off(1'000));
  EXPECT_EQ(report.by_type[1].name, "other");
  EXPECT_EQ(report.total.lifo.energy, report.by_type[0].lifo.energy + report.by_type[1].lifo.energy);
  EXPECT_EQ(report.total.nodes, 3);
}

TEST(IdleGaps, SharedNodesAreInUseUntilTheLastJobLeaves) {
  const Cluster cluster = taurus_cluster(2, AllocationMode::kCores, 4);
  const IdleGapsReport report = reported(cluster, {{{0}, 0, 100}, {{0}, 50, 300}, {{0, 1}, 200, 250}}, 0, 1'000);
  EXPECT_EQ(report.total.node_seconds, 700 + 200 + 750);
  EXPECT_EQ(report.total.given.energy.count, off(700) + 200 * 95'000 + off(750));
  EXPECT_EQ(report.total.given.gaps, 3);
}

// --- Random schedules ---

struct Schedule {
  Cluster cluster;
  std::vector<Stay> stays;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// Few nodes and jobs; some begin or end outside the horizon.
Schedule random_schedule(AllocationMode mode, Random& random, bool ordinary) {
  Schedule schedule;
  schedule.cluster.allocation = mode;
  schedule.cluster.name = "random";
  for (auto types = random.between(1, 2); types > 0; --types) {
    NodeType type = taurus(random.between32(1, 3));
    type.power = ordinary ? ordinary_power(random) : random_power(random);
    schedule.cluster.node_types.push_back(type);
  }
  const std::int64_t nodes = schedule.cluster.nodes();
  std::vector<std::int64_t> free(static_cast<std::size_t>(nodes), 0);
  std::int64_t now = 0;
  for (auto jobs = random.between(0, 8); jobs > 0; --jobs) {
    now += random.between(0, 25);
    Stay stay{{}, now, now + random.between(1, 40)};
    for (std::size_t node = 0; node < free.size(); ++node)
      if ((mode == AllocationMode::kCores || free[node] <= now) && random.chance(50)) {
        stay.nodes.push_back(static_cast<NodeIndex>(node));
        free[node] = std::max(free[node], stay.to);
      }
    if (!stay.nodes.empty()) schedule.stays.push_back(stay);
  }
  schedule.begin = random.between(0, 20);
  schedule.end = schedule.begin + random.between(0, 250);
  return schedule;
}

// A gap of some type.
struct Gap {
  std::size_t type;
  std::int64_t length;
  GapEnd end;
};

// Second by second.
std::vector<Gap> naive_gaps(const Schedule& schedule) {
  std::vector<Gap> gaps;
  const NodeTypes types(schedule.cluster);
  for (NodeIndex node = 0; node < types.nodes(); ++node) {
    std::int64_t length = 0;
    for (std::int64_t t = schedule.begin; t < schedule.end; ++t) {
      const bool used = std::any_of(schedule.stays.begin(), schedule.stays.end(), [&](const Stay& stay) {
        return t >= stay.from && t < stay.to && std::count(stay.nodes.begin(), stay.nodes.end(), node) > 0;
      });
      if (used && length > 0) gaps.push_back({types.type_of(node), length, GapEnd::kHeld});
      length = used ? 0 : length + 1;
    }
    if (length > 0) gaps.push_back({types.type_of(node), length, GapEnd::kHorizon});
  }
  return gaps;
}

using Pricing = std::function<Int128(const GapCosts&, std::int64_t length, GapEnd)>;
Int128 real_cost(const GapCosts& costs, std::int64_t length, GapEnd end) {
  return costs.cheapest(Seconds{length}, end).millijoules;
}
Int128 concave_cost(const GapCosts& costs, std::int64_t length, GapEnd end) {
  return costs.concave(Seconds{length}, end);
}

// The least sum over all ways in which the nodes of one type that become unused can be those that are taken later.
class AllAssignments {
 public:
  AllAssignments(const Schedule& schedule, std::size_t type, Pricing pricing)
      : schedule_(schedule), costs_(schedule.cluster.node_types[type].power), pricing_(std::move(pricing)) {
    const NodeRun run = NodeTypes(schedule.cluster).of_type(type);
    std::vector<int> users(static_cast<std::size_t>(run.length), 0);
    tell(schedule.stays, [&](const Stay& stay, bool start) {
      const std::int64_t at = std::max(schedule.begin, start ? stay.from : stay.to);
      if (at >= schedule.end) return;
      for (const NodeIndex node : stay.nodes) {
        if (node < run.first || node >= run.end()) continue;
        int& jobs = users[static_cast<std::size_t>(node - run.first)];
        if (start ? jobs++ == 0 : --jobs == 0) changes_.push_back({at, start});
      }
    });
    unused_.assign(static_cast<std::size_t>(run.length), schedule.begin);
  }

  Int128 least() { return least_from(0); }

 private:
  struct Change {
    std::int64_t at;
    bool taken;
  };

  Int128 least_from(std::size_t change) {
    if (change == changes_.size()) {
      Int128 sum = 0;
      for (const std::int64_t since : unused_) sum += pricing_(costs_, schedule_.end - since, GapEnd::kHorizon);
      return sum;
    }
    const auto [at, taken] = changes_[change];
    if (!taken) {
      unused_.push_back(at);
      const Int128 rest = least_from(change + 1);
      unused_.pop_back();
      return rest;
    }
    Int128 least = Int128{1} << 100;
    for (std::size_t which = 0; which < unused_.size(); ++which) {
      const std::vector<std::int64_t> before = unused_;
      const std::int64_t since = unused_[which];
      unused_.erase(unused_.begin() + static_cast<std::ptrdiff_t>(which));
      least = std::min(least, pricing_(costs_, at - since, GapEnd::kHeld) + least_from(change + 1));
      unused_ = before;
    }
    return least;
  }

  const Schedule& schedule_;
  GapCosts costs_;
  Pricing pricing_;
  std::vector<Change> changes_;
  std::vector<std::int64_t> unused_;
};

void expect_naive(const Schedule& schedule, const IdleGapsReport& report) {
  for (std::size_t t = 0; t < report.by_type.size(); ++t) {
    const NodePower& power = schedule.cluster.node_types[t].power;
    const GapCosts costs(power);
    std::int64_t seconds = 0;
    GapsSlept given;
    for (const Gap& gap : naive_gaps(schedule)) {
      if (gap.type != t) continue;
      seconds += gap.length;
      const GapCosts::Cost cost = costs.cheapest(Seconds{gap.length}, gap.end);
      given.energy += Millijoules{static_cast<std::int64_t>(cost.millijoules)};
      ++given.gaps;
      given.sleeps += cost.asleep;
    }
    EXPECT_EQ(report.by_type[t].given, given);
    EXPECT_EQ(report.by_type[t].node_seconds, seconds);
    EXPECT_EQ(report.by_type[t].idle, power.idle * Seconds{seconds});
    EXPECT_EQ(report.by_type[t].ceiling, deepest_power(power) * Seconds{seconds});
  }
}

class RandomSchedules : public ::testing::TestWithParam<AllocationMode> {};

TEST_P(RandomSchedules, OfOrdinaryNodesAreBestLastInFirstOut) {
  int exchanged = 0;
  for (std::uint64_t seed = 1; seed <= 3'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Schedule schedule = random_schedule(GetParam(), random, true);
    const IdleGapsReport report = reported(schedule.cluster, schedule.stays, schedule.begin, schedule.end);
    expect_naive(schedule, report);
    for (std::size_t t = 0; t < report.by_type.size(); ++t) {
      const IdleGapsOfType& type = report.by_type[t];
      EXPECT_TRUE(AllAssignments(schedule, t, real_cost).least() == type.lifo.energy.count);
      EXPECT_EQ(type.any_assignment, type.lifo.energy);
      EXPECT_LE(type.ceiling, type.lifo.energy);
      EXPECT_LE(type.lifo.energy, type.given.energy);
      EXPECT_LE(type.given.energy, type.idle);
      exchanged += type.lifo.energy < type.given.energy;
    }
  }
  EXPECT_GT(exchanged, 200);
}

// Whatever the nodes are like, the assignment bound is below every assignment, and exact in the concave costs.
TEST_P(RandomSchedules, OfAnyNodesAreBoundedForAnyAssignment) {
  int loose = 0;
  for (std::uint64_t seed = 1; seed <= 3'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Schedule schedule = random_schedule(GetParam(), random, false);
    const IdleGapsReport report = reported(schedule.cluster, schedule.stays, schedule.begin, schedule.end);
    expect_naive(schedule, report);
    for (std::size_t t = 0; t < report.by_type.size(); ++t) {
      const IdleGapsOfType& type = report.by_type[t];
      EXPECT_TRUE(AllAssignments(schedule, t, concave_cost).least() == type.any_assignment.count);
      const Int128 least = AllAssignments(schedule, t, real_cost).least();
      EXPECT_TRUE(type.any_assignment.count <= least);
      EXPECT_TRUE(least <= type.lifo.energy.count);
      EXPECT_TRUE(least <= type.given.energy.count);
      EXPECT_LE(type.lifo.energy, type.idle);
      // Sleep is as deep as at the ceiling, at most; transitions may draw less, at least nothing.
      std::int64_t longest = 0;
      for (const SleepState& state : schedule.cluster.node_types[t].power.sleep)
        longest = std::max(longest, (state.enter.duration + state.leave.duration).count());
      const Milliwatts deepest = deepest_power(schedule.cluster.node_types[t].power);
      EXPECT_GE(type.given.energy, type.ceiling - deepest * Seconds{type.given.sleeps * longest});
      EXPECT_GE(type.lifo.energy, type.ceiling - deepest * Seconds{type.lifo.sleeps * longest});
      loose += type.any_assignment < type.lifo.energy;
    }
  }
  EXPECT_GT(loose, 200);
}

INSTANTIATE_TEST_SUITE_P(IdleGaps, RandomSchedules,
                         ::testing::Values(AllocationMode::kWholeNodes, AllocationMode::kCores));

// --- Errors ---

TEST(IdleGaps, RefusesWhatCannotBe) {
  const Cluster cluster = taurus_cluster(2, AllocationMode::kWholeNodes);
  const std::vector<NodeIndex> first = {0};
  const std::vector<NodeIndex> third = {2};
  const auto of = [&](const std::function<void(IdleGaps&)>& events) {
    IdleGaps gaps(cluster, second(10));
    return message_of([&] { events(gaps); });
  };
  EXPECT_EQ(of([&](IdleGaps& g) { g.held(third, second(10)); }), "idle gaps: node 2 of 2");
  EXPECT_EQ(of([&](IdleGaps& g) { g.held({}, second(10)); }), "idle gaps: a job without nodes");
  EXPECT_EQ(of([&](IdleGaps& g) { g.released(first, second(10)); }), "idle gaps: node 0 is released, but it is unused");
  EXPECT_EQ(of([&](IdleGaps& g) {
              g.held(first, second(0));
              g.held(first, second(11));
            }),
            "idle gaps: node 0 is held, but it is in use");
  EXPECT_EQ(of([&](IdleGaps& g) {
              g.held(first, second(12));
              g.released(first, second(11));
            }),
            "idle gaps: an event at 11 s after one at 12 s");
  EXPECT_EQ(of([&](IdleGaps& g) {
              g.held(first, second(12));
              g.finish(second(11));
            }),
            "idle gaps: the horizon ends at 11 s, before an event at 12 s");
  EXPECT_EQ(of([&](IdleGaps& g) { g.finish(second(std::numeric_limits<std::int64_t>::max() / 4)); }),
            "idle gaps: a sum takes more than 64 bits");
  const Cluster counted = taurus_cluster(2, AllocationMode::kCounts);
  EXPECT_EQ(message_of([&] { IdleGaps gaps(counted, second(0)); }),
            "taurus-2: idle gaps: counted processors have no nodes, give them an identity");
  EXPECT_EQ(message_of([&] { IdleGaps gaps(cluster, second(1), second(0)); }),
            "idle gaps: the horizon ends before it begins");
}

TEST(Ceiling, IsWorkAndTheRestAsleep) {
  Cluster cluster = taurus_cluster(2, AllocationMode::kWholeNodes);
  cluster.node_types.push_back(taurus(3));
  cluster.node_types[1].power.sleep.clear();  // its deepest is idle
  const std::vector<std::int64_t> held = {150, 40};
  EXPECT_EQ(ceiling(cluster, Seconds{100}, held, Millijoules{7}), Millijoules{7 + 50 * 9'750 + 260 * 95'000});
  EXPECT_THROW(ceiling(cluster, Seconds{70}, held, Millijoules{7}), std::invalid_argument);
  EXPECT_THROW(ceiling(cluster, Seconds{100}, std::vector<std::int64_t>{1}, Millijoules{7}), std::invalid_argument);
}

}  // namespace
}  // namespace wattfill::testing
