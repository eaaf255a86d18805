// Closed forms against breadth-first search, and a job's figures against its pairs of nodes.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "backfill/topology/network.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/topology/random_network.hpp"

namespace wattfill {
namespace {

using testing::NetworkKind;
using testing::Random;

std::vector<int> search(const NetworkGraph& graph, std::int32_t from) {
  std::vector<int> distance(boost::num_vertices(graph), 0);
  boost::breadth_first_search(
      graph, static_cast<std::size_t>(from),
      boost::visitor(boost::make_bfs_visitor(boost::record_distances(distance.data(), boost::on_tree_edge()))));
  return distance;
}

Network random_network(NetworkKind kind, std::int32_t most_nodes, Random& random) {
  Cluster cluster = testing::nodes_only(random.between32(1, most_nodes));
  cluster.network = testing::random_network(kind, cluster.nodes(), random);
  return Network(cluster, testing::node_names(cluster));
}

std::vector<NodeIndex> random_nodes(const Network& network, Random& random) {
  const int share = static_cast<int>(random.between(1, 100));
  std::vector<NodeIndex> nodes;
  for (NodeIndex node = 0; node < network.nodes(); ++node)
    if (random.chance(share)) nodes.push_back(node);
  if (nodes.empty()) nodes.push_back(0);
  return nodes;
}

class NetworkDistances : public ::testing::TestWithParam<NetworkKind> {};

TEST_P(NetworkDistances, AreThoseOfBreadthFirstSearch) {
  Random random(1);
  for (int round = 0; round < 150; ++round) {
    const Network network = random_network(GetParam(), 150, random);
    for (NodeIndex a = 0; a < network.nodes(); ++a) {
      const std::vector<int> links = search(network.graph(), network.switch_of(a));
      for (NodeIndex b = 0; b < network.nodes(); ++b) {
        const int expected = a == b ? 0 : 2 + links[static_cast<std::size_t>(network.switch_of(b))];
        ASSERT_EQ(network.hops(a, b), expected) << "round " << round << ", nodes " << a << " and " << b;
      }
    }
  }
}

TEST_P(NetworkDistances, OfAJobAreThoseOfItsPairs) {
  Random random(2);
  for (int round = 0; round < 300; ++round) {
    const Network network = random_network(GetParam(), 120, random);
    std::vector<NodeIndex> nodes = random_nodes(network, random);
    if (random.chance(30)) std::ranges::reverse(nodes);
    MeanHops mean;
    std::int32_t diameter = 0;
    std::map<std::int32_t, int> switches;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      ++switches[network.switch_of(nodes[i])];
      for (std::size_t j = i + 1; j < nodes.size(); ++j) {
        mean.sum += network.hops(nodes[i], nodes[j]);
        ++mean.pairs;
        diameter = std::max(diameter, network.hops(nodes[i], nodes[j]));
      }
    }
    ASSERT_EQ(network.mean_hops(nodes), mean) << "round " << round;
    ASSERT_EQ(network.diameter(nodes), diameter);
    ASSERT_EQ(network.switches_spanned(nodes), static_cast<std::int32_t>(switches.size()));
  }
}

TEST_P(NetworkDistances, DomainsOfALowerLevelAreNarrower) {
  Random random(3);
  int hierarchical = 0;
  for (int round = 0; round < 300; ++round) {
    const Network network = random_network(GetParam(), 60, random);
    ASSERT_EQ(network.domains().empty(), network.host_switches() == 1);
    if (!network.domains().empty()) {
      EXPECT_EQ(network.domains().back().first_switch, 0);
      EXPECT_EQ(network.domains().back().end_switch, network.host_switches());
    }
    if (!network.hierarchical()) continue;
    ++hierarchical;
    std::map<std::int32_t, std::int32_t> widest;
    for (const NetworkDomain& domain : network.domains()) {
      std::vector<NodeIndex> nodes;
      for (std::int32_t s = domain.first_switch; s < domain.end_switch; ++s)
        nodes.insert(nodes.end(), network.nodes_of(s).begin(), network.nodes_of(s).end());
      widest[domain.level] = std::max(widest[domain.level], network.diameter(nodes));
      for (const auto& [level, diameter] : widest) {
        if (level < domain.level && domain.end_switch - domain.first_switch > 1) {
          EXPECT_LE(diameter, network.diameter(nodes));
        }
      }
    }
  }
  const bool always = GetParam() == NetworkKind::kFatTree || GetParam() == NetworkKind::kDragonfly;
  EXPECT_EQ(hierarchical == 300, always);
}

std::string kind_name(const ::testing::TestParamInfo<NetworkKind>& kind) {
  const char* const names[] = {"FatTree", "Dragonfly", "Torus", "LinkedTree", "LinkedGraph"};
  return names[static_cast<std::size_t>(kind.param)];
}
INSTANTIATE_TEST_SUITE_P(Of, NetworkDistances, ::testing::ValuesIn(testing::kAllNetworkKinds), kind_name);

TEST(NetworkGraphs, FatTreeHasOneLinkUpFromEachSwitchButTheRoot) {
  Cluster cluster = testing::nodes_only(45);
  cluster.network = FatTree{8, {3, 2}};
  const Network network(cluster);
  EXPECT_EQ(network.switches(), 6 + 2 + 1);
  EXPECT_EQ(boost::num_edges(network.graph()), 8U);
  EXPECT_EQ(network.host_switches(), 6);
  EXPECT_EQ(network.hops(0, 7), 2);
  EXPECT_EQ(network.hops(0, 8), 4);
  EXPECT_EQ(network.hops(0, 44), 6);
}

TEST(NetworkGraphs, DragonflyGroupsAreJoinedByOneLinkEachSpreadEvenly) {
  Cluster cluster = testing::nodes_only(1);
  cluster.network = Dragonfly{1, 4, 11};
  const Network network(cluster);
  std::map<std::pair<std::size_t, std::size_t>, int> between;
  std::vector<int> outward(44, 0);
  for (auto [edge, end] = boost::edges(network.graph()); edge != end; ++edge) {
    const std::size_t a = boost::source(*edge, network.graph());
    const std::size_t b = boost::target(*edge, network.graph());
    ++between[std::minmax(a / 4, b / 4)];
    if (a / 4 != b / 4) ++outward[a], ++outward[b];
  }
  for (std::size_t a = 0; a < 11; ++a)
    for (std::size_t b = a; b < 11; ++b) EXPECT_EQ((between[{a, b}]), a == b ? 6 : 1);
  for (const int links : outward) EXPECT_TRUE(links == 2 || links == 3);  // ten links on four routers
}

TEST(NetworkGraphs, TorusRoutersHaveTwoLinksInEachDimension) {
  Cluster cluster = testing::nodes_only(1);
  cluster.network = Torus{{3, 2, 1, 5}, 1};
  const Network network(cluster);
  ASSERT_EQ(network.switches(), 30);
  for (std::size_t router = 0; router < 30; ++router)
    EXPECT_EQ(boost::out_degree(router, network.graph()), 2 + 1 + 0 + 2);
}

}  // namespace
}  // namespace wattfill
