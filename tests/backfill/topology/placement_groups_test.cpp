// Covers with few groups against all choices of groups.
#include "backfill/topology/placement_groups.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill {
namespace {

using testing::Random;

struct Question {
  explicit Question(Random& random) : most(random.between32(1, 12)) {
    for (std::int64_t groups = random.between(1, 10); groups > 0; --groups) sizes.push_back(random.between32(1, 10));
    for (const std::int32_t size : sizes) all += std::min(size, most);
    needed = random.between32(1, all);
  }
  std::int32_t fewest() const {
    std::int32_t fewest = static_cast<std::int32_t>(sizes.size());
    for (std::uint32_t set = 1; set < std::uint32_t{1} << sizes.size(); ++set) {
      std::int32_t held = 0;
      for (std::size_t i = 0; i < sizes.size(); ++i)
        if ((set >> i & 1U) != 0) held += std::min(sizes[i], most);
      if (held >= needed) fewest = std::min(fewest, static_cast<std::int32_t>(std::popcount(set)));
    }
    return fewest;
  }
  std::int32_t most;
  std::vector<std::int32_t> sizes;
  std::int32_t all = 0, needed;
};

TEST(FewestGroups, AreFewestAndTheLastIsTheTightest) {
  Random random(1);
  FewestGroups groups;
  for (int round = 0; round < 3000; ++round) {
    const Question q(random);
    groups.clear(*std::ranges::max_element(q.sizes));
    for (const std::int32_t size : q.sizes) groups.add(size);
    ASSERT_EQ(groups.cover(q.needed, q.most), q.fewest());
    const std::int32_t last = groups.last();
    const std::int32_t rest = groups.rest();
    ASSERT_GE(rest, 1);
    ASSERT_LE(rest, std::min(last, q.most));

    std::int32_t used = 0;
    std::int32_t count = 0;
    for (const std::int32_t size : q.sizes) {
      const std::int32_t whole = groups.whole(size);
      const std::int32_t claimed = groups.claim(size);
      ASSERT_LE(claimed, std::min(size, q.most));
      if (whole > 0) {
        ASSERT_EQ(claimed, std::min(size, q.most));
      }
      if (claimed == 0 && size >= rest) {
        ASSERT_GE(size, last);  // none that is left would be tighter
      }
      used += claimed;
      count += claimed > 0 ? 1 : 0;
    }
    ASSERT_EQ(used, q.needed);
    ASSERT_EQ(count, q.fewest());
  }
}

}  // namespace
}  // namespace wattfill
