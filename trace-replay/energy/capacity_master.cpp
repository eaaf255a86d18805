#include "trace-replay/energy/capacity_master.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wattfill {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
constexpr double kPriceTolerance = 1e-13;  // costs and capacities are near 1
constexpr double kPivotTolerance = 1e-11;
constexpr int kMostPivots = 10'000;  // of one optimisation; ends a cycle, which costs tightness only

}  // namespace

CapacityMaster::CapacityMaster(std::size_t types) : types_(types) {
  columns_.assign(rows() * rows(), 0);
  costs_.assign(rows(), 0);
  for (std::size_t row = 0; row < rows(); ++row) {
    columns_[row * rows() + row] = 1;
    basis_.push_back(row);
  }
  refresh();
}

void CapacityMaster::add(std::span<const double> loads, double cost) {
  columns_.insert(columns_.end(), loads.begin(), loads.end());
  columns_.push_back(1);
  costs_.push_back(cost);
}

double CapacityMaster::cost(std::size_t column) const {
  return fitting_ ? (column == types_ ? 1.0 : 0.0) : costs_[column];
}

double CapacityMaster::least_left_out() {
  fitting_ = true;
  return optimise();
}

double CapacityMaster::least_cost() {
  if (fitting_) drive_out();
  fitting_ = false;
  return optimise();
}

double CapacityMaster::optimise() {
  refresh();
  set_prices();
  for (int pivots = 0; pivots < kMostPivots; ++pivots) {
    const std::size_t column = entering();
    if (column == kNone) break;
    const std::vector<double> along = direction(column);
    const std::size_t row = leaving(along);
    if (row == kNone) break;
    pivot(row, column, along);
    set_prices();
  }
  for (double& price : prices_) price = std::max(0.0, price);  // negative within the tolerance only
  double value = 0;
  for (std::size_t row = 0; row < rows(); ++row) value += cost(basis_[row]) * values_[row];
  return value;
}

void CapacityMaster::set_prices() {
  std::vector<double> y(rows(), 0);
  for (std::size_t row = 0; row < rows(); ++row)
    if (const double c = cost(basis_[row]); c != 0)
      for (std::size_t i = 0; i < rows(); ++i) y[i] += c * inverse(row, i);
  prices_.assign(types_, 0);
  for (std::size_t t = 0; t < types_; ++t) prices_[t] = -y[t];
  mixture_price_ = y[types_];
}

// The column that lowers the cost fastest.
std::size_t CapacityMaster::entering() const {
  std::size_t best = kNone;
  double least = -kPriceTolerance;
  for (std::size_t column = 0; column < costs_.size(); ++column) {
    if (column == types_) continue;  // once nothing is left out it stays so
    double reduced = cost(column) - mixture_price_ * entry(types_, column);
    for (std::size_t t = 0; t < types_; ++t) reduced += prices_[t] * entry(t, column);
    if (reduced < least && std::find(basis_.begin(), basis_.end(), column) == basis_.end()) {
      least = reduced;
      best = column;
    }
  }
  return best;
}

std::vector<double> CapacityMaster::direction(std::size_t column) const {
  std::vector<double> result(rows(), 0);
  for (std::size_t row = 0; row < rows(); ++row)
    for (std::size_t i = 0; i < rows(); ++i) result[row] += inverse_[row * rows() + i] * entry(i, column);
  return result;
}

// Of the basic columns that reach zero first, the one with the largest pivot.
std::size_t CapacityMaster::leaving(const std::vector<double>& along) const {
  std::size_t best = kNone;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t row = 0; row < rows(); ++row) {
    if (along[row] < kPivotTolerance) continue;
    const double ratio = std::max(0.0, values_[row]) / along[row];
    if (ratio < least || (ratio == least && along[row] > along[best])) {
      least = ratio;
      best = row;
    }
  }
  return best;
}

void CapacityMaster::pivot(std::size_t row, std::size_t column, const std::vector<double>& along) {
  for (std::size_t i = 0; i < rows(); ++i) inverse(row, i) /= along[row];
  values_[row] /= along[row];
  for (std::size_t other = 0; other < rows(); ++other) {
    if (other == row || along[other] == 0) continue;
    for (std::size_t i = 0; i < rows(); ++i) inverse(other, i) -= along[other] * inverse(row, i);
    values_[other] -= along[other] * values_[row];
  }
  basis_[row] = column;
}

// Computes the inverse anew, by pivots on the basic columns one by one, so that errors do not add up.
void CapacityMaster::refresh() {
  const std::vector<std::size_t> wanted = basis_;
  inverse_.assign(rows() * rows(), 0);
  for (std::size_t row = 0; row < rows(); ++row) inverse(row, row) = 1;
  values_.assign(rows(), 1);
  std::vector<bool> done(rows(), false);
  for (const std::size_t column : wanted) {
    const std::vector<double> along = direction(column);
    std::size_t best = kNone;
    for (std::size_t row = 0; row < rows(); ++row)
      if (!done[row] && (best == kNone || std::abs(along[row]) > std::abs(along[best]))) best = row;
    done[best] = true;
    pivot(best, column, along);
  }
}

// Takes what is left out, if basic and zero, out of the basis.
void CapacityMaster::drive_out() {
  const auto at = std::find(basis_.begin(), basis_.end(), types_);
  if (at == basis_.end()) return;
  const auto row = static_cast<std::size_t>(at - basis_.begin());
  std::size_t best = kNone;
  double largest = 0;
  for (std::size_t column = 0; column < costs_.size(); ++column) {
    if (column == types_ || std::find(basis_.begin(), basis_.end(), column) != basis_.end()) continue;
    if (const double size = std::abs(direction(column)[row]); size > largest) {
      largest = size;
      best = column;
    }
  }
  if (best != kNone) pivot(row, best, direction(best));
}

}  // namespace wattfill
