// Choices of nodes against all choices there are.
#include "backfill/topology/placement_nodes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <compare>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "backfill/topology/network.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/topology/random_network.hpp"

namespace wattfill {
namespace {

using testing::NetworkKind;
using testing::Random;

// What a chooser chooses, in its order.
std::vector<NodeIndex> chosen_by(NodeChooser& chooser, PlacementStrategy strategy, const NodeSet& candidates,
                                 std::int32_t count) {
  std::vector<NodeRun> runs;
  chooser.choose(strategy, candidates, count, runs);
  std::vector<NodeIndex> nodes;
  for (const NodeRun run : runs)
    for (NodeIndex node = run.first; node < run.end(); ++node) nodes.push_back(node);
  return nodes;
}

std::int32_t runs(const std::vector<NodeIndex>& nodes) {
  std::int32_t runs = 1;
  for (std::size_t i = 1; i < nodes.size(); ++i) runs += nodes[i] != nodes[i - 1] + 1 ? 1 : 0;
  return runs;
}

// The level of the lowest domain that holds all; 0: one switch.
std::int32_t level(const Network& network, const std::vector<NodeIndex>& nodes) {
  if (network.switches_spanned(nodes) == 1) return 0;
  for (const NetworkDomain& domain : network.domains()) {
    const bool holds = std::ranges::all_of(nodes, [&](NodeIndex node) {
      return network.switch_of(node) >= domain.first_switch && network.switch_of(node) < domain.end_switch;
    });
    if (holds) return domain.level;
  }
  return std::numeric_limits<std::int32_t>::max();
}

// Some of the nodes of a random network, and how many of them are wanted.
struct Question {
  Question(NetworkKind kind, Random& random) {
    Cluster cluster = testing::nodes_only(random.between32(6, 40));
    cluster.network = testing::random_network(kind, cluster.nodes(), random);
    network.emplace(cluster, testing::node_names(cluster));
    candidates = NodeSet(0, network->nodes());
    for (std::int64_t i = random.between(2, 11); i > 0; --i) {
      const NodeIndex node = random.between32(0, network->nodes() - 1);
      if (!candidates.has(node)) candidates.add(node);
    }
    candidates.for_each([this](NodeIndex node) { all.push_back(node); });
    count = random.between32(1, candidates.size());
  }

  std::vector<NodeIndex> choose(PlacementStrategy strategy) const {
    NodeChooser chooser(&*network);
    std::vector<NodeIndex> chosen = chosen_by(chooser, strategy, candidates, count);
    std::ranges::sort(chosen);
    EXPECT_EQ(static_cast<std::int32_t>(chosen.size()), count);
    EXPECT_EQ(std::ranges::adjacent_find(chosen), chosen.end());
    for (const NodeIndex node : chosen) EXPECT_TRUE(candidates.has(node));
    return chosen;
  }

  // The least cost of all choices of so many candidates.
  template <class Cost>
  auto least(Cost cost) const {
    std::optional<decltype(cost(all))> least;
    for (std::uint32_t set = 0; set < std::uint32_t{1} << all.size(); ++set) {
      if (std::popcount(set) != count) continue;
      std::vector<NodeIndex> nodes;
      for (std::size_t i = 0; i < all.size(); ++i)
        if ((set >> i & 1U) != 0) nodes.push_back(all[i]);
      const auto c = cost(nodes);
      if (!least || c < *least) least = c;
    }
    return *least;
  }

