#include "trace-replay/statistics/paired_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "trace-replay/statistics/moments.hpp"

namespace wattfill {
namespace {

struct Ranks {
  double positive = 0;  // sum of ranks
  double ties = 0;      // sum of t^3 - t over groups of t equal magnitudes
};

Ranks signed_ranks(std::vector<double> differences) {
  std::sort(differences.begin(), differences.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  Ranks ranks;
  for (std::size_t i = 0; i < differences.size();) {
    std::size_t end = i;
    std::size_t positive = 0;
    while (end < differences.size() && std::abs(differences[end]) == std::abs(differences[i]))
      positive += differences[end++] > 0;
    const auto group = static_cast<double>(end - i);
    const double rank = (static_cast<double>(i + end) + 1) / 2;  // ranks count from 1
    ranks.positive += rank * static_cast<double>(positive);
    ranks.ties += group * group * group - group;
    i = end;
  }
  return ranks;
}

// P(V <= v) for n differences without ties, each sign equally likely. The counts of subsets of the ranks 1 ... n with a
// given sum stay below 2^50, which doubles hold exactly.
double exact_cumulative(std::size_t n, double v) {
  if (v < 0) return 0;
  const std::size_t most = n * (n + 1) / 2;
  std::vector<double> subsets(most + 1);
  subsets[0] = 1;
  std::size_t reached = 0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    reached += rank;
    for (std::size_t sum = reached; sum >= rank; --sum) subsets[sum] += subsets[sum - rank];
  }
  const std::size_t last = std::min(most, static_cast<std::size_t>(v));
  return std::accumulate(subsets.begin(), subsets.begin() + static_cast<std::ptrdiff_t>(last) + 1, 0.0) *
         std::ldexp(1.0, -static_cast<int>(n));
}

void exact_p(SignedRankTest& test) {
  // The distribution is symmetric around half the rank sum.
  const auto n = static_cast<double>(test.used);
  const double mirrored = n * (n + 1) / 2 - test.v;
  test.exact = true;
  test.p = std::min(1.0, 2 * exact_cumulative(test.used, std::min(test.v, mirrored)));
  test.p_greater = exact_cumulative(test.used, mirrored);
}

void approximate_p(SignedRankTest& test, double ties) {
  const auto n = static_cast<double>(test.used);
  const double away = test.v - n * (n + 1) / 4;
  const double sigma = std::sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);
  const boost::math::normal normal;
  const auto above = [&](double x) { return boost::math::cdf(boost::math::complement(normal, x / sigma)); };
  test.p = away == 0 ? 1 : std::min(1.0, 2 * above(std::abs(away) - 0.5));
  test.p_greater = above(away - 0.5);
}

// Equal differences leave some rounding behind (the bound is that of R's t.test).
bool has_spread(const Moments& m) {
  const double error = m.deviation / std::sqrt(static_cast<double>(m.count));
  return m.count >= 2 && error > 10 * std::numeric_limits<double>::epsilon() * std::abs(m.mean);
}

}  // namespace

std::optional<TTest> paired_t_test(std::span<const double> differences) {
  require_finite(differences, "t test");
  const Moments m = moments(differences);
  if (!has_spread(m)) return std::nullopt;
  const auto n = static_cast<double>(m.count);
  TTest test{m.mean / (m.deviation / std::sqrt(n)), n - 1, 1};
  const boost::math::students_t distribution(test.degrees_of_freedom);
  test.p = 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(test.t)));
  return test;
}

std::optional<SignedRankTest> signed_rank_test(std::span<const double> differences) {
  require_finite(differences, "signed-rank test");
  std::vector<double> kept;
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(kept), [](double d) { return d != 0; });
  if (kept.empty()) return std::nullopt;
  SignedRankTest test;
  test.used = kept.size();
  const Ranks ranks = signed_ranks(std::move(kept));
  test.v = ranks.positive;
  const auto n = static_cast<double>(test.used);
  test.rank_biserial = 4 * test.v / (n * (n + 1)) - 1;
  constexpr std::size_t kExactBelow = 50;
  if (ranks.ties == 0 && test.used == differences.size() && test.used < kExactBelow)
    exact_p(test);
  else
    approximate_p(test, ranks.ties);
  return test;
}

double least_signed_rank_p(std::size_t n) {
  return n == 0 ? 1 : std::ldexp(1.0, 1 - static_cast<int>(std::min<std::size_t>(n, 1000)));
}

std::optional<double> cohen_d_z(std::span<const double> differences) {
  require_finite(differences, "effect size");
  const Moments m = moments(differences);
  if (!has_spread(m)) return std::nullopt;
  return m.mean / m.deviation;
}

std::vector<double> holm(std::span<const double> p_values) {
  for (std::size_t i = 0; i < p_values.size(); ++i)
    if (!(p_values[i] >= 0 && p_values[i] <= 1))
      throw std::invalid_argument(fmt::format("Holm's correction: p value {} of {} is {}; from 0 to 1 would be right",
                                              i + 1, p_values.size(), p_values[i]));
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> corrected(p_values.size());
  double highest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    highest = std::max(highest, p_values[order[i]] * static_cast<double>(order.size() - i));
    corrected[order[i]] = std::min(1.0, highest);
  }
  return corrected;
}

}  // namespace wattfill
