#include "trace-replay/statistics/anova.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "trace-replay/statistics/moments.hpp"

namespace wattfill {
namespace {

using Column = std::vector<double>;

double dot(const Column& a, const Column& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// An orthonormal basis that grows, by Gram-Schmidt; twice is enough (Giraud, Langou, Rozloznik 2005).
class Basis {
 public:
  void remove_from(Column& column) const {
    for (int pass = 0; pass < 2; ++pass)
      for (const Column& b : vectors_) {
        const double share = dot(column, b);
        for (std::size_t i = 0; i < column.size(); ++i) column[i] -= share * b[i];
      }
  }
  void add(Column column) {
    const double before = dot(column, column);
    remove_from(column);
    const double after = dot(column, column);
    constexpr double kNothingLeft = 1e-18;  // of the square: a part in 10^9 is rounding, for columns of zeros and ones
    if (!(after > kNothingLeft * before)) return;
    for (double& x : column) x /= std::sqrt(after);
    vectors_.push_back(std::move(column));
  }
  std::size_t size() const { return vectors_.size(); }

 private:
  std::vector<Column> vectors_;
};

// Zero or one for each observation, one column for each level.
std::vector<Column> indicators(const Factor& factor) {
  const std::size_t levels = *std::max_element(factor.level.begin(), factor.level.end()) + 1;
  std::vector<Column> columns(levels, Column(factor.level.size()));
  for (std::size_t i = 0; i < factor.level.size(); ++i) columns[factor.level[i]][i] = 1;
  return columns;
}

struct Fit {
  double residual = 0;   // sum of squares
  std::size_t rank = 0;  // with the mean
};

// All factors but `without`.
Fit fit(const Column& centred, std::span<const Factor> factors, std::size_t without) {
  Basis basis;
  basis.add(Column(centred.size(), 1.0));
  for (std::size_t f = 0; f < factors.size(); ++f)
    if (f != without)
      for (Column& column : indicators(factors[f])) basis.add(std::move(column));
  Column residuals = centred;
  basis.remove_from(residuals);
  return {dot(residuals, residuals), basis.size()};
}

void check(std::span<const double> values, std::span<const Factor> factors) {
  require_finite(values, "analysis of variance");
  for (const Factor& factor : factors) {
    if (factor.level.size() != values.size())
      throw std::invalid_argument(fmt::format("analysis of variance: factor {} has {} levels for {} values",
                                              factor.name, factor.level.size(), values.size()));
    if (values.empty() || std::equal(factor.level.begin() + 1, factor.level.end(), factor.level.begin()))
      throw std::invalid_argument(
          fmt::format("analysis of variance: factor {} has one level only; at least two are needed", factor.name));
  }
}

void judge(FactorEffect& effect, const Anova& all) {
  if (all.total_sum_of_squares == 0) return;
  effect.eta_squared = effect.sum_of_squares / all.total_sum_of_squares;
  effect.f = effect.sum_of_squares / effect.degrees_of_freedom /
             (all.residual_sum_of_squares / all.residual_degrees_of_freedom);
  if (std::isnan(effect.f)) effect.f = 0;  // nothing of nothing
  if (std::isinf(effect.f)) {
    effect.p = 0;
    return;
  }
  const boost::math::fisher_f distribution(effect.degrees_of_freedom, all.residual_degrees_of_freedom);
  effect.p = boost::math::cdf(boost::math::complement(distribution, effect.f));
}

}  // namespace

Anova anova(std::span<const double> values, std::span<const Factor> factors) {
  check(values, factors);
  Column centred(values.begin(), values.end());
  const double mean = moments(values).mean;
  for (double& v : centred) v -= mean;

  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  const Fit full = fit(centred, factors, kNone);
  if (full.rank >= values.size())
    throw std::invalid_argument(
        fmt::format("analysis of variance: {} values for {} parameters; more values are needed to see the residuals",
                    values.size(), full.rank));
  // What rounding leaves of squares that are zero: values carry some 16 digits.
  double scale = 0;
  for (const double v : values) scale += v * v;
  const auto beyond_rounding = [&](double squares) { return squares > 1e-30 * scale ? squares : 0; };
  Anova result;
  result.total_sum_of_squares = beyond_rounding(dot(centred, centred));
  result.residual_sum_of_squares = beyond_rounding(full.residual);
  result.residual_degrees_of_freedom = static_cast<double>(values.size() - full.rank);
  for (std::size_t f = 0; f < factors.size(); ++f) {
    const Fit reduced = fit(centred, factors, f);
    if (reduced.rank == full.rank)
      throw std::invalid_argument(fmt::format(
          "analysis of variance: the levels of {} follow from the other factors; their effects cannot be told apart",
          factors[f].name));
    FactorEffect effect;
    effect.name = factors[f].name;
    effect.sum_of_squares = beyond_rounding(reduced.residual - full.residual);
    effect.degrees_of_freedom = static_cast<double>(full.rank - reduced.rank);
    judge(effect, result);
    result.effects.push_back(effect);
  }
  return result;
}

}  // namespace wattfill
