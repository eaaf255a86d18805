// Analysis of variance against certified and published tables, the textbook sums, and properties.
#include "trace-replay/statistics/anova.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "trace-replay/workload/random.hpp"

namespace wattfill::testing {
namespace {

struct Data {
  std::vector<double> values;
  std::vector<Factor> factors;

  Anova analysed() const { return anova(values, factors); }
};

Data one_way(const std::vector<std::vector<double>>& groups) {
  Data data{{}, {{"group", {}}}};
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (const double v : groups[g]) {
      data.values.push_back(v);
      data.factors[0].level.push_back(g);
    }
  return data;
}

void expect_close(double value, double published, double relative) {
  EXPECT_NEAR(value, published, relative * std::abs(published));
}

// NIST StRD, one-way ANOVA, "SiRstv" (resistivity of silicon wafers): certified values.
TEST(OneWay, NistSiRstv) {
  const Anova a = one_way({{196.3052, 196.1240, 196.1890, 196.2569, 196.3403},
                           {196.3042, 196.3825, 196.1669, 196.3257, 196.0422},
                           {196.1303, 196.2005, 196.2889, 196.0343, 196.1811},
                           {196.2795, 196.1748, 196.1494, 196.1485, 195.9885},
                           {196.2119, 196.1051, 196.1850, 196.0052, 196.2090}})
                      .analysed();
  expect_close(a.effects[0].sum_of_squares, 5.11462616e-02, 1e-10);
  expect_close(a.residual_sum_of_squares, 2.16636560e-01, 1e-10);
  expect_close(a.effects[0].f, 1.18046237440255, 1e-10);
  expect_close(a.effects[0].eta_squared, 1.90999039051129e-01, 1e-10);
  EXPECT_EQ(a.effects[0].degrees_of_freedom, 4);
  EXPECT_EQ(a.residual_degrees_of_freedom, 20);
}

// Dobson (1983), R's data set `PlantGrowth`; the table is R's.
TEST(OneWay, PlantGrowth) {
  const Anova a = one_way({{4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14},
                           {4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69},
                           {6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26}})
                      .analysed();
  EXPECT_NEAR(a.effects[0].sum_of_squares, 3.76634, 5e-6);
  EXPECT_NEAR(a.residual_sum_of_squares, 10.49209, 5e-6);
  EXPECT_NEAR(a.effects[0].f, 4.846088, 5e-7);
  EXPECT_NEAR(a.effects[0].p, 0.01590996, 5e-9);
}

// Tippett (1950), R's data set `warpbreaks`, aov(breaks ~ wool + tension): the example of R's TukeyHSD.
TEST(MainEffects, Warpbreaks) {
  Data data{
      {26, 30, 54, 25, 70, 52, 51, 26, 67, 18, 21, 29, 17, 12, 18, 35, 30, 36, 36, 21, 24, 18, 10, 43, 28, 15, 26,
       27, 14, 29, 19, 29, 31, 41, 20, 44, 42, 26, 19, 16, 39, 28, 21, 39, 29, 20, 21, 24, 17, 13, 15, 15, 16, 28},
      {{"wool", {}}, {"tension", {}}}};
  for (std::size_t i = 0; i < data.values.size(); ++i) {
    data.factors[0].level.push_back(i / 27);
    data.factors[1].level.push_back(i / 9 % 3);
  }
  const Anova a = data.analysed();
  EXPECT_NEAR(a.effects[0].sum_of_squares, 450.67, 5e-3);
  EXPECT_NEAR(a.effects[1].sum_of_squares, 2034.26, 5e-3);
  EXPECT_NEAR(a.residual_sum_of_squares, 6747.89, 1e-2);
  EXPECT_NEAR(a.effects[0].f, 3.339, 5e-4);
  EXPECT_NEAR(a.effects[0].p, 0.07361, 5e-6);
  EXPECT_NEAR(a.effects[1].f, 7.537, 5e-4);
  EXPECT_NEAR(a.effects[1].p, 0.00138, 5e-6);
}

// Venables and Ripley (2002), R's data set `npk`, aov(yield ~ block + N + P + K): an experiment in blocks of four.
TEST(MainEffects, Npk) {
  const Data data{{49.5, 62.8, 46.8, 57.0, 59.8, 58.5, 55.5, 56.0, 62.8, 55.8, 69.5, 55.0,
                   62.0, 48.8, 45.5, 44.2, 52.0, 51.5, 49.8, 48.8, 57.2, 59.0, 53.2, 56.0},
                  {{"block", {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5}},
                   {"N", {0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0}},
                   {"P", {1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0}},
                   {"K", {1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0}}}};
  const Anova a = data.analysed();
  const double published[] = {4.29, 11.82, 0.52, 5.95};
  const double squares[] = {343.3, 189.28, 8.40, 95.20};
  for (std::size_t f = 0; f < 4; ++f) {
    EXPECT_NEAR(a.effects[f].f, published[f], 5e-3) << a.effects[f].name;
    EXPECT_NEAR(a.effects[f].sum_of_squares, squares[f], f == 0 ? 5e-2 : 5e-3) << a.effects[f].name;
  }
}

// A grid of traces, policies and seeds with known effects and noise.
Data grid(double noise) {
  RandomEngine engine(3);
  Data data{{}, {{"trace", {}}, {"policy", {}}, {"seed", {}}}};
  for (std::size_t t = 0; t < 4; ++t)
    for (std::size_t p = 0; p < 3; ++p)
      for (std::size_t s = 0; s < 5; ++s) {
        data.values.push_back(10.0 * static_cast<double>(t) - 3.0 * static_cast<double>(p) +
                              noise * uniform(engine, -1, 1));
        const std::size_t levels[] = {t, p, s};
        for (std::size_t f = 0; f < 3; ++f) data.factors[f].level.push_back(levels[f]);
      }
  return data;
}

// The textbook sum of a complete grid: observations of a level times its mean's squared distance, over the levels.
double textbook_squares(const Data& data, const Factor& factor) {
  double mean = 0;
  for (const double v : data.values) mean += v / static_cast<double>(data.values.size());
  double squares = 0;
  for (std::size_t level = 0; level < 9; ++level) {
    double sum = 0;
    double count = 0;
    for (std::size_t i = 0; i < data.values.size(); ++i)
      if (factor.level[i] == level) {
        sum += data.values[i];
        ++count;
      }
    if (count > 0) squares += count * std::pow(sum / count - mean, 2);
  }
  return squares;
}

TEST(MainEffects, CompleteGridGivesTheTextbookSumsAndTheyAddUp) {
  const Data data = grid(5);
  const Anova a = data.analysed();
  double sum = a.residual_sum_of_squares;
  for (std::size_t f = 0; f < 3; ++f) {
    expect_close(a.effects[f].sum_of_squares, textbook_squares(data, data.factors[f]), 1e-11);
    sum += a.effects[f].sum_of_squares;
  }
  expect_close(sum, a.total_sum_of_squares, 1e-12);
  EXPECT_EQ(a.residual_degrees_of_freedom, 60 - 1 - 3 - 2 - 4);
  EXPECT_LT(a.effects[1].p, 0.01);
  EXPECT_GT(a.effects[2].p, 0.01);
}

Data with_failed_cells() {
  const Data all = grid(5);
  Data data{{}, {{"trace", {}}, {"policy", {}}, {"seed", {}}}};
  for (std::size_t i = 0; i < all.values.size(); ++i) {
    if (i == 0 || i == 7 || i == 8 || i == 31 || i == 59) continue;
    data.values.push_back(all.values[i]);
    for (std::size_t f = 0; f < 3; ++f) data.factors[f].level.push_back(all.factors[f].level[i]);
  }
  return data;
}

// What another factor does, however strong, is not this one's.
TEST(MainEffects, FailedCellsAreAdjustedFor) {
  const Data data = with_failed_cells();
  const Anova before = data.analysed();
  Data moved = data;
  for (std::size_t i = 0; i < moved.values.size(); ++i)
    moved.values[i] += 1000 * std::pow(static_cast<double>(moved.factors[0].level[i]), 2);
  const Anova after = moved.analysed();
  for (const std::size_t f : {1U, 2U}) expect_close(after.effects[f].f, before.effects[f].f, 1e-9);
  EXPECT_GT(after.effects[0].f, 1000 * before.effects[0].f);
  expect_close(after.residual_sum_of_squares, before.residual_sum_of_squares, 1e-9);
}

TEST(MainEffects, OrderOfFactorsDoesNotMatter) {
  Data data = with_failed_cells();
  const Anova before = data.analysed();
  std::swap(data.factors[0], data.factors[2]);
  const Anova after = data.analysed();
  for (std::size_t f = 0; f < 3; ++f) {
    EXPECT_EQ(after.effects[f].name, before.effects[2 - f].name);
    expect_close(after.effects[f].sum_of_squares, before.effects[2 - f].sum_of_squares, 1e-10);
  }
}

TEST(MainEffects, EqualValuesAndNoResidual) {
  const Anova equal = one_way({{0.1, 0.1, 0.1}, {0.1, 0.1, 0.1, 0.1}}).analysed();
  EXPECT_EQ(equal.effects[0].f, 0);
  EXPECT_EQ(equal.effects[0].p, 1);
  EXPECT_EQ(equal.effects[0].eta_squared, 0);
  const Anova exact = grid(0).analysed();
  EXPECT_EQ(exact.effects[0].p, 0);
  EXPECT_TRUE(std::isinf(exact.effects[0].f));
  EXPECT_EQ(exact.effects[2].f, 0);
  EXPECT_EQ(exact.effects[2].p, 1);
}

TEST(MainEffects, RefusesWhatHasNoAnswer) {
  const auto refused = [](const Data& data) { EXPECT_THROW(data.analysed(), std::invalid_argument); };
  refused({{}, {{"none", {}}}});
  refused({{1, 2, 3}, {{"too short", {0, 1}}}});
  refused({{1, 2, 3}, {{"one level", {2, 2, 2}}}});
  refused({{1, 2, 3}, {{"all different", {0, 1, 2}}}});
  refused({{1, std::numeric_limits<double>::quiet_NaN(), 3}, {{"a", {0, 1, 1}}}});
  refused({{1, 2, 3, 4, 5}, {{"a", {0, 0, 1, 1, 1}}, {"the same", {1, 1, 0, 0, 0}}}});
}

}  // namespace
}  // namespace wattfill::testing
