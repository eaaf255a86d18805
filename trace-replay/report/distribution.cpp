#include "trace-replay/report/distribution.hpp"

#include <algorithm>
#include <cmath>

namespace wattfill::report {

std::vector<double> logarithmic_points(double least, double greatest) {
  constexpr double kPerDecade = 24;
  std::vector<double> points = {least};
  for (int i = 1; points.back() < greatest; ++i) points.push_back(least * std::pow(10.0, i / kPerDecade));
  return points;
}

std::vector<double> cumulative_shares(std::vector<double> values, const std::vector<double>& points) {
  std::sort(values.begin(), values.end());
  std::vector<double> shares;
  shares.reserve(points.size());
  for (const double point : points) {
    const auto below = std::upper_bound(values.begin(), values.end(), point) - values.begin();
    shares.push_back(values.empty() ? 0 : static_cast<double>(below) / static_cast<double>(values.size()));
  }
  return shares;
}

double quantile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(values.size())));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, values.size()) - 1);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace wattfill::report
