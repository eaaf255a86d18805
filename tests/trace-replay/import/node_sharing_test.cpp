#include "trace-replay/import/node_sharing.hpp"

#include <gtest/gtest.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <string>
#include <vector>

namespace wattfill {
namespace {

TEST(NodeUse, WhoMeetsOnANodeShares) {
  const std::vector<NodeInterval> jobs = {{0, 10, "n[1-2]"}, {10, 20, "n1"}, {15, 16, "n[2-3]"},
                                          {5, 6, "n[2-9]"},  {5, 6, ""},     {7, 7, "n1"}};
  using enum NodeUse;
  EXPECT_EQ(node_use(jobs), (std::vector<NodeUse>{kShared, kExclusive, kExclusive, kShared, kNotKnown, kExclusive}));
}

// Against every pair of jobs compared.
TEST(NodeUse, AgreesWithAllPairs) {
  boost::random::mt19937 generator(7);
  const auto draw = [&](int least, int most) {
    return boost::random::uniform_int_distribution<int>(least, most)(generator);
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<NodeInterval> jobs;
    std::vector<std::pair<int, int>> nodes;
    for (int i = 0; i < 12; ++i) {
      const int start = draw(0, 40);
      const int first = draw(1, 12);
      const int last = first + draw(0, 2);
      jobs.push_back({start, start + draw(0, 12), "n[" + std::to_string(first) + "-" + std::to_string(last) + "]"});
      nodes.emplace_back(first, last);
    }
    std::vector<NodeUse> expected(jobs.size(), NodeUse::kExclusive);
    for (std::size_t a = 0; a < jobs.size(); ++a)
      for (std::size_t b = 0; b < jobs.size(); ++b) {
        const bool nodes_meet = nodes[a].first <= nodes[b].second && nodes[b].first <= nodes[a].second;
        const bool long_enough = jobs[a].end > jobs[a].start && jobs[b].end > jobs[b].start;
        if (a != b && nodes_meet && long_enough && jobs[a].start < jobs[b].end && jobs[b].start < jobs[a].end)
          expected[a] = NodeUse::kShared;
      }
    ASSERT_EQ(node_use(jobs), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace wattfill
