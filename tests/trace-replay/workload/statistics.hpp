// Goodness of fit, for seeded samples: a test either always passes or always fails, and its threshold says how unlikely
// a right generator would be to miss it had the seed been drawn at random.
#pragma once

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace wattfill::testing {

// Chance of missing a threshold.
inline constexpr double kSignificance = 1e-4;

// Largest distance between a sample and a cdf. For a discrete variable `cdf` gives P(X <= x) and the distance is taken
// at the sample's values only, which makes the thresholds below conservative.
inline double kolmogorov_distance(std::vector<double> sample, const std::function<double(double)>& cdf,
                                  bool discrete = false) {
  std::sort(sample.begin(), sample.end());
  const double size = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t begin = 0, end; begin < sample.size(); begin = end) {
    end = begin + 1;
    while (end < sample.size() && sample[end] == sample[begin]) ++end;
    const double expected = cdf(sample[begin]);
    distance = std::max(distance, std::abs(static_cast<double>(end) / size - expected));
    if (!discrete) distance = std::max(distance, std::abs(expected - static_cast<double>(begin) / size));
  }
  return distance;
}

// Massart's bound: P(distance > threshold) <= 2 exp(-2 n threshold^2).
inline double kolmogorov_threshold(std::size_t size) {
  return std::sqrt(std::log(2 / kSignificance) / (2 * static_cast<double>(size)));
}

// Largest distance between two samples, and its asymptotic threshold.
inline double kolmogorov_distance(std::vector<double> first, std::vector<double> second) {
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  double distance = 0;
  for (const auto* sample : {&first, &second}) {
    for (const double x : *sample) {
      const auto below = [x](const std::vector<double>& values) {
        return static_cast<double>(std::upper_bound(values.begin(), values.end(), x) - values.begin()) /
               static_cast<double>(values.size());
      };
      distance = std::max(distance, std::abs(below(first) - below(second)));
    }
  }
  return distance;
}

inline double kolmogorov_threshold(std::size_t first, std::size_t second) {
  const double n = static_cast<double>(first), m = static_cast<double>(second);
  return std::sqrt(std::log(2 / kSignificance) / 2 * (n + m) / (n * m));
}

// Pearson's statistic over cells with an expectation of at least 5 (smaller ones are joined into one), and its
// threshold.
struct ChiSquare {
  double statistic = 0;
  int cells = 0;
  double threshold() const {
    return boost::math::quantile(boost::math::complement(boost::math::chi_squared(cells - 1), kSignificance));
  }
};

inline ChiSquare chi_square(const std::vector<double>& observed, const std::vector<double>& expected) {
  ChiSquare result;
  double small_observed = 0, small_expected = 0;
  const auto add = [&](double seen, double wanted) {
    result.statistic += (seen - wanted) * (seen - wanted) / wanted;
    ++result.cells;
  };
  for (std::size_t cell = 0; cell < observed.size(); ++cell) {
    if (expected[cell] >= 5) {
      add(observed[cell], expected[cell]);
    } else {
      small_observed += observed[cell];
      small_expected += expected[cell];
    }
  }
  if (small_expected >= 5) add(small_observed, small_expected);
  return result;
}

}  // namespace wattfill::testing
