// Nodes that are not awake: jobs get what is ready soonest. Against a plain model that knows each node's state.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "backfill/topology/node_pool.hpp"
#include "backfill/topology/topology_error.hpp"
#include "tests/backfill/node_types.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

Cluster whole_nodes(std::vector<NodeType> types) {
  Cluster cluster;
  cluster.name = "whole";
  cluster.allocation = AllocationMode::kWholeNodes;
  cluster.node_types = std::move(types);
  return cluster;
}

using Nodes = std::vector<NodeIndex>;

TEST(NodePoolReadiness, AwakeBeforeWakingBeforeAsleepBeforeFallingAsleep) {
  const Cluster cluster = whole_nodes({node_type("a", 8, 2)});
  NodePool pool(cluster, {}, nullptr);
  pool.set_readiness({0, 2}, Readiness::kFallingAsleep);
  pool.set_readiness({2, 2}, Readiness::kAsleep);
  pool.set_readiness({4, 2}, Readiness::kWaking);
  const std::vector<NodePool::Share> from{{0, 2}};
  Allocation first, second;
  ASSERT_TRUE(pool.allocate({6, from}, first));
  EXPECT_EQ(first.nodes, (Nodes{4, 6, 7}));
  ASSERT_TRUE(pool.allocate({7, from}, second));  // the half of a node is one
  EXPECT_EQ(second.nodes, (Nodes{0, 2, 3, 5}));
  Allocation none;
  EXPECT_FALSE(pool.allocate({3, from}, none));
  pool.release(first);
  EXPECT_EQ(pool.unused(0, Readiness::kWaking).size(), 1);
  EXPECT_EQ(pool.unused(0, Readiness::kAwake).size(), 2);
  EXPECT_EQ(pool.free_nodes(0), 2);
}

TEST(NodePoolReadiness, OfANodeInUseIsSeenWhenItIsGivenBack) {
  const Cluster cluster = whole_nodes({node_type("a", 2, 1)});
  NodePool pool(cluster, {}, nullptr);
  pool.set_readiness({0, 2}, Readiness::kAsleep);
  const std::vector<NodePool::Share> from{{0, 1}};
  Allocation got;
  ASSERT_TRUE(pool.allocate({2, from}, got));
  pool.set_readiness({0, 1}, Readiness::kAwake);
  EXPECT_EQ(pool.free_nodes(0), 0);
  EXPECT_FALSE(pool.is_free(0));
  pool.release(got);
  EXPECT_TRUE(pool.unused(0, Readiness::kAwake).has(0));
  EXPECT_TRUE(pool.unused(0, Readiness::kAsleep).has(1));
}

TEST(NodePoolReadiness, NodesThatAreSharedDoNotSleep) {
  Cluster cluster = whole_nodes({node_type("a", 2, 2)});
  cluster.allocation = AllocationMode::kCores;
  NodePool pool(cluster, {}, nullptr);
  EXPECT_THROW(pool.set_readiness({0, 1}, Readiness::kAsleep), TopologyError);
}

struct NaiveNode {
  std::int32_t type = 0;
  Readiness readiness = Readiness::kAwake;
  bool used = false;
  bool up = true;
  bool is_free() const { return up && !used; }
};

class Life {
 public:
  Life(std::uint64_t seed, const char* placement, bool lowest_first)
      : random_(seed),
        cluster_(random_cluster()),
        lowest_first_(lowest_first),
        pool_(cluster_, placement_from_text(placement), nullptr) {
    for (std::size_t t = 0; t < cluster_.node_types.size(); ++t)
      for (std::int32_t i = 0; i < cluster_.node_types[t].count; ++i)
        nodes_.push_back({static_cast<std::int32_t>(t), Readiness::kAwake, false, true});
    pool_.set_readiness({0, pool_.nodes()}, Readiness::kAwake);
  }

