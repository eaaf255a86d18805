// The same for the traces of more than 200,000 jobs.
#include "tests/trace-replay/reference/traces.hpp"

namespace wattfill::testing {
namespace {

constexpr auto kEvent = PassRule::kEachEvent;
constexpr auto kInstant = PassRule::kEachInstant;

class Hpc2n : public ::testing::Test {
 protected:
  void SetUp() override {
    WATTFILL_NEEDS(path_of(kHpc2n));
    workload = load(kHpc2n);
    EXPECT_EQ(workload.jobs.size(), 202871U);
  }
  Figures figures(const PolicySpec& policy, PassRule pass = kInstant) {
    return measured(workload, kHpc2n, policy, pass).summary.all;
  }
  Workload workload;
};

TEST_F(Hpc2n, Easy) {
  const Figures f = figures(preset("easy"));
  EXPECT_NEAR(f.mean_bounded_slowdown, 89.04, 0.005);
  EXPECT_NEAR(static_cast<double>(f.max_wait_s) / 3600, 323, 0.5);
}

TEST_F(Hpc2n, ClairvoyantEasySjbf) {
  const Figures f = figures(with_estimates(preset("easy-sjbf"), "clairvoyant", "clairvoyant"));
  EXPECT_NEAR(f.mean_bounded_slowdown, 64.13, 0.005);
  EXPECT_NEAR(static_cast<double>(f.max_wait_s) / 3600, 323, 0.5);
}

TEST_F(Hpc2n, SmallestRequestedAreaFirstWithPromotion) {
  PolicySpec policy = preset("saf");
  policy.promotion_age = Seconds{40 * 3600};
  EXPECT_NEAR(figures(policy).mean_bounded_slowdown, 64.0, 0.05);
}

class Blue : public ::testing::Test {
 protected:
  void SetUp() override {
    WATTFILL_NEEDS(path_of(kBlue));
    workload = load(kBlue);
    // The published figures are of an older cleaning with 232,542 jobs.
    EXPECT_EQ(workload.jobs.size(), 232536U);
  }
  double slowdown(const PolicySpec& policy, PassRule pass) {
    return measured(workload, kBlue, policy, pass).summary.all.mean_bounded_slowdown;
  }
  Workload workload;
};

TEST_F(Blue, Easy) {
  EXPECT_NEAR(slowdown(preset("easy"), kEvent), 36.53, 0.005);  // published: 36.52, with six more jobs
  EXPECT_NEAR(slowdown(preset("easy"), kInstant), 37.41, 0.005);
}

TEST_F(Blue, EasySjbf) { EXPECT_NEAR(slowdown(preset("easy-sjbf"), kEvent), 19.83, 0.005); }

TEST_F(Blue, EasyPlusPlus) { EXPECT_NEAR(slowdown(preset("easy++"), kEvent), 20.99, 0.005); }

TEST_F(Blue, Clairvoyant) {
  EXPECT_NEAR(slowdown(with_estimates(preset("easy"), "clairvoyant", "clairvoyant"), kEvent), 30.62, 0.005);
  EXPECT_NEAR(slowdown(with_estimates(preset("easy-sjbf"), "clairvoyant", "clairvoyant"), kEvent), 13.18, 0.005);
  // The true runtimes order only, the requests fit and reserve.
  EXPECT_NEAR(slowdown(with_estimates(preset("easy-sjbf"), "requested", "clairvoyant"), kInstant), 15.47, 0.005);
}

}  // namespace
}  // namespace wattfill::testing
