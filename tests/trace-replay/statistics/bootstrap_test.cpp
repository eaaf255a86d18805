// Bootstrap intervals: their coverage on simulated data, what blocks are for, and degenerate inputs.
#include "trace-replay/statistics/bootstrap.hpp"

#include <gtest/gtest.h>

#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "trace-replay/workload/random.hpp"

namespace wattfill::testing {
namespace {

using Statistic = std::function<double(const BlockWeights&)>;

std::optional<Interval> interval_of(const std::vector<std::size_t>& blocks, const Statistic& statistic,
                                    std::size_t resamples = 999, std::uint64_t seed = 1) {
  return bootstrap_interval(blocks, statistic, {0.95, resamples, seed});
}

Statistic mean_of(const std::vector<double>& values) {
  return [&values](const BlockWeights& weights) {
    double sum = 0;
    double count = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum += weights[0][i] * values[i];
      count += weights[0][i];
    }
    return sum / count;
  };
}

// How often, in so many simulations, the interval holds the truth.
template <class Simulate>
double coverage(int simulations, double truth, const Simulate& simulate) {
  int held = 0;
  for (int i = 0; i < simulations; ++i) {
    const Interval interval = simulate(static_cast<std::uint64_t>(i));
    held += interval.low <= truth && truth <= interval.high;
  }
  return held / static_cast<double>(simulations);
}

// Twelve blocks of two policies that share the blocks' load; one is at 0.7 of the other, give or take.
TEST(BlockBootstrap, CoversTheRatioOfMeans) {
  const double covered = coverage(600, 0.7, [](std::uint64_t seed) {
    RandomEngine engine = seeded_engine(seed, 1);
    boost::random::normal_distribution<double> normal;
    std::vector<double> a;
    std::vector<double> b;
    for (int i = 0; i < 12; ++i) {
      b.push_back(std::exp(normal(engine)));  // lognormal: a few blocks hold most of the waiting
      a.push_back(b.back() * 0.7 * std::exp(0.3 * normal(engine) - 0.045));
    }
    return *interval_of({12}, [&](const BlockWeights& w) {
      return std::inner_product(a.begin(), a.end(), w[0].begin(), 0.0) /
             std::inner_product(b.begin(), b.end(), w[0].begin(), 0.0);
    });
  });
  RecordProperty("coverage", std::to_string(covered));
  EXPECT_GE(covered, 0.90);
  EXPECT_LE(covered, 0.97);
}

// Strata of unequal sizes, the smaller one of which decides how far the mean of both ratios can be known.
TEST(BlockBootstrap, CoversThePooledRatioOfUnequalStrata) {
  const auto covered = [](const std::vector<std::size_t>& sizes) {
    return coverage(500, std::log(0.7), [&](std::uint64_t seed) {
      RandomEngine engine = seeded_engine(seed, 4);
      boost::random::normal_distribution<double> normal;
      BlockWeights a;
      BlockWeights b;
      for (const std::size_t n : sizes) {
        a.emplace_back();
        b.emplace_back();
        for (std::size_t i = 0; i < n; ++i) {
          b.back().push_back(std::exp(normal(engine)));
          a.back().push_back(b.back().back() * 0.7 * std::exp(0.3 * normal(engine) - 0.045));
        }
      }
      return *interval_of(sizes, [&](const BlockWeights& w) {
        double sum = 0;
        for (std::size_t s = 0; s < sizes.size(); ++s)
          sum += std::log(std::inner_product(a[s].begin(), a[s].end(), w[s].begin(), 0.0) /
                          std::inner_product(b[s].begin(), b[s].end(), w[s].begin(), 0.0));
        return sum / static_cast<double>(sizes.size());
      });
    });
  };
  for (const std::vector<std::size_t>& sizes : {std::vector<std::size_t>{9, 6}, {24, 6}, {40, 6}, {24, 6, 6}}) {
    const double share = covered(sizes);
    EXPECT_GE(share, 0.91) << sizes.front();
    EXPECT_LE(share, 0.97) << sizes.front();
  }
}

// Twelve blocks of 28 days with autocorrelation 0.7 from day to day: days drawn one by one promise far too much.
TEST(BlockBootstrap, CoversCorrelatedDaysWhereDaysAloneDoNot) {
  constexpr int kDays = 28;
  constexpr int kBlocks = 12;
  const auto days_of = [](std::uint64_t seed) {
    RandomEngine engine = seeded_engine(seed, 2);
    boost::random::normal_distribution<double> normal;
    std::vector<double> days(kDays * kBlocks);
    double state = normal(engine) / std::sqrt(1 - 0.49);
    for (double& day : days) day = state = 0.7 * state + normal(engine);
    return days;
  };
  const double with_blocks = coverage(400, 0, [&](std::uint64_t seed) {
    const std::vector<double> days = days_of(seed);
    std::vector<double> blocks(kBlocks);
    for (std::size_t day = 0; day < days.size(); ++day) blocks[day / kDays] += days[day] / kDays;
    return *interval_of({kBlocks}, mean_of(blocks), 499);
  });
  const double with_days = coverage(100, 0, [&](std::uint64_t seed) {
    const std::vector<double> days = days_of(seed);
    return *interval_of({kDays * kBlocks}, mean_of(days), 199);
  });
  RecordProperty("coverage_blocks", std::to_string(with_blocks));
  RecordProperty("coverage_days", std::to_string(with_days));
  EXPECT_GE(with_blocks, 0.90);
  EXPECT_LE(with_blocks, 0.98);
  EXPECT_LT(with_days, 0.75);
}

// For the mean of normal values Student's interval is exact; the bootstrap's should be close to it.
TEST(BlockBootstrap, IsAsWideAsStudentsIntervalForAMean) {
  double ratio = 0;
  constexpr int kSamples = 100;
  for (std::uint64_t seed = 0; seed < kSamples; ++seed) {
    RandomEngine engine = seeded_engine(seed, 3);
    boost::random::normal_distribution<double> normal;
    std::vector<double> values(10);
    for (double& value : values) value = normal(engine);
    double mean = 0;
    double squares = 0;
    for (const double v : values) mean += v / 10;
    for (const double v : values) squares += (v - mean) * (v - mean);
    constexpr double kQuantile = 2.262157162740992;  // Student's t, 9 degrees of freedom, 0.975
    const double students = 2 * kQuantile * std::sqrt(squares / 9 / 10);
    const Interval interval = *interval_of({10}, mean_of(values));
    ratio += (interval.high - interval.low) / students / kSamples;
  }
  EXPECT_NEAR(ratio, 1, 0.05);
}

TEST(BlockBootstrap, ResamplesDrawOneBlockLessThanEachStratumHas) {
  const std::vector<std::size_t> sizes = {7, 6, 8};
  std::size_t calls = 0;
  interval_of(sizes, [&](const BlockWeights& weights) {
    const bool resample = ++calls > 1 + 7 + 6 + 8;  // after all blocks once and all but one
    for (std::size_t s = 0; resample && s < sizes.size(); ++s)
      EXPECT_EQ(std::accumulate(weights[s].begin(), weights[s].end(), 0.0), static_cast<double>(sizes[s] - 1));
    return 1.0;
  });
  EXPECT_EQ(calls, 1 + 7 + 6 + 8 + 999);
}

TEST(BlockBootstrap, DependsOnTheSeedAndOnNothingElse) {
  const std::vector<double> values = {1, 5, 2, 8, 3, 9, 4, 7};
  const Interval one = *interval_of({8}, mean_of(values), 999, 1);
  const Interval same = *interval_of({8}, mean_of(values), 999, 1);
  const Interval other = *interval_of({8}, mean_of(values), 999, 2);
  EXPECT_EQ(one.low, same.low);
  EXPECT_EQ(one.high, same.high);
  EXPECT_NE(one.low, other.low);
  EXPECT_NEAR(one.low, other.low, 0.5);
  EXPECT_DOUBLE_EQ(one.estimate, 4.875);
  EXPECT_LT(one.low, one.estimate);
  EXPECT_LT(one.estimate, one.high);
}

TEST(BlockBootstrap, Degenerate) {
  const std::vector<double> equal(6, 2.5);
  const Interval point = *interval_of({6}, mean_of(equal));
  EXPECT_EQ(point.low, 2.5);
  EXPECT_EQ(point.high, 2.5);
  const Statistic one = [](const BlockWeights&) { return 1.0; };
  EXPECT_FALSE(interval_of({}, one));
  EXPECT_FALSE(interval_of({1}, one));
  EXPECT_FALSE(interval_of({5}, one));
  EXPECT_FALSE(interval_of({24, 5}, one));
  EXPECT_THROW(interval_of({3, 0}, one), std::invalid_argument);
  EXPECT_THROW(interval_of({6}, one, 99), std::invalid_argument);
  EXPECT_THROW(bootstrap_interval(std::vector<std::size_t>{6}, one, {1.0, 999, 1}), std::invalid_argument);
  EXPECT_THROW(interval_of({6}, [](const BlockWeights&) { return std::numeric_limits<double>::quiet_NaN(); }),
               std::invalid_argument);
}

}  // namespace
}  // namespace wattfill::testing
