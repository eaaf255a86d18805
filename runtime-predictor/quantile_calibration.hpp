// Keeps an upper quantile honest: adaptive conformal inference (Gibbs and Candes 2021) on the jobs that end.
#pragma once

namespace wattfill {

// Every job that ends above its bound raises the shift by step x coverage, every other one lowers it by
// step x (1 - coverage). Since the shift stays bounded, the share of covered jobs tends to `coverage` whatever the
// distribution does, with an error of at most (range of the shift) / (step x jobs).
class QuantileCalibration {
 public:
  explicit QuantileCalibration(double coverage, double shift = 0) : coverage_(coverage), shift_(shift) {}

  double coverage() const { return coverage_; }
  double shift() const { return shift_; }  // in the units of the bound; here log2 of seconds
  void add(bool covered) { shift_ += covered ? -kStep * (1 - coverage_) : kStep * coverage_; }

 private:
  static constexpr double kStep = 0.05;
  double coverage_;
  double shift_;
};

}  // namespace wattfill
