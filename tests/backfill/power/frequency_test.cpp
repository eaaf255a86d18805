// At which frequency nodes work: by hand, and against the energy of a piece of work at each.
#include "backfill/power/frequency.hpp"

#include <gtest/gtest.h>

#include "backfill/config/config.hpp"
#include "tests/backfill/known_nodes.hpp"

namespace wattfill::testing {
namespace {

Cluster of(const NodeType& type) {
  Cluster cluster;
  cluster.node_types.push_back(type);
  return cluster;
}

NodeType with_frequencies(NodeType type) {
  type.power.frequencies = {{"middle", Speed{689'000}, Milliwatts{146'900}},
                            {"low", Speed{450'000}, Milliwatts{125'900}}};
  return type;
}

TEST(Frequency, GivesSpeedAndPowerOfTheLevel) {
  const Cluster full = of(with_frequencies(taurus_nodes(3)));
  EXPECT_EQ(at_frequency(full, 0), full);
  const NodeType middle = at_frequency(full, 1).node_types.front();
  EXPECT_EQ(middle.speed, Speed{689'000});
  EXPECT_EQ(middle.power.active, Milliwatts{146'900});
  EXPECT_EQ(middle.power.idle, full.node_types.front().power.idle);
  ASSERT_EQ(middle.power.frequencies.size(), 1U);
  EXPECT_EQ(middle.power.frequencies.front().name, "low");
  EXPECT_EQ(at_frequency(full, 2).node_types.front().power.active, Milliwatts{125'900});
  EXPECT_EQ(at_frequency(full, 9), at_frequency(full, 2));
  EXPECT_EQ(at_frequency(at_frequency(full, 1), 1), at_frequency(full, 2));
}

TEST(Frequency, LeavesNodesWithoutAnyAtFullSpeed) {
  const Cluster full = of(ipsc_nodes(2));
  EXPECT_EQ(at_frequency(full, 1), full);
  EXPECT_EQ(at_most_efficient_frequency(full), full);
}

// Of nodes that sleep at 9.75 W: (190.738 - 9.75) / 1 = 181 W, (146.9 - 9.75) / 0.689 = 199 W. Of nodes that can only
// idle at 95 W: 95.7, 75.3 and (125.9 - 95) / 0.45 = 68.7 W.
TEST(Frequency, RacesToSleepButNotToIdle) {
  NodeType node = with_frequencies(taurus_nodes(1));
  EXPECT_EQ(at_most_efficient_frequency(of(node)), of(node));
  node.power.sleep.clear();
  EXPECT_EQ(at_most_efficient_frequency(of(node)).node_types.front().power.active, Milliwatts{125'900});
}

TEST(Frequency, NoOtherLevelOfABundledClusterTakesLess) {
  int lower = 0;
  for (const Cluster& cluster : bundled_clusters()) {
    const Cluster best = at_most_efficient_frequency(cluster);
    for (std::size_t t = 0; t < cluster.node_types.size(); ++t) {
      const auto joules = [](const NodeType& type) {
        const NodePower& power = type.power;
        const Milliwatts unused = power.sleep.empty() ? power.idle : power.sleep.back().power;
        return static_cast<double>((power.active - unused).count) / static_cast<double>(type.speed.millionths);
      };
      for (int level = 0; level <= 3; ++level)
        EXPECT_LE(joules(best.node_types[t]), joules(at_frequency(cluster, level).node_types[t])) << cluster.name;
      lower += best.node_types[t].speed != cluster.node_types[t].speed;
    }
  }
  EXPECT_GT(lower, 0);  // such as the fast nodes of hetero-10k at 2.9 GHz
}

}  // namespace
}  // namespace wattfill::testing