  void live(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) {
      const std::int64_t what = random_.between(1, 100);
      if (what <= 35)
        allocate();
      else if (what <= 45)
        take();
      else if (what <= 65)
        release();
      else if (what <= 90)
        change();
      else
        toggle();
      expect_same();
    }
  }

  int placed = 0, mixed = 0, refused = 0;

 private:
  Cluster random_cluster() {
    std::vector<NodeType> types;
    for (std::int64_t t = random_.between(1, 3); t > 0; --t)
      types.push_back(node_type("t", random_.between32(1, random_.chance(20) ? 150 : 12), random_.between32(1, 4)));
    return whole_nodes(types);
  }

  void allocate() {
    const std::int32_t type = random_.between32(0, pool_.node_types() - 1);
    const std::vector<NodePool::Share> from{
        {type, random_.between32(1, cluster_.node_types[static_cast<std::size_t>(type)].processors)}};
    const std::int32_t processors = random_.between32(1, 20);
    const std::int32_t needed = (processors + from[0].per_node - 1) / from[0].per_node;
    Nodes candidates;
    for (std::size_t r = 0; r < kReadinesses; ++r)
      for (std::size_t n = 0; n < nodes_.size(); ++n)
        if (nodes_[n].type == type && nodes_[n].is_free() && nodes_[n].readiness == static_cast<Readiness>(r))
          candidates.push_back(static_cast<NodeIndex>(n));
    const bool enough = std::ssize(candidates) >= needed;
    Allocation got;
    ASSERT_EQ(pool_.allocate({processors, from}, got), enough);
    if (!enough) {
      ++refused;
      return;
    }
    ++placed;
    candidates.resize(static_cast<std::size_t>(needed));
    std::array<std::int64_t, kReadinesses> expected{}, found{};
    for (const NodeIndex n : candidates) ++expected[tier(n)];
    for (const NodeIndex n : got.nodes) {
      ASSERT_TRUE(node(n).is_free() && node(n).type == type);
      ++found[tier(n)];
    }
    ASSERT_EQ(found, expected);
    mixed += std::ranges::count_if(found, [](std::int64_t some) { return some > 0; }) > 1;
    ASSERT_TRUE(std::ranges::is_sorted(got.nodes));
    std::ranges::sort(candidates);
    if (lowest_first_) {
      ASSERT_EQ(got.nodes, candidates);
    }
    occupy(got);
  }

  void take() {
    Allocation wish;
    bool free = true;
    for (NodeIndex n = 0; n < pool_.nodes(); ++n) {
      if (!random_.chance(10) || (!node(n).is_free() && random_.chance(90))) continue;
      wish.nodes.push_back(n);
      free = free && node(n).is_free();
    }
    if (wish.nodes.empty()) return;
    ASSERT_EQ(pool_.take(wish), free);
    if (free) occupy(wish);
  }

  void occupy(const Allocation& got) {
    for (const NodeIndex n : got.nodes) {
      ASSERT_FALSE(node(n).used);
      node(n).used = true;
    }
    held_.push_back(got);
  }

  void release() {
    if (held_.empty()) return;
    std::swap(held_[random_.index(held_.size())], held_.back());
    pool_.release(held_.back());
    for (const NodeIndex n : held_.back().nodes) node(n).used = false;
    held_.pop_back();
  }

  // Whoever uses them.
  void change() {
    const NodeIndex first = random_.between32(0, pool_.nodes() - 1);
    const NodeRun run{first, random_.between32(1, std::min(8, pool_.nodes() - first))};
    const auto readiness = static_cast<Readiness>(random_.between(0, kReadinesses - 1));
    pool_.set_readiness(run, readiness);
    for (NodeIndex n = run.first; n < run.end(); ++n) node(n).readiness = readiness;
  }

  void toggle() {
    const NodeIndex n = random_.between32(0, pool_.nodes() - 1);
    if (node(n).used) return;
    node(n).up = random_.chance(70);
    pool_.set_available(n, node(n).up);
  }

  void expect_same() {
    for (std::int32_t type = 0; type < pool_.node_types(); ++type)
      for (std::size_t r = 0; r < kReadinesses; ++r) {
        Nodes expected, found;
        for (std::size_t n = 0; n < nodes_.size(); ++n)
          if (nodes_[n].type == type && nodes_[n].is_free() && tier(static_cast<NodeIndex>(n)) == r)
            expected.push_back(static_cast<NodeIndex>(n));
        pool_.unused(type, static_cast<Readiness>(r)).for_each_run([&](NodeRun run) {
          for (NodeIndex n = run.first; n < run.end(); ++n) found.push_back(n);
          return true;
        });
        ASSERT_EQ(found, expected) << "type " << type << ", readiness " << r;
      }
    for (NodeIndex n = 0; n < pool_.nodes(); ++n) {
      ASSERT_EQ(pool_.readiness(n), node(n).readiness);
      ASSERT_EQ(pool_.is_free(n), node(n).is_free());
      ASSERT_EQ(pool_.used_cores(n) > 0, node(n).used);
    }
  }

  NaiveNode& node(NodeIndex n) { return nodes_[static_cast<std::size_t>(n)]; }
  std::size_t tier(NodeIndex n) { return static_cast<std::size_t>(node(n).readiness); }

  Random random_;
  Cluster cluster_;
  bool lowest_first_;
  std::vector<NaiveNode> nodes_;
  NodePool pool_;
  std::vector<Allocation> held_;
};

void lives(const char* placement, bool lowest_first) {
  int placed = 0, mixed = 0, refused = 0;
  for (std::uint64_t seed = 1; seed <= 60 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Life life(seed, placement, lowest_first);
    life.live(400);
    placed += life.placed;
    mixed += life.mixed;
    refused += life.refused;
  }
  EXPECT_GT(placed, 2000);
  EXPECT_GT(mixed, 500);
  EXPECT_GT(refused, 500);
}

TEST(NodePoolReadiness, FirstFitTakesTheLowestOfEachTier) { lives("first-fit", true); }
TEST(NodePoolReadiness, ContiguousTakesNoMoreOfATierThanItMust) { lives("contiguous", false); }
TEST(NodePoolReadiness, FastestTakesNoMoreOfATierThanItMust) { lives("fastest+contiguous", false); }

}  // namespace
}  // namespace wattfill::testing
