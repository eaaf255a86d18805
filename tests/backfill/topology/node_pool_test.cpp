// The pool of nodes against a plain model that knows, for each core, who holds it.
#include "backfill/topology/node_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
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

struct NaiveNode {
  std::int32_t type;
  std::vector<bool> used;  // by core
  bool up = true;
  std::int32_t free() const { return up ? static_cast<std::int32_t>(std::ranges::count(used, false)) : 0; }
  bool unused() const { return std::ranges::count(used, true) == 0; }
};

class Machine {
 public:
  Machine(std::uint64_t seed, AllocationMode mode, const PlacementSpec& spec)
      : random_(seed),
        cluster_(random_cluster(mode)),
        network_(cluster_, testing::node_names(cluster_)),
        types_in_order_(std::ranges::none_of(spec.terms, &orders_types)),
        pool_(cluster_, spec, &network_) {
    for (std::size_t type = 0; type < cluster_.node_types.size(); ++type) {
      NaiveNode node{static_cast<std::int32_t>(type), {}, true};
      node.used.assign(static_cast<std::size_t>(cluster_.node_types[type].processors), false);
      nodes_.insert(nodes_.end(), static_cast<std::size_t>(cluster_.node_types[type].count), node);
    }
  }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      const std::int64_t what = random_.between(1, 100);
      if (what <= 45)
        allocate();
      else if (what <= 60)
        take();
      else if (what <= 90)
        release();
      else
        toggle();
      expect_same_counts();
      if (::testing::Test::HasFatalFailure()) return;
    }
    while (!running_.empty()) release();
    expect_same_counts();
    EXPECT_GT(placed_, steps / 20);
    EXPECT_GT(refused_, 0);
    EXPECT_GT(taken_, 0);
  }

 private:
  static bool orders_types(const PlacementSpec::Term& term) { return info(term.strategy).orders_types; }
  bool by_core() const { return cluster_.allocation == AllocationMode::kCores; }

  Cluster random_cluster(AllocationMode mode) {
    Cluster cluster;
    cluster.allocation = mode;
    for (std::int64_t types = random_.between(1, 3); types > 0; --types) {
      NodeType& type = cluster.node_types.emplace_back();
      type.count = random_.between32(1, random_.chance(30) ? 200 : 12);
      type.processors = random_.between32(1, random_.chance(20) ? 70 : 8);
      type.insides = NodeInsides::flat(type.processors);
      type.power.active = {random_.between(100, 400) * 1000};
      type.speed.millionths = random_.between(1, 3) * 500'000;
    }
    const auto kind = testing::kAllNetworkKinds[random_.index(std::size(testing::kAllNetworkKinds))];
    cluster.network = testing::random_network(kind, cluster.nodes(), random_);
    return cluster;
  }

  std::vector<NodePool::Share> random_shares() {
    std::vector<NodePool::Share> from;
    for (std::int32_t type = 0; type < pool_.node_types(); ++type) {
      const std::int32_t cores = cluster_.node_types[static_cast<std::size_t>(type)].processors;
      if (random_.chance(70)) from.push_back({type, random_.chance(70) ? cores : random_.between32(1, cores)});
    }
    if (from.empty()) from.push_back({0, 1});
    for (std::size_t i = from.size(); i > 1; --i) std::swap(from[i - 1], from[random_.index(i)]);
    return from;
  }

  // Processors of a job that the node can hold now.
  std::int32_t room(const NaiveNode& node, std::int32_t per_node) const {
    if (by_core()) return std::min(node.free(), per_node);
    return node.up && node.unused() ? per_node : 0;
  }

  // As few nodes as can be: type by type in the order given, the nodes with the most room first.
  std::int32_t fewest_nodes(const NodePool::Request& request) const {
    std::int64_t left = request.processors;
    std::int32_t count = 0;
    for (const NodePool::Share& share : request.from) {
      std::vector<std::int32_t> rooms;
      for (const NaiveNode& node : nodes_)
        if (node.type == share.node_type) rooms.push_back(room(node, share.per_node));
      std::ranges::sort(rooms, std::ranges::greater{});
      for (std::size_t i = 0; i < rooms.size() && rooms[i] > 0 && left > 0; ++i, ++count) left -= rooms[i];
    }
    return left > 0 ? 0 : count;
  }

  void allocate() {
    const std::vector<NodePool::Share> from = random_shares();
    const NodePool::Request request{random_.between32(1, random_.chance(80) ? 20 : 600), from};
    const std::int32_t expected = fewest_nodes(request);
    Allocation got;
    ASSERT_EQ(pool_.allocate(request, got), expected > 0);
    if (expected == 0) {
      ++refused_;
      return;
    }
    ++placed_;
    std::int64_t covered = 0;
    ASSERT_TRUE(std::ranges::is_sorted(got.nodes));
    for (std::size_t i = 0; i < got.nodes.size(); ++i) {
      const NaiveNode& node = nodes_[static_cast<std::size_t>(got.nodes[i])];
      const auto share = std::ranges::find(from, node.type, &NodePool::Share::node_type);
      ASSERT_NE(share, from.end());
      const std::int32_t here = by_core() ? got.cores[i].size() : share->per_node;
      ASSERT_GE(here, 1);
      ASSERT_LE(here, room(node, share->per_node));
      covered += here;
    }
    if (types_in_order_) {
      ASSERT_EQ(static_cast<std::int32_t>(got.nodes.size()), expected);
    }
    ASSERT_GE(covered, request.processors);
    if (by_core()) {
      ASSERT_EQ(covered, request.processors);
    }
    if (by_core() && got.nodes.size() == 1) expect_tightest(got, from.front());
    occupy(got);
  }

  // No node of the type would have less free behind the job.
  void expect_tightest(const Allocation& got, const NodePool::Share& first) {
    const NaiveNode& chosen = nodes_[static_cast<std::size_t>(got.nodes[0])];
    if (chosen.type != first.node_type) return;
    for (const NaiveNode& node : nodes_) {
      if (node.type == chosen.type && node.free() >= got.cores[0].size()) {
        ASSERT_GE(node.free(), chosen.free());
      }
    }
  }

  // Random nodes or cores, free or not.
  void take() {
    Allocation wish;
    const bool whole = !by_core() || random_.chance(30);
    bool free = true;
    for (NodeIndex node = 0; node < pool_.nodes() && wish.nodes.size() < 4; ++node) {
      const NaiveNode& n = nodes_[static_cast<std::size_t>(node)];
      if (!random_.chance(20) || (n.free() == 0 && random_.chance(90))) continue;
      wish.nodes.push_back(node);
      if (whole) {
        free = free && n.up && n.unused();
        continue;
      }
      CoreSet& cores = wish.cores.emplace_back(static_cast<std::int32_t>(n.used.size()));
      for (std::int32_t core = 0; core < static_cast<std::int32_t>(n.used.size()); ++core) {
        const bool used = n.used[static_cast<std::size_t>(core)];
        if (!random_.chance(used ? 5 : 50)) continue;
        cores.add(core);
        free = free && n.up && !used;
      }
      if (cores.empty()) {
        wish.nodes.pop_back();
        wish.cores.pop_back();
      }
    }
    if (wish.nodes.empty()) return;
    ASSERT_EQ(pool_.take(wish), free);
    if (!free) return;
    ++taken_;
    occupy(wish);
  }

  void occupy(const Allocation& allocation) {
    mark(allocation, true);
    running_.push_back(allocation);
  }

  void mark(const Allocation& allocation, bool used) {
    for (std::size_t i = 0; i < allocation.nodes.size(); ++i) {
      NaiveNode& node = nodes_[static_cast<std::size_t>(allocation.nodes[i])];
      ASSERT_TRUE(node.up);
      for (std::size_t core = 0; core < node.used.size(); ++core) {
        if (!allocation.cores.empty() && !allocation.cores[i].has(static_cast<std::int32_t>(core))) continue;
        ASSERT_NE(node.used[core], used);
        node.used[core] = used;
      }
    }
  }

  void release() {
    if (running_.empty()) return;
    std::swap(running_[random_.index(running_.size())], running_.back());
    pool_.release(running_.back());
    mark(running_.back(), false);
    running_.pop_back();
  }

  void toggle() {
    const std::size_t node = random_.index(nodes_.size());
    if (!nodes_[node].unused()) return;
    nodes_[node].up = random_.chance(70);
    pool_.set_available(static_cast<NodeIndex>(node), nodes_[node].up);
  }

  void expect_same_counts() {
    std::vector<std::int64_t> free_nodes(cluster_.node_types.size());
    std::vector<std::int64_t> free_cores(cluster_.node_types.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const NaiveNode& node = nodes_[i];
      const auto index = static_cast<NodeIndex>(i);
      const auto type = static_cast<std::size_t>(node.type);
      free_nodes[type] += node.up && node.unused() ? 1 : 0;
      free_cores[type] += node.free();
      ASSERT_EQ(pool_.is_available(index), node.up);
      ASSERT_EQ(pool_.is_free(index), node.up && node.unused());
      ASSERT_EQ(pool_.used_cores(index), std::ranges::count(node.used, true));
      ASSERT_EQ(pool_.used_packages(index), node.unused() ? 0 : 1);
      ASSERT_EQ(pool_.type_of(index), node.type);
    }
    for (std::int32_t type = 0; type < pool_.node_types(); ++type) {
      ASSERT_EQ(pool_.free_nodes(type), free_nodes[static_cast<std::size_t>(type)]);
      ASSERT_EQ(pool_.free_cores(type), free_cores[static_cast<std::size_t>(type)]);
    }
  }

  Random random_;
  Cluster cluster_;
  Network network_;
  bool types_in_order_;
  std::vector<NaiveNode> nodes_;
  NodePool pool_;
  std::vector<Allocation> running_;
  int placed_ = 0, refused_ = 0, taken_ = 0;
};

