// The master problem of a Dantzig-Wolfe decomposition (Dantzig and Wolfe, 1960): the cheapest mixture of placements of
// all jobs whose mean load no node type is too small for. A small linear program: one row a type and one for the
// mixture, solved by the revised simplex method with a dense inverse.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wattfill {

class CapacityMaster {
 public:
  explicit CapacityMaster(std::size_t types);

  // A placement of all jobs: its loads as fractions of the types' capacities, and its cost.
  void add(std::span<const double> loads, double cost);

  // First: the share of the mixture that must be left out for the rest to fit. Only what is added lowers it.
  double least_left_out();
  // Then, if that is nothing: the cost of the cheapest mixture. From then on nothing is left out.
  double least_cost();

  // The prices of the types' capacities, >= 0, and of the mixture's row, in the last solution.
  const std::vector<double>& prices() const { return prices_; }
  double mixture_price() const { return mixture_price_; }

 private:
  std::size_t rows() const { return types_ + 1; }
  double cost(std::size_t column) const;
  double entry(std::size_t row, std::size_t column) const { return columns_[column * rows() + row]; }
  double& inverse(std::size_t row, std::size_t column) { return inverse_[row * rows() + column]; }

  double optimise();
  void set_prices();
  std::size_t entering() const;
  std::vector<double> direction(std::size_t column) const;
  std::size_t leaving(const std::vector<double>& direction) const;
  void pivot(std::size_t row, std::size_t column, const std::vector<double>& direction);
  void refresh();
  void drive_out();

  std::size_t types_;
  bool fitting_ = true;             // the share left out is what costs
  std::vector<double> columns_;     // a slack for each type, what is left out, placements
  std::vector<double> costs_;       // by column
  std::vector<std::size_t> basis_;  // by row, a column
  std::vector<double> inverse_;     // of the basis
  std::vector<double> values_;      // by row, of its basic column
  std::vector<double> prices_;
  double mixture_price_ = 0;
};

}  // namespace wattfill
