// Paired tests against published worked examples, brute force and properties.
#include "trace-replay/statistics/paired_tests.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "trace-replay/statistics/moments.hpp"
#include "trace-replay/workload/random.hpp"

namespace wattfill::testing {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> differences(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<double> d;
  for (std::size_t i = 0; i < x.size(); ++i) d.push_back(x[i] - y[i]);
  return d;
}

// Cushny and Peebles (1905), R's data set `sleep`: hours of sleep gained with two drugs. Student's own example (1908).
std::vector<double> sleep() {
  return differences({0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0},
                     {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4});
}
// Hollander and Wolfe (1973), p. 29: Hamilton depression scale at two visits; the example of R's wilcox.test.
std::vector<double> depression() {
  return differences({1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30},
                     {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29});
}

TEST(PairedT, PublishedValues) {
  const auto of_sleep = paired_t_test(sleep());
  ASSERT_TRUE(of_sleep);
  EXPECT_NEAR(of_sleep->t, -4.062127683382037, 1e-12);  // R 4: -4.062128
  EXPECT_EQ(of_sleep->degrees_of_freedom, 9);
  EXPECT_NEAR(of_sleep->p, 0.00283289019738427, 1e-14);
  EXPECT_NEAR(*cohen_d_z(sleep()), -4.062127683382037 / std::sqrt(10.0), 1e-12);
  const auto of_depression = paired_t_test(depression());
  ASSERT_TRUE(of_depression);
  EXPECT_NEAR(of_depression->t, 3.0353754156485917, 1e-12);
  EXPECT_NEAR(of_depression->p, 0.016176627434908088, 1e-13);
}

TEST(PairedT, NoTestWithoutSpread) {
  EXPECT_FALSE(paired_t_test({}));
  EXPECT_FALSE(paired_t_test(std::vector{1.0}));
  EXPECT_FALSE(paired_t_test(std::vector{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}));
  EXPECT_FALSE(cohen_d_z(std::vector{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}));
  EXPECT_THROW(paired_t_test(std::vector{1.0, kNan}), std::invalid_argument);
  EXPECT_THROW(cohen_d_z(std::vector{1.0, kInfinity}), std::invalid_argument);
}

TEST(SignedRank, PublishedValues) {
  const auto exact = signed_rank_test(depression());
  ASSERT_TRUE(exact);
  EXPECT_TRUE(exact->exact);
  EXPECT_EQ(exact->v, 40);
  EXPECT_DOUBLE_EQ(exact->p, 0.0390625);
  EXPECT_DOUBLE_EQ(exact->p_greater, 0.01953125);
  EXPECT_DOUBLE_EQ(exact->rank_biserial, (40.0 - 5) / 45);
  // A zero and ties: R drops the one and approximates.
  const auto approximate = signed_rank_test(sleep());
  ASSERT_TRUE(approximate);
  EXPECT_FALSE(approximate->exact);
  EXPECT_EQ(approximate->used, 9);
  EXPECT_EQ(approximate->v, 0);
  EXPECT_NEAR(approximate->p, 0.009090698015925054, 1e-14);
  EXPECT_EQ(approximate->rank_biserial, -1);
}

// All 2^n signs, each as likely.
TEST(SignedRank, ExactIsTheCountOfAllSigns) {
  for (std::size_t n = 1; n <= 9; ++n) {
    const std::uint32_t all = 1U << n;
    const auto rank_sum = [n](std::uint32_t signs) {
      double v = 0;
      for (std::size_t i = 0; i < n; ++i) v += (signs >> i & 1U) != 0 ? static_cast<double>(i + 1) : 0;
      return v;
    };
    for (std::uint32_t signs = 0; signs < all; ++signs) {
      std::vector<double> d;
      for (std::size_t i = 0; i < n; ++i)
        d.push_back(((signs >> i & 1U) != 0 ? 1 : -1) * std::sqrt(static_cast<double>(i + 1)));
      const double v = rank_sum(signs);
      int at_least = 0;
      int at_most = 0;
      for (std::uint32_t other = 0; other < all; ++other) {
        at_least += rank_sum(other) >= v;
        at_most += rank_sum(other) <= v;
      }
      const auto test = signed_rank_test(d);
      ASSERT_EQ(test->v, v);
      ASSERT_DOUBLE_EQ(test->p_greater, at_least / static_cast<double>(all));
      ASSERT_DOUBLE_EQ(test->p, std::min(1.0, 2.0 * std::min(at_least, at_most) / all));
    }
  }
}

TEST(SignedRank, ApproximationMeetsTheExactOneWhereItTakesOver) {
  RandomEngine engine(7);
  std::vector<double> d(49);
  for (double& difference : d) difference = uniform(engine, -1, 1.4);
  const auto exact = signed_rank_test(d);
  d.push_back(0);  // a zero asks for the approximation, and is dropped
  const auto approximate = signed_rank_test(d);
  ASSERT_TRUE(exact->exact);
  ASSERT_FALSE(approximate->exact);
  EXPECT_EQ(exact->v, approximate->v);
  EXPECT_NEAR(exact->p, approximate->p, 0.01);
  EXPECT_NEAR(exact->p_greater, approximate->p_greater, 0.005);
}

TEST(SignedRank, MirroredDifferencesMirrorTheTest) {
  std::vector<double> mirrored;
  for (const double d : sleep()) mirrored.push_back(-d);
  const auto one = signed_rank_test(sleep());
  const auto other = signed_rank_test(mirrored);
  EXPECT_DOUBLE_EQ(one->p, other->p);
  EXPECT_DOUBLE_EQ(one->rank_biserial, -other->rank_biserial);
  EXPECT_GT(one->p_greater, 0.99);
  EXPECT_LT(other->p_greater, 0.01);
}

TEST(SignedRank, Degenerate) {
  EXPECT_FALSE(signed_rank_test({}));
  EXPECT_FALSE(signed_rank_test(std::vector{0.0, 0.0}));
  EXPECT_EQ(signed_rank_test(std::vector{3.0})->p, 1);
  EXPECT_EQ(signed_rank_test(std::vector{1.0, -1.0})->p, 1);  // a tie: in the middle
  EXPECT_THROW(signed_rank_test(std::vector{1.0, kNan}), std::invalid_argument);
  EXPECT_EQ(least_signed_rank_p(6), 0.03125);
  EXPECT_EQ(signed_rank_test(std::vector{1.0, 2.0, 3.0, 4.0, 5.0, 6.0})->p, least_signed_rank_p(6));
}

// The 50 p values of Rosetta Code's "P-value correction" with the values of R's p.adjust(p, "holm").
TEST(Holm, PublishedValues) {
  const std::vector<double> p = {
      4.533744e-01, 7.296024e-01, 9.936026e-02, 9.079658e-02, 1.801962e-01, 8.752257e-01, 2.922222e-01, 9.115421e-01,
      4.355806e-01, 5.324867e-01, 4.926798e-01, 5.802978e-01, 3.485442e-01, 7.883130e-01, 2.729308e-01, 8.502518e-01,
      4.268138e-01, 6.442008e-01, 3.030266e-01, 5.001555e-02, 3.194810e-01, 7.892933e-01, 9.991834e-01, 1.745691e-01,
      9.037516e-01, 1.198578e-01, 3.966083e-01, 1.403837e-02, 7.328671e-01, 6.793476e-02, 4.040730e-03, 3.033349e-04,
      1.125147e-02, 2.375072e-02, 5.818542e-04, 3.075482e-04, 8.251272e-03, 1.356534e-03, 1.360696e-02, 3.764588e-04,
      1.801145e-05, 2.504456e-07, 3.310253e-02, 9.427839e-03, 8.791153e-04, 2.177831e-04, 9.693054e-04, 6.610250e-05,
      2.900813e-02, 5.735490e-03};
  std::vector<double> expected(50, 1.0);
  expected[27] = 4.632662e-01;
  const std::vector<double> last = {1.575885e-01, 1.395341e-02, 3.938014e-01, 7.600230e-01, 2.501973e-02,
                                    1.395341e-02, 3.052971e-01, 5.426136e-02, 4.626366e-01, 1.656419e-02,
                                    8.825610e-04, 1.252228e-05, 9.930759e-01, 3.394022e-01, 3.692284e-02,
                                    1.023581e-02, 3.974152e-02, 3.172920e-03, 8.992520e-01, 2.179486e-01};
  std::copy(last.begin(), last.end(), expected.begin() + 30);
  const std::vector<double> corrected = holm(p);
  ASSERT_EQ(corrected.size(), expected.size());
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(corrected[i], expected[i], 1e-6 * expected[i]) << i;
}

TEST(Holm, KeepsOrderAndRefusesWhatIsNoProbability) {
  EXPECT_TRUE(holm({}).empty());
  EXPECT_EQ(holm(std::vector{0.25}), std::vector{0.25});
  EXPECT_EQ(holm(std::vector{0.5, 0.25, 0.5}), (std::vector{1.0, 0.75, 1.0}));
  EXPECT_THROW(holm(std::vector{0.5, kNan}), std::invalid_argument);
  EXPECT_THROW(holm(std::vector{1.5}), std::invalid_argument);
  EXPECT_THROW(holm(std::vector{-0.1}), std::invalid_argument);
}

// NIST StRD NumAcc4 (certified): 10000000.2, then 10000000.1 and 10000000.3 in turns, 1001 values.
TEST(MomentsOfASample, NistNumAcc4) {
  std::vector<double> values = {10000000.2};
  for (int i = 0; i < 500; ++i) values.insert(values.end(), {10000000.1, 10000000.3});
  const Moments m = moments(values);
  EXPECT_NEAR(m.mean, 10000000.2, 1e-6);
  EXPECT_NEAR(m.deviation, 0.1, 1e-8);
  EXPECT_EQ(moments({}).mean, 0);
  EXPECT_EQ(moments(std::vector{4.0}).deviation, 0);
}

}  // namespace
}  // namespace wattfill::testing
