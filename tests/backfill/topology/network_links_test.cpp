// Networks described link by link, and what is wrong with a description.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "backfill/topology/network.hpp"
#include "backfill/topology/topology_error.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/topology/random_network.hpp"

namespace wattfill {
namespace {

using testing::Random;

// The links of a fat tree of two levels above the leaves, in any order, nodes at any leaf.
ExplicitLinks shuffled_tree(const std::vector<std::int32_t>& leaf_of, Random& random) {
  ExplicitLinks links;
  for (std::int32_t leaf = 0; leaf < 12; ++leaf)
    links.links.push_back({"leaf" + std::to_string(leaf), "middle" + std::to_string(leaf / 4)});
  for (std::int32_t middle = 0; middle < 3; ++middle)
    links.links.push_back({"root", "middle" + std::to_string(middle)});
  for (std::size_t node = 0; node < leaf_of.size(); ++node)
    links.links.push_back({"leaf" + std::to_string(leaf_of[node]), "n" + std::to_string(node)});
  for (std::size_t i = links.links.size(); i > 1; --i) std::swap(links.links[i - 1], links.links[random.index(i)]);
  return links;
}

TEST(NetworkLinks, ATreeIsFoundWhateverTheOrder) {
  Random random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::int32_t> leaf_of;
    for (std::int32_t leaf = 0; leaf < 12; ++leaf) leaf_of.insert(leaf_of.end(), 1 + random.index(3), leaf);
    for (std::size_t i = leaf_of.size(); i > 1; --i) std::swap(leaf_of[i - 1], leaf_of[random.index(i)]);
    Cluster cluster = testing::nodes_only(static_cast<std::int32_t>(leaf_of.size()));
    cluster.network = shuffled_tree(leaf_of, random);
    const Network network(cluster, testing::node_names(cluster));

    ASSERT_TRUE(network.hierarchical());
    ASSERT_EQ(network.host_switches(), 12);
    ASSERT_EQ(network.domains().size(), 4U);
    for (std::size_t a = 0; a < leaf_of.size(); ++a) {
      const auto node = static_cast<NodeIndex>(a);
      for (std::size_t b = 0; b < leaf_of.size(); ++b) {
        const bool same_leaf = leaf_of[a] == leaf_of[b];
        const bool same_middle = leaf_of[a] / 4 == leaf_of[b] / 4;
        ASSERT_EQ(network.hops(node, static_cast<NodeIndex>(b)), a == b ? 0 : same_leaf ? 2 : same_middle ? 4 : 6);
      }
      // The domain of level 1 that holds the node holds its middle switch's leaves and no others.
      for (const NetworkDomain& domain : network.domains().first(3)) {
        const std::int32_t s = network.switch_of(node);
        if (s < domain.first_switch || s >= domain.end_switch) continue;
        ASSERT_EQ(domain.end_switch - domain.first_switch, 4);
        for (std::int32_t other = domain.first_switch; other < domain.end_switch; ++other)
          for (const NodeIndex n : network.nodes_of(other))
            ASSERT_EQ(leaf_of[static_cast<std::size_t>(n)] / 4, leaf_of[a] / 4);
      }
    }
  }
}

TEST(NetworkLinks, ALargeRingNeedsNoTable) {
  constexpr std::int32_t kSwitches = 3000;
  Cluster cluster = testing::nodes_only(kSwitches);
  ExplicitLinks links;
  for (std::int32_t s = 0; s < kSwitches; ++s) {
    links.links.push_back({"s" + std::to_string(s), "s" + std::to_string((s + 1) % kSwitches)});
    links.links.push_back({"n" + std::to_string(s), "s" + std::to_string(s)});
  }
  cluster.network = links;
  const Network network(cluster, testing::node_names(cluster));
  Random random(2);
  for (int i = 0; i < 3000; ++i) {
    const NodeIndex a = random.between32(0, random.chance(50) ? 99 : kSwitches - 1);
    const NodeIndex b = random.between32(0, kSwitches - 1);
    const std::int32_t way = std::abs(a - b);
    ASSERT_EQ(network.hops(a, b), a == b ? 0 : 2 + std::min(way, kSwitches - way));
  }
}

TEST(NetworkLinks, AChainHangsAtItsMiddleAndIsNotHierarchical) {
  Cluster cluster = testing::nodes_only(3);
  cluster.network = ExplicitLinks{{{"a", "b"}, {"b", "c"}, {"n0", "a"}, {"n1", "b"}, {"n2", "c"}, {"a", "b"}}};
  const Network network(cluster, testing::node_names(cluster));
  EXPECT_FALSE(network.hierarchical());
  EXPECT_EQ(network.hops(0, 2), 4);
  EXPECT_EQ(network.hops(0, 1), 3);
}

std::string complaint(const Cluster& cluster, const std::vector<std::string>& names) {
  try {
    const Network network(cluster, names);
  } catch (const TopologyError& error) {
    return error.what();
  }
  return "none";
}

std::string complaint(const NetworkSpec& spec) {
  Cluster cluster = testing::nodes_only(3);
  cluster.network = spec;
  return complaint(cluster, testing::node_names(cluster));
}

TEST(NetworkErrors, AreToldWithWhatIsRight) {
  const auto says = [](const NetworkSpec& spec, const std::string& text) {
    const std::string what = complaint(spec);
    EXPECT_NE(what.find(text), std::string::npos) << what;
    EXPECT_EQ(what.rfind("cluster 'nodes'", 0), 0U) << what;
  };
  says({}, "describes no network");
  says(FatTree{0, {2}}, "nodes_per_switch is 0; at least 1");
  says(FatTree{1, {2, -1}}, "arity 2 is -1; at least 1");
  says(FatTree{1, {2}}, "2 switches with 1 nodes each hold 2 nodes, but the cluster has 3");
  says(FatTree{1, {100000, 100000, 100000}}, "fewer are right");
  says(FatTree{1, std::vector<std::int32_t>(1, 2'000'000'000)}, "fewer are right");
  says(Dragonfly{1, 0, 2}, "routers_per_group is 0");
  says(Dragonfly{1, 1, 2}, "hold 2 nodes");
  says(Dragonfly{1, 1, 1'000'000}, "fewer are right");
  says(Torus{{}, 1}, "number of dimensions is 0");
  says(Torus{{2, 0}, 1}, "dimension 2 is 0");
  says(Torus{{2}, 1}, "hold 2 nodes");
  says(ExplicitLinks{{{"n0", "s"}, {"n1", "s"}}}, "node 'n2' has no link");
  says(ExplicitLinks{{{"n0", "s"}, {"s", "n1"}, {"n2", "s"}, {"n3", "s"}}}, "'n3' is not the name of a node");
  says(ExplicitLinks{{{"n0", "s"}, {"n1", "n2"}}}, "link 2 ('n1' to 'n2'): both ends are nodes");
  says(ExplicitLinks{{{"n0", "s"}, {"n1", "t"}, {"n0", "t"}}}, "node 'n0' is linked to switch 's' already");
  says(ExplicitLinks{{{"s", "s"}}}, "both ends are the same");
  says(ExplicitLinks{{{"s", ""}}}, "an end has no name");
  says(ExplicitLinks{{{"n0", "s"}, {"n1", "s"}, {"n2", "t"}}}, "no way from switch 's' to switch 't'");
}

TEST(NetworkErrors, NamesMustBeOfTheNodes) {
  Cluster cluster = testing::nodes_only(2);
  cluster.network = ExplicitLinks{{{"n0", "s"}, {"n1", "s"}}};
  EXPECT_EQ(complaint(cluster, {"n0", "n1"}), "none");
  EXPECT_NE(complaint(cluster, {"n0"}).find("1 node names for 2 nodes"), std::string::npos);
  EXPECT_NE(complaint(cluster, {"n0", "n0"}).find("two nodes are named 'n0'"), std::string::npos);
}

}  // namespace
}  // namespace wattfill
