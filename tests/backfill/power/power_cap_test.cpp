// Nodes out of work under caps that change.
#include "backfill/power/power_cap.hpp"

#include <gtest/gtest.h>

#include "tests/backfill/known_nodes.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/random_power.hpp"

namespace wattfill::testing {
namespace {

SimTime at(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

Cluster random_machine(Random& random) {
  Cluster cluster;
  cluster.allocation = AllocationMode::kWholeNodes;
  for (std::int64_t types = random.between(1, 4); types > 0; --types) {
    cluster.node_types.push_back(
        node_type("n", random.between32(1, 20), random.between32(1, 8), random.between(1, 4) * 500'000));
    cluster.node_types.back().power = ordinary_power(random);
  }
  return cluster;
}

// Both with everything at work and with nothing.
std::pair<std::int64_t, std::int64_t> draws(const Cluster& cluster, bool nodes_sleep) {
  std::int64_t least = 0, most = 0;
  for (const NodeType& type : cluster.node_types) {
    const bool sleeps = nodes_sleep && !type.power.sleep.empty();
    least += type.count * (sleeps ? type.power.sleep.back().power : type.power.idle).count;
    most += type.count * type.power.active.count;
  }
  return {least, most};
}

StepSeries random_series(Random& random, std::int64_t least, std::int64_t most) {
  const std::int64_t period = random.chance(50) ? random.between(10, 200) : 0;
  std::vector<StepSeries::Step> steps;
  std::int64_t from = period > 0 ? random.between(0, 5) : random.between(-50, 50);
  for (std::int64_t n = random.between(1, 6); n > 0 && (period == 0 || from < period); --n) {
    steps.push_back({at(from), random.between(least, most)});
    from += random.between(1, 40);
  }
  return StepSeries(steps, Seconds{period});
}

TEST(PowerCap, ALowerCapTakesOutWhatAHigherOneDoesAndMore) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Cluster cluster = random_machine(random);
    const bool sleep = random.chance(50);
    const auto [least, most] = draws(cluster, sleep);
    std::vector<std::int32_t> before;
    for (std::int64_t cap = least; cap <= most + 10; cap += random.between(1, 1 + (most - least) / 20)) {
      const std::vector<std::int32_t> out = nodes_out_of_work(cluster, Milliwatts{cap}, sleep);
      for (std::size_t type = 0; type < before.size(); ++type) ASSERT_LE(out[type], before[type]) << cap;
      before = out;
    }
  }
}

TEST(PowerCap, ASeriesIsWhatItsStepsAre) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Cluster cluster = random_machine(random);
    const bool sleep = random.chance(50);
    const auto [least, most] = draws(cluster, sleep);
    const StepSeries cap = random_series(random, least, most);
    const std::vector<StepSeries> series = nodes_out_of_work(cluster, cap, sleep);
    ASSERT_EQ(series.size(), cluster.node_types.size());
    for (std::int64_t t = -300; t <= 300; ++t) {
      const std::vector<std::int32_t> out = nodes_out_of_work(cluster, Milliwatts{cap.at(at(t))}, sleep);
      for (std::size_t type = 0; type < out.size(); ++type) ASSERT_EQ(series[type].at(at(t)), out[type]) << t;
    }
  }
}

TEST(PowerCap, OneThatIsTooLowAtSomeTimeIsTold) {
  Cluster cluster;
  cluster.node_types = {taurus_nodes(4)};
  const StepSeries cap({{at(0), 400'000}, {at(100), 38'999}});
  EXPECT_THROW(nodes_out_of_work(cluster, cap, true), CapTooLow);
  EXPECT_NO_THROW(nodes_out_of_work(cluster, StepSeries({{at(0), 400'000}, {at(100), 39'000}}), true));
}

TEST(PowerCap, AConstantOneIsOneNumber) {
  Cluster cluster;
  cluster.node_types = {taurus_nodes(4), taurus_nodes(2)};
  const StepSeries cap({{at(0), 800'000}, {at(100), 800'000}}, Seconds{200});
  for (const StepSeries& series : nodes_out_of_work(cluster, cap, true)) {
    EXPECT_TRUE(series.constant());
    EXPECT_EQ(series.steps().size(), 1U);
  }
}

TEST(HighestAhead, IsTheHighestOfAllThatLieAhead) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const StepSeries series = random_series(random, 0, 9);
    const std::int64_t ahead = random.chance(20) ? 0 : random.between(1, random.chance(20) ? 300 : 30);
    const StepSeries highest = highest_ahead(series, Seconds{ahead});
    for (std::int64_t t = -400; t <= 400; ++t) {
      std::int64_t most = series.at(at(t));
      for (std::int64_t u = t; u <= t + ahead; ++u) most = std::max(most, series.at(at(u)));
      ASSERT_EQ(highest.at(at(t)), most) << t;
    }
  }
}

TEST(TimeToDeepestSleep, KnowsAllWaysThere) {
  EXPECT_EQ(time_to_deepest_sleep(node_type("n", 1, 1)), Seconds{0});
  EXPECT_EQ(time_to_deepest_sleep(taurus_nodes(1)), Seconds{152 + 7});
  NodeType type = taurus_nodes(1);
  type.power.sleep.insert(type.power.sleep.begin(), {"nap", {50'000}, {Seconds{100}, {}, {}}, {Seconds{60}, {}, {}}});
  EXPECT_EQ(time_to_deepest_sleep(type), Seconds{100 + 60 + 7});
}

}  // namespace
}  // namespace wattfill::testing
