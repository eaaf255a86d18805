#include "backfill/topology/network_stretch.hpp"

#include <gtest/gtest.h>

#include "backfill/topology/network.hpp"
#include "tests/backfill/random.hpp"
#include "tests/backfill/topology/random_network.hpp"

namespace wattfill {
namespace {

using testing::Random;

TEST(Stretch, IsTheLeastWholeSecondThatIsEnough) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const Seconds runtime{random.between(0, random.chance(50) ? 1000 : 1'000'000'000)};
    const Stretch stretch{random.between(0, random.chance(50) ? 3 : 2'000'000)};
    const std::int64_t pairs = random.between(1, 50'000'000);
    const MeanHops hops{2 * pairs + random.between(0, 10 * pairs), pairs};
    const Int128 millionths = 1'000'000 * Int128{pairs};
    const Int128 exact =  // in millionths of a pair's second
        runtime.count() * (millionths + Int128{stretch.millionths_per_hop} * (hops.sum - 2 * pairs));
    const Seconds got = stretched(runtime, stretch, hops);
    ASSERT_GE(got.count() * millionths, exact);
    ASSERT_TRUE(got == runtime || (got.count() - 1) * millionths < exact);
    ASSERT_GE(got, runtime);
  }
}

TEST(Stretch, OfOneNodeOneSwitchOrNoRateIsNone) {
  EXPECT_EQ(stretched(Seconds{100}, {500'000}, {0, 0}), Seconds{100});
  EXPECT_EQ(stretched(Seconds{100}, {500'000}, {20, 10}), Seconds{100});
  EXPECT_EQ(stretched(Seconds{100}, {0}, {60, 10}), Seconds{100});
  EXPECT_EQ(stretched(Seconds{100}, {10'000}, {60, 10}), Seconds{104});
  EXPECT_EQ(stretched(Seconds{100}, {10'000}, {61, 10}), Seconds{105});
  EXPECT_EQ(stretched(kForever, {10'000}, {60, 10}), kForever);
}

TEST(Stretch, GrowsWithTheDistanceInTheTree) {
  Cluster cluster = testing::nodes_only(64);
  cluster.network = FatTree{8, {4, 2}};
  const Network network(cluster);
  const auto runtime = [&](std::vector<NodeIndex> nodes) {
    return stretched(Seconds{3600}, {50'000}, network.mean_hops(nodes)).count();
  };
  EXPECT_EQ(runtime({0, 1, 2, 3}), 3600);
  EXPECT_EQ(runtime({0, 1, 8, 9}), 3840);  // four of six pairs at 4 hops
  EXPECT_EQ(runtime({0, 1, 32, 33}), 4080);
}

}  // namespace
}  // namespace wattfill
