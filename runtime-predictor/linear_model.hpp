// The online linear model of Gaussier, Glesser, Reis and Trystram (SC'15): nineteen features, their squares and
// products, and the E-Loss, which punishes over-prediction by the square and under-prediction by the absolute error.
// Errors are in hours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "runtime-predictor/features.hpp"
#include "runtime-predictor/predictor.hpp"

namespace wattfill {

// Learned by normalised adaptive gradient descent (Ross, Mineiro, Langford 2013, algorithm 3), which needs no scaling
// of the features. Each job weighs 1 + log(processors x runtime). O(210) a job.
class LinearModel final : public Predictor {
 public:
  static constexpr std::size_t kInputs = 19;
  static constexpr std::size_t kTerms = 1 + kInputs + kInputs * (kInputs + 1) / 2;

  std::string_view name() const override { return "sc15-linear"; }
  Prediction predict(const Job& job, SimTime now) override;
  void started(const Job& job, SimTime now) override { features_.started(job, now); }
  void ended(const Job& job, SimTime now, Seconds runtime) override;
  void cancelled(const Job& job, SimTime now) override;

 private:
  using Inputs = std::array<double, kInputs>;
  using Terms = std::array<double, kTerms>;
  static Inputs inputs(const Job& job, const FeatureRow& row);
  static Terms expanded(const Inputs& inputs);
  double value(const Terms& terms) const;
  void learn(const Terms& terms, double runtime, double importance);

  FeatureExtractor features_;
  std::unordered_map<JobId, Inputs> pending_;
  Terms weights_{};
  Terms scales_{};
  Terms gradients_{};  // sums of squares
  double norm_ = 0;
  std::int64_t learned_ = 0;
};

}  // namespace wattfill
