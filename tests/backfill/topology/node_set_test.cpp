// The bitmap of nodes against a std::set.
#include "backfill/topology/node_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;
using Runs = std::vector<std::pair<NodeIndex, std::int32_t>>;

Runs runs_of(const std::set<NodeIndex>& nodes) {
  Runs runs;
  for (const NodeIndex node : nodes) {
    if (!runs.empty() && runs.back().first + runs.back().second == node)
      ++runs.back().second;
    else
      runs.emplace_back(node, 1);
  }
  return runs;
}

void expect_same(const NodeSet& set, const std::set<NodeIndex>& model, Random& random) {
  ASSERT_EQ(set.size(), static_cast<std::int32_t>(model.size()));
  std::vector<NodeIndex> all;
  set.for_each([&](NodeIndex node) { all.push_back(node); });
  ASSERT_EQ(all, std::vector<NodeIndex>(model.begin(), model.end()));
  Runs runs;
  set.for_each_run([&](NodeIndex first, std::int32_t length) { runs.emplace_back(first, length); });
  ASSERT_EQ(runs, runs_of(model));
  const auto count = random.between32(0, set.size());
  std::vector<NodeIndex> lowest;
  set.append_lowest(count, lowest);
  ASSERT_EQ(lowest, std::vector<NodeIndex>(model.begin(), std::next(model.begin(), count)));
}

TEST(NodeSet, IsASetOfNodes) {
  Random random(1);
  for (int round = 0; round < 60; ++round) {
    const NodeIndex begin = random.between32(0, 100);
    const NodeIndex end = begin + random.between32(1, random.chance(50) ? 70 : 10'000);
    NodeSet set(begin, end);
    std::set<NodeIndex> model;
    for (int change = 0; change < 20; ++change) {
      // A stretch of nodes becomes all one thing or is mixed up.
      const NodeIndex first = random.between32(begin, end - 1);
      const NodeIndex last = std::min(end - 1, first + random.between32(0, 300));
      const int share = static_cast<int>(random.chance(50) ? 50 : 100 * random.between(0, 1));
      for (NodeIndex node = first; node <= last; ++node) {
        const bool wanted = random.chance(share);
        ASSERT_EQ(set.has(node), model.contains(node));
        if (wanted == set.has(node)) continue;
        if (wanted) {
          set.add(node);
          model.insert(node);
        } else {
          set.remove(node);
          model.erase(node);
        }
      }
      expect_same(set, model, random);
      if (::testing::Test::HasFatalFailure()) return;
    }
    EXPECT_TRUE(set.covers(begin) && set.covers(end - 1));
    EXPECT_FALSE(set.covers(begin - 1) || set.covers(end));
  }
}

}  // namespace
}  // namespace wattfill
