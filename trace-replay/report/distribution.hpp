// The share of values that do not exceed x, for a logarithmic axis.
#pragma once

#include <vector>

namespace wattfill::report {

// 24 points a decade from `least` to the first that is not below `greatest`.
std::vector<double> logarithmic_points(double least, double greatest);

// For each point the share of the values that are at most it. O((n + points) log n).
std::vector<double> cumulative_shares(std::vector<double> values, const std::vector<double>& points);

// The p-quantile by nearest rank, 0 < p <= 1; 0 where there is no value.
double quantile(std::vector<double> values, double p);

}  // namespace wattfill::report
