// The parts of the Lublin-Feitelson model against its closed forms.
#include "trace-replay/workload/lublin_model.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <boost/math/distributions/gamma.hpp>
#include <cmath>
#include <vector>

#include "tests/trace-replay/workload/statistics.hpp"

namespace wattfill {
namespace {

using testing::chi_square;
using testing::kolmogorov_distance;
using testing::kolmogorov_threshold;

constexpr LublinColumn kColumns[] = {LublinColumn::kInteractive, LublinColumn::kBatch, LublinColumn::kUntyped};

double gamma_cdf(double shape, double scale, double x) {
  return x <= 0 ? 0 : boost::math::cdf(boost::math::gamma_distribution<double>(shape, scale), x);
}

double uniform_cdf(double low, double high, double x) {
  if (x <= low) return 0;
  return x >= high ? 1 : (x - low) / (high - low);
}

double two_stage_cdf(const SizeParameters& p, double x) {
  return p.low_probability * uniform_cdf(p.low, p.medium, x) +
         (1 - p.low_probability) * uniform_cdf(p.medium, p.high, x);
}

// P(size) for sizes 0 ... machine.
std::vector<double> size_probabilities(const SizeParameters& p) {
  std::vector<double> probability(static_cast<std::size_t>(p.machine) + 1);
  const double any = 1 - p.serial - p.power_of_two;
  for (std::int32_t size = 1; size <= p.machine; ++size) {
    const double above = size == p.machine ? 1 : two_stage_cdf(p, std::log2(size + 0.5));
    probability[static_cast<std::size_t>(size)] = any * (above - two_stage_cdf(p, std::log2(size - 0.5)));
  }
  const int largest = std::bit_width(static_cast<unsigned>(p.machine)) - 1;
  for (int exponent = 0; exponent <= largest; ++exponent) {
    const double above = exponent == largest ? 1 : two_stage_cdf(p, exponent + 0.5);
    probability[std::size_t{1} << exponent] += p.power_of_two * (above - two_stage_cdf(p, exponent - 0.5));
  }
  probability[1] += p.serial;
  return probability;
}

double log_runtime_cdf(const RuntimeParameters& p, double first, double x) {
  const auto whole = [&](double y) {
    return first * gamma_cdf(p.a1, p.b1, y) + (1 - first) * gamma_cdf(p.a2, p.b2, y);
  };
  return std::min(1.0, whole(x) / whole(kMaxLogRuntime));
}

TEST(LublinParameters, AreTheAuthorsOwnOn128Processors) {
  const SizeParameters interactive = lublin_parameters(LublinColumn::kInteractive, 128).size;
  EXPECT_EQ(std::vector({interactive.low, interactive.medium, interactive.high}), std::vector({1.0, 3.0, 5.5}));
  const SizeParameters batch = lublin_parameters(LublinColumn::kBatch, 128).size;
  EXPECT_EQ(std::vector({batch.low, batch.medium, batch.high}), std::vector({1.2, 5.0, 7.0}));
  const SizeParameters untyped = lublin_parameters(LublinColumn::kUntyped, 128).size;
  EXPECT_EQ(std::vector({untyped.low, untyped.medium, untyped.high}), std::vector({0.8, 4.5, 7.0}));
}

TEST(LublinParameters, AreThePublishedColumns) {
  const auto values = [](LublinColumn column) {
    const auto& [size, runtime, arrival] = lublin_parameters(column, 128);
    return std::vector{size.serial,  size.power_of_two, size.low_probability, runtime.a1,  runtime.b1,
                       runtime.a2,   runtime.b2,        runtime.pa,           runtime.pb,  arrival.aarr,
                       arrival.barr, arrival.anum,      arrival.bnum,         arrival.arar};
  };
  EXPECT_EQ(values(LublinColumn::kBatch), std::vector({.2927, .6686, .875, 6.57, .823, 639.1, .0156, -.003, .6986,
                                                       6.0415, .8531, 6.1271, 5.2740, 1.0519}));
  EXPECT_EQ(values(LublinColumn::kInteractive), std::vector({.1541, .625, .705, 3.8351, .6605, 7.073, .6856, -.0118,
                                                             .9156, 6.5510, .6621, 8.9186, 3.6680, .9797}));
  EXPECT_EQ(values(LublinColumn::kUntyped),
            std::vector({.244, .576, .86, 4.2, .94, 312., .03, -.0054, .78, 10.2303, .4871, 8.1737, 3.9631, 1.0225}));
}

TEST(LublinParameters, FollowTheAuthorsAdviceOnEightProcessors) {
  EXPECT_DOUBLE_EQ(lublin_parameters(LublinColumn::kUntyped, 8).size.medium, 1.5);
}

TEST(LublinParameters, KeepMediumWithinThePapersRangeBelowHighOnRealMachines) {
  for (const LublinColumn column : kColumns) {
    for (const std::int32_t processors : {64, 100, 338, 1152, 80640, 1'000'000}) {
      const SizeParameters size = lublin_parameters(column, processors).size;
      EXPECT_GE(size.high - size.medium, 1.5) << processors;
      EXPECT_LE(size.high - size.medium, 3.5) << processors;
    }
  }
}

TEST(LublinSize, StaysWithinAnyMachine) {
  RandomEngine engine = seeded_engine(1, 1);
  for (const LublinColumn column : kColumns) {
    for (const std::int32_t processors : {1, 2, 3, 4, 5, 7, 8, 100, 2'147'483'647}) {
      const SizeParameters parameters = lublin_parameters(column, processors).size;
      EXPECT_LE(parameters.low, parameters.medium);
      EXPECT_LE(parameters.medium, parameters.high);
      for (int draw = 0; draw < 2000; ++draw) {
        const std::int32_t size = draw_size(engine, parameters);
        ASSERT_GE(size, 1);
        ASSERT_LE(size, processors);
      }
    }
  }
}

TEST(LublinSize, HasTheProbabilitiesOfTheTwoStageUniform) {
  constexpr int kDraws = 400'000;
  RandomEngine engine = seeded_engine(2, 1);
  for (const LublinColumn column : kColumns) {
    for (const std::int32_t processors : {100, 128, 240, 256}) {
      const SizeParameters parameters = lublin_parameters(column, processors).size;
      std::vector<double> expected = size_probabilities(parameters);
      std::vector<double> observed(expected.size());
      for (int draw = 0; draw < kDraws; ++draw) ++observed[static_cast<std::size_t>(draw_size(engine, parameters))];

      double sum = 0, serial = observed[1] / kDraws, powers = 0, expected_powers = 0;
      for (const double p : expected) sum += p;
      ASSERT_NEAR(sum, 1, 1e-12);
      for (std::size_t size = 2; size < expected.size(); size *= 2) {
        powers += observed[size] / kDraws;
        expected_powers += expected[size];
      }
      const auto deviation = [](double p) { return 4 * std::sqrt(p * (1 - p) / kDraws); };
      EXPECT_NEAR(serial, expected[1], deviation(expected[1]));
      EXPECT_NEAR(powers, expected_powers, deviation(expected_powers));
      for (double& p : expected) p *= kDraws;
      const auto fit = chi_square(observed, expected);
      EXPECT_LT(fit.statistic, fit.threshold()) << processors << " processors, " << fit.cells << " cells";
    }
  }
}

TEST(LublinSize, LogarithmOfUnroundedSizesIsTwoStageUniform) {
  // So wide that rounding to whole processors does not show.
  const SizeParameters parameters{0, 0, 18, 25, 30, 0.7, 1 << 30};
  RandomEngine engine = seeded_engine(3, 1);
  std::vector<double> logs(200'000);
  double mean = 0;
  for (double& x : logs) mean += x = std::log2(draw_size(engine, parameters));
  mean /= static_cast<double>(logs.size());
  // E = (UProb ULow + UMed + (1 - UProb) UHi) / 2, given in lublin99.c; the standard deviation is below 3.5.
  EXPECT_NEAR(mean, (0.7 * 18 + 25 + 0.3 * 30) / 2, 4 * 3.5 / std::sqrt(static_cast<double>(logs.size())));
  EXPECT_LT(kolmogorov_distance(logs, [&](double x) { return two_stage_cdf(parameters, x); }),
            kolmogorov_threshold(logs.size()));
}

TEST(LublinRuntime, IsHyperGammaWithAShareThatFallsLinearlyInTheSize) {
  RandomEngine engine = seeded_engine(4, 1);
  for (const LublinColumn column : kColumns) {
    const RuntimeParameters parameters = lublin_parameters(column, 256).runtime;
    RuntimeSampler sampler(parameters);
    for (const std::int32_t size : {1, 8, 64, 256}) {
      const double first = std::clamp(parameters.pa * size + parameters.pb, 0.0, 1.0);
      EXPECT_DOUBLE_EQ(sampler.first_probability(size), first);
      std::vector<double> runtimes(100'000);
      for (double& runtime : runtimes) runtime = sampler.draw(engine, size);
      // Runtimes are rounded down, so P(runtime <= r) = P(exp(x) < r + 1).
      const auto cdf = [&](double runtime) { return log_runtime_cdf(parameters, first, std::log(runtime + 1)); };
      EXPECT_LT(kolmogorov_distance(runtimes, cdf, true), kolmogorov_threshold(runtimes.size()))
          << "column " << static_cast<int>(column) << ", size " << size;
    }
  }
}

TEST(LublinRuntime, MeanLogarithmIsThatOfTheHyperGamma) {
  RandomEngine engine = seeded_engine(5, 1);
  for (const LublinColumn column : {LublinColumn::kBatch, LublinColumn::kUntyped}) {
    const RuntimeParameters p = lublin_parameters(column, 256).runtime;
    RuntimeSampler sampler(p);
    for (const std::int32_t size : {1, 32, 128}) {
      const double first = sampler.first_probability(size);
      // E[x; x <= 12] of gamma(a, b) is a b cdf(12; a + 1, b). Rounding exp(x) down to a second lowers the mean of the
      // logarithm by up to ln 2 for the shortest jobs, on average by less than 0.02; adding half a second undoes most
      // of it.
      const auto below = [](double a, double b) { return gamma_cdf(a, b, kMaxLogRuntime); };
      const auto moment = [](double a, double b) { return a * b * gamma_cdf(a + 1, b, kMaxLogRuntime); };
      const double expected = (first * moment(p.a1, p.b1) + (1 - first) * moment(p.a2, p.b2)) /
                              (first * below(p.a1, p.b1) + (1 - first) * below(p.a2, p.b2));
      constexpr int kDraws = 200'000;
      double mean = 0;
      for (int draw = 0; draw < kDraws; ++draw) mean += std::log(sampler.draw(engine, size) + 0.5) / kDraws;
      EXPECT_NEAR(mean, expected, 0.02 + 4 * 2.7 / std::sqrt(kDraws));
      // Without the bound at 12 it is p a1 b1 + (1 - p) a2 b2; the bound cuts only the tail of the first gamma.
      EXPECT_NEAR(mean, first * p.a1 * p.b1 + (1 - first) * p.a2 * p.b2, 0.1);
    }
  }
}

TEST(LublinRuntime, IsPositiveAndBounded) {
  RandomEngine engine = seeded_engine(6, 1);
  RuntimeSampler sampler(lublin_parameters(LublinColumn::kInteractive, 128).runtime);
  std::int32_t longest = 0;
  for (int draw = 0; draw < 300'000; ++draw) {
    const std::int32_t runtime = sampler.draw(engine, 128);
    ASSERT_GE(runtime, 1);
    longest = std::max(longest, runtime);
  }
  EXPECT_LE(longest, kLublinMaxRuntimeSeconds);
  EXPECT_GT(longest, 120'000);  // the bound is near the tail that it cuts
}

TEST(LublinArrivals, LogarithmOfGapsIsGamma) {
  RandomEngine engine = seeded_engine(7, 1);
  for (const LublinColumn column : kColumns) {
    const ArrivalParameters p = lublin_parameters(column, 128).arrival;
    InterarrivalSampler sampler(p);
    std::vector<double> logs(200'000);
    for (double& x : logs) x = std::log(sampler.draw(engine) * kBucketSeconds);
    const auto cdf = [&](double x) {
      return gamma_cdf(p.aarr * p.arar, p.barr, x) / gamma_cdf(p.aarr * p.arar, p.barr, kMaxLogInterarrival);
    };
    EXPECT_LT(kolmogorov_distance(logs, cdf), kolmogorov_threshold(logs.size()));
  }
}

TEST(DailyCycle, WeighsHalfHoursByTheGammaCdfFromFiveInTheMorning) {
  for (const LublinColumn column : kColumns) {
    const ArrivalParameters p = lublin_parameters(column, 128).arrival;
    const DailyCycle cycle(p);
    const auto share = [&](double i) {
      return gamma_cdf(p.anum, p.bnum, i + 0.5) - gamma_cdf(p.anum, p.bnum, i - 0.5);
    };
    double sum = 0;
    for (int bucket = 0; bucket < kDayBuckets; ++bucket) {
      sum += cycle.weight(bucket);
      // Bucket 10 (05:00) is the gamma's 11; the buckets before it belong to its far end.
      const double i = bucket >= 10 ? bucket + 1 : bucket + 1 + kDayBuckets;
      EXPECT_NEAR(cycle.weight(bucket) / cycle.weight(24), share(i) / share(25), 1e-9) << bucket;
    }
    EXPECT_NEAR(sum, kDayBuckets, 1e-9);
  }
}

TEST(DailyCycle, MapsPointsToTimeAndBack) {
  const DailyCycle cycle(lublin_parameters(LublinColumn::kBatch, 128).arrival);
  EXPECT_NEAR(cycle.points_at(kDaySeconds), kDayBuckets, 1e-9);
  double before = -1;
  for (double points = 0; points < 200; points += 0.37) {
    const double seconds = cycle.time_at(points);
    EXPECT_GT(seconds, before);
    EXPECT_NEAR(cycle.points_at(seconds), points, 1e-9);
    before = seconds;
  }
}

}  // namespace
}  // namespace wattfill
