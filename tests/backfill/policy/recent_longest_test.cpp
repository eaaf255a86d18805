// The longest of what was told of late, against all that ever was.
#include "backfill/policy/recent_longest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

constexpr SimTime at(std::int64_t s) { return SimTime{Seconds{s}}; }

TEST(RecentLongest, IsNothingBeforeItWasTold) {
  RecentLongest longest(Seconds{10});
  EXPECT_EQ(longest.before(at(5)), Seconds{0});
  longest.tell(Seconds{7}, at(5));
  EXPECT_EQ(longest.before(at(5)), Seconds{0});  // at the same instant
  EXPECT_EQ(longest.before(at(6)), Seconds{7});
  EXPECT_EQ(longest.before(at(15)), Seconds{7});
  EXPECT_EQ(longest.before(at(16)), Seconds{0});
}

TEST(RecentLongest, EqualsALookAtAllThatWasTold) {
  struct Told {
    std::int64_t at, time;
  };
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    const std::int64_t window = random.between(0, 40);
    RecentLongest longest{Seconds{window}};
    std::vector<Told> all;
    std::int64_t now = -100;
    for (int step = 0; step < 400; ++step) {
      now += random.between(0, 3);
      if (random.chance(60)) {
        all.push_back({now, random.between(0, 50)});
        longest.tell(Seconds{all.back().time}, at(now));
        continue;
      }
      std::int64_t expected = 0;
      for (const Told& t : all)
        if (t.at < now && t.at >= now - window) expected = std::max(expected, t.time);
      ASSERT_EQ(longest.before(at(now)), Seconds{expected}) << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace wattfill::testing
