// Placements of several terms: what the vote decides.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "backfill/topology/network.hpp"
#include "backfill/topology/node_pool.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/topology/random_network.hpp"

namespace wattfill {
namespace {

using testing::Random;

Cluster tree_of_two_types(Random& random) {
  Cluster cluster;
  cluster.allocation = AllocationMode::kWholeNodes;
  cluster.node_types.resize(2);
  for (NodeType& type : cluster.node_types) {
    type.count = random.between32(10, 60);
    type.power.active = {random.between(100, 400) * 1000};
    type.speed.millionths = random.between(1, 4) * 500'000;
  }
  cluster.network = testing::random_fat_tree(cluster.nodes(), random);
  return cluster;
}

std::int64_t cost(PlacementStrategy strategy, const std::vector<NodeIndex>& nodes, const Cluster& cluster,
                  const Network& network) {
  std::int64_t runs = 1, numbers = nodes.front(), slowest = 0, energy = 0;
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    runs += nodes[i] != nodes[i - 1] + 1 ? 1 : 0;
    numbers += nodes[i];
  }
  for (const NodeIndex node : nodes) {
    const NodeType& type = cluster.node_types[node < cluster.node_types[0].count ? 0 : 1];
    slowest = std::max(slowest, -type.speed.millionths);
    energy += type.power.active.count * 1'000'000'000 / type.speed.millionths;
  }
  switch (strategy) {
    case PlacementStrategy::kFirstFit:
      return numbers;
    case PlacementStrategy::kContiguous:
      return runs;
    case PlacementStrategy::kFewestSwitches:
      return network.switches_spanned(nodes);
    case PlacementStrategy::kSmallestDiameter:
      return network.diameter(nodes);
    case PlacementStrategy::kMostEfficient:
      return energy;
    case PlacementStrategy::kFastest:
      return slowest;
  }
  return 0;
}

// A term that outweighs all others together gets what it would get alone, or better.
TEST(PlacementVote, TheHeaviestTermDecides) {
  Random random(1);
  int better_than_alone = 0;
  for (int round = 0; round < 400; ++round) {
    const Cluster cluster = tree_of_two_types(random);
    const Network network(cluster);
    PlacementSpec spec;
    for (const PlacementStrategyInfo& strategy : all_placement_strategies())
      if (random.chance(60)) spec.terms.push_back({strategy.strategy, 1});
    if (spec.terms.empty()) continue;
    PlacementSpec::Term& heavy = spec.terms[random.index(spec.terms.size())];
    heavy.weight = 1000;
    const PlacementSpec alone{{heavy}};
    NodePool voted(cluster, spec, &network);
    NodePool single(cluster, alone, &network);
    for (NodeIndex node = 0; node < network.nodes(); ++node) {
      if (random.chance(40)) continue;
      voted.set_available(node, false);
      single.set_available(node, false);
    }
    const std::vector<NodePool::Share> from{{0, 1}, {1, 1}};
    const NodePool::Request request{random.between32(1, 40), from};
    Allocation by_vote, by_one;
    ASSERT_EQ(voted.allocate(request, by_vote), single.allocate(request, by_one));
    if (by_vote.nodes.empty()) continue;
    const auto of_vote = cost(heavy.strategy, by_vote.nodes, cluster, network);
    const auto of_one = cost(heavy.strategy, by_one.nodes, cluster, network);
    // Alone, a term that chooses nodes has the types in the request's order only.
    const bool same_types = info(heavy.strategy).orders_types || std::ranges::none_of(spec.terms, [](const auto& t) {
                              return info(t.strategy).orders_types;
                            });
    if (same_types) {
      ASSERT_LE(of_vote, of_one) << to_string(spec);
    }
    better_than_alone += of_vote < of_one ? 1 : 0;
  }
  EXPECT_GT(better_than_alone, 0);
}

// Ten free nodes at one switch, and eight in a row over two others: a vote between runs and switches goes by weight,
// and in a tie by the order of the terms.
TEST(PlacementVote, WeightsThenTheOrderOfTermsBreakTies) {
  Cluster cluster = testing::nodes_only(48);
  cluster.network = FatTree{16, {3}};
  const Network network(cluster);
  const auto chosen = [&](const std::string& placement) {
    NodePool pool(cluster, placement_from_text(placement), &network);
    for (NodeIndex node = 0; node < 48; ++node) {
      const bool at_first_switch = node < 16 && node % 8 < 5;
      const bool in_a_row = node >= 28 && node < 36;
      if (!at_first_switch && !in_a_row) pool.set_available(node, false);
    }
    const std::vector<NodePool::Share> from{{0, 1}};
    Allocation got;
    EXPECT_TRUE(pool.allocate({8, from}, got));
    return got.nodes.front();
  };
  EXPECT_EQ(chosen("contiguous"), 28);
  EXPECT_EQ(chosen("fewest-switches"), 0);
  EXPECT_EQ(chosen("contiguous:2+fewest-switches"), 28);
  EXPECT_EQ(chosen("contiguous+fewest-switches:2"), 0);
  EXPECT_EQ(chosen("contiguous+fewest-switches"), 28);
  EXPECT_EQ(chosen("fewest-switches+contiguous"), 0);
  EXPECT_EQ(chosen("contiguous+fewest-switches+smallest-diameter"), 0);
}

}  // namespace
}  // namespace wattfill
