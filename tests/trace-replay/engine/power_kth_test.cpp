// What timeouts save of a real trace, against figures that were measured before (REFERENCE, section 4).
#include <gtest/gtest.h>

#include "tests/trace-replay/engine/power_replays.hpp"
#include "tests/trace-replay/reference/traces.hpp"

namespace wattfill::testing {
namespace {

TEST(PowerOfKth, ATimeoutOf212SecondsSaves) {
  WATTFILL_NEEDS(path_of(kKth));
  const Workload workload = load(kKth);
  const Cluster* bundled = find_cluster("kth-sp2");
  ASSERT_NE(bundled, nullptr);
  Cluster cluster = *bundled;
  cluster.allocation = AllocationMode::kWholeNodes;
  PolicySpec policy = preset("easy");
  const auto energy = [&](const char* power) {
    policy.power = power_from_text(power);
    return static_cast<double>(watched_replay(workload, cluster, policy).energy.it.total().count);
  };
  const double always_on = energy("always-on");
  EXPECT_NEAR(100 * (1 - energy("timeout:212") / always_on), 15.9, 0.1);
  EXPECT_EQ(energy("break-even"), energy("timeout:212"));
}

}  // namespace
}  // namespace wattfill::testing
