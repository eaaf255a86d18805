// Tests on paired samples, given as their differences x_i - y_i; the null hypothesis is that these lie around zero.
//
// All refuse infinities and NaN (std::invalid_argument) and give nothing where there is no test. p values are two-sided
// unless they say otherwise.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace wattfill {

struct TTest {
  double t = 0;
  double degrees_of_freedom = 0;
  double p = 1;
};

// Student's paired t test (1908). Nothing for fewer than two differences, or when all are equal: the spread is unknown
// then. O(n).
std::optional<TTest> paired_t_test(std::span<const double> differences);

struct SignedRankTest {
  double v = 0;          // sum of the ranks of the positive differences; ties share their mean rank
  std::size_t used = 0;  // differences that are not zero
  bool exact = false;
  double p = 1;
  double p_greater = 1;  // against differences above zero
  // Matched-pairs rank-biserial correlation (Kerby 2014): the share of the rank sum for positive differences minus that
  // for negative ones; from -1 (all negative) to 1 (all positive).
  double rank_biserial = 0;
};

// Wilcoxon's signed-rank test (1945), with the choices of R's wilcox.test: zeros are dropped; without ties and zeros,
// and with fewer than 50 differences, the exact distribution, counted by dynamic programming over the rank sums; else
// the normal approximation with the correction for ties and for continuity. Nothing where all differences are zero.
// O(n^3) exact, else O(n log n).
std::optional<SignedRankTest> signed_rank_test(std::span<const double> differences);

// The least two-sided p value that Wilcoxon's exact test can give for n differences: 2^(1-n).
double least_signed_rank_p(std::size_t n);

// Cohen's d_z (1988): mean over standard deviation of the differences. Nothing where there is no t test.
std::optional<double> cohen_d_z(std::span<const double> differences);

// Holm's step-down correction (1979) of p values for as many tests as there are: in the order given, each at least the
// value before it in the order of size, at most 1. A test that was not made has no place here. Throws
// std::invalid_argument for what is not within [0, 1]. O(n log n).
std::vector<double> holm(std::span<const double> p_values);

}  // namespace wattfill
