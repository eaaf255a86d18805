// Analysis of variance (Fisher 1925): how much of the spread of a figure each factor of an experiment explains.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace wattfill {

// What was varied: the level of each observation, from 0.
struct Factor {
  std::string name;
  std::vector<std::size_t> level;
};

struct FactorEffect {
  std::string name;
  double sum_of_squares = 0;
  double degrees_of_freedom = 0;
  double f = 0;
  double p = 1;
  double eta_squared = 0;  // sum of squares / total sum of squares
};

struct Anova {
  std::vector<FactorEffect> effects;  // in the order of the factors
  double residual_sum_of_squares = 0;
  double residual_degrees_of_freedom = 0;
  double total_sum_of_squares = 0;  // around the mean
};

// The linear model of the factors' main effects, without interactions, fitted by least squares. Each factor's sum of
// squares is what the residuals grow by when it alone is left out (type II and, without interactions, type III; Yates
// 1934). On a complete grid these are the textbook sums and add up with the residual to the total. Where cells failed,
// leave their observations out: each effect is then adjusted for all others, and the sums need not add up. One factor
// gives the one-way analysis, for groups of any sizes.
//
// A figure that is the same everywhere has F = 0 and p = 1; effects without any residual have F infinite and p = 0.
// Throws std::invalid_argument for values that are not finite, lengths that differ, a factor with one level only, a
// factor that the others determine (its effect cannot be told from theirs), and for no degree of freedom for the
// residuals. Time O(n * levels^2 * factors), memory O(n * levels).
Anova anova(std::span<const double> values, std::span<const Factor> factors);

}  // namespace wattfill
