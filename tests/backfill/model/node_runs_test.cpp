// Runs of consecutive nodes, and the types of nodes, one node at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "backfill/model/node_types.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

// Nodes of a range, most of them in runs.
std::vector<NodeIndex> random_nodes(std::int32_t range, Random& random) {
  std::vector<NodeIndex> nodes;
  for (NodeIndex node = 0; node < range;) {
    const NodeIndex until = std::min(range, node + random.between32(1, random.chance(30) ? 200 : 4));
    for (const bool taken = random.chance(60); node < until; ++node)
      if (taken) nodes.push_back(node);
  }
  return nodes;
}

TEST(NodeRuns, AreAsLongAsCanBe) {
  Random random(1);
  for (int round = 0; round < 500; ++round) {
    const std::vector<NodeIndex> nodes = random_nodes(random.between32(0, 2000), random);
    std::vector<NodeIndex> seen;
    std::vector<NodeRun> runs;
    for_each_run(nodes, [&](NodeRun run) {
      ASSERT_GT(run.length, 0);
      ASSERT_TRUE(runs.empty() || runs.back().end() < run.first);
      runs.push_back(run);
      for (NodeIndex node = run.first; node < run.end(); ++node) seen.push_back(node);
    });
    ASSERT_EQ(seen, nodes);
  }
}

TEST(NodeTypes, AreInTheOrderOfTheCluster) {
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    Cluster cluster;
    std::vector<std::size_t> type_of;  // by node
    for (std::size_t type = 0; type < 5; ++type) {
      cluster.node_types.emplace_back().count = random.between32(type == 2 ? 0 : 1, 100);
      type_of.insert(type_of.end(), static_cast<std::size_t>(cluster.node_types.back().count), type);
    }
    const NodeTypes types(cluster);
    ASSERT_EQ(types.nodes(), static_cast<NodeIndex>(type_of.size()));
    for (NodeIndex node = 0; node < types.nodes(); ++node) {
      const std::size_t type = type_of[static_cast<std::size_t>(node)];
      ASSERT_EQ(types.type_of(node), type);
      ASSERT_TRUE(types.of_type(type).first <= node && node < types.of_type(type).end());
    }
    const std::vector<NodeIndex> nodes = random_nodes(types.nodes(), random);
    std::vector<NodeIndex> seen;
    types.for_each_run(nodes, [&](std::size_t type, NodeRun run) {
      ASSERT_GT(run.length, 0);
      for (NodeIndex node = run.first; node < run.end(); ++node) {
        ASSERT_EQ(type_of[static_cast<std::size_t>(node)], type);
        seen.push_back(node);
      }
    });
    ASSERT_EQ(seen, nodes);
  }
}

}  // namespace
}  // namespace wattfill
