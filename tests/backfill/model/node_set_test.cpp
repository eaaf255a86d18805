// The bitmap of nodes against a std::set.
#include "backfill/model/node_set.hpp"

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
using Runs = std::vector<NodeRun>;

// Of the `count` lowest.
Runs runs_of(const std::set<NodeIndex>& nodes, std::int32_t count) {
  Runs runs;
  for (auto node = nodes.begin(); count > 0; ++node, --count) {
    if (!runs.empty() && runs.back().end() == *node)
      ++runs.back().length;
    else
      runs.push_back({*node, 1});
  }
  return runs;
}

void expect_same(const NodeSet& set, const std::set<NodeIndex>& model, Random& random) {
  ASSERT_EQ(set.size(), static_cast<std::int32_t>(model.size()));
  std::vector<NodeIndex> all;
  set.for_each([&](NodeIndex node) { all.push_back(node); });
  ASSERT_EQ(all, std::vector<NodeIndex>(model.begin(), model.end()));
  Runs runs;
  set.for_each_run([&](NodeRun run) {
    runs.push_back(run);
    return true;
  });
  ASSERT_EQ(runs, runs_of(model, set.size()));
  const auto count = random.between32(0, set.size());
  Runs lowest;
  set.append_lowest(count, lowest);
  ASSERT_EQ(lowest, runs_of(model, count));
}

TEST(NodeSet, MovesWhatIsThere) {
  Random random(2);
  for (int round = 0; round < 60; ++round) {
    const NodeIndex begin = random.between32(0, 100);
    const NodeIndex end = begin + random.between32(1, random.chance(50) ? 70 : 5'000);
    NodeSet from(begin, end);
    NodeSet to(begin, end);
    std::set<NodeIndex> from_model;
    std::set<NodeIndex> to_model;
    for (NodeIndex node = begin; node < end; ++node) {
      const std::int64_t where = random.between(0, 2);
      if (where == 0) from.add(node), from_model.insert(node);
      if (where == 1) to.add(node), to_model.insert(node);
    }
    const NodeIndex first = random.between32(begin, end - 1);
    const NodeRun run{first, random.between32(0, end - first)};
    std::int32_t moved = 0;
    for (NodeIndex node = run.first; node < run.end(); ++node)
      if (from_model.erase(node) > 0) {
        to_model.insert(node);
        ++moved;
      }
    ASSERT_EQ(from.move(run, to), moved);
    expect_same(from, from_model, random);
    expect_same(to, to_model, random);
  }
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
      const NodeRun stretch{first, last + 1 - first};
      const auto held = std::distance(model.lower_bound(first), model.upper_bound(last));
      ASSERT_EQ(set.has(stretch), held == stretch.length);
      if (held == 0 && share == 100) {
        set.add(stretch);
        for (NodeIndex node = first; node <= last; ++node) model.insert(node);
      } else if (held == stretch.length && share == 0) {
        set.remove(stretch);
        model.erase(model.lower_bound(first), model.upper_bound(last));
      }
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
