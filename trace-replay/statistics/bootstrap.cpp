#include "trace-replay/statistics/bootstrap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "trace-replay/statistics/moments.hpp"
#include "trace-replay/workload/random.hpp"

namespace wattfill {
namespace {

constexpr std::uint64_t kResamplingStream = 0xB0075;

double finite(double value) {
  if (!std::isfinite(value))
    throw std::invalid_argument(fmt::format("bootstrap: the statistic is {}; finite is right", value));
  return value;
}

std::vector<double> resampled(BlockWeights weights, const std::function<double(const BlockWeights&)>& statistic,
                              const BootstrapOptions& options) {
  RandomEngine engine = seeded_engine(options.seed, kResamplingStream);
  std::vector<double> values(options.resamples);
  for (double& value : values) {
    for (std::vector<double>& stratum : weights) {
      std::fill(stratum.begin(), stratum.end(), 0.0);
      for (std::size_t draw = 0; draw + 1 < stratum.size(); ++draw) ++stratum[uniform_index(engine, stratum.size())];
    }
    value = finite(statistic(weights));
  }
  std::sort(values.begin(), values.end());
  return values;
}

// Of the statistic's variance (Satterthwaite 1946), of which each stratum's share is the jackknife's: a small stratum
// of large spread makes it as uncertain as a small sample.
double degrees_of_freedom(BlockWeights once, const std::function<double(const BlockWeights&)>& statistic) {
  double most = 0;
  double variance = 0;
  double uncertainty = 0;
  for (std::vector<double>& stratum : once) {
    std::vector<double> without(stratum.size());
    for (std::size_t i = 0; i < stratum.size(); ++i) {
      stratum[i] = 0;
      without[i] = finite(statistic(once));
      stratum[i] = 1;
    }
    const double free = static_cast<double>(stratum.size() - 1);
    const double share = std::pow(free * moments(without).deviation, 2) / (free + 1);
    most += free;
    variance += share;
    uncertainty += share * share / free;
  }
  return uncertainty > 0 ? variance * variance / uncertainty : most;
}

// The share of resamples to leave out at either end.
double tail(double confidence, double degrees_of_freedom) {
  const boost::math::students_t student(degrees_of_freedom);
  return boost::math::cdf(boost::math::normal(), -boost::math::quantile(student, (1 + confidence) / 2));
}

// Of sorted values, at the place level * (n + 1), between two values in proportion.
double quantile(const std::vector<double>& sorted, double level) {
  const auto n = static_cast<double>(sorted.size());
  const double place = std::clamp(level * (n + 1) - 1, 0.0, n - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 == sorted.size()) return sorted.back();
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

void check(std::span<const std::size_t> blocks, const BootstrapOptions& options) {
  if (std::find(blocks.begin(), blocks.end(), std::size_t{0}) != blocks.end())
    throw std::invalid_argument("bootstrap: a stratum has no block");
  if (!(options.confidence > 0 && options.confidence < 1))
    throw std::invalid_argument(
        fmt::format("bootstrap: confidence {}; between 0 and 1 would be right", options.confidence));
  if (options.resamples < 100)
    throw std::invalid_argument(fmt::format("bootstrap: {} resamples; at least 100 are needed", options.resamples));
}

}  // namespace

std::optional<Interval> percentile_interval(std::vector<double> values, double confidence) {
  const double outside = (1 - confidence) / 2;
  constexpr double kRounding = 1e-9;
  if (static_cast<double>(values.size() + 1) * outside < 1 - kRounding) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Interval{moments(values).mean, quantile(values, outside), quantile(values, 1 - outside)};
}

std::optional<Interval> bootstrap_interval(std::span<const std::size_t> blocks_by_stratum,
                                           const std::function<double(const BlockWeights&)>& statistic,
                                           const BootstrapOptions& options) {
  check(blocks_by_stratum, options);
  if (blocks_by_stratum.empty() ||
      *std::min_element(blocks_by_stratum.begin(), blocks_by_stratum.end()) < kLeastBlocksForInterval)
    return std::nullopt;
  BlockWeights once;
  for (const std::size_t n : blocks_by_stratum) once.emplace_back(n, 1.0);
  const double estimate = finite(statistic(once));
  const double outside = tail(options.confidence, degrees_of_freedom(once, statistic));
  const std::vector<double> sorted = resampled(std::move(once), statistic, options);
  return Interval{estimate, quantile(sorted, outside), quantile(sorted, 1 - outside)};
}

}  // namespace wattfill