  std::optional<Network> network;
  NodeSet candidates;
  std::vector<NodeIndex> all;
  std::int32_t count;
};

TEST(PlacementNodes, ContiguousHasTheFewestRuns) {
  Random random(1);
  for (int round = 0; round < 400; ++round) {
    const Question question(NetworkKind::kTorus, random);
    const std::vector<NodeIndex> chosen = question.choose(PlacementStrategy::kContiguous);
    ASSERT_EQ(runs(chosen), question.least(runs));
  }
}

TEST(PlacementNodes, ContiguousTakesTheLowestOfTheSmallestRuns) {
  NodeSet candidates(0, 200);
  const auto add = [&](NodeIndex first, std::int32_t length) {
    for (NodeIndex node = first; node < first + length; ++node) candidates.add(node);
  };
  add(0, 9);
  add(20, 5);
  add(60, 6);  // over the end of a word
  add(90, 6);
  NodeChooser chooser(nullptr);
  EXPECT_EQ(chosen_by(chooser, PlacementStrategy::kContiguous, candidates, 6),
            (std::vector<NodeIndex>{60, 61, 62, 63, 64, 65}));
  // Nine, and three of the run of five.
  EXPECT_EQ(chosen_by(chooser, PlacementStrategy::kContiguous, candidates, 12),
            (std::vector<NodeIndex>{0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22}));
}

class PlacementOn : public ::testing::TestWithParam<NetworkKind> {};

TEST_P(PlacementOn, FewestSwitchesAreFewestAndThenNear) {
  Random random(2);
  for (int round = 0; round < 300; ++round) {
    const Question question(GetParam(), random);
    const Network& network = *question.network;
    const auto cost = [&](const std::vector<NodeIndex>& nodes) {
      return std::pair(network.switches_spanned(nodes), level(network, nodes));
    };
    ASSERT_EQ(cost(question.choose(PlacementStrategy::kFewestSwitches)), question.least(cost)) << "round " << round;
  }
}

// A job for one switch takes the one with the fewest candidates, and the lowest of those.
TEST_P(PlacementOn, OneSwitchIsTheTightest) {
  Random random(3);
  int on_one = 0;
  for (int round = 0; round < 300; ++round) {
    const Question question(GetParam(), random);
    const Network& network = *question.network;
    std::vector<std::int32_t> at(static_cast<std::size_t>(network.host_switches()), 0);
    for (const NodeIndex node : question.all) ++at[static_cast<std::size_t>(network.switch_of(node))];
    std::int32_t best = -1;
    for (std::int32_t s = 0; s < network.host_switches(); ++s) {
      const std::int32_t here = at[static_cast<std::size_t>(s)];
      if (here >= question.count && (best < 0 || here < at[static_cast<std::size_t>(best)])) best = s;
    }
    if (best < 0) continue;
    ++on_one;
    for (const auto strategy : {PlacementStrategy::kFewestSwitches, PlacementStrategy::kSmallestDiameter})
      for (const NodeIndex node : question.choose(strategy)) ASSERT_EQ(network.switch_of(node), best);
  }
  EXPECT_GT(on_one, 20);
}

TEST(PlacementNodes, SmallestDiameterIsSmallestInHierarchies) {
  Random random(4);
  for (const auto kind : {NetworkKind::kFatTree, NetworkKind::kDragonfly, NetworkKind::kLinkedTree}) {
    int exact = 0;
    for (int round = 0; round < 400; ++round) {
      const Question question(kind, random);
      const Network& network = *question.network;
      if (!network.hierarchical()) continue;
      const std::vector<NodeIndex> chosen = question.choose(PlacementStrategy::kSmallestDiameter);
      const auto near = [&](const std::vector<NodeIndex>& nodes) {
        return std::pair(level(network, nodes), network.switches_spanned(nodes));
      };
      ASSERT_EQ(near(chosen), question.least(near)) << "round " << round;
      if (kind == NetworkKind::kDragonfly && level(network, chosen) > 1) continue;
      const auto diameter = [&](const std::vector<NodeIndex>& nodes) { return network.diameter(nodes); };
      ASSERT_EQ(diameter(chosen), question.least(diameter)) << "round " << round;
      ++exact;
    }
    EXPECT_GT(exact, 20);
  }
}

// The heuristic elsewhere: at most twice the links of the best choice, by and large hardly more, and less than first
// fit.
TEST(PlacementNodes, SmallestDiameterIsNearTheSmallestElsewhere) {
  Random random(5);
  for (const auto kind : {NetworkKind::kTorus, NetworkKind::kLinkedTree, NetworkKind::kLinkedGraph}) {
    std::int64_t sum = 0, sum_first = 0, sum_least = 0;
    for (int round = 0; round < 300; ++round) {
      const Question question(kind, random);
      const Network& network = *question.network;
      if (network.hierarchical() || network.switches() > 32) continue;
      const auto links = [&](const std::vector<NodeIndex>& nodes) { return std::max(network.diameter(nodes) - 2, 0); };
      const std::int32_t got = links(question.choose(PlacementStrategy::kSmallestDiameter));
      const std::int32_t least = question.least(links);
      ASSERT_LE(got, 2 * least) << "round " << round;
      sum += got;
      sum_least += least;
      sum_first += links(question.choose(PlacementStrategy::kFirstFit));
    }
    EXPECT_LT(sum, sum_first);
    EXPECT_LE(20 * (sum - sum_least), sum_least);
  }
}

std::string kind_name(const ::testing::TestParamInfo<NetworkKind>& kind) {
  const char* const names[] = {"FatTree", "Dragonfly", "Torus", "LinkedTree", "LinkedGraph"};
  return names[static_cast<std::size_t>(kind.param)];
}
INSTANTIATE_TEST_SUITE_P(Any, PlacementOn, ::testing::ValuesIn(testing::kAllNetworkKinds), kind_name);

TEST(PlacementNodes, BallsReachFarOnATorus) {
  Cluster cluster = testing::nodes_only(8 * 8 * 8);
  cluster.network = Torus{{8, 8, 8}, 1};
  const Network network(cluster);
  NodeSet candidates(0, network.nodes());
  Random random(6);
  for (NodeIndex node = 0; node < network.nodes(); ++node)
    if (random.chance(50)) candidates.add(node);
  for (const std::int32_t count : {5, 10, 40, 80}) {
    NodeChooser chooser(&network);
    const std::vector<NodeIndex> near = chosen_by(chooser, PlacementStrategy::kSmallestDiameter, candidates, count);
    const std::vector<NodeIndex> first = chosen_by(chooser, PlacementStrategy::kFirstFit, candidates, count);
    EXPECT_EQ(static_cast<std::int32_t>(near.size()), count);
    EXPECT_LT(network.mean_hops(near).sum, network.mean_hops(first).sum) << count;
    EXPECT_LE(network.diameter(near), network.diameter(first)) << count;
  }
}

}  // namespace
}  // namespace wattfill