class NodePoolFuzz : public ::testing::TestWithParam<const char*> {
 protected:
  static void run(AllocationMode mode) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(seed);
      Machine(seed, mode, placement_from_text(GetParam())).run(500);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
};

TEST_P(NodePoolFuzz, WholeNodesAreDisjointAndCounted) { run(AllocationMode::kWholeNodes); }
TEST_P(NodePoolFuzz, CoresAreDisjointAndCounted) { run(AllocationMode::kCores); }
INSTANTIATE_TEST_SUITE_P(Placed, NodePoolFuzz,
                         ::testing::Values("first-fit", "contiguous", "fewest-switches", "smallest-diameter", "fastest",
                                           "most-efficient:2+contiguous+fewest-switches:3",
                                           "smallest-diameter+first-fit:2+fastest"),
                         [](const auto& test) { return "By" + std::to_string(test.index); });

Cluster two_types() {
  Cluster cluster;
  cluster.name = "two";
  cluster.allocation = AllocationMode::kWholeNodes;
  cluster.node_types.resize(2);
  for (NodeType& type : cluster.node_types) {
    type.count = 4;
    type.processors = 8;
    type.insides = NodeInsides::flat(8);
    type.power.active = {300'000};
  }
  return cluster;
}

TEST(NodePool, FirstFitTakesTheLowestFreeNodes) {
  const Cluster cluster = two_types();
  NodePool pool(cluster, {}, nullptr);
  pool.set_available(1, false);
  const std::vector<NodePool::Share> from{{0, 8}};
  Allocation got;
  ASSERT_TRUE(pool.allocate({17, from}, got));
  EXPECT_EQ(got.nodes, (std::vector<NodeIndex>{0, 2, 3}));
  EXPECT_TRUE(got.cores.empty());
  EXPECT_FALSE(pool.allocate({1, from}, got));
}

TEST(NodePool, LessMemoryMeansMoreNodes) {
  const Cluster cluster = two_types();
  NodePool pool(cluster, {}, nullptr);
  const std::vector<NodePool::Share> from{{1, 3}};
  Allocation got;
  ASSERT_TRUE(pool.allocate({8, from}, got));
  EXPECT_EQ(got.nodes, (std::vector<NodeIndex>{4, 5, 6}));
}

TEST(NodePool, TypesAreUsedInTheOrderThatThePlacementSays) {
  Cluster cluster = two_types();
  cluster.node_types[0].speed.millionths = 2'000'000;
  cluster.node_types[0].power.active = {700'000};  // more than twice the other's at twice its speed
  const std::vector<NodePool::Share> zero_first{{0, 8}, {1, 8}};
  const std::vector<NodePool::Share> one_first{{1, 8}, {0, 8}};
  const auto first = [&](const char* placement, const std::vector<NodePool::Share>& from) {
    NodePool pool(cluster, placement_from_text(placement), nullptr);
    Allocation got;
    EXPECT_TRUE(pool.allocate({40, from}, got));
    return got.nodes;
  };
  const std::vector<NodeIndex> all_zero_first{0, 1, 2, 3, 4};
  const std::vector<NodeIndex> all_one_first{0, 4, 5, 6, 7};
  EXPECT_EQ(first("first-fit", zero_first), all_zero_first);
  EXPECT_EQ(first("first-fit", one_first), all_one_first);
  EXPECT_EQ(first("most-efficient", zero_first), all_one_first);
  EXPECT_EQ(first("fastest", one_first), all_zero_first);
  EXPECT_EQ(first("most-efficient:2+fastest", zero_first), all_one_first);
}

TEST(NodePool, SharedNodesAreFilledTightly) {
  Cluster cluster = two_types();
  cluster.allocation = AllocationMode::kCores;
  NodePool pool(cluster, {}, nullptr);
  const std::vector<NodePool::Share> from{{0, 8}};
  Allocation five, six, two, twelve;
  ASSERT_TRUE(pool.allocate({5, from}, five));
  ASSERT_TRUE(pool.allocate({6, from}, six));
  ASSERT_TRUE(pool.allocate({2, from}, two));
  EXPECT_EQ(five.nodes, (std::vector<NodeIndex>{0}));
  EXPECT_EQ(six.nodes, (std::vector<NodeIndex>{1}));
  EXPECT_EQ(two.nodes, (std::vector<NodeIndex>{1}));  // two cores were free there, three at node 0
  ASSERT_TRUE(pool.allocate({10, from}, twelve));
  EXPECT_EQ(twelve.nodes, (std::vector<NodeIndex>{0, 2}));  // a whole node and the tightest rest
  EXPECT_EQ(twelve.cores[0].size(), 2);
}

TEST(NodePool, WrongUseIsTold) {
  Cluster cluster = two_types();
  EXPECT_THROW(NodePool(cluster, placement_from_text("fewest-switches"), nullptr), TopologyError);
  cluster.allocation = AllocationMode::kCounts;
  EXPECT_THROW(NodePool(cluster, {}, nullptr), TopologyError);
  cluster.allocation = AllocationMode::kCores;
  cluster.node_types[1].insides = NodeInsides::flat(7);
  EXPECT_THROW(NodePool(cluster, {}, nullptr), TopologyError);
}

}  // namespace
}  // namespace wattfill
